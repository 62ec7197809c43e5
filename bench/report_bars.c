/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Of what: hops of frames in the middle and of the slowest, and what the slowest were waiting for.
 */
#include "bench/report_draw.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vnet/pkt.h"

#define MAX_BARS   40		/* groups */
#define BAR_PX	   24.0
#define MAX_HOPS   16		/* there and back */
#define MAX_CAUSES 8		/* the last of them is all others */
#define ELSEWHERE  "outside of taktd"
#define GREY	   "#b8b8b8"

/* Colours of parts (Paul Tol's muted ones, for any colour vision): none of them is a set-up's. */
static const char *const colours[] = {
	"#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDCC77", "#CC6677", "#882255", "#AA4499", "#7F7F7F", "#664422",
};

/* Rows for bars, one of each group. */
static void bars_head(struct report_canvas *c, size_t *chosen, size_t n)
{
	double high[MAX_BARS], middle[MAX_BARS];
	size_t i;

	for (i = 0; i < n; i++)
		high[i] = BAR_PX;
	report_gp_rows(c, chosen, n, high, middle);
}

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

/* Means, as edges of bars in us: of each hop from and to. And the latency of each bar, which its parts may exceed. */
static void write_side(struct report_canvas *c, struct hops *h, int side, size_t bars)
{
	double at, end, whole[MAX_BARS];
	size_t b, k;

	fprintf(c->dat, "%s# %s: bar, then from and to of each hop, us\n", side ? "\n\n" : "", side ? "the slowest 1 %" : "p45 to p55");
	for (b = 0; b < bars; b++) {
		double n = h->frames[side][b] ? (double)h->frames[side][b] * 1e3 : 1;

		fprintf(c->dat, "%zu", b + 1);
		whole[b] = h->ns[side][b][MAX_HOPS] / n;
		for (k = 0, at = 0; k < h->n; k++, at = end) {
			end = at + h->ns[side][b][k] / n;
			fprintf(c->dat, " %.4g %.4g", at, end);
		}
		fprintf(c->dat, " %.4g %.4g\n", at, whole[b] > at ? whole[b] : at);
	}
	fprintf(c->gp, "array %s_ns[%zu] = [", side ? "tail" : "middle", bars);
	for (b = 0; b < bars; b++)
		fprintf(c->gp, "%s%.4g", b ? ", " : "", whole[b] * 1e3);
	fprintf(c->gp, "]\n");
}

static const struct { const char *name, *help; } hops[] = {
#define X(id, name, help) { name, help },
	PKT_HOPS(X)
#undef X
};

#define BACK "back."	/* of a round trip, the way back */

static bool is_back(const char *hop)
{
	return !strncmp(hop, BACK, strlen(BACK));
}

