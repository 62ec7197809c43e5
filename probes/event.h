/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event: something that happened in a kernel, as takt guest and takt host write it down: 64 bytes, little-endian.
 *
 * All instants of a source are ns of its own CLOCK_MONOTONIC, which nothing steps. Where they lie on the host's TAI axis is told by events of
 * the kinds `clock` (a host) and `sync` (a guest), and worked out by join.h.
 *
 *	frame	one of a frame's edges passed; `key` says which frame (base/key.h)
 *	span	somebody (`tid`, or the CPU) was kept from running, or something else had the CPU, from t to t_end
 *	mark	happened at t
 *
 * An edge of a frame that was not seen is 0 in edge_ns, never a made-up time. This header is read by BPF programs too.
 */
#ifndef TAKT_PROBES_EVENT_H
#define TAKT_PROBES_EVENT_H

#ifndef __bpf__
#include <assert.h>
#include <stdint.h>
#endif

#define EVENT_WHO   16	/* bytes of a name, NUL included */
#define EVENT_EDGES 6
#define EVENT_RING_BYTES (1u << 20)	/* of the buffer through which they leave a kernel: some 14,500 events */

/* id, name, family, who writes it (g guest, h host), what it is */
#define EVENT_KINDS(X)                                                                                                             \
	X(NONE,      "none",      MARK,  "",   "nothing: a slot that was not filled")                                              \
	X(TX,        "tx",        FRAME, "g",  "a frame went down to the driver: t is the sender's call, 0 edges apart (below)")   \
	X(RX,        "rx",        FRAME, "g",  "a frame came up: t is NAPI's hand-over to the stack")                              \
	X(READ,      "read",      FRAME, "g",  "a socket copied a frame to its reader at t")                                       \
	X(WIRE,      "wire",      FRAME, "h",  "a frame passed a wire's far end at t; flags say in which direction")               \
	X(PREEMPTED, "preempted", SPAN,  "gh", "thread tid could run and did not: by, who: the thread that ran instead; an event for each that did, EV_MORE on all but the first")  \
	X(WAKEUP,    "wakeup",    SPAN,  "gh", "thread tid was woken at t and ran at t_end: by, who: the thread that ran meanwhile, as above; arg: the thread that woke it")    \
	X(STOPPED,   "stopped",   SPAN,  "gh", "thread tid was stopped (signal, tracer)")                                          \
	X(SLEPT,     "slept",     SPAN,  "gh", "thread tid slept: of a vCPU, its halt or its monitor's work")                      \
	X(MIGRATED,  "migrated",  MARK,  "h",  "thread tid moved to CPU cpu; arg: the CPU it was on; by, who: the thread that moved it")                              \
	X(IRQ,       "irq",       SPAN,  "gh", "hard interrupt on cpu: by its number, who its action's name")                      \
	X(SOFTIRQ,   "softirq",   SPAN,  "gh", "softirq on cpu: by its vector, who its name")                                      \
	X(IPI,       "ipi",       SPAN,  "gh", "inter-processor or local timer interrupt on cpu: by its vector, who its name")     \
	X(NMI,       "nmi",       SPAN,  "h",  "non-maskable interrupt on cpu")                                                    \
	X(EXIT,      "exit",      SPAN,  "h",  "vCPU thread tid left the guest at t and entered it at t_end: by the reason, who its name; arg: see EV_USERSPACE") \
	X(HALT,      "halt",      SPAN,  "h",  "vCPU thread tid was halted from t until woken at t_end: by 0: it polled meanwhile, 1: it slept")                           \
	X(INJECT,    "inject",    MARK,  "h",  "interrupt given to vCPU thread tid (or see EV_BY_APIC): by the vector")                                \
	X(STEAL,     "steal",     SPAN,  "gh", "arg ns were stolen from cpu between t and t_end, by its hypervisor's account")     \
	X(CLOCK,     "clock",     MARK,  "h",  "t was TAI t_end, read in a bracket of arg ns; by: TAI - UTC as that kernel has it, s")                                     \
	X(SYNC,      "sync",      FRAME, "g",  "the time was asked: sent after t, the answer there before t_end; arg: TAI ns at which taktd saw it; key: the answer's, as in its record") \
	X(STEP,      "step",      MARK,  "gh", "the kernel's wall clock was stepped by (int64_t)arg ns")                           \
	X(LOST,      "lost",      SPAN,  "gh", "arg events were lost between t and t_end: the buffer was full")

