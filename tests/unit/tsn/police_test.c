/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/police.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"
#include "tsn/police_list.h"

#define TABLE	8
#define ENTRIES 8

static const char *const verdicts[] = {
	[POLICE_PASS] = "pass", [POLICE_OVER_SDU] = "sdu", [POLICE_GATE] = "gate",
	[POLICE_OCTETS] = "octets", [POLICE_RED] = "red", [POLICE_LATE] = "late",
};

struct history {
	struct police_conf conf;
	struct police_filter_conf filters[TABLE];
	struct police_gate_conf gates[TABLE];
	struct police_gate_entry entries[TABLE][ENTRIES];
	struct meter_conf meters[TABLE];
	struct police_scheduler_conf schedulers[TABLE];
	int64_t residences[TABLE];
	struct police *police;
	int64_t now;
	struct why *why;
};

static void history_init(struct history *h, struct why *why)
{
	memset(h, 0, sizeof(*h));
	h->conf = (struct police_conf){.filters = h->filters, .gates = h->gates, .meters = h->meters,
				       .schedulers = h->schedulers,
				       .group_residence_ns = h->residences};
	h->why = why;
}

static int create(struct history *h)
{
	struct wire wire;

	assert_int_equal(wire_init(&wire, WIRE_MAX_BPS, NULL), 0);
	return h->police ? 0 : police_create(&h->police, &h->conf, &wire, h->now, h->why);
}

/* The next option behind a comma, or NULL. */
static char *option(char **text)
{
	strsep(text, ",");
	return *text;
}

static bool is(const char *text, const char *key)
{
	size_t n = strlen(key);

	return !strncmp(text, key, n) && (key[n - 1] == '=' || !text[n] || text[n] == ',');
}

static int32_t any_or(const char *text, int base)
{
	return *text == '*' ? POLICE_ANY : (int32_t)strtol(text, NULL, base);
}

static void read_filter(struct history *h, char *text)
{
	struct police_filter_conf *f = &h->filters[h->conf.n_filters++];
	char *vid = strchr(text, '/') + 1, *pcp = strchr(vid, '/') + 1;

	*f = (struct police_filter_conf){.any_dst = *text == '*', .dst = {2}, .gate = POLICE_NONE, .meter = POLICE_NONE,
					 .scheduler = POLICE_NONE};
	f->dst[5] = (uint8_t)strtoul(text, NULL, 16);
	f->vid = any_or(vid, 10);
	f->pcp = any_or(pcp, 10);
	while (option(&text)) {
		if (is(text, "sdu="))
			f->max_sdu = (uint32_t)strtoul(text + 4, NULL, 10);
		else if (is(text, "block"))
			f->block_oversize = true;
		else if (is(text, "gate="))
			f->gate = (int32_t)strtol(text + 5, NULL, 10);
		else if (is(text, "meter="))
			f->meter = (int32_t)strtol(text + 6, NULL, 10);
		else if (is(text, "sched="))
			f->scheduler = (int32_t)strtol(text + 6, NULL, 10);
		else
			fail_msg("\"%s\" is no option of a filter", text);
	}
}

static int8_t read_ipv(char **text)
{
	int8_t ipv = POLICE_NONE;

	if (**text == '/' && *++*text == '-')
		++*text;
	else if (*(*text - 1) == '/')
		ipv = (int8_t)strtol(*text, text, 10);
	return ipv;
}

static void read_gate(struct police_gate_conf *g, struct police_gate_entry *e, char *text)
{
	*g = (struct police_gate_conf){.enabled = true, .initial_open = true, .initial_ipv = POLICE_NONE, .entries = e};
	for (; *text == 'o' || *text == 'c'; e++, text += *text == '+') {
		e->open = *text++ == 'o';
		e->interval_ns = strtoll(text, &text, 10);
		e->ipv = read_ipv(&text);
		e->octets_max = *text == '/' ? (uint32_t)strtoul(text + 1, &text, 10) : 0;
		g->n_entries++;
	}
	if (*text == '@')
		g->t_base = strtoll(text + 1, NULL, 10);
	while (option(&text)) {
		if (is(text, "cycle=")) {
			g->cycle_ns = strtoll(text + 6, NULL, 10);
		} else if (is(text, "ext=")) {
			g->extension_ns = strtoll(text + 4, NULL, 10);
		} else if (is(text, "initial=")) {
			char *ipv = text + 9;

			g->initial_open = text[8] == 'o';
			g->initial_ipv = read_ipv(&ipv);
		} else if (is(text, "rx")) {
			g->invalid_rx = true;
		} else if (is(text, "oct")) {
			g->octets_exceeded = true;
		} else if (is(text, "off")) {
			g->enabled = false;
		} else {
			fail_msg("\"%s\" is no option of a gate", text);
		}
	}
}

