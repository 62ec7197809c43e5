/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/quiet.h"

#define INTERVAL_NS   (100 * NS_PER_MS)
#define CALIBRATE_NS  (50 * NS_PER_MS)
#define AGAIN_NS      NS_PER_MS		    /* until a step is looked at once more */
#define READS	      7		    /* bracketed reads per look; the narrowest counts */
#define WIDE_NS	      (5 * NS_PER_US) /* a look that never got narrower than this is thrown away */
#define WIDE_LOOKS    10		    /* in a row: this clock gives no better, and a map that nobody corrects is worse */
#define LONG_LOOKS    10		    /* without a sample, in a row: said in the log */
#define ROUGH	      0.5		    /* ns per tick before the rate was measured: only widths come from it */
#define MAX_SLEW      0.01		    /* reads of one look contradict each other when time between them ran faster or slower than this */

struct follow {
	struct tscmap map;
	struct tscmap_servo servo;
	struct follow_conf conf;
	struct phc phc; /* when conf.phc */
	int wide, missed; /* looks in a row that were too wide; that gave no sample */
	struct quiet steps_said; /* no mad clock fills the log */
	pthread_mutex_t lock; /* of state: the thread writes it, others read */
	struct follow_state state;
	pthread_t thread;
	_Atomic bool stop;
};

/* -- looking --------------------------------------------------------------------------------------------------------------- */

static int64_t to_ns(const struct timespec *ts)
{
	return ts->tv_sec * NS_PER_SEC + ts->tv_nsec;
}

/* TAI - UTC that is to be added to CLOCK_REALTIME, when CLOCK_TAI is not to be believed; else -1. */
static int forced(const struct follow_conf *c, int kernel_offset)
{
	if (!c->tai_offset || (c->tai_offset > 0 && !kernel_offset))
		return c->tai_offset;
	return -1;
}

/*
 * The narrowest of several reads of the system's clock between two reads of the TSC. -EAGAIN when they cannot all be
 * true: it was stepped meanwhile, or shows anything.
 */
static int look_at_system(struct tscmap_sample *out, double ns_per_tick, clockid_t clock)
{
	uint64_t best = UINT64_MAX, before = 0;
	int64_t t, t_before = 0, apart_ns;
	struct timespec ts;
	uint64_t a, b;
	int i;

	for (i = 0; i < READS; i++, before = a, t_before = t) {
		a = tscmap_tsc();
		if (clock_gettime(clock, &ts))
			return -errno;
		b = tscmap_tsc();
		if (ts.tv_sec <= 0 || ts.tv_nsec < 0 || ts.tv_nsec >= NS_PER_SEC)
			return -EAGAIN;
		t = to_ns(&ts);
		/* Between two reads may be what lies between the middles of their brackets, give or take half of each. */
		apart_ns = (int64_t)((double)(b - before) * ns_per_tick * (1 + MAX_SLEW)) + NS_PER_US;
		if (i && ns_per_tick != ROUGH && (t < t_before || t - t_before > apart_ns))
			return -EAGAIN;
		if (b - a >= best)
			continue;
		best = b - a;
		out->tsc = a + best / 2;
		out->tai = t;
	}
	out->half_ns = (int64_t)((double)best * ns_per_tick / 2) + 1;
	return 0;
}

