/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel is played, so that no PTP hardware clock is needed. What a real driver does is not shown here.
 */
#include "ptp/phc.h"

#include <errno.h>
#include <linux/ptp_clock.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

#define T0	    (INT64_C(1767225600) * NS_PER_SEC)
#define TSC0	    UINT64_C(123456789012345)
#define NS_PER_TICK 0.4

/* A machine: its time only moves when somebody looks. */
struct machine {
	int64_t now;	   /* true ns since T0 */
	int64_t real_off;  /* CLOCK_REALTIME - true */
	int64_t phc_off;   /* PHC - true */
	int64_t width_ns[25]; /* of each reading; 0: 1000 */
	int64_t step_ns;   /* CLOCK_REALTIME is stepped by this during the ioctl */
	int open_err, caps_err, precise_err, extended_err, basic_err;
	int cross;	   /* the driver says that it latches both */
	int opened, closed, precise, extended, basic;
};

static int play_open(void *arg, const char *path)
{
	struct machine *m = arg;

	(void)path;
	if (m->open_err)
		return m->open_err;
	m->opened++;
	return 7;
}

static void play_close(void *arg, int fd)
{
	struct machine *m = arg;

	assert_int_equal(fd, 7);
	m->closed++;
}

static struct ptp_clock_time at(int64_t t)
{
	return (struct ptp_clock_time){.sec = t / NS_PER_SEC, .nsec = (uint32_t)(t % NS_PER_SEC)};
}

static struct ptp_clock_time real_time(const struct machine *m)
{
	return at(T0 + m->now + m->real_off);
}

static struct ptp_clock_time phc_time(const struct machine *m)
{
	return at(T0 + m->now + m->phc_off);
}

static int64_t half_width(const struct machine *m, unsigned int i)
{
	return (m->width_ns[i] ? m->width_ns[i] : 1000) / 2;
}

static int play_ioctl(void *arg, int fd, unsigned long request, void *data)
{
	struct machine *m = arg;
	unsigned int i;

	assert_int_equal(fd, 7);
	m->now += 300;
	m->real_off += m->step_ns;
	if (request == PTP_CLOCK_GETCAPS) {
		((struct ptp_clock_caps *)data)->cross_timestamping = m->cross;
		return m->caps_err;
	}
	if (request == PTP_SYS_OFFSET_PRECISE) {
		struct ptp_sys_offset_precise *x = data;

		m->precise++;
		x->device = phc_time(m);
		x->sys_realtime = real_time(m);
		return m->precise_err;
	}
	if (request == PTP_SYS_OFFSET_EXTENDED) {
		struct ptp_sys_offset_extended *x = data;

		m->extended++;
		for (i = 0; i < x->n_samples; i++, m->now += 200) {
			x->ts[i][0] = real_time(m);
			m->now += half_width(m, i);
			x->ts[i][1] = phc_time(m);
			m->now += half_width(m, i);
			x->ts[i][2] = real_time(m);
		}
		return m->extended_err;
	}
	if (request == PTP_SYS_OFFSET) {
		struct ptp_sys_offset *x = data;

		m->basic++;
		for (i = 0; i < x->n_samples; i++) {
			x->ts[2 * i] = real_time(m);
			m->now += half_width(m, i);
			x->ts[2 * i + 1] = phc_time(m);
			m->now += half_width(m, i);
		}
		x->ts[2 * i] = real_time(m);
		return m->basic_err;
	}
	return -ENOTTY;
}

static uint64_t tsc_of(int64_t now)
{
	return TSC0 + (uint64_t)((double)now / NS_PER_TICK);
}

static void play_real(void *arg, struct phc_real *out, double ns_per_tick)
{
	struct machine *m = arg;

	assert_true(ns_per_tick > 0);
	m->now += 100;
	*out = (struct phc_real){.tsc = tsc_of(m->now), .t_real = T0 + m->now + m->real_off, .half_ns = 20};
	m->now += 100;
}

static struct phc_ops ops(struct machine *m)
{
	return (struct phc_ops){.open = play_open, .close = play_close, .ioctl = play_ioctl, .real = play_real, .arg = m};
}

