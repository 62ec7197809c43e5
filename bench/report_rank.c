/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Best and worst. Who misses more frames (lost, or later than the deadline) than another is not best, however fast the others of its frames are. Of those who do not, a quantile ranks, of all frames that
 * should have come: who delivers few of them soon is not fast.
 */
#include "bench/report_pvt.h"

#include "base/ns.h"

/* Is the quantile one of the lost? Of nothing it is. */
static bool is_lossy(const struct report_group *g, int step)
{
	size_t n = g->n + g->gone;

	return !n || quant_rank(n, quant_steps[step].p) > g->n;
}

/* The highest step up to p99.9 that all who are ranked can tell, but for those that lost too much for it anyway. Without any: that the floor can tell. */
static int common_step(const struct report *rep)
{
	size_t g, told, ranked;
	int s;

	for (g = ranked = 0; g < rep->n_groups; g++)
		ranked += report_ranks(&rep->group[g]);
	for (s = QUANT_P999; s >= 0; s--) {
		for (g = told = 0; g < rep->n_groups; g++) {
			if ((ranked && !report_ranks(&rep->group[g])) || is_lossy(&rep->group[g], s))
				continue;
			if (!rep->group[g].q[s].known)
				break;
			told++;
		}
		if (g == rep->n_groups && told)
			return s;
	}
	return -1;
}

/* By rank, from 1; the lost are behind all others. */
static int64_t at(const struct report_group *g, size_t rank)
{
	return rank <= g->n ? g->ns[rank - 1] : NS_NEVER;
}

static void tell(struct report_group *g, int step)
{
	size_t n = g->n + g->gone, lower, upper;
	double p = quant_steps[step].p;

	g->step = step;
	g->lossy = is_lossy(g, step);
	g->told = (struct quant){.p = p, .known = quant_ranks(n, p, QUANT_CONFIDENCE, &lower, &upper), .ns = at(g, quant_rank(n, p))};
	if (!g->told.known)
		return;
	g->told.lower_ns = at(g, lower);
	g->told.upper_ns = at(g, upper);
	between_widen(&g->between, &g->told, step, QUANT_CONFIDENCE);
}

double report_rank_of(const struct report_group *g)
{
	return g->careless ? 1e40 * (g->missed.n ? g->missed.share : g->lost_of.share) : g->lossy ? 1e30 * g->lost_of.share : (double)g->told.ns;
}

/* Repetitions that say nothing of how they differ. */
static bool is_vague(const struct report_group *g, int step)
{
	return g->n_cells > 1 && g->by_frames >> step & 1;
}

/* By more than chance, and in each repetition more than in any of the other's: misses come in bursts, and of a burst each frame would count. */
static bool misses_more(const struct report_group *g, const struct report_group *than)
{
	if (g->missed_least <= than->missed_most)
		return false;
	return g->missed.n && than->missed.n ? g->missed.lower > than->missed.upper : g->lost_of.lower > than->lost_of.upper;
}

/* Those of a condition that are ranked, by index from *i on; NULL: no more. */
static struct report_group *next(const struct report *rep, size_t cond, size_t *i)
{
	while (*i < rep->n_groups) {
		struct report_group *g = &rep->group[(*i)++];

		if (g->cond == cond && report_ranks(g))
			return g;
	}
	return NULL;
}

static void find_careless(const struct report *rep, size_t cond)
{
	struct report_group *g, *than;
	size_t i, k;

	for (i = 0; (g = next(rep, cond, &i));)
		for (k = 0; (than = next(rep, cond, &k));)
			g->careless |= misses_more(g, than);
}

/* Where all who do not miss more than another are lossy at the report's step, a lower one tells who of them is the fastest. */
static int step_of(const struct report *rep, size_t cond)
{
	struct report_group *g;
	size_t i;
	int s;

	for (s = rep->rank; s >= 0; s--)
		for (i = 0; (g = next(rep, cond, &i));)
			if (!g->careless && !is_lossy(g, s) && g->q[s].known)
				return s;
	return rep->rank;
}

static void judge(const struct report *rep, struct report_group *best)
{
	struct report_group *g;
	size_t i;

	best->best = true;
	best->sure = !is_vague(best, best->step);
	for (i = 0; (g = next(rep, best->cond, &i));)
		if (g != best && !g->careless && !g->lossy && (g->told.lower_ns <= best->told.upper_ns || is_vague(g, g->step)))
			best->sure = false;
}

static void mark(struct report *rep, size_t cond)
{
	struct report_group *g, *best = NULL, *worst = NULL;
	size_t i;
	int step;

	find_careless(rep, cond);
	step = step_of(rep, cond);
	for (i = 0; (g = next(rep, cond, &i));) {
		tell(g, step);
		best = !best || report_rank_of(g) < report_rank_of(best) ? g : best;
		worst = !worst || report_rank_of(g) > report_rank_of(worst) ? g : worst;
	}
	if (!best || report_rank_of(best) == report_rank_of(worst))
		return;
	worst->worst = true;
	if (!best->lossy)
		judge(rep, best);
}

void report_rank(struct report *rep)
{
	size_t i;

	rep->rank = common_step(rep);
	for (i = 0; i < rep->n_conds && rep->rank >= 0; i++)
		mark(rep, i);
}
