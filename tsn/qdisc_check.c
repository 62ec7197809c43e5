/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/qdisc.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool speed_known(const struct qdisc_dev *dev)
{
	return dev->link_bps >= WIRE_MIN_BPS;
}

static void wire_of(const struct qdisc_dev *dev, struct wire *wire)
{
	wire_init(wire, speed_known(dev) ? min(dev->link_bps, WIRE_MAX_BPS) : QDISC_UNKNOWN_BPS, NULL);
}

static int64_t sum_of(const struct gcl_conf *g)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < g->n_entries; i++)
		sum += g->entries[i].interval_ns;
	return sum;
}

/* -- what keeps a kernel alive ------------------------------------------------------------------------------- */

/* A change that says nothing about flags means none: the kernel reads it so, too. */
static int check_timer(const struct qdisc_taprio *t, const struct qdisc_dev *dev, bool force, struct why *why)
{
	const struct gcl_conf *g = &t->gate;
	const char *as = speed_known(dev) ? "" : " (the link's speed is unknown, and the kernel takes 10 Mb/s then: ethtool -s DEV speed)";
	int64_t shortest, run_ns = sum_of(g);
	struct wire wire;
	uint32_t i;

	wire_of(dev, &wire);
	shortest = force ? QDISC_FLOOR_NS : wire_ns(&wire, WIRE_MIN_FRAME);
	for (i = 0; i < g->n_entries; i++)
		if (g->entries[i].interval_ns < shortest)
			return why_fail(why, EINVAL, "entry %" PRIu32 " lasts %" PRId64 " ns, less than a shortest frame: give at least %" PRId64 " ns%s",
					i, g->entries[i].interval_ns, shortest, force ? " (shorter ones lock the kernel up)" : as);
	/* The kernel cuts the list at the end of the cycle, and begins anew where the list is shorter. */
	if (g->cycle_ns > 0 && g->cycle_ns < run_ns)
		run_ns = g->cycle_ns;
	if (g->n_entries && !(t->flags & QDISC_FULL_OFFLOAD) && run_ns / g->n_entries < QDISC_TIMER_NS)
		return why_fail(why, EINVAL, "%" PRIu32 " entries in %" PRId64 " ns keep the kernel's timer busy for ever: give at least %" PRId64
				" ns per entry on average, or let hardware do it (flags 0x2)", g->n_entries, run_ns, QDISC_TIMER_NS);
	return 0;
}

/* -- what a kernel refuses ----------------------------------------------------------------------------------- */

static int check_root(const struct qdisc *q, const struct qdisc_dev *dev, struct why *why)
{
	const char *kind = qdisc_kind_name(q->kind);

	if (q->parent != QDISC_ROOT)
		return why_fail(why, EINVAL, "%s cannot be a child: give root instead of parent %x:%x", kind, q->parent >> 16, q->parent & 0xffff);
	if (dev->queues < 2)
		return why_fail(why, EINVAL, "%s needs a device with several transmit queues, and this one has %" PRIu32
				": give it more (ethtool -L DEV combined N)", kind, dev->queues);
	return 0;
}

static int check_queues(const struct qdisc_map *map, const struct qdisc_dev *dev, bool may_overlap, struct why *why)
{
	unsigned int i, j, last;

	for (i = 0; i < map->num_tc; i++)
		if (!map->count[i])
			return why_fail(why, EINVAL, "queues: class %u has none: give COUNT@FIRST for each of the %u classes", i, map->num_tc);
	for (i = 0; i < map->num_tc; i++) {
		last = map->offset[i] + map->count[i];
		if (last > dev->queues)
			return why_fail(why, EINVAL, "queues: class %u has queue %u, but only 0 to %" PRIu32
					" are in use: give others, or more queues (ethtool -L DEV combined N)", i, last - 1, dev->queues - 1);
		for (j = i + 1; j < map->num_tc && !may_overlap; j++)
			if (last > map->offset[j])
				return why_fail(why, EINVAL, "queues: class %u begins at queue %u, before the end of class %u's: give each class its own, "
						"in ascending order", j, map->offset[j], i);
	}
	return 0;
}

