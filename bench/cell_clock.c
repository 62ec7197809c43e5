/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cell_clock.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/ns.h"

#define TRIES 16	/* of ours: the narrowest counts */

void clock_looks_take(struct clock_looks *l)
{
	if (l->n < CLOCK_LOOKS)
		l->look[l->n++] = tsc_look(CLOCK_TAI, TRIES);
}

void clock_looks_fill(struct clock_looks *l)
{
	for (l->n = 0; l->n < CLOCK_LOOKS_EACH; l->n++)
		l->look[l->n] = tsc_look(CLOCK_TAI, 1);
}

void clock_looks_print(FILE *f, const struct clock_looks *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		fprintf(f, "%" PRIu64 " %" PRIu64 " %" PRId64 "\n", l->look[i].before, l->look[i].after, l->look[i].t);
}

int clock_looks_read(struct clock_looks *l, const char *path, struct why *why)
{
	FILE *f = fopen(path, "re");
	size_t before = l->n;
	char line[128];

	if (!f)
		return why_fail(why, EINVAL, "the guest left no looks at its clock: %s: %s", path, strerror(errno));
	while (l->n < CLOCK_LOOKS && fgets(line, sizeof(line), f)) {
		struct tsc_look *k = &l->look[l->n];

		l->n += sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNd64, &k->before, &k->after, &k->t) == 3 && k->after >= k->before;
	}
	fclose(f);
	return l->n > before ? 0 : why_fail(why, EINVAL, "%s: no look at a clock in it", path);
}

/* -- our clock at a tick ------------------------------------------------------------------------------------------- */

static double middle(const struct tsc_look *l)
{
	return (double)l->before + (double)(l->after - l->before) / 2;
}

/* Ours at tick x: *at, off by *bound at most. By the look that is nearest. */
static void ours_at(const struct clock_looks *o, double ns_per_tick, uint64_t x, int64_t *at, int64_t *bound)
{
	const struct tsc_look *near = &o->look[0];
	size_t i;

	for (i = 1; i < o->n; i++)
		if (fabs((double)x - middle(&o->look[i])) < fabs((double)x - middle(near)))
			near = &o->look[i];
	*at = near->t + llround(((double)x - middle(near)) * ns_per_tick);
	*bound = (int64_t)ceil((double)(near->after - near->before) / 2 * ns_per_tick) + 1;
}

int clock_fit(struct clock_fit *out, const struct clock_looks *guest, const struct clock_looks *ours, struct why *why)
{
	const struct tsc_look *first = &ours->look[0], *last = &ours->look[ours->n ? ours->n - 1 : 0];
	int64_t lo = INT64_MIN, hi = INT64_MAX, at, bound;
	double ns_per_tick;
	size_t i;

	if (!guest->n || ours->n < 2 || middle(last) <= middle(first) || last->t <= first->t)
		return why_fail(why, EINVAL, "the clocks of the guest and of the host were not looked at");
	ns_per_tick = (double)(last->t - first->t) / (middle(last) - middle(first));
	for (i = 0; i < guest->n; i++) {
		const struct tsc_look *g = &guest->look[i];

		ours_at(ours, ns_per_tick, g->after, &at, &bound);
		if (g->t - at - bound > lo)
			lo = g->t - at - bound;
		ours_at(ours, ns_per_tick, g->before, &at, &bound);
		if (g->t - at + bound < hi)
			hi = g->t - at + bound;
	}
	if (lo > hi)
		return why_fail(why, EINVAL, "the guest's clock was stepped against the host's: by %" PRId64 " ns or more", lo - hi);
	*out = (struct clock_fit){.offset_ns = lo + (hi - lo) / 2, .bound_ns = (hi - lo + 1) / 2};
	return 0;
}

int clock_take_over(const struct clock_looks *ours, struct why *why)
{
	struct clock_looks *guest = malloc(sizeof(*guest));
	struct clock_fit fit;
	struct timex tx = {.modes = ADJ_SETOFFSET | ADJ_NANO};
	int rc;

	if (!guest)
		return why_fail(why, ENOMEM, "out of memory");
	clock_looks_fill(guest);
	rc = clock_fit(&fit, guest, ours, why);
	free(guest);
	if (rc)
		return rc;
	tx.time.tv_sec = -fit.offset_ns / NS_PER_SEC;
	tx.time.tv_usec = -fit.offset_ns % NS_PER_SEC;	/* ns, by ADJ_NANO; never negative */
	if (tx.time.tv_usec < 0) {
		tx.time.tv_sec--;
		tx.time.tv_usec += NS_PER_SEC;
	}
	return clock_adjtime(CLOCK_REALTIME, &tx) < 0 ? why_fail(why, errno, "the clock cannot be stepped: %s", strerror(errno)) : 0;
}
