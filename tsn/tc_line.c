/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tc_line: a tc command line. A keyword is a row: how its words are read, into which field, in which range.
 */
#include "tsn/qdisc.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "tsn/tc_line_pvt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* -- entries ------------------------------------------------------------------------------------------------- */

static int grow(struct tc_line *l)
{
	struct qdisc_taprio *t = &l->q->taprio;
	uint32_t room = l->room ? 2 * l->room : 16;
	struct gcl_entry *entries = realloc(t->gate.entries, room * sizeof(*entries));
	uint8_t *commands;

	if (!entries)
		return why_fail(l->why, ENOMEM, "out of memory");
	t->gate.entries = entries;
	commands = realloc(t->commands, room);
	if (!commands)
		return why_fail(l->why, ENOMEM, "out of memory");
	t->commands = commands;
	l->room = room;
	return 0;
}

/* A mask is hexadecimal. Written in decimal, it often names classes that are not there, and fewer when read as it was meant. */
static int read_mask(struct tc_line *l, uint8_t *mask)
{
	unsigned int classes = l->q->taprio.map.num_tc;
	int64_t hex, dec;
	bool decimal = strspn(l->word, "0123456789") == strlen(l->word) && tc_number(l->word, 10, &dec);

	if (!tc_number(l->word, 16, &hex) || hex < 0)
		return tc_refuse(l, "sched-entry needs a gate mask: give hexadecimal digits, bit n for class n, e.g. 81");
	classes = classes && classes < TSN_CLASSES ? classes : TSN_CLASSES;
	if (decimal && hex >> classes && !(dec >> classes) && dec)
		return tc_refuse(l, "masks are hexadecimal, and 0x%s names classes beyond %u: if decimal was meant, write %" PRIx64, l->word,
			      classes - 1, dec);
	if (hex > 0xff)
		return tc_refuse(l, "the gate mask names classes beyond 7: give 00 to ff (hexadecimal), bit n for class n");
	*mask = (uint8_t)hex;
	return 0;
}

static int read_entry(struct tc_line *l, const struct tc_key *k, void *field)
{
	struct qdisc_taprio *t = field;
	struct gcl_entry *e;
	uint32_t n = t->gate.n_entries;
	int64_t interval;
	int err = n == l->room ? grow(l) : 0;

	if (err)
		return err;
	if (n == GCL_MAX_ENTRIES)
		return tc_refuse(l, "there are more than %d entries: shorten the list", GCL_MAX_ENTRIES);
	e = &t->gate.entries[n];
	if (strlen(l->word) != 1 || !strchr("SHR", l->word[0]))
		return tc_refuse(l, "%s needs a command: give S (set gates), H (set and hold) or R (set and release)", k->name);
	t->commands[n] = (uint8_t)l->word[0];
	tc_step(l);
	err = read_mask(l, &e->gates);
	if (err)
		return err;
	tc_step(l);
	if (!tc_number(l->word, 0, &interval) || interval < k->min || interval > k->max)
		return tc_refuse(l, "%s needs an interval in nanoseconds: give a whole number up to 4294967295", k->name);
	e->interval_ns = interval;
	t->gate.n_entries++;
	tc_step(l);
	return 0;
}

/* -- keywords ------------------------------------------------------------------------------------------------ */

#define AT(field) offsetof(struct qdisc, field), sizeof(((struct qdisc *)0)->field)
#define LIST(field) offsetof(struct qdisc, field), sizeof(((struct qdisc *)0)->field[0])

static const struct tc_key taprio_keys[] = {
	{"num_tc", tc_read_number, AT(taprio.map.num_tc), 0, UINT8_MAX},
	{"map", tc_read_list, LIST(taprio.map.prio_tc), 0, UINT8_MAX},
	{"queues", tc_read_queues, AT(taprio.map), 0, 0},
	{"sched-entry", read_entry, AT(taprio), 0, UINT32_MAX},
	{"base-time", tc_read_number, AT(taprio.gate.t_base), INT64_MIN, INT64_MAX},
	{"cycle-time", tc_read_number, AT(taprio.gate.cycle_ns), INT64_MIN, INT64_MAX},
	{"cycle-time-extension", tc_read_number, AT(taprio.gate.extension_ns), INT64_MIN, INT64_MAX},
	{"clockid", tc_read_clock, AT(taprio.clockid), 0, 0},
	{"flags", tc_read_number, AT(taprio.flags), 0, UINT32_MAX},
	{"txtime-delay", tc_read_number, AT(taprio.txtime_delay_ns), 0, UINT32_MAX},
	{"max-sdu", tc_read_max_sdu, LIST(taprio.gate.max_sdu), 0, UINT32_MAX},
	{"fp", tc_read_fp, AT(taprio.fp_preemptible), 0, 0},
	{NULL, NULL, 0, 0, 0, 0},
};

