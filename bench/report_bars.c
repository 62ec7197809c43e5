/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Of what: hops of frames in the middle and of the slowest, and what the slowest were waiting for.
 */
#include "bench/report_draw.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define MAX_BARS   30		/* groups */
#define MAX_HOPS   11
#define MAX_CAUSES 8		/* the last of them is all others */
#define ELSEWHERE  "outside of taktd"
#define GREY	   "#b8b8b8"

static const char *const colours[] = {
	"#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000", "#B8A800", "#7A4FA3", "#8C564B", "#2CA089",
};

/* -- hops ---------------------------------------------------------------------------------------------------------- */

enum { MIDDLE, TAIL, SIDES };

struct hops {
	char name[MAX_HOPS][16];
	size_t n;
	double ns[SIDES][MAX_BARS][MAX_HOPS + 1];	/* sums, then means; the last is what no hop has */
	size_t frames[SIDES][MAX_BARS];
};

static bool has_hops(const struct report_group *g)
{
	size_t i;

	for (i = 0; i < g->n_cells; i++)
		if (g->cell[i]->n_hops)
			return true;
	return false;
}

static size_t hop_index(struct hops *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->n && strcmp(h->name[i], name); i++)
		;
	if (i == h->n && h->n < MAX_HOPS)
		snprintf(h->name[h->n++], sizeof(h->name[0]), "%s", name);
	return i;
}

/* Which frames are of which side, by number: 0 neither, 1 + side. */
static uint8_t *sides_of(struct hops *h, size_t bar, const struct report_group *g, const struct result_cell *cell, enum result_kind kind, size_t *most)
{
	int64_t low = g->ns[(size_t)((double)(g->n - 1) * .45)], high = g->ns[(size_t)((double)(g->n - 1) * .55)], slow = g->ns[(size_t)((double)(g->n - 1) * .99)], *ns = NULL;
	uint32_t *seqid = NULL;
	uint8_t *side = NULL;
	size_t n = 0, i;

	if (result_latency(cell, kind, &ns, &seqid, &n))
		return NULL;
	for (i = *most = 0; i < n; i++)
		*most = seqid[i] > *most ? seqid[i] : *most;
	side = calloc(*most + 1, 1);
	for (i = 0; side && i < n; i++) {
		int s = ns[i] >= slow ? TAIL : ns[i] >= low && ns[i] <= high ? MIDDLE : SIDES;

		if (s == SIDES)
			continue;
		side[seqid[i]] = (uint8_t)(1 + s);
		h->ns[s][bar][MAX_HOPS] += (double)ns[i];
		h->frames[s][bar]++;
	}
	free(ns);
	free(seqid);
	return side;
}

static int add_hops(struct hops *h, size_t bar, const struct report_group *g, const struct result_cell *cell, enum result_kind kind)
{
	size_t most, k, i, at;
	uint8_t *side;

	if (!cell->n_hops)
		return 0;
	side = sides_of(h, bar, g, cell, kind, &most);
	if (!side)
		return -ENOMEM;
	for (k = 0; k < cell->n_hops; k++) {
		const struct result_hop *x = &cell->hop[k];

		at = hop_index(h, x->name);
		for (i = 0; at < MAX_HOPS && i < x->n; i++)
			if (x->seqid[i] <= most && side[x->seqid[i]])
				h->ns[side[x->seqid[i]] - 1][bar][at] += (double)x->ns[i];
	}
	free(side);
	return 0;
}

/* Hops that nobody spent time in leave no room for the others. */
static void drop_empty(struct hops *h, size_t bars)
{
	size_t k, b, kept = 0;
	double sum;

	for (k = 0; k < h->n; k++) {
		for (b = 0, sum = 0; b < bars; b++)
			sum += h->ns[MIDDLE][b][k] + h->ns[TAIL][b][k];
		if (sum <= 0)
			continue;
		memmove(h->name[kept], h->name[k], sizeof(h->name[0]));
		for (b = 0; b < bars; b++) {
			h->ns[MIDDLE][b][kept] = h->ns[MIDDLE][b][k];
			h->ns[TAIL][b][kept] = h->ns[TAIL][b][k];
		}
		kept++;
	}
	h->n = kept;
}

/* Means, as edges of bars in us: of each hop from and to. Returns the end of the longest. */
static double write_side(FILE *dat, struct hops *h, int side, size_t bars)
{
	double at, end, longest = 0, rest;
	size_t b, k;

	fprintf(dat, "%s# %s: bar, then from and to of each hop, us\n", side ? "\n\n" : "", side ? "the slowest 1 %" : "p45 to p55");
	for (b = 0; b < bars; b++) {
		double n = h->frames[side][b] ? (double)h->frames[side][b] * 1e3 : 1;

		fprintf(dat, "%zu", b + 1);
		rest = h->ns[side][b][MAX_HOPS] / n;
		for (k = 0, at = 0; k < h->n; k++, at = end) {
			end = at + h->ns[side][b][k] / n;
			fprintf(dat, " %.4g %.4g", at, end);
		}
		end = rest > at ? rest : at;
		fprintf(dat, " %.4g %.4g\n", at, end);
		longest = end > longest ? end : longest;
	}
	return longest;
}

