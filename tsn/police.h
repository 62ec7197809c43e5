/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * police: per-stream filtering and policing of what comes in at one port (802.1Q-2022 8.6.5.3 stream filters,
 * 8.6.5.3.1 maximum SDU size, 8.6.5.4 stream gates, 8.6.5.5 flow meters, 8.6.5.6 ATS schedulers; 8.6.10 stream gate
 * state machines).
 *
 *	frame -> first filter that matches -> maximum SDU -> stream gate (and its IPV, octets) -> flow meter -> ATS scheduler
 *
 * A frame that matches no filter passes unpoliced. A stream gate has a gate control list of its own, with the same
 * ConfigChange machinery as a port's (tsn/gate: bit 0 of the states is the stream gate); each entry may carry an
 * internal priority value (IPV) that takes the place of the frame's priority from there on, and the most octets that
 * may pass in one interval.
 *
 * Latches (each enabled on its own) shut a filter, gate or meter for good once something went wrong, until
 * police_reset():
 *	StreamBlockedDueToOversizeFrame, GateClosedDueToInvalidRx, GateClosedDueToOctetsExceeded, MarkAllFramesRed.
 * A frame that a latch refuses sets no other latch.
 *
 * What is counted of a frame:
 *	SDU, octets	the MSDU: bytes behind the MAC header (14: addresses, EtherType) and the C-tag (4, if there is one), padding included
 *	meter, ATS	the MAC frame: destination address to FCS, padded to 64 bytes
 *
 * All memory is allocated by police_create() and police_list_create(); nothing after. One thread owns the thing
 * afterwards and is the only writer of its counters and latches; any thread may read those (relaxed). A frame costs a
 * comparison per filter, no division, and at most one walk through its gate's list.
 */
#ifndef TAKT_TSN_POLICE_H
#define TAKT_TSN_POLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "tsn/ats.h"
#include "tsn/gcl.h"
#include "tsn/meter.h"
#include "tsn/wire.h"

#define POLICE_MAX_FILTERS 256
#define POLICE_MAX_GATES   64
#define POLICE_MAX_METERS  64
#define POLICE_MAX_SCHEDULERS 64
#define POLICE_MAX_GROUPS  16
#define POLICE_MAX_RESIDENCE_NS INT64_C(2000000000)	/* half of what a frame may stay in a bridge (802.1Q, maximum bridge transit delay) */
#define POLICE_ANY	   (-1)	/* wildcard */
#define POLICE_NONE	   (-1)	/* no gate, no meter, no scheduler; null IPV */

/*
 * stream-filter-instance-table, with the stream identified in place (null stream identification: destination and
 * VLAN).
 */
struct police_filter_conf {
	bool any_dst;
	uint8_t dst[6];
	int32_t vid;			/* 1..4094, or POLICE_ANY */
	int32_t pcp;			/* priority-spec 0..7, or POLICE_ANY */
	uint32_t max_sdu;		/* max-sdu-size, bytes; 0: none */
	bool block_oversize;		/* stream-blocked-due-to-oversize-frame-enabled */
	int32_t gate, meter, scheduler;	/* index into the tables below, or POLICE_NONE */
};

struct police_gate_entry {
	bool open;			/* gate-state-value */
	int8_t ipv;			/* ipv-value 0..7, or POLICE_NONE */
	int64_t interval_ns;		/* time-interval-value */
	uint32_t octets_max;		/* interval-octet-max; 0: no limit */
};

struct police_gate_conf {
	bool enabled;			/* gate-enable; false: no list runs, initial_* hold */
	bool initial_open;		/* admin-gate-states: while no list runs (yet) */
	int8_t initial_ipv;		/* admin-ipv: likewise */
	int64_t t_base, cycle_ns, extension_ns;	/* as gcl_conf */
	uint32_t cycle_frac_num, cycle_frac_den;
	bool invalid_rx;		/* gate-closed-due-to-invalid-rx-enable */
	bool octets_exceeded;		/* gate-closed-due-octets-exceeded-enable */
	uint32_t n_entries;
	struct police_gate_entry *entries;	/* none: no list */
};

struct police_scheduler_conf {
	struct ats_conf ats;
	int32_t group;			/* index: scheduler-group-ref */
};

struct police_conf {
	uint32_t n_filters, n_gates, n_meters, n_schedulers, n_groups;
	struct police_filter_conf *filters;	/* in order: the first that matches counts */
	struct police_gate_conf *gates;
	struct meter_conf *meters;
	struct police_scheduler_conf *schedulers;
	int64_t *group_residence_ns;		/* max-residence-time of each group, 1..POLICE_MAX_RESIDENCE_NS */
};

