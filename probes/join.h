/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * join: where the instants of one clock lie on the axis of another, with a bound that holds.
 *
 * From causes alone, without a guess at any delay: what happens here before something there bounds the relation from one side, what happens
 * after bounds it from the other.
 *
 *	the guest was about to publish a frame at g, the worker had copied it at h:	map(g) <= h
 *	the worker began to hand a frame over at h, the guest's NAPI had it at g:	map(g) >= h
 *	an exchange that was sent after g1 and read before g2, seen at h:		map(g1) <= h <= map(g2)
 *	KVM's TSC offset, or a clock that was read in a bracket:			both at once
 *
 * Of a record the h of the first is t_seen and the hop `copy`: t_seen was read before the visit, and the frame may be younger. The h of the second is
 * pkt_t_hand(): t_out was read after. What taktd answers (base/ask.h) is as it should be.
 *
 * The relation is taken as smooth over a window: its rate is unknown, within +- rate_max_ppb, and changes by wander_ppb at most while a window
 * lasts; an h may be off by noise_ns of its own axis. Of all lines that break no constraint of a window, allowing for that, the extreme ones at
 * an instant are its bound there, and the map is in the middle. Windows overlap by half; each instant goes by the one it is nearest to the middle of.
 * When no line fits, a clock was stepped or bent: the window ends (`breaks`). The constraints between the last that fit with those
 * before and the first that fit with those after belong to neither side, and an instant among them may be on either: its bound covers both.
 * A step that is smaller than what the constraints leave open cannot be seen; who knows of one says so by join_break().
 *
 * Outside of a window the bound grows by what the window left open of the rate, and by wander_ppb for each length of a window, and never faster than
 * by rate_max_ppb.
 *
 * Memory is bounded: time is cut into 64 parts a window, and of each the JOIN_PART tightest constraints of each side are kept, those of its convex
 * hull; of parts there are JOIN_PARTS at most, the oldest are forgotten first. A constraint that is not kept makes the bound wider, never wrong.
 *
 * Pure: instants in, instants out. Those beyond +-JOIN_T_MAX are no instants, and ignored. join_fit() takes O(n log n). One thread.
 */
#ifndef TAKT_PROBES_JOIN_H
#define TAKT_PROBES_JOIN_H

#include <stdbool.h>
#include <stdint.h>

#define JOIN_PART  16		/* constraints of each side that are kept of 1/64 of a window */
#define JOIN_PARTS 16384
#define JOIN_T_MAX (INT64_MAX / 2)	/* ns: 146 years */

struct join_conf {
	int64_t window_ns;	/* length of a window; 0: 4 s */
	int64_t rate_max_ppb;	/* no clock is further off in rate than this; 0: 1,000,000 (1000 ppm: twice the kernel's own limit) */
	int64_t wander_ppb;	/* change of rate within a window; 0: 1000 */
	int64_t noise_ns;	/* how far the host's instants may be off their axis */
};

struct join;

struct join_point {
	int64_t t;		/* ns on the host's axis, TAI */
	int64_t bound_ns;	/* the truth is within t +- bound_ns; INT64_MAX: nothing is known */
};

/* How much faster the guest's clock runs there than the host's axis (a fraction), and how far that may be off. */
struct join_rate {
	double rate, bound;
};

struct join_stat {
	uint64_t above, below;	/* constraints of either side, told */
	uint64_t kept;		/* of both, as of the last fit */
	uint64_t forgotten;	/* parts of a window that were too old, or too many */
	uint64_t windows, breaks;
	int64_t bound_min_ns, bound_max_ns;	/* in the middles of the windows */
	double rate_ppm;	/* of the window that knows it best: how much faster the guest's clock runs; and its bound */
	double rate_bound_ppm;
	int64_t g_first, g_last;		/* kept constraints, the guest's time */
};

struct join *join_create(const struct join_conf *conf);	/* NULL: no memory */
void join_destroy(struct join *j);

/* Constraints, in any order; -ENOMEM. */
int join_not_after(struct join *j, int64_t g, int64_t h);	/* map(g) <= h */
int join_not_before(struct join *j, int64_t g, int64_t h);	/* map(g) >= h */
int join_break(struct join *j, int64_t g1, int64_t g2);		/* between these a clock was stepped */

/* Forget what is older than g: a reader that goes on for ever keeps a window or two. */
void join_forget(struct join *j, int64_t g);

/* Work out all windows; call again after more constraints. -ENODATA: no window with a constraint of each side; -ENOMEM. */
int join_fit(struct join *j);

struct join_point join_map(const struct join *j, int64_t g);	/* after join_fit() */
struct join_rate join_rate(const struct join *j, int64_t g);	/* likewise; rate_max_ppb's where nothing is known, or a clock was stepped or bent */
const struct join_stat *join_stat(const struct join *j);

#endif
