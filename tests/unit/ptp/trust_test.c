/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/trust.h"

#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

/* A client that is held to another's time; port states are Table 8's. */
static struct chain_ptp slave(void)
{
	return (struct chain_ptp){
		.known = true,
		.clock = {.identity = {{1}}, .ports = 1},
		.parent = {.gm_identity = {{2}}},
		.time = {.utc_offset = 37, .utc_offset_valid = true, .ptp_timescale = true},
		.ports = 1,
		.port = {{.ds = {.identity = {.number = 1}, .state = 9}, .properties = true, .interface = "eth7"}},
	};
}

static struct trust_facts facts(const struct chain_ptp *p)
{
	return (struct trust_facts){.bound_ns = 50, .max_error_ns = 1000, .tai_offset = 37, .ptp = p};
}

static void judged(const struct trust_facts *f, enum trust want, const char *says)
{
	struct why why = {"old"};

	assert_int_equal(trust_judge(f, &why), want);
	if (!says ? why.text[0] != 0 : !strstr(why.text, says))
		fail_msg("\"%s\" does not say \"%s\"", why.text, says ? says : "");
}

static void test_bound(void **state)
{
	struct trust_facts f = facts(NULL);

	(void)state;
	judged(&f, TRUST_GOOD, NULL);
	f.bound_ns = 1000;
	judged(&f, TRUST_GOOD, NULL);
	f.over = true;
	judged(&f, TRUST_BOUND, "a look found it further off than max-error, 1.00 us");
	f.bound_ns = 1001;
	judged(&f, TRUST_BOUND, "its error bound is 1.00 us, max-error is 1.00 us");
	f.holding = true;
	judged(&f, TRUST_BOUND, "its reference gives no time");
}

static void test_port(void **state)
{
	static const uint8_t others[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct chain_ptp p = slave();
	struct trust_facts f = facts(&p);
	size_t i;

	(void)state;
	judged(&f, TRUST_GOOD, NULL);
	for (i = 0; i < sizeof(others); i++) {
		p.port[0].ds.state = others[i];
		judged(&f, TRUST_PORT, "ptp4l's port 1 (eth7) is ");
	}
	judged(&f, TRUST_PORT, "is UNCALIBRATED, not SLAVE");
	p.port[0].ds.state = 6;
	judged(&f, TRUST_PORT, "MASTER, not SLAVE, and it is not the grandmaster");
	p.parent.gm_identity = p.clock.identity;
	judged(&f, TRUST_GOOD, NULL);
	p.port[0].ds.state = 4; /* a grandmaster that serves nobody */
	judged(&f, TRUST_PORT, "LISTENING");
	/* A boundary clock: one port follows, the other serves. */
	p = slave();
	p.ports = 2;
	p.port[1] = p.port[0];
	p.port[0].ds.state = 6;
	judged(&f, TRUST_GOOD, NULL);
	memset(&p.parent.gm_identity, 0, sizeof(p.parent.gm_identity)); /* SLAVE of nobody that is known */
	judged(&f, TRUST_PORT, "ptp4l's port");
	p.ports = 0;
	judged(&f, TRUST_PORT, "no port");
	p.known = false;
	strcpy(p.missing.text, "gone away");
	judged(&f, TRUST_SILENT, "gone away");
}

static void test_time_scale(void **state)
{
	struct chain_ptp p = slave();
	struct trust_facts f = facts(&p);

	(void)state;
	f.tai_offset = 0;
	judged(&f, TRUST_TIME_SCALE, "TAI - UTC is 37 s, and 0 s are used");
	f.utc = true;
	judged(&f, TRUST_GOOD, NULL);
	f.utc = false;
	p.time.utc_offset_valid = false;
	judged(&f, TRUST_GOOD, NULL);
	p.time.utc_offset_valid = true;
	p.time.ptp_timescale = false;
	judged(&f, TRUST_GOOD, NULL);
	f.by_phc = true;
	judged(&f, TRUST_TIME_SCALE, "hardware clock does not show TAI");
	p.time.ptp_timescale = true;
	judged(&f, TRUST_GOOD, NULL);
}

/* The kernel's offset goes from 37 to 0: the clock shows UTC from then on. */
static void test_lost_tai(void **state)
{
	struct trust_facts f = facts(NULL);
	struct chain_ptp none = {.known = false};

	(void)state;
	f.tai_offset = 0;
	judged(&f, TRUST_GOOD, NULL); /* it never had any, and no schedule goes by it */
	f.had_tai = true;
	judged(&f, TRUST_TIME_SCALE, "TAI offset was taken back to 0");
	f.ptp = &none;
	judged(&f, TRUST_TIME_SCALE, "TAI offset was taken back to 0");
	f.ptp = NULL;
	f.utc = true;
	judged(&f, TRUST_GOOD, NULL);
	f.utc = false;
	f.by_phc = true;
	judged(&f, TRUST_GOOD, NULL);
	f.by_phc = false;
	f.tai_offset = 37;
	judged(&f, TRUST_GOOD, NULL);
}

static void test_changes(void **state)
{
	struct chain_ptp a = slave(), b = slave(), none = {.known = false};

	(void)state;
	assert_int_equal(trust_changes(&a, &b), 0);
	assert_int_equal(trust_changes(&none, &none), 0);
	assert_int_equal(trust_changes(&a, &none), TRUST_LOST);
	assert_int_equal(trust_changes(&none, &a), TRUST_BACK);
	b.port[0].ds.state = 8;
	assert_int_equal(trust_changes(&a, &b), TRUST_LEFT);
	assert_int_equal(trust_changes(&b, &b), 0); /* once */
	assert_int_equal(trust_changes(&b, &a), 0);
	assert_true(pmc_clock_same(trust_grandmaster(&b), &a.parent.gm_identity));
	b.port[0].ds.state = 4; /* LISTENING: its parent is itself, which is no news */
	assert_null(trust_grandmaster(&b));
	assert_null(trust_grandmaster(&none));
}

TEST_GROUP("ptp/trust",
	cmocka_unit_test(test_bound),
	cmocka_unit_test(test_port),
	cmocka_unit_test(test_time_scale),
	cmocka_unit_test(test_lost_tai),
	cmocka_unit_test(test_changes),
)
