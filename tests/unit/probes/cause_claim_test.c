/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "probes/cause_claim.h"

#define AXIS   200
#define CLAIMS 40
#define ROUNDS 2000

/* Each nanosecond looked at by itself. */
static void reference(const struct cause_claim *claim, size_t n, int64_t by_rank[CAUSE_COUNT])
{
	size_t i;
	int t;

	memset(by_rank, 0, CAUSE_COUNT * sizeof(*by_rank));
	for (t = 0; t < AXIS; t++) {
		int best = CAUSE_COUNT;

		for (i = 0; i < n; i++)
			if (claim[i].t <= t && t < claim[i].t_end && claim[i].rank < best)
				best = claim[i].rank;
		if (best < CAUSE_COUNT)
			by_rank[best]++;
	}
}

static void test_any(void **state)
{
	struct cause_claims c = {0};
	int64_t want[CAUSE_COUNT], got[CAUSE_COUNT];
	uint64_t seed = 5;
	int round, i, n;
	size_t k;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		int64_t from = (int64_t)(test_random(&seed) % 50), to = from + (int64_t)(test_random(&seed) % 150);

		cause_claims_clear(&c);
		n = (int)(test_random(&seed) % CLAIMS);
		for (i = 0; i < n; i++) {
			int64_t t = (int64_t)(test_random(&seed) % AXIS), len = (int64_t)(test_random(&seed) % 60);
			enum cause rank = test_random(&seed) % (round % 2 ? 3 : CAUSE_COUNT);

			cause_claims_add(&c, rank, rank, NULL, t, t + len, from, to);
		}
		for (k = 0; k < c.n; k++)
			assert_true(c.claim[k].t >= from && c.claim[k].t_end <= to && c.claim[k].t < c.claim[k].t_end);
		reference(c.claim, c.n, want);
		cause_claims_settle(&c);
		memset(got, 0, sizeof(got));
		for (k = 0; k < c.n; k++) {
			assert_true(c.claim[k].ns >= 0 && c.claim[k].ns <= c.claim[k].t_end - c.claim[k].t);
			got[c.claim[k].rank] += c.claim[k].ns;
		}
		assert_memory_equal(got, want, sizeof(got));
	}
	assert_int_equal(c.error, 0);
	cause_claims_fini(&c);
}

static void test_ranks(void **state)
{
	struct cause_claims c = {0};

	(void)state;
	cause_claims_add(&c, CAUSE_POLL_GAP, CAUSE_WORKER_IRQ, NULL, 0, 100, 10, 90);
	cause_claims_add(&c, CAUSE_WORKER_IRQ, CAUSE_WORKER_IRQ, NULL, 20, 30, 0, 100);
	cause_claims_add(&c, CAUSE_WORKER_STOPPED, CAUSE_WORKER_STOPPED, NULL, 25, 50, 0, 100);
	cause_claims_add(&c, CAUSE_WORKER_STOPPED, CAUSE_WORKER_STOPPED, NULL, 50, 50, 0, 100); /* nothing */
	cause_claims_settle(&c);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.claim[0].rank, CAUSE_WORKER_STOPPED);
	assert_int_equal(c.claim[0].ns, 25);
	assert_int_equal(c.claim[1].rank, CAUSE_WORKER_IRQ);
	assert_int_equal(c.claim[1].ns, 5);
	assert_int_equal(c.claim[2].rank, CAUSE_POLL_GAP);
	assert_int_equal(c.claim[2].ns, 80 - 30);
	cause_claims_fini(&c);
}

TEST_GROUP("probes/cause_claim",
	cmocka_unit_test(test_any),
	cmocka_unit_test(test_ranks),
)
