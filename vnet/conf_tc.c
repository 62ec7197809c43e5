/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A schedule as the kernel has it: a taprio line, and a cbs line below it for each shaped class (tc-taprio(8), tc-cbs(8)). The words
 * themselves are tsn/qdisc's; here is what they mean for a port.
 */
#include "vnet/conf_sched.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tsn/qdisc.h"

#define HANDLE	     0x100u	/* of the taprio that is printed: cbs lines hang below it */
#define BPS_PER_KBIT 1000
#define OVERHEAD     (WIRE_OVERHEAD + WIRE_FCS)

/* -- commands of a text -------------------------------------------------------------------------------------- */

static const char *const first_words[] = {"tc", "qdisc", "taprio", "sudo", NULL};

static bool begins_command(const char *line)
{
	size_t len;
	int i;

	line += strspn(line, " \t");
	len = strcspn(line, " \t\r\n");
	if (len > 3 && !strncmp(line + len - 3, "/tc", 3))
		return true;
	for (i = 0; first_words[i]; i++)
		if (strlen(first_words[i]) == len && !strncmp(first_words[i], line, len))
			return true;
	return false;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

bool conf_tc_is(const char *text)
{
	while (*text && (text[strspn(text, " \t\r")] == '#' || strchr("\r\n", text[strspn(text, " \t")])))
		text = next_line(text);
	return begins_command(text);
}

char *conf_tc_next(const char **text, int *line)
{
	const char *begin = *text, *end, *p;
	size_t n = 0;
	char *out;

	for (end = next_line(begin); *end && !begins_command(end); end = next_line(end))
		;
	out = calloc(1, (size_t)(end - begin) + 1);
	*text = end;
	if (!out)
		return NULL;
	for (p = begin; p < end; p = next_line(p)) {
		size_t len = (size_t)(next_line(p) - p);

		if (p[strspn(p, " \t")] == '#')
			len = 0, out[n++] = '\n';
		memcpy(out + n, p, len);
		n += len;
		(*line)++;
	}
	/* tsn/qdisc knows "tc" as the first word */
	p = out + strspn(out, " \t");
	if (!strncmp(p, "sudo", 4))
		memset(out, ' ', (size_t)(p - out) + 4);
	return out;
}

/* -- reading ------------------------------------------------------------------------------------------------- */

static void take_map(struct conf_sched *s, const struct qdisc_map *map)
{
	unsigned int i;

	if (!map->num_tc)
		return;
	s->tc_map = *map;
	s->has_map = true;
	for (i = 0; i < sizeof(s->map); i++)
		s->map[i] = map->prio_tc[i] < TSN_CLASSES ? map->prio_tc[i] : 0;
}

static int take_taprio(struct conf_sched *s, struct qdisc_taprio *q, const char *where, struct why *why)
{
	uint32_t i;

	if (s->gate.entries)
		return why_fail(why, EINVAL, "%s: two taprio lines: keep one of them", where);
	if (!q->gate.n_entries)
		return why_fail(why, EINVAL, "%s: taprio: no sched-entry: give at least one, e.g. \"sched-entry S ff 1000000\"", where);
	for (i = 0; q->commands && i < q->gate.n_entries; i++)
		if (q->commands[i] != 'S') {
			conf_sched_note(s, "frame preemption is not done: hold and release entries only set gate states");
			break;
		}
	if (q->flags || q->txtime_delay_ns)
		conf_sched_note(s, "flags and txtime-delay say how the kernel works and are left out");
	if (q->fp_preemptible)
		conf_sched_note(s, "fp: frame preemption is not done: all classes are express");
	if (q->clockid != QDISC_NO_CLOCK && q->clockid != CLOCK_TAI)
		conf_sched_note(s, "clockid is left out: base-time is taken for a time of CLOCK_TAI");
	take_map(s, &q->map);
	s->gate = q->gate;
	s->gate.enabled = true;
	s->gate.initial_gates = UINT8_MAX; /* taprio: all open until the first cycle */
	q->gate.entries = NULL;
	return 0;
}

/* A cbs stands below queue N of the taprio, as parent HANDLE:N+1. */
static int take_cbs(struct conf_sched *s, const struct qdisc *q, const struct qdisc_map *map, const char *where, struct why *why)
{
	unsigned int tc, queue = (q->parent & 0xffff) - 1;

	for (tc = 0; tc < map->num_tc && tc < TSN_CLASSES; tc++)
		if (queue >= map->offset[tc] && queue < (unsigned int)map->offset[tc] + map->count[tc])
			break;
	if (q->parent == QDISC_ROOT || tc >= map->num_tc || tc >= TSN_CLASSES)
		return why_fail(why, EINVAL, "%s: cbs: its parent is no queue of the taprio line before it: give that first, with num_tc and queues", where);
	s->cbs.idle_bps[tc] = (int64_t)q->cbs.idleslope * BPS_PER_KBIT;
	return 0;
}

static int take(struct conf_sched *s, struct qdisc *q, struct qdisc_map *map, const char *where, struct why *why)
{
	if (q->kind == QDISC_CBS)
		return take_cbs(s, q, map, where, why);
	if (q->kind != QDISC_TAPRIO)
		return why_fail(why, EINVAL, "%s: %s is no schedule: give a taprio line, and cbs lines below it", where, qdisc_kind_name(q->kind));
	*map = q->taprio.map;
	s->tc_overhead = q->overhead;
	return take_taprio(s, &q->taprio, where, why);
}

int conf_tc_read(struct conf_sched *s, const char *text, const char *where, struct why *why)
{
	struct qdisc_map map = {.num_tc = 0};
	struct qdisc q;
	char *command, dev[32], at[200];
	int line = 1, err = 0;

	while (*text && !begins_command(text)) { /* comments, or something else */
		if (text[strspn(text, " \t\r")] != '#' && !strchr("\r\n", text[strspn(text, " \t")]))
			return why_fail(why, EINVAL, "%s:%d: is no tc line: begin with \"tc qdisc replace dev DEV root taprio\"", where, line);
		text = next_line(text);
		line++;
	}
	while (*text && !err) {
		snprintf(at, sizeof(at), "%.180s:%d", where, line);
		command = conf_tc_next(&text, &line);
		if (!command)
			return why_fail(why, ENOMEM, "%s: out of memory", where);
		err = qdisc_parse_tc(&q, dev, command, why);
		free(command);
		if (err) {
			why_at(why, "%s", at);
			return err;
		}
		err = take(s, &q, &map, at, why);
		if (!*s->name)
			snprintf(s->name, sizeof(s->name), "%.*s", (int)sizeof(s->name) - 1, dev);
		qdisc_fini(&q);
	}
	if (!err && !s->gate.entries)
		err = why_fail(why, EINVAL, "%s: no taprio line: give one", where);
	return err;
}

/* -- printing ------------------------------------------------------------------------------------------------ */

/* The kernel begins its list anew where 802.1Q (8.6.9.2) holds the last entry until the end of the cycle. */
int64_t conf_tc_hold_last(struct gcl_conf *g)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < g->n_entries; i++)
		sum += g->entries[i].interval_ns;
	if (!g->n_entries || sum >= g->cycle_ns)
		return 0;
	g->entries[g->n_entries - 1].interval_ns += g->cycle_ns - sum;
	return g->cycle_ns - sum;
}

