/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock thread, live. Its hardware clock is played: CLOCK_REALTIME and 100 s more, read when the thread asks for it.
 */
#include "ptp/follow.h"

#include <errno.h>
#include <linux/ptp_clock.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/ns.h"
#include "tests/unit/test.h"

#define AHEAD (100 * NS_PER_SEC)

struct card {
	_Atomic int err;	/* what each look gets; 0: a reading */
	_Atomic int64_t step;
	_Atomic int opened, closed;
	_Atomic bool gone, stands;
};

static int64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

static int card_open(void *arg, const char *path)
{
	struct card *c = arg;

	(void)path;
	if (atomic_load(&c->gone))
		return -ENODEV;
	atomic_fetch_add(&c->opened, 1);
	return 5;
}

static void card_close(void *arg, int fd)
{
	struct card *c = arg;

	(void)fd;
	atomic_fetch_add(&c->closed, 1);
}

static int card_ioctl(void *arg, int fd, unsigned long request, void *data)
{
	struct ptp_sys_offset_extended *x = data;
	struct card *c = arg;
	unsigned int i, k;
	int64_t t;

	if (fd != 5)
		return -EBADF;
	if (request == PTP_CLOCK_GETCAPS)
		return 0;
	if (atomic_load(&c->err) || request != PTP_SYS_OFFSET_EXTENDED)
		return atomic_load(&c->err) ? atomic_load(&c->err) : -EOPNOTSUPP;
	for (i = 0; i < x->n_samples; i++)
		for (k = 0; k < 3; k++) {
			t = real_ns() + (k == 1 ? AHEAD + atomic_load(&c->step) : 0);
			if (k == 1 && atomic_load(&c->stands))
				t = AHEAD;
			x->ts[i][k] = (struct ptp_clock_time){.sec = t / NS_PER_SEC, .nsec = (uint32_t)(t % NS_PER_SEC)};
		}
	return 0;
}

static struct phc_ops ops(struct card *c)
{
	struct phc_ops o = phc_kernel;

	o.open = card_open;
	o.close = card_close;
	o.ioctl = card_ioctl;
	o.arg = c;
	return o;
}

static int start_phc(struct follow **f, const char *path, const struct phc_ops *o, struct why *why)
{
	return follow_start(f, &(struct follow_conf){.phc = path, .ops = o}, why);
}

/* The map minus the card's clock, as seen from here; *half is how sure that is, the map's own bound included. */
static int64_t off(const struct follow *f, const struct card *c, int64_t *half, struct tscmap_line *line)
{
	int64_t before, after, now;

	tscmap_read(follow_map(f), line);
	before = real_ns();
	now = tscmap_at(line, tscmap_tsc());
	after = real_ns();
	*half = (after - before + 1) / 2 + line->bound_ns;
	return now - (before + (after - before) / 2 + AHEAD + atomic_load(&c->step));
}

static void pause_ms(int64_t ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS}, NULL);
}

/* Within ten seconds: the map is as near as it says, its bound is below the given one, and the steps are so many. */
static bool settles(const struct follow *f, const struct card *c, int64_t bound_ns, int64_t stepped, int64_t tolerance)
{
	struct tscmap_line line;
	int64_t half;
	int i;

	for (i = 0; i < 100; i++, pause_ms(100))
		if (llabs(off(f, c, &half, &line)) <= half && line.bound_ns < bound_ns && llabs(line.stepped - stepped) <= tolerance)
			return true;
	return false;
}

static void test_follows_a_card(void **state)
{
	struct card c = {0};
	struct phc_ops o = ops(&c);
	struct tscmap_line line, later;
	struct why why = {""};
	struct follow *f;
	int64_t half;
	int i;

	(void)state;
	log_init("test", LOG_ERROR);
	assert_int_equal(start_phc(&f, "/dev/ptp9", &o, &why), 0);
	assert_true(settles(f, &c, 50 * NS_PER_US, 0, 0));

	/* The card goes away: the bound grows, and the line goes straight on. */
	atomic_store(&c.gone, true);
	atomic_store(&c.err, -ENODEV);
	for (i = 0; i < 50; i++) {
		tscmap_read(follow_map(f), &line);
		pause_ms(200);
		tscmap_read(follow_map(f), &later);
		if (later.tsc0 == line.tsc0 && later.bound_ns > line.bound_ns)
			break;
	}
	assert_true(i < 50);
	assert_int_equal(later.mult, line.mult);
	assert_int_equal(later.stepped, 0);
	assert_true(llabs(off(f, &c, &half, &line)) <= half + 500 * NS_PER_US);

	/* It is back, under the same name. */
	atomic_store(&c.gone, false);
	atomic_store(&c.err, 0);
	for (i = 0; i < 100 && atomic_load(&c.opened) != 2; i++)
		pause_ms(100);
	assert_true(settles(f, &c, 50 * NS_PER_US, 0, 0));
	assert_int_equal(atomic_load(&c.opened), 2);
	assert_int_equal(atomic_load(&c.closed), 1);

	/* Its ptp4l steps it. */
	atomic_store(&c.step, 37 * NS_PER_SEC);
	assert_true(settles(f, &c, 50 * NS_PER_US, 37 * NS_PER_SEC, NS_PER_MS));
	follow_stop(f);
	assert_int_equal(atomic_load(&c.opened), atomic_load(&c.closed));
}

static void test_refusals(void **state)
{
	struct card c = {0};
	struct phc_ops o = ops(&c);
	struct why why = {""};
	struct follow *f;

	(void)state;
	atomic_store(&c.stands, true);
	assert_int_equal(start_phc(&f, "/dev/ptp9", &o, &why), -EIO);
	test_why_names(&why, "/dev/ptp9", "does not move", NULL);
	atomic_store(&c.gone, true);
	assert_int_equal(start_phc(&f, "/dev/ptp9", &o, &why), -ENOENT);
	assert_int_equal(atomic_load(&c.opened), atomic_load(&c.closed));
	assert_int_equal(start_phc(&f, "/dev/null", NULL, &why), -ENOTTY);
	follow_stop(NULL);
}

static void test_follows_tai(void **state)
{
	struct tscmap_line line;
	struct why why = {""};
	struct timespec ts;
	int64_t before, after, stepped, now;
	struct follow *f;

	(void)state;
	assert_int_equal(follow_start(&f, &(struct follow_conf){.tai_offset = FOLLOW_TAI_KERNEL}, &why), 0);
	pause_ms(250);
	clock_gettime(CLOCK_TAI, &ts);
	before = ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
	now = tscmap_now(follow_map(f), &stepped);
	clock_gettime(CLOCK_TAI, &ts);
	after = ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
	tscmap_read(follow_map(f), &line);
	assert_true(now >= before - 500 * NS_PER_US && now <= after + 500 * NS_PER_US);	/* less than a step */
	assert_true(line.bound_ns > 0);
	follow_stop(f);
}

TEST_GROUP("ptp/follow",
	cmocka_unit_test(test_follows_a_card),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_follows_tai),
)
