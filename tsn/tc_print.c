/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tc_print: a queueing discipline as a tc command line.
 */
#include "tsn/qdisc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct text {
	char *s;
	size_t len, size;
	bool failed;		/* out of memory: the rest is dropped */
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	size_t n;
	char *s;

	va_start(ap, fmt);
	n = (size_t)vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (t->failed)
		return;
	if (t->len + n + 1 > t->size) {
		s = realloc(t->s, 2 * t->size + n + 1);
		if (!s) {
			t->failed = true;
			return;
		}
		t->s = s;
		t->size = 2 * t->size + n + 1;
	}
	va_start(ap, fmt);
	vsnprintf(t->s + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	t->len += n;
}

static void add_map(struct text *t, const struct qdisc_map *map)
{
	unsigned int i, classes = map->num_tc < QDISC_MAX_TC ? map->num_tc : QDISC_MAX_TC;
	bool queues = false;

	if (!classes)
		return;
	add(t, " num_tc %u map", map->num_tc);
	for (i = 0; i < QDISC_PRIOS; i++)
		add(t, " %u", map->prio_tc[i]);
	for (i = 0; i < classes; i++)
		queues |= map->count[i] || map->offset[i];
	for (i = 0; queues && i < classes; i++)
		add(t, "%s%u@%u", i ? " " : " queues ", map->count[i], map->offset[i]);
}

static void add_fp(struct text *t, uint16_t preemptible, unsigned int classes)
{
	unsigned int i;

	if (!preemptible)
		return;
	add(t, " fp");
	for (i = 0; i < QDISC_MAX_TC && (i < classes || preemptible >> i); i++)
		add(t, " %c", preemptible >> i & 1 ? 'P' : 'E');
}

static void add_max_sdu(struct text *t, const uint32_t *max_sdu)
{
	unsigned int i, n = TSN_CLASSES;

	while (n && !max_sdu[n - 1])
		n--;
	for (i = 0; i < n; i++)
		add(t, "%s%" PRIu32, i ? " " : " max-sdu ", max_sdu[i]);
}

static void add_clock(struct text *t, int32_t clockid)
{
	const char *name = qdisc_clock_name(clockid);

	if (name)
		add(t, " clockid %s", name);
	else if (clockid != QDISC_NO_CLOCK)
		add(t, " clockid %" PRId32, clockid);
}

static void add_taprio(struct text *t, const struct qdisc_taprio *q)
{
	const struct gcl_conf *g = &q->gate;
	uint32_t i;

	add_map(t, &q->map);
	add(t, " base-time %" PRId64, g->t_base);
	if (g->cycle_ns)
		add(t, " cycle-time %" PRId64, g->cycle_ns);
	if (g->extension_ns)
		add(t, " cycle-time-extension %" PRId64, g->extension_ns);
	for (i = 0; i < g->n_entries; i++)
		add(t, " sched-entry %c %02x %" PRId64, q->commands ? q->commands[i] : 'S', g->entries[i].gates, g->entries[i].interval_ns);
	add_max_sdu(t, g->max_sdu);
	add_fp(t, q->fp_preemptible, q->map.num_tc);
	if (q->flags)
		add(t, " flags 0x%" PRIx32, q->flags);
	if (q->txtime_delay_ns)
		add(t, " txtime-delay %" PRIu32, q->txtime_delay_ns);
	add_clock(t, q->clockid);
}

/* Bytes/s as tc reads them back. */
static void add_rates(struct text *t, const char *name, const uint64_t *rate, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		add(t, "%s%s %" PRIu64 "bps", i ? "" : " ", i ? "" : name, rate[i]);
}

static void add_mqprio(struct text *t, const struct qdisc_mqprio *q)
{
	if (!q->map.num_tc)
		add(t, " num_tc 0"); /* unsaid it would be 8 */
	add_map(t, &q->map);
	add(t, " hw %u", q->hw);
	if (q->mode)
		add(t, " mode %s", q->mode == QDISC_MODE_DCB ? "dcb" : "channel");
	if (q->shaper)
		add(t, " shaper %s", q->shaper == QDISC_SHAPER_DCB ? "dcb" : "bw_rlimit");
	add_rates(t, "min_rate", q->min_rate, q->n_min_rate);
	add_rates(t, "max_rate", q->max_rate, q->n_max_rate);
	add_fp(t, q->fp_preemptible, q->map.num_tc);
}

static void add_etf(struct text *t, const struct qdisc_etf *q)
{
	add(t, " delta %" PRId32, q->delta_ns);
	add_clock(t, q->clockid);
	add(t, "%s%s%s", q->deadline ? " deadline_mode" : "", q->offload ? " offload" : "", q->skip_sock_check ? " skip_sock_check" : "");
}

char *qdisc_print_tc(const struct qdisc *q, const char *dev)
{
	static const char *const verbs[] = {[QDISC_REPLACE] = "replace", [QDISC_ADD] = "add", [QDISC_CHANGE] = "change"};
	struct text t = {0};

	add(&t, "tc qdisc %s dev %s", verbs[q->verb], dev ? dev : "DEV");
	if (q->parent == QDISC_ROOT)
		add(&t, " root");
	else
		add(&t, " parent %x:%x", q->parent >> 16, q->parent & 0xffff);
	if (q->handle)
		add(&t, " handle %x:", q->handle >> 16);
	if (q->overhead)
		add(&t, " stab overhead %" PRId32, q->overhead);
	add(&t, " %s", qdisc_kind_name(q->kind));
	switch (q->kind) {
	case QDISC_TAPRIO:
		add_taprio(&t, &q->taprio);
		break;
	case QDISC_MQPRIO:
		add_mqprio(&t, &q->mqprio);
		break;
	case QDISC_CBS:
		add(&t, " hicredit %" PRId32 " locredit %" PRId32 " sendslope %" PRId32 " idleslope %" PRId32 " offload %d", q->cbs.hicredit,
		    q->cbs.locredit, q->cbs.sendslope, q->cbs.idleslope, q->cbs.offload);
		break;
	case QDISC_ETF:
		add_etf(&t, &q->etf);
		break;
	}
	if (!t.failed)
		return t.s;
	free(t.s);
	return NULL;
}