static void hold_last(struct conf_sched *s, struct gcl_conf *g)
{
	int64_t more_ns = conf_tc_hold_last(g);

	if (!more_ns)
		return;
	conf_sched_note(s, "the last entry is lengthened by %" PRId64 " ns: the kernel would begin its list anew instead of holding it until the end of "
			"the cycle", more_ns);
}

void conf_tc_note_lost(struct conf_sched *s)
{
	const struct qdisc_map *m = &s->tc_map;
	bool odd = m->num_tc && m->num_tc != TSN_CLASSES;
	unsigned int i;

	for (i = 0; m->num_tc && i < TSN_CLASSES; i++) {
		odd |= m->prio_tc[TSN_CLASSES + i] != 0;
		odd |= m->count[i] && (m->count[i] != 1 || m->offset[i] != i);
	}
	if (odd)
		conf_sched_note(s, "num_tc %u, the queues and the classes of priorities 8 to 15 are the kernel's and are lost", m->num_tc);
	if (s->tc_overhead && s->tc_overhead != OVERHEAD)
		conf_sched_note(s, "stab overhead %d is lost: a link's overhead is %d bytes", s->tc_overhead, OVERHEAD);
}

/* A tc line's own map, else a queue for each class. */
static void fill_map(const struct conf_sched *s, struct qdisc_map *map)
{
	unsigned int i;

	*map = s->tc_map;
	if (map->num_tc)
		return;
	map->num_tc = TSN_CLASSES;
	for (i = 0; i < TSN_CLASSES; i++) {
		map->prio_tc[i] = s->map[i];
		map->count[i] = 1;
		map->offset[i] = (uint16_t)i;
	}
}

