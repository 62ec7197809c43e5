/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/qdisc_msg.h"

#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "vnet/qdisc_attr.h"

#define ATTR_MAX 65535	/* nla_len is 16 bits */

static void put_overhead(struct nlmsghdr *nlh, int32_t overhead)
{
	struct tc_sizespec spec = {.overhead = overhead};
	struct nlattr *nest;

	if (!overhead)
		return;
	nest = mnl_attr_nest_start(nlh, TCA_STAB);
	mnl_attr_put(nlh, TCA_STAB_BASE, sizeof(spec), &spec);
	mnl_attr_nest_end(nlh, nest);
}

static void fill_map(struct tc_mqprio_qopt *opt, const struct qdisc_map *map, uint8_t hw)
{
	memset(opt, 0, sizeof(*opt));
	opt->num_tc = map->num_tc;
	opt->hw = hw;
	memcpy(opt->prio_tc_map, map->prio_tc, sizeof(map->prio_tc));
	memcpy(opt->count, map->count, sizeof(map->count));
	memcpy(opt->offset, map->offset, sizeof(map->offset));
}

/* -- taprio -------------------------------------------------------------------------------------------------- */

/* All of them, always: for the kernel a class that is not named keeps the limit it had. */
static void put_classes(struct nlmsghdr *nlh, const struct qdisc_taprio *t)
{
	struct nlattr *nest;
	uint32_t tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		nest = mnl_attr_nest_start(nlh, TCA_TAPRIO_ATTR_TC_ENTRY);
		mnl_attr_put_u32(nlh, TCA_TAPRIO_TC_ENTRY_INDEX, tc);
		mnl_attr_put_u32(nlh, TCA_TAPRIO_TC_ENTRY_MAX_SDU, t->gate.max_sdu[tc]);
		if (t->fp_preemptible)	/* unknown before Linux 6.4, and refused there */
			mnl_attr_put_u32(nlh, QDISC_TAPRIO_TC_FP, t->fp_preemptible >> tc & 1 ? QDISC_FP_PREEMPTIBLE : QDISC_FP_EXPRESS);
		mnl_attr_nest_end(nlh, nest);
	}
}

static int put_entries(struct nlmsghdr *nlh, const struct nlattr *options, const struct qdisc_taprio *t, struct why *why)
{
	const size_t entry_size = MNL_ATTR_HDRLEN + 3 * (MNL_ATTR_HDRLEN + 4);
	size_t used = (size_t)((const char *)mnl_nlmsg_get_payload_tail(nlh) - (const char *)options);
	size_t room = (ATTR_MAX - used - MNL_ATTR_HDRLEN) / entry_size;
	struct nlattr *list, *nest;
	uint32_t i;

	if (t->gate.n_entries > room)
		return why_fail(why, E2BIG, "%" PRIu32 " entries: one message to the kernel says at most %zu: shorten the list", t->gate.n_entries, room);
	if (!t->gate.n_entries)
		return 0;
	list = mnl_attr_nest_start(nlh, TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST);
	for (i = 0; i < t->gate.n_entries; i++) {
		uint8_t c = t->commands ? t->commands[i] : 'S';

		nest = mnl_attr_nest_start(nlh, TCA_TAPRIO_SCHED_ENTRY);
		mnl_attr_put_u8(nlh, TCA_TAPRIO_SCHED_ENTRY_CMD,
				c == 'H' ? TC_TAPRIO_CMD_SET_AND_HOLD : c == 'R' ? TC_TAPRIO_CMD_SET_AND_RELEASE : TC_TAPRIO_CMD_SET_GATES);
		mnl_attr_put_u32(nlh, TCA_TAPRIO_SCHED_ENTRY_GATE_MASK, t->gate.entries[i].gates);
		mnl_attr_put_u32(nlh, TCA_TAPRIO_SCHED_ENTRY_INTERVAL, (uint32_t)t->gate.entries[i].interval_ns);
		mnl_attr_nest_end(nlh, nest);
	}
	mnl_attr_nest_end(nlh, list);
	return 0;
}

static int put_taprio(struct nlmsghdr *nlh, const struct qdisc_taprio *t, struct why *why)
{
	struct nlattr *options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	struct tc_mqprio_qopt map;
	int err;

	if (t->map.num_tc) {
		fill_map(&map, &t->map, 0);
		mnl_attr_put(nlh, TCA_TAPRIO_ATTR_PRIOMAP, sizeof(map), &map);
	}
	if (t->clockid != QDISC_NO_CLOCK)
		mnl_attr_put_u32(nlh, TCA_TAPRIO_ATTR_SCHED_CLOCKID, (uint32_t)t->clockid);
	if (t->flags)
		mnl_attr_put_u32(nlh, TCA_TAPRIO_ATTR_FLAGS, t->flags);
	if (t->txtime_delay_ns || t->flags == QDISC_TXTIME_ASSIST)
		mnl_attr_put_u32(nlh, TCA_TAPRIO_ATTR_TXTIME_DELAY, t->txtime_delay_ns);
	mnl_attr_put_u64(nlh, TCA_TAPRIO_ATTR_SCHED_BASE_TIME, (uint64_t)t->gate.t_base);
	if (t->gate.cycle_ns)
		mnl_attr_put_u64(nlh, TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME, (uint64_t)t->gate.cycle_ns);
	if (t->gate.extension_ns)
		mnl_attr_put_u64(nlh, TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION, (uint64_t)t->gate.extension_ns);
	put_classes(nlh, t);
	err = put_entries(nlh, options, t, why);
	if (!err)
		mnl_attr_nest_end(nlh, options);
	return err;
}