/* A hop has one colour, whatever else is drawn; on the way back it is paler. */
static const char *hop_colour(const char *hop, char buf[static 8])
{
	unsigned int rgb[3];
	size_t i, k;

	for (i = 0; i < HOP_COUNT && strcmp(hops[i].name, is_back(hop) ? hop + strlen(BACK) : hop); i++)
		;
	sscanf(colours[i < sizeof(colours) / sizeof(colours[0]) ? i : 0], "#%2x%2x%2x", &rgb[0], &rgb[1], &rgb[2]);
	for (k = 0; k < 3 && is_back(hop); k++)
		rgb[k] = (rgb[k] + 255) / 2;
	snprintf(buf, 8, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
	return buf;
}

/* What hops are, of those that are drawn. */
static void note_hops(struct report_canvas *c, const struct hops *h)
{
	size_t i, k, len, told = 0;

	for (i = 0; i < HOP_COUNT; i++) {
		for (k = 0; k < h->n && strcmp(h->name[k], hops[i].name); k++)
			;
		len = strlen(c->note);
		if (k < h->n)
			snprintf(c->note + len, REPORT_NOTE_LEN - len, "%s%s: %s", told++ ? "; " : len ? " Hops: " : "Hops: ", hops[i].name, hops[i].help);
	}
	for (k = 0; k < h->n && !is_back(h->name[k]); k++)
		;
	len = strlen(c->note);
	snprintf(c->note + len, REPORT_NOTE_LEN - len, "%s%s", k < h->n ? "; back: the same of a round trip's way back" : "", told ? "." : "");
}

int report_hops(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_BARS], n = report_select(rep, has_hops, MAX_BARS, chosen, c->note), b, i;
	struct hops *h = calloc(1, sizeof(*h));
	const char *names[MAX_HOPS + 1];
	char paint[MAX_HOPS][8];
	int rc = h ? 0 : -ENOMEM;

	if (!n)
		snprintf(c->note, REPORT_NOTE_LEN, "only taktd tells the parts of a frame's stay, and no cell with it has them");
	report_by_cond(rep, chosen, n);
	for (b = 0; b < n && !rc; b++)
		for (i = 0; i < rep->group[chosen[b]].n_cells && !rc; i++)
			rc = add_hops(h, b, &rep->group[chosen[b]], rep->group[chosen[b]].cell[i], rep->kind);
	if (!rc && n) {
		drop_empty(h, n);
		write_side(c, h, MIDDLE, n);
		write_side(c, h, TAIL, n);
		for (i = 0; i < h->n; i++)
			names[i] = h->name[i];
		names[h->n] = ELSEWHERE;
		fprintf(c->gp, "hops = %zu\n", h->n + 1);
		bars_head(c, chosen, n);
		note_hops(c, h);
		report_gp_names(c->gp, "legend", names, h->n + 1, 20);
		for (i = 0; i < h->n; i++)
			names[i] = hop_colour(h->name[i], paint[i]);
		names[h->n] = GREY;
		report_gp_names(c->gp, "hop_colour", names, h->n + 1, 20);
	}
	free(h);
	return rc ?: !n;
}

/* -- causes -------------------------------------------------------------------------------------------------------- */

struct causes {
	struct cause_sum { char name[32]; const char *help; double ns; } cause[64];
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
			all->cause[at].help = json_string_value(json_object_get(row, "help"));
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

/* What causes are, as takt blame says. */
static void note_causes(struct report_canvas *c, const struct causes *all, size_t shown)
{
	const char *before = *c->note ? " " : "";
	size_t k, len;

	for (k = 0; k < shown; k++) {
		len = strlen(c->note);
		if (!all->cause[k].help)
			continue;
		snprintf(c->note + len, REPORT_NOTE_LEN - len, "%s%s: %.120s", before, all->cause[k].name, all->cause[k].help);
		before = "; ";
	}
	len = strlen(c->note);
	if (*before == ';')
		snprintf(c->note + len, REPORT_NOTE_LEN - len, ".");
}

int report_causes(struct report_canvas *c)
{
	const struct report *rep = c->rep;
	size_t chosen[MAX_BARS], n = report_select(rep, has_blame, MAX_BARS, chosen, c->note), b, k, shown;
	struct causes *all = calloc(1, sizeof(*all)), *one = calloc(1, sizeof(*one));
	const char *names[MAX_CAUSES], *paint[MAX_CAUSES];
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
	report_by_cond(rep, chosen, n);
	bars_head(c, chosen, n);
	note_causes(c, all, shown);
	fprintf(c->gp, "causes = %zu\narray excess_ns[%zu]\n", shown + (shown < all->n), n);
	fprintf(c->dat, "# bar, then from and to of each cause, percent\n");
	for (b = 0; b < n; b++) {
		memset(one, 0, sizeof(*one));
		excess = add_causes(one, &rep->group[chosen[b]]);
		fprintf(c->gp, "excess_ns[%zu] = %.0f\n", b + 1, excess);
		fprintf(c->dat, "%zu", b + 1);
		for (k = 0, at = 0; k < shown; k++, at = end) {
			end = at + 100 * ns_of(one, names[k]) / excess;
			fprintf(c->dat, " %.3f %.3f", at, end);
		}
		fprintf(c->dat, " %.3f %.3f\n", at, at < 100 ? 100.0 : at);
	}
	report_gp_names(c->gp, "legend", names, shown + (shown < all->n), 24);
	report_gp_names(c->gp, "cause_colour", paint, shown + (shown < all->n), 24);
	free(all);
	free(one);
	return 0;
}
