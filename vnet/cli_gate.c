/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/cli_gate.h"
#include "vnet/cli_reply.h"
#include "vnet/client.h"
#include "vnet/conf.h"

struct gate_conf {
	const char *name;
	const char *format;
	const char *to;
	const char *dev;
	bool json;
};

#define AT(field) offsetof(struct gate_conf, field)

#define NAME_ROW {"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"}
#define JSON_ROW {"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"}

static const struct opt set_opts[] = {
	NAME_ROW,
	{"format", 0, OPT_STR, AT(format), "yaml|tc|yang", NULL, 0, 0, "notation of FILE (default: found out)"},
	JSON_ROW,
	OPT_END,
};

static const struct opt show_opts[] = {
	NAME_ROW,
	{"to", 't', OPT_STR, AT(to), "yaml|tc|yang", NULL, 0, 0, "print the running schedule (else the pending one) in this notation"},
	{"dev", 'd', OPT_STR, AT(dev), "DEV", NULL, 0, 0, "with --to: device or interface to name in it (default the port's name)"},
	JSON_ROW,
	OPT_END,
};

/* -- show ---------------------------------------------------------------------------------------------------- */

static int ask_gate(const struct gate_conf *c, const char *port, json_t **reply, struct why *why)
{
	return client_request(c->name, json_pack("{s:s, s:s}", "cmd", "gate-show", "port", port), reply, why);
}

/* The port's schedule in another notation. */
static int export(const struct gate_conf *c, const char *port, const json_t *reply, struct why *why)
{
	const json_t *gate = json_object_get(reply, "gate"), *profile = json_object_get(gate, "oper");
	struct conf_sched s = {.format = CONF_YAML, .link_bps = reply_int(reply, "link-speed")};
	enum conf_format to;
	char *text;
	int err = conf_format_parse(&to, c->to, why);

	if (err) {
		why_at(why, "--to");
		return err;
	}
	if (!json_is_object(profile))
		profile = json_object_get(gate, "admin");
	if (!json_is_object(profile))
		profile = json_object_get(gate, "held");
	if (!json_is_object(profile))
		return why_fail(why, EINVAL, "%s has no schedule: all gates are open: give it one with takt gate set", port);
	text = json_dumps(profile, JSON_COMPACT);
	if (!text)
		return why_fail(why, ENOMEM, "out of memory");
	err = conf_sched_read(&s, text, "answer", why);
	free(text);
	if (err)
		return err;
	err = cli_print_sched(&s, to, c->dev ? c->dev : port, why);
	cli_say_notes(&s);
	conf_sched_fini(&s);
	return err;
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
	if (c.to) {
		err = export(&c, argv[1], reply, &why);
		json_decref(reply);
		return err ? cmd_refuse(err, &why) : CMD_OK;
	}
	gate = json_object_get(reply, "gate");
	out_init(&o, stdout, false);
	if (c.json) {
		json_object_del(reply, "ok");
		json_dumpf(reply, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!json_is_object(json_object_get(gate, "oper")) && !json_is_object(json_object_get(gate, "admin")) &&
		   !json_is_object(json_object_get(gate, "held"))) {
		out_text(&o, "%s: no schedule: all gates are open\n", argv[1]);
	} else {
		reply_draw_gate(&o, argv[1], gate, reply_int(reply, "link-speed"), reply_int(reply, "t_now"),
				"`takt show` says why it is not");
	}
	json_decref(reply);
	err = out_fini(&o);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}

/* -- set ----------------------------------------------------------------------------------------------------- */

/* The worst that `takt gate check` would say of it. */
static int note_never_open(struct conf_sched *s, struct why *why)
{
	struct gcl *gcl = NULL;
	char text[CONF_NOTE_LEN];
	struct wire wire;
	int err = wire_init(&wire, s->link_bps, why);

	if (!err)
		err = gcl_create(&gcl, &s->gate, &wire, why);
	if (!err && gcl->enabled && cli_never_open(text, s, gcl))
		conf_sched_note(s, "%s", text);
	gcl_destroy(gcl);
	return err;
}

/* Checked here for the port's link first: only here the lines of the file are known. */
static int load_gate(const struct gate_conf *c, const char *path, const char *port, int64_t link_bps, json_t **out, struct why *why)
{
	struct conf_sched s = {.port = port, .gates = true, .link_bps = link_bps};
	const char *where;
	char *json = NULL;
	size_t len;
	FILE *f;
	int err = cli_sched_options(&s, c->format, NULL, why);

	if (!err)
		err = cli_load_sched(&s, path, &where, why);
	if (err)
		return err;
	if (conf_sched_more(&s))
		conf_sched_note(&s, "only the gates' schedule is set: a port's shapers and filters are taken from taktd's file when it starts");
	err = note_never_open(&s, why);
	if (err) {
		conf_sched_fini(&s);
		return err;
	}
	if (s.format == CONF_TC)
		conf_sched_note_map(&s);
	cli_say_notes(&s);
	f = open_memstream(&json, &len);
	if (f) {
		conf_print_gate(&s.gate, f);
		fclose(f);
		*out = json_loads(json, 0, NULL);
		free(json);
	}
	conf_sched_fini(&s);
	return f && *out ? 0 : why_fail(why, ENOMEM, "out of memory");
}

static int run_set(const struct cmd *self, int argc, char **argv)
{
	struct gate_conf c = {0};
	struct why why = {""};
	json_t *reply = NULL, *gate = NULL;
	char change[REPLY_CHANGE_LEN];
	struct out o;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 2, 2, &status) < 0)
		return status;
	err = ask_gate(&c, argv[1], &reply, &why);
	if (!err)
		err = load_gate(&c, argv[2], argv[1], reply_int(reply, "link-speed"), &gate, &why);
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
	out_str(&o, "port", argv[1], "%s: schedule set%s (`takt gate show %s` draws it)\n", argv[1], reply_change(change, reply), argv[1]);
	out_int(&o, "t_now", reply_int(reply, "t_now"), NULL);
	reply_put_change(&o, reply);
	out_end(&o);
	json_decref(reply);
	err = out_fini(&o);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}

const struct cmd cli_gate_cmds[] = {
	{"set", "PORT FILE", "give a port of a running taktd a new schedule (FILE - is standard input)", set_opts,
	 "  takt gate set wire schedule.yaml\n"
	 "  echo 'admin-control-list: [\"S 80 100000\", \"S 7f 900000\"]' | takt gate set wire -\n"
	 "  echo 'tc qdisc replace dev eth0 root taprio sched-entry S 80 100000 sched-entry S 7f 900000' | takt gate set wire -\n",
	 run_set, NULL},
	{"show", "PORT", "draw a port's running and pending schedule", show_opts,
	 "  takt gate show wire\n"
	 "  takt gate show wire --to yang\n"
	 "  takt gate show wire --json | jq .gate.oper | takt gate set other -\n",
	 run_show, NULL},
	{"check", "FILE", "validate, draw and explain a schedule, or that of a taktd file, without a taktd", cli_gate_check_opts,
	 "  takt gate check schedule.yaml --link-speed 100Mb/s\n"
	 "  takt gate check schedule.json --svg schedule.svg\n"
	 "  takt gate check /etc/takt/takt.yaml --port wire\n",
	 cli_gate_check, NULL},
	{"export", "FILE", "print a schedule in another notation: yaml, tc or yang", cli_gate_export_opts,
	 "  takt gate export schedule.yaml --to tc --dev eth0 | sh\n"
	 "  takt gate export /etc/takt/takt.yaml --port wire --to yang\n",
	 cli_gate_export, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
