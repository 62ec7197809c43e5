/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * host_bpf: what host.bpf.c and the program around it share: the maps' contents.
 *
 * A thread that is watched has a row in `threads`, a CPU always one in `cpus`. Each is written by one CPU at a time: the one that runs, wakes
 * or moves the thread, or is meant. All instants are ns of CLOCK_MONOTONIC, 0 is none.
 */
#ifndef TAKT_PROBES_HOST_BPF_H
#define TAKT_PROBES_HOST_BPF_H

#include "probes/event.h"

#define HOST_THREADS 128u	/* that are watched at a time */
#define HOST_SUMS    4096u
#define HOST_PAST    512u	/* switches that a CPU remembers: a power of two */
#define HOST_SUB     3u		/* wake-ups: every power of two is cut into 1 << HOST_SUB buckets, 12.5 % wide */
#define HOST_BUCKETS ((64 - HOST_SUB) << HOST_SUB)
#define HOST_NO_CPU  0xffffu
#define HOST_NO_REASON 0xffffffffu
#define HOST_AS_MSI    0x10000u	/* with the vector added: a sum of interrupts that came as messages; what becomes of them is told besides */
#define HOST_TO_USER   0x10000u	/* with KVM's reason added: a sum of exits that went on to the monitor. No hardware numbers its exits so high */

/* The programs: each counts its runs per CPU. */
#define HOST_PROGS(X)                                                                                      \
	X(on_switch) X(on_switch_old) X(on_waking) X(on_wakeup) X(on_migrate)                              \
	X(on_irq) X(on_irq_end) X(on_softirq) X(on_softirq_end) X(on_vector) X(on_vector_end) X(on_nmi)    \
	X(on_exit_class) X(on_exit_reason) X(on_exit_bare) X(on_entry) X(on_user) X(on_halt) X(on_poll)    \
	X(on_fast_mmio) X(on_virq) X(on_virq_old) X(on_msi) X(on_accept)

enum host_prog {
#define X(name) HOST_PROG_##name,
	HOST_PROGS(X)
#undef X
	HOST_PROG_COUNT
};

enum host_state {
	HOST_UNKNOWN,		/* not seen yet */
	HOST_ON,		/* runs on cpu */
	HOST_READY,		/* lost its CPU, could run */
	HOST_SLEEPING,
	HOST_STOPPED,
	HOST_WOKEN,		/* woken, no CPU chosen yet */
	HOST_QUEUED,		/* woken, waits for cpu */
};

struct host_thread {
	uint64_t t;		/* when it left its CPU */
	uint64_t t_wait;	/* since when it waits: t, or when it was woken */
	uint64_t t_piece;	/* what of that is not written yet begins here: it was moved meanwhile */
	uint64_t t_on;
	uint64_t t_exit;	/* left the guest */
	uint32_t waker;
	uint32_t by;		/* who ran at t_piece, and */
	char who[EVENT_WHO];
	uint32_t reason, user_reason, exit_flags;
	uint16_t state, cpu;
	uint16_t slept;		/* HOST_SLEEPING or HOST_STOPPED, before it was woken */
	uint16_t more;		/* events of this wait are written */
	/* totals */
	uint64_t runs, ran_ns, migrations, halt_polls;
	uint64_t preempted, preempted_ns, preempted_max_ns;
	uint64_t wakeups, wakeup_ns, wakeup_max_ns;
	uint64_t stops, stopped_ns, stopped_max_ns;
};

struct host_past {
	uint64_t t;		/* since when */
	uint32_t tid, reserved;
	char who[EVENT_WHO];	/* this thread ran */
};

struct host_cpu {
	uint32_t watched;	/* asked for, or a watched thread ran here */
	uint32_t n;		/* switches; the newest is past[n - 1] */
	int64_t offset;		/* CLOCK_MONOTONIC less the scheduler's clock, as of the last switch; 0: not known */
	uint64_t t_irq, t_softirq, t_vector;
	uint64_t lost;		/* events that did not fit into the buffer */
	uint64_t untold;	/* switches and wake-ups that the kernel passed no tracepoint for: what came next does not follow */
	uint64_t unsummed;	/* spans for which `sums` had no room */
	uint64_t hits[HOST_PROG_COUNT];
	struct host_past past[HOST_PAST];
};

/* All spans, short ones too. Of threads: cpu is HOST_NO_CPU; of CPUs: tid is 0. */
struct host_key {
	uint32_t tid;
	uint16_t kind, cpu;	/* enum event_kind */
	uint32_t by;
};

struct host_sum {
	uint64_t n;
	uint64_t more;		/* later pieces (EV_MORE) */
	uint64_t ns, max_ns;	/* of single pieces */
	char who[EVENT_WHO];
};

struct host_wakes {
	uint32_t bucket[HOST_BUCKETS];
};

#endif
