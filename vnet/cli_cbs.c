/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tsn/cbs.h"
#include "tsn/cls.h"
#include "tsn/qdisc.h"
#include "vnet/conf.h"

#define MAX_FRAME "1518"	/* bytes in memory of the longest tagged frame at the default MTU: 1522 with FCS */
#define PERCENT	  75		/* of the link: more is over 802.1Q's default for classes A and B (34.3.1) */
#define HANDLE	  0x100		/* of the qdisc above cbs, in tc's line: the one that the examples of tc-cbs(8) have */

struct calc {
	const char *speed, *slope, *streams;
	int64_t tc, max_frame;
	bool json;

	struct wire wire;
	struct cbs_conf cbs;
	uint32_t max_len[TSN_CLASSES];
	struct cbs_limits limits[TSN_CLASSES];
	int64_t reserved_bps;
};

#define AT(field) offsetof(struct calc, field)

static const struct opt calc_opts[] = {
	{"link-speed", 0, OPT_STR, AT(speed), "SPEED", "1Gb/s", 0, 0, "speed of the link"},
	{"class", 'c', OPT_INT, AT(tc), "N", "6", 0, TSN_CLASSES - 1, "the class that --idle-slope and --stream are for"},
	{"idle-slope", 0, OPT_STR, AT(slope), "RATE", NULL, 0, 0, "rate that the class is to get on the wire"},
	{"stream", 's', OPT_STR, AT(streams), "SIZE,TIME", NULL, 0, 0,
	 "the same, worked out: a frame of SIZE bytes in each TIME; SIZE counts header and tag, not the FCS; join several by '+'"},
	{"max-frame", 'm', OPT_INT, AT(max_frame), "BYTES", MAX_FRAME, WIRE_MIN_FRAME, GCL_MAX_SDU + CLS_ETH_HLEN + CLS_VLAN_HLEN,
	 "longest frame of a class that no stream tells it of, counted like SIZE"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: slopes in bit/s, credits in bits; tc's kbit/s and bytes beside"},
	OPT_END,
};

static const char calc_examples[] =
	"  takt cbs calc --idle-slope 75Mb/s                          class 6 of a 1 Gb/s link\n"
	"  takt cbs calc --link-speed 100Mb/s --stream 1518,1ms+300,125us   what two streams need\n"
	"  takt cbs calc 6=75Mb/s 5=1518,250us                        several classes, each by rate or by streams\n";

/* SIZE,TIME[+SIZE,TIME...]: what they need adds up; the class's longest frame is the longest of them. */
static int add_streams(struct calc *c, unsigned int tc, const char *text, struct why *why)
{
	int64_t bps = 0;
	char one[64];
	int err;

	for (;;) {
		size_t len = strcspn(text, "+");
		uint32_t size;

		snprintf(one, sizeof(one), "%.*s", (int)len, text);
		err = conf_parse_stream(&bps, one, why);
		if (err)
			return err;
		size = (uint32_t)strtoul(one, NULL, 10);
		c->cbs.idle_bps[tc] += bps;
		if (size > c->max_len[tc])
			c->max_len[tc] = size;
		if (!text[len])
			return 0;
		text += len + 1;
	}
}

static int add_rate(struct calc *c, unsigned int tc, const char *text, struct why *why)
{
	int64_t bps = 0;
	int err = conf_parse_rate(&bps, text, why);

	if (err)
		return err;
	c->cbs.idle_bps[tc] += bps;
	c->max_len[tc] = (uint32_t)c->max_frame;
	return 0;
}

/* A bare number that could be a frame's size: a slope of so few bit/s is no one's wish. */
static bool looks_like_size(const char *text)
{
	return text[0] && !text[strspn(text, "0123456789")] && strlen(text) <= 4;
}

static int add_class(struct calc *c, unsigned int tc, const char *text, struct why *why)
{
	if (c->cbs.idle_bps[tc])
		return why_fail(why, EINVAL, "given twice: give it one rate, or join its streams by '+': %u=1518,1ms+300,125us", tc);
	if (looks_like_size(text) && strtol(text, NULL, 10) >= WIRE_MIN_FRAME)
		return why_fail(why, EINVAL, "%s bit/s: did you mean %s,INTERVAL, frames of %s bytes? For the rate write %sb/s", text, text, text, text);
	return strchr(text, ',') ? add_streams(c, tc, text, why) : add_rate(c, tc, text, why);
}

/* CLASS=RATE or CLASS=STREAMS. */
static int add_operand(struct calc *c, const char *word, struct why *why)
{
	unsigned int tc = (unsigned int)word[0] - '0';
	int err;

	if (tc >= TSN_CLASSES || word[1] != '=')
		return why_fail(why, EINVAL, "\"%.64s\" is no class and what it gets: write 6=75Mb/s or 6=1518,125us", word);
	err = add_class(c, tc, word + 2, why);
	if (err)
		why_at(why, "class %u", tc);
	return err;
}

static int add_options(struct calc *c, struct why *why)
{
	if (c->slope && c->streams)
		return why_fail(why, EINVAL, "class %d is given twice: give one of --idle-slope and --stream", (int)c->tc);
	if (c->slope && add_rate(c, (unsigned int)c->tc, c->slope, why)) {
		why_at(why, "--idle-slope");
		return -EINVAL;
	}
	if (c->streams && add_streams(c, (unsigned int)c->tc, c->streams, why)) {
		why_at(why, "--stream");
		return -EINVAL;
	}
	return 0;
}

static int work_out(struct calc *c, int n, char **words, struct why *why)
{
	int64_t link_bps = 0;
	int i, err;

	if (conf_parse_speed(&link_bps, c->speed, why)) {
		why_at(why, "--link-speed");
		return -EINVAL;
	}
	err = add_options(c, why);
	for (i = 0; i < n && !err; i++)
		err = add_operand(c, words[i], why);
	if (err)
		return err;
	for (i = 0; i < TSN_CLASSES; i++) {
		c->reserved_bps += c->cbs.idle_bps[i];
		if (!c->cbs.idle_bps[i])
			c->max_len[i] = (uint32_t)c->max_frame;
	}
	if (!c->reserved_bps)
		return why_fail(why, EINVAL, "nothing is shaped: give --idle-slope 75Mb/s, --stream 1518,125us, or classes such as 6=75Mb/s");
	err = wire_init(&c->wire, link_bps, why);
	return err ? err : cbs_limits(c->limits, &c->cbs, c->max_len, &c->wire, why);
}

/* The line that gives the class to the kernel, where a class has a queue of its own number. */
static int put_tc(struct out *o, const struct calc *c, unsigned int tc)
{
	struct qdisc q = {.kind = QDISC_CBS, .parent = HANDLE << 16 | (tc + 1)};
	struct cbs_kernel k;
	char *line;

	cbs_kernel(&k, &c->limits[tc], &c->wire);
	q.cbs = (struct qdisc_cbs){.hicredit = k.hicredit, .locredit = k.locredit, .idleslope = k.idleslope, .sendslope = k.sendslope};
	line = qdisc_print_tc(&q, NULL);
	if (!line)
		return -ENOMEM;
	out_int(o, "idleslope", k.idleslope, NULL);
	out_int(o, "sendslope", k.sendslope, NULL);
	out_int(o, "hicredit", k.hicredit, NULL);
	out_int(o, "locredit", k.locredit, NULL);
	out_str(o, "tc", line, "  %s\n", line);
	free(line);
	return 0;
}

static void put_class(struct out *o, const struct calc *c, unsigned int tc)
{
	const struct cbs_limits *l = &c->limits[tc];

	out_int(o, "class", (int64_t)tc, "%5u", tc);
	out_int(o, "idle_bps", l->idle_bps, "  %13" PRId64, l->idle_bps);
	out_int(o, "send_bps", l->send_bps, "  %13" PRId64, l->send_bps);
	out_int(o, "hi_bits", l->hi_bits, "  %8" PRId64, l->hi_bits);
	out_int(o, "lo_bits", l->lo_bits, "  %8" PRId64, l->lo_bits);
	out_int(o, "max_frame_bytes", c->max_len[tc], "  %13" PRIu32 "\n", c->max_len[tc]);
}

static void put_warnings(struct out *o, double percent)
{
	char text[160];

	out_array(o, "warnings");
	if (percent > PERCENT) {
		snprintf(text, sizeof(text), "%.1f %% of the link are reserved, over the %d %% that 802.1Q has by default (34.3.1): what is not "
			 "shaped may starve", percent, PERCENT);
		out_str(o, NULL, text, "%swarning%s: %s\n", out_style(o, OUT_YELLOW), out_style(o, OUT_PLAIN), text);
	}
	out_end(o);
}

static int print(const struct calc *c)
{
	double percent = 100.0 * (double)c->reserved_bps / (double)c->wire.rate_bps;
	const char *comma = "";
	struct out o;
	int tc, err = 0;

	out_init(&o, stdout, c->json);
	out_object(&o, NULL);
	out_int(&o, "link_bps", c->wire.rate_bps, "link %" PRId64 " bit/s", c->wire.rate_bps);
	out_int(&o, "reserved_bps", c->reserved_bps, ", reserved %" PRId64 " bit/s", c->reserved_bps);
	out_real(&o, "reserved_percent", percent, " (%.1f %%)\n", percent);
	out_text(&o, "class      idleSlope      sendSlope  hiCredit  loCredit  longest frame\n"
		 "               bit/s          bit/s      bits      bits          bytes\n");
	out_array(&o, "classes");
	for (tc = TSN_CLASSES - 1; tc >= 0 && !err; tc--) {
		if (!c->limits[tc].idle_bps)
			continue;
		out_object(&o, NULL);
		put_class(&o, c, (unsigned int)tc);
		if (c->json)
			err = put_tc(&o, c, (unsigned int)tc);
		out_end(&o);
	}
	out_end(&o);
	put_warnings(&o, percent);
	out_text(&o, "taktd, for the port:\n  credit-based-shaper: {");
	for (tc = TSN_CLASSES - 1; tc >= 0; tc--)
		if (c->limits[tc].idle_bps) {
			out_text(&o, "%s%d: %" PRId64, comma, tc, c->limits[tc].idle_bps);
			comma = ", ";
		}
	out_text(&o, "}\nthe kernel, below a taprio or mqprio 100: with a queue for each class:\n");
	for (tc = TSN_CLASSES - 1; tc >= 0 && !c->json && !err; tc--)
		if (c->limits[tc].idle_bps)
			err = put_tc(&o, c, (unsigned int)tc);
	out_end(&o);
	return out_fini(&o) ?: err;
}

static int run_calc(const struct cmd *self, int argc, char **argv)
{
	struct calc c = {0};
	struct why why = {""};
	int n, err, status;

	n = cmd_options(self, &c, argc, argv, 0, -1, &status);
	if (n < 0)
		return status;
	err = work_out(&c, n, argv + 1, &why);
	if (err)
		return cmd_refuse(err, &why);
	err = print(&c);
	if (err) {
		why_fail(&why, -err, "cannot write the output: %s", strerror(-err));
		return cmd_refuse(err, &why);
	}
	return CMD_OK;
}

const struct cmd cli_cbs_cmds[] = {
	{"calc", "[CLASS=RATE|CLASS=SIZE,TIME[+...]]...", "the four numbers of credit-based shapers, for taktd and for tc", calc_opts, calc_examples, run_calc,
	 NULL},
	{"set", "PORT CLASS", "give a class of a running taktd another idle slope", cli_cbs_set_opts, cli_cbs_set_examples, cli_cbs_set, NULL},
	{"show", "PORT", "how the shapers of a running taktd's port stand: slopes, credit", cli_cbs_show_opts, cli_cbs_show_examples, cli_cbs_show, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
