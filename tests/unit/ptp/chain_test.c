/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/chain.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

/* A client held to a GPS grandmaster, everything in order. */
static struct chain good(void)
{
	struct chain c = {
		.ptp = {
			.known = true,
			.clock = {.identity = {{1}}, .ports = 1},
			.parent = {.gm_identity = {{2}}},
			.current = {.offset_ns = -120, .path_delay_ns = 900},
			.time = {.utc_offset = 37, .utc_offset_valid = true, .ptp_timescale = true, .time_traceable = true},
			.ports = 1,
			.port = {{.ds = {.identity = {.number = 1}, .state = 9}, .properties = true, .interface = "eth7"}},
		},
		.system = {.tai_offset = 37, .kept = true, .max_error_ns = 5000},
		.taktd = {.known = true, .good = true, .tai_offset = 37, .bound_ns = 50, .offset_ns = 20000, .half_ns = 40000},
	};

	return c;
}

struct found {
	char text[4096];
	int n;
};

static void note(void *arg, enum chain_link link, enum chain_severity severity, const char *sentence)
{
	struct found *f = arg;

	f->n++;
	snprintf(f->text + strlen(f->text), sizeof(f->text) - strlen(f->text), "%s %s: %s\n", chain_severity_name(severity),
		 chain_link_name(link), sentence);
}

/* Judge c; all words have to be in what was found, which is n findings. */
static bool judged(const struct chain *c, int n, const char *a, const char *b)
{
	struct found f = {.n = 0};
	bool whole = chain_judge(c, note, &f);

	if (f.n != n || (a && !strstr(f.text, a)) || (b && !strstr(f.text, b)))
		fail_msg("%d findings, want %d with \"%s\" and \"%s\":\n%s", f.n, n, a ? a : "", b ? b : "", f.text);
	return whole;
}

static void test_all_in_order(void **state)
{
	struct chain c = good();

	(void)state;
	assert_true(judged(&c, 0, NULL, NULL));
	assert_true(chain_follows(&c.ptp) && !chain_is_grandmaster(&c.ptp));
	assert_int_equal(chain_offset_bound_ns(&c.ptp), 900);
}

static void test_links_that_are_missing(void **state)
{
	struct chain c = good();

	(void)state;
	c.ptp.known = false;
	strcpy(c.ptp.missing.text, "no ptp4l at /x");
	assert_false(judged(&c, 1, "broken ptp4l: no ptp4l at /x", NULL));
	c = good();
	c.taktd.known = false;
	strcpy(c.taktd.missing.text, "no taktd answers");
	assert_true(judged(&c, 1, "note taktd: no taktd answers", NULL));	/* the chain ends at the system clock */
	c.taktd.asked_for = true;
	assert_false(judged(&c, 1, "broken taktd: no taktd answers", NULL));
}

static void test_nobody_to_follow(void **state)
{
	struct chain c = good();

	(void)state;
	c.ptp.port[0].ds.state = 4;
	c.ptp.clock.domain = 24;
	assert_false(judged(&c, 1, "broken grandmaster: ", "port 1 (eth7) is LISTENING: is there one in domain 24"));
	assert_false(judged(&c, 1, "broken grandmaster: ", "`takt show` there: ptp-role, ptp_kept, link-local"));
	c.ptp.port[0].ds.state = 5; /* PRE_MASTER */
	assert_false(judged(&c, 1, "broken grandmaster: ", "same transport?\n"));
	assert_int_equal(chain_offset_bound_ns(&c.ptp), -1);
	c.ptp.ports = 0;
	assert_false(judged(&c, 1, "broken grandmaster: ", "no port"));
	/* A client without a master names itself as grandmaster; it is none. */
	c = good();
	c.ptp.port[0].ds.state = 4;
	c.ptp.parent.gm_identity = c.ptp.clock.identity;
	assert_false(chain_is_grandmaster(&c.ptp));
	assert_false(judged(&c, 1, "broken grandmaster: ", NULL));
}

static void test_grandmaster(void **state)
{
	struct chain c = good();

	(void)state;
	c.ptp.parent.gm_identity = c.ptp.clock.identity;
	c.ptp.port[0].ds.state = 6;
	assert_true(chain_is_grandmaster(&c.ptp) && !chain_follows(&c.ptp));
	assert_true(judged(&c, 1, "note grandmaster: ", "itself"));
}