static int check_map(const struct qdisc_map *map, const struct qdisc_dev *dev, struct why *why)
{
	unsigned int i;

	if (!map->num_tc || map->num_tc > QDISC_MAX_TC)
		return why_fail(why, EINVAL, "num_tc: %u classes are not possible: give 1 to %d", map->num_tc, QDISC_MAX_TC);
	if (map->num_tc > dev->queues)
		return why_fail(why, EINVAL, "num_tc: %u classes need %u transmit queues, and this device has %" PRIu32
				": give fewer classes, or more queues (ethtool -L DEV combined N)", map->num_tc, map->num_tc, dev->queues);
	for (i = 0; i < QDISC_PRIOS; i++)
		if (map->prio_tc[i] >= map->num_tc)
			return why_fail(why, EINVAL, "map: priority %u is mapped to class %u: give a class below num_tc, %u", i, map->prio_tc[i],
					map->num_tc);
	return 0;
}

static int check_clock(const struct qdisc_taprio *t, struct why *why)
{
	if (t->flags & ~(QDISC_TXTIME_ASSIST | QDISC_FULL_OFFLOAD) || t->flags == (QDISC_TXTIME_ASSIST | QDISC_FULL_OFFLOAD))
		return why_fail(why, EINVAL, "flags 0x%" PRIx32 " are not valid: give 0 (software), 0x1 (txtime-assist) or 0x2 (full offload)", t->flags);
	if (t->flags == QDISC_FULL_OFFLOAD && t->clockid != QDISC_NO_CLOCK)
		return why_fail(why, EINVAL, "clockid cannot be given with full offload: leave it away, the device's own clock is meant");
	if (t->flags != QDISC_FULL_OFFLOAD && t->clockid == QDISC_NO_CLOCK)
		return why_fail(why, EINVAL, "clockid is missing: give clockid CLOCK_TAI");
	if (t->flags != QDISC_FULL_OFFLOAD && !qdisc_clock_name(t->clockid))
		return why_fail(why, EINVAL, "clockid %" PRId32 " is no clock of the kernel: give CLOCK_TAI", t->clockid);
	if (t->txtime_delay_ns && t->flags != QDISC_TXTIME_ASSIST)
		return why_fail(why, EINVAL, "txtime-delay is for txtime-assist: give flags 0x1 too, or leave it away");
	return 0;
}

static int check_times(const struct gcl_conf *g, struct why *why)
{
	int64_t sum = sum_of(g);

	if (!g->n_entries)
		return why_fail(why, EINVAL, "there is no entry: give at least one sched-entry");
	if (g->t_base > GCL_MAX_BASE_NS || g->t_base < -GCL_MAX_BASE_NS)
		return why_fail(why, EINVAL, "base-time %" PRId64 " is out of range: give at most %" PRId64 " either way", g->t_base, GCL_MAX_BASE_NS);
	if (g->cycle_ns < 0 || g->cycle_ns > INT_MAX)
		return why_fail(why, EINVAL, "cycle-time %" PRId64 " is out of range: give at most %d ns, or leave it away", g->cycle_ns, INT_MAX);
	if (!g->cycle_ns && sum > INT_MAX)
		return why_fail(why, EINVAL, "the entries last %" PRId64 " ns together: give at most %d ns", sum, INT_MAX);
	if (g->extension_ns < 0 || g->extension_ns > INT_MAX)
		return why_fail(why, EINVAL, "cycle-time-extension %" PRId64 " is out of range: give 0 to %d ns", g->extension_ns, INT_MAX);
	return 0;
}

static int check_taprio(const struct qdisc *q, const struct qdisc_dev *dev, struct why *why)
{
	const struct qdisc_taprio *t = &q->taprio;
	bool assist = t->flags == QDISC_TXTIME_ASSIST;
	unsigned int i;
	int err = check_root(q, dev, why);

	/* A change may leave the map as it is. */
	if (!err && (t->map.num_tc || q->verb != QDISC_CHANGE))
		err = check_map(&t->map, dev, why) ?: check_queues(&t->map, dev, assist, why);
	if (!err)
		err = check_times(&t->gate, why);
	if (!err)
		err = check_clock(t, why);
	for (i = 0; !err && i < TSN_CLASSES; i++)
		if (dev->max_mtu && t->gate.max_sdu[i] > dev->max_mtu)
			err = why_fail(why, EINVAL, "max-sdu: class %u: %" PRIu32 " bytes are more than the device's largest MTU: give at most %" PRIu32, i,
				       t->gate.max_sdu[i], dev->max_mtu);
	return err;
}

