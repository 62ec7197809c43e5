/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "base/printable.h"

/* A value with its unit; a difference has its sign. */
static const char *value_str(char buf[static 40], double v, bool is_share, bool sign)
{
	char ns[NS_STR_LEN];

	if (!isfinite(v) || fabs(v) > 9e18)
		snprintf(buf, 40, "?");
	else if (is_share)
		snprintf(buf, 40, sign ? "%+.3g %%" : "%.3g %%", v / 1e4);
	else
		snprintf(buf, 40, "%s%s", sign && llrint(v) > 0 ? "+" : "", ns_str(ns, llrint(v)));
	return buf;
}

static const char *name_str(char buf[static 80], const struct compare_item *i)
{
	snprintf(buf, 80, "%s %s%s%s", i->backend, i->what, *i->figure ? " " : "", i->figure);
	return buf;
}

static double mean_by(const struct differ_item *d)
{
	double by = 0;
	size_t i;

	for (i = 0; i < d->n_cells; i++)
		by += d->cell[i].by / (double)d->n_cells;
	return by;
}

/* "taktd queue p50 +5.01 us, ...": of the hops, or of all else, those with that sign, the most certain first, no more than three. Returns how many there are. */
static size_t name_items(char *buf, size_t n, const struct compare *c, int sign, bool hops)
{
	size_t k, used = 0, told = 0, all = 0;
	double last = -1, p;

	*buf = '\0';
	for (k = 0; k < c->n_items; k++)
		all += c->judged[k].sign == sign && c->item[k].is_hop == hops;
	while (told < all && told < 3) {
		for (p = 2, k = 0; k < c->n_items; k++)	/* the next larger probability */
			if (c->judged[k].sign == sign && c->item[k].is_hop == hops && c->judged[k].p > last)
				p = fmin(p, c->judged[k].p);
		for (k = 0; k < c->n_items && told < 3; k++) {
			char name[80], by[40];

			if (c->judged[k].sign != sign || c->item[k].is_hop != hops || c->judged[k].p != p)
				continue;
			used += (size_t)snprintf(buf + used, n - used, "%s%s %s", told ? ", " : "", name_str(name, &c->item[k]),
						 value_str(by, mean_by(&c->judged[k]), c->item[k].is_share, true));
			told++;
		}
		last = p;
	}
	if (told < all)
		snprintf(buf + used, n - used, ", and %zu more", all - told);
	return all;
}

/* "taktd path delay p50 3.10 us, p99 41.0 us; veth ..." */
static void name_seen(char *buf, size_t n, const struct compare *c)
{
	const char *backend = "";
	size_t i, used = 0;

	*buf = '\0';
	for (i = 0; i < c->n_items && used + 160 < n; i++) {
		const struct compare_item *item = &c->item[i];
		char is[40];

		if (item->is_hop || item->is_share || !isfinite(c->judged[i].would_see))
			continue;
		value_str(is, c->judged[i].would_see, false, false);
		if (strcmp(backend, item->backend))
			used += (size_t)snprintf(buf + used, n - used, "%s%s %s %s %s", used ? "; " : "", item->backend, item->what, item->figure, is);
		else
			used += (size_t)snprintf(buf + used, n - used, ", %s %s", item->figure, is);
		backend = item->backend;
	}
}

static size_t n_failed(const struct compare *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->n_apart; i++)
		n += c->apart[i].failed;
	return n;
}

static void tell_worse(struct out *o, const struct compare *c, const char *word, const char *style, int sign)
{
	char items[400], hops[400], failed[60] = "";
	size_t n_items = name_items(items, sizeof(items), c, sign, false), n_hops = name_items(hops, sizeof(hops), c, sign, true);

	if (sign > 0 && n_failed(c))
		snprintf(failed, sizeof(failed), "%zu cell%s failed in B", n_failed(c), n_failed(c) == 1 ? "" : "s");
	out_str(o, "verdict", word, "%sB is %s%s: %s%s%s%s%s%s\n", style, word, out_style(o, OUT_PLAIN), items, n_items && n_hops ? "; " : "", n_hops ? "hop: " : "",
		hops, (n_items || n_hops) && *failed ? "; " : "", failed);
}

/* Cells that are asked about together, at most. */
static size_t cells_together(const struct compare *c)
{
	size_t i, n = 1;

	for (i = 0; i < c->n_items; i++)
		n = c->judged[i].n_cells > n ? c->judged[i].n_cells : n;
	return n;
}

static void tell_verdict(struct out *o, const struct compare *c)
{
	char seen[600];

	name_seen(seen, sizeof(seen), c);
	switch (c->verdict) {
	case COMPARE_WORSE:
		tell_worse(o, c, "worse", out_style(o, OUT_RED), 1);
		break;
	case COMPARE_BETTER:
		tell_worse(o, c, "better", out_style(o, OUT_GREEN), -1);
		break;
	case COMPARE_SAME:
		out_str(o, "verdict", "same", "%sno difference found%s in %zu cell%s; the smallest that would have been seen: %s\n", out_style(o, OUT_GREEN),
			out_style(o, OUT_PLAIN), c->n_cells, c->n_cells == 1 ? "" : "s", *seen ? seen : "of hops only");
		break;
	case COMPARE_UNTOLD:
		if (!c->n_cells)
			out_str(o, "verdict", "untold", "nothing to compare: no cell was measured in both\n");
		else
			out_str(o, "verdict", "untold", "cannot be told: %zu cell%s with %zu repetition%s are too few to know what two runs differ by anyway; %zu repetitions would do\n",
				c->n_cells, c->n_cells == 1 ? "" : "s", c->repetitions, c->repetitions == 1 ? "" : "s",
				differ_needs(cells_together(c), c->n_items, c->confidence));
		break;
	}
}

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
		out_text(o, "    %-34s %10s %10s %11s  %s to %s\n", d->name, value_str(was, d->was, is_share, false), value_str(is, d->is, is_share, false),
			 value_str(by, d->by, is_share, true), value_str(lower, d->lower, is_share, true), value_str(upper, d->upper, is_share, true));
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
		out_text(o, "  %s%-36s %10s %10s %11s  %s\n", out_style(o, d->sign > 0 ? OUT_RED : d->sign < 0 ? OUT_GREEN : OUT_PLAIN), name_str(name, i), "", "",
			 value_str(by, mean_by(d), i->is_share, true), d->how == DIFFER_ALIKE ? "alike" : d->how == DIFFER_UNTOLD ? "untold" : "");
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
	tell_verdict(o, c);
	out_str(o, "a", a->dir, "  A: %s\n", a->dir);
	out_str(o, "b", b->dir, "  B: %s\n", b->dir);
	out_str(o, "campaign", a->campaign, NULL);
	out_str(o, "latency", result_kind_name(c->kind), c->kind == RESULT_END_TO_END ? "  latency is end to end: stamps of the kernel are missing\n" : NULL);
	out_real(o, "confidence", c->confidence, NULL);
	out_uint(o, "cells", c->n_cells, NULL);
	tell_places(o, a, b);
	tell_apart(o, c);
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
