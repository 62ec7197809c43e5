/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli_qdisc.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "tsn/cbs.h"
#include "vnet/cli_gate.h"
#include "vnet/conf_sched.h"

#define HANDLE (0x100u << 16)	/* of a taprio that has children, unless another is given */

/* -- a schedule as the kernel can run it ---------------------------------------------------------------------- */

static int check_gate(const struct gcl_conf *g, struct why *why)
{
	uint32_t i;

	if (!g->enabled)
		return why_fail(why, EINVAL, "gate-enabled is false: there is nothing to apply (`takt qdisc delete` opens all gates)");
	if (g->cycle_frac_den)
		return why_fail(why, EINVAL, "admin-cycle-time is no whole number of nanoseconds: the kernel knows only these");
	for (i = 0; i < g->n_entries; i++)
		if (g->entries[i].interval_ns > UINT32_MAX)
			return why_fail(why, EINVAL, "entry %" PRIu32 " is longer than the kernel can say: give at most %" PRIu32 " ns", i, UINT32_MAX);
	return 0;
}

/* A class of the standard, 0 to 7, has the traffic class and the queue of the same number; priorities as the port maps them. */
static int default_map(struct qdisc_map *map, const struct conf_sched *s, const struct qdisc_ask *ask, const struct qdisc_netdev *dev,
		       struct why *why)
{
	unsigned int i, tc;

	map->num_tc = ask->num_tc > 0 ? (uint8_t)ask->num_tc : TSN_CLASSES;
	if (map->num_tc > dev->dev.queues && !ask->queues)
		return why_fail(why, EINVAL, "%u classes need as many transmit queues, and %s has %" PRIu32
				": give it more (ethtool -L %s combined %u), or fewer classes (--num-tc, --map)", map->num_tc, dev->name,
				dev->dev.queues, dev->name, map->num_tc);
	for (i = 0; i < QDISC_PRIOS; i++) {
		tc = i >= TSN_CLASSES ? 0 : s->has_map ? s->map[i] : i;
		map->prio_tc[i] = (uint8_t)(tc < map->num_tc ? tc : map->num_tc - 1u);
	}
	for (i = 0; i < map->num_tc && i < QDISC_MAX_TC; i++) {
		map->count[i] = 1;
		map->offset[i] = (uint16_t)i;
	}
	return 0;
}

/* "0,1,1 2": commas or blanks; read as tc would read them: what is left out is 0. */
static int read_list(struct qdisc_map *map, const char *option, const char *keyword, const char *list, struct why *why)
{
	struct qdisc q;
	char text[256];
	char *p;
	int err;

	if (snprintf(text, sizeof(text), "taprio %s %s", keyword, list) >= (int)sizeof(text))
		return why_fail(why, EINVAL, "%s: the list is too long: give up to %d numbers", option, QDISC_MAX_TC);
	for (p = text; (p = strchr(p, ',')); )
		*p = ' ';
	err = qdisc_parse_tc(&q, NULL, text, why);
	if (err) {
		why_at(why, "%s", option);
		return err;
	}
	if (!strcmp(keyword, "map")) {
		memcpy(map->prio_tc, q.taprio.map.prio_tc, sizeof(map->prio_tc));
	} else {
		memcpy(map->count, q.taprio.map.count, sizeof(map->count));
		memcpy(map->offset, q.taprio.map.offset, sizeof(map->offset));
	}
	return 0;
}

static int read_handle(uint32_t *handle, const char *word, struct why *why)
{
	char *end;
	unsigned long major = strtoul(word, &end, 16);

	if (end == word || (*end && strcmp(end, ":")) || !major || major >= 0xffff)
		return why_fail(why, EINVAL, "--handle: \"%.40s\" is no handle: give a hexadecimal number from 1 to fffe and a colon, e.g. 100:", word);
	*handle = (uint32_t)(major << 16);
	return 0;
}

