/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/overhead_probes.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/trial.h"
#include "bench/lines.h"

const struct overhead_set overhead_sets[] = {
	{"path", false, "takt path -f -j -n %s", "all records are read, a millisecond after they were made"},
	{"host", false, "takt host -f -j -n %s", "runs, waits and interrupts of the worker and of whom the guest is"},
	{"guest", true, "takt guest -o /dev/null", "each frame's edges in the guest's kernel"},
	{0},
};

int overhead_probes_choose(struct overhead_probes *p, const char *list, struct why *why)
{
	return trial_pick(p->wanted, "probes", list, overhead_sets, sizeof(overhead_sets[0]), sizeof(overhead_sets) / sizeof(overhead_sets[0]) - 1, why);
}

static const struct {
	const char *name;
	bool stay;
	double quantile;
} figures[OVERHEAD_FIGURES] = {
	[OVERHEAD_P50] = {"p50", false, .5},
	[OVERHEAD_P99] = {"p99", false, .99},
	[OVERHEAD_STAY_P50] = {"stay_p50", true, .5},
	[OVERHEAD_STAY_P99] = {"stay_p99", true, .99},
};

static double figure(const struct overhead_stretch *s, int f)
{
	return (double)hist_quantile(figures[f].stay ? &s->stay : &s->way, figures[f].quantile);
}

/* Another pair: with, and the mean of what was without before and after. */
static void add(struct overhead_series *x, const struct overhead_stretch *with, const struct overhead_stretch *a, const struct overhead_stretch *b)
{
	int f;

	for (f = 0; f < OVERHEAD_FIGURES && x->n < OVERHEAD_PROBE_ROUNDS; f++) {
		x->with[f][x->n] = figure(with, f);
		x->without[f][x->n] = (figure(a, f) + figure(b, f)) / 2;
	}
	x->n++;
}

static int measure(struct overhead_probes *p, struct overhead_way *w, const struct overhead_set *set, struct overhead_stretch *s, struct why *why)
{
	int rc = overhead_way_measure(w, set, s, why);

	if (rc)
		return rc;
	p->sent += s->sent;
	p->lost += s->lost;
	p->unread += s->unread;
	fprintf(stderr, "probes: %-5s %6.1f us there and back (p99 %.1f), stays %.1f us (p99 %.1f)\n", set ? set->name : "none",
		(double)hist_quantile(&s->way, .5) / 1e3, (double)hist_quantile(&s->way, .99) / 1e3, (double)hist_quantile(&s->stay, .5) / 1e3,
		(double)hist_quantile(&s->stay, .99) / 1e3);
	return 0;
}

/* A set that does not run here costs nothing and tells nothing: it is left out, not told as 0. */
static int leave_out(struct overhead_probes *p, const struct overhead_set *set, int rc, const struct why *why)
{
	if (rc != -ENODATA)
		return rc;
	p->wanted[set - overhead_sets] = false;
	p->set[set - overhead_sets].why = *why;
	fprintf(stderr, "probes: %s is not measured: %s\n", set->name, why->text);
	return 0;
}

static int round_on_host(struct overhead_probes *p, struct overhead_way *w, struct overhead_stretch *none, struct why *why)
{
	const struct overhead_set *set;
	struct overhead_stretch before, with;
	int rc;

	rc = measure(p, w, NULL, none, why);
	for (set = overhead_sets; set->name && !rc; set++) {
		if (set->in_guest || !p->wanted[set - overhead_sets])
			continue;
		before = *none;
		rc = measure(p, w, set, &with, why);
		if (rc) {
			rc = leave_out(p, set, rc, why);
			continue;
		}
		rc = measure(p, w, NULL, none, why);
		if (!rc) {
			add(&p->set[set - overhead_sets], &with, &before, none);
			add(&p->none, none, &before, &before);
		}
	}
	return rc;
}

int overhead_probes_round(struct overhead_probes *p, struct overhead_way *w, struct why *why)
{
	const struct overhead_set *set;
	struct overhead_stretch none, with;
	int rc;

	rc = overhead_way_boot(w, NULL, why) ?: round_on_host(p, w, &none, why);
	overhead_way_halt(w);
	for (set = overhead_sets; set->name && !rc; set++) {
		if (!set->in_guest || !p->wanted[set - overhead_sets])
			continue;
		rc = overhead_way_boot(w, set, why) ?: overhead_way_measure(w, NULL, &with, why);
		overhead_way_halt(w);
		if (rc) {
			rc = leave_out(p, set, rc, why);
			continue;
		}
		p->sent += with.sent;
		p->lost += with.lost;
		p->unread += with.unread;
		fprintf(stderr, "probes: %-5s %6.1f us there and back (p99 %.1f)\n", set->name, (double)hist_quantile(&with.way, .5) / 1e3,
			(double)hist_quantile(&with.way, .99) / 1e3);
		add(&p->set[set - overhead_sets], &with, &none, &none);
	}
	return rc;
}

/* -- lines --------------------------------------------------------------------------------------------------------- */

/* The floor: by how much none differs from none beside it, whatever the sign. */
static double floor_of(const struct overhead_series *none, int f)
{
	double d[OVERHEAD_PROBE_ROUNDS];
	int i;

	for (i = 0; i < none->n && i < OVERHEAD_PROBE_ROUNDS; i++)
		d[i] = fabs(none->with[f][i] - none->without[f][i]);
	return i ? lines_median(d, i) : 0;
}

static void tell_set(struct overhead_series *x, const struct overhead_series *none, const char *set, struct out *o)
{
	double added[OVERHEAD_PROBE_ROUNDS], ratio[OVERHEAD_PROBE_ROUNDS], peer, mid, floor;
	char name[64];
	int f, i;

	for (f = 0; f < OVERHEAD_FIGURES; f++) {
		for (i = 0; i < x->n; i++) {
			added[i] = x->with[f][i] - x->without[f][i];
			ratio[i] = x->with[f][i] / x->without[f][i];
		}
		peer = lines_median(x->without[f], x->n);
		mid = lines_median(ratio, x->n);
		floor = floor_of(none, f);
		snprintf(name, sizeof(name), "overhead_%s_%s_ns", set, figures[f].name);
		lines_put(o, name, lines_median(x->with[f], x->n), "ns", &peer, &mid);
		snprintf(name, sizeof(name), "overhead_%s_added_%s_ns", set, figures[f].name);
		lines_put(o, name, lines_median(added, x->n), "ns", none->n ? &floor : NULL, NULL);
	}
}

bool overhead_probes_tell(struct overhead_probes *p, struct out *o)
{
	const struct overhead_set *set;

	for (set = overhead_sets; set->name; set++)
		if (p->set[set - overhead_sets].n)
			tell_set(&p->set[set - overhead_sets], &p->none, set->name, o);
	lines_value(o, "overhead_pings", (double)p->sent, "pings");
	lines_value(o, "overhead_lost", (double)p->lost, "pings");
	lines_value(o, "overhead_unread", (double)p->unread, "records");
	return p->unread;
}
