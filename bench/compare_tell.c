/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare_pvt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "base/printable.h"

/* Keys of meta.json that a difference may come from. */
static const struct { const char *key, *name; } places[] = {
	{"rev", "revision"}, {"kernel", "kernel"}, {"machine", "machine"}, {"cpu", "CPU"}, {"cpus", "number of CPUs"}, {"memory_mib", "memory"}, {"os", "system"}, {"clocksource", "clock source"},
};

static void word_of(char buf[static 80], const json_t *v)
{
	if (json_is_string(v))
		snprintf(buf, 80, "%.78s", json_string_value(v));
	else if (json_is_integer(v))
		snprintf(buf, 80, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else
		snprintf(buf, 80, "unknown");
	printable(buf);
}

static double floor_of(const struct result *r)
{
	double share = 0;
	size_t i, n = 0;

	for (i = 0; i < r->n_cells; i++)
		if (r->cell[i].status == RESULT_OK) {
			share += r->cell[i].floor.share;
			n++;
		}
	return n ? share / (double)n : 0;
}

static void tell_places(struct out *o, const struct result *a, const struct result *b)
{
	double floor_a = floor_of(a), floor_b = floor_of(b);
	size_t i;

	out_array(o, "other");
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const json_t *x = json_object_get(a->meta, places[i].key), *y = json_object_get(b->meta, places[i].key);
		char is_a[80], is_b[80];

		word_of(is_a, x);
		word_of(is_b, y);
		if (x == y || json_equal(x, y))
			continue;
		out_object(o, NULL);
		out_str(o, "what", places[i].name, "  another %s: ", places[i].name);
		out_str(o, "a", is_a, "%s in A, ", is_a);
		out_str(o, "b", is_b, "%s in B\n", is_b);
		out_end(o);
	}
	out_end(o);
	out_real(o, "floor_share_a", floor_a, NULL);
	out_real(o, "floor_share_b", floor_b, NULL);
	if (fabs(floor_a - floor_b) > 0.01 && (floor_a > 2 * floor_b || floor_b > 2 * floor_a))
		out_text(o, "  %sthe machine was not as quiet: a bare loop lost %.1f %% of its time in A and %.1f %% in B; what differs may be that%s\n",
			 out_style(o, OUT_YELLOW), 100 * floor_a, 100 * floor_b, out_style(o, OUT_PLAIN));
}

static void tell_apart(struct out *o, const struct compare *c)
{
	size_t i;

	out_array(o, "not_compared");
	for (i = 0; i < c->n_apart; i++) {
		out_object(o, NULL);
		out_str(o, "cell", c->apart[i].cell, "  not compared: %s ", c->apart[i].cell);
		out_str(o, "why", c->apart[i].why, "%s\n", c->apart[i].why);
		out_end(o);
	}
	out_end(o);
}

/* What there is to compare, where that is less than one might think. */
static void tell_extent(struct out *o, const struct compare *c)
{
	out_uint(o, "cells", c->n_cells, NULL);
	out_uint(o, "repetitions_a", c->reps_a, c->reps_a != c->reps_b ? "  repetitions of a cell: %zu in A" : NULL, c->reps_a);
	out_uint(o, "repetitions_b", c->reps_b, c->reps_a != c->reps_b ? ", %zu in B\n" : NULL, c->reps_b);
	out_uint(o, "open_a", c->open_a, c->open_a ? "  A was not finished: %zu cells and repetitions of its campaign are missing\n" : NULL, c->open_a);
	out_uint(o, "open_b", c->open_b, c->open_b ? "  B was not finished: %zu cells and repetitions of its campaign are missing\n" : NULL, c->open_b);
}

/* Are frames too few for that figure of the latency, too? Then a hop's gap is no news. */
static bool is_said(const struct compare *c, const struct compare_gap *hop)
{
	size_t i;

	for (i = 0; i < c->n_gaps && hop->item.is_hop; i++) {
		const struct compare_item *item = &c->gap[i].item;

		if (!item->is_hop && !item->is_share && !strcmp(item->backend, hop->item.backend) && !strcmp(item->figure, hop->item.figure) && c->gap[i].cells == hop->cells)
			return true;
	}
	return false;
}

static void tell_gaps(struct out *o, const struct compare *c)
{
	char name[COMPARE_NAME_LEN];
	size_t i;

	out_array(o, "figures_not_compared");
	for (i = 0; i < c->n_gaps; i++) {
		const struct compare_gap *g = &c->gap[i];
		bool text = !is_said(c, g);

		out_object(o, NULL);
		out_str(o, "backend", g->item.backend, text ? "  not compared: %s" : NULL, compare_name(name, &g->item));
		out_str(o, "what", g->item.what, NULL);
		out_str(o, "figure", g->item.figure, NULL);
		out_uint(o, "cells", g->cells, text ? " in %zu" : NULL, g->cells);
		out_uint(o, "of", g->of, text ? " of %zu cells" : NULL, g->of);
		out_uint(o, "needs", g->needs, text ? ": it takes %zu frames of a repetition" : NULL, g->needs);
		out_uint(o, "fewest", g->fewest, text ? ", and one has %zu\n" : NULL, g->fewest);
		out_end(o);
	}
	out_end(o);
}