static int read_mode(struct qdisc_taprio *t, const struct qdisc_ask *ask, struct why *why)
{
	static const struct {
		const char *name;
		uint32_t flags;
	} modes[] = {{"software", 0}, {"txtime-assist", QDISC_TXTIME_ASSIST}, {"offload", QDISC_FULL_OFFLOAD}};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]) && strcmp(ask->mode, modes[i].name); i++)
		;
	if (i == sizeof(modes) / sizeof(modes[0]))
		return why_fail(why, EINVAL, "--mode: \"%.40s\" is unknown: give software, txtime-assist or offload", ask->mode);
	t->flags = modes[i].flags;
	t->clockid = t->flags == QDISC_FULL_OFFLOAD ? QDISC_NO_CLOCK : CLOCK_TAI;
	if (ask->clockid) {
		t->clockid = qdisc_clock_find(ask->clockid);
		if (t->clockid == QDISC_NO_CLOCK)
			return why_fail(why, EINVAL, "--clockid: \"%.40s\" is no clock: give CLOCK_TAI, CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME",
					ask->clockid);
	}
	t->txtime_delay_ns = ask->txtime_delay_ns > 0 ? (uint32_t)ask->txtime_delay_ns : 0;
	return 0;
}

static int add_options(struct qdisc *q, const struct conf_sched *s, const struct qdisc_ask *ask, const struct qdisc_netdev *dev,
		       struct why *why)
{
	struct qdisc_taprio *t = &q->taprio;
	int err = read_mode(t, ask, why);

	if (!err)
		err = default_map(&t->map, s, ask, dev, why);
	if (!err && ask->map)
		err = read_list(&t->map, "--map", "map", ask->map, why);
	if (!err && ask->queues) {
		memset(t->map.count, 0, sizeof(t->map.count));
		memset(t->map.offset, 0, sizeof(t->map.offset));
		err = read_list(&t->map, "--queues", "queues", ask->queues, why);
	}
	/* Without the 24 bytes that a wire adds the kernel takes frames for shorter than they are, and they run over the end. */
	q->overhead = ask->overhead >= 0 ? (int32_t)ask->overhead : t->flags == QDISC_FULL_OFFLOAD ? 0 : WIRE_OVERHEAD + WIRE_FCS;
	if (!err && ask->handle)
		err = read_handle(&q->handle, ask->handle, why);
	return err;
}

/* -- shaped classes ------------------------------------------------------------------------------------------- */

/* All four numbers of each: the kernel computes none of them. */
static int add_cbs(struct qdisc_list *l, const struct conf_sched *s, struct why *why)
{
	struct qdisc *root = &l->q[0], *q;
	struct cbs_limits limits[TSN_CLASSES];
	struct cbs_kernel k;
	struct wire wire;
	unsigned int tc;
	int err = conf_sched_limits(limits, &wire, s, why);

	for (tc = 0; !err && tc < TSN_CLASSES; tc++) {
		if (!s->cbs.idle_bps[tc])
			continue;
		if (tc >= root->taprio.map.num_tc || root->taprio.map.count[tc] != 1)
			return why_fail(why, EINVAL, "class %u is shaped, so it has to have exactly one queue: give --queues so", tc);
		root->handle = root->handle ? root->handle : HANDLE;
		cbs_kernel(&k, &limits[tc], &wire);
		q = &l->q[l->n++];
		*q = (struct qdisc){.kind = QDISC_CBS, .parent = root->handle | (root->taprio.map.offset[tc] + 1u),
				    .cbs = {.hicredit = k.hicredit, .locredit = k.locredit, .idleslope = k.idleslope, .sendslope = k.sendslope}};
	}
	return err;
}

static int read_schedule(struct qdisc_list *l, const struct qdisc_ask *ask, const struct qdisc_netdev *dev, const char *text, const char *where,
			 struct why *why)
{
	struct conf_sched s = {.port = ask->port, .link_bps = dev->dev.link_bps ? dev->dev.link_bps : QDISC_UNKNOWN_BPS};
	struct qdisc *q = &l->q[0];
	int err = cli_sched_options(&s, ask->format, NULL, why) ?: conf_sched_read(&s, text, where, why);