static const struct tc_key mqprio_keys[] = {
	{"num_tc", tc_read_number, AT(mqprio.map.num_tc), 0, UINT8_MAX},
	{"map", tc_read_list, LIST(mqprio.map.prio_tc), 0, UINT8_MAX},
	{"queues", tc_read_queues, AT(mqprio.map), 0, 0},
	{"hw", tc_read_number, AT(mqprio.hw), 0, UINT8_MAX},
	{"mode", tc_read_mode, AT(mqprio.mode), 0, 0},
	{"shaper", tc_read_shaper, AT(mqprio.shaper), 0, 0},
	{"min_rate", tc_read_rates, AT(mqprio.n_min_rate), 0, 0},
	{"max_rate", tc_read_rates, AT(mqprio.n_max_rate), 0, 0},
	{"fp", tc_read_fp, AT(mqprio.fp_preemptible), 0, 0},
	{NULL, NULL, 0, 0, 0, 0},
};

static const struct tc_key cbs_keys[] = {
	{"hicredit", tc_read_number, AT(cbs.hicredit), INT32_MIN, INT32_MAX},
	{"locredit", tc_read_number, AT(cbs.locredit), INT32_MIN, INT32_MAX},
	{"idleslope", tc_read_number, AT(cbs.idleslope), INT32_MIN, INT32_MAX},
	{"sendslope", tc_read_number, AT(cbs.sendslope), INT32_MIN, INT32_MAX},
	{"offload", tc_read_bool, offsetof(struct qdisc, cbs.offload), 1, 0, 1},
	{NULL, NULL, 0, 0, 0, 0},
};

static const struct tc_key etf_keys[] = {
	{"delta", tc_read_number, AT(etf.delta_ns), INT32_MIN, INT32_MAX},
	{"clockid", tc_read_clock, AT(etf.clockid), 0, 0},
	{"deadline_mode", tc_read_flag, AT(etf.deadline), 0, 0},
	{"offload", tc_read_flag, AT(etf.offload), 0, 0},
	{"skip_sock_check", tc_read_flag, AT(etf.skip_sock_check), 0, 0},
	{NULL, NULL, 0, 0, 0, 0},
};

static const struct tc_key *const keys_of[] = {
	[QDISC_TAPRIO] = taprio_keys, [QDISC_MQPRIO] = mqprio_keys, [QDISC_CBS] = cbs_keys, [QDISC_ETF] = etf_keys,
};

static int refuse_key(struct tc_line *l, const struct tc_key *k)
{
	const char *kind = qdisc_kind_name(l->q->kind);
	struct near near;

	near_init(&near, l->word);
	for (; k->name; k++)
		near_try(&near, k->name);
	if (near.best)
		return tc_refuse(l, "no keyword of %s: did you mean %s?", kind, near.best);
	return tc_refuse(l, "no keyword of %s: see tc-%s(8)", kind, kind);
}

static int read_keys(struct tc_line *l)
{
	const struct tc_key *keys = keys_of[l->q->kind], *k;
	uint32_t seen = 0;
	int err;

	while (l->word[0]) {
		for (k = keys; k->name && strcmp(k->name, l->word); k++)
			;
		if (!k->name)
			return refuse_key(l, keys);
		if (seen >> (k - keys) & 1 && k->read != read_entry)
			return tc_refuse(l, "%s is there twice: leave one away", k->name);
		seen |= 1u << (k - keys);
		tc_step(l);
		err = k->read(l, k, (char *)l->q + k->offset);
		if (err)
			return err;
	}
	return 0;
}

/* -- what stands before the kind ----------------------------------------------------------------------------- */

/* "100:", "100", "1:2": hexadecimal. */
static bool handle(const char *word, uint32_t *v)
{
	unsigned long major, minor = 0;
	char *end, *last;

	if (!strchr("0123456789abcdefABCDEF", word[0]))
		return false;
	major = strtoul(word, &end, 16);
	last = end;
	if (*end == ':' && end[1])
		minor = strtoul(end + 1, &last, 16);
	else if (*end == ':')
		last = end + 1;
	*v = (uint32_t)(major << 16 | minor);
	return !*last && major <= 0xffff && minor <= 0xffff;
}

static int read_handle(struct tc_line *l)
{
	if (!handle(l->word, &l->q->handle) || l->q->handle & 0xffff)
		return tc_refuse(l, "this is no handle: give a hexadecimal number and a colon, e.g. 100:");
	return 0;
}