/*
 * Counters of a filter, as the YANG has them: matching = passing-sdu + not-passing-sdu, passing-sdu = passing +
 * not-passing. Frames of a filter without a gate have passed it.
 */
#define POLICE_COUNTERS(X)                                                                              \
	X(matching_frames,	"matching-frames-count",	"frames that matched this filter")              \
	X(passing_sdu,		"passing-sdu-count",		"of them: within the maximum SDU size")         \
	X(not_passing_sdu,	"not-passing-sdu-count",	"of them: over the maximum SDU size, or blocked") \
	X(passing_frames,	"passing-frames-count",		"of those within: passed the stream gate")      \
	X(not_passing_frames,	"not-passing-frames-count",	"of those within: did not pass the stream gate") \
	X(red_frames,		"red-frames-count",		"of those passed: discarded by the flow meter") \
	X(late_frames,		"discarded-frames-count",	"of those passed: would have exceeded the maximum residence time")

struct police_counters {
#define X(id, name, help) uint64_t id;
	POLICE_COUNTERS(X)
#undef X
};

enum police_verdict {
	POLICE_PASS,
	POLICE_OVER_SDU,	/* maximum SDU, or blocked by an oversize frame before */
	POLICE_GATE,		/* stream gate closed, by its list or by a latch */
	POLICE_OCTETS,		/* over the octets of the interval */
	POLICE_RED,		/* flow meter */
	POLICE_LATE,		/* ATS: maximum residence time */
};

/* What is known of a frame, and what becomes of it. */
struct police_frame {
	const uint8_t *dst;	/* six bytes */
	uint16_t vid;		/* VLAN it is forwarded in: its own, or the port's, 1..4094 */
	uint8_t pcp;
	bool dei;
	uint32_t len;		/* bytes in memory, tag included, FCS excluded; at least 14 + tag_len */
	uint32_t tag_len;	/* 0 or 4 of them */
	/* out */
	int8_t ipv;		/* POLICE_NONE: the priority stays */
	bool yellow;		/* DEI is to be set */
	int64_t t_eligible;	/* ATS; INT64_MIN: no scheduler */
};

struct police;

/*
 * Validated as gcl_create(): -EINVAL and a sentence naming table, index and leaf; -ENOMEM. The conf is copied. `wire`:
 * the port's link, whose shortest frame is the shortest interval of a gate's list.
 */
int police_create(struct police **out, const struct police_conf *conf, const struct wire *wire, int64_t now,
		  struct why *why);
void police_destroy(struct police *p);	/* NULL is legal */

/* One frame at its arrival, now >= the last one. */
enum police_verdict police_frame(struct police *p, struct police_frame *f, int64_t now);

/*
 * The clock was stepped by delta and shows now: gates find their place again, tokens and schedulers keep what they
 * have.
 */
void police_step(struct police *p, int64_t delta, int64_t now);

/* Open all latches. Owner's thread. */
void police_reset(struct police *p);

/*
 * ConfigChange of a stream gate, by the owner's thread: the list is pending until its ConfigChangeTime while the one
 * before goes on; without a control list (gate-enable false) it holds at once. Made by police_list_create(); `back`:
 * up to three lists that nobody needs any more.
 */
struct police_list;
void police_gate_change(struct police *p, uint32_t gate, struct police_list *list, int64_t now,
			struct police_list *back[3]);

/* -- for show: any thread, torn by a few frames at most; gates: the thread that frees their lists --------------- */

struct police_gate_view {
	bool running;		/* a list runs at `now` */
	uint32_t entry;		/* of it; 0 while none runs */
	bool open;		/* oper-gate-state, before latches */
	int8_t ipv;		/* oper-ipv */
	bool invalid_rx;	/* gate-closed-due-to-invalid-rx */
	bool octets_exceeded;	/* gate-closed-due-octets-exceeded */
	bool pending;		/* config-pending */
	int64_t t_change;	/* config-change-time of what is pending; NS_NEVER without */
	uint64_t errors;	/* config-change-error */
};

void police_counters_get(const struct police *p, uint32_t filter, struct police_counters *out, bool *blocked);
void police_gate_get(const struct police *p, uint32_t gate, int64_t now, struct police_gate_view *out);
bool police_meter_all_red(const struct police *p, uint32_t meter);	/* mark-all-frames-red */

#endif
