/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <math.h>

#include "base/ns.h"
#include "bench/ptp_stat.h"

#define INTERVAL 62500000	/* logSyncInterval -4 */
#define LATER	 167000		/* a ptp4l's timer starts anew when it has been served: each Sync is later by that */
#define N	 100

static void make(struct ptp_sample *v)
{
	int i;

	for (i = 0; i < N; i++)
		v[i] = (struct ptp_sample){.t_ingress = NS_PER_SEC + (int64_t)i * (INTERVAL + LATER),
					   .offset_ns = i % 2 ? 300 : -500,
					   .delay_ns = i < 3 ? 0 : 1500 + i};
}

static void test_numbers(void **state)
{
	struct ptp_sample v[N];
	struct ptp_stat s = {.left_out = 7, .missing = 9};

	(void)state;
	make(v);
	v[50].offset_ns = -9000;
	assert_int_equal(ptp_stat_make(&s, v, N), 0);
	assert_int_equal(s.samples, N);
	assert_int_equal(s.left_out, 7);
	assert_int_equal(s.missing, 9);
	/* 49 of -500, 50 of 300, one of -9000 */
	assert_true(fabs(s.rms_ns - sqrt((49 * 250000. + 50 * 90000. + 81000000.) / N)) < 1e-6);
	assert_true(fabs(s.mean_ns - (-49 * 500. + 50 * 300. - 9000.) / N) < 1e-6);
	assert_int_equal(s.median_ns, 300);
	assert_int_equal(s.p99_ns, 500);
	assert_int_equal(s.max_ns, 9000);
	assert_int_equal(s.delay_ns, 1500 + 49);	/* the 50th of 0, 0, 0, 1503, ... */
}

static void test_few(void **state)
{
	struct ptp_sample v = {.offset_ns = -4, .delay_ns = 8};
	struct ptp_stat s = {0};

	(void)state;
	assert_int_equal(ptp_stat_make(&s, NULL, 0), 0);
	assert_int_equal(s.samples, 0);
	assert_true(s.rms_ns == 0);
	assert_int_equal(ptp_stat_make(&s, &v, 1), 0);
	assert_true(s.rms_ns == 4);
	assert_int_equal(s.median_ns, 4);
	assert_int_equal(s.p99_ns, 4);
	assert_int_equal(s.max_ns, 4);
	assert_int_equal(s.delay_ns, 8);
}

/* The first three have no path delay; then ten intervals more. */
static void test_settle(void **state)
{
	struct ptp_sample v[N];
	struct ptp_stat s = {0};
	size_t n = N;

	(void)state;
	make(v);
	ptp_stat_settle(&s, v, &n, 10 * INTERVAL, INTERVAL);
	assert_int_equal(s.left_out, 13);
	assert_int_equal(n, N - 13);
	assert_int_equal(v[0].delay_ns, 1513);
	assert_int_equal(v[n - 1].delay_ns, 1599);
	assert_int_equal(s.missing, 0);
}

/* A gate moves a Sync by up to 9 ms: none is missing. Two are taken out: both are. */
static void test_missing(void **state)
{
	struct ptp_sample v[N];
	struct ptp_stat s = {0};
	size_t i, n = N;

	(void)state;
	make(v);
	for (i = 0; i < N; i += 2)
		v[i].t_ingress += 9 * NS_PER_MS;
	for (i = 40; i < N - 2; i++)
		v[i] = v[i + 2];
	n -= 2;
	ptp_stat_settle(&s, v, &n, 0, INTERVAL);
	assert_int_equal(n, N - 5);
	assert_int_equal(s.missing, 2);
}

static void test_never_settled(void **state)
{
	struct ptp_sample v[N] = {{0}};
	struct ptp_stat s = {0};
	size_t n = N;

	(void)state;
	ptp_stat_settle(&s, v, &n, NS_PER_SEC, INTERVAL);
	assert_int_equal(n, 0);
	assert_int_equal(s.left_out, N);
}

static void test_log(void **state)
{
	static const struct {
		const char *line;
		enum ptp_line is;
	} rows[] = {
		{"ptp4l[12943.100]: master offset      -1080 s0 freq   -1348 path delay      1340\n", PTP_LINE_OFFSET},
		{"ptp4l[12943.100]: rms  683 max 1257 freq   +0 +/-   0 delay  2006 +/- 131\n", PTP_LINE_OTHER},
		{"ptp4l[12943.100]: master offset      -1080 s0 freq\n", PTP_LINE_OTHER},
		{"ptp4l[12938.525]: port 1: new foreign master 26cf9a.fffe.b39f98-1\n", PTP_LINE_OTHER},
		{"ptp4l[12939.026]: port 1: LISTENING to UNCALIBRATED on RS_SLAVE\n", PTP_LINE_OTHER},
		{"ptp4l[1.0]: port 1: UNCALIBRATED to LISTENING on ANNOUNCE_RECEIPT_TIMEOUT_EXPIRES\n",
		 PTP_LINE_TROUBLE},
		{"ptp4l[1.0]: timed out while polling for tx timestamp\n", PTP_LINE_TROUBLE},
		{"ptp4l[1.0]: port 1: received SYNC without timestamp\n", PTP_LINE_TROUBLE},
		{"ptp4l[1.0]: port 1: MASTER to FAULTY on FAULT_DETECTED (FT_UNSPECIFIED)\n", PTP_LINE_TROUBLE},
		{"ptp4l[1.0]: port 1: send delay request failed\n", PTP_LINE_TROUBLE},
		{"", PTP_LINE_OTHER},
	};
	int64_t offset = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(ptp_stat_line(rows[i].line, &offset), rows[i].is);
	assert_int_equal(ptp_stat_line(rows[0].line, &offset), PTP_LINE_OFFSET);
	assert_int_equal(offset, -1080);
}

static void test_has(void **state)
{
	struct ptp_sample v[N];

	(void)state;
	make(v);
	v[N - 1].offset_ns = 301;
	assert_true(ptp_stat_has(v, N, -500));
	assert_true(ptp_stat_has(v, N, 301));
	assert_false(ptp_stat_has(v, N - 1, 301));
	assert_false(ptp_stat_has(v, N, 500));
}

TEST_GROUP("bench/ptp_stat",
	cmocka_unit_test(test_numbers),
	cmocka_unit_test(test_few),
	cmocka_unit_test(test_settle),
	cmocka_unit_test(test_missing),
	cmocka_unit_test(test_never_settled),
	cmocka_unit_test(test_log),
	cmocka_unit_test(test_has),
)
