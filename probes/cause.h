/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cause: what can make a frame late, declared once.
 *
 * The rows are in the order of their priority: of two causes that cover the same nanosecond the upper one is charged. The rule behind the order
 * is "who really held it up at that instant":
 *
 *	doubt first		what is not known to be late is no delay; what a step of the clock moved is the clock's
 *	then who held the CPU	a stopped thread beats all that ran meanwhile; an interrupt beats the thread it interrupted; a thread that
 *				preempted beats the poll gap that it made
 *	then what was held	the vCPU beats what its guest saw of it; both beat the ring that they did not empty
 *	then the schedule	gate, credit, launch time, other classes
 *	last the remainder	frames ahead of it; and what nothing was seen of is `unknown`, never something else
 *
 * A row: identifier, name, the hops it may explain, what has to be watched for it to be seen, a sentence. New rows go where their priority is;
 * docs/blame.md has the table too, and the test of this header compares them.
 */
#ifndef TAKT_PROBES_CAUSE_H
#define TAKT_PROBES_CAUSE_H

#include <stdint.h>

#include "probes/way.h"

/* What has to be watched, bits. A cause whose bits are not all there is "not watched": never a zero. */
enum cause_watch {
	CAUSE_BY_RECORD	    = 0,	/* taktd's records say it */
	CAUSE_BY_GAPS	    = 1 << 0,	/* taktd's poll gaps */
	CAUSE_BY_HOST_SCHED = 1 << 1,	/* the host's scheduler, and who the worker is */
	CAUSE_BY_HOST_IRQ   = 1 << 2,	/* hard interrupts of devices and softirqs of the host */
	CAUSE_BY_STEAL	    = 1 << 3,	/* the host's own account of stolen time */
	CAUSE_BY_VCPU	    = 1 << 4,	/* the host's scheduler, and who the vCPUs of each guest are */
	CAUSE_BY_KVM	    = 1 << 5,	/* KVM's exits and halts, and who the vCPUs of each guest are */
	CAUSE_BY_GUEST	    = 1 << 6,	/* frames' edges in a guest */
	CAUSE_BY_GUEST_CPU  = 1 << 7,	/* interrupts and scheduler of each guest that tells */
	CAUSE_BY_HOST_IPI   = 1 << 8,	/* interrupts between CPUs, and of their own timers */
	CAUSE_BY_HOST_NMI   = 1 << 9,
	CAUSE_BY_HOST_WAKE  = 1 << 10,	/* when threads are woken */
};
#define CAUSE_WATCHES 11	/* bits */

#define CAUSE_HOP(x)   (1u << WAY_##x)
#define CAUSE_ALL_HOPS ((1u << WAY_HOPS_COUNT) - 1)
#define CAUSE_WORKER   (CAUSE_HOP(RING) | CAUSE_HOP(RX) | CAUSE_HOP(COPY) | CAUSE_HOP(CLASS) | CAUSE_HOP(QUEUE) | CAUSE_HOP(GATE) | CAUSE_HOP(SEND))
#define CAUSE_GUEST_TX (CAUSE_HOP(APP) | CAUSE_HOP(DRIVER))
#define CAUSE_GUEST_RX (CAUSE_HOP(CALL) | CAUSE_HOP(IRQ) | CAUSE_HOP(DELIVER))
#define CAUSE_GUEST    (CAUSE_GUEST_TX | CAUSE_GUEST_RX)
#define CAUSE_VCPU     (CAUSE_GUEST | CAUSE_HOP(QUEUE))

