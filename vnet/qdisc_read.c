/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qdisc_read: what the kernel says about a queueing discipline. Lengths are checked: kernels differ in what they send.
 */
#include "vnet/qdisc_msg.h"

#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnet/qdisc_attr.h"

/* A number of up to `size` bytes in the host's order; false when the attribute is shorter. */
static bool number(const struct nlattr *a, void *v, size_t size)
{
	if (mnl_attr_get_payload_len(a) < size)
		return false;
	memcpy(v, mnl_attr_get_payload(a), size);
	return true;
}

/* -- taprio -------------------------------------------------------------------------------------------------- */

static int read_entry(const struct nlattr *nest, struct gcl_entry *e, uint8_t *command, uint32_t n, struct why *why)
{
	static const char names[] = {'S', 'H', 'R'};
	const struct nlattr *a;
	uint32_t mask = 0, interval = 0;
	uint8_t cmd = 0;

	mnl_attr_for_each_nested(a, nest) {
		switch (mnl_attr_get_type(a)) {
		case TCA_TAPRIO_SCHED_ENTRY_CMD:
			number(a, &cmd, sizeof(cmd));
			break;
		case TCA_TAPRIO_SCHED_ENTRY_GATE_MASK:
			number(a, &mask, sizeof(mask));
			break;
		case TCA_TAPRIO_SCHED_ENTRY_INTERVAL:
			number(a, &interval, sizeof(interval));
			break;
		}
	}
	if (mask > 0xff)
		return why_fail(why, EPROTO, "the kernel's entry %" PRIu32 " has the mask 0x%" PRIx32 ": only classes 0 to 7 are known here", n, mask);
	e->gates = (uint8_t)mask;
	e->interval_ns = interval;
	*command = cmd < sizeof(names) ? (uint8_t)names[cmd] : '?';
	return 0;
}

static int read_entries(const struct nlattr *list, struct gcl_conf *g, uint8_t **commands, struct why *why)
{
	const struct nlattr *a;
	uint32_t n = 0;
	bool all_s = true;
	int err;

	mnl_attr_for_each_nested(a, list)
		n++;
	free(g->entries);
	free(*commands);
	g->n_entries = 0;
	g->entries = calloc(n + 1, sizeof(*g->entries));
	*commands = calloc(n + 1, 1);
	if (!g->entries || !*commands)
		return why_fail(why, ENOMEM, "out of memory");
	mnl_attr_for_each_nested(a, list) {
		if (mnl_attr_get_type(a) != TCA_TAPRIO_SCHED_ENTRY || g->n_entries == n)
			continue;
		err = read_entry(a, &g->entries[g->n_entries], &(*commands)[g->n_entries], g->n_entries, why);
		if (err)
			return err;
		all_s &= (*commands)[g->n_entries] == 'S';
		g->n_entries++;
	}
	if (all_s) {
		free(*commands);
		*commands = NULL;
	}
	return 0;
}

/* The attributes that both the running and the waiting schedule have. */
static int read_schedule(const struct nlattr *a, struct gcl_conf *g, uint8_t **commands, struct why *why)
{
	switch (mnl_attr_get_type(a)) {
	case TCA_TAPRIO_ATTR_SCHED_BASE_TIME:
		number(a, &g->t_base, sizeof(g->t_base));
		return 0;
	case TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME:
		number(a, &g->cycle_ns, sizeof(g->cycle_ns));
		return 0;
	case TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION:
		number(a, &g->extension_ns, sizeof(g->extension_ns));
		return 0;
	case TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST:
		return read_entries(a, g, commands, why);
	}
	return 0;
}

static void read_class(const struct nlattr *nest, struct qdisc_taprio *t)
{
	uint32_t tc = UINT32_MAX, sdu = 0, fp = 0;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) {
		switch (mnl_attr_get_type(a)) {
		case TCA_TAPRIO_TC_ENTRY_INDEX:
			number(a, &tc, sizeof(tc));
			break;
		case TCA_TAPRIO_TC_ENTRY_MAX_SDU:
			number(a, &sdu, sizeof(sdu));
			break;
		case QDISC_TAPRIO_TC_FP:
			number(a, &fp, sizeof(fp));
			break;
		}
	}
	if (tc < TSN_CLASSES)
		t->gate.max_sdu[tc] = sdu;
	if (tc < QDISC_MAX_TC && fp == QDISC_FP_PREEMPTIBLE)
		t->fp_preemptible |= (uint16_t)(1u << tc);
}

static int read_map(struct qdisc_map *map, uint8_t *hw, const void *payload, size_t len, struct why *why)
{
	struct tc_mqprio_qopt opt;

	if (len < sizeof(opt))
		return 0;
	memcpy(&opt, payload, sizeof(opt));
	if (opt.num_tc > QDISC_MAX_TC)
		return why_fail(why, EPROTO, "the kernel's map has %u classes: only up to %d are known here", opt.num_tc, QDISC_MAX_TC);
	map->num_tc = opt.num_tc;
	memcpy(map->prio_tc, opt.prio_tc_map, sizeof(map->prio_tc));
	memcpy(map->count, opt.count, sizeof(map->count));
	memcpy(map->offset, opt.offset, sizeof(map->offset));
	if (hw)
		*hw = opt.hw;
	return 0;
}

