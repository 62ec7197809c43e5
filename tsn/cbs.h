/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cbs: the credit-based shaper of one traffic class (802.1Q-2022 8.6.8.2, Annex L; with gates 8.6.8.4).
 *
 * A class may send while its credit is not negative. Credit grows by idleSlope while frames wait or while it is
 * negative; a frame costs its bits on the wire (preamble, FCS and gap included); an idle class keeps no positive
 * credit. So over any backlogged time the class gets idleSlope exactly, and credit that builds up while another
 * frame is in the way (interference) is real: the kernel's cbs never builds it.
 *
 * Credit is an integer in units of 10^-9 bit: (bit/s) * ns. Nothing is rounded from frame to frame.
 *
 * Time here is the class's open time, in ns (gate_open_total()): a clock that stands still while the class's gate is
 * shut. So credit is frozen while the gate is shut, as 8.6.8.2 asks, without a rule for it; and idleSlope is scaled by
 * OperCycleTime / GateOpenTime (cbs_scale(), once per change of schedule).
 *
 * A frame is charged when it starts, as a whole; idleSlope goes on during its transmission. At its end, which is when
 * credit is looked at again, that is the same as sendSlope = idleSlope - portTransmitRate over its duration. While a
 * frame of the class is on the wire its credit is not taken away, even if no other waits (8.6.8.2: only when
 * transmit is FALSE): cbs_spend() is told how long that lasts.
 *
 * The standard does not clip credit ("naturally constrained"); we do not either. What our own lateness (a poll gap)
 * adds beyond hiCredit is counted, so that a burst longer than the bound has a name. Arithmetic saturates at
 * CBS_MAX_CREDIT either way (4 Gbit: 40 s at 100 Mb/s, 10 ms at 400 Gb/s of standing still with frames waiting), far
 * beyond any hiCredit; a slope scaled beyond WIRE_MAX_BPS is taken for WIRE_MAX_BPS, which no link restrains.
 *
 * One thread owns a struct cbs. No function divides but cbs_limits(), cbs_stream_bps(), cbs_init() and cbs_scale().
 */
#ifndef TAKT_TSN_CBS_H
#define TAKT_TSN_CBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "tsn/gcl.h"
#include "tsn/recip.h"
#include "tsn/wire.h"

#define CBS_BIT	       INT64_C(1000000000)		/* units of credit in one bit */
#define CBS_MIN_BPS    INT64_C(1000)			/* least idle slope: 1 kbit/s, as tc counts */
#define CBS_MAX_CREDIT INT64_C(4000000000000000000)	/* arithmetic saturates here */

/* What was asked for, for a port. */
struct cbs_conf {
	int64_t idle_bps[TSN_CLASSES];	/* admin-idle-slope, bit/s on the wire; 0: the class is not shaped */
};

/* The four numbers of a class, for people and for the kernel. Bits on the wire; lo and send are negative. */
struct cbs_limits {
	int64_t idle_bps, send_bps;
	int64_t hi_bits, lo_bits;	/* rounded away from zero */
};

/* A class's run-time state. */
struct cbs {
	int64_t admin_bps;	/* as asked for; 0: not shaped, the rest unused */
	int64_t admin_hi;	/* hiCredit under that slope, same unit as credit */
	int64_t idle_bps;	/* operational: scaled by cycle / open time */
	int64_t hi;		/* hiCredit under the operational slope */
	struct recip recip;	/* of idle_bps: recovery times without a division */
	int64_t credit;		/* at `open`, in 1/CBS_BIT bit */
	int64_t open;		/* open time as of which credit is true, ns */
	int64_t busy;		/* open time at which the class's last frame is over on the wire */
	uint64_t over_hi;	/* frames sent with more credit than hiCredit: our own lateness */
};

/*
 * hiCredit and loCredit of each shaped class; zeros for the others. `max_len`: longest frame in memory each class
 * carries, 0: it carries none. What interferes with class i is one frame of a lower or unshaped class (L_below, the
 * longest of them) and what the shaped classes above may send meanwhile:
 *
 *	lo_j = send_j * L_j / R
 *	hi_i = idle_i * (L_below - sum of lo_j above) / (R - sum of idle_j above)
 *
 * With one class above this is the well-known idle_B * (L_BE / (R - idle_A) + L_A / R). Refused with -EINVAL and a
 * sentence: a slope under CBS_MIN_BPS (but 0) or over the link's rate, a sum of slopes over it. An unshaped class above a
 * shaped one, which could starve it, is allowed (a warning is the caller's).
 */
int cbs_limits(struct cbs_limits out[TSN_CLASSES], const struct cbs_conf *conf, const uint32_t max_len[TSN_CLASSES],
	       const struct wire *wire, struct why *why);

/* The same numbers as the kernel has them (tc-cbs(8)): kbit/s and bytes, rounded away from zero; send is idle - rate. */
struct cbs_kernel {
	int32_t hicredit, locredit;	/* bytes */
	int32_t idleslope, sendslope;	/* kbit/s */
};
void cbs_kernel(struct cbs_kernel *out, const struct cbs_limits *limits, const struct wire *wire);

/* idleSlope for a stream of one frame of `len` bytes in memory each interval_ns > 0, rounded up: bit/s on the wire. */
int64_t cbs_stream_bps(uint32_t len, int64_t interval_ns);

/* Begin with no credit at `open`. 0 < idle_bps <= WIRE_MAX_BPS, hi_bits >= 0 of cbs_limits(). */
void cbs_init(struct cbs *c, int64_t idle_bps, int64_t hi_bits, int64_t open);

/* The schedule changed: of each cycle_ns the gate is open for open_ns (0 < open_ns <= cycle_ns). cbs_advance() first. */
void cbs_scale(struct cbs *c, int64_t cycle_ns, int64_t open_ns);

/*
 * Come to `open` (an earlier one than the last: nothing happens). `waiting`: the class had a frame in its queue throughout;
 * else credit stops at zero, once the class's own frame is over on the wire. So call it with what held until now, before
 * a frame is put into the queue.
 */
void cbs_advance(struct cbs *c, int64_t open, bool waiting);

/* Open time from the last advance until credit is not negative, ns, rounded up; 0: it may send. */
int64_t cbs_wait_ns(const struct cbs *c);

/* A frame of `len` bytes in memory starts and is over busy_ns later (wire_ns()). cbs_advance() to its start first. */
void cbs_spend(struct cbs *c, uint32_t len, int64_t busy_ns);

#endif