#define CAUSES(X)                                                                                                                              \
	X(CLOCK_UNCERTAIN, "clock-uncertain", CAUSE_ALL_HOPS, CAUSE_BY_RECORD,                                                                 \
	  "the excess is not larger than the bound to which both ends are known: it may be none")                                             \
	X(CLOCK_STEP, "clock-step", CAUSE_HOP(GATE) | CAUSE_HOP(SHAPE), CAUSE_BY_RECORD,                                                       \
	  "taktd's clock was stepped while the frame was there: its gate or its time moved away")                                             \
	X(WORKER_STOPPED, "worker-stopped", CAUSE_WORKER, CAUSE_BY_HOST_SCHED, "taktd's worker was stopped by a signal or a tracer")           \
	X(WORKER_NMI, "worker-nmi", CAUSE_WORKER, CAUSE_BY_HOST_NMI, "a non-maskable interrupt on the worker's CPU")                           \
	X(WORKER_IRQ, "worker-irq", CAUSE_WORKER, CAUSE_BY_HOST_IRQ, "a hard interrupt on the worker's CPU")                                   \
	X(WORKER_IPI, "worker-ipi", CAUSE_WORKER, CAUSE_BY_HOST_IPI, "an inter-processor or local timer interrupt on the worker's CPU")        \
	X(WORKER_SOFTIRQ, "worker-softirq", CAUSE_WORKER, CAUSE_BY_HOST_IRQ, "a softirq on the worker's CPU, or ksoftirqd instead of the worker") \
	X(WORKER_PREEMPTED, "worker-preempted", CAUSE_WORKER, CAUSE_BY_HOST_SCHED, "another thread ran on the worker's CPU")                   \
	X(WORKER_WOKEN, "worker-woken", CAUSE_WORKER, CAUSE_BY_HOST_SCHED | CAUSE_BY_HOST_WAKE, "the worker was woken and had to wait for its CPU")                 \
	X(NO_KICK, "no-kick", CAUSE_HOP(RING), CAUSE_BY_GUEST | CAUSE_BY_HOST_SCHED, "the backend slept, and the guest had been told not to wake it") \
	X(KICK_LATE, "kick-late", CAUSE_HOP(RING), CAUSE_BY_GUEST | CAUSE_BY_HOST_SCHED, "the backend slept until the guest's kick, which came late") \
	X(WORKER_SLEPT, "worker-slept", CAUSE_WORKER, CAUSE_BY_HOST_SCHED, "the worker slept inside a system call")                            \
	X(STEAL, "steal", CAUSE_WORKER, CAUSE_BY_GAPS | CAUSE_BY_STEAL, "a poll gap while the host's own hypervisor took its CPU away, by its account") \
	X(POLL_GAP, "poll-gap", CAUSE_WORKER, CAUSE_BY_GAPS, "the worker did not look at its clock, and nothing that was watched says why: steal, SMI") \
	X(VCPU_STOPPED, "vcpu-stopped", CAUSE_VCPU, CAUSE_BY_VCPU, "the guest's vCPU was stopped by a signal, its monitor or a tracer")        \
	X(VCPU_PREEMPTED, "vcpu-preempted", CAUSE_VCPU, CAUSE_BY_VCPU, "another thread ran on the CPU of the guest's vCPU")                    \
	X(VCPU_EXIT, "vcpu-exit", CAUSE_GUEST, CAUSE_BY_KVM, "the vCPU had left the guest, for this reason")                                  \
	X(GUEST_STOPPED, "guest-stopped", CAUSE_GUEST, CAUSE_BY_GUEST_CPU, "the sender or reader in the guest was stopped")                    \
	X(GUEST_IRQ, "guest-irq", CAUSE_GUEST, CAUSE_BY_GUEST_CPU, "a hard interrupt in the guest")                                           \
	X(GUEST_SOFTIRQ, "guest-softirq", CAUSE_GUEST, CAUSE_BY_GUEST_CPU, "a softirq in the guest")                                          \
	X(GUEST_SCHED, "guest-sched", CAUSE_GUEST, CAUSE_BY_GUEST_CPU, "another thread ran in the guest instead of the sender or the reader")  \
	X(NO_IRQ, "no-irq", CAUSE_HOP(CALL), CAUSE_BY_GUEST, "the guest had asked for no interrupt: it was to look by itself, and did later")  \
	X(HALT, "halt", CAUSE_HOP(CALL) | CAUSE_HOP(IRQ), CAUSE_BY_VCPU, "the vCPU was halted, or asleep in its monitor, until it was woken")  \
	X(RING_FULL, "ring-full", CAUSE_HOP(QUEUE), CAUSE_BY_RECORD, "the guest's ring (or the wire's driver) took no frame: it is not emptied fast enough") \
	X(GATE, "gate", CAUSE_HOP(GATE) | CAUSE_HOP(QUEUE), CAUSE_BY_RECORD, "its gate was shut, or open but not long enough")                 \
	X(CREDIT, "credit", CAUSE_HOP(SHAPE) | CAUSE_HOP(QUEUE), CAUSE_BY_RECORD, "its class had no credit (credit-based shaper)")             \
	X(LAUNCH, "launch", CAUSE_HOP(SHAPE) | CAUSE_HOP(QUEUE), CAUSE_BY_RECORD, "its launch or eligibility time had not come")               \
	X(HIGHER_CLASS, "higher-class", CAUSE_HOP(PORT) | CAUSE_HOP(QUEUE), CAUSE_BY_RECORD, "frames of a higher class were sent")             \
	X(PORT_BUSY, "port-busy", CAUSE_HOP(PORT) | CAUSE_HOP(QUEUE), CAUSE_BY_RECORD, "the link was busy with a frame of another class")      \
	X(AHEAD, "ahead", CAUSE_HOP(QUEUE) | CAUSE_HOP(RING) | CAUSE_HOP(RX) | CAUSE_GUEST_RX, CAUSE_BY_RECORD, "frames of its own were ahead of it, and nothing had held those up") \
	X(UNKNOWN, "unknown", CAUSE_ALL_HOPS, CAUSE_BY_RECORD, "nothing that was watched says why")

enum cause {
#define X(id, name, hops, watch, help) CAUSE_##id,
	CAUSES(X)
#undef X
	CAUSE_COUNT
};

struct cause_row {
	const char *name;
	uint32_t hops;		/* bits by enum way_hop */
	uint32_t watch;		/* enum cause_watch, all of them */
	const char *help;
};

extern const struct cause_row cause_rows[CAUSE_COUNT];

/* -EINVAL: no cause is called so. */
int cause_find(const char *name);

#endif
