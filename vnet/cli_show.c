/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/term.h"
#include "vnet/cli_reply.h"
#include "vnet/client.h"
#include "vnet/stat.h"

struct show_conf {
	const char *name;
	bool json;
	bool watch;
	bool all;
};

#define AT(field) offsetof(struct show_conf, field)

const struct opt cli_show_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"all", 'a', OPT_FLAG, AT(all), NULL, NULL, 0, 0, "also counters that are zero"},
	{"watch", 'w', OPT_FLAG, AT(watch), NULL, NULL, 0, 0, "refresh once a second until Ctrl-C"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns, speeds in bit/s"},
	OPT_END,
};

const char cli_show_examples[] = "  takt show                       ports, schedules, counters\n"
				 "  takt show --watch               live\n"
				 "  takt show --json | jq '.ports[].counters.rx_frames'\n";

/* -- ports --------------------------------------------------------------------------------------------------- */

static const char *speed_text(char *buf, size_t size, json_int_t bps)
{
	if (bps >= 1000000000)
		snprintf(buf, size, "%.3gGb/s", (double)bps / 1e9);
	else if (bps < 1000000)
		snprintf(buf, size, "%.4gkb/s", (double)bps / 1e3);
	else
		snprintf(buf, size, "%.4gMb/s", (double)bps / 1e6);
	return buf;
}