static void tell_number(struct out *o, const char *key, double v)
{
	if (isfinite(v) && fabs(v) < 9e18)
		out_int(o, key, llrint(v), NULL);
	else
		out_null(o, key, NULL);
}

static void tell_cell(struct out *o, const struct differ_cell *d, bool is_share, bool text)
{
	char was[40], is[40], by[40], lower[40], upper[40];

	out_object(o, NULL);
	out_str(o, "cell", d->name, NULL);
	tell_number(o, is_share ? "a_ppm" : "a_ns", d->was);
	tell_number(o, is_share ? "b_ppm" : "b_ns", d->is);
	tell_number(o, is_share ? "by_ppm" : "by_ns", d->by);
	tell_number(o, is_share ? "lower_ppm" : "lower_ns", d->lower);
	tell_number(o, is_share ? "upper_ppm" : "upper_ns", d->upper);
	tell_number(o, is_share ? "least_ppm" : "least_ns", d->least);
	out_uint(o, "repetitions_a", d->n_a, NULL);
	out_uint(o, "repetitions_b", d->n_b, NULL);
	if (text)
		out_text(o, "    %-34s %10s %10s %11s  %s to %s\n", d->name, compare_value(was, d->was, is_share, false), compare_value(is, d->is, is_share, false),
			 compare_value(by, d->by, is_share, true), compare_value(lower, d->lower, is_share, true), compare_value(upper, d->upper, is_share, true));
	out_end(o);
}

static void tell_item(struct out *o, const struct compare_item *i, const struct differ_item *d, bool text)
{
	static const char *const words[] = {"better", "same", "worse"};
	char name[80], by[40];
	size_t k;

	out_object(o, NULL);
	out_str(o, "backend", i->backend, NULL);
	out_str(o, "what", i->what, NULL);
	out_str(o, "figure", i->figure, NULL);
	out_bool(o, "hop", i->is_hop, NULL);
	out_str(o, "verdict", words[d->sign + 1], NULL);
	out_str(o, "by", differ_how_name(d->how), NULL);
	out_real(o, "p", d->p, NULL);
	tell_number(o, i->is_share ? "would_see_ppm" : "would_see_ns", d->would_see);
	if (text)
		out_text(o, "  %s%-36s %10s %10s %11s  %s\n", out_style(o, d->sign > 0 ? OUT_RED : d->sign < 0 ? OUT_GREEN : OUT_PLAIN), compare_name(name, i), "", "",
			 compare_value(by, compare_by(d), i->is_share, true), d->how == DIFFER_ALIKE ? "alike" : d->how == DIFFER_UNTOLD ? "untold" : "");
	if (text && (d->how == DIFFER_RANK || d->how == DIFFER_T))
		out_text(o, "    %sp %.2g, by %s over %zu cell%s\n", out_style(o, OUT_PLAIN), d->p, d->how == DIFFER_RANK ? "ranks" : "t", d->n_cells, d->n_cells == 1 ? "" : "s");
	if (text)
		out_text(o, "%s", out_style(o, OUT_PLAIN));
	out_array(o, "cells");
	for (k = 0; k < d->n_cells; k++)
		tell_cell(o, &d->cell[k], i->is_share, text);
	out_end(o);
	out_end(o);
}

void compare_tell(struct out *o, const struct compare *c, const struct result *a, const struct result *b, bool all)
{
	bool head = false;
	size_t i;

	out_object(o, NULL);
	compare_say(o, c);
	out_str(o, "a", a->dir, "  A: %s\n", a->dir);
	out_str(o, "b", b->dir, "  B: %s\n", b->dir);
	out_str(o, "campaign", a->campaign, NULL);
	out_str(o, "latency", result_kind_name(c->kind), c->kind == RESULT_END_TO_END ? "  latency is end to end: stamps of the kernel are missing\n" : NULL);
	out_real(o, "confidence", c->confidence, NULL);
	tell_extent(o, c);
	tell_places(o, a, b);
	tell_apart(o, c);
	tell_gaps(o, c);
	out_array(o, "items");
	for (i = 0; i < c->n_items; i++) {
		bool text = all || c->judged[i].sign;

		if (text && !head)
			out_text(o, "\n  %-36s %10s %10s %11s  %.3g %% bounds\n", "", "A", "B", "B - A", 100 * c->confidence);
		head |= text;
		tell_item(o, &c->item[i], &c->judged[i], text);
	}
	out_end(o);
	out_end(o);
}