enum event_family { EVENT_MARK, EVENT_FRAME, EVENT_SPAN };

enum event_kind {
#define X(id, name, family, who, help) EV_##id,
	EVENT_KINDS(X)
#undef X
	EV_COUNT
};

/* edge_ns of EV_TX: ns after t; of EV_RX: ns before t. 0: not seen. Saturate at UINT32_MAX. */
enum event_tx_edge {
	EV_TX_QUEUE,		/* entered its queueing discipline */
	EV_TX_DRIVER,		/* handed to the driver */
	EV_TX_PUBLISHED,	/* its descriptor is about to be put into the ring: nobody saw it before */
	EV_TX_KICK,		/* the kick began, if there was one */
	EV_TX_KICKED,		/* the kick was over */
	EV_TX_DONE,		/* the driver returned */
};

enum event_rx_edge {
	EV_RX_IRQ,		/* the interrupt that led to this poll */
	EV_RX_SOFTIRQ,		/* its softirq began; before the interrupt, when that came while it ran */
	EV_RX_POLL,		/* NAPI's poll of this device began */
};

enum event_flags {
	EV_NO_APP     = 1 << 0,	/* tx: not sent by a call that was seen: t is the queue's edge */
	EV_KICKED     = 1 << 1,	/* tx: the backend was told */
	EV_NO_KICK    = 1 << 2,	/* tx: it did not want to be told. Neither: a later frame's kick tells of this one too */
	EV_NO_IRQ     = 1 << 3,	/* rx: no interrupt since the last poll: NAPI was polling, or had them put off */
	EV_OUTGOING   = 1 << 4,	/* wire: sent by the far end; else received there */
	EV_COARSE     = 1 << 5,	/* from a socket's stamps, not from a probe: its edges are those that the coverage table says */
	EV_SATURATED  = 1 << 6,	/* an edge was further away than 32 bits hold */
	EV_MORE       = 1 << 7,	/* preempted, wakeup: goes on where an earlier event of this thread ends; its first has no such flag */
	EV_OPEN       = 1 << 8,	/* span: not over at t_end, where the recording ended */
	EV_USERSPACE  = 1 << 9,	/* exit: went on to the monitor, for KVM's reason arg */
	EV_FAST_MMIO  = 1 << 10, /* exit: a kick that the kernel took itself */
	EV_BY_APIC    = 1 << 11, /* inject: the vCPU is known by its APIC's number only, arg; tid is 0 */
	EV_SOFTIRQD   = 1 << 12, /* preempted, wakeup, of a guest: tid does its CPU's softirqs (ksoftirqd, napi/...): they had to wait with it */
};

struct event {
	int64_t t, t_end;	/* ns; t_end of a mark is t, but for EV_CLOCK */
	uint64_t key;		/* of frames */
	uint16_t kind;		/* enum event_kind */
	uint16_t cpu;
	uint32_t tid;		/* whom it happened to; of frames: who sent or read it, 0 when nobody did */
	uint32_t by;		/* who or what did it */
	uint32_t flags;		/* enum event_flags */
	union {
		uint32_t edge_ns[EVENT_EDGES];	/* EV_TX, EV_RX */
		struct {
			char who[EVENT_WHO];
			uint64_t arg;
		};
	};
};

#ifndef __bpf__
static_assert(sizeof(struct event) == 64, "as written to files");

typedef void event_fn(void *ctx, const struct event *e);	/* who is told of each */
#endif

#endif
