/* SPDX-License-Identifier: BSD-3-Clause */
/* blame_frame, by vectors: a row is one frame, what happened around it, and who is to be charged how much. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "probes/blame_frame.h"
#include "vnet/rec.h"

#define T0	   INT64_C(1000000000000)
#define WORKER	   70u
#define WORKER_CPU 1
#define VCPU_IN	   100u	/* two of them: 100, 101 */
#define VCPU_OUT   200u
#define SENDER	   30u
#define READER	   40u
#define SELF	   UINT64_C(1000)	/* the frame's number */

struct scene {
	const struct test_row *row;
	struct cause_spans spans;
	struct cause_queues queues;
	struct cause_typical typical;
	struct blame b;
	struct way w, usual;
	int64_t len[WAY_HOPS_COUNT], typ[WAY_HOPS_COUNT], bound[WAY_HOPS_COUNT];
	uint32_t have;
	int64_t published_ns, kick_ns;
	int n_ahead;
	char text[512];
};

static int hop_of(const char *name)
{
	int i;

	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (!strcmp(name, way_names[i]))
			return i;
	return -1;
}

static int64_t ns_of(const struct scene *s, const char *text)
{
	struct why why = {""};
	int64_t v = 0;

	if (ns_parse(&v, text, &why))
		fail_msg("%s:%d: %s", s->row->path, s->row->line, why.text);
	return v;
}

/* -- words of a row ------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int source;
	bool of_cpu;
	uint32_t owner;
} owners[] = {
	{"w", CAUSE_HOST, false, WORKER},	{"c", CAUSE_HOST, true, WORKER_CPU},	{"c0", CAUSE_HOST, true, 0},
	{"u", CAUSE_HOST, false, VCPU_IN},	{"u1", CAUSE_HOST, false, VCPU_IN + 1}, {"v", CAUSE_HOST, false, VCPU_OUT},
	{"other", CAUSE_HOST, false, 999},	{"tx", 0, false, SENDER},		{"txcpu", 0, true, 0},
	{"rx", 1, false, READER},		{"rxcpu", 1, true, 0},			{"rxcpu1", 1, true, 1},
	{"rxsoftirqd", 1, false, 0},
};

static const struct {
	const char *name;
	uint16_t kind;
} kinds[] = {
#define X(id, name, family, who, help) {name, EV_##id},
	EVENT_KINDS(X)
#undef X
};

/* OWNER.KIND=FROM+LENGTH[/WHO[/ARG]], FROM after the beginning of the first hop. */
static void add_span(struct scene *s, const char *owner, const char *kind, char *value)
{
	char *len = strchr(value, '+'), *who = strchr(value, '/'), *arg = who ? strchr(who + 1, '/') : NULL;
	struct event e = {0};
	int64_t t;
	size_t i;

	assert_non_null(len);
	*len++ = '\0';
	if (who)
		*who++ = '\0';
	if (arg)
		*arg++ = '\0';
	t = T0 + ns_of(s, value);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, kind))
			e.kind = kinds[i].kind;
	e.by = who && !strcmp(who, "idle") ? 0 : 55;
	if (who)
		memcpy(e.who, who, strnlen(who, EVENT_WHO - 1));
	e.arg = arg ? (uint64_t)ns_of(s, arg) : 0;
	for (i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		if (!strcmp(owners[i].name, owner)) {
			e.cpu = (uint16_t)owners[i].owner;
			e.tid = owners[i].owner;
			e.flags = strstr(owner, "softirqd") ? EV_SOFTIRQD : 0;
			assert_int_equal(cause_spans_add(&s->spans, owners[i].source, &e, t, t + ns_of(s, len)), 0);
			return;
		}
	fail_msg("%s:%d: nobody is called %s", s->row->path, s->row->line, owner);
}

static void add_gap(struct scene *s, char *value)
{
	char *len = strchr(value, '+');

	assert_non_null(len);
	*len++ = '\0';
	assert_int_equal(cause_spans_gap(&s->spans, T0 + ns_of(s, value), T0 + ns_of(s, value) + ns_of(s, len), REC_AT_TURN), 0);
}

