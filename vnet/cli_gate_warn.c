/* SPDX-License-Identifier: BSD-3-Clause */
/* What is legal in a schedule and will hurt: a sentence each, with the number that hurts and what to change. */
#include "vnet/cli_gate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/cycle.h"
#include "vnet/cli.h"

#define HEADER	     18		/* bytes before the MSDU: addresses, one tag, EtherType */
#define GUARD_SHARE  25		/* percent of a class's open time */
#define TAI_OFFSET_S 37		/* TAI - UTC since 2017: what a clock that knows no leap seconds is off by */

struct warner {
	struct out *o;
	const struct conf_sched *s;
	const struct gcl *gcl;
	const struct wire *wire;
	uint32_t n;
};

static void warn(struct warner *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(struct warner *w, const char *fmt, ...)
{
	char text[CONF_NOTE_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_str(w->o, NULL, text, "  %swarning%s: %s\n", out_style(w->o, OUT_YELLOW), out_style(w->o, OUT_PLAIN), text);
	w->n++;
}

uint32_t cli_longest(const struct gcl *gcl, unsigned int tc)
{
	return gcl->max_sdu[tc] ? gcl->max_sdu[tc] + HEADER : CLI_LONG_FRAME;
}

bool cli_used(const struct conf_sched *s, unsigned int tc)
{
	unsigned int pcp;

	for (pcp = 0; s->has_map && pcp < sizeof(s->map); pcp++)
		if (s->map[pcp] == tc)
			return true;
	return !s->has_map;
}

/* -- a class ------------------------------------------------------------------------------------------------- */

static void warn_windows(struct warner *w, unsigned int tc)
{
	const struct gcl_class *c = &w->gcl->class[tc];
	uint32_t longest = cli_longest(w->gcl, tc);
	int64_t guard_ns = wire_ns(w->wire, longest);
	char a[NS_STR_LEN], b[NS_STR_LEN];
	double share;

	if (c->always || !cli_used(w->s, tc))
		return;
	share = c->open_ns ? 100.0 * (double)(guard_ns * c->n_windows) / (double)c->open_ns : 0;
	if (c->n_windows && c->longest_ns < guard_ns)
		warn(w, "class %u: the longest window, %s, is shorter than a %u-byte frame (%s): frames over %u bytes are dropped; lengthen the window, or "
		     "set queue-max-sdu", tc, ns_str(a, c->longest_ns), longest + WIRE_FCS, ns_str(b, guard_ns), c->max_len + WIRE_FCS);
	else if (c->n_windows && share > GUARD_SHARE)
		warn(w, "class %u: %u-byte frames (%s) must not start in the last %.0f %% of its open time; fewer and longer windows, or a queue-max-sdu, "
		     "waste less", tc, longest + WIRE_FCS, ns_str(b, guard_ns), share);
}

bool cli_never_open(char text[static CONF_NOTE_LEN], const struct conf_sched *s, const struct gcl *gcl)
{
	char list[4 * TSN_CLASSES] = "";
	unsigned int tc, n = 0;

	for (tc = TSN_CLASSES; tc-- > 0;)
		if (!gcl->class[tc].n_windows && cli_used(s, tc))
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%u", n++ ? ", " : "", tc);
	snprintf(text, CONF_NOTE_LEN, "class%s %s %s never open: frames there are dropped; open %s in an entry, or map no priority to %s", n > 1 ? "es" : "",
		 list, n > 1 ? "are" : "is", n > 1 ? "them" : "it", n > 1 ? "them" : "it");
	return n > 0;
}

/* The longest time in a row that a class's gate is shut. */
static int64_t longest_shut(const struct gcl *gcl, unsigned int tc)
{
	const struct gcl_class *c = &gcl->class[tc];
	int64_t shut, most = 0;
	uint32_t i;

	for (i = 0; i < c->n_windows; i++) {
		shut = (i + 1 < c->n_windows ? c->windows[i + 1].open_ns : c->windows[0].open_ns + gcl->cycle_ns) - c->windows[i].close_ns;
		if (shut > most)
			most = shut;
	}
	return most;
}

/* Priority 0 is that of untagged frames, which a port may have set. */
static void warn_ptp(struct warner *w, int asked)
{
	int priority = asked ? asked : (int)w->s->pcp;
	unsigned int tc = w->s->map[priority];
	char buf[NS_STR_LEN], what[140];

	if (w->gcl->class[tc].always || w->s->ptp == CONF_PTP_DENIED)
		return;
	if (!w->gcl->class[tc].n_windows) {
		warn(w, "PTP: event messages of priority %d are in class %u, which is never open: no clock behind this port can follow", priority, tc);
		return;
	}
	if (w->s->ptp == CONF_PTP_CORRECTED)
		return;
	ns_str(buf, longest_shut(w->gcl, tc) + wire_ns(w->wire, CLI_EVENT_FRAME));
	snprintf(what, sizeof(what), "PTP: event messages of priority %d%s are in class %u and wait up to %s for its gate", priority,
		 asked ? "" : " (untagged)", tc, buf);
	if (w->s->ptp == CONF_PTP_UNCORRECTED)
		warn(w, "%s; those from port %s are not corrected (\"correction: false\"), and a client takes that for path delay: drop that key, or keep "
		     "the gate open", what, w->s->ptp_from);
	else
		warn(w, "%s; taktd corrects them, the kernel's taprio and many bridges do not: there keep the gate open, or give PTP another priority",
		     what);
}

/* -- the cycle ----------------------------------------------------------------------------------------------- */

static void warn_sum(struct warner *w)
{
	const struct gcl_conf *conf = &w->s->gate;
	int64_t sum = 0;
	char a[NS_STR_LEN], b[NS_STR_LEN];
	uint32_t i;

	for (i = 0; i < conf->n_entries; i++)
		sum += conf->entries[i].interval_ns;
	if (!conf->cycle_ns || sum == conf->cycle_ns)
		return;
	if (sum < conf->cycle_ns)
		warn(w, "the entries last %s of a cycle of %s: the last one holds for the rest (the kernel's taprio would begin anew); lengthen it, or shorten "
		     "the cycle", ns_exact(a, sum), ns_exact(b, conf->cycle_ns));
	else if (w->gcl->n_entries < conf->n_entries)
		warn(w, "the entries last %s, the cycle only %s: entries from number %u on never run; lengthen the cycle, or drop them", ns_exact(a, sum),
		     ns_exact(b, conf->cycle_ns), w->gcl->n_entries);
	else
		warn(w, "the entries last %s, the cycle only %s: the last one is cut; lengthen the cycle, or shorten it", ns_exact(a, sum),
		     ns_exact(b, conf->cycle_ns));
}

/* How far into a cycle is t, when a cycle begins at 0? */
static int64_t phase_of(const struct gcl *gcl, int64_t t)
{
	struct gcl from_zero = *gcl;
	struct cycle c;

	from_zero.t_base = 0;
	cycle_at(&from_zero, t, &c);
	return t - c.t;
}

static void warn_phase(struct warner *w)
{
	const struct gcl *g = w->gcl;
	int64_t off_ns = phase_of(g, TAI_OFFSET_S * NS_PER_SEC), base_ns = phase_of(g, g->t_base);
	char cycle[CLI_CYCLE_LEN], buf[NS_STR_LEN];

	if (off_ns)
		warn(w, "a cycle of %s does not divide 1 s: a clock that lacks the TAI offset of %d s is %s out of phase, and not seen to be; check CLOCK_TAI "
		     "on every machine", cli_cycle_str(cycle, g), TAI_OFFSET_S, ns_str(buf, off_ns));
	if (base_ns)
		warn(w, "the base time is no multiple of the cycle: cycles begin %s after those of a port whose base time is 0; give %" PRId64 " if they "
		     "should begin together", ns_str(buf, base_ns), g->t_base - base_ns);
	if (w->s->gate.extension_ns > g->cycle_ns)
		warn(w, "admin-cycle-time-extension is longer than a cycle: the last cycle of this schedule may last more than twice as long");
}

static void warn_nobody(struct warner *w)
{
	char buf[NS_STR_LEN];
	int64_t ns = 0;
	uint32_t i;

	for (i = 0; i < w->gcl->n_entries; i++)
		if (!w->gcl->entries[i].gates)
			ns += w->gcl->entries[i].interval_ns;
	if (ns * 10 > w->gcl->cycle_ns)
		warn(w, "no gate at all is open for %s of each cycle: guard bands need no entry of their own, a frame that would not end in time is held back",
		     ns_str(buf, ns));
}

/* -- shapers ------------------------------------------------------------------------------------------------- */

void cli_over_link(char text[static CONF_NOTE_LEN], unsigned int tc, double percent, int64_t idle_bps, double oper_bps)
{
	snprintf(text, CONF_NOTE_LEN, "class %u: its gate is open %.1f %% of the time, so an idle slope of %" PRId64 " bit/s needs %.0f bit/s while it is, more "
		 "than the link: it gets less than it reserves; open it longer", tc, percent, idle_bps, oper_bps);
}

/* 8.6.8.2: operIdleSlope is adminIdleSlope * OperCycleTime / GateOpenTime. */
static void warn_shaper(struct warner *w, unsigned int tc)
{
	const struct gcl_class *c = &w->gcl->class[tc];
	int64_t idle = w->s->cbs.idle_bps[tc];
	char text[CONF_NOTE_LEN];
	double oper;

	if (!idle || !w->gcl->enabled)
		return;
	if (!c->n_windows) {
		warn(w, "class %u is shaped but never open: its idle slope of %" PRId64 " bit/s is reserved for nothing", tc, idle);
		return;
	}
	oper = (double)idle * (double)w->gcl->cycle_ns / (double)c->open_ns;
	if (oper > (double)w->s->link_bps) {
		cli_over_link(text, tc, 100.0 * (double)c->open_ns / (double)w->gcl->cycle_ns, idle, oper);
		warn(w, "%s", text);
	}
}

static bool open_together(const struct gcl *gcl, unsigned int a, unsigned int b)
{
	uint32_t i;

	for (i = 0; i < gcl->n_entries; i++)
		if ((gcl->entries[i].gates >> a & 1) && (gcl->entries[i].gates >> b & 1))
			return true;
	return false;
}

static void warn_starved(struct warner *w)
{
	unsigned int high, low;

	for (high = TSN_CLASSES; high-- > 1;) {
		if (w->s->cbs.idle_bps[high] || !cli_used(w->s, high))
			continue;
		for (low = high; low-- > 0;)
			if (w->s->cbs.idle_bps[low] && open_together(w->gcl, high, low)) {
				warn(w, "class %u is not shaped and stands above class %u, which is: it can take what that one reserves; shape it too, or "
				     "give it a lower class", high, low);
				return;
			}
	}
}

uint32_t cli_warn(struct out *o, const struct conf_sched *s, const struct gcl *gcl, const struct wire *wire, int ptp_priority)
{
	struct warner w = {o, s, gcl, wire, 0};
	char text[CONF_NOTE_LEN];
	unsigned int tc;
	uint32_t i;

	for (i = 0; i < s->n_notes; i++)
		warn(&w, "%s", s->note[i]);
	if (gcl->enabled) {
		if (cli_never_open(text, s, gcl))
			warn(&w, "%s", text);
		for (tc = TSN_CLASSES; tc-- > 0;)
			warn_windows(&w, tc);
		warn_nobody(&w);
		if (ptp_priority >= 0)
			warn_ptp(&w, ptp_priority);
		warn_sum(&w);
		warn_phase(&w);
	}
	for (tc = TSN_CLASSES; tc-- > 0;)
		warn_shaper(&w, tc);
	warn_starved(&w);
	return w.n;
}