int report_hops(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_BARS], n = report_select(rep, has_hops, MAX_BARS, chosen, c->note), b, i;
	struct hops *h = calloc(1, sizeof(*h));
	const char *names[MAX_HOPS + 1];
	double most[SIDES];
	int rc = h ? 0 : -ENOMEM;

	if (!n)
		snprintf(c->note, REPORT_NOTE_LEN, "only taktd tells the parts of a frame's stay, and no cell with it has them");
	for (b = 0; b < n && !rc; b++)
		for (i = 0; i < rep->group[chosen[b]].n_cells && !rc; i++)
			rc = add_hops(h, b, &rep->group[chosen[b]], rep->group[chosen[b]].cell[i], rep->kind);
	if (!rc && n) {
		drop_empty(h, n);
		most[MIDDLE] = write_side(c->dat, h, MIDDLE, n);
		most[TAIL] = write_side(c->dat, h, TAIL, n);
		for (i = 0; i < h->n; i++)
			names[i] = h->name[i];
		names[h->n] = ELSEWHERE;
		fprintf(c->gp, "n = %zu\nhops = %zu\nmost_median = %.4g\nmost_tail = %.4g\nleft = %.3f\n", n, h->n + 1, most[MIDDLE] > 0 ? most[MIDDLE] : 1,
			most[TAIL] > 0 ? most[TAIL] : 1, report_gp_left(rep, chosen, n, 1000));
		report_gp_groups(c, "name", chosen, n, 44);
		report_gp_names(c->gp, "legend", names, h->n + 1, 20);
		for (i = 0; i < h->n; i++)
			names[i] = colours[i];
		names[h->n] = GREY;
		report_gp_names(c->gp, "hop_colour", names, h->n + 1, 20);
	}
	free(h);
	return rc ?: !n;
}

/* -- causes -------------------------------------------------------------------------------------------------------- */

struct causes {
	struct cause_sum { char name[32]; double ns; } cause[64];
	size_t n;
};

static bool has_blame(const struct report_group *g)
{
	size_t i;

	for (i = 0; i < g->n_cells; i++)
		if (json_integer_value(json_object_get(g->cell[i]->blame, "excess_ns")) > 0)
			return true;
	return false;
}

static double add_causes(struct causes *all, const struct report_group *g)
{
	const json_t *row;
	double excess = 0;
	size_t i, k, at;

	for (i = 0; i < g->n_cells; i++) {
		excess += (double)json_integer_value(json_object_get(g->cell[i]->blame, "excess_ns"));
		json_array_foreach(json_object_get(g->cell[i]->blame, "causes"), k, row) {
			const char *name = json_string_value(json_object_get(row, "cause"));

			for (at = 0; name && at < all->n && strcmp(all->cause[at].name, name); at++)
				;
			if (!name || strlen(name) >= sizeof(all->cause[0].name) || at == sizeof(all->cause) / sizeof(all->cause[0]))
				continue;
			if (at == all->n)
				strcpy(all->cause[all->n++].name, name);
			all->cause[at].ns += (double)json_integer_value(json_object_get(row, "total_ns"));
		}
	}
	return excess;
}

static int by_ns(const void *a, const void *b)
{
	double x = ((const struct cause_sum *)a)->ns, y = ((const struct cause_sum *)b)->ns;

	return (x < y) - (x > y);
}

static double ns_of(const struct causes *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->cause[i].name, name))
			return c->cause[i].ns;
	return 0;
}

int report_causes(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_BARS], n = report_select(rep, has_blame, MAX_BARS, chosen, c->note), b, k, shown;
	struct causes *all = calloc(1, sizeof(*all)), *one = calloc(1, sizeof(*one));
	const char *names[MAX_CAUSES], *paint[MAX_CAUSES];
	char text[NS_STR_LEN];
	double excess, at, end;

	if (!n || !all || !one) {
		snprintf(c->note, REPORT_NOTE_LEN, "takt blame watches taktd, and of no cell with it there is a late frame that it was asked about");
		free(all);
		free(one);
		return n ? -ENOMEM : 1;
	}
	for (b = 0; b < n; b++)
		add_causes(all, &rep->group[chosen[b]]);
	qsort(all->cause, all->n, sizeof(all->cause[0]), by_ns);
	shown = all->n < MAX_CAUSES ? all->n : MAX_CAUSES - 1;
	for (k = 0; k < shown; k++) {
		names[k] = all->cause[k].name;
		paint[k] = strcmp(names[k], "unknown") ? colours[k] : GREY;
	}
	names[shown] = "all others";
	paint[shown] = "#e4e4e4";
	fprintf(c->gp, "n = %zu\ncauses = %zu\nleft = %.3f\narray excess[%zu]\n", n, shown + (shown < all->n), report_gp_left(rep, chosen, n, 1000), n);
	fprintf(c->dat, "# bar, then from and to of each cause, percent\n");
	for (b = 0; b < n; b++) {
		memset(one, 0, sizeof(*one));
		excess = add_causes(one, &rep->group[chosen[b]]);
		fprintf(c->gp, "excess[%zu] = '%s'\n", b + 1, ns_str(text, (int64_t)excess));
		fprintf(c->dat, "%zu", b + 1);
		for (k = 0, at = 0; k < shown; k++, at = end) {
			end = at + 100 * ns_of(one, names[k]) / excess;
			fprintf(c->dat, " %.3f %.3f", at, end);
		}
		fprintf(c->dat, " %.3f %.3f\n", at, at < 100 ? 100.0 : at);
	}
	report_gp_groups(c, "name", chosen, n, 44);
	report_gp_names(c->gp, "legend", names, shown + (shown < all->n), 24);
	report_gp_names(c->gp, "cause_colour", paint, shown + (shown < all->n), 24);
	free(all);
	free(one);
	return 0;
}
