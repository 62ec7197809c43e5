/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/follow.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/log.h"
#include "base/ns.h"

#define INTERVAL_NS   (100 * NS_PER_MS)
#define CALIBRATE_NS  (50 * NS_PER_MS)
#define READS	      7		    /* bracketed reads per look; the narrowest counts */
#define WIDE_NS	      (5 * NS_PER_US) /* a look that never got narrower than this is thrown away */
#define WIDE_LOOKS    10		    /* in a row: this clock gives no better, and a map that nobody corrects is worse */
#define LONG_LOOKS    10		    /* without a sample, in a row: said in the log */
#define ROUGH	      0.5		    /* ns per tick before the rate was measured: only widths come from it */

struct follow {
	struct tscmap map;
	struct tscmap_servo servo;
	bool by_phc;
	struct phc phc; /* when by_phc */
	int wide, missed; /* looks in a row that were too wide; that gave no sample */
	pthread_t thread;
	_Atomic bool stop;
};

/* The narrowest of several reads of CLOCK_TAI between two reads of the TSC. */
static void look_at_tai(struct tscmap_sample *out, double ns_per_tick)
{
	uint64_t best = UINT64_MAX;
	struct timespec ts;
	uint64_t a, b;
	int i;

	for (i = 0; i < READS; i++) {
		a = tscmap_tsc();
		clock_gettime(CLOCK_TAI, &ts);
		b = tscmap_tsc();
		if (b - a >= best)
			continue;
		best = b - a;
		out->tsc = a + best / 2;
		out->tai = ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
	}
	out->half_ns = (int64_t)((double)best * ns_per_tick / 2) + 1;
}

/* Signals may come (some drivers live by them): the pause is as long as asked for all the same. */
static void pause_ns(int64_t ns)
{
	struct timespec ts = {.tv_sec = ns / NS_PER_SEC, .tv_nsec = ns % NS_PER_SEC};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* One look at the reference; an -errno when it gave none. */
static int look(struct follow *f, struct tscmap_sample *out, double ns_per_tick)
{
	if (f->by_phc)
		return phc_look(&f->phc, out, ns_per_tick);
	look_at_tai(out, ns_per_tick);
	return 0;
}

/* A clock that went away (its driver was unloaded, the card reset) may come back under the same name. */
static void open_again(struct follow *f)
{
	const struct phc_ops *ops = f->phc.ops;
	char path[sizeof(f->phc.path)];

	memcpy(path, f->phc.path, sizeof(path));
	phc_close(&f->phc);
	phc_open(&f->phc, path, ops, NULL);
}

/* No sample this time. */
static void hold_over(struct follow *f, int err)
{
	tscmap_servo_hold(&f->servo, tscmap_tsc());
	tscmap_publish(&f->map, &f->servo.line);
	if (++f->missed == LONG_LOOKS)
		log_warn("%s gives no time (%s): the map goes on by itself, and its error bound grows",
			 f->by_phc ? f->phc.path : "CLOCK_TAI", err ? strerror(-err) : "each look took too long");
	if (f->by_phc && err && err != -EAGAIN)
		open_again(f);
}

static void follow_sample(struct follow *f, const struct tscmap_sample *s)
{
	char off[NS_STR_LEN], bound[NS_STR_LEN];
	int64_t bound_ns = f->servo.line.bound_ns;
	uint64_t steps = f->servo.steps;
	int64_t error = tscmap_servo_update(&f->servo, s);

	tscmap_publish(&f->map, &f->servo.line);
	if (f->missed >= LONG_LOOKS)
		log_info("%s is back after %d looks without: the map is off by %s, its bound was %s",
			 f->by_phc ? f->phc.path : "CLOCK_TAI", f->missed, ns_str(off, error), ns_str(bound, bound_ns));
	f->missed = 0;
	if (f->servo.steps != steps)
		log_warn("the clock was stepped by %lld ns (step %llu); schedules are started again by their base time",
			 (long long)error, (unsigned long long)f->servo.steps);
}

static void *follow_main(void *arg)
{
	struct follow *f = arg;
	struct tscmap_sample s;
	sigset_t all;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!atomic_load_explicit(&f->stop, memory_order_relaxed)) {
		pause_ns(INTERVAL_NS);
		err = look(f, &s, f->servo.ns_per_tick);
		if (err || (s.half_ns > WIDE_NS && ++f->wide < WIDE_LOOKS)) {
			hold_over(f, err);
			continue;
		}
		f->wide = 0;
		follow_sample(f, &s);
	}
	return NULL;
}

/* The first rate, from two samples. What the system's clock says of the TSC serves to look at a hardware clock. */
static int calibrate(struct follow *f, struct why *why)
{
	struct tscmap_sample a, b;
	double ns_per_tick;
	int i, err = 0;

	look_at_tai(&a, ROUGH);
	pause_ns(CALIBRATE_NS);
	look_at_tai(&b, ROUGH);
	ns_per_tick = (double)(b.tai - a.tai) / (double)(b.tsc - a.tsc);
	for (i = 0; f->by_phc && i < READS && (!i || err); i++) {
		err = look(f, &a, ns_per_tick);
		pause_ns(CALIBRATE_NS);
		if (!err)
			err = look(f, &b, ns_per_tick);
	}
	if (err)
		return why_fail(why, EIO, "%s gives no time: %s", f->phc.path, strerror(-err));
	if (b.tai <= a.tai)
		return why_fail(why, EIO, "%s does not move: has anybody set it?", f->by_phc ? f->phc.path : "CLOCK_TAI");
	tscmap_servo_init(&f->servo, &a, &b);
	tscmap_publish(&f->map, &f->servo.line);
	return 0;
}

static int start(struct follow **out, const char *phc, const struct phc_ops *ops, struct why *why)
{
	struct follow *f = aligned_alloc(64, sizeof(*f));
	int err;

	if (!f)
		return why_fail(why, ENOMEM, "clock: out of memory");
	memset(f, 0, sizeof(*f));
	f->phc.fd = -1;
	f->by_phc = phc != NULL;
	if (phc) {
		err = phc_open(&f->phc, phc, ops, why);
		if (err)
			goto fail;
	}
	err = calibrate(f, why);
	if (err)
		goto fail;
	err = pthread_create(&f->thread, NULL, follow_main, f);
	if (err) {
		err = why_fail(why, err, "clock: cannot start the clock thread: %s", strerror(err));
		goto fail;
	}
	*out = f;
	return 0;
fail:
	phc_close(&f->phc);
	free(f);
	return err;
}

int follow_start(struct follow **out, struct why *why)
{
	return start(out, NULL, NULL, why);
}

int follow_start_phc(struct follow **out, const char *path, const struct phc_ops *ops, struct why *why)
{
	return start(out, path, ops, why);
}

void follow_stop(struct follow *f)
{
	if (!f)
		return;
	atomic_store(&f->stop, true);
	pthread_join(f->thread, NULL);
	phc_close(&f->phc);
	free(f);
}

const struct tscmap *follow_map(const struct follow *f)
{
	return &f->map;
}

int follow_tai_offset(void)
{
	struct timex tx = {0};

	adjtimex(&tx);
	return tx.tai;
}
