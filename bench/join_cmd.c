/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/trial.h"
#include "bench/join_arm.h"
#include "bench/lines.h"

#define FEWEST 50	/* instants of an arm: less than that says nothing */

struct conf {
	struct trial_conf all;
	const char *guestclock, *arms;
	int64_t span_ns, rate;
};

#define AT(field) offsetof(struct conf, field)
const struct opt join_opts[] = {
	{ "span", 's', OPT_NS, AT(span_ns), "TIME", "8s", 2 * NS_PER_SEC, 600 * NS_PER_SEC, "record each guest for TIME" },
	{ "rate", 'r', OPT_INT, AT(rate), "PPS", "500", 0, 20000, "frames per second, each way" },
	{ "guests", 'g', OPT_STR, AT(arms), "LIST", "uml,qemu,namespace", 0, 0, "which, separated by commas" },
	{ "guestclock", 0, OPT_STR, AT(guestclock), "FILE", NULL, 0, 0, "what looks at a guest's clock (default: tests/guest/guestclock beside this program)" },
	TRIAL_OPTS(AT(all)),
	OPT_END
};
#undef AT

const char join_examples[] =
	"  takt bench join                      a minute; lines of name, value, unit\n"
	"  takt bench join -g uml -s 30s && echo the bound held      status 1: it did not, at some instant\n";

struct bench {
	struct conf conf;
	struct join_arm_conf at;
	bool wanted[JOIN_ARM_COUNT];
	char guestclock[PATH_MAX + 32];
	struct out out;
	double *bound;		/* of all instants of all arms */
	int n;
	uint64_t held;
	bool bad;
};

static void line(struct bench *b, const char *arm, const char *what, double value, const char *unit)
{
	char name[64];

	snprintf(name, sizeof(name), "join_%s%s%s", arm, *arm ? "_" : "", what);
	lines_value(&b->out, name, value, unit);
}

/* The truth is somewhere in lo..hi; it has to be possible that it is within the bound. */
static bool holds(const struct join_sample *s, int64_t axis_error_ns)
{
	return s->t - s->bound_ns - axis_error_ns <= s->hi && s->t + s->bound_ns + axis_error_ns >= s->lo;
}

static int judge(struct bench *b, const char *arm, const struct join_arm_result *r, struct why *why)
{
	double *bound = malloc((r->n + 1) * sizeof(*bound)), *width = malloc((r->n + 1) * sizeof(*width));
	double *all = realloc(b->bound, ((size_t)b->n + r->n + 1) * sizeof(*all)), worst = 0, off;
	uint64_t held = 0;
	size_t i;

	if (!bound || !width || !all) {
		free(bound);
		free(width);
		return why_fail(why, ENOMEM, "out of memory");
	}
	b->bound = all;
	for (i = 0; i < r->n; i++) {
		const struct join_sample *s = &r->sample[i];
		int64_t middle = s->lo + (s->hi - s->lo) / 2;

		bound[i] = all[b->n++] = (double)s->bound_ns;
		width[i] = (double)(s->hi - s->lo) / 2;
		off = (double)(s->t > middle ? s->t - middle : middle - s->t);
		worst = off > worst ? off : worst;
		held += holds(s, r->axis_error_ns);
	}
	b->held += held;
	b->bad |= held != r->n || r->n < FEWEST || r->unknown;
	line(b, arm, "bound_ns", lines_quantile(bound, (int)r->n, 0.5), "ns");
	line(b, arm, "bound_p99_ns", lines_quantile(bound, (int)r->n, 0.99), "ns");
	line(b, arm, "hold_pct", 100.0 * (double)held / (double)r->n, "%");
	line(b, arm, "samples", (double)r->n, "instants");
	line(b, arm, "unknown", (double)r->unknown, "instants");
	line(b, arm, "off_max_ns", worst, "ns");
	line(b, arm, "truth_ns", lines_quantile(width, (int)r->n, 0.5), "ns");
	line(b, arm, "rate_ppm", r->rate_ppm, "ppm");
	fprintf(stderr, "%s: joined %s; at %" PRIu64 " of %zu instants the truth was within the bound\n", arm, r->joined, held, r->n);
	free(bound);
	free(width);
	return 0;
}

static int run_all(struct bench *b, struct why *why)
{
	struct join_arm_result r;
	int i, rc = 0;

	for (i = 0; i < JOIN_ARM_COUNT && !rc; i++) {
		if (!b->wanted[i])
			continue;
		rc = join_arm_run(&r, &b->at, (enum join_arm)i, why) ?: judge(b, join_arm_names[i], &r, why);
		join_arm_fini(&r);
		if (rc && rc != -EINTR)
			why_at(why, "%s", join_arm_names[i]);
	}
	if (rc)
		return rc;
	line(b, "", "bound_ns", lines_quantile(b->bound, b->n, 0.5), "ns");
	line(b, "", "bound_p99_ns", lines_quantile(b->bound, b->n, 0.99), "ns");
	line(b, "", "hold_pct", 100.0 * (double)b->held / b->n, "%");
	return 0;
}

static int choose(void *bench, struct why *why)
{
	struct bench *b = bench;

	return trial_pick(b->wanted, "guests", b->conf.arms, join_arm_names, sizeof(join_arm_names[0]), JOIN_ARM_COUNT, why);
}

static int perform(void *bench, const struct trial *c, struct why *why)
{
	struct bench *b = bench;
	int rc;

	snprintf(b->guestclock, sizeof(b->guestclock), "%s", b->conf.guestclock ?: c->takt);
	if (!b->conf.guestclock)
		snprintf(strrchr(b->guestclock, '/'), 32, "/tests/guest/guestclock");
	if (access(b->guestclock, X_OK))
		return why_fail(why, ENOENT, "%.200s is not there: build it (make build/tests/guest/guestclock), or say where it is with --guestclock", b->guestclock);
	b->at = (struct join_arm_conf){.set = c->set, .takt = c->takt, .taktd = c->taktd, .guestclock = b->guestclock, .dir = c->dir,
				       .worker_cpu = c->worker_cpu, .other_cpu = c->other_cpu, .span_ns = b->conf.span_ns, .rate = b->conf.rate};
	lines_begin(&b->out, b->conf.all.json);
	rc = lines_end(&b->out, run_all(b, why), why);
	return rc ?: b->bad ? CMD_FAILED : CMD_OK;
}

static void fini(void *bench)
{
	free(((struct bench *)bench)->bound);
}

int join_bench_run(const struct cmd *self, int argc, char **argv)
{
	static const struct trial_bench bench = {.name = "join", .size = sizeof(struct bench), .choose = choose, .perform = perform, .fini = fini};

	return trial_run(&bench, self, argc, argv);
}