/* The sample says what the PHC showed at that TSC, as near as it claims; nearer, since what is played is symmetric. */
static void assert_true_sample(const struct machine *m, const struct tscmap_sample *s)
{
	int64_t now = (int64_t)((double)(s->tsc - TSC0) * NS_PER_TICK), off = T0 + now + m->phc_off - s->tai;

	if (llabs(off) > s->half_ns || llabs(off) > 25)
		fail_msg("off by %d ns, claimed %d", (int)off, (int)s->half_ns);
}

static void test_each_method(void **state)
{
	static const struct {
		int cross, precise_err, extended_err;
		enum phc_method method;
		int64_t half_ns;
	} rows[] = {
		{1, 0, 0, PHC_PRECISE, 20},
		{0, 0, 0, PHC_EXTENDED, 520},
		{1, -EOPNOTSUPP, 0, PHC_EXTENDED, 520},
		{0, 0, -EOPNOTSUPP, PHC_BASIC, 520},
		{0, 0, -ENOTTY, PHC_BASIC, 520},	/* a kernel before 5.0 */
		{1, -EOPNOTSUPP, -EINVAL, PHC_BASIC, 520},
	};
	struct tscmap_sample s;
	struct why why = {""};
	struct phc_ops o;
	struct phc p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine m = {.cross = rows[i].cross, .precise_err = rows[i].precise_err, .extended_err = rows[i].extended_err,
				    .real_off = 777, .phc_off = 37 * NS_PER_SEC + 12345};

		o = ops(&m);
		assert_int_equal(phc_open(&p, "/dev/ptp9", &o, &why), 0);
		assert_int_equal(p.method, rows[i].method);
		m.precise = m.extended = m.basic = 0;
		assert_int_equal(phc_look(&p, &s, NS_PER_TICK), 0);
		assert_int_equal(s.half_ns, rows[i].half_ns);
		assert_true_sample(&m, &s);
		/* What did not work is not tried again. */
		assert_int_equal(m.precise, rows[i].method == PHC_PRECISE);
		assert_int_equal(m.extended, rows[i].method == PHC_EXTENDED);
		assert_int_equal(m.basic, rows[i].method == PHC_BASIC);
		phc_close(&p);
		phc_close(&p);
		assert_int_equal(m.closed, m.opened);
	}
}

static void test_the_narrowest_counts(void **state)
{
	int extended;

	(void)state;
	for (extended = 0; extended < 2; extended++) {
		struct machine m = {.width_ns = {9000, 5000, 8000, 400, 2000, 7000, 3000, 9000, 100000}, .phc_off = -5};
		struct phc_ops o = ops(&m);
		struct tscmap_sample s;
		struct phc p;

		m.extended_err = extended ? 0 : -EOPNOTSUPP;
		assert_int_equal(phc_open(&p, "/dev/ptp9", &o, NULL), 0);
		assert_int_equal(phc_look(&p, &s, NS_PER_TICK), 0);
		assert_int_equal(s.half_ns, 200 + 20);
		assert_true_sample(&m, &s);
		phc_close(&p);
	}
}

static void test_offset(void **state)
{
	struct machine m = {.width_ns = {9000, 5000, 600}, .real_off = 1000, .phc_off = 37 * NS_PER_SEC};
	struct phc_ops o = ops(&m);
	int64_t offset, half;
	struct phc p;

	(void)state;
	assert_int_equal(phc_open(&p, "/dev/ptp9", &o, NULL), 0);
	assert_int_equal(phc_offset(&p, &offset, &half), 0);
	assert_int_equal(offset, 37 * NS_PER_SEC - 1000);
	assert_int_equal(half, 300);
	m.extended_err = -EIO;
	assert_int_equal(phc_offset(&p, &offset, &half), -EIO);
	phc_close(&p);
}

