/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/gate.h"

#include <stdbool.h>
#include <string.h>

#include "base/ns.h"

#define FEW_CYCLES 16	   /* more than this are skipped by a division */
#define NO_LIMIT   UINT16_MAX /* bytes: without a schedule any frame may pass */

void gate_init(struct gate *g, int64_t now)
{
	memset(g, 0, sizeof(*g));
	g->t_change = NS_NEVER;
	g->t_cycle = now;
	g->t_now = now;
	g->initial_gates = 0xff;
}

static void rewind_cursors(struct gate *g)
{
	memset(g->cursor, 0, sizeof(g->cursor));
	g->entry = 0;
	g->entry_ns = 0;
}

/* Where in the present cycle is the last now? */
static int64_t offset_of(const struct gate *g)
{
	return g->t_now - g->t_cycle;
}

static bool is_open(const struct gate *g, unsigned int tc)
{
	const struct gcl_class *c;

	if (!g->oper)
		return g->initial_gates >> tc & 1;
	c = &g->oper->class[tc];
	return c->always || offset_of(g) < c->tail_ns ||
	       (g->cursor[tc] < c->n_windows && offset_of(g) >= c->windows[g->cursor[tc]].open_ns);
}

/* Open time of the class in the present cycle up to the last now. */
static int64_t open_in_cycle(const struct gate *g, unsigned int tc)
{
	const struct gcl_window *w;
	const struct gcl_class *c;
	int64_t offset = offset_of(g);

	if (!g->oper)
		return g->initial_gates >> tc & 1 ? offset : 0;
	c = &g->oper->class[tc];
	if (c->always || offset < c->tail_ns)
		return offset;
	if (g->cursor[tc] == c->n_windows)
		return c->open_ns;
	w = &c->windows[g->cursor[tc]];
	return w->before_ns + (offset > w->open_ns ? offset - w->open_ns : 0);
}

int64_t gate_open_total(const struct gate *g, unsigned int tc)
{
	return g->open_base[tc] + open_in_cycle(g, tc);
}

/* A new cycle begins at t, which is also the last now: what was open before goes into the totals. */
static void begin(struct gate *g, int64_t t)
{
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		g->open_base[tc] = gate_open_total(g, tc);
	rewind_cursors(g);
	g->t_cycle = t;
}

/* Skip n whole cycles from the start of the present one. */
static void skip(struct gate *g, int64_t n)
{
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		g->open_base[tc] += n * g->oper->class[tc].open_ns;
	rewind_cursors(g);
	g->t_cycle += n * g->oper->cycle_ns;
}

/* How many whole cycles lie in ns? Counted when few, which is the rule on the way to a frame. */
static int64_t whole_cycles(const struct gcl *gcl, int64_t ns)
{
	int64_t n = 0;

	if (ns >= FEW_CYCLES * gcl->cycle_ns)
		return ns / gcl->cycle_ns;
	for (; ns >= gcl->cycle_ns; n++)
		ns -= gcl->cycle_ns;
	return n;
}

/* Come to t under the profile that runs. */
static void run_to(struct gate *g, int64_t t)
{
	const struct gcl_class *c;
	unsigned int tc;

	g->t_now = t;
	if (!g->oper)
		return;
	if (offset_of(g) >= g->oper->cycle_ns)
		skip(g, whole_cycles(g->oper, offset_of(g)));
	for (tc = 0; tc < TSN_CLASSES; tc++) {
		c = &g->oper->class[tc];
		while (g->cursor[tc] < c->n_windows && c->windows[g->cursor[tc]].close_ns <= offset_of(g))
			g->cursor[tc]++;
	}
}

const struct gcl *gate_advance(struct gate *g, int64_t now)
{
	const struct gcl *retired = NULL;

	if (g->admin && now >= g->t_change) {
		if (g->t_change > g->t_now)
			run_to(g, g->t_change);
		begin(g, g->t_change);
		retired = g->oper;
		g->oper = g->admin;
		g->admin = NULL;
		g->t_change = NS_NEVER;
		g->config_changes++;
	}
	run_to(g, now);
	return retired;
}

/* ConfigChangeTime, 8.6.9.3: the base time, or the first start of a cycle from now on. */
static int64_t change_time(const struct gcl *gcl, int64_t now)
{
	if (!gcl->enabled)
		return now;
	if (gcl->t_base >= now)
		return gcl->t_base;
	return gcl->t_base - ns_div_floor(gcl->t_base - now, gcl->cycle_ns) * gcl->cycle_ns;
}

