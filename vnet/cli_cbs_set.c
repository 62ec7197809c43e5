/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt cbs set, takt cbs show: credit-based shapers of a running taktd.
 */
#include "vnet/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vnet/cli_gate.h"
#include "vnet/cli_reply.h"
#include "vnet/client.h"
#include "vnet/conf.h"

struct cbs_options {
	const char *name;
	const char *slope, *streams;
	bool off;
	bool json;
};

#define AT(field) offsetof(struct cbs_options, field)

const struct opt cli_cbs_set_opts[] = {
	{"idle-slope", 0, OPT_STR, AT(slope), "RATE", NULL, 0, 0, "rate that the class is to get on the wire"},
	{"stream", 's', OPT_STR, AT(streams), "SIZE,TIME", NULL, 0, 0,
	 "the same, worked out: a frame of SIZE bytes in each TIME; SIZE counts header and tag, not the FCS; join several by '+'"},
	{"off", 0, OPT_FLAG, AT(off), NULL, NULL, 0, 0, "take the class's shaper away"},
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: slopes in bit/s"},
	OPT_END,
};

const char cli_cbs_set_examples[] = "  takt cbs set wire 6 --idle-slope 75Mb/s\n"
				    "  takt cbs set wire 5 --stream 1518,1ms+300,125us\n"
				    "  takt cbs set wire 6 --off\n";

const struct opt cli_cbs_show_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: slopes in bit/s, credits in bits"},
	OPT_END,
};

const char cli_cbs_show_examples[] = "  takt cbs show wire\n"
				     "  takt cbs show wire --json | jq '.classes[].credit_bits'\n";

static int add_streams(int64_t *bps, const char *text, struct why *why)
{
	int64_t more;
	char one[64];
	size_t len;
	int err;

	for (;; text += len + 1) {
		len = strcspn(text, "+");
		snprintf(one, sizeof(one), "%.*s", (int)len, text);
		err = conf_parse_stream(&more, one, why);
		if (err)
			return err;
		*bps += more;
		if (!text[len])
			return 0;
	}
}

static int read_rate(const struct cbs_options *c, int64_t *bps, struct why *why)
{
	*bps = 0;
	if (!c->slope + !c->streams + !c->off != 2)
		return why_fail(why, EINVAL, "%s: give one of --idle-slope, --stream and --off",
				c->slope || c->streams || c->off ? "more than one rate" : "no rate");
	if (c->slope && conf_parse_rate(bps, c->slope, why)) {
		why_at(why, "--idle-slope");
		return -EINVAL;
	}
	if (c->streams && add_streams(bps, c->streams, why)) {
		why_at(why, "--stream");
		return -EINVAL;
	}
	return 0;
}

/* Does the running schedule make more of the slope than the link has? Asked after the slope was set: the worker answers in order. */
static int put_warnings(struct out *o, const struct cbs_options *opts, const char *port, int tc, struct why *why)
{
	char text[CONF_NOTE_LEN];
	const json_t *c;
	json_t *reply;
	size_t i;
	int err = client_request(opts->name, json_pack("{s:s, s:s}", "cmd", "cbs-show", "port", port), &reply, why);

	if (err)
		return err;
	out_array(o, "warnings");
	json_array_foreach(json_object_get(reply, "classes"), i, c) {
		double idle = (double)reply_int(c, "admin-idle-slope"), oper = (double)reply_int(c, "oper-idle-slope");

		if (reply_int(c, "tc") != tc || reply_int(c, "oper-idle-slope") <= reply_int(reply, "link-speed"))
			continue;
		cli_over_link(text, (unsigned int)tc, 100 * idle / oper, (int64_t)idle, oper);
		out_str(o, NULL, text, "%swarning%s: %s\n", out_style(o, OUT_YELLOW), out_style(o, OUT_PLAIN), text);
	}
	out_end(o);
	json_decref(reply);
	return 0;
}

int cli_cbs_set(const struct cmd *self, int argc, char **argv)
{
	struct cbs_options c = {0};
	struct why why = {""};
	json_t *reply;
	struct out o;
	int64_t bps;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 2, 2, &status) < 0)
		return status;
	if (argv[2][0] < '0' || argv[2][0] > '7' || argv[2][1])
		return cmd_refuse(why_fail(&why, EINVAL, "\"%.32s\" is no class: give 0 to 7", argv[2]), &why);
	err = read_rate(&c, &bps, &why);
	if (!err)
		err = client_request(c.name,
				     json_pack("{s:s, s:s, s:i, s:I}", "cmd", "cbs-set", "port", argv[1], "class", argv[2][0] - '0',
					       "admin-idle-slope", (json_int_t)bps),
				     &reply, &why);
	if (err)
		return cmd_refuse(err, &why);
	out_init(&o, stdout, c.json);
	out_object(&o, NULL);
	out_str(&o, "port", argv[1], "%s: ", argv[1]);
	out_int(&o, "class", argv[2][0] - '0', "class %s ", argv[2]);
	if (bps)
		out_int(&o, "admin-idle-slope", bps, "gets %" PRId64 " bit/s (`takt cbs show %s` tells how it stands)\n", bps, argv[1]);
	else
		out_int(&o, "admin-idle-slope", bps, "is not shaped\n");
	err = put_warnings(&o, &c, argv[1], argv[2][0] - '0', &why);
	out_end(&o);
	status = reply_end(&o, reply);
	return err ? cmd_refuse(err, &why) : status;
}

static void draw(struct out *o, const json_t *classes)
{
	const json_t *c;
	size_t i;

	out_text(o, "%sclass  admin-idle-slope   oper-idle-slope        credit     hiCredit     loCredit  over hiCredit%s\n"
		 "                  bit/s             bit/s          bits         bits         bits         frames\n",
		 out_style(o, OUT_BOLD), out_style(o, OUT_PLAIN));
	json_array_foreach(classes, i, c)
		out_text(o, "%5" PRId64 " %17" PRId64 " %17" PRId64 " %13" PRId64 " %12" PRId64 " %12" PRId64 " %14" PRId64 "\n",
			 (int64_t)reply_int(c, "tc"), (int64_t)reply_int(c, "admin-idle-slope"), (int64_t)reply_int(c, "oper-idle-slope"),
			 (int64_t)reply_int(c, "credit_bits"), (int64_t)reply_int(c, "hi_bits"), (int64_t)reply_int(c, "lo_bits"),
			 (int64_t)reply_int(c, "over_hi"));
}

int cli_cbs_show(const struct cmd *self, int argc, char **argv)
{
	struct cbs_options c = {0};
	struct why why = {""};
	const json_t *classes;
	json_t *reply;
	struct out o;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 1, 1, &status) < 0)
		return status;
	err = client_request(c.name, json_pack("{s:s, s:s}", "cmd", "cbs-show", "port", argv[1]), &reply, &why);
	if (err)
		return cmd_refuse(err, &why);
	classes = json_object_get(reply, "classes");
	out_init(&o, stdout, false);
	if (c.json) {
		json_object_del(reply, "ok");
		json_dumpf(reply, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!json_array_size(classes)) {
		out_text(&o, "%s: no class is shaped by credit\n", argv[1]);
	} else {
		draw(&o, classes);
	}
	return reply_end(&o, reply);
}
