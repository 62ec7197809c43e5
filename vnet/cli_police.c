/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt police: how a port's stream filters, gates and meters stand, and opening their latches.
 */
#include "vnet/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/police_list.h"
#include "vnet/cli_reply.h"
#include "vnet/client.h"
#include "vnet/conf.h"

struct police_options {
	const char *name;
	bool json;
};

#define AT(field) offsetof(struct police_options, field)

static const struct opt opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: keys are the leaf names of the YANG modules"},
	OPT_END,
};

static bool is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* What a filter matches, in a few words. */
static void describe(char buf[64], const json_t *f)
{
	const char *mac = reply_text(f, "destination-mac");
	int n = snprintf(buf, 64, "%s", mac[0] ? mac : "any");

	if (json_is_integer(json_object_get(f, "vlan")))
		n += snprintf(buf + n, 64 - (size_t)n, " vlan %d", (int)reply_int(f, "vlan"));
	if (json_is_integer(json_object_get(f, "priority-spec")))
		snprintf(buf + n, 64 - (size_t)n, " priority %d", (int)reply_int(f, "priority-spec"));
}

static void draw_filters(struct out *o, const json_t *filters)
{
	const json_t *f;
	char what[64];
	size_t i;

	out_text(o, "  %s%-15s %-39s %10s %10s %10s %10s %10s%s\n", out_style(o, OUT_DIM), "filter", "stream",
		 "matching", "over sdu", "gate",
		 "meter", "ats", out_style(o, OUT_PLAIN));
	json_array_foreach(filters, i, f) {
		describe(what, f);
		out_text(o, "  %-15s %-39s %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 "%s%s%s\n",
			 reply_text(f, "stream-filter-instance-id"), what,
			 (int64_t)reply_int(f, "matching-frames-count"),
			 (int64_t)reply_int(f, "not-passing-sdu-count"),
			 (int64_t)reply_int(f, "not-passing-frames-count"),
			 (int64_t)reply_int(f, "red-frames-count"), (int64_t)reply_int(f, "discarded-frames-count"),
			 out_style(o, OUT_RED),
			 is_true(f, "stream-blocked-due-to-oversize-frame") ? "  blocked by an oversize frame" : "",
			 out_style(o, OUT_PLAIN));
	}
}

static void draw_gates(struct out *o, const json_t *gates, int64_t t_now)
{
	char buf[NS_STR_LEN];
	const json_t *g;
	size_t i;

	json_array_foreach(gates, i, g) {
		out_text(o, "  gate %-15s %-6s", reply_text(g, "stream-gate-instance-id"),
			 reply_text(g, "oper-gate-state"));
		if (json_is_integer(json_object_get(g, "entry")))
			out_text(o, "  entry %d", (int)reply_int(g, "entry"));
		if (json_is_integer(json_object_get(g, "oper-ipv")))
			out_text(o, "  IPV %d", (int)reply_int(g, "oper-ipv"));
		if (is_true(g, "config-pending"))
			out_text(o, "  another list in %s", ns_str(buf, reply_int(g, "config-change-time") - t_now));
		if (reply_int(g, "config-change-error"))
			out_text(o, "  config-change-error %d (base time past: taken over at the next start of a cycle)", (int)reply_int(g, "config-change-error"));
		out_text(o, "%s%s%s%s\n", out_style(o, OUT_RED), is_true(g, "gate-closed-due-to-invalid-rx")
			 ? "  shut by a frame out of turn" : "",
			 is_true(g, "gate-closed-due-octets-exceeded") ? "  shut by too many octets" : "",
			 out_style(o, OUT_PLAIN));
	}
}

static void draw_meters(struct out *o, const json_t *meters)
{
	const json_t *m;
	size_t i;

	json_array_foreach(meters, i, m)
		if (is_true(m, "mark-all-frames-red"))
			out_text(o, "  meter %-14s %sall frames are marked red%s\n",
				 reply_text(m, "flow-meter-instance-id"), out_style(o, OUT_RED),
				 out_style(o, OUT_PLAIN));
}

static int ask(const struct cmd *self, const char *what, int argc, char **argv, struct police_options *c,
	       json_t **reply, int *status)
{
	struct why why = {""};
	int err;

	if (cmd_options(self, c, argc, argv, 1, 1, status) < 0)
		return -1;
	err = client_request(c->name, json_pack("{s:s, s:s}", "cmd", what, "port", argv[1]), reply, &why);
	if (err)
		*status = cmd_refuse(err, &why);
	return err;
}