static int read_admin(struct qdisc_seen *s, const struct nlattr *nest, struct why *why)
{
	const struct nlattr *a;
	int err = 0;

	s->has_admin = true;
	mnl_attr_for_each_nested(a, nest)
		err = err ?: read_schedule(a, &s->admin, &s->admin_commands, why);
	return err;
}

static int read_taprio(struct qdisc_seen *s, const struct nlattr *options, struct why *why)
{
	struct qdisc_taprio *t = &s->q.taprio;
	const struct nlattr *a;
	int err = 0;

	t->clockid = QDISC_NO_CLOCK;
	mnl_attr_for_each_nested(a, options) {
		switch (mnl_attr_get_type(a)) {
		case TCA_TAPRIO_ATTR_PRIOMAP:
			err = read_map(&t->map, NULL, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a), why);
			break;
		case TCA_TAPRIO_ATTR_SCHED_CLOCKID:
			number(a, &t->clockid, sizeof(t->clockid));
			break;
		case TCA_TAPRIO_ATTR_FLAGS:
			number(a, &t->flags, sizeof(t->flags));
			break;
		case TCA_TAPRIO_ATTR_TXTIME_DELAY:
			number(a, &t->txtime_delay_ns, sizeof(t->txtime_delay_ns));
			break;
		case TCA_TAPRIO_ATTR_TC_ENTRY:
			read_class(a, t);
			break;
		case TCA_TAPRIO_ATTR_ADMIN_SCHED:
			err = read_admin(s, a, why);
			break;
		default:
			err = read_schedule(a, &t->gate, &t->commands, why);
		}
		if (err)
			return err;
	}
	t->gate.enabled = true;
	t->gate.initial_gates = s->admin.initial_gates = 0xff;	/* the kernel's: all open before the first cycle */
	s->admin.enabled = true;
	memcpy(s->admin.max_sdu, t->gate.max_sdu, sizeof(s->admin.max_sdu));
	return 0;
}

/* -- the others ---------------------------------------------------------------------------------------------- */

static uint8_t read_rates(const struct nlattr *nest, uint64_t *rate)
{
	const struct nlattr *a;
	uint8_t n = 0;

	mnl_attr_for_each_nested(a, nest)
		if (n < QDISC_MAX_TC)
			number(a, &rate[n++], sizeof(rate[0]));
	return n;
}

static void read_mqprio_class(struct qdisc_mqprio *m, const struct nlattr *nest)
{
	uint32_t tc = UINT32_MAX, fp = 0;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) {
		if (mnl_attr_get_type(a) == QDISC_MQPRIO_TC_INDEX)
			number(a, &tc, sizeof(tc));
		else if (mnl_attr_get_type(a) == QDISC_MQPRIO_TC_FP)
			number(a, &fp, sizeof(fp));
	}
	if (tc < QDISC_MAX_TC && fp == QDISC_FP_PREEMPTIBLE)
		m->fp_preemptible |= (uint16_t)(1u << tc);
}

static int read_mqprio(struct qdisc_mqprio *m, const struct nlattr *options, struct why *why)
{
	const void *p = mnl_attr_get_payload(options), *rest;
	size_t len = mnl_attr_get_payload_len(options), head = MNL_ALIGN(sizeof(struct tc_mqprio_qopt));
	const struct nlattr *attr;	/* libmnl's macro wants this name */
	uint16_t v;
	int err = read_map(&m->map, &m->hw, p, len, why);

	if (err || len <= head)
		return err;
	rest = (const char *)p + head;
	mnl_attr_for_each_payload(rest, len - head) {
		switch (mnl_attr_get_type(attr)) {
		case TCA_MQPRIO_MODE:
			if (number(attr, &v, sizeof(v)))
				m->mode = (enum qdisc_mode)(v - TC_MQPRIO_MODE_DCB + QDISC_MODE_DCB);
			break;
		case TCA_MQPRIO_SHAPER:
			if (number(attr, &v, sizeof(v)))
				m->shaper = (enum qdisc_shaper)(v - TC_MQPRIO_SHAPER_DCB + QDISC_SHAPER_DCB);
			break;
		case TCA_MQPRIO_MIN_RATE64:
			m->n_min_rate = read_rates(attr, m->min_rate);
			break;
		case TCA_MQPRIO_MAX_RATE64:
			m->n_max_rate = read_rates(attr, m->max_rate);
			break;
		case QDISC_MQPRIO_TC_ENTRY:
			read_mqprio_class(m, attr);
			break;
		}
	}
	return 0;
}

