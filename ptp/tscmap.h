/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tscmap: from the CPU's time stamp counter to TAI, without a syscall.
 *
 * An affine map, tai = tai0 + (tsc - tsc0) * mult / 2^32, published under a sequence lock by one thread (ptp/follow) and read by
 * workers with one multiplication. An update bends the line at the present and never breaks it, so time as read is continuous;
 * only a step (a jump of the reference beyond what bending can follow) moves it, and `stepped` says by how much in all.
 * Wants an invariant TSC (CPUID 80000007H:EDX[8]).
 */
#ifndef TAKT_PTP_TSCMAP_H
#define TAKT_PTP_TSCMAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t tscmap_tsc(void)
{
	return __rdtsc();
}

/* What was stored before is there for others to see before the TSC is read after. A CPU does neither by itself in that order. */
static inline void tscmap_settle(void)
{
	_mm_mfence();
	_mm_lfence();
}
#elif defined(__aarch64__)
static inline uint64_t tscmap_tsc(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
	return v;
}

static inline void tscmap_settle(void)
{
	__asm__ volatile("dsb sy\n\tisb" ::: "memory");
}
#else
#error "takt reads the TSC (x86-64) or CNTVCT (arm64)"
#endif

struct tscmap_line {
	uint64_t tsc0;
	int64_t tai0;	  /* TAI ns at tsc0 */
	uint64_t mult;	  /* ns per tick, times 2^32 */
	int64_t stepped;  /* sum of all steps, ns */
	int64_t bound_ns; /* the map is this close to the reference, as last seen */
};

struct tscmap {
	_Alignas(64) _Atomic uint32_t seq;
	struct tscmap_line line;
};

static inline int64_t tscmap_at(const struct tscmap_line *l, uint64_t tsc)
{
	return l->tai0 + (int64_t)(((__int128)(int64_t)(tsc - l->tsc0) * (__int128)l->mult) >> 32);
}

/* A consistent copy of the line. Any thread. */
static inline void tscmap_read(const struct tscmap *m, struct tscmap_line *out)
{
	uint32_t seq;

	do {
		while ((seq = atomic_load_explicit(&m->seq, memory_order_acquire)) & 1)
			;
		*out = m->line;
		atomic_thread_fence(memory_order_acquire);
	} while (atomic_load_explicit(&m->seq, memory_order_relaxed) != seq);
}

static inline int64_t tscmap_now(const struct tscmap *m, int64_t *stepped)
{
	struct tscmap_line l;

	tscmap_read(m, &l);
	*stepped = l.stepped;
	return tscmap_at(&l, tscmap_tsc());
}

/* Publish a line. One thread. */
void tscmap_publish(struct tscmap *m, const struct tscmap_line *line);

/* One look at the reference clock: it showed tai somewhere within +-half_ns of tsc. */
struct tscmap_sample {
	uint64_t tsc;
	int64_t tai;
	int64_t half_ns;
};

/* The servo that bends the line. Pure: samples in, lines out. */
struct tscmap_servo {
	struct tscmap_line line;
	struct tscmap_sample last;
	double nominal;	    /* ns per tick as first measured */
	double ns_per_tick; /* the long-term rate */
	uint64_t steps;
	double rate_off;    /* how far the long-term rate may be off: what looks made of it lately */
	double nominal_off; /* the same of `nominal`: what the two samples' widths allow */
	int64_t held_ns;    /* the bound when holding over began */
	bool held;
};

#define TSCMAP_STEP_NS INT64_C(500000) /* an error beyond this is a step of the reference */

/* Begin from two samples some tens of ms apart. */
void tscmap_servo_init(struct tscmap_servo *s, const struct tscmap_sample *a, const struct tscmap_sample *b);

/*
 * Holdover: the reference could not be read at its time, tsc. From the first such call on the line goes straight on at
 * the long-term rate (a bend is meant for one interval only), and its bound grows with each call, by what the rate may be
 * off and TSCMAP_CREEP besides. The next sample that is taken ends it.
 */
#define TSCMAP_CREEP 1e-6 /* what a quartz does when it warms up by some degrees: 1 us a second */
void tscmap_servo_hold(struct tscmap_servo *s, uint64_t tsc);

/* Take a sample: a new line in s->line, continuous at the sample unless the reference was stepped. Returns the error found, ns. */
int64_t tscmap_servo_update(struct tscmap_servo *s, const struct tscmap_sample *sample);

#endif