static int read_parent(struct tc_line *l)
{
	if (!strcmp(l->word, "root"))
		l->q->parent = QDISC_ROOT;
	else if (!strchr(l->word, ':') || !handle(l->word, &l->q->parent))
		return tc_refuse(l, "this is no parent: give root, or a class as 100:1 (hexadecimal)");
	return 0;
}

static int read_overhead(struct tc_line *l)
{
	int64_t v;

	if (strcmp(l->word, "overhead"))
		return tc_refuse(l, "of stab only overhead is known here: give e.g. stab overhead 24");
	tc_step(l);
	if (!tc_number(l->word, 0, &v) || v < 0 || v > 1024)
		return tc_refuse(l, "overhead needs bytes: give 0 to 1024");
	l->q->overhead = (int32_t)v;
	return 0;
}

static int read_dev(struct tc_line *l, char *dev)
{
	if (!l->word[0] || strlen(l->word) >= IFNAMSIZ)
		return tc_refuse(l, "dev needs a device: give its name, up to %d letters", IFNAMSIZ - 1);
	if (dev)
		strcpy(dev, l->word);
	return 0;
}

/* Up to the kind, which is left behind; it becomes q->kind. */
static int read_head(struct tc_line *l, char *dev)
{
	static const struct {
		const char *word;
		enum qdisc_verb verb;
	} verbs[] = {
		{"replace", QDISC_REPLACE}, {"add", QDISC_ADD}, {"change", QDISC_CHANGE}, {"link", QDISC_REPLACE},
		{"tc", QDISC_REPLACE}, {"qdisc", QDISC_REPLACE}, {"root", QDISC_REPLACE},	/* these say nothing */
	};
	int kind, err = 0;
	size_t i;

	for (; (kind = qdisc_kind_find(l->word)) < 0; tc_step(l)) {
		for (i = 0; i < COUNT(verbs) && strcmp(l->word, verbs[i].word); i++)
			;
		if (i < COUNT(verbs)) {
			l->q->verb = verbs[i].verb ? verbs[i].verb : l->q->verb;
			continue;
		}
		if (!strcmp(l->word, "dev"))
			err = (tc_step(l), read_dev(l, dev));
		else if (!strcmp(l->word, "handle"))
			err = (tc_step(l), read_handle(l));
		else if (!strcmp(l->word, "parent"))
			err = (tc_step(l), read_parent(l));
		else if (!strcmp(l->word, "stab"))
			err = (tc_step(l), read_overhead(l));
		else
			err = tc_refuse(l, "a qdisc that is given by a tc line is taprio, mqprio, cbs or etf: name one, then its keywords");
		if (err)
			return err;
	}
	l->q->kind = (enum qdisc_kind)kind;
	tc_step(l);
	return 0;
}

/* -- the whole line ------------------------------------------------------------------------------------------ */

/* What tc takes for granted. */
static void set_defaults(struct qdisc *q)
{
	static const uint8_t prio_tc[QDISC_PRIOS] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 1, 1, 3, 3, 3, 3};

	switch (q->kind) {
	case QDISC_TAPRIO:
		q->taprio.gate.enabled = true;
		q->taprio.gate.initial_gates = 0xff;
		q->taprio.clockid = QDISC_NO_CLOCK;
		break;
	case QDISC_MQPRIO:
		q->mqprio.map.num_tc = 8;
		q->mqprio.hw = 1;
		memcpy(q->mqprio.map.prio_tc, prio_tc, sizeof(prio_tc));
		break;
	case QDISC_ETF:
		q->etf.clockid = QDISC_NO_CLOCK;
		break;
	case QDISC_CBS:
		break;
	}
}

/* All S is what most lists say: no list of commands then. */
static void drop_commands(struct qdisc_taprio *t)
{
	uint32_t i;

	for (i = 0; i < t->gate.n_entries; i++)
		if (t->commands[i] != 'S')
			return;
	free(t->commands);
	t->commands = NULL;
}

int qdisc_parse_tc(struct qdisc *q, char *dev, const char *text, struct why *why)
{
	struct tc_line l = {.next = text, .n_line = 1, .q = q, .why = why};
	int err;

	*q = (struct qdisc){.parent = QDISC_ROOT};
	if (dev)
		dev[0] = '\0';
	l.lines = strchr(text, '\n') && strchr(text, '\n')[1];
	tc_step(&l);
	err = read_head(&l, dev);
	if (!err) {
		set_defaults(q);
		err = read_keys(&l);
	}
	if (err) {
		qdisc_fini(q);
		return err;
	}
	if (q->kind == QDISC_TAPRIO)
		drop_commands(&q->taprio);
	return 0;
}