static void add_gate(struct history *h, char *text)
{
	uint32_t i = h->conf.n_gates++;

	read_gate(&h->gates[i], h->entries[i], text);
}

/* I:GATE, asked for at the present instant. */
static int change(struct history *h, char *text)
{
	struct police_gate_entry entries[ENTRIES] = {0};
	struct police_list *list, *back[3] = {NULL};
	struct police_gate_conf conf;
	struct wire wire;
	int i;

	if (create(h))
		return -EINVAL;
	read_gate(&conf, entries, text + 2);
	assert_int_equal(wire_init(&wire, WIRE_MAX_BPS, NULL), 0);
	if (police_list_create(&list, &conf, &wire, h->why))
		return -EINVAL;
	police_gate_change(h->police, (uint32_t)(text[0] - '0'), list, h->now, back);
	for (i = 0; i < 3; i++)
		police_list_destroy(back[i]);
	return 0;
}

static void read_meter(struct history *h, char *text)
{
	struct meter_conf *m = &h->meters[h->conf.n_meters++];

	assert_int_equal(sscanf(text, "%" SCNd64 "/%" SCNd64 "/%" SCNd64 "/%" SCNd64, &m->cir_bps, &m->cbs_bytes,
				&m->eir_bps, &m->ebs_bytes), 4);
	while (option(&text)) {
		m->mark_all_red |= is(text, "red");
		m->colour_aware |= is(text, "aware");
	}
}

static void read_scheduler(struct history *h, const char *text)
{
	struct police_scheduler_conf *s = &h->schedulers[h->conf.n_schedulers++];

	assert_int_equal(sscanf(text, "%" SCNd64 "/%" SCNd64 "/%d", &s->ats.cir_bps, &s->ats.cbs_bits, &s->group), 3);
}

static int frame(struct history *h, const char *word)
{
	static uint8_t dst[6] = {2};
	unsigned int last, vid, pcp, sdu;
	struct police_frame f = {.dst = dst, .dei = word[0] == 'd'};
	char got[64];
	int end;

	if (create(h))
		return -EINVAL;
	assert_int_equal(sscanf(word + f.dei, "%2x/%u/%u/%u=", &last, &vid, &pcp, &sdu), 4);
	dst[5] = (uint8_t)last;
	f.vid = (uint16_t)vid;
	f.pcp = (uint8_t)pcp;
	f.len = sdu + 14;
	end = snprintf(got, sizeof(got), "%s", verdicts[police_frame(h->police, &f, h->now)]);
	if (f.ipv != POLICE_NONE)
		end += snprintf(got + end, sizeof(got) - (size_t)end, ",ipv=%d", f.ipv);
	if (f.yellow)
		end += snprintf(got + end, sizeof(got) - (size_t)end, ",yellow");
	if (f.t_eligible != INT64_MIN)
		snprintf(got + end, sizeof(got) - (size_t)end, ",t=%" PRId64, f.t_eligible);
	return strcmp(got, strchr(word, '=') + 1) ? why_fail(h->why, EINVAL, "%s at %" PRId64 ": got %s", word, h->now,
							     got) : 0;
}

static int ask(struct history *h, const char *word)
{
	static const struct {
		const char *key;
		size_t offset;
	} counters[] = {
#define AT(id) offsetof(struct police_counters, id)
		{"matching=", AT(matching_frames)}, {"psdu=", AT(passing_sdu)}, {"nsdu=", AT(not_passing_sdu)}, {"pgate=", AT(passing_frames)},
		{"ngate=", AT(not_passing_frames)}, {"red=", AT(red_frames)}, {"late=", AT(late_frames)},
#undef AT
	};
	const char *key = word + 2;
	struct police_counters c;
	int64_t got = -1;
	bool blocked;
	size_t i;

	police_counters_get(h->police, (uint32_t)(word[0] - '0'), &c, &blocked);
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (is(key, counters[i].key))
			got = *(int64_t *)((char *)&c + counters[i].offset);
	if (is(key, "blocked="))
		got = blocked;
	return got == strtoll(strchr(key, '=') + 1, NULL, 10) ? 0
		: why_fail(h->why, EINVAL, "%s: got %" PRId64, word, got);
}

