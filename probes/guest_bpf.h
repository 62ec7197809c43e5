/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * guest_bpf: what the programs in the kernel (guest_*.bpf.h) and the agent around them (guest_load.c) share.
 */
#ifndef TAKT_PROBES_GUEST_BPF_H
#define TAKT_PROBES_GUEST_BPF_H

#ifndef __bpf__
#include <stdint.h>
#endif

#define GUEST_IRQS    1024	/* interrupt numbers that can be the device's */
#define GUEST_THREADS 8192	/* threads that send or read, at one time */
#define GUEST_SENT    16384	/* frames that wait in queueing disciplines, at one time */

/* Questions for the time and their answers are not told of as frames. base/ask.h's, which no BPF program can include. */
#define GUEST_ASK_ETHERTYPE 0x88b5

/* A CPU's doings. Written by that CPU alone; others read who runs there. */
struct guest_cpu {
	/* who runs */
	uint64_t task;			/* its address, for its name */
	uint32_t tid;
	uint32_t in_softirq, in_irq;
	/* the frame that the driver has, while it has it */
	uint64_t tx_skb, tx_parent, tx_key;
	uint64_t tx_ask;		/* it is a question for the time: its number, as it lies in the frame; else 0 */
	int64_t tx_call, tx_queue, tx_driver, tx_published, tx_kick, tx_kicked;
	uint32_t tx_tid, tx_flags;
	/* the poll that runs, or ran last */
	int64_t poll, poll_irq, poll_softirq;
	int64_t irq_pending;		/* an interrupt of the device's that no poll followed yet */
	uint32_t recv_done;		/* the interrupt that is being handled said: frames came */
	uint32_t reserved;
	/* spans that have begun */
	int64_t t_irq, t_softirq, t_ipi;
	uint64_t events, lost;
	uint64_t unkeyed;		/* frames whose first bytes did not lie together: no key, no event */
	uint8_t head_bh[128];		/* a frame's first bytes: while softirqs are off */
	uint8_t head_task[128];		/* the same, in a thread */
} __attribute__((aligned(64)));

/* A thread that sends or reads. */
enum guest_tracked { GUEST_UNTRACKED, GUEST_TRACKED /* it did send or read through the device */, GUEST_SOFTIRQD /* it does a CPU's softirqs */ };

struct guest_thread {
	int64_t t_call;			/* its last call to send */
	int64_t t_woken, t_out, t_stopped;	/* since then: woken, could run, stopped; 0: is not */
	uint32_t tracked;		/* enum guest_tracked */
	uint32_t by;
	char who[16];
};

/* A frame between its queueing discipline and the driver. */
struct guest_sent {
	int64_t t_call, t_queue;
	uint32_t tid;
	uint32_t own;			/* the agent's: not told of */
};

#endif
