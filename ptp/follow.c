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

struct follow {
	struct tscmap map;
	struct tscmap_servo servo;
	pthread_t thread;
	_Atomic bool stop;
};

/* The narrowest of several reads of CLOCK_TAI between two reads of the TSC. */
static void look(struct tscmap_sample *out, double ns_per_tick)
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

static void *follow_main(void *arg)
{
	struct follow *f = arg;
	struct tscmap_sample s;
	uint64_t steps = 0;
	int wide = 0;
	sigset_t all;
	int64_t error;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!atomic_load_explicit(&f->stop, memory_order_relaxed)) {
		pause_ns(INTERVAL_NS);
		look(&s, f->servo.ns_per_tick);
		if (s.half_ns > WIDE_NS && ++wide < WIDE_LOOKS)
			continue;
		wide = 0;
		error = tscmap_servo_update(&f->servo, &s);
		tscmap_publish(&f->map, &f->servo.line);
		if (f->servo.steps != steps) {
			steps = f->servo.steps;
			log_warn("the clock was stepped by %lld ns (step %llu); schedules are started again by their base time",
				 (long long)error, (unsigned long long)steps);
		}
	}
	return NULL;
}

int follow_start(struct follow **out, struct why *why)
{
	struct tscmap_sample a, b;
	struct follow *f = aligned_alloc(64, sizeof(*f));
	int err;

	if (!f)
		return why_fail(why, ENOMEM, "clock: out of memory");
	memset(f, 0, sizeof(*f));
	look(&a, 0.5);
	pause_ns(CALIBRATE_NS);
	look(&b, 0.5);
	tscmap_servo_init(&f->servo, &a, &b);
	tscmap_publish(&f->map, &f->servo.line);
	err = pthread_create(&f->thread, NULL, follow_main, f);
	if (err) {
		free(f);
		return why_fail(why, err, "clock: cannot start the clock thread: %s", strerror(err));
	}
	*out = f;
	return 0;
}

void follow_stop(struct follow *f)
{
	if (!f)
		return;
	atomic_store(&f->stop, true);
	pthread_join(f->thread, NULL);
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
