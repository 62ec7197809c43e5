/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt report: what is in an isochron.dat, ours or isochron's.
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/iso.h"
#include "bench/iso_metric.h"
#include "bench/iso_printf.h"
#include "bench/iso_tell.h"

struct conf {
	const char *output, *format, *args;
	int64_t start, stop, deadline_ns;
	bool summary, json, csv;
};

#define AT(field) offsetof(struct conf, field)
const struct opt iso_opts[] = {
	{ "printf-format", 'f', OPT_STR, AT(format), "FORMAT", NULL, 0, 0, "print FORMAT for each frame: %d %u %x %T (seconds.nanoseconds) %% \\n \\t; instead of the summary" },
	{ "printf-args", 'a', OPT_STR, AT(args), "LETTERS", NULL, 0, 0,
	  "what the conversions print: q number; S due, w awake, s before the qdisc, t driver, T hardware; R hardware, r kernel, a program; A B C H W advance, base, cycle, shift, window" },
	{ "start", 's', OPT_INT, AT(start), "N", "0", 0, UINT32_MAX, "begin with frame N; 0: with the first" },
	{ "stop", 'S', OPT_INT, AT(stop), "N", "0", 0, UINT32_MAX, "end with frame N; 0: with the last" },
	{ "summary", 'm', OPT_FLAG, AT(summary), NULL, NULL, 0, 0, "the summary too, with --printf-format" },
	{ "deadline", 0, OPT_NS, AT(deadline_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "count frames that came later than TIME after they were due; 0: none" },
	{ "output", 'o', OPT_STR, AT(output), "FILE", NULL, 0, 0, "write both halves joined, or the one file, to FILE" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON" },
	{ "csv", 0, OPT_FLAG, AT(csv), NULL, NULL, 0, 0, "print the summary's metrics as CSV" },
	OPT_END
};
#undef AT

#define METRIC_HELP(id, name, key, stamps, help) "  " name " (" stamps "): " help "\n"
const char iso_examples[] =
	"  takt report frames.dat                                  one file, of takt or of isochron\n"
	"  takt report sent.dat came.dat -o frames.dat             what a sender and a receiver logged, joined\n"
	"  takt report frames.dat --printf-format '%u,%d,%d\\n' --printf-args qtr > frames.csv\n"
	"  takt report frames.dat --deadline 1ms --json\n"
	"\n"
	"What takt send and takt recv log is one half each: frames that were lost, and latencies from one to the other, take both.\n"
	"Metrics, by the letters of --printf-args; A is the wake-up that was meant, S less the advance time:\n"
	ISO_METRIC_ROWS(METRIC_HELP);
#undef METRIC_HELP

static int check(const struct conf *c, const struct iso *iso, struct why *why)
{
	if (c->args && !c->format)
		return why_fail(why, EINVAL, "--printf-args is for --printf-format: what is to be printed around \"%s\"?", c->args);
	if (c->json && c->csv)
		return why_fail(why, EINVAL, "--json and --csv contradict each other: give one");
	if (c->start > iso->packets || c->stop > iso->packets)
		return why_fail(why, EINVAL, "--%s %" PRId64 ": the file has %u frames", c->start > iso->packets ? "start" : "stop",
				c->start > iso->packets ? c->start : c->stop, iso->packets);
	if (c->start && c->stop && c->start > c->stop)
		return why_fail(why, EINVAL, "--start %" PRId64 " is behind --stop %" PRId64, c->start, c->stop);
	return 0;
}

/* Frames of which nothing is known are left out. */
static void print_frames(const struct iso *iso, const struct iso_printf *p, const struct iso_tell *t)
{
	uint32_t i;

	for (i = t->first - 1; i < t->last; i++)
		if (iso->send[i].seqid || iso_is_received(&iso->recv[i]))
			iso_printf_frame(p, iso, i, stdout);
}

static int tell(const struct iso *iso, const struct conf *c, const struct iso_printf *p, bool joined)
{
	struct iso_tell t = {
		.first = c->start ? (uint32_t)c->start : 1, .last = c->stop ? (uint32_t)c->stop : iso->packets, .deadline_ns = c->deadline_ns, .halves = joined ? ISO_BOTH : iso_halves(iso),
	};
	struct out o;
	int rc = 0;

	if (c->format)
		print_frames(iso, p, &t);
	if (c->format && !c->summary)
		return fflush(stdout) || ferror(stdout) ? -EIO : 0;
	if (c->csv)
		return iso_tell_csv(iso, &t, stdout) ?: fflush(stdout) || ferror(stdout) ? -EIO : 0;
	out_init(&o, stdout, c->json);
	rc = iso_tell(iso, &t, &o);
	return out_fini(&o) ?: rc;
}

int iso_run(const struct cmd *self, int argc, char **argv)
{
	struct iso_printf *p = calloc(1, sizeof(*p));
	struct iso iso = {0}, other = {0};
	struct conf conf = {0};
	struct why why = { "" };
	int status = CMD_FAILED, rc, n = cmd_options(self, &conf, argc, argv, 1, 2, &status);

	if (n >= 0) {
		rc = p ? iso_load(&iso, argv[1], &why) : why_fail(&why, ENOMEM, "no memory");
		if (!rc && n == 2)
			rc = iso_load(&other, argv[2], &why) ?: iso_join(&iso, &other, &why);
		rc = rc ?: check(&conf, &iso, &why);
		if (!rc && conf.format)
			rc = iso_printf_parse(p, conf.format, conf.args ?: "", &why);
		if (!rc && conf.output)
			rc = iso_save(&iso, conf.output, &why);
		status = rc ? cmd_refuse(rc, &why) : tell(&iso, &conf, p, n == 2) ? CMD_FAILED : CMD_OK;
	}
	iso_fini(&iso);
	iso_fini(&other);
	free(p);
	return status;
}