/* A frame ahead: STATION=CAME+STAYED[/gate/NS | /shape/NS | /retried | /class/N | /read/NS]. */
static void add_ahead(struct scene *s, const char *station, char *value)
{
	char *save = NULL, *came = strtok_r(value, "+", &save), *stayed = strtok_r(NULL, "/", &save), *word;
	struct pkt p = {.seq = (uint64_t)++s->n_ahead, .len = 60, .in_port = 1, .out_port = 2, .tc = 5, .verdict = VERDICT_SENT};
	int64_t t = T0 + ns_of(s, came), stay = ns_of(s, stayed), read = 0;
	struct way w;

	if (!strcmp(station, "ring")) {
		p.t_seen = p.t_out = t + stay;
	} else if (!strcmp(station, "guest")) {
		p.t_seen = p.t_out = t;
	} else {
		p.t_seen = t;
		p.t_out = t + stay;
		p.hop_ns[HOP_QUEUE] = (uint32_t)stay;
	}
	while ((word = strtok_r(NULL, "/", &save))) {
		int64_t ns;

		if (!strcmp(word, "retried")) {
			p.flags |= PKT_RETRIED;
			continue;
		}
		ns = ns_of(s, strtok_r(NULL, "/", &save));
		if (!strcmp(word, "read"))
			read = ns;
		else if (!strcmp(word, "class"))
			p.tc = (uint8_t)ns;
		else if (!strcmp(word, "bytes"))
			p.len = (uint16_t)ns;
		else
			p.hop_ns[!strcmp(word, "gate") ? HOP_GATE : !strcmp(word, "shape") ? HOP_SHAPE : HOP_PORT] = (uint32_t)ns;
	}
	way_init(&w, &p, 0);
	if (!strcmp(station, "ring")) {
		w.have |= 1u << WAY_RING;
		w.begin[WAY_RING].t = t;
		w.end[WAY_RING].t = t + stay;
	} else if (!strcmp(station, "guest")) {
		w.have |= 1u << WAY_CALL | 1u << WAY_DELIVER;
		w.begin[WAY_CALL].t = t;
		w.end[WAY_CALL].t = w.begin[WAY_DELIVER].t = t + stay;
		w.end[WAY_DELIVER].t = t + stay + read;
	}
	assert_int_equal(cause_queues_add(&s->queues, &w), 0);
}

static void set_flag(struct scene *s, char *value)
{
	if (!strcmp(value, "stepped"))
		s->w.rec.flags |= PKT_STEPPED;
	else if (!strcmp(value, "retried"))
		s->w.rec.flags |= PKT_RETRIED;
	else if (!strcmp(value, "no-call"))
		s->w.rec.flags |= PKT_NO_CALL;
	else if (!strcmp(value, "no-irq"))
		s->w.rx.flags |= EV_NO_IRQ;
	else if (!strcmp(value, "no-kick"))
		s->w.tx.flags |= EV_NO_KICK;
	else if (!strcmp(value, "launch"))
		s->b.roles.launch[2][5] = true;
	else if (!strcmp(value, "nobody-known"))
		s->b.roles = (struct blame_roles){.worker_cpu = -1};
	else if (!strcmp(value, "record-only"))
		s->w.tx.kind = s->w.rx.kind = s->w.read.kind = EV_NONE;
	else
		fail_msg("%s:%d: no flag is called %s", s->row->path, s->row->line, value);
}

