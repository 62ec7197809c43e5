/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/gate.h"

#include <stdbool.h>
#include <string.h>

#include "base/ns.h"

#define ALL_OPEN   0xff
#define FEW_CYCLES 16	      /* more than this are leaped over */
#define NO_LIMIT   UINT16_MAX /* bytes: without a schedule any frame may pass */

void gate_init(struct gate *g, int64_t now)
{
	memset(g, 0, sizeof(*g));
	g->t_change = NS_NEVER;
	g->t_last = NS_NEVER;
	g->t_end = NS_NEVER;
	g->cycle.t = now;
	g->t_now = now;
	g->initial_gates = ALL_OPEN;
}

/* -- the present cycle ------------------------------------------------------------------------------------------- */

/* Where in it is the last now? In a held cycle that may be beyond cycle_ns. */
static int64_t offset_of(const struct gate *g)
{
	return g->t_now - g->cycle.t;
}

static bool is_open(const struct gate *g, unsigned int tc)
{
	const struct gcl_class *c;

	if (!g->run)
		return g->initial_gates >> tc & 1;
	c = &g->run->class[tc];
	return c->always || offset_of(g) < c->tail_ns ||
	       (g->cursor[tc] < c->n_windows && offset_of(g) >= c->windows[g->cursor[tc]].open_ns);
}

/* Open time of the class in it up to the last now. */
static int64_t open_in_cycle(const struct gate *g, unsigned int tc)
{
	const struct gcl_window *w;
	const struct gcl_class *c;
	int64_t offset = offset_of(g);

	if (!g->run)
		return g->initial_gates >> tc & 1 ? offset : 0;
	c = &g->run->class[tc];
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

/* -- from cycle to cycle ----------------------------------------------------------------------------------------- */

static void rewind_cursors(struct gate *g)
{
	memset(g->cursor, 0, sizeof(g->cursor));
	g->entry = 0;
	g->entry_ns = 0;
}

/* When does a cycle of the running list end, if it is not the present one? */
static int64_t end_of(const struct gate *g, const struct cycle *c)
{
	return c->t >= g->t_last ? g->t_change : c->t + c->len_ns;
}

static void enter(struct gate *g)
{
	rewind_cursors(g);
	g->t_end = g->run ? end_of(g, &g->cycle) : NS_NEVER;
}

/* The present cycle is over, and is not the last. */
static void turn(struct gate *g)
{
	int64_t more_ns = g->t_end - g->cycle.t - g->run->cycle_ns;
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		g->open_base[tc] += g->run->class[tc].open_ns + (g->run->class[tc].at_end ? more_ns : 0);
	cycle_seek(g->run, &g->cycle, g->t_end);
	enter(g);
}

/* Leap from the start of the present cycle to that of the one in which t lies. All between are regular. */
static void leap(struct gate *g, int64_t t)
{
	int64_t t_begin = g->cycle.t;
	int64_t n = cycle_seek(g->run, &g->cycle, t);
	int64_t more_ns = g->cycle.t - t_begin - n * g->run->cycle_ns;
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		g->open_base[tc] += n * g->run->class[tc].open_ns + (g->run->class[tc].at_end ? more_ns : 0);
	enter(g);
}

static void move_cursors(struct gate *g)
{
	const struct gcl_class *c;
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		c = &g->run->class[tc];
		while (g->cursor[tc] + c->at_end < c->n_windows && c->windows[g->cursor[tc]].close_ns <= offset_of(g))
			g->cursor[tc]++;
	}
}

/* Come to t under the profile that runs, t not later than a change. */
static void run_to(struct gate *g, int64_t t)
{
	g->t_now = t;
	if (!g->run)
		return;
	while (t >= g->t_end && g->cycle.t < g->t_last) {
		turn(g);
		if (t - g->cycle.t >= FEW_CYCLES * g->run->cycle_ns && g->cycle.t < g->t_last)
			leap(g, t < g->t_last ? t : g->t_last);
	}
	move_cursors(g);
}

/* -- changes ----------------------------------------------------------------------------------------------------- */

/*
 * SetCycleStartTime, 8.6.9.1.1, for the present cycle and all that come before the change: which is the last one, and when does
 * the present one end?
 */
static void plan_last(struct gate *g)
{
	struct cycle c = g->cycle;

	g->t_last = NS_NEVER;
	if (!g->run || !g->admin) {
		g->t_end = g->run ? end_of(g, &g->cycle) : NS_NEVER;
		return;
	}
	if (g->t_now > c.t + c.len_ns)
		cycle_seek(g->run, &c, g->t_now - 1); /* a hold that is given up goes on to the next regular start */
	cycle_next(g->run, &c);
	if (g->t_change <= g->cycle.t + g->cycle.len_ns + g->run->extension_ns) {
		g->t_last = g->cycle.t;
		g->t_end = g->t_change;
		return;
	}
	g->t_end = c.t;
	if (g->t_change - g->run->extension_ns > c.t)
		cycle_seek(g->run, &c, g->t_change - g->run->extension_ns - 1);
	g->t_last = c.t;
}

/* What was open until the last now goes into the totals; then another cycle, or other states, begin there. */
static void begin(struct gate *g)
{
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		g->open_base[tc] = gate_open_total(g, tc);
	g->cycle.t = g->t_now;
}

/* UPDATE of the List Config machine, 8.6.9.3: admin becomes oper. Returns what was. */
static const struct gcl *adopt(struct gate *g)
{
	const struct gcl *retired = g->oper;

	begin(g);
	g->oper = g->admin;
	g->run = g->oper->enabled ? g->oper : NULL;
	if (g->run)
		g->cycle = g->first;
	else
		g->initial_gates = ALL_OPEN;
	g->admin = NULL;
	g->t_change = NS_NEVER;
	g->t_last = NS_NEVER;
	g->config_changes++;
	enter(g);
	return retired;
}

