/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/out.h"
#include "bench/join_arm.h"
#include "bench/lines.h"

#define FEWEST 50	/* instants of an arm: less than that says nothing */

struct conf {
	const char *taktd, *guestclock, *arms;
	int64_t span_ns, rate, cpu;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt join_opts[] = {
	{ "span", 's', OPT_NS, AT(span_ns), "TIME", "8s", 2 * NS_PER_SEC, 600 * NS_PER_SEC, "record each guest for TIME" },
	{ "rate", 'r', OPT_INT, AT(rate), "PPS", "500", 0, 20000, "frames per second, each way" },
	{ "guests", 'g', OPT_STR, AT(arms), "LIST", "uml,qemu,namespace", 0, 0, "which, separated by commas" },
	{ "cpu", 0, OPT_INT, AT(cpu), "N", "1", 0, 1023, "CPU of taktd's worker; its other threads are on the one before it, or on CPU 1" },
	{ "taktd", 0, OPT_STR, AT(taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)" },
	{ "guestclock", 0, OPT_STR, AT(guestclock), "FILE", NULL, 0, 0, "what looks at a guest's clock (default: tests/guest/guestclock beside this program)" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the result as JSON" },
	OPT_END
};
#undef AT

const char join_examples[] =
	"  takt bench join                      a minute; lines of name, value, unit\n"
	"  takt bench join -g uml -s 30s && echo the bound held      status 1: it did not, at some instant\n";

struct bench {
	struct conf conf;
	struct join_arm_conf at;
	char takt[PATH_MAX], taktd[PATH_MAX], guestclock[PATH_MAX + 32], dir[40];
	struct out out;
	double *bound;		/* of all instants of all arms */
	int n;
	uint64_t held;
	bool bad;
};

static int by_value(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static double quantile(double *v, int n, double q)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return v[(int)((n - 1) * q)];
}

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
	line(b, arm, "bound_ns", quantile(bound, (int)r->n, 0.5), "ns");
	line(b, arm, "bound_p99_ns", quantile(bound, (int)r->n, 0.99), "ns");
	line(b, arm, "hold_pct", 100.0 * (double)held / (double)r->n, "%");
	line(b, arm, "samples", (double)r->n, "instants");
	line(b, arm, "unknown", (double)r->unknown, "instants");
	line(b, arm, "off_max_ns", worst, "ns");
	line(b, arm, "truth_ns", quantile(width, (int)r->n, 0.5), "ns");
	line(b, arm, "rate_ppm", r->rate_ppm, "ppm");
	fprintf(stderr, "%s: joined %s; at %" PRIu64 " of %zu instants the truth was within the bound\n", arm, r->joined, held, r->n);
	free(bound);
	free(width);
	return 0;
}

static bool is_wanted(const struct conf *c, const char *arm)
{
	const char *s = c->arms;
	size_t len;

	for (; *s; s += len + (s[len] == ',')) {
		len = strcspn(s, ",");
		if (len == strlen(arm) && !strncmp(s, arm, len))
			return true;
	}
	return false;
}

static int run_all(struct bench *b, struct why *why)
{
	struct join_arm_result r;
	int i, rc = 0;

	for (i = 0; i < JOIN_ARM_COUNT && !rc; i++) {
		if (!is_wanted(&b->conf, join_arm_names[i]))
			continue;
		rc = join_arm_run(&r, &b->at, (enum join_arm)i, why) ?: judge(b, join_arm_names[i], &r, why);
		join_arm_fini(&r);
		if (rc && rc != -EINTR)
			why_at(why, "%s", join_arm_names[i]);
	}
	if (rc || !b->n)
		return rc ?: why_fail(why, EINVAL, "--guests: there is none: choose from uml, qemu, namespace");
	line(b, "", "bound_ns", quantile(b->bound, b->n, 0.5), "ns");
	line(b, "", "bound_p99_ns", quantile(b->bound, b->n, 0.99), "ns");
	line(b, "", "hold_pct", 100.0 * (double)b->held / b->n, "%");
	return 0;
}

static int choose(struct bench *b, struct why *why)
{
	ssize_t n = readlink("/proc/self/exe", b->takt, sizeof(b->takt) - 1);
	int rc = daemon_find(b->taktd, sizeof(b->taktd), "taktd", b->conf.taktd, "taktd", why);

	if (rc)
		return rc;
	if (n < 0)
		return why_fail(why, errno, "/proc/self/exe: %s", strerror(errno));
	if (geteuid())
		return why_fail(why, EPERM, "network namespaces are root's to make: run this as root");
	snprintf(b->guestclock, sizeof(b->guestclock), "%s", b->conf.guestclock ?: b->takt);
	if (!b->conf.guestclock)
		snprintf(strrchr(b->guestclock, '/'), 32, "/tests/guest/guestclock");
	if (access(b->guestclock, X_OK))
		return why_fail(why, ENOENT, "%.200s is not there: build it (make build/tests/guest/guestclock), or say where it is with --guestclock", b->guestclock);
	b->at = (struct join_arm_conf){.takt = b->takt, .taktd = b->taktd, .guestclock = b->guestclock, .dir = b->dir, .worker_cpu = (int)b->conf.cpu,
				       .other_cpu = b->conf.cpu ? (int)b->conf.cpu - 1 : 1, .span_ns = b->conf.span_ns, .rate = b->conf.rate};
	return 0;
}

static int perform(struct bench *b, struct why *why)
{
	int rc;

	snprintf(b->dir, sizeof(b->dir), "/tmp/takt-join-XXXXXX");
	if (!mkdtemp(b->dir)) {
		b->dir[0] = '\0';
		return why_fail(why, errno, "cannot make a folder in /tmp: %s", strerror(errno));
	}
	out_init(&b->out, stdout, b->conf.json);
	out_array(&b->out, NULL);
	rc = run_all(b, why);
	out_end(&b->out);
	rc = rc ?: out_fini(&b->out);
	rmdir(b->dir);
	return rc;
}

int join_bench_run(const struct cmd *self, int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct why why = {""};
	int status = CMD_OK, rc;

	if (!b)
		return CMD_FAILED;
	if (cmd_options(self, &b->conf, argc, argv, 0, 0, &status) < 0)
		goto out;
	rc = choose(b, &why) ?: procs_create(&b->at.set, &why);
	rc = rc ?: perform(b, &why);
	if (rc)
		status = rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	else
		status = b->bad ? CMD_FAILED : CMD_OK;
	if (rc == -EINTR)
		fprintf(stderr, "interrupted; cleaned up\n");
	status = b->at.set ? procs_exit(b->at.set, status) : status;
out:
	procs_destroy(b->at.set);
	free(b->bound);
	free(b);
	return status;
}
