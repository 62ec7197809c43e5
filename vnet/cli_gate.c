/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/cli_reply.h"
#include "vnet/client.h"
#include "vnet/conf.h"

#define LONG_FRAME 1514	/* bytes in memory of the longest untagged frame at the default MTU: 1518 with FCS */

struct gate_conf {
	const char *name;
	const char *port;
	const char *speed;
	bool json;
};

#define AT(field) offsetof(struct gate_conf, field)

static const struct opt running_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};

static const struct opt check_opts[] = {
	{"port", 'p', OPT_STR, AT(port), "PORT", NULL, 0, 0, "whose schedule, when FILE is a whole taktd file"},
	{"link-speed", 0, OPT_STR, AT(speed), "SPEED", NULL, 0, 0, "speed of the link, instead of the file's (default 1Gb/s)"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};

/* -- check --------------------------------------------------------------------------------------------------- */

static uint32_t warn_class(struct out *o, const struct gcl *gcl, const struct wire *wire, unsigned int tc)
{
	const struct gcl_class *c = &gcl->class[tc];
	int64_t guard_ns = wire_ns(wire, LONG_FRAME);
	char a[NS_STR_LEN], b[NS_STR_LEN], text[200];
	double share;

	if (c->always)
		return 0;
	share = c->open_ns ? 100.0 * (double)(guard_ns * c->n_windows) / (double)c->open_ns : 0;
	if (!c->n_windows)
		snprintf(text, sizeof(text), "class %u is never open: its frames are dropped", tc);
	else if (c->longest_ns < guard_ns)
		snprintf(text, sizeof(text),
			 "class %u: the longest window, %s, is shorter than a 1518-byte frame (%s): frames over %u "
			 "bytes are "
			 "dropped",
			 tc, ns_str(a, c->longest_ns), ns_str(b, guard_ns), c->max_len + WIRE_FCS);
	else if (share > 25)
		snprintf(text, sizeof(text),
			 "class %u: 1518-byte frames (%s) must not start in the last %.0f %% of its open time", tc,
			 ns_str(b, guard_ns), share);
	else
		return 0;
	out_str(o, NULL, text, "  %swarning%s: %s\n", out_style(o, OUT_YELLOW), out_style(o, OUT_PLAIN), text);
	return 1;
}

static int print_check(const struct gate_conf *c, const struct gcl_conf *conf, const char *where, int64_t link_bps,
		       struct why *why)
{
	char cycle[NS_STR_LEN];
	struct gcl *gcl;
	struct wire wire;
	struct out o;
	unsigned int tc;
	int err = wire_init(&wire, link_bps, why);

	if (!err)
		err = gcl_create(&gcl, conf, &wire, why);
	if (err)
		return err;
	out_init(&o, stdout, c->json);
	out_object(&o, NULL);
	out_str(&o, "file", where, "%s: good: ", where);
	out_uint(&o, "entries", gcl->n_entries, "%u entries", gcl->n_entries);
	out_int(&o, "cycle_ns", gcl->cycle_ns, ", cycle %s", ns_exact(cycle, gcl->cycle_ns));
	out_int(&o, "t_base", gcl->t_base, ", base time %" PRId64, gcl->t_base);
	out_int(&o, "link-speed", link_bps, ", link %" PRId64 " Mb/s\n", link_bps / 1000000);
	cli_draw_schedule(&o, gcl, NS_NEVER);
	cli_put_windows(&o, gcl);
	out_array(&o, "warnings");
	for (tc = TSN_CLASSES; gcl->enabled && tc-- > 0;)
		warn_class(&o, gcl, &wire, tc);
	out_end(&o);
	out_end(&o);
	gcl_destroy(gcl);
	err = out_fini(&o);
	return err ? why_fail(why, -err, "cannot write the output: %s", strerror(-err)) : 0;
}

static int run_check(const struct cmd *self, int argc, char **argv)
{
	struct gate_conf c = {0};
	struct why why = {""};
	struct gcl_conf conf;
	int64_t link_bps = 0;
	const char *where;
	char *text;
	int err = 0, status;

	if (cmd_options(self, &c, argc, argv, 1, 1, &status) < 0)
		return status;
	if (c.speed)
		err = conf_parse_speed(&link_bps, c.speed, &why);
	if (err) {
		why_at(&why, "--link-speed");
		return cmd_refuse(err, &why);
	}
	err = conf_read_file(&text, argv[1], &where, &why);
	if (err)
		return cmd_refuse(err, &why);
	err = conf_check_gate(&conf, text, where, c.port, &link_bps, &why);
	free(text);
	if (err)
		return cmd_refuse(err, &why);
	err = print_check(&c, &conf, where, link_bps, &why);
	free(conf.entries);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}

/* -- show ---------------------------------------------------------------------------------------------------- */

static int ask_gate(const struct gate_conf *c, const char *port, json_t **reply, struct why *why)
{
	return client_request(c->name, json_pack("{s:s, s:s}", "cmd", "gate-show", "port", port), reply, why);
}

static int run_show(const struct cmd *self, int argc, char **argv)
{
	struct gate_conf c = {0};
	struct why why = {""};
	const json_t *gate;
	json_t *reply;
	struct out o;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 1, 1, &status) < 0)
		return status;
	err = ask_gate(&c, argv[1], &reply, &why);
	if (err)
		return cmd_refuse(err, &why);
	gate = json_object_get(reply, "gate");
	out_init(&o, stdout, false);
	if (c.json) {
		json_object_del(reply, "ok");
		json_dumpf(reply, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!json_is_object(json_object_get(gate, "oper")) && !json_is_object(json_object_get(gate, "admin"))) {
		out_text(&o, "%s: no schedule: all gates are open\n", argv[1]);
	} else {
		reply_draw_gate(&o, argv[1], gate, reply_int(reply, "link-speed"), reply_int(reply, "t_now"));
	}
	json_decref(reply);
	err = out_fini(&o);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}

