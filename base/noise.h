/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * noise: what a CPU takes from whoever runs on it, in figures. Pure: ptp/noise_run.h reads the clocks.
 *
 *	away	spans of at least gap_ns in which a bare loop did not run: preempted, interrupted, or the whole machine stood still
 *	notice	by how much that loop was late to notice an instant; nothing in software notices one sooner
 *	wake	by how much a thread was late that slept until an instant: timer, idle state, scheduler
 *	timer	by how much the kernel's timer was late on a CPU that was awake: the part of `wake` that is no waking up
 *
 * Of the instants that passed while it was away only the first is noted, with its lateness; the others are counted as missed. A
 * worker, too, sees but the first.
 */
#ifndef TAKT_BASE_NOISE_H
#define TAKT_BASE_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cpu_list.h"
#include "base/hist.h"
#include "base/out.h"

#define NOISE_NO_STEAL -1

struct noise_late {
	struct hist late;	/* ns */
	uint64_t missed;	/* instants that passed meanwhile */
};

/* One CPU. All zero is the empty one. */
struct noise_cpu {
	int cpu;
	int64_t poll_ns;	/* how long the loop ran */
	int64_t gap_ns;		/* from how long an absence counts */
	struct hist away;	/* its sum is the time lost, its max the longest */
	struct noise_late notice, wake, timer;
	int64_t span_ns;	/* of all measurements together */
	int64_t steal_ns;	/* that the host of this machine says it took meanwhile, in steps of 10 ms; NOISE_NO_STEAL */
	bool fifo;		/* wake: with SCHED_FIFO */
	bool locked;		/* in memory that cannot be paged out */
};

/* The loop's state, in ticks of a counter that never goes back. */
struct noise_poll {
	uint64_t last;		/* its look before */
	uint64_t next, period;	/* the instant it waits for */
	uint64_t gap;		/* an absence */
	double ticks_per_ns;
	struct noise_cpu *cpu;	/* where it is noted */
};

/* The loop begins at tsc, with an instant every period_ns. Absences of gap_ns count. */
void noise_poll_init(struct noise_poll *p, struct noise_cpu *cpu, uint64_t tsc, double ticks_per_ns, int64_t period_ns, int64_t gap_ns);

bool noise_poll_note(struct noise_poll *p, uint64_t tsc);

/* A look at the counter. True when something was noted: that took time of its own, so set p->last to a new look. */
static inline bool noise_poll_at(struct noise_poll *p, uint64_t tsc)
{
	if (tsc - p->last >= p->gap || tsc >= p->next)
		return noise_poll_note(p, tsc);
	p->last = tsc;
	return false;
}

/* Woke at `now` for *t_next: note it, and move *t_next on by period_ns until it lies ahead. */
void noise_late_at(struct noise_late *l, int64_t *t_next, int64_t period_ns, int64_t now);

/* Share of the loop's time that was lost, in parts per million. */
int64_t noise_lost_ppm(const struct noise_cpu *c);

/* Ticks of `cpu` (-1: of all CPUs together) that the host took, of the text of /proc/stat; -1 when it does not say so. */
int64_t noise_steal(const char *proc_stat, int cpu);

/* Something was late or away for longer than limit_ns. */
bool noise_beyond(const struct noise_cpu *c, int64_t limit_ns);

/* As an object of an array, and as a table with a histogram of the absences. */
void noise_cpu_print(const struct noise_cpu *c, struct out *o);

/*
 * The floor under a measurement, taken before and after it without disturbing what is measured: wake-ups on other CPUs than the
 * worker's. Beside it stands what the worker itself says: its poll gaps during the measurement.
 */
struct noise_result {
	struct cpu_list cpus;	/* where wake-ups were measured; none: nowhere */
	struct noise_late wake;	/* of all of them */
	bool fifo;
	int64_t span_ns;	/* from the beginning of the first to the end of the last */
	int64_t t_first;	/* CLOCK_MONOTONIC; 0: nothing was measured */
	int64_t steal_first;	/* of the whole machine, then */
	int64_t steal_ns;	/* in span_ns, of all CPUs together; NOISE_NO_STEAL */
	uint64_t runs;		/* 2: before and after */
};

/* The worker's absences, as it published them. */
struct noise_worker {
	bool known;
	uint64_t count;
	int64_t lost_ns, longest_ns, span_ns;
};

/* "floor: ..." on a line of its own, and an object "floor". w may be NULL. */
void noise_floor_print(const struct noise_result *r, const struct noise_worker *w, struct out *o);

#endif