static void test_37_seconds(void **state)
{
	struct chain c = good();

	(void)state;
	c.system.tai_offset = c.taktd.tai_offset = 0;
	assert_true(judged(&c, 1, "trap system: ", "37 s"));
	c.system.tai_offset = c.taktd.tai_offset = 36;
	assert_true(judged(&c, 1, "trap system: ", "is 36 s, the grandmaster says 37 s: CLOCK_TAI is 1 s off"));
	c.ptp.time.utc_offset_valid = false;	/* then it is not to be believed */
	assert_true(judged(&c, 0, NULL, NULL));
	c.ptp.time.ptp_timescale = false;
	assert_true(judged(&c, 1, "trap grandmaster: ", "not TAI"));
}

static void test_ports(void **state)
{
	struct chain c = good();

	(void)state;
	c.ptp.port[0].ds.state = 8;
	assert_true(judged(&c, 1, "trap ptp4l: port 1 (eth7) is UNCALIBRATED", "free_running"));
	c.ptp.ports = 3;
	c.ptp.port[1].ds.identity.number = 2;
	c.ptp.port[1].ds.state = 2;
	c.ptp.port[2].ds.identity.number = 3;
	c.ptp.port[2].ds.state = 3;
	assert_true(judged(&c, 3, "trap ptp4l: port 2 is FAULTY", "note ptp4l: port 3 is DISABLED"));
	c = good();
	c.ptp.current.path_delay_ns = 0;
	assert_true(judged(&c, 1, "trap ptp4l: no path delay", NULL));
	c.ptp.port[0].ds.peer_delay_ns = 700;
	assert_true(judged(&c, 1, "trap ptp4l: no path delay", NULL)); /* with E2E it means nothing */
	c.ptp.port[0].ds.delay_mechanism = 2;
	assert_int_equal(chain_offset_bound_ns(&c.ptp), 700);
	assert_true(judged(&c, 0, NULL, NULL));
	c.ptp.port[0].ds.state = 6;
	assert_int_equal(chain_offset_bound_ns(&c.ptp), -1);
}

static void test_hardware_clock(void **state)
{
	struct chain c = good();

	(void)state;
	c.phc = (struct chain_phc){.offset_ns = -37000000000};	/* nobody wants to know */
	assert_true(judged(&c, 0, NULL, NULL));
	c.phc = (struct chain_phc){.wanted = true};
	strcpy(c.phc.missing.text, "interface eth7 has none");
	assert_true(judged(&c, 1, "trap phc: ", "interface eth7 has none"));
	c.phc = (struct chain_phc){.wanted = true, .known = true, .offset_ns = -400, .half_ns = 600};
	assert_true(judged(&c, 0, NULL, NULL));
	c.phc.offset_ns = -37000000400;
	assert_true(judged(&c, 1, "trap phc: ", "37 s apart"));
	c.phc.offset_ns = 37000000400;
	assert_true(judged(&c, 1, "trap phc: ", "37 s apart"));
	c.phc.offset_ns = 1000601;
	assert_true(judged(&c, 1, "trap phc: ", "phc2sys"));
	c.phc.offset_ns = 1000600;
	assert_true(judged(&c, 0, NULL, NULL));
}

static void test_below(void **state)
{
	struct chain c = good();

	(void)state;
	c.system.kept = false;
	assert_true(judged(&c, 1, "trap system: ", "STA_UNSYNC"));
	c = good();
	c.taktd.steps = 2;
	assert_true(judged(&c, 1, "note taktd: ", "stepped 2 times"));
	c.taktd.steps = 0;
	c.taktd.tai_offset = 0;
	assert_true(judged(&c, 1, "note taktd: ", "UTC + 0 s, as its file says"));
	c.taktd.tai_offset = 37;
	c.taktd.good = false;
	strcpy(c.taktd.why_not.text, "so it is");
	assert_true(judged(&c, 1, "trap taktd: ", "not good: so it is"));
	c.taktd.good = true;
	c.taktd.offset_ns = 40051;	/* one more than the look and the bound explain */
	assert_true(judged(&c, 1, "trap taktd: ", "50 ns"));
	c.taktd.offset_ns = -40051;
	assert_true(judged(&c, 1, "trap taktd: ", NULL));
	c.taktd.offset_ns = -40050;
	assert_true(judged(&c, 0, NULL, NULL));
}

TEST_GROUP("ptp/chain",
	cmocka_unit_test(test_all_in_order),
	cmocka_unit_test(test_links_that_are_missing),
	cmocka_unit_test(test_nobody_to_follow),
	cmocka_unit_test(test_grandmaster),
	cmocka_unit_test(test_37_seconds),
	cmocka_unit_test(test_ports),
	cmocka_unit_test(test_hardware_clock),
	cmocka_unit_test(test_below),
)