static int run_show(const struct cmd *self, int argc, char **argv)
{
	struct police_options c = {0};
	const json_t *filters;
	json_t *reply;
	struct out o;
	int status;

	if (ask(self, "police-show", argc, argv, &c, &reply, &status))
		return status;
	out_init(&o, stdout, false);
	filters = json_object_get(reply, "stream-filters");
	if (c.json) {
		json_object_del(reply, "ok");
		json_dumpf(reply, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!json_array_size(filters)) {
		out_text(&o, "%s: no stream filters: nothing is policed\n", argv[1]);
	} else {
		out_text(&o, "%s%s%s: %zu stream filter%s; the columns count what matched, and of that what was dropped\n", out_style(&o, OUT_BOLD),
			 argv[1], out_style(&o, OUT_PLAIN), json_array_size(filters), json_array_size(filters) == 1 ? "" : "s");
		draw_filters(&o, filters);
		draw_gates(&o, json_object_get(reply, "stream-gates"), reply_int(reply, "t_now"));
		draw_meters(&o, json_object_get(reply, "flow-meters"));
	}
	return reply_end(&o, reply);
}

static int run_reset(const struct cmd *self, int argc, char **argv)
{
	struct police_options c = {0};
	json_t *reply;
	struct out o;
	int status;

	if (ask(self, "police-reset", argc, argv, &c, &reply, &status))
		return status;
	out_init(&o, stdout, c.json);
	out_object(&o, NULL);
	out_str(&o, "port", argv[1], "%s: latches opened\n", argv[1]);
	out_end(&o);
	return reply_end(&o, reply);
}

/* Checked here for the port's link first: only here the lines of the file are known. */
static int load_gate(const char *path, int64_t link_bps, json_t **out, struct why *why)
{
	struct conf_stream_gate gate;
	struct police_list *list = NULL;
	char *text, *json = NULL;
	const char *where;
	struct wire wire;
	size_t len;
	FILE *f;
	int err = conf_read_file(&text, path, &where, why);

	if (err)
		return err;
	err = conf_parse_stream_gate(&gate, text, where, why);
	free(text);
	if (err)
		return err;
	err = wire_init(&wire, link_bps, why);
	if (!err)
		err = conf_police_list(&list, &gate, &wire, why);
	police_list_destroy(list);
	if (err)
		why_at(why, "%s", where);
	f = err ? NULL : open_memstream(&json, &len);
	if (f) {
		conf_print_stream_gate(&gate, f);
		fclose(f);
		*out = json_loads(json, 0, NULL);
	}
	if (!err && (!f || !*out))
		err = why_fail(why, ENOMEM, "out of memory");
	free(json);
	free(gate.gate.entries);
	return err;
}

static int run_set(const struct cmd *self, int argc, char **argv)
{
	struct police_options c = {0};
	json_t *reply = NULL, *gate = NULL;
	char change[REPLY_CHANGE_LEN];
	struct why why = {""};
	struct out o;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 3, 3, &status) < 0)
		return status;
	err = client_request(c.name, json_pack("{s:s, s:s}", "cmd", "police-show", "port", argv[1]), &reply, &why);
	if (!err)
		err = load_gate(argv[3], reply_int(reply, "link-speed"), &gate, &why);
	json_decref(reply);
	if (!err)
		err = client_request(c.name, json_pack("{s:s, s:s, s:s, s:o}", "cmd", "police-set", "port", argv[1],
						       "gate", argv[2], "stream-gate", gate),
				     &reply, &why);
	if (err)
		return cmd_refuse(err, &why);
	out_init(&o, stdout, c.json);
	out_object(&o, NULL);
	out_str(&o, "port", argv[1], "%s: stream gate %s set%s\n", argv[1], argv[2], reply_change(change, reply));
	out_str(&o, "gate", argv[2], NULL);
	out_int(&o, "t_now", reply_int(reply, "t_now"), NULL);
	reply_put_change(&o, reply);
	out_end(&o);
	return reply_end(&o, reply);
}

const struct cmd cli_police_cmds[] = {
	{"show", "PORT", "stream filters of a port with their counters and latches, stream gates as they are now", opts,
	 "  takt police show camera\n"
	 "  takt police show camera --json | jq '.\"stream-filters\"[].\"red-frames-count\"'\n",
	 run_show, NULL},
	{"set", "PORT GATE FILE", "give a stream gate of a running taktd another list (FILE - is standard input)", opts,
	 "  echo 'admin-control-list: [open 200000 6 3000, close 800000]' | takt police set camera turn -\n",
	 run_set, NULL},
	{"reset", "PORT", "open the latches: blocked streams, gates and meters that were shut for good", opts, "  takt police reset camera\n",
	 run_reset, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
