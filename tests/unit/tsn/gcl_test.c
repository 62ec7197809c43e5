/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/tsn/list.h"
#include "tsn/gcl.h"

static void wire_of(const struct test_row *row, struct wire *wire)
{
	const char *rate = list_key(row, "rate");

	assert_int_equal(wire_init(wire, list_rate(row, rate ? rate : "1G"), NULL), 0);
}

static int create(const struct test_row *row, struct gcl **gcl, struct why *why)
{
	struct gcl_conf conf;
	struct wire wire;
	int err;

	wire_of(row, &wire);
	list_read(row, row->word[1], &conf);
	if (list_key(row, "cycle"))
		list_cycle(row, list_key(row, "cycle"), &conf);
	conf.extension_ns = list_time(row, "ext", 0);
	conf.t_base = list_time(row, "base", conf.t_base);
	conf.max_sdu[7] = (uint32_t)list_time(row, "sdu", 0);
	err = gcl_create(gcl, &conf, &wire, why);
	free(conf.entries);
	return err;
}

static int compare_windows(const struct test_row *row, const struct gcl_class *c, struct why *why)
{
	char got[512] = "", want[512] = "";
	size_t n = 0;
	uint32_t w;
	int i;

	for (i = 2; i < row->n; i++)
		if (!strchr(row->word[i], '='))
			n += (size_t)snprintf(want + n, sizeof(want) - n, "%s ", row->word[i]);
	n = 0;
	if (c->always || !c->n_windows)
		snprintf(got, sizeof(got), "%s ", c->always ? "always" : "never");
	for (w = 0; w < c->n_windows && !c->always; w++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%" PRId64 "-%" PRId64 "@%" PRId64 " ", c->windows[w].open_ns,
				      c->windows[w].close_ns, c->windows[w].before_ns);
	return strcmp(got, want) ? why_fail(why, EINVAL, "got %swant %s", got, want) : 0;
}

static int windows_row(const struct test_row *row, const struct gcl *gcl, struct why *why)
{
	const struct gcl_class *c = &gcl->class[list_time(row, "tc", 0)];

	if (c->tail_ns != list_time(row, "tail", -1))
		return why_fail(why, EINVAL, "tail is %" PRId64, c->tail_ns);
	if (c->open_ns != list_time(row, "open", -1))
		return why_fail(why, EINVAL, "open is %" PRId64, c->open_ns);
	if (c->longest_ns != list_time(row, "longest", -1))
		return why_fail(why, EINVAL, "longest is %" PRId64, c->longest_ns);
	return compare_windows(row, c, why);
}

