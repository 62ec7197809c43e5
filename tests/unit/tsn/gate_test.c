/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/tsn/list.h"
#include "tsn/gate.h"

#define LISTS 4

/* A row while it runs: profiles live until its end, whoever hands them back. */
struct history {
	const struct test_row *row;
	struct gate gate;
	struct gcl *lists[LISTS];
	int n_lists;
	const char *cycle;		/* for the next list; NULL: the sum of its entries */
	int64_t ext_ns;
	int64_t rate_bps;
	int64_t initial;
	int64_t start[TSN_CLASSES];	/* open totals at the start */
	struct why *why;
};

static int64_t number(const struct history *h, const char *text)
{
	char *end;
	int64_t v;

	if (!strcmp(text, "never"))
		return NS_NEVER;
	v = strtoll(text, &end, 10);
	if (end == text || *end)
		fail_msg("%s:%d: \"%s\" is no number", h->row->path, h->row->line, text);
	return v;
}

static int same(struct history *h, const char *word, int64_t got, int64_t want)
{
	return got == want ? 0 : why_fail(h->why, EINVAL, "%s: got %" PRId64, word, got);
}

static void set(struct history *h, const char *text)
{
	struct gcl_conf conf;
	struct wire wire;

	assert_true(h->n_lists < LISTS);
	assert_int_equal(wire_init(&wire, h->rate_bps, NULL), 0);
	list_read(h->row, text, &conf);
	if (h->cycle)
		list_cycle(h->row, h->cycle, &conf);
	conf.extension_ns = h->ext_ns;
	conf.initial_gates = (uint8_t)h->initial;
	if (gcl_create(&h->lists[h->n_lists], &conf, &wire, h->why))
		fail_msg("%s:%d: %s", h->row->path, h->row->line, h->why->text);
	free(conf.entries);
	gate_set(&h->gate, h->lists[h->n_lists++], h->gate.t_now);
	h->cycle = NULL;
	h->ext_ns = 0;
}

/* KEY=TC:VALUE: VALUE, with the class taken off. */
static const char *class_of(const struct history *h, const char *value, unsigned int *tc)
{
	if (*value < '0' || *value > '7' || value[1] != ':')
		fail_msg("%s:%d: \"%s\" names no class", h->row->path, h->row->line, value);
	*tc = (unsigned int)(*value - '0');
	return value + 2;
}

static int ask_class(struct history *h, const char *word, const char *key, const char *value)
{
	const struct gate *g = &h->gate;
	char from[32] = "";
	unsigned int tc;

	value = class_of(h, value, &tc);
	if (!strcmp(key, "close"))
		return same(h, word, gate_close_at(g, tc), number(h, value));
	if (!strcmp(key, "open"))
		return same(h, word, gate_open_at(g, tc, g->t_now), number(h, value));
	if (!strcmp(key, "total"))
		return same(h, word, gate_open_total(g, tc) - h->start[tc], number(h, value));
	if (!strcmp(key, "longest"))
		return same(h, word, gate_max_len(g, tc), number(h, value));
	assert_string_equal(key, "openfrom");
	snprintf(from, sizeof(from), "%.*s", (int)strcspn(value, ":"), value);
	return same(h, word, gate_open_at(g, tc, number(h, from)), number(h, strchr(value, ':') + 1));
}

/* entry=INDEX:T, or entry=none. */
static int ask_entry(struct history *h, const char *word, const char *value)
{
	int64_t t_begin = NS_NEVER;
	uint32_t entry = gate_entry(&h->gate, &t_begin);
	char got[64];

	snprintf(got, sizeof(got), "%u:%" PRId64, entry, t_begin);
	if (entry == UINT32_MAX)
		strcpy(got, t_begin == NS_NEVER ? "none" : "none, but a begin");
	return strcmp(got, value) ? why_fail(h->why, EINVAL, "%s: got %s", word, got) : 0;
}

static int play(struct history *h, const char *word)
{
	const char *value = strchr(word, '=');
	struct gate *g = &h->gate;
	char key[16];

	assert_non_null(value);
	snprintf(key, sizeof(key), "%.*s", (int)(value++ - word), word);
	if (!strcmp(key, "start"))
		gate_init(g, number(h, value));
	else if (!strcmp(key, "cycle"))
		h->cycle = value;
	else if (!strcmp(key, "rate"))
		h->rate_bps = list_rate(h->row, value);
	else if (!strcmp(key, "ext"))
		h->ext_ns = number(h, value);
	else if (!strcmp(key, "initial"))
		h->initial = strtol(value, NULL, 16);
	else if (!strcmp(key, "set"))
		set(h, value);
	else if (!strcmp(key, "now"))
		gate_advance(g, number(h, value));
	else if (!strcmp(key, "step"))
		gate_step(g, number(h, value));
	else if (!strcmp(key, "states"))
		return same(h, word, gate_states(g), strtol(value, NULL, 16));
	else if (!strcmp(key, "entry"))
		return ask_entry(h, word, value);
	else if (!strcmp(key, "change"))
		return same(h, word, g->t_change, number(h, value));
	else if (!strcmp(key, "errors"))
		return same(h, word, (int64_t)g->config_change_errors, number(h, value));
	else if (!strcmp(key, "changes"))
		return same(h, word, (int64_t)g->config_changes, number(h, value));
	else
		return ask_class(h, word, key, value);
	return 0;
}

static int gate_row(const struct test_row *row, struct why *why)
{
	struct history h = {.row = row, .initial = 0xff, .rate_bps = 1000000000, .why = why};
	int err = 0;
	int i;

	gate_init(&h.gate, 0);
	for (i = 0; i < row->n && !err; i++)
		err = play(&h, row->word[i]);
	while (h.n_lists)
		gcl_destroy(h.lists[--h.n_lists]);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/gate.vec", gate_row);
}

/* Nothing is lost, nothing handed back twice: what set and advance return is what no longer runs nor waits. */
static void test_profiles_come_back(void **state)
{
	struct gcl_entry entry = {0xff, 1000};
	struct gcl_conf conf = {.enabled = true, .n_entries = 1, .entries = &entry};
	struct gcl *a, *b, *c;
	struct wire wire;
	struct gate g;

	(void)state;
	assert_int_equal(wire_init(&wire, NS_PER_SEC, NULL), 0);
	assert_int_equal(gcl_create(&a, &conf, &wire, NULL), 0);
	conf.t_base = 5000;
	assert_int_equal(gcl_create(&b, &conf, &wire, NULL), 0);
	assert_int_equal(gcl_create(&c, &conf, &wire, NULL), 0);
	gate_init(&g, 0);
	assert_null(gate_set(&g, a, 0));
	assert_null(gate_advance(&g, 0));
	assert_ptr_equal(g.oper, a);
	assert_null(gate_set(&g, b, 0));
	assert_ptr_equal(gate_set(&g, c, 0), b);
	assert_null(gate_advance(&g, 4999));
	assert_ptr_equal(gate_advance(&g, 6000), a);
	assert_ptr_equal(g.oper, c);
	assert_null(g.admin);
	assert_null(gate_advance(&g, 7000));
	gcl_destroy(a);
	gcl_destroy(b);
	gcl_destroy(c);
}

TEST_GROUP("tsn/gate",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_profiles_come_back),
)
