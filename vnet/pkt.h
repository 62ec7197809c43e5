/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pkt: one frame in the house, and the record of its stay.
 *
 * The same 64 bytes are what every module works on and what is published to readers when the frame has left or was
 * dropped. A frame's stay is cut into hops that follow each other without a gap, so that for every record
 *
 *	t_out - t_seen == sum of hop_ns[]		exactly, in nanoseconds
 *
 * No stay is longer than PKT_MAX_STAY_NS (802.1Q bridge transit delay, Annex; older frames are dropped, verdict "aged"), so
 * 32 bits hold a hop. While a frame waits in a class queue, hop_ns[QUEUE..PORT] hold the class's running totals as of its arrival
 * (modulo 2^32); when it leaves they hold the differences.
 *
 * Between classification and the queue, hops hold what the egress queue is to know: hop_ns[SEND] the frame's eligibility time as ns after
 * t_seen, 0: at once (802.1Q-2022 8.6.11, ATS); hop_ns[QUEUE, GATE] its launch time, if its class there has launch times. They are cleared
 * where they are read, or where the record of a frame is made that never got there.
 */
#ifndef TAKT_VNET_PKT_H
#define TAKT_VNET_PKT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PKT_MAX_STAY_NS	INT64_C(4000000000)	/* 802.1D/Q: maximum bridge transit delay, absolute maximum 4.0 s */
#define PKT_MAX_PORTS	32
#define PKT_NO_PORT	0xff

/* Hops of a frame's stay, in order. The names are those of the docs, the CLI and the reports.        */
#define PKT_HOPS(X)                                                                                     \
	X(COPY,  "copy",  "seen in the guest's ring (or polled from the wire) until in our buffer")     \
	X(CLASS, "class", "classified, looked up, put into its class queue")                            \
	X(QUEUE, "queue", "waited behind frames of its own class")                                      \
	X(GATE,  "gate",  "waited for its gate, or for a window long enough")                           \
	X(SHAPE, "shape", "waited for credit, launch or eligibility time")                                           \
	X(PORT,  "port",  "waited for a port busy with another class, or a higher class")              \
	X(SEND,  "send",  "chosen until the driver (or the guest's ring) had it")

enum pkt_hop {
#define X(id, name, help) HOP_##id,
	PKT_HOPS(X)
#undef X
	HOP_COUNT
};

/* What became of a frame: exactly one of these each. The first is the only good one. */
#define PKT_VERDICTS(X)                                                                                 \
	X(SENT,       "sent",       "handed to the egress port's driver")                               \
	X(RUNT,       "runt",       "shorter than an Ethernet header")                                  \
	X(OVERSIZE,   "oversize",   "longer than the ingress port's MTU allows")                        \
	X(MALFORMED,  "malformed",  "tag cut off, or reserved VLAN ID")                                 \
	X(VLAN_IN,    "vlan-in",    "ingress port is no member of the frame's VLAN")                    \
	X(LINK_LOCAL, "link-local", "to a reserved address that bridges do not forward")                \
	X(BAD_SOURCE, "bad-source", "group address as source")                                          \
	X(NO_PORT,    "no-port",    "no other port to send it to")                                      \
	X(OVER_MTU,   "over-mtu",   "longer than the egress port's MTU allows")                         \
	X(MAX_SDU,    "max-sdu",    "longer than its class may carry (queue-max-sdu or longest window)")\
	X(QUEUE_FULL, "queue-full", "class queue of the egress port was full, or the ingress port's share of it")                          \
	X(NO_BUFFER,  "no-buffer",  "no buffer for a copy")                                             \
	X(AGED,       "aged",       "stayed longer than the maximum bridge transit delay")              \
	X(FLUSHED,    "flushed",    "was queued when its port went away")                               \
	X(STREAM_SDU, "stream-sdu", "longer than its stream filter's max-sdu-size, or blocked by one that was")  \
	X(STREAM_GATE, "stream-gate", "its stream gate was closed, by its list or by a latch")          \
	X(STREAM_OCTETS, "stream-octets", "over the octets that may pass its stream gate in one interval") \
	X(METER_RED,  "meter-red",  "red by its flow meter, or yellow and drop-on-yellow")              \
	X(ATS_LATE,   "ats-late",   "would wait in its scheduler for longer than max-residence-time") \
	X(LAUNCH_INVALID, "launch-invalid", "its class has launch times and it had none, or one too far away") \
	X(LAUNCH_MISSED, "launch-missed", "could not start in the time that its launch time leaves") \
	X(PTP_ROLE,   "ptp-role",   "PTP that the role of the ingress or egress port does not let through") \
	X(PTP_RATE,   "ptp-rate",   "PTP above its ingress port's message-rate")                        \
	X(PTP_CLOCK,  "ptp-clock",  "PTP in the name of a clock that is at another port, or of more clocks than a port may have") \
	X(PTP_DOUBT,  "ptp-doubt",  "PTP event message whose residence time is not known well enough") \
	X(TIME_OFF,   "time-off",   "asked taktd for the time where it is not told")                    \
	X(TIME_BAD,   "time-bad",   "no well-formed ask for the time, or sent in taktd's own name")     \
	X(TIME_RATE,  "time-rate",  "asked for the time more often than a port may")