static int check_mqprio(const struct qdisc *q, const struct qdisc_dev *dev, struct why *why)
{
	const struct qdisc_mqprio *m = &q->mqprio;
	int err = check_root(q, dev, why) ?: check_map(&m->map, dev, why);

	if (err || m->hw)
		return err;
	if (m->mode || m->shaper || m->n_min_rate || m->n_max_rate)
		return why_fail(why, EINVAL, "mode, shaper and rates are for hardware: leave them away, or give hw 1");
	return check_queues(&m->map, dev, false, why);
}

static int check_etf(const struct qdisc_etf *e, struct why *why)
{
	if (e->clockid == QDISC_NO_CLOCK)
		return why_fail(why, EINVAL, "clockid is missing: give clockid CLOCK_TAI");
	if (e->clockid != CLOCK_TAI)
		return why_fail(why, EINVAL, "clockid: etf knows only one clock: give CLOCK_TAI");
	if (e->delta_ns < 0)
		return why_fail(why, EINVAL, "delta %" PRId32 " is negative: give 0 or more nanoseconds", e->delta_ns);
	return 0;
}

int qdisc_check(const struct qdisc *q, const struct qdisc_dev *dev, bool force, struct why *why)
{
	int err = 0;

	if (q->kind == QDISC_TAPRIO && !force)
		err = check_taprio(q, dev, why);
	else if (q->kind == QDISC_MQPRIO && !force)
		err = check_mqprio(q, dev, why);
	else if (q->kind == QDISC_ETF && !force)
		err = check_etf(&q->etf, why);
	if (!err && q->kind == QDISC_TAPRIO)
		err = check_timer(&q->taprio, dev, force, why);
	return err;
}

/* -- what nobody wants --------------------------------------------------------------------------------------- */

static void warn_taprio(const struct qdisc_taprio *t, const struct qdisc_dev *dev, qdisc_say_fn *say, void *arg)
{
	char text[WHY_LEN];
	uint32_t i;

	if (t->flags != QDISC_FULL_OFFLOAD && !speed_known(dev))
		say(arg, "the link's speed is unknown, so the kernel takes 10 Mb/s and lets a 1514-byte frame last 1.2 ms: set it (ethtool -s DEV "
			 "speed; a guest: QEMU's speed=1000,duplex=full)");
	for (i = 0; t->map.num_tc && i < t->gate.n_entries; i++) {
		if (!t->gate.entries[i].gates || t->gate.entries[i].gates & ((1u << t->map.num_tc) - 1))
			continue;
		snprintf(text, sizeof(text), "entry %" PRIu32 " opens only classes that are not there: num_tc is %u", i, t->map.num_tc);
		say(arg, text);
		break;
	}
	for (i = 0; t->commands && i < t->gate.n_entries; i++) {
		if (t->commands[i] == 'S' || t->flags == QDISC_FULL_OFFLOAD)
			continue;
		snprintf(text, sizeof(text), "entry %" PRIu32 ": %c holds or releases preemption, which software has not: it only sets the gates", i,
			 t->commands[i]);
		say(arg, text);
		break;
	}
	if (t->gate.cycle_ns > sum_of(&t->gate) && t->flags != QDISC_FULL_OFFLOAD)
		say(arg, "the entries are shorter than cycle-time: the kernel begins the list anew, where the standard keeps the last states (8.6.9.2): "
			 "lengthen the last entry");
}

static void warn_cbs(const struct qdisc_cbs *c, const struct qdisc_dev *dev, qdisc_say_fn *say, void *arg)
{
	int64_t kbps = dev->link_bps / 1000;
	char text[WHY_LEN];

	if (c->idleslope <= 0 || c->sendslope >= 0) {
		say(arg, "idleslope is to be positive and sendslope negative (802.1Q 8.6.8.2): otherwise nothing is shaped, or nothing sent");
	} else if (speed_known(dev) && (int64_t)c->idleslope - c->sendslope != kbps) {
		snprintf(text, sizeof(text), "sendslope is to be idleslope minus the link's %" PRId64 " kbit/s (802.1Q 8.6.8.2): %" PRId64, kbps,
			 c->idleslope - kbps);
		say(arg, text);
	}
}

void qdisc_warn(const struct qdisc *q, const struct qdisc_dev *dev, qdisc_say_fn *say, void *arg)
{
	if (q->kind == QDISC_TAPRIO)
		warn_taprio(&q->taprio, dev, say, arg);
	else if (q->kind == QDISC_CBS)
		warn_cbs(&q->cbs, dev, say, arg);
}