static void word_is(struct scene *s, char *key, char *value)
{
	char *dot = strchr(key, '.');
	int hop = hop_of(key);

	if (hop >= 0) {
		s->len[hop] = ns_of(s, value);
		s->have |= 1u << hop;
	} else if (!strncmp(key, "typ.", 4)) {
		s->typ[hop_of(key + 4)] = ns_of(s, value);
	} else if (!strncmp(key, "bound.", 6)) {
		s->bound[hop_of(key + 6)] = ns_of(s, value);
	} else if (!strncmp(key, "ahead.", 6)) {
		add_ahead(s, key + 6, value);
	} else if (!strcmp(key, "gap")) {
		add_gap(s, value);
	} else if (!strcmp(key, "kick")) {
		s->kick_ns = ns_of(s, value);
		s->w.tx.flags |= EV_KICKED;
	} else if (!strcmp(key, "is")) {
		set_flag(s, value);
	} else if (dot) {
		*dot++ = '\0';
		add_span(s, key, dot, value);
	} else {
		fail_msg("%s:%d: what is %s?", s->row->path, s->row->line, key);
	}
}

/* -- the frame ----------------------------------------------------------------------------------------------------- */

static void fill_way(struct way *w, const int64_t *len, uint32_t have, const int64_t *bound)
{
	static const uint8_t hops[HOP_COUNT] = {WAY_COPY, WAY_CLASS, WAY_QUEUE, WAY_GATE, WAY_SHAPE, WAY_PORT, WAY_SEND};
	int64_t t = T0;
	int i, k;

	w->have = have | 1u << WAY_COPY | 1u << WAY_CLASS | 1u << WAY_QUEUE | 1u << WAY_GATE | 1u << WAY_SHAPE | 1u << WAY_PORT | 1u << WAY_SEND;
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		if (!way_has(w, i))
			continue;
		if (i == WAY_COPY)
			w->rec.t_seen = t;
		w->begin[i].t = t;
		t += len[i];
		w->end[i] = (struct way_edge){t, bound ? bound[i] : 0};
		if (i == WAY_SEND)
			w->rec.t_out = t;
		for (k = 0; k < HOP_COUNT; k++)
			if (hops[k] == i)
				w->rec.hop_ns[k] = (uint32_t)len[i];
	}
}

static void begin(struct scene *s, const struct test_row *row)
{
	memset(s, 0, sizeof(*s));
	s->row = row;
	s->w.rec = (struct pkt){.seq = SELF, .len = 60, .in_port = 1, .out_port = 2, .tc = 5, .verdict = VERDICT_SENT};
	s->w.guest_in = 0;
	s->w.guest_out = 1;
	s->w.tx = (struct event){.kind = EV_TX, .tid = SENDER};
	s->w.rx = (struct event){.kind = EV_RX};
	s->w.read = (struct event){.kind = EV_READ, .tid = READER, .cpu = 1};
	s->usual = s->w;
	s->b.roles = (struct blame_roles){.worker_tid = WORKER, .worker_cpu = WORKER_CPU};
	s->b.roles.guest[1].n = 2;
	s->b.roles.guest[1].vcpu_tid[0] = VCPU_IN;
	s->b.roles.guest[1].vcpu_tid[1] = VCPU_IN + 1;
	s->b.roles.guest[2].n = 1;
	s->b.roles.guest[2].vcpu_tid[0] = VCPU_OUT;
	assert_int_equal(cause_queues_init(&s->queues), 0);
	assert_int_equal(cause_typical_init(&s->typical), 0);
}

static void end(struct scene *s)
{
	cause_spans_fini(&s->spans);
	cause_queues_fini(&s->queues);
	cause_typical_fini(&s->typical);
	blame_fini(&s->b);
}

static void run(struct scene *s, struct blame_result *r)
{
	int i;

	fill_way(&s->w, s->len, s->have, s->bound);
	s->w.tx.edge_ns[EV_TX_PUBLISHED] = 1000;
	s->w.tx.edge_ns[EV_TX_KICK] = (uint32_t)(1000 + s->kick_ns);
	fill_way(&s->usual, s->typ, s->have, NULL);
	for (i = 0; i < TYPICAL_FEW; i++)
		assert_int_equal(cause_typical_add(&s->typical, &s->usual), 0);
	assert_int_equal(cause_queues_add(&s->queues, &s->w), 0);
	cause_queues_sort(&s->queues);
	cause_spans_sort(&s->spans);
	s->b.spans = &s->spans;
	s->b.queues = &s->queues;
	s->b.typical = &s->typical;
	assert_int_equal(blame_frame(&s->b, &s->w, r), 0);
}