static void read_cbs(struct qdisc_cbs *c, const struct nlattr *options)
{
	struct tc_cbs_qopt opt;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, options)
		if (mnl_attr_get_type(a) == TCA_CBS_PARMS && number(a, &opt, sizeof(opt)))
			*c = (struct qdisc_cbs){.offload = opt.offload, .hicredit = opt.hicredit, .locredit = opt.locredit,
						.idleslope = opt.idleslope, .sendslope = opt.sendslope};
}

static void read_etf(struct qdisc_etf *e, const struct nlattr *options)
{
	struct tc_etf_qopt opt;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, options)
		if (mnl_attr_get_type(a) == TCA_ETF_PARMS && number(a, &opt, sizeof(opt)))
			*e = (struct qdisc_etf){.delta_ns = opt.delta, .clockid = opt.clockid, .deadline = opt.flags & TC_ETF_DEADLINE_MODE_ON,
						.offload = opt.flags & TC_ETF_OFFLOAD_ON,
						.skip_sock_check = opt.flags & TC_ETF_SKIP_SOCK_CHECK};
}

static int read_options(struct qdisc_seen *s, const struct nlattr *options, struct why *why)
{
	switch (s->q.kind) {
	case QDISC_TAPRIO:
		return read_taprio(s, options, why);
	case QDISC_MQPRIO:
		return read_mqprio(&s->q.mqprio, options, why);
	case QDISC_CBS:
		read_cbs(&s->q.cbs, options);
		break;
	case QDISC_ETF:
		read_etf(&s->q.etf, options);
		break;
	}
	return 0;
}

static void read_overhead(struct qdisc *q, const struct nlattr *stab)
{
	struct tc_sizespec spec;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, stab)
		if (mnl_attr_get_type(a) == TCA_STAB_BASE && number(a, &spec, sizeof(spec)))
			q->overhead = spec.overhead;
}

static void read_stats(struct qdisc_seen *s, const struct nlattr *stats)
{
	const struct nlattr *a, *x;

	mnl_attr_for_each_nested(a, stats) {
		if (mnl_attr_get_type(a) != TCA_STATS_APP || !s->known || s->q.kind != QDISC_TAPRIO)
			continue;
		mnl_attr_for_each_nested(x, a) {
			if (mnl_attr_get_type(x) == QDISC_TAPRIO_WINDOW_DROPS)
				s->has_xstats |= number(x, &s->window_drops, sizeof(s->window_drops));
			else if (mnl_attr_get_type(x) == QDISC_TAPRIO_TX_OVERRUNS)
				s->has_xstats |= number(x, &s->tx_overruns, sizeof(s->tx_overruns));
		}
	}
}

static void read_attr(struct qdisc_seen *s, const struct nlattr *a, const struct nlattr **options, const struct nlattr **stats)
{
	uint8_t hw;
	int kind;

	switch (mnl_attr_get_type(a)) {
	case TCA_KIND:
		snprintf(s->kind, sizeof(s->kind), "%.*s", (int)mnl_attr_get_payload_len(a), mnl_attr_get_str(a));
		kind = qdisc_kind_find(s->kind);
		s->known = kind >= 0;
		s->q.kind = s->known ? (enum qdisc_kind)kind : QDISC_CBS;	/* one that owns nothing */
		break;
	case TCA_OPTIONS:
		*options = a;
		break;
	case TCA_STATS2:
		*stats = a;
		break;
	case TCA_STAB:
		read_overhead(&s->q, a);
		break;
	case TCA_HW_OFFLOAD:
		s->offloaded = number(a, &hw, sizeof(hw)) && hw;
		break;
	}
}

int qdisc_msg_get(struct qdisc_seen *s, const struct nlmsghdr *nlh, struct why *why)
{
	const struct nlattr *options = NULL, *stats = NULL, *attr; /* libmnl's macro wants this name */
	size_t len = mnl_nlmsg_get_payload_len(nlh), head = MNL_ALIGN(sizeof(struct tcmsg));
	const struct tcmsg *tc;
	const void *rest;
	int err = 0;

	*s = (struct qdisc_seen){.q.kind = QDISC_CBS};
	if (len < head)
		return why_fail(why, EPROTO, "the kernel's answer is too short");
	tc = mnl_nlmsg_get_payload(nlh);
	s->ifindex = tc->tcm_ifindex;
	s->handle = s->q.handle = tc->tcm_handle;
	s->parent = s->q.parent = tc->tcm_parent;
	s->refcnt = tc->tcm_info;
	/* Not mnl_attr_for_each(): that goes on to the next multiple of four. */
	rest = (const char *)tc + head;
	mnl_attr_for_each_payload(rest, len - head)
		read_attr(s, attr, &options, &stats);
	if (options && s->known)
		err = read_options(s, options, why);
	if (stats)
		read_stats(s, stats);
	if (err)
		qdisc_seen_fini(s);
	return err;
}
