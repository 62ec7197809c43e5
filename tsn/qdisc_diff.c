/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/qdisc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define MAX_ENTRIES_SAID 8	/* differing entries that get a sentence of their own */

struct diff {
	qdisc_say_fn *say;
	void *arg;
	unsigned int n;
};

static void differ(struct diff *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void differ(struct diff *d, const char *fmt, ...)
{
	char text[WHY_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->n++;
	if (d->say)
		d->say(d->arg, text);
}

static void number(struct diff *d, const char *what, int64_t asked, int64_t found)
{
	if (asked != found)
		differ(d, "%s: asked for %" PRId64 ", found %" PRId64, what, asked, found);
}

static void yes_no(struct diff *d, const char *what, bool asked, bool found)
{
	if (asked != found)
		differ(d, "%s: asked for %s, found %s", what, asked ? "on" : "off", found ? "on" : "off");
}

static void clock_of(struct diff *d, int32_t asked, int32_t found)
{
	const char *a = qdisc_clock_name(asked), *f = qdisc_clock_name(found);

	if (asked != found)
		differ(d, "clockid: asked for %s, found %s", a ? a : "none", f ? f : "none");
}

static void map_of(struct diff *d, const struct qdisc_map *a, const struct qdisc_map *f, bool queues)
{
	unsigned int i;

	if (!a->num_tc)
		return;
	number(d, "num_tc", a->num_tc, f->num_tc);
	for (i = 0; i < QDISC_PRIOS; i++)
		if (a->prio_tc[i] != f->prio_tc[i])
			differ(d, "map: priority %u: asked for class %u, found class %u", i, a->prio_tc[i], f->prio_tc[i]);
	for (i = 0; queues && i < a->num_tc && i < QDISC_MAX_TC; i++)
		if (a->count[i] != f->count[i] || a->offset[i] != f->offset[i])
			differ(d, "queues: class %u: asked for %u@%u, found %u@%u", i, a->count[i], a->offset[i], f->count[i], f->offset[i]);
}

static int64_t cycle_of(const struct gcl_conf *g)
{
	int64_t sum = 0;
	uint32_t i;

	if (g->cycle_ns)
		return g->cycle_ns;
	for (i = 0; i < g->n_entries; i++)
		sum += g->entries[i].interval_ns;
	return sum;
}

static void entries_of(struct diff *d, const struct qdisc_taprio *a, const struct qdisc_taprio *f)
{
	unsigned int said = 0;
	uint32_t i;

	number(d, "number of entries", a->gate.n_entries, f->gate.n_entries);
	for (i = 0; i < a->gate.n_entries && i < f->gate.n_entries; i++) {
		const struct gcl_entry *x = &a->gate.entries[i], *y = &f->gate.entries[i];
		char ac = a->commands ? (char)a->commands[i] : 'S', fc = f->commands ? (char)f->commands[i] : 'S';

		if (x->gates == y->gates && x->interval_ns == y->interval_ns && ac == fc)
			continue;
		if (said++ == MAX_ENTRIES_SAID) {
			differ(d, "entry %" PRIu32 " and maybe more behind it differ as well", i);
			return;
		}
		differ(d, "entry %" PRIu32 ": asked for %c %02x %" PRId64 ", found %c %02x %" PRId64, i, ac, x->gates, x->interval_ns, fc, y->gates,
		       y->interval_ns);
	}
}

static void taprio_of(struct diff *d, const struct qdisc_taprio *a, const struct qdisc_taprio *f)
{
	char what[32];
	unsigned int i;

	map_of(d, &a->map, &f->map, true);
	clock_of(d, a->clockid, f->clockid);
	if (a->flags != f->flags)
		differ(d, "flags: asked for 0x%" PRIx32 ", found 0x%" PRIx32, a->flags, f->flags);
	number(d, "txtime-delay", a->txtime_delay_ns, f->txtime_delay_ns);
	number(d, "base-time", a->gate.t_base, f->gate.t_base);
	number(d, "cycle-time", cycle_of(&a->gate), cycle_of(&f->gate));
	number(d, "cycle-time-extension", a->gate.extension_ns, f->gate.extension_ns);
	for (i = 0; i < TSN_CLASSES; i++) {
		snprintf(what, sizeof(what), "max-sdu of class %u", i);
		number(d, what, a->gate.max_sdu[i], f->gate.max_sdu[i]);
	}
	for (i = 0; i < QDISC_MAX_TC; i++)
		if ((a->fp_preemptible ^ f->fp_preemptible) >> i & 1)
			differ(d, "fp of class %u: asked for %c, found %c", i, a->fp_preemptible >> i & 1 ? 'P' : 'E',
			       f->fp_preemptible >> i & 1 ? 'P' : 'E');
	entries_of(d, a, f);
}

static void rates_of(struct diff *d, const char *what, const uint64_t *a, unsigned int n, const uint64_t *f)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (a[i] != f[i])
			differ(d, "%s of class %u: asked for %" PRIu64 " bytes/s, found %" PRIu64, what, i, a[i], f[i]);
}

static void mqprio_of(struct diff *d, const struct qdisc_mqprio *a, const struct qdisc_mqprio *f)
{
	unsigned int i;
	bool queues = !a->hw;	/* hardware may choose, unless asked for */

	for (i = 0; i < QDISC_MAX_TC; i++)
		queues |= a->map.count[i];
	map_of(d, &a->map, &f->map, queues);
	yes_no(d, "hw", a->hw, f->hw);
	if (a->mode)
		number(d, "mode", a->mode, f->mode);
	if (a->shaper)
		number(d, "shaper", a->shaper, f->shaper);
	rates_of(d, "min_rate", a->min_rate, a->n_min_rate, f->min_rate);
	rates_of(d, "max_rate", a->max_rate, a->n_max_rate, f->max_rate);
	number(d, "fp", a->fp_preemptible, f->fp_preemptible);
}

static void cbs_of(struct diff *d, const struct qdisc_cbs *a, const struct qdisc_cbs *f)
{
	number(d, "hicredit", a->hicredit, f->hicredit);
	number(d, "locredit", a->locredit, f->locredit);
	number(d, "sendslope", a->sendslope, f->sendslope);
	number(d, "idleslope", a->idleslope, f->idleslope);
	yes_no(d, "offload", a->offload, f->offload);
}

static void etf_of(struct diff *d, const struct qdisc_etf *a, const struct qdisc_etf *f)
{
	clock_of(d, a->clockid, f->clockid);
	number(d, "delta", a->delta_ns, f->delta_ns);
	yes_no(d, "deadline_mode", a->deadline, f->deadline);
	yes_no(d, "offload", a->offload, f->offload);
	yes_no(d, "skip_sock_check", a->skip_sock_check, f->skip_sock_check);
}

unsigned int qdisc_diff(const struct qdisc *asked, const struct qdisc *found, qdisc_say_fn *say, void *arg)
{
	struct diff d = {.say = say, .arg = arg};

	if (asked->kind != found->kind) {
		differ(&d, "asked for %s, found %s", qdisc_kind_name(asked->kind), qdisc_kind_name(found->kind));
		return d.n;
	}
	if (asked->handle && asked->handle != found->handle)
		differ(&d, "handle: asked for %x:, found %x:", asked->handle >> 16, found->handle >> 16);
	if (asked->parent != found->parent)
		differ(&d, "parent: asked for %x, found %x", asked->parent, found->parent);
	number(&d, "stab overhead", asked->overhead, found->overhead);
	switch (asked->kind) {
	case QDISC_TAPRIO:
		taprio_of(&d, &asked->taprio, &found->taprio);
		break;
	case QDISC_MQPRIO:
		mqprio_of(&d, &asked->mqprio, &found->mqprio);
		break;
	case QDISC_CBS:
		cbs_of(&d, &asked->cbs, &found->cbs);
		break;
	case QDISC_ETF:
		etf_of(&d, &asked->etf, &found->etf);
		break;
	}
	return d.n;
}