static const char *vlans_text(char *buf, size_t size, const json_t *port)
{
	const json_t *v, *vlans = json_object_get(port, "vlans");
	size_t i;

	snprintf(buf, size, "%" JSON_INTEGER_FORMAT "u", reply_int(port, "pvid"));
	json_array_foreach(vlans, i, v)
		snprintf(buf + strlen(buf), size - strlen(buf), ",%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (strlen(buf) > 14)
		snprintf(buf + 11, size - 11, "...");
	return buf;
}

static json_int_t dropped(const json_t *port)
{
	json_t *verdicts = json_object_get(port, "verdicts");
	const char *key;
	json_int_t sum = 0;
	json_t *v;

	json_object_foreach(verdicts, key, v)
		if (strcmp(key, "sent"))
			sum += json_integer_value(v);
	return sum;
}

static json_int_t queued(const json_t *port)
{
	const json_t *c, *classes = json_object_get(port, "classes");
	json_int_t sum = 0;
	size_t i;

	json_array_foreach(classes, i, c)
		sum += reply_int(c, "queued");
	return sum;
}

static void print_ports(struct out *o, const json_t *ports)
{
	char speed[32], vlans[512];
	const json_t *p;
	size_t i;

	out_text(o, "\n%s%-15s %-5s %-4s %-6s %-8s %-14s %-14s %11s %11s %9s %7s%s\n", out_style(o, OUT_BOLD), "PORT",
		 "KIND", "LINK", "RING", "SPEED", "VLANS", "PTP", "RX", "TX", "DROPPED", "QUEUED",
		 out_style(o, OUT_PLAIN));
	json_array_foreach(ports, i, p) {
		const json_t *c = json_object_get(p, "counters");
		bool up = json_is_true(json_object_get(p, "up"));
		const char *ring = reply_text(p, "ring");

		out_text(o,
			 "%-15s %-5s %s%-4s%s %-6s %-8s %-14s %-14s %11" PRId64 " %11" PRId64 " %9" PRId64 " %7" PRId64
			 "\n",
			 reply_text(p, "name"), reply_text(p, "kind"), out_style(o, up ? OUT_GREEN : OUT_RED),
			 up ? "up" : "down", out_style(o, OUT_PLAIN), ring[0] ? ring : "-",
			 speed_text(speed, sizeof(speed), reply_int(p, "link-speed")),
			 vlans_text(vlans, sizeof(vlans), p), reply_text(p, "ptp-role"), (int64_t)reply_int(c, "rx_frames"),
			 (int64_t)reply_int(c, "tx_frames"), (int64_t)dropped(p), (int64_t)queued(p));
	}
}

/* -- counters ------------------------------------------------------------------------------------------------ */

struct counter {
	const char *name, *help;
};

static const struct counter port_counters[] = {
#define X(id, help) {#id, help},
	STAT_PORT(X)
#undef X
	{NULL, NULL},
};

static const struct counter verdicts[] = {
#define X(id, name, help) {name, help},
	PKT_VERDICTS(X)
#undef X
	{NULL, NULL},
};

static const struct counter worker_counters[] = {
#define X(id, help) {#id, help},
	STAT_WORKER(X)
#undef X
	{NULL, NULL},
};

static const struct counter clock_counters[] = {
#define X(id, help) {#id, help},
	STAT_CLOCK(X)
#undef X
	{NULL, NULL},
};

static void print_counters(struct out *o, const char *title, const json_t *values, const struct counter *c,
			   bool all, const char *name)
{
	bool titled = false;

	for (; c->name; c++) {
		json_int_t v = reply_int(values, c->name);

		if (!v && !all)
			continue;
		if (!titled)
			out_text(o, "\n%s%s%s%s\n", out_style(o, OUT_BOLD), title, name, out_style(o, OUT_PLAIN));
		titled = true;
		out_text(o, "  %-13s %14" PRId64 "  %s%s%s\n", c->name, (int64_t)v, out_style(o, OUT_DIM), c->help,
			 out_style(o, OUT_PLAIN));
	}
}

/* "shaped to 75Mb/s" */
static const char *shaper_text(char *buf, size_t size, const json_t *c)
{
	const char *kind = reply_text(c, "shaper");
	char speed[32];

	if (!strcmp(kind, "credit-based"))
		snprintf(buf, size, ", shaped to %s, %" PRId64 " over hiCredit", speed_text(speed, sizeof(speed), reply_int(c, "admin-idle-slope")),
			 (int64_t)reply_int(c, "over_hi"));
	else if (!strcmp(kind, "launch-time"))
		snprintf(buf, size, ", by launch time");
	else if (!strcmp(kind, "asynchronous"))
		snprintf(buf, size, ", by eligibility time");
	else
		buf[0] = '\0';
	return buf;
}

static void print_classes(struct out *o, const json_t *port, bool all)
{
	const json_t *c, *classes = json_object_get(port, "classes");
	char shaper[96];
	size_t i;

	json_array_foreach(classes, i, c) {
		if (!all && !reply_int(c, "sent") && !reply_int(c, "queued") && !reply_text(c, "shaper")[0])
			continue;
		out_text(o, "  class %-7d %14" PRId64 "  sent, %" PRId64 " queued, %" PRId64 " overruns%s\n", (int)i, (int64_t)reply_int(c, "sent"),
			 (int64_t)reply_int(c, "queued"), (int64_t)reply_int(c, "overruns"), shaper_text(shaper, sizeof(shaper), c));
	}
}

/* -- the whole ----------------------------------------------------------------------------------------------- */

static void print_schedules(struct out *o, const json_t *reply)
{
	const json_t *p, *ports = json_object_get(reply, "ports");
	int64_t t_now = reply_int(json_object_get(reply, "clock"), "t_now");
	size_t i;

	json_array_foreach(ports, i, p) reply_draw_gate(o, reply_text(p, "name"), json_object_get(p, "gate"),
							reply_int(p, "link-speed"), t_now, "see clock: above");
}

/* What it goes by, how sure that is, and what became of it. */
static void print_clock(struct out *o, const json_t *clock)
{
	int64_t steps = reply_int(json_object_get(clock, "counters"), "steps"), t_step = reply_int(clock, "t_last_step");
	bool good = json_is_true(json_object_get(clock, "good"));
	char bound[NS_STR_LEN], step[NS_STR_LEN];

	out_text(o, "clock: %s%s%s, within %s of %s", out_style(o, good ? OUT_GREEN : OUT_RED), good ? "good" : "not good", out_style(o, OUT_PLAIN),
		 ns_str(bound, reply_int(clock, "error_bound_ns")), reply_text(clock, "reference"));
	if (json_is_true(json_object_get(clock, "holdover")))
		out_text(o, ", which gives no time now");
	if (!good)
		out_text(o, ": %s", reply_text(clock, "why_not"));
	if (steps)
		out_text(o, "; %" PRId64 " step%s, the last of %s at TAI %" PRId64 ".%09" PRId64, steps, steps == 1 ? "" : "s",
			 ns_str(step, reply_int(clock, "last_step_ns")), t_step / NS_PER_SEC, t_step % NS_PER_SEC);
	if (reply_text(clock, "gates_held")[0])
		out_text(o, "; gates with a schedule are held %s until it is good", reply_text(clock, "gates_held"));
	out_text(o, "\n");
}

static void print_text(struct out *o, const json_t *reply, bool all)
{
	const json_t *p, *ports = json_object_get(reply, "ports"), *clock = json_object_get(reply, "clock");
	const json_t *worker = json_object_get(reply, "worker");
	char up[NS_STR_LEN], cpu[32] = "";
	size_t i;

	if (json_is_integer(json_object_get(worker, "cpu")))
		snprintf(cpu, sizeof(cpu), " on CPU %" PRId64, (int64_t)reply_int(worker, "cpu"));
	out_text(o, "%s%s%s: taktd %s, pid %" PRId64 ", worker %" PRId64 "%s, up %s\n", out_style(o, OUT_BOLD),
		 reply_text(reply, "instance"), out_style(o, OUT_PLAIN), reply_text(reply, "rev"),
		 (int64_t)reply_int(reply, "pid"), (int64_t)reply_int(worker, "tid"), cpu, ns_str(up, reply_int(reply, "uptime_ns")));
	print_clock(o, clock);
	print_ports(o, ports);
	print_schedules(o, reply);
	json_array_foreach(ports, i, p) {
		print_counters(o, "counters of ", json_object_get(p, "counters"), port_counters, all,
			       reply_text(p, "name"));
		print_classes(o, p, all);
		print_counters(o, "what became of frames from ", json_object_get(p, "verdicts"), verdicts, all,
			       reply_text(p, "name"));
	}
	print_counters(o, "clock", json_object_get(clock, "counters"), clock_counters, all, "");
	print_counters(o, "worker", json_object_get(reply, "worker"), worker_counters, all, "");
}

static int show_once(const struct show_conf *c, const struct term *t, struct why *why)
{
	struct out like, o;
	char *text = NULL;
	json_t *reply;
	size_t len;
	FILE *f;
	int err = client_request(c->name, json_pack("{s:s}", "cmd", "show"), &reply, why);

	if (err)
		return err;
	f = open_memstream(&text, &len);
	if (!f) {
		json_decref(reply);
		return -ENOMEM;
	}
	out_init(&like, stdout, c->json);
	out_init(&o, f, false);
	o.colour = like.colour;
	if (c->json) {
		json_object_del(reply, "ok");
		json_dumpf(reply, f, c->watch ? JSON_COMPACT : JSON_INDENT(2));
		fputc('\n', f);
	} else {
		print_text(&o, reply, c->all);
		if (c->watch && !t->tty)
			fputc('\n', f);
	}
	fclose(f);
	json_decref(reply);
	term_draw(t, text);
	free(text);
	return fflush(stdout) || ferror(stdout) ? why_fail(why, EIO, "cannot write the output: %s", strerror(errno))
						: 0;
}

int cli_show(const struct cmd *self, int argc, char **argv)
{
	struct show_conf c = {0};
	struct term t = {0};
	struct why why = {""};
	int err, status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	if (!c.watch) {
		err = show_once(&c, &t, &why);
		return err ? cmd_refuse(err, &why) : CMD_OK;
	}
	term_open(&t, !c.json);
	do {
		err = show_once(&c, &t, &why);
	} while (!err && term_sleep(NS_PER_SEC));
	if (term_stopped())
		err = 0; /* it may have cut a request short */
	term_close(&t);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}