/* -- what came out ------------------------------------------------------------------------------------------------- */

static void check_sums(const struct scene *s, const struct blame_result *r)
{
	int64_t parts = 0, hops = 0, causes = 0, by_hop[WAY_HOPS_COUNT] = {0};
	uint32_t i;

	for (i = 0; i < r->n; i++) {
		parts += r->part[i].ns;
		by_hop[r->part[i].hop] += r->part[i].ns;
		assert_true(r->part[i].ns > 0);
		assert_true(cause_rows[r->part[i].cause].hops >> r->part[i].hop & 1);
		assert_true(!i || r->part[i - 1].ns >= r->part[i].ns);
	}
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		hops += r->hop_excess_ns[i];
		if (by_hop[i] != r->hop_excess_ns[i])
			fail_msg("%s:%d: the parts of %s do not add up to its excess", s->row->path, s->row->line, way_names[i]);
	}
	for (i = 0; i < CAUSE_COUNT; i++)
		causes += r->cause_ns[i];
	assert_int_equal(parts, r->excess_ns);
	assert_int_equal(hops, r->excess_ns);
	assert_int_equal(causes, r->excess_ns);
}

/* CAUSE=NS[/WHO], knock-on ones with a star behind the cause; no others. */
static int wanted(const struct scene *s, const struct blame_result *r, int from, struct why *why)
{
	const struct test_row *row = s->row;
	int64_t ns, got, sum = 0;
	uint32_t k;
	int i;

	for (i = from; i < row->n; i++) {
		char *value = strchr(row->word[i], '='), *who, *star;
		int cause;

		assert_non_null(value);
		*value++ = '\0';
		star = strchr(row->word[i], '*');
		if (star)
			*star = '\0';
		who = strchr(value, '/');
		if (who)
			*who++ = '\0';
		ns = ns_of(s, value);
		cause = cause_find(row->word[i]);
		if (cause < 0)
			return why_fail(why, EINVAL, "no cause is called %s", row->word[i]);
		for (k = 0, got = 0; k < r->n; k++)
			if (r->part[k].cause == (enum cause)cause && r->part[k].knock_on == (star != NULL) &&
			    (!who || !strcmp(who, r->part[k].span.who)))
				got += r->part[k].ns;
		if (got != ns)
			return why_fail(why, EINVAL, "got %s%s=%lld, want %lld", row->word[i], star ? "*" : "", (long long)got, (long long)ns);
		if (i == from && r->first != (enum cause)cause)
			return why_fail(why, EINVAL, "got %s first, want %s", cause_rows[r->first].name, row->word[i]);
		sum += ns;
	}
	if (sum != r->excess_ns)
		return why_fail(why, EINVAL, "got %lld ns in all, want %lld", (long long)r->excess_ns, (long long)sum);
	return 0;
}

static int row_fn(const struct test_row *row, struct why *why)
{
	struct blame_result *r = malloc(sizeof(*r));
	struct scene *s = malloc(sizeof(*s));
	char *value;
	int i, err;

	assert_non_null(r);
	assert_non_null(s);
	begin(s, row);
	for (i = 0; i < row->n && strcmp(row->word[i], "->"); i++) {
		value = strchr(row->word[i], '=');
		assert_non_null(value);
		*value++ = '\0';
		word_is(s, row->word[i], value);
	}
	run(s, r);
	check_sums(s, r);
	err = wanted(s, r, i + 1, why);
	end(s);
	free(s);
	free(r);
	return err;
}

static void test_rows(void **state)
{
	(void)state;
	test_vectors("tests/vectors/blame.vec", row_fn);
}

TEST_GROUP("probes/blame_frame",
	cmocka_unit_test(test_rows),
)