static int fill(struct conf_sched *s, struct qdisc *q, struct why *why)
{
	struct qdisc_taprio *t = &q->taprio;

	*q = (struct qdisc){.kind = QDISC_TAPRIO, .parent = QDISC_ROOT, .handle = HANDLE << 16};
	/* Without the bytes that a wire adds, frames run over the end of their window. */
	q->overhead = s->tc_overhead ? s->tc_overhead : OVERHEAD;
	t->clockid = CLOCK_TAI;
	fill_map(s, &t->map);
	t->gate = s->gate;
	t->gate.entries = calloc(s->gate.n_entries, sizeof(*t->gate.entries));
	if (!t->gate.entries)
		return why_fail(why, ENOMEM, "out of memory");
	memcpy(t->gate.entries, s->gate.entries, s->gate.n_entries * sizeof(*t->gate.entries));
	hold_last(s, &t->gate);
	if (s->gate.initial_gates != UINT8_MAX)
		conf_sched_note(s, "admin-gate-states 0x%02x is lost: the kernel keeps all gates open before the first cycle", s->gate.initial_gates);
	if (s->gate.cycle_frac_den)
		conf_sched_note(s, "%u/%u ns of the cycle are lost: tc knows whole nanoseconds, so the cycle drifts", s->gate.cycle_frac_num,
				s->gate.cycle_frac_den);
	return 0;
}

static int print_line(const struct qdisc *q, const char *dev, FILE *f, struct why *why)
{
	char *line = qdisc_print_tc(q, dev);

	if (!line)
		return why_fail(why, ENOMEM, "out of memory");
	fprintf(f, "%s\n", line);
	free(line);
	return 0;
}

/* All four numbers: the kernel computes none of them. */
static int print_cbs(struct conf_sched *s, const struct qdisc_map *map, const char *dev, FILE *f, struct why *why)
{
	struct cbs_limits limits[TSN_CLASSES];
	struct qdisc q = {.kind = QDISC_CBS};
	struct cbs_kernel k;
	struct wire wire;
	unsigned int tc;
	int err = conf_sched_limits(limits, &wire, s, why);

	for (tc = TSN_CLASSES; !err && tc-- > 0;) {
		if (!s->cbs.idle_bps[tc])
			continue;
		if (s->cbs.idle_bps[tc] % BPS_PER_KBIT)
			conf_sched_note(s, "class %u: idle slope %" PRId64 " bit/s is rounded: tc knows kbit/s", tc, s->cbs.idle_bps[tc]);
		cbs_kernel(&k, &limits[tc], &wire);
		q.parent = HANDLE << 16 | (map->offset[tc] + 1u);
		q.cbs = (struct qdisc_cbs){.hicredit = k.hicredit, .locredit = k.locredit, .idleslope = k.idleslope, .sendslope = k.sendslope};
		err = print_line(&q, dev, f, why);
	}
	return err;
}

static bool shapes(const struct cbs_conf *cbs)
{
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (cbs->idle_bps[tc])
			return true;
	return false;
}

/* The line is made to be run by a shell, and an interface's name may come from anywhere. */
static bool is_plain(const char *dev)
{
	size_t len = strspn(dev, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	return len && len < IFNAMSIZ && !dev[len] && dev[0] != '-';
}

int conf_tc_print(struct conf_sched *s, const char *dev, FILE *f, struct why *why)
{
	struct qdisc q;
	int err;

	if (!s->gate.enabled)
		return why_fail(why, EINVAL, "gate-enabled is false: the kernel has no schedule that is switched off: give gate-enabled: true, or "
				"\"tc qdisc del dev DEV root\"");
	if (!dev)
		dev = *s->name ? s->name : "eth0";
	if (!is_plain(dev))
		return why_fail(why, EINVAL, "\"%.64s\" is no name of a network device: name one with --dev, up to %d letters, digits, \".\", \"_\" and \"-\"",
				dev, IFNAMSIZ - 1);
	if (s->police.n_filters)
		conf_sched_note(s, "stream filters are lost: the kernel has them as filters and gate actions (tc-flower(8), tc-gate(8)), not as a qdisc");
	err = fill(s, &q, why);
	if (!err)
		err = print_line(&q, dev, f, why);
	if (!err && shapes(&s->cbs))
		err = print_cbs(s, &q.taprio.map, dev, f, why);
	qdisc_fini(&q);
	return err;
}
