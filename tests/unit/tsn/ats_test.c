/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/ats.h"

#define MAX  8
#define CASES 40000

struct world {
	struct ats ats[MAX];
	struct ats_group group[MAX];
	int of[MAX];		/* scheduler -> group */
	char name[MAX];
	int n;
};

/* NAME=CIR,BURST[,GROUP] */
static int add_scheduler(struct world *w, const struct test_row *row, char *word, struct why *why)
{
	char *text = word + 2;
	struct ats_conf conf = {.cir_bps = test_row_begin(row, &text)};

	conf.cbs_bits = test_row_begin(row, &text) * 8;
	w->of[w->n] = *text ? (int)test_row_begin(row, &text) % MAX : ATS_ONE_GROUP;
	w->name[w->n] = word[0];
	return ats_init(&w->ats[w->n++], &conf, 0, why);
}

/* NAME/LEN@ARRIVAL=ELIGIBLE */
static int frame(struct world *w, const struct test_row *row, char *word, struct why *why)
{
	char *at = memchr(w->name, word[0], MAX), *text = word + 2;
	int64_t arrival, t = -1;
	struct ats_group group_was, *group;
	struct ats was, *ats;
	uint32_t len;
	int err;

	if (!at)
		fail_msg("%s:%d: no scheduler %c", row->path, row->line, word[0]);
	ats = &w->ats[at - w->name];
	group = &w->group[w->of[at - w->name]];
	was = *ats;
	group_was = *group;
	len = (uint32_t)test_row_begin(row, &text);
	arrival = test_row_begin(row, &text);
	err = ats_assign(ats, group, len, arrival, &t);
	if (err && err != -ETIME)
		return why_fail(why, EINVAL, "%s: returned %d", word, err);
	if (err && (memcmp(&was, ats, sizeof(was)) || memcmp(&group_was, group, sizeof(group_was)) || t != -1))
		return why_fail(why, EINVAL, "%s: dropped, but something changed", word);
	if (!strcmp(text, "drop"))
		return err ? 0 : why_fail(why, EINVAL, "%s: got %" PRId64, word, t);
	return t == test_row_begin(row, &text) ? 0 : why_fail(why, EINVAL, "%s: got %" PRId64, word, t);
}

static int bad_row(const struct test_row *row, struct why *why)
{
	struct ats_conf conf = {.cir_bps = test_row_int(row, 1), .cbs_bits = test_row_int(row, 2)};
	struct why refusal = {""};
	struct ats ats;
	int i;

	if (ats_init(&ats, &conf, 0, &refusal) != -EINVAL)
		return why_fail(why, EINVAL, "not refused");
	for (i = 3; i < row->n; i++)
		if (!strstr(refusal.text, row->word[i]))
			return why_fail(why, EINVAL, "\"%s\" does not name %s", refusal.text, row->word[i]);
	return 0;
}

static int ats_row(const struct test_row *row, struct why *why)
{
	struct world w = {.n = 0};
	int i, err;

	if (!strcmp(row->word[0], "bad"))
		return bad_row(row, why);
	for (i = 0; i < MAX; i++)
		w.group[i].max_residence_ns = test_row_ns(row, 1);
	for (i = 2; strcmp(row->word[i], ":"); i++)
		if (i == row->n - 1 || w.n == MAX || add_scheduler(&w, row, row->word[i], why))
			return why->text[0] ? -EINVAL : why_fail(why, EINVAL, "no schedulers and frames");
	for (err = 0, i++; i < row->n && !err; i++)
		err = frame(&w, row, row->word[i], why);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/ats.vec", ats_row);
}

/* The reference: the standard's pseudo code over exact fractions, whose denominator is the rate. */
struct ref {
	int64_t cir, burst;
	__int128 empty;		/* BucketEmptyTime * cir */
};

static bool ref_assign(struct ref *r, int64_t *group, int64_t residence, uint32_t len, int64_t arrival, int64_t *eligible)
{
	__int128 recovery = (__int128)len * 8 * NS_PER_SEC, to_full = (__int128)r->burst * NS_PER_SEC;
	__int128 by_bucket = r->empty + recovery, full = r->empty + to_full, t = by_bucket;

	if (t < (__int128)arrival * r->cir)
		t = (__int128)arrival * r->cir;
	if (t < (__int128)*group * r->cir)
		t = (__int128)*group * r->cir;
	if (t > ((__int128)arrival + residence) * r->cir)
		return false;
	*eligible = (int64_t)(t / r->cir + (t % r->cir > 0));
	*group = *eligible;
	r->empty = t < full ? by_bucket : by_bucket + t - full;
	return true;
}

