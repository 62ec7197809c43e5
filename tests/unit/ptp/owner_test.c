/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/owner.h"

#include <string.h>

#include "tests/ptp_frame.h"
#include "tests/unit/test.h"

enum { WIRE, WIRE2, GUEST, OTHER };

#define T0 INT64_C(1000000000000)

static bool says(struct owner *o, uint8_t port, uint8_t clock, uint8_t type, uint8_t asked, int64_t t)
{
	uint8_t mac[6] = {2, 0, 0, 0, 0, clock}, whom[6] = {2, 0, 0, 0, 0, asked}, bytes[PTP_FRAME_MAX];
	struct ptp_frame f = {.type = type, .src = mac, .asked = whom};
	uint32_t len = ptp_frame_make(bytes, &f);
	struct msg m;

	assert_int_equal(msg_find(&m, bytes, len), MSG_FOUND);
	return owner_hear(o, bytes, &m, port, port <= WIRE2, t);
}

static bool asks(struct owner *o, uint8_t port, uint8_t clock, int64_t t)
{
	return says(o, port, clock, MSG_DELAY_REQ, 0, t);
}

static void test_a_clock_is_at_one_port(void **state)
{
	struct owner o = {0};

	(void)state;
	assert_true(asks(&o, GUEST, 1, T0));
	assert_true(asks(&o, GUEST, 1, T0 + 1));
	assert_false(asks(&o, OTHER, 1, T0 + 2));
	assert_true(asks(&o, OTHER, 2, T0 + 3));
	assert_false(asks(&o, OTHER, 1, T0 + OWNER_STALE_NS));
	assert_true(asks(&o, OTHER, 1, T0 + 1 + OWNER_STALE_NS)); /* silent for so long: it may have moved */
	assert_false(asks(&o, GUEST, 1, T0 + 2 + OWNER_STALE_NS));
}

static void test_a_trusted_port_takes_over(void **state)
{
	struct owner o = {0};

	(void)state;
	assert_true(asks(&o, GUEST, 1, T0));
	assert_true(says(&o, WIRE, 1, MSG_SYNC, 0, T0 + 1));
	assert_false(asks(&o, GUEST, 1, T0 + 2));
	assert_true(says(&o, WIRE2, 1, MSG_ANNOUNCE, 0, T0 + 3)); /* another way to the same clock */
	owner_forget(&o, WIRE);
	assert_false(asks(&o, GUEST, 1, T0 + 4));
	owner_forget(&o, WIRE2);
	assert_true(asks(&o, GUEST, 1, T0 + 5));
	owner_forget(&o, GUEST);
	assert_true(asks(&o, OTHER, 1, T0 + 6));
}

/* Whom a master answers, and who is nobody's guest, is outside: no guest asks in that name. */
static void test_who_is_answered_is_heard(void **state)
{
	struct owner o = {0};

	(void)state;
	assert_true(says(&o, WIRE, 9, MSG_DELAY_RESP, 7, T0));
	assert_false(asks(&o, GUEST, 7, T0 + 1));
	assert_true(asks(&o, GUEST, 1, T0 + 2));
	assert_true(says(&o, WIRE, 9, MSG_DELAY_RESP, 1, T0 + 3)); /* the guest's own answer */
	assert_true(asks(&o, GUEST, 1, T0 + 4));
	assert_true(says(&o, WIRE, 5, MSG_SYNC, 0, T0 + 5));
	assert_true(says(&o, WIRE2, 9, MSG_DELAY_RESP, 5, T0 + 6)); /* it is at WIRE all the same */
	owner_forget(&o, WIRE2);
	assert_false(asks(&o, GUEST, 5, T0 + 7));
}

/* Names that a guest makes up push nobody else's out. */
static void test_a_guest_has_few_names(void **state)
{
	struct owner o = {0};
	int i, passed = 0;

	(void)state;
	assert_true(asks(&o, OTHER, 1, T0));
	assert_true(says(&o, WIRE, 2, MSG_SYNC, 0, T0));
	for (i = 0; i < 250; i++)
		passed += asks(&o, GUEST, (uint8_t)(3 + i), T0 + i);
	assert_int_equal(passed, OWNER_PER_PORT);
	assert_false(asks(&o, GUEST, 1, T0 + 1000));
	assert_false(asks(&o, GUEST, 2, T0 + 1000));
	assert_true(asks(&o, OTHER, 1, T0 + 1000));
}

static void test_a_step_of_the_clock(void **state)
{
	struct owner o = {0};
	const int64_t step = 37 * INT64_C(1000000000);

	(void)state;
	assert_true(asks(&o, GUEST, 1, T0));
	owner_shift(&o, step);
	assert_false(asks(&o, OTHER, 1, T0 + step + 1));
	owner_shift(&o, -2 * step);
	assert_false(asks(&o, OTHER, 1, T0 - step + 1));
}

TEST_GROUP("ptp/owner",
	cmocka_unit_test(test_a_clock_is_at_one_port),
	cmocka_unit_test(test_a_trusted_port_takes_over),
	cmocka_unit_test(test_who_is_answered_is_heard),
	cmocka_unit_test(test_a_guest_has_few_names),
	cmocka_unit_test(test_a_step_of_the_clock),
)
