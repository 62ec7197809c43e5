/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include "bench/iso_metric.h"

/* Three frames, the last of which did not come, and one of which nobody knows when the driver had it. */
static struct iso_send sent[] = {
	{ .seqid = 1, .t_due = 1000, .t_wakeup = 950, .t_sched = 970, .t_sent = 980, .t_sent_hw = 990 },
	{ .seqid = 2, .t_due = 2000, .t_wakeup = 1990, .t_sched = 2010, .t_sent = 0, .t_sent_hw = 2050 },
	{ .seqid = 3, .t_due = 3000, .t_wakeup = 2960, .t_sched = 2980, .t_sent = 2990, .t_sent_hw = 2995 },
};
static struct iso_recv came[] = {
	{ .seqid = 1, .t_arrival = 1100, .t_received_hw = 1040, .t_received = 1070 },
	{ .seqid = 2, .t_arrival = 2200, .t_received_hw = 2100, .t_received = 2150 },
	{ 0 },
};

static struct iso iso_of(void)
{
	return (struct iso){ .packets = 3, .advance_ns = 100, .send = sent, .recv = came };
}

static void expect(const struct iso *iso, enum iso_metric_id id, const char *name, const char *stamps, size_t n, int64_t first, int64_t second)
{
	struct iso_metric m;

	assert_int_equal(iso_metric_get(&m, iso, id, 1, 3), 0);
	assert_string_equal(m.name, name);
	assert_string_equal(m.stamps, stamps);
	assert_int_equal(m.n, n);
	if (n > 0)
		assert_int_equal(m.ns[0], first);
	if (n > 1)
		assert_int_equal(m.ns[1], second);
	iso_metric_fini(&m);
}

static void test_hardware(void **state)
{
	struct iso iso = iso_of();

	(void)state;
	expect(&iso, ISO_PATH_DELAY, "Path delay", "hardware", 2, 50, 50);
	expect(&iso, ISO_SENDER, "Sender latency", "", 2, 30, 30);
	expect(&iso, ISO_WAKEUP, "Wakeup latency", "", 3, 50, 90);
	expect(&iso, ISO_DRIVER, "Driver latency", "", 2, 10, 10);
	expect(&iso, ISO_BUDGET, "Application latency budget", "hardware", 3, 10, -50);
	expect(&iso, ISO_ARRIVAL, "Arrival latency", "hardware", 2, 60, 100);
	expect(&iso, ISO_END_TO_END, "End to end", "", 2, 100, 200);
	iso.flags = ISO_TXTIME;
	expect(&iso, ISO_BUDGET, "MAC latency", "hardware", 3, -10, 50);
}

/* Where nothing has hardware stamps; one that has is enough that the kinds are not mixed. */
static void test_software(void **state)
{
	struct iso iso = iso_of();
	struct iso_recv was[3] = { came[0], came[1], came[2] };

	(void)state;
	came[0].t_received_hw = 0;
	expect(&iso, ISO_PATH_DELAY, "Path delay", "hardware", 1, 50, 0);
	came[1].t_received_hw = 0;
	expect(&iso, ISO_PATH_DELAY, "Path delay", "software", 1, 90, 0);
	expect(&iso, ISO_ARRIVAL, "Arrival latency", "software", 2, 30, 50);
	expect(&iso, ISO_BUDGET, "Application latency budget", "hardware", 3, 10, -50);
	came[0] = was[0];
	came[1] = was[1];
}

static void test_extremes(void **state)
{
	struct iso iso = iso_of();
	struct iso_extremes e;
	struct iso_metric m;

	(void)state;
	assert_int_equal(iso_metric_get(&m, &iso, ISO_WAKEUP, 1, 3), 0);
	iso_metric_extremes(&m, &e);	/* 50, 90, 60 */
	assert_int_equal(e.min, 50);
	assert_int_equal(e.seqid_min, 1);
	assert_int_equal(e.max, 90);
	assert_int_equal(e.seqid_max, 2);
	assert_int_equal((int)(e.mean * 1000), 66666);
	assert_int_equal((int)(e.stddev * 1000), 16996);
	iso_metric_fini(&m);
	assert_int_equal(iso_metric_get(&m, &iso, ISO_PATH_DELAY, 1, 3), 0);
	iso_metric_extremes(&m, &e);	/* of equals, the last */
	assert_int_equal(e.seqid_min, 2);
	assert_int_equal(e.seqid_max, 2);
	iso_metric_fini(&m);
	assert_int_equal(iso_metric_get(&m, &iso, ISO_PATH_DELAY, 3, 3), 0);
	iso_metric_extremes(&m, &e);
	assert_int_equal(m.n, 0);
	assert_int_equal(e.max, 0);
	iso_metric_fini(&m);
}

TEST_GROUP("bench/iso_metric",
	cmocka_unit_test(test_hardware),
	cmocka_unit_test(test_software),
	cmocka_unit_test(test_extremes),
)
