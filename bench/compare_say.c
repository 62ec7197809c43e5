/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare_pvt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"

#define NAMES_LEN 400

const char *compare_value(char buf[static COMPARE_VALUE_LEN], double v, bool is_share, bool sign)
{
	char ns[NS_STR_LEN];

	if (!isfinite(v) || fabs(v) > 9e18)
		snprintf(buf, COMPARE_VALUE_LEN, "?");
	else if (is_share)
		snprintf(buf, COMPARE_VALUE_LEN, sign ? "%+.3g %%" : "%.3g %%", v / 1e4);
	else
		snprintf(buf, COMPARE_VALUE_LEN, "%s%s", sign && llrint(v) > 0 ? "+" : "", ns_str(ns, llrint(v)));
	return buf;
}

const char *compare_name(char buf[static COMPARE_NAME_LEN], const struct compare_item *i)
{
	snprintf(buf, COMPARE_NAME_LEN, "%s %s%s%s", i->backend, i->what, *i->figure ? " " : "", i->figure);
	return buf;
}

double compare_by(const struct differ_item *d)
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
			char name[COMPARE_NAME_LEN], by[COMPARE_VALUE_LEN];

			if (c->judged[k].sign != sign || c->item[k].is_hop != hops || c->judged[k].p != p)
				continue;
			used += (size_t)snprintf(buf + used, n - used, "%s%s %s", told ? ", " : "", compare_name(name, &c->item[k]),
						 compare_value(by, compare_by(&c->judged[k]), c->item[k].is_share, true));
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
		char is[COMPARE_VALUE_LEN];

		if (item->is_hop || item->is_share || !isfinite(c->judged[i].would_see))
			continue;
		compare_value(is, c->judged[i].would_see, false, false);
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

/* Cells that are asked about together, at most. */
static size_t cells_together(const struct compare *c)
{
	size_t i, n = 1;

	for (i = 0; i < c->n_items; i++)
		n = c->judged[i].n_cells > n ? c->judged[i].n_cells : n;
	return n;
}

/* "taktd path delay p50 +5.01 us; hop: taktd queue p50 +5.00 us", of those with that sign; how many there are. */
static size_t name_all(char *buf, size_t n, const struct compare *c, int sign)
{
	char items[NAMES_LEN], hops[NAMES_LEN];
	size_t n_items = name_items(items, sizeof(items), c, sign, false), n_hops = name_items(hops, sizeof(hops), c, sign, true);

	snprintf(buf, n, "%s%s%s%s", items, n_items && n_hops ? "; " : "", n_hops ? n_items ? "hop: " : "hop alone, no difference was found on the whole way: " : "", hops);
	return n_items + n_hops;
}

static void say_worse(struct out *o, const struct compare *c)
{
	char worse[2 * NAMES_LEN + 80], better[2 * NAMES_LEN + 80], failed[60] = "";
	size_t n_worse = name_all(worse, sizeof(worse), c, 1), n_better = name_all(better, sizeof(better), c, -1);

	if (n_failed(c))
		snprintf(failed, sizeof(failed), "%s%zu cell%s failed in B", n_worse ? "; " : "", n_failed(c), n_failed(c) == 1 ? "" : "s");
	out_str(o, "verdict", "worse", "%sB is worse%s: %s%s%s%s\n", out_style(o, OUT_RED), out_style(o, OUT_PLAIN), worse, failed, n_better ? "; better: " : "", n_better ? better : "");
}

static void say_better(struct out *o, const struct compare *c)
{
	char better[2 * NAMES_LEN + 80];

	name_all(better, sizeof(better), c, -1);
	out_str(o, "verdict", "better", "%sB is better%s: %s\n", out_style(o, OUT_GREEN), out_style(o, OUT_PLAIN), better);
}

static void say_same(struct out *o, const struct compare *c)
{
	char seen[600], hops[NAMES_LEN];
	size_t better = name_items(hops, sizeof(hops), c, -1, true);

	name_seen(seen, sizeof(seen), c);
	out_str(o, "verdict", "same", "%sno difference found%s%s in %zu cell%s%s%s; the smallest that would have been seen: %s\n", out_style(o, OUT_GREEN), out_style(o, OUT_PLAIN),
		better ? " on the whole way" : "", c->n_cells, c->n_cells == 1 ? "" : "s", better ? "; better in a hop alone: " : "", hops, *seen ? seen : "of hops only");
}

/* Why no word of B: it lacks some of A, or was not finished. What both have is said beside. */
static void say_lacking(struct out *o, const struct compare *c)
{
	static const char *const words[] = {
		[COMPARE_SAME] = "no difference was found", [COMPARE_BETTER] = "B is better",
	};
	size_t lacking = compare_lacking(c);
	char what[120] = "", open[120] = "";

	if (lacking)
		snprintf(what, sizeof(what), "%zu cell%s of A %s not measured in B", lacking, lacking == 1 ? "" : "s", lacking == 1 ? "was" : "were");
	if (c->open_b)
		snprintf(open, sizeof(open), "%sB was not finished, %zu measurement%s of its campaign %s missing", lacking ? "; " : "", c->open_b, c->open_b == 1 ? "" : "s", c->open_b == 1 ? "is" : "are");
	out_str(o, "verdict", "untold", "%scannot be told%s: %s%s; in the %zu cell%s that both have: %s (--common judges by that alone)\n", out_style(o, OUT_YELLOW), out_style(o, OUT_PLAIN), what, open,
		c->n_cells, c->n_cells == 1 ? "" : "s", words[c->of_common]);
}

static bool has_latency(const struct compare *c)
{
	size_t i;

	for (i = 0; i < c->n_items; i++)
		if (!c->item[i].is_share)
			return true;
	return false;
}

static void say_untold(struct out *o, const struct compare *c)
{
	size_t fewer = c->reps_a < c->reps_b ? c->reps_a : c->reps_b;

	if (!c->n_cells)
		out_str(o, "verdict", "untold", "nothing to compare: no cell was measured in both\n");
	else if (!has_latency(c))
		out_str(o, "verdict", "untold", "cannot be told: no cell has frames enough in each repetition for any figure of the latency\n");
	else if (c->of_common == COMPARE_UNTOLD)
		out_str(o, "verdict", "untold", "cannot be told: %zu cell%s with %zu repetition%s are too few to know what two runs differ by anyway; %zu repetitions would do\n",
			c->n_cells, c->n_cells == 1 ? "" : "s", fewer, fewer == 1 ? "" : "s", differ_needs(cells_together(c), c->n_items, c->confidence));
	else
		say_lacking(o, c);
}

void compare_say(struct out *o, const struct compare *c)
{
	static void (*const say[])(struct out *o, const struct compare *c) = {
		[COMPARE_SAME] = say_same, [COMPARE_BETTER] = say_better, [COMPARE_WORSE] = say_worse, [COMPARE_UNTOLD] = say_untold,
	};
	static const char *const words[] = {[COMPARE_SAME] = "same", [COMPARE_BETTER] = "better", [COMPARE_WORSE] = "worse", [COMPARE_UNTOLD] = "untold"};

	say[c->verdict](o, c);
	out_str(o, "verdict_of_common", words[c->of_common], NULL);
}