const struct gcl *gate_set(struct gate *g, const struct gcl *gcl, int64_t now)
{
	const struct gcl *dropped = g->admin;

	g->admin = gcl;
	g->t_change = change_time(gcl, now);
	if (g->oper) {
		g->config_change_errors += gcl->enabled && gcl->t_base < now;
	} else {
		/* The list machine's INIT: until the first cycle the admin gate states hold. */
		begin(g, g->t_now);
		g->initial_gates = gcl->initial_gates;
	}
	return dropped;
}

void gate_step(struct gate *g, int64_t now)
{
	int64_t total[TSN_CLASSES];
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		total[tc] = gate_open_total(g, tc);
	g->t_now = now;
	g->t_cycle = now;
	rewind_cursors(g);
	if (g->oper) {
		g->t_cycle = g->oper->t_base + ns_div_floor(now - g->oper->t_base, g->oper->cycle_ns) * g->oper->cycle_ns;
		run_to(g, now);
	}
	for (tc = 0; tc < TSN_CLASSES; tc++)
		g->open_base[tc] = total[tc] - open_in_cycle(g, tc);
	if (g->admin)
		g->t_change = change_time(g->admin, now);
}

uint8_t gate_states(const struct gate *g)
{
	uint8_t states = 0;
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		states |= (uint8_t)(is_open(g, tc) << tc);
	return states;
}

uint32_t gate_entry(struct gate *g, int64_t *t_begin)
{
	const struct gcl *gcl = g->oper;

	if (!gcl || !gcl->enabled)
		return UINT32_MAX;
	while (g->entry + 1 < gcl->n_entries && offset_of(g) - g->entry_ns >= gcl->entries[g->entry].interval_ns)
		g->entry_ns += gcl->entries[g->entry++].interval_ns;
	*t_begin = g->t_cycle + g->entry_ns;
	return g->entry;
}

/* How long after its start does a profile keep the class open? 0: it starts shut; NS_NEVER: it never shuts. */
static int64_t open_from_start(const struct gcl *gcl, unsigned int tc)
{
	const struct gcl_class *c = &gcl->class[tc];

	if (c->always)
		return NS_NEVER;
	if (c->tail_ns)
		return c->tail_ns;
	return c->n_windows && !c->windows[0].open_ns ? c->windows[0].close_ns : 0;
}

int64_t gate_close_at(const struct gate *g, unsigned int tc)
{
	const struct gcl_class *c = g->oper ? &g->oper->class[tc] : NULL;
	int64_t t_close = NS_NEVER;
	int64_t more_ns;

	if (!is_open(g, tc))
		return g->t_now;
	if (c && !c->always)
		t_close = g->t_cycle + (offset_of(g) < c->tail_ns ? c->tail_ns : c->windows[g->cursor[tc]].close_ns);
	if (!g->admin || t_close < g->t_change)
		return t_close;
	more_ns = open_from_start(g->admin, tc);
	return more_ns == NS_NEVER ? NS_NEVER : g->t_change + more_ns;
}

/* The first instant >= t at which a profile whose cycle began at t_cycle <= t has the class open. */
static int64_t search(const struct gcl *gcl, unsigned int tc, int64_t t_cycle, int64_t t)
{
	const struct gcl_class *c = &gcl->class[tc];
	uint32_t lo = 0, hi = c->n_windows, mid;
	int64_t offset;

	if (c->always)
		return t;
	if (!c->n_windows)
		return NS_NEVER;
	t_cycle += whole_cycles(gcl, t - t_cycle) * gcl->cycle_ns;
	offset = t - t_cycle;
	if (offset < c->tail_ns)
		return t;
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (c->windows[mid].close_ns > offset)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo == c->n_windows)
		return t_cycle + gcl->cycle_ns + c->windows[0].open_ns;
	return offset >= c->windows[lo].open_ns ? t : t_cycle + c->windows[lo].open_ns;
}

int64_t gate_open_at(const struct gate *g, unsigned int tc, int64_t t)
{
	int64_t t_open;

	if (g->oper)
		t_open = search(g->oper, tc, g->t_cycle, t);
	else
		t_open = g->initial_gates >> tc & 1 ? t : NS_NEVER;
	if (!g->admin || t_open < g->t_change)
		return t_open;
	return search(g->admin, tc, g->t_change, t > g->t_change ? t : g->t_change);
}

uint32_t gate_max_len(const struct gate *g, unsigned int tc)
{
	uint32_t oper = g->oper ? g->oper->class[tc].max_len : NO_LIMIT;
	uint32_t admin = g->admin ? g->admin->class[tc].max_len : NO_LIMIT;

	return oper < admin ? oper : admin;
}