/* A step of the system's clock in the middle says nothing about the PHC; a slew does no harm. */
static void test_steps_are_thrown_away(void **state)
{
	struct machine m = {.phc_off = 1000};
	struct phc_ops o = ops(&m);
	struct tscmap_sample s;
	struct phc p;

	(void)state;
	assert_int_equal(phc_open(&p, "/dev/ptp9", &o, NULL), 0);
	m.step_ns = NS_PER_MS;
	assert_int_equal(phc_look(&p, &s, NS_PER_TICK), -EAGAIN);
	m.step_ns = -NS_PER_MS;
	assert_int_equal(phc_look(&p, &s, NS_PER_TICK), -EAGAIN);
	m.step_ns = 4;	/* of some 11 us: 360 ppm */
	assert_int_equal(phc_look(&p, &s, NS_PER_TICK), 0);
	assert_true_sample(&m, &s);
	m.step_ns = 0;
	assert_int_equal(phc_look(&p, &s, NS_PER_TICK), 0);
	assert_true_sample(&m, &s);
	/* A wrong idea of the TSC's rate is found too. */
	assert_int_equal(phc_look(&p, &s, 2 * NS_PER_TICK), -EAGAIN);
	phc_close(&p);
}

static void test_refusals(void **state)
{
	static const struct {
		struct machine m;
		int err;
		const char *word;
	} rows[] = {
		{{.open_err = -ENOENT}, -ENOENT, "ethtool -T"},
		{{.open_err = -ENODEV}, -ENOENT, "ethtool -T"},
		{{.open_err = -EACCES}, -EACCES, "root"},
		{{.open_err = -EMFILE}, -EMFILE, "/dev/ptp9"},
		{{.caps_err = -ENOTTY}, -ENOTTY, "no PTP hardware clock"},
		{{.extended_err = -EOPNOTSUPP, .basic_err = -EOPNOTSUPP}, -EOPNOTSUPP, "cannot be read"},
		{{.extended_err = -EIO}, -EIO, "cannot be read"},
	};
	struct why why;
	struct phc p;
	char path[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine m = rows[i].m;
		struct phc_ops o = ops(&m);

		why.text[0] = '\0';
		assert_int_equal(phc_open(&p, "/dev/ptp9", &o, &why), rows[i].err);
		test_why_names(&why, "/dev/ptp9", rows[i].word, NULL);
		assert_int_equal(m.closed, m.opened);
	}
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(phc_open(&p, path, NULL, &why), -EINVAL);
}

/* The kernel's own side, as far as it goes without a clock: what is missing, and what is none. */
static void test_kernel(void **state)
{
	struct phc_real a, b;
	struct why why = {""};
	char path[PHC_PATH_LEN];
	struct phc p;

	(void)state;
	assert_int_equal(phc_of_interface(path, "nosuch0", &why), -ENODEV);
	test_why_names(&why, "nosuch0", "namespace", NULL);
	assert_int_equal(phc_of_interface(path, "lo", &why), -EOPNOTSUPP);
	test_why_names(&why, "lo", "no hardware clock", NULL);
	assert_int_equal(phc_of_interface(path, "a-name-that-is-too-long", &why), -ENODEV);
	assert_int_equal(phc_open(&p, "/dev/ptp-nosuch", NULL, &why), -ENOENT);
	test_why_names(&why, "/dev/ptp-nosuch", NULL);
	assert_int_equal(phc_open(&p, "/dev/null", NULL, &why), -ENOTTY);
	test_why_names(&why, "/dev/null", "no PTP hardware clock", NULL);
	phc_kernel.real(NULL, &a, NS_PER_TICK);
	phc_kernel.real(NULL, &b, NS_PER_TICK);
	assert_true(b.tsc > a.tsc && b.t_real > a.t_real && a.half_ns > 0);
	assert_int_equal(phc_clockid(3), -29);	/* ~3 << 3 | 3 */
	assert_string_equal(phc_method_name(PHC_EXTENDED), "extended");
}

TEST_GROUP("ptp/phc",
	cmocka_unit_test(test_each_method),
	cmocka_unit_test(test_the_narrowest_counts),
	cmocka_unit_test(test_offset),
	cmocka_unit_test(test_steps_are_thrown_away),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_kernel),
)
