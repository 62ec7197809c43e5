/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * urgent: what a thread that must not be late asks of the system: its CPU, its priority, its memory in place.
 *
 * Threads here share no lock, so none can be kept waiting by one of less priority.
 */
#ifndef TAKT_BENCH_URGENT_H
#define TAKT_BENCH_URGENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "base/why.h"

struct urgent_conf {
	int64_t fifo;	/* SCHED_FIFO priority; 0: as it is */
	int64_t cpu;	/* -1: as it is */
};

#define URGENT_OPTS(base) \
	{ "sched-fifo", 0, OPT_INT, (base) + offsetof(struct urgent_conf, fifo), "PRIO", "0", 0, 99, "run under SCHED_FIFO at PRIO" }, \
	{ "cpu", 0, OPT_INT, (base) + offsetof(struct urgent_conf, cpu), "N", "-1", -1, 1023, "run on CPU N; -1: on any" }

/*
 * For the calling thread and those it starts from now on. What the system does not grant is told and done without (memory, priority);
 * a CPU that is not there, or not ours, is refused: -EINVAL and a sentence.
 */
int urgent_be(const struct urgent_conf *c, struct why *why);

#endif
