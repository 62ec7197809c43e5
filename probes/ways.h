/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ways: whole ways of frames (way.h), put together from all that was gathered.
 *
 * Frames are matched by key. Several of one key are matched in order, as causes allow (match.h), and flagged ambiguous. Each match of a frame that
 * cannot be mistaken bounds its guest's clock (join.h):
 *
 *	guest to taktd		map(it was about to be published) <= the burst that held it was copied: t_seen + copy
 *	taktd to guest		map(NAPI handed it to the stack) >= its hand-over began: t_out - send
 *
 * Those are causes. The edges that a way is cut at are not, all of them: a worker reads its clock, then looks at the ring (t_seen is early), and hands
 * a burst over, then reads its clock (t_out is late); a guest's probe may run when the worker has long seen the descriptor. So where two observers
 * meet, the seam is put where both can be right, and the hops on both sides still add up:
 *
 *	ring | copy	at t_seen, or when the descriptor was published, if that is later, at the end of `copy` at the latest
 *	rx | copy	likewise, with the wire's stamp
 *	send | call	at t_out, or when the interrupt (or poll) began, if that is sooner, at the begin of `send` at the soonest. A frame that a poll
 *			found that was going on when it came: no call was due, `call` is 0
 *	send | wire	at t_out, or the far end's stamp, if that is sooner
 *
 * A seam at one observer's edge has that one's bound. An edge that would have to move by more than that, against its cause and beyond both bounds, is a
 * defect: of the matching, of a probe, or of the join. It is counted and its frame is flagged.
 */
#ifndef TAKT_PROBES_WAYS_H
#define TAKT_PROBES_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/gather.h"
#include "probes/way.h"

struct ways_stat {
	uint64_t ways;			/* records that were told */
	uint64_t whole;
	uint64_t numbered, numbered_whole;	/* of them: frames with a stamp of `takt send` */
	uint64_t missing[WAY_HOPS_COUNT];	/* wanted, not there */
	uint64_t ambiguous;
	uint64_t defects;		/* against a cause, beyond all bounds */
	uint64_t moved;			/* seams that were not at taktd's own stamps */
	uint64_t unmatched[GATHER_SOURCES];	/* frames' events that belong to no record */
	uint64_t causes[GATHER_SOURCES];	/* constraints that frames gave */
};

/* Called in the order of records. The way is gone when it returns. false ends it. */
typedef bool ways_fn(void *ctx, const struct way *w);

/*
 * Records with t_from <= t_out < t_to: all that are matched, dropped ones too. Frames before and after take part in the matching, so leave
 * a second at either end where there is one. Constraints of all frames that are there are added to the joins, which are worked out anew. stat is added to. -ENOMEM.
 */
int ways_tell(struct gather *g, int64_t t_from, int64_t t_to, ways_fn *fn, void *ctx, struct ways_stat *stat);

/* The hops a whole way has of a frame that came in and left by these kinds of ports: wire or guest. Dropped: out is false. */
uint32_t ways_want(const struct gather *g, const struct pkt *p);

#endif
