/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cell_clock.h"

#define T0	INT64_C(1795000000000000000)
#define TICKS_PER_NS 2.1
#define LOOKS	60

/* One look at a clock that is `offset` from ours, at `ns` after T0: the read takes `wide` ns, and the clock is read somewhere in it. */
static struct tsc_look look_at(int64_t ns, int64_t offset, int64_t wide, int64_t read_after)
{
	return (struct tsc_look){.before = (uint64_t)llround((double)ns * TICKS_PER_NS), .after = (uint64_t)llround((double)(ns + wide) * TICKS_PER_NS),
				 .t = T0 + ns + read_after + offset};
}

/* Ours a second before, every tenth meanwhile, and a second after: narrow ones. The guest's: as wide as a system call of User Mode Linux, or four times that. */
static void fill(struct clock_looks *ours, struct clock_looks *guest, int64_t offset, unsigned int seed)
{
	int i;

	srandom(seed);
	memset(ours, 0, sizeof(*ours));
	memset(guest, 0, sizeof(*guest));
	for (i = 0; i < LOOKS; i++)
		ours->look[ours->n++] = look_at(i * INT64_C(100000000), 0, 40, 20);
	for (i = 0; i < LOOKS; i++) {
		int64_t wide = 20000 + random() % 80000;

		guest->look[guest->n++] = look_at(INT64_C(1000000000) + i * INT64_C(60000000) + random() % 1000000, offset, wide, random() % wide);
	}
}

static void test_truth_is_within_the_bound(void **state)
{
	static const int64_t offsets[] = {0, 7, -3000, 37000000000, -1500000000};
	struct clock_looks *ours = malloc(sizeof(*ours)), *guest = malloc(sizeof(*guest));
	struct clock_fit fit;
	struct why why;
	unsigned int seed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		for (seed = 0; seed < 200; seed++) {
			fill(ours, guest, offsets[i], seed);
			assert_int_equal(clock_fit(&fit, guest, ours, &why), 0);
			assert_true(llabs(fit.offset_ns - offsets[i]) <= fit.bound_ns);
			assert_true(fit.bound_ns < 20000); /* better than any one look */
		}
	free(ours);
	free(guest);
}

static void test_no_clock_no_answer(void **state)
{
	struct clock_looks *ours = calloc(1, sizeof(*ours)), *guest = calloc(1, sizeof(*guest));
	struct clock_fit fit;
	struct why why = {""};

	(void)state;
	assert_int_equal(clock_fit(&fit, guest, ours, &why), -EINVAL);
	fill(ours, guest, 0, 1);
	guest->look[guest->n - 1].t += 5000000; /* stepped while it talked */
	why.text[0] = '\0';
	assert_int_equal(clock_fit(&fit, guest, ours, &why), -EINVAL);
	assert_non_null(strstr(why.text, "stepped"));
	free(ours);
	free(guest);
}

TEST_GROUP("bench/cell_clock",
	cmocka_unit_test(test_truth_is_within_the_bound),
	cmocka_unit_test(test_no_clock_no_answer),
)