	if (err)
		return err;
	err = conf_sched_check(&s, where, why);
	if (err && !dev->dev.link_bps && strstr(why->text, "10 Mb/s"))
		why_at(why, "%s says no link speed, so the kernel takes 10 Mb/s (ethtool -s %s speed N)", dev->name, dev->name);
	if (!err)
		err = check_gate(&s.gate, why);
	if (err)
		goto out;
	cli_say_notes(&s);
	if (s.file_bps && dev->dev.link_bps && s.file_bps != dev->dev.link_bps)
		log_warn("%s: the file's link-speed is %" PRId64 " Mb/s, but %s runs at %" PRId64 " Mb/s: that holds here, and windows and slopes "
			 "meant for the other may be too short or too slow", dev->name, s.file_bps / 1000000, dev->name, dev->dev.link_bps / 1000000);
	l->n = 1;
	l->any_handle = !ask->handle;
	*q = (struct qdisc){.kind = QDISC_TAPRIO, .parent = QDISC_ROOT};
	err = add_options(q, &s, ask, dev, why) ?: add_cbs(l, &s, why);
	if (err)
		goto out;
	q->taprio.gate = s.gate;
	s.gate.entries = NULL;
	conf_tc_hold_last(&q->taprio.gate);
out:
	conf_sched_fini(&s);
	return err;
}

/* -- tc lines ------------------------------------------------------------------------------------------------- */

static int refuse_options(const struct qdisc_ask *ask, struct why *why)
{
	if (ask->clockid || ask->map || ask->queues || ask->port || ask->num_tc >= 0 || ask->overhead >= 0 || ask->handle ||
	    ask->txtime_delay_ns >= 0 || strcmp(ask->mode, "software"))
		return why_fail(why, EINVAL, "tc lines say mode, clock, map and queues themselves: leave these options away, or change the lines");
	return 0;
}

static int read_line(struct qdisc_list *l, const struct qdisc_netdev *dev, const char *text, struct why *why)
{
	char named[IFNAMSIZ];
	int err;

	if (l->n == QDISC_LIST_MAX)
		return why_fail(why, EINVAL, "there are more than %d tc lines: a root has at most %d below it", QDISC_LIST_MAX, QDISC_LIST_MAX - 1);
	err = qdisc_parse_tc(&l->q[l->n], named, text, why);
	if (err)
		return err;
	l->n++;
	if (named[0] && strcmp(named, dev->name))
		return why_fail(why, EINVAL, "the tc line is for %s, not %s: name the same device", named, dev->name);
	return 0;
}

static int read_lines(struct qdisc_list *l, const struct qdisc_netdev *dev, const char *text, const char *where, struct why *why)
{
	int line = 1, first, err = 0;
	char *command;

	while (*text && !err) {
		first = line;
		command = conf_tc_next(&text, &line);
		if (!command)
			return why_fail(why, ENOMEM, "%s: out of memory", where);
		if (command[strspn(command, " \t\r\n")])	/* else comments before the first line */
			err = read_line(l, dev, command, why);
		if (err)
			why_at(why, "%s:%d", where, first);
		free(command);
	}
	return err;
}

int qdisc_ask_read(struct qdisc_list *l, const struct qdisc_ask *ask, const struct qdisc_netdev *dev, struct why *why)
{
	const char *where;
	char *text = NULL;
	bool lines = ask->line;
	int err = 0;

	l->n = 0;
	l->any_handle = false;
	if (!lines) {
		err = conf_read_file(&text, ask->file, &where, why);
		lines = !err && (ask->format ? !strcmp(ask->format, "tc") : conf_tc_is(text));
	}
	if (!err && lines)
		err = refuse_options(ask, why);
	if (!err && ask->line)
		err = read_line(l, dev, ask->line, why);
	else if (!err && lines)
		err = read_lines(l, dev, text, where, why);
	else if (!err)
		err = read_schedule(l, ask, dev, text, where, why);
	if (err)
		qdisc_list_fini(l);
	free(text);
	return err;
}

void qdisc_list_fini(struct qdisc_list *l)
{
	while (l->n > 0)
		qdisc_fini(&l->q[--l->n]);
}
