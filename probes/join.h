/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * join: where the instants of one clock lie on the axis of another, with a bound that holds.
 *
 * From causes alone, without a guess at any delay: what happens here before something there bounds the relation from one side, what happens
 * after bounds it from the other.
 *
 *	guest published a descriptor at g, the worker saw it at h:	map(g) <= h
 *	the worker published a frame at h, the guest's interrupt or poll was at g:	map(g) >= h
 *	an exchange that was sent after g1 and read before g2, answered at h:		map(g1) <= h <= map(g2)
 *	KVM's TSC offset: both at once
 *
 * Of a record the h of the first is t_seen and the hop `copy`: t_seen was read before the visit, and the frame may be younger. The h of the second is
 * pkt_t_hand(): t_out was read after. What taktd answers (base/ask.h) is as it should be.
 *
 * The relation is taken as a line over a window of some seconds whose slope is not known, give or take `wander_ppb` of curvature times the distance;
 * of all lines that break no constraint the middle one is the map, and the extreme ones are its bound at each instant. When no line fits, a
 * clock was stepped or bent: the window ends there (`breaks`), and a new one begins. Nothing is extrapolated for free: the bound grows with the
 * distance from the window by `rate_max_ppb`, where the window has not narrowed the rate itself.
 *
 * Pure: instants in, instants out. One thread.
 */
#ifndef TAKT_PROBES_JOIN_H
#define TAKT_PROBES_JOIN_H

#include <stdbool.h>
#include <stdint.h>

struct join_conf {
	int64_t window_ns;	/* length of a window; 0: 4 s */
	int64_t rate_max_ppb;	/* no clock is further off in rate than this; 0: 1,000,000 (1000 ppm: twice the kernel's own limit) */
	int64_t wander_ppb;	/* change of rate within a window; 0: 100 */
};

struct join;

struct join_point {
	int64_t t;		/* ns on the host's axis, TAI */
	int64_t bound_ns;	/* the truth is within t +- bound_ns; INT64_MAX: nothing is known */
};

struct join_stat {
	uint64_t above, below;	/* constraints of either side */
	uint64_t windows, breaks;
	int64_t bound_min_ns, bound_max_ns;	/* in the middles of the windows */
	double rate_ppm;	/* of the last window: how much faster the guest's clock runs; and its bound */
	double rate_bound_ppm;
};

struct join *join_create(const struct join_conf *conf);	/* NULL: no memory */
void join_destroy(struct join *j);

/* Constraints, in any order; -ENOMEM. */
int join_not_after(struct join *j, int64_t g, int64_t h);	/* map(g) <= h */
int join_not_before(struct join *j, int64_t g, int64_t h);	/* map(g) >= h */

/* Work out all windows; call again after more constraints. -ENODATA: not one constraint of each side. */
int join_fit(struct join *j);

struct join_point join_map(const struct join *j, int64_t g);	/* after join_fit() */
const struct join_stat *join_stat(const struct join *j);

#endif