enum pkt_verdict {
#define X(id, name, help) VERDICT_##id,
	PKT_VERDICTS(X)
#undef X
	VERDICT_COUNT
};

enum pkt_flags {
	PKT_TAGGED     = 1 << 0,	/* carried a C-tag when it came in */
	PKT_COPY       = 1 << 1,	/* one of several copies of a flooded frame (the others have the same seq) */
	PKT_FLOODED    = 1 << 2,	/* destination was not known, or a group address */
	PKT_FROM_GUEST = 1 << 3,
	PKT_TO_GUEST   = 1 << 4,
	PKT_STEPPED    = 1 << 5,	/* the clock was stepped during the stay; stamps were moved along, durations are true */
	PKT_OVERRUN    = 1 << 6,	/* handed over after its gate had closed: our own lateness broke the promise */
	PKT_LATE       = 1 << 7,	/* a poll gap fell between the last clock read and the hand-over */
	PKT_RETRIED    = 1 << 8,	/* the driver refused it at least once */
	PKT_PTP_EVENT  = 1 << 9,	/* PTP event message: corrected when it is handed over */
	PKT_PTP_GENERAL = 1 << 10,	/* PTP general message */
	PKT_NO_CALL    = 1 << 11,	/* went into the guest's ring without an interrupt: the guest had asked for none */
	PKT_DEI        = 1 << 12,	/* drop eligible: as it came in, or yellow by its flow meter */
	PKT_PCP_SHIFT  = 13,		/* bits 13..15: PCP */
};

struct pkt {
	union {
		uint8_t *data;		/* while in the house: first byte of the frame */
		int64_t t_out;		/* in a record: TAI ns, handed to the driver, or dropped */
	};
	int64_t t_seen;			/* TAI ns: the worker's clock just before the visit that found it */
	uint64_t seq;			/* number of the frame since taktd started; copies share it */
	uint32_t hop_ns[HOP_COUNT];	/* see above */
	uint16_t len;			/* bytes, FCS excluded: as received while in the house, as sent in a record */
	uint16_t vid;			/* VLAN it was forwarded in */
	uint16_t gcl_gen;		/* generation of the schedule it left under; 0: none */
	uint16_t flags;			/* enum pkt_flags */
	uint8_t in_port, out_port;	/* index; PKT_NO_PORT when it never had one. The same: an ask for the time, answered (base/ask.h) */
	uint8_t tc;			/* traffic class 0..7 at the egress port */
	uint8_t verdict;		/* enum pkt_verdict */
};

static_assert(sizeof(struct pkt) == 64, "one cache line");

/* What they are called; "?" of what is none. */
static inline const char *pkt_hop_name(int hop)
{
	static const char *const names[HOP_COUNT] = {
#define X(id, name, help) name,
		PKT_HOPS(X)
#undef X
	};

	return hop >= 0 && hop < HOP_COUNT ? names[hop] : "?";
}

static inline const char *pkt_verdict_name(int verdict)
{
	static const char *const names[VERDICT_COUNT] = {
#define X(id, name, help) name,
		PKT_VERDICTS(X)
#undef X
	};

	return verdict >= 0 && verdict < VERDICT_COUNT ? names[verdict] : "?";
}

/* Of a record of a sent frame: when its hand-over began; its gate was checked against that. */
static inline int64_t pkt_t_hand(const struct pkt *p)
{
	return p->t_out - p->hop_ns[HOP_SEND];
}

/* Of a record from elsewhere: what is reckoned with and looked up holds. A taktd writes no other. */
static inline bool pkt_is_sound(const struct pkt *p)
{
	return p->t_seen >= 0 && p->t_seen <= INT64_MAX / 4 && p->t_out >= 0 && p->t_out <= INT64_MAX / 4 && p->tc < 8 && p->verdict < VERDICT_COUNT &&
	       (p->in_port < PKT_MAX_PORTS || p->in_port == PKT_NO_PORT) &&
	       (p->out_port < PKT_MAX_PORTS || (p->out_port == PKT_NO_PORT && p->verdict != VERDICT_SENT));
}

static inline uint8_t pkt_pcp(const struct pkt *p)
{
	return p->flags >> PKT_PCP_SHIFT;
}

/* Eligibility time, at most 4.29 s after t_seen; and launch time: see above. */
static inline int64_t pkt_eligible(const struct pkt *p)
{
	return p->t_seen + p->hop_ns[HOP_SEND];
}

static inline int64_t pkt_launch(const struct pkt *p)
{
	int64_t t;

	memcpy(&t, &p->hop_ns[HOP_QUEUE], sizeof(t));
	return t;
}

static inline void pkt_set_launch(struct pkt *p, int64_t t)
{
	memcpy(&p->hop_ns[HOP_QUEUE], &t, sizeof(t));
}

#endif