static int look(struct history *h, const char *text)
{
	struct police_gate_view v;
	char got[64];
	int n;

	if (create(h))
		return -EINVAL;
	police_gate_get(h->police, (uint32_t)(text[0] - '0'), h->now, &v);
	n = snprintf(got, sizeof(got), "%s", v.open ? "open" : "closed");
	if (v.ipv != POLICE_NONE)
		n += snprintf(got + n, sizeof(got) - (size_t)n, ",ipv=%d", v.ipv);
	if (v.running)
		n += snprintf(got + n, sizeof(got) - (size_t)n, ",entry=%u", v.entry);
	if (v.pending)
		n += snprintf(got + n, sizeof(got) - (size_t)n, ",change=%" PRId64, v.t_change);
	if (v.errors)
		n += snprintf(got + n, sizeof(got) - (size_t)n, ",errors=%" PRIu64, v.errors);
	snprintf(got + n, sizeof(got) - (size_t)n, "%s%s", v.invalid_rx ? ",rx" : "", v.octets_exceeded ? ",oct" : "");
	return strcmp(got, text + 2) ? why_fail(h->why, EINVAL, "look=%s at %" PRId64 ": got %s", text, h->now, got)
		: 0;
}

static int wait_until(struct history *h, int64_t t)
{
	int err = create(h);

	h->now = t;
	return err;
}

static void step(struct history *h, int64_t t)
{
	police_step(h->police, t - h->now, t);
	h->now = t;
}

static int play(struct history *h, char *word)
{
	if (is(word, "filter="))
		read_filter(h, word + 7);
	else if (is(word, "gate="))
		add_gate(h, word + 5);
	else if (is(word, "meter="))
		read_meter(h, word + 6);
	else if (is(word, "sched="))
		read_scheduler(h, word + 6);
	else if (is(word, "group="))
		h->residences[h->conf.n_groups++] = strtoll(word + 6, NULL, 10);
	else if (is(word, "start="))
		h->now = strtoll(word + 6, NULL, 10);
	else if (is(word, "now="))
		return wait_until(h, strtoll(word + 4, NULL, 10));
	else if (is(word, "step="))
		step(h, strtoll(word + 5, NULL, 10));
	else if (is(word, "reset"))
		police_reset(h->police);
	else if (is(word, "look="))
		return look(h, word + 5);
	else if (is(word, "set="))
		return change(h, word + 4);
	else if (word[1] == '.')
		return ask(h, word);
	else
		return frame(h, word);
	return 0;
}

static int police_row(const struct test_row *row, struct why *why)
{
	struct history h;
	int err = 0;
	int i;

	history_init(&h, why);
	for (i = 0; i < row->n && !err; i++)
		err = play(&h, row->word[i]);
	police_destroy(h.police);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/police.vec", police_row);
}

/* Rows of what is configured, and what the sentence names. */
static void test_refused(void **state)
{
	static const char *const bad[][3] = {
		{"filter=01/4095/*", "stream-filters entry 0", "vlan"},
		{"filter=01/0/*", "stream-filters entry 0", "vlan"},
		{"filter=01/1/8", "stream-filters entry 0", "priority-spec"},
		{"filter=*/*/* filter=*/*/*,gate=0", "stream-filters entry 1", "stream-gate-ref"},
		{"filter=*/*/*,meter=-2", "stream-filters entry 0", "flow-meter-ref"},
		{"filter=*/*/*,sched=3", "stream-filters entry 0", "scheduler-ref"},
		{"gate=o1000 gate=o1", "stream-gates entry 1", "time-interval-value"},
		{"gate=o1000/8", "stream-gates entry 0", "ipv-spec"},
		{"gate=o1000,initial=o/9", "stream-gates entry 0", "admin-ipv"},
		{"gate=o1000,cycle=-1", "stream-gates entry 0", "admin-cycle-time"},
		{"meter=1000/10/0/0", "flow-meters entry 0", "committed-burst-size"},
		{"group=0", "scheduler-groups entry 0", "max-residence-time"},
		{"group=2000000001", "scheduler-groups entry 0", "max-residence-time"},
		{"sched=8000000/944/0", "schedulers entry 0", "scheduler-group-ref"},
		{"group=1000 sched=1/944/0", "schedulers entry 0", "committed-information-rate"},
	};
	char text[64], *rest, *word;
	struct history h;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		history_init(&h, &why);
		snprintf(text, sizeof(text), "%s", bad[i][0]);
		for (rest = text; (word = strsep(&rest, " "));)
			play(&h, word);
		assert_int_equal(create(&h), -EINVAL);
		test_why_names(&why, bad[i][1], bad[i][2], NULL);
	}
}

TEST_GROUP("tsn/police",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_refused),
)