/* -- the others ---------------------------------------------------------------------------------------------- */

static void put_rates(struct nlmsghdr *nlh, uint16_t type, const uint64_t *rate, unsigned int n)
{
	struct nlattr *nest;
	unsigned int i;

	if (!n)
		return;
	nest = mnl_attr_nest_start(nlh, type);
	for (i = 0; i < n; i++)
		mnl_attr_put_u64(nlh, type, rate[i]);
	mnl_attr_nest_end(nlh, nest);
}

/* Its options begin with a bare struct; attributes follow behind it. */
static void put_mqprio(struct nlmsghdr *nlh, const struct qdisc_mqprio *m)
{
	struct nlattr *options = mnl_nlmsg_get_payload_tail(nlh), *nest;
	union {
		struct tc_mqprio_qopt map;
		char padded[MNL_ALIGN(sizeof(struct tc_mqprio_qopt))];
	} opt = {.padded = {0}};
	uint32_t tc;

	fill_map(&opt.map, &m->map, m->hw);
	mnl_attr_put(nlh, TCA_OPTIONS, sizeof(opt), &opt);
	if (m->mode)
		mnl_attr_put_u16(nlh, TCA_MQPRIO_MODE, (uint16_t)(m->mode - QDISC_MODE_DCB + TC_MQPRIO_MODE_DCB));
	if (m->shaper)
		mnl_attr_put_u16(nlh, TCA_MQPRIO_SHAPER, (uint16_t)(m->shaper - QDISC_SHAPER_DCB + TC_MQPRIO_SHAPER_DCB));
	put_rates(nlh, TCA_MQPRIO_MIN_RATE64, m->min_rate, m->n_min_rate);
	put_rates(nlh, TCA_MQPRIO_MAX_RATE64, m->max_rate, m->n_max_rate);
	for (tc = 0; m->fp_preemptible && tc < m->map.num_tc && tc < QDISC_MAX_TC; tc++) {
		nest = mnl_attr_nest_start(nlh, QDISC_MQPRIO_TC_ENTRY);
		mnl_attr_put_u32(nlh, QDISC_MQPRIO_TC_INDEX, tc);
		mnl_attr_put_u32(nlh, QDISC_MQPRIO_TC_FP, m->fp_preemptible >> tc & 1 ? QDISC_FP_PREEMPTIBLE : QDISC_FP_EXPRESS);
		mnl_attr_nest_end(nlh, nest);
	}
	mnl_attr_nest_end(nlh, options);
}

static void put_cbs(struct nlmsghdr *nlh, const struct qdisc_cbs *c)
{
	struct tc_cbs_qopt opt = {.offload = c->offload, .hicredit = c->hicredit, .locredit = c->locredit,
				  .idleslope = c->idleslope, .sendslope = c->sendslope};
	struct nlattr *options = mnl_attr_nest_start(nlh, TCA_OPTIONS);

	mnl_attr_put(nlh, TCA_CBS_PARMS, sizeof(opt), &opt);
	mnl_attr_nest_end(nlh, options);
}

static void put_etf(struct nlmsghdr *nlh, const struct qdisc_etf *e)
{
	struct tc_etf_qopt opt = {.delta = e->delta_ns, .clockid = e->clockid};
	struct nlattr *options = mnl_attr_nest_start(nlh, TCA_OPTIONS);

	opt.flags = (e->deadline ? TC_ETF_DEADLINE_MODE_ON : 0) | (e->offload ? TC_ETF_OFFLOAD_ON : 0) |
		    (e->skip_sock_check ? TC_ETF_SKIP_SOCK_CHECK : 0);
	mnl_attr_put(nlh, TCA_ETF_PARMS, sizeof(opt), &opt);
	mnl_attr_nest_end(nlh, options);
}

int qdisc_msg_put(struct nlmsghdr **out, void *buf, int ifindex, const struct qdisc *q, struct why *why)
{
	static const uint16_t flags[] = {
		[QDISC_REPLACE] = NLM_F_CREATE | NLM_F_REPLACE, [QDISC_ADD] = NLM_F_CREATE | NLM_F_EXCL, [QDISC_CHANGE] = 0,
	};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	int err = 0;

	nlh->nlmsg_type = RTM_NEWQDISC;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags[q->verb];
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_handle = q->handle;
	tc->tcm_parent = q->parent;
	mnl_attr_put_strz(nlh, TCA_KIND, qdisc_kind_name(q->kind));
	put_overhead(nlh, q->overhead);
	switch (q->kind) {
	case QDISC_TAPRIO:
		err = put_taprio(nlh, &q->taprio, why);
		break;
	case QDISC_MQPRIO:
		put_mqprio(nlh, &q->mqprio);
		break;
	case QDISC_CBS:
		put_cbs(nlh, &q->cbs);
		break;
	case QDISC_ETF:
		put_etf(nlh, &q->etf);
		break;
	}
	*out = nlh;
	return err;
}

/* -- what was seen --------------------------------------------------------------------------------------------- */

void qdisc_seen_swap(struct qdisc_seen *s)
{
	struct gcl_conf gate = s->q.taprio.gate;
	uint8_t *commands = s->q.taprio.commands;

	if (!s->has_admin)
		return;
	s->q.taprio.gate = s->admin;
	s->q.taprio.commands = s->admin_commands;
	s->admin = gate;
	s->admin_commands = commands;
}

void qdisc_seen_fini(struct qdisc_seen *s)
{
	if (!s)
		return;
	qdisc_fini(&s->q);
	free(s->admin.entries);
	free(s->admin_commands);
	s->admin.entries = NULL;
	s->admin_commands = NULL;
}
