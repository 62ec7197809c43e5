/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * police: per-stream filtering and policing of one ingress port (802.1Q-2022 8.6.5.2 stream filters, 8.6.5.3 maximum SDU, 8.6.5.4 stream
 * gates, 8.6.5.5 flow meters, 8.6.5.6 ATS schedulers).
 *
 *	frame -> first filter that matches -> maximum SDU -> stream gate (and its IPV, octets) -> flow meter -> ATS scheduler
 *
 * A frame that matches no filter passes unpoliced. A stream gate has a gate control list of its own, with the same ConfigChange machinery as
 * a port's (tsn/gate: bit 0 of the states is the stream gate); each entry may carry an internal priority value (IPV) that takes
 * the place of the frame's priority from there on, and the most octets that may pass in one interval.
 *
 * Latches (each enabled on its own) shut a filter, gate or meter for good once something went wrong, until police_reset():
 *	StreamBlockedDueToOversizeFrame, GateClosedDueToInvalidRx, GateClosedDueToOctetsExceeded, MarkAllFramesRed.
 *
 * A flow meter is MEF 10.3's bandwidth profile for one flow: committed and excess token buckets, colour-blind or by the
 * frame's DEI, coupling. Tokens are integers in 10^-9 byte, rates in bit/s: exact over any time.
 *
 * Profile and state are one allocation made by police_create(); nothing is allocated after it. One thread owns it
 * afterwards and is the only writer of its counters; any thread may read those (relaxed).
 */
#ifndef TAKT_TSN_POLICE_H
#define TAKT_TSN_POLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "tsn/ats.h"
#include "tsn/gcl.h"
#include "tsn/wire.h"

#define POLICE_MAX_FILTERS 256
#define POLICE_MAX_GATES   64
#define POLICE_MAX_METERS  64
#define POLICE_MAX_SCHEDULERS 64
#define POLICE_MAX_GROUPS  16
#define POLICE_ANY	   (-1)	/* wildcard */
#define POLICE_NONE	   (-1)	/* no gate, no meter, no scheduler; null IPV */

/* stream-filter-instance-table, with the stream identified in place (null stream identification: destination and VLAN). */
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
	bool enabled;			/* gate-enabled; false: open, IPV null, no limit */
	bool initial_open;		/* admin-gate-states */
	int8_t initial_ipv;		/* admin-ipv */
	int64_t t_base, cycle_ns, extension_ns;	/* as gcl_conf */
	uint32_t cycle_frac_num, cycle_frac_den;
	bool invalid_rx;		/* gate-closed-due-to-invalid-rx-enable */
	bool octets_exceeded;		/* gate-closed-due-to-octets-exceeded-enable */
	uint32_t n_entries;
	struct police_gate_entry *entries;	/* NULL: always as initial_* says */
};

struct police_meter_conf {
	int64_t cir_bps, eir_bps;	/* committed-, excess-information-rate */
	uint32_t cbs_bytes, ebs_bytes;	/* committed-, excess-burst-size */
	bool coupling;			/* coupling-flag */
	bool colour_aware;		/* color-mode: DEI set is yellow */
	bool drop_yellow;		/* drop-on-yellow; else yellow frames get DEI set */
	bool mark_all_red;		/* mark-all-frames-red-enable */
};

struct police_conf {
	uint32_t n_filters, n_gates, n_meters, n_schedulers, n_groups;
	struct police_filter_conf *filters;	/* in order: the first that matches counts */
	struct police_gate_conf *gates;
	struct police_meter_conf *meters;
	struct { struct ats_conf ats; uint32_t group; } *schedulers;
	int64_t *group_residence_ns;		/* maximum-residence-time of each group */
};

/* Counters of a filter, as the YANG has them. */
#define POLICE_COUNTERS(X)                                                                              \
	X(matching_frames,	"matching-frames-count",	"frames that matched this filter")              \
	X(passing_frames,	"passing-frames-count",		"of them: passed the stream gate")              \
	X(not_passing_frames,	"not-passing-frames-count",	"of them: did not pass the stream gate")        \
	X(passing_sdu,		"passing-sdu-count",		"of them: within the maximum SDU size")         \
	X(not_passing_sdu,	"not-passing-sdu-count",	"of them: over the maximum SDU size, or blocked") \
	X(red_frames,		"red-frames-count",		"of them: discarded by the flow meter")         \
	X(late_frames,		"ats-discarded-frames-count",	"of them: would have exceeded the maximum residence time")

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
	uint16_t vid;		/* VLAN it is forwarded in: its own, or the port's */
	uint8_t pcp;
	bool dei;
	uint32_t len;		/* bytes in memory, tag included */
	uint32_t tag_len;	/* 0 or 4 of them */
	/* out */
	int8_t ipv;		/* POLICE_NONE: the priority stays */
	bool yellow;		/* DEI is to be set */
	int64_t t_eligible;	/* ATS; INT64_MIN: no scheduler */
};

struct police;

/* Validated as gcl_create(): -EINVAL and a sentence naming table, index and leaf; -ENOMEM. The conf is copied. */
int police_create(struct police **out, const struct police_conf *conf, const struct wire *wire, int64_t now, struct why *why);
void police_destroy(struct police *p);	/* NULL is legal */

/* One frame at its arrival, now >= the last one. */
enum police_verdict police_frame(struct police *p, struct police_frame *f, int64_t now);

/* The clock was stepped by delta and shows now: gates find their place again, tokens and schedulers keep what they have. */
void police_step(struct police *p, int64_t delta, int64_t now);

/* Open all latches. Owner's thread. */
void police_reset(struct police *p);

/* For show: any thread, torn by a few frames at most. */
uint32_t police_filters(const struct police *p);
void police_counters_get(const struct police *p, uint32_t filter, struct police_counters *out, bool *blocked);

#endif