const struct gcl *gate_advance(struct gate *g, int64_t now)
{
	const struct gcl *retired = NULL;

	if (g->admin && now >= g->t_change) {
		run_to(g, g->t_change);
		retired = adopt(g);
	}
	run_to(g, now);
	return retired;
}

/* SetConfigChangeTime, 8.6.9.3.1: the base time, or the first start of a cycle from now on. */
static void set_change_time(struct gate *g, int64_t now)
{
	int64_t t_base = g->admin->t_base;

	if (g->admin->enabled)
		cycle_from(g->admin, t_base > now ? t_base : now, &g->first);
	else
		g->first.t = now;
	g->t_change = g->first.t;
}

const struct gcl *gate_set(struct gate *g, const struct gcl *gcl, int64_t now)
{
	const struct gcl *dropped = g->admin;

	g->admin = gcl;
	set_change_time(g, now);
	if (g->run) {
		g->config_change_errors += gcl->enabled && gcl->t_base < now;
	} else {
		/* The list machine's INIT: until the first cycle the admin gate states hold. */
		begin(g);
		g->initial_gates = gcl->initial_gates;
	}
	plan_last(g);
	run_to(g, g->t_now); /* a hold that is given up may be over */
	return dropped;
}

void gate_step(struct gate *g, int64_t now)
{
	int64_t total[TSN_CLASSES];
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		total[tc] = gate_open_total(g, tc);
	g->t_now = now;
	g->cycle.t = now;
	if (g->run)
		cycle_at(g->run, now, &g->cycle);
	if (g->admin)
		set_change_time(g, now);
	rewind_cursors(g);
	plan_last(g);
	run_to(g, now);
	for (tc = 0; tc < TSN_CLASSES; tc++)
		g->open_base[tc] = total[tc] - open_in_cycle(g, tc);
}

/* -- questions --------------------------------------------------------------------------------------------------- */

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
	const struct gcl *gcl = g->run;

	if (!gcl)
		return UINT32_MAX;
	while (g->entry + 1 < gcl->n_entries && offset_of(g) - g->entry_ns >= gcl->entries[g->entry].interval_ns)
		g->entry_ns += gcl->entries[g->entry++].interval_ns;
	*t_begin = g->cycle.t + g->entry_ns;
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

/* When does the window close in which the class is now, by the running list? One that is open at the end of the cycle goes into the next. */
static int64_t window_end(const struct gate *g, unsigned int tc)
{
	const struct gcl_class *c = &g->run->class[tc];
	int64_t close_ns;

	if (c->always)
		return NS_NEVER;
	if (offset_of(g) < c->tail_ns)
		return g->cycle.t + c->tail_ns;
	close_ns = c->windows[g->cursor[tc]].close_ns;
	return close_ns < g->run->cycle_ns ? g->cycle.t + close_ns : g->t_end + c->tail_ns;
}

int64_t gate_close_at(const struct gate *g, unsigned int tc)
{
	int64_t t_close, more_ns;

	if (!is_open(g, tc))
		return g->t_now;
	t_close = g->run ? window_end(g, tc) : NS_NEVER;
	if (!g->admin || t_close < g->t_change)
		return t_close;
	more_ns = open_from_start(g->admin, tc);
	return more_ns == NS_NEVER ? NS_NEVER : g->t_change + more_ns;
}

/* The first instant >= t at which a list has the class open, t lying in the cycle c that ends at t_end. */
static int64_t search(const struct gcl *gcl, unsigned int tc, const struct cycle *cycle, int64_t t_end, int64_t t)
{
	const struct gcl_class *c = &gcl->class[tc];
	uint32_t lo = 0, hi = c->n_windows - c->at_end, mid;
	int64_t offset = t - cycle->t;

	if (c->always || offset < c->tail_ns)
		return t;
	if (!c->n_windows)
		return NS_NEVER;
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (c->windows[mid].close_ns > offset)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo == c->n_windows)
		return t_end + c->windows[0].open_ns;
	return offset >= c->windows[lo].open_ns ? t : cycle->t + c->windows[lo].open_ns;
}

/* By the running list alone; what lies beyond a change need not be true. */
static int64_t open_before_change(const struct gate *g, unsigned int tc, int64_t t)
{
	struct cycle c = g->cycle;

	if (!g->run)
		return g->initial_gates >> tc & 1 ? t : NS_NEVER;
	if (t < g->t_end || c.t >= g->t_last)
		return search(g->run, tc, &c, g->t_end, t);
	cycle_seek(g->run, &c, t < g->t_last ? t : g->t_last);
	return search(g->run, tc, &c, end_of(g, &c), t);
}

int64_t gate_open_at(const struct gate *g, unsigned int tc, int64_t t)
{
	struct cycle c = g->first;
	int64_t t_open;

	if (!g->admin || t < g->t_change) {
		t_open = open_before_change(g, tc, t);
		if (!g->admin || t_open < g->t_change)
			return t_open;
		t = g->t_change;
	}
	if (g->admin->class[tc].always)
		return t;
	cycle_seek(g->admin, &c, t);
	return search(g->admin, tc, &c, c.t + c.len_ns, t);
}

uint32_t gate_max_len(const struct gate *g, unsigned int tc)
{
	uint32_t oper = g->oper ? g->oper->class[tc].max_len : NO_LIMIT;
	uint32_t admin = g->admin ? g->admin->class[tc].max_len : NO_LIMIT;

	return oper < admin ? oper : admin;
}