/* -- set ----------------------------------------------------------------------------------------------------- */

/* Checked here for the port's link first: only here the lines of the file are known. */
static int load_gate(const char *path, const char *port, int64_t link_bps, json_t **out, struct why *why)
{
	struct gcl_conf conf;
	const char *where;
	char *text, *json = NULL;
	size_t len;
	FILE *f;
	int err = conf_read_file(&text, path, &where, why);

	if (err)
		return err;
	err = conf_check_gate(&conf, text, where, port, &link_bps, why);
	free(text);
	if (err)
		return err;
	f = open_memstream(&json, &len);
	if (f) {
		conf_print_gate(&conf, f);
		fclose(f);
		*out = json_loads(json, 0, NULL);
		free(json);
	}
	free(conf.entries);
	return f && *out ? 0 : why_fail(why, ENOMEM, "out of memory");
}

static int run_set(const struct cmd *self, int argc, char **argv)
{
	struct gate_conf c = {0};
	struct why why = {""};
	json_t *reply = NULL, *gate = NULL;
	struct out o;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 2, 2, &status) < 0)
		return status;
	err = ask_gate(&c, argv[1], &reply, &why);
	if (!err)
		err = load_gate(argv[2], argv[1], reply_int(reply, "link-speed"), &gate, &why);
	json_decref(reply);
	if (!err)
		err = client_request(
			c.name,
			json_pack("{s:s, s:s, s:o}", "cmd", "gate-set", "port", argv[1], "gate-parameters", gate),
			&reply, &why);
	if (err)
		return cmd_refuse(err, &why);
	out_init(&o, stdout, c.json);
	out_object(&o, NULL);
	out_str(&o, "port", argv[1], "%s: schedule set (`takt gate show %s` draws it)\n", argv[1], argv[1]);
	out_int(&o, "t_now", reply_int(reply, "t_now"), NULL);
	out_end(&o);
	json_decref(reply);
	err = out_fini(&o);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}

const struct cmd cli_gate_cmds[] = {
	{"set", "PORT FILE", "give a port of a running taktd a new schedule (FILE - is standard input)", running_opts,
	 "  takt gate set wire schedule.yaml\n"
	 "  echo 'admin-control-list: [\"S 80 100000\", \"S 7f 900000\"]' | takt gate set wire -\n",
	 run_set, NULL},
	{"show", "PORT", "draw a port's running and pending schedule", running_opts,
	 "  takt gate show wire\n"
	 "  takt gate show wire --json | jq .gate.oper | takt gate set other -\n",
	 run_show, NULL},
	{"check", "FILE", "validate and draw a schedule, or that of a taktd file, without a taktd", check_opts,
	 "  takt gate check schedule.yaml --link-speed 100Mb/s\n"
	 "  takt gate check /etc/takt/takt.yaml --port wire\n",
	 run_check, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
