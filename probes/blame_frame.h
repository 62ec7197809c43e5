/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_frame: one late frame, and what made it late.
 *
 * What is to be explained is each hop's excess: what it took beyond its typical length (cause_typical.h), when that is BLAME_FLOOR_NS or more.
 * Each nanosecond of it gets exactly one cause (cause.h); what nothing accounts for is `unknown`. So the parts of a frame add up to its excess.
 *
 *	An event explains what it overlaps, and no more; of several the most specific one (the order of cause.h).
 *	A frame that waited behind others is charged to what held those up since its queue was last empty (cause_queue.h); `knock_on` says so.
 *	`ahead` is no more than the time until the last one ahead of it was gone (in a class's queue: than the wait).
 *	A poll gap of which events explain the better half is theirs as a whole: the rest is the switching to and fro.
 *	A gate that shut while the worker was away is charged to what kept the worker: the frame would have gone before.
 *	A hop whose ends are not known better than its excess is `clock-uncertain` and nothing else.
 *
 * Pure: it reads what it is given. One thread per struct blame.
 */
#ifndef TAKT_PROBES_BLAME_FRAME_H
#define TAKT_PROBES_BLAME_FRAME_H

#include "probes/cause_claim.h"
#include "probes/cause_queue.h"
#include "probes/cause_typical.h"

#define BLAME_FLOOR_NS INT64_C(1000)
#define BLAME_VCPUS    16
#define BLAME_PARTS    96	/* the last CAUSE_COUNT for causes that have none yet */

/* Who is who on the host. */
struct blame_roles {
	uint32_t worker_tid;	/* taktd's worker; 0: not known */
	int32_t worker_cpu;	/* where it is pinned; -1: not known */
	struct {
		uint32_t n;	/* 0: not known */
		uint32_t vcpu_tid[BLAME_VCPUS];	/* in the order of the guest's CPUs */
	} guest[PKT_MAX_PORTS];	/* by the port that it is plugged into */
	bool launch[PKT_MAX_PORTS][8];	/* `shape` of this class is launch or eligibility time; else credit */
};

struct blame_part {
	enum cause cause;
	enum way_hop hop;
	int64_t ns;
	uint32_t spans;			/* how many events it is made of */
	bool knock_on;
	bool has_span;
	struct cause_span span;		/* the one that it owes most to */
	int64_t span_ns;
};

struct blame_result {
	int64_t total_ns;			/* of its hops */
	int64_t excess_ns;			/* the sum of the hops' */
	int64_t hop_excess_ns[WAY_HOPS_COUNT];
	uint32_t n;
	enum cause first;			/* the cause with the most nanoseconds in all; unknown when there is no excess */
	int64_t cause_ns[CAUSE_COUNT];
	struct blame_part part[BLAME_PARTS];	/* the longest first; who keeps many keeps no more than n */
};

struct blame {
	/* The caller's; sorted. They outlive it. */
	const struct cause_spans *spans;
	const struct cause_queues *queues;
	const struct cause_typical *typical;
	struct blame_roles roles;
	struct cause_claims claims;		/* room for the work: zeroed at first, blame_fini() frees it */
};

void blame_fini(struct blame *b);

/* 0, -ENOMEM. */
int blame_frame(struct blame *b, const struct way *w, struct blame_result *r);

#endif