/* Each part of says= stands in the sentence. */
static int bad_row(const struct test_row *row, int err, const struct why *got, struct why *why)
{
	char says[256], *word, *save = NULL, *p;

	snprintf(says, sizeof(says), "%s", list_key(row, "says"));
	if (err != -EINVAL)
		return why_fail(why, EINVAL, "returned %d, not -EINVAL", err);
	for (word = strtok_r(says, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		for (p = word; (p = strchr(p, '_')); )
			*p = ' ';
		if (!strstr(got->text, word))
			return why_fail(why, EINVAL, "\"%s\" does not name \"%s\"", got->text, word);
	}
	if (!strchr(got->text, ':') || strlen(got->text) > WHY_LEN - 20)
		return why_fail(why, EINVAL, "\"%s\" does not say how to mend it, or is cut off", got->text);
	return 0;
}

static int gcl_row(const struct test_row *row, struct why *why)
{
	struct why got = {""};
	struct gcl *gcl = NULL;
	uint32_t len;
	int err = create(row, &gcl, &got);

	if (!strcmp(row->word[0], "bad")) {
		gcl_destroy(gcl);
		return bad_row(row, err, &got, why);
	}
	if (err)
		return why_fail(why, EINVAL, "refused: %s", got.text);
	if (!strcmp(row->word[0], "windows")) {
		err = windows_row(row, gcl, why);
	} else {
		len = gcl->class[list_time(row, "tc", 0)].max_len;
		if (len != list_time(row, "len", -1))
			err = why_fail(why, EINVAL, "the longest frame is %u bytes", len);
	}
	gcl_destroy(gcl);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/gcl.vec", gcl_row);
}

#define ENTRIES 7
#define SPAN	300 /* ns, more than any cycle here */

/* One byte for each ns of the cycle, straight from what was asked for. Returns the cycle. */
static int64_t spell_out(const struct gcl_conf *conf, uint8_t *states)
{
	int64_t n = 0, cycle = conf->cycle_ns;
	int64_t left;
	uint32_t i;

	for (i = 0; i < conf->n_entries; i++)
		for (left = conf->entries[i].interval_ns; left; left--)
			states[n++] = conf->entries[i].gates;
	if (!cycle)
		return n;
	for (; n < cycle; n++)
		states[n] = conf->entries[conf->n_entries - 1].gates;
	return cycle;
}

static void compare_class(const struct gcl *gcl, unsigned int tc, const uint8_t *states, int64_t cycle)
{
	const struct gcl_class *c = &gcl->class[tc];
	uint8_t seen[SPAN] = {0};
	int64_t open = 0, t;
	uint32_t w;

	for (w = 0; w < c->n_windows; w++) {
		assert_true(c->windows[w].open_ns < cycle && c->windows[w].close_ns > c->windows[w].open_ns);
		for (t = c->windows[w].open_ns; t < c->windows[w].close_ns; t++)
			seen[t % cycle]++;
		/* Maximal: what lies just outside is shut, unless nothing is. */
		assert_true(c->always || !(states[(c->windows[w].open_ns + cycle - 1) % cycle] >> tc & 1));
		assert_true(c->always || !(states[c->windows[w].close_ns % cycle] >> tc & 1));
	}
	for (t = 0, w = 0; t < cycle; t++) {
		if (w < c->n_windows && c->windows[w].open_ns == t)
			assert_int_equal(c->windows[w++].before_ns, open);
		assert_int_equal(seen[t], states[t] >> tc & 1);
		assert_int_equal(gcl_open_at_offset(gcl, tc, t), states[t] >> tc & 1);
		open += states[t] >> tc & 1;
	}
	assert_int_equal(w, c->n_windows);
	assert_int_equal(c->open_ns, open);
	assert_int_equal(c->always, open == cycle);
}

/* At 400 Gb/s a minimum frame takes 2 ns, so a cycle is short enough to be spelt out nanosecond by nanosecond. */
static void test_windows_are_what_was_asked_for(void **state)
{
	struct gcl_entry entries[ENTRIES];
	struct gcl_conf conf = {.enabled = true, .entries = entries};
	uint8_t states[SPAN];
	uint64_t seed = 7;
	unsigned int tc, made = 0;
	struct gcl *gcl;
	struct wire wire;
	int64_t cycle;
	uint32_t i;
	int n;

	(void)state;
	assert_int_equal(wire_init(&wire, WIRE_MAX_BPS, NULL), 0);
	for (n = 0; n < 5000; n++) {
		conf.n_entries = 1 + (uint32_t)(test_random(&seed) >> 32) % ENTRIES;
		for (i = 0; i < conf.n_entries; i++)
			entries[i] = (struct gcl_entry){.gates = (uint8_t)(test_random(&seed) >> 40),
							.interval_ns = 2 + (int64_t)((test_random(&seed) >> 32) % 20)};
		conf.cycle_ns = test_random(&seed) >> 63 ? 2 + (int64_t)((test_random(&seed) >> 32) % 150) : 0;
		if (gcl_create(&gcl, &conf, &wire, NULL))
			continue; /* a window cut too short */
		made++;
		cycle = spell_out(&conf, states);
		assert_int_equal(gcl->cycle_ns, cycle);
		for (tc = 0; tc < TSN_CLASSES; tc++)
			compare_class(gcl, tc, states, cycle);
		gcl_destroy(gcl);
	}
	assert_true(made > 4000);
}

/* The profile is a copy: what the caller does with its list later changes nothing. */
static void test_profile_owns_its_entries(void **state)
{
	struct gcl_entry entries[] = {{0x80, 1000}, {0x7f, 2000}};
	struct gcl_conf conf = {.enabled = true, .t_base = 5, .initial_gates = 0x0f, .n_entries = 2, .entries = entries};
	struct wire wire;
	struct gcl *gcl;

	(void)state;
	assert_int_equal(wire_init(&wire, NS_PER_SEC, NULL), 0);
	assert_int_equal(gcl_create(&gcl, &conf, &wire, NULL), 0);
	memset(entries, 0, sizeof(entries));
	assert_int_equal(gcl->n_entries, 2);
	assert_int_equal(gcl->entries[0].gates, 0x80);
	assert_int_equal(gcl->entries[1].interval_ns, 2000);
	assert_int_equal(gcl->t_base, 5);
	assert_int_equal(gcl->initial_gates, 0x0f);
	gcl_destroy(gcl);
	gcl_destroy(NULL);
}

TEST_GROUP("tsn/gcl",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_windows_are_what_was_asked_for),
	cmocka_unit_test(test_profile_owns_its_entries),
)