static int64_t pick(uint64_t *seed, int64_t n)
{
	return (int64_t)(test_random(seed) >> 1) % n;
}

static void run_case(uint64_t number_of, int64_t *drops, int64_t *waits)
{
	uint64_t seed = number_of * UINT64_C(0x9e3779b97f4a7c15) | 1;
	struct ats_group group = {0};
	int64_t now, t_group = 0, got, want;
	struct ref ref[3];
	struct ats ats[3];
	int i, k, err;
	bool ok;

	test_random(&seed);
	now = pick(&seed, 2) ? INT64_C(1700000000000000000) + pick(&seed, 1000000) : pick(&seed, 1000);
	group.max_residence_ns = pick(&seed, pick(&seed, 2) ? 100000 : 100000000);
	for (i = 0; i < 3; i++) {
		int64_t top = pick(&seed, 2) ? 10000000000 : ATS_MAX_BPS;
		struct ats_conf conf = {ATS_MIN_BPS + pick(&seed, pick(&seed, 3) ? top / 100 : top - ATS_MIN_BPS + 1), 1 + pick(&seed, 100000)};

		assert_int_equal(ats_init(&ats[i], &conf, now, NULL), 0);
		ref[i] = (struct ref){conf.cir_bps, conf.cbs_bits, (__int128)now * conf.cir_bps - (__int128)conf.cbs_bits * NS_PER_SEC};
	}
	for (k = 0; k < 60; k++) {
		uint32_t len = 64 + (uint32_t)pick(&seed, 1460);

		i = (int)pick(&seed, 3);
		now += pick(&seed, 3) ? pick(&seed, 5000) : pick(&seed, 8) ? 0 : pick(&seed, 1000000);
		if (!pick(&seed, 50)) {	/* the clock steps */
			int64_t delta = pick(&seed, 2000000) - 1000000;

			now += delta;
			group.t_eligible += delta;
			t_group += delta;
			for (err = 0; err < 3; err++) {
				ats_shift(&ats[err], delta);
				ref[err].empty += (__int128)delta * ref[err].cir;
			}
		}
		got = want = -1;
		err = ats_assign(&ats[i], &group, len, now, &got);
		ok = ref_assign(&ref[i], &t_group, group.max_residence_ns, len, now, &want);
		if ((err == 0) != ok || got != want)
			fail_msg("case %" PRIu64 " frame %d: got %d, %" PRId64 ", want %d, %" PRId64, number_of, k, err, got, !ok, want);
		*drops += !ok;
		*waits += ok && got > now;
	}
}

static void test_random_streams(void **state)
{
	int64_t drops = 0, waits = 0;
	uint64_t i;

	(void)state;
	for (i = 1; i <= CASES; i++)
		run_case(i, &drops, &waits);
	if (drops < 2 * CASES || waits < 2 * CASES)
		fail_msg("%" PRId64 " drops, %" PRId64 " waits: the cases are too tame", drops, waits);
}

/* Backlogged, frame n is eligible when the rate has paid for those before it: exactly, whatever the rate. */
static void test_the_rate_is_exact(void **state)
{
	static const int64_t rates[] = {1009, 99999989, 333333333, 12345678901, 399999999989};
	struct ats_group group;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct ats_conf conf = {rates[i], 1542 * 8};
		__int128 bits = -conf.cbs_bits;
		struct ats ats;
		int64_t t;

		group = (struct ats_group){INT64_MAX, 0};
		assert_int_equal(ats_init(&ats, &conf, 0, NULL), 0);
		for (n = 0; n < 300000; n++) {
			uint32_t len = 64 + (uint32_t)n % 1459;

			bits += len * 8;
			assert_int_equal(ats_assign(&ats, &group, len, 0, &t), 0);
			if (t != (bits < 0 ? 0 : (int64_t)((bits * NS_PER_SEC + rates[i] - 1) / rates[i])))
				fail_msg("rate %" PRId64 ": frame %d is eligible at %" PRId64, rates[i], n, t);
		}
	}
}

TEST_GROUP("tsn/ats",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_random_streams),
	cmocka_unit_test(test_the_rate_is_exact),
)