/* Signals may come (some drivers live by them): the pause is as long as asked for all the same. */
static void pause_ns(int64_t ns)
{
	struct timespec ts = {.tv_sec = ns / NS_PER_SEC, .tv_nsec = ns % NS_PER_SEC};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* *kernel_offset: as it was during the look. A change in the middle of it spoils it. */
static int look_at_tai(const struct follow_conf *c, struct tscmap_sample *out, double ns_per_tick, int *kernel_offset)
{
	int before = follow_tai_offset();
	int add = forced(c, before);
	int err = look_at_system(out, ns_per_tick, add < 0 ? CLOCK_TAI : CLOCK_REALTIME);

	*kernel_offset = follow_tai_offset();
	if (err || *kernel_offset != before)
		return err ? err : -EAGAIN;
	out->tai += add > 0 ? add * NS_PER_SEC : 0;
	return 0;
}

/* One look at the reference; an -errno when it gave none. */
static int look(struct follow *f, struct tscmap_sample *out, double ns_per_tick, int *kernel_offset)
{
	if (!f->conf.phc)
		return look_at_tai(&f->conf, out, ns_per_tick, kernel_offset);
	*kernel_offset = follow_tai_offset();
	return phc_look(&f->phc, out, ns_per_tick);
}

/* Would this sample be a step? Then another must say the same: a clock that shows anything now and then moves no gate. */
static int look_twice(struct follow *f, struct tscmap_sample *s, int *kernel_offset)
{
	struct tscmap_sample first;
	int64_t between_ns;
	int err = look(f, s, f->servo.ns_per_tick, kernel_offset);

	if (err || llabs(s->tai - tscmap_at(&f->servo.line, s->tsc)) <= TSCMAP_STEP_NS)
		return err;
	first = *s;
	pause_ns(AGAIN_NS);
	err = look(f, s, f->servo.ns_per_tick, kernel_offset);
	between_ns = (int64_t)((double)(s->tsc - first.tsc) * f->servo.ns_per_tick);
	if (!err && llabs(s->tai - first.tai - between_ns) > TSCMAP_STEP_NS)
		err = -EAGAIN;
	return err;
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

/* -- what others are told -------------------------------------------------------------------------------------------------- */

/* The names of things that depend on the kernel's offset. */
static void name_reference(struct follow *f, int kernel_offset)
{
	struct follow_state *s = &f->state;
	int add = forced(&f->conf, kernel_offset);

	s->by_phc = f->conf.phc;
	s->kernel_offset = kernel_offset;
	s->tai_offset = add < 0 || s->by_phc ? kernel_offset : add;
	if (s->by_phc)
		snprintf(s->reference, sizeof(s->reference), "%s", f->conf.phc);
	else if (add < 0)
		snprintf(s->reference, sizeof(s->reference), "CLOCK_TAI");
	else
		snprintf(s->reference, sizeof(s->reference), "CLOCK_REALTIME + %d s", add);
}

/* The kernel's offset is another one. Said before the step that may come of it. */
static void note_offset(struct follow *f, int kernel_offset)
{
	int was = f->state.kernel_offset, used = f->state.tai_offset;

	pthread_mutex_lock(&f->lock);
	name_reference(f, kernel_offset);
	f->state.tai_changes++;
	pthread_mutex_unlock(&f->lock);
	if (f->conf.phc)
		log_info("the kernel's TAI offset was changed from %d s to %d s: %s is followed, so that nothing moves", was, kernel_offset, f->conf.phc);
	else if (!f->conf.tai_offset)
		log_warn("the kernel's TAI offset was changed from %d s to %d s: taktd stays on UTC, as `clock: {tai-offset: 0}` says; take that out, and "
			 "start it again, to have TAI", was, kernel_offset);
	else if (f->state.tai_offset == used)
		log_info("the kernel's TAI offset was changed from %d s to %d s, which is what is used already: time goes on unbroken", was, kernel_offset);
	else
		log_warn("the kernel's TAI offset was changed from %d s to %d s%s: time moves by %d s with it", was, kernel_offset,
			 f->conf.tai_offset > 0 ? ", which is not what `clock: {tai-offset}` says, and the kernel's is believed" : "",
			 f->state.tai_offset - used);
}

static void count(struct follow *f, uint64_t *counter)
{
	pthread_mutex_lock(&f->lock);
	(*counter)++;
	pthread_mutex_unlock(&f->lock);
}

static const char *no_time(int err)
{
	return !err ? "each look took too long" : err == -EAGAIN ? "it contradicts itself" : strerror(-err);
}

/* No sample this time. */
static void hold_over(struct follow *f, int err)
{
	tscmap_servo_hold(&f->servo, tscmap_tsc());
	tscmap_publish(&f->map, &f->servo.line);
	count(f, &f->state.refused);
	if (++f->missed == LONG_LOOKS) {
		log_warn("%s gives no time (%s): the map goes on by itself, and its error bound grows", f->state.reference,
			 no_time(err));
		pthread_mutex_lock(&f->lock);
		f->state.holdovers++;
		f->state.holding = true;
		pthread_mutex_unlock(&f->lock);
	}
	if (f->conf.phc && err && err != -EAGAIN)
		open_again(f);
}

/* "1767225637.000000000" */
static const char *instant(char buf[static NS_STR_LEN], int64_t t)
{
	snprintf(buf, NS_STR_LEN, "%" PRId64 ".%09" PRId64, t / NS_PER_SEC, t % NS_PER_SEC);
	return buf;
}

static void note_step(struct follow *f, const struct tscmap_sample *s, int64_t error)
{
	char old[NS_STR_LEN], new[NS_STR_LEN], by[NS_STR_LEN];
	bool last;

	pthread_mutex_lock(&f->lock);
	f->state.steps = f->servo.steps;
	f->state.step_ns = error;
	f->state.t_step = s->tai;
	pthread_mutex_unlock(&f->lock);
	if (!quiet_may(&f->steps_said, s->tai, &last))
		return;
	log_warn("%s was stepped by %s, from %s to %s (step %" PRIu64 "): the map goes on from there, frames in the house move along, each "
		 "schedule finds its place anew by its base time%s", f->state.reference, ns_str(by, error), instant(old, s->tai - error),
		 instant(new, s->tai), f->servo.steps, last ? "; more steps within a minute are counted only" : "");
}

static void follow_sample(struct follow *f, const struct tscmap_sample *s)
{
	char off[NS_STR_LEN], bound[NS_STR_LEN];
	int64_t bound_ns = f->servo.line.bound_ns;
	uint64_t steps = f->servo.steps;
	int64_t error = tscmap_servo_update(&f->servo, s);

	tscmap_publish(&f->map, &f->servo.line);
	if (f->missed >= LONG_LOOKS) {
		log_info("%s is back after %d looks without: the map is off by %s, its bound was %s", f->state.reference, f->missed,
			 ns_str(off, error), ns_str(bound, bound_ns));
		pthread_mutex_lock(&f->lock);
		f->state.holding = false;
		pthread_mutex_unlock(&f->lock);
	}
	f->missed = 0;
	if (f->servo.steps != steps)
		note_step(f, s, error);
	else if (f->conf.max_error_ns && f->servo.line.bound_ns > f->conf.max_error_ns)
		count(f, &f->state.over_error);
}

/* -- the thread ------------------------------------------------------------------------------------------------------------ */

static void *follow_main(void *arg)
{
	struct follow *f = arg;
	struct tscmap_sample s;
	int kernel_offset;
	sigset_t all;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_mutex_lock(&f->lock);
	f->state.tid = gettid();
	pthread_mutex_unlock(&f->lock);
	while (!atomic_load_explicit(&f->stop, memory_order_relaxed)) {
		pause_ns(INTERVAL_NS);
		err = look_twice(f, &s, &kernel_offset);
		if (kernel_offset != f->state.kernel_offset)
			note_offset(f, kernel_offset);
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
	int i, kernel_offset, err = 0;

	for (i = 0; i < READS && (!i || err); i++) {
		err = look_at_tai(&f->conf, &a, ROUGH, &kernel_offset);
		pause_ns(CALIBRATE_NS);
		if (!err)
			err = look_at_tai(&f->conf, &b, ROUGH, &kernel_offset);
	}
	name_reference(f, kernel_offset);
	if (err)
		return why_fail(why, EIO, "%s gives no time: %s", f->conf.phc ? "the system's clock, which it takes to read a hardware clock," : f->state.reference,
				no_time(err));
	ns_per_tick = (double)(b.tai - a.tai) / (double)(b.tsc - a.tsc);
	for (i = 0; !err && f->conf.phc && i < READS; i++) {
		err = look(f, &a, ns_per_tick, &kernel_offset);
		pause_ns(CALIBRATE_NS);
		if (!err)
			err = look(f, &b, ns_per_tick, &kernel_offset);
		if (!err)
			break;
	}
	if (err)
		return why_fail(why, EIO, "%s gives no time: %s", f->state.reference, no_time(err));
	if (b.tai <= a.tai)
		return why_fail(why, EIO, "%s does not move: has anybody set it?", f->state.reference);
	tscmap_servo_init(&f->servo, &a, &b);
	tscmap_publish(&f->map, &f->servo.line);
	return 0;
}

int follow_start(struct follow **out, const struct follow_conf *conf, struct why *why)
{
	struct follow *f = aligned_alloc(64, (sizeof(*f) + 63) / 64 * 64);
	int err;

	if (!f)
		return why_fail(why, ENOMEM, "clock: out of memory");
	memset(f, 0, sizeof(*f));
	pthread_mutex_init(&f->lock, NULL);
	f->conf = *conf;
	f->phc.fd = -1;
	if (conf->phc) {
		f->conf.tai_offset = FOLLOW_TAI_KERNEL;
		err = phc_open(&f->phc, conf->phc, conf->ops, why);
		if (err)
			goto fail;
		f->conf.phc = f->phc.path;
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

void follow_stop(struct follow *f)
{
	if (!f)
		return;
	atomic_store(&f->stop, true);
	pthread_join(f->thread, NULL);
	phc_close(&f->phc);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

const struct tscmap *follow_map(const struct follow *f)
{
	return &f->map;
}

void follow_get(struct follow *f, struct follow_state *out)
{
	pthread_mutex_lock(&f->lock);
	*out = f->state;
	pthread_mutex_unlock(&f->lock);
}

int follow_tai_offset(void)
{
	struct timex tx = {0};

	adjtimex(&tx);
	return tx.tai;
}
