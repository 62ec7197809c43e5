/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * resid: a residence time into the correctionField of a PTP event message (IEEE 1588-2008 11.5, 13.3.2.7): what a
 * transparent clock does.
 *
 * Units: a stay is ns of our clock; a correction is a TimeInterval, signed, in 2^-16 ns (5.3.2). Its greatest value,
 * 0x7fff..., means "too large to be represented": sums saturate there, and a message that has it keeps it.
 *
 * A rate is (ns of the master's clock per ns of ours - 1) * 2^41, the unit of cumulativeScaledRateOffset in 802.1AS: 0
 * when it is not known. It reaches +-976 ppm. It matters when stays are long: 10 ms at 50 ppm are 500 ns.
 *
 * Pure, allocates nothing, no division.
 */
#ifndef TAKT_PTP_RESID_H
#define TAKT_PTP_RESID_H

#include <stdbool.h>
#include <stdint.h>

#include "ptp/msg.h"

#define RESID_TOO_LARGE INT64_MAX /* 5.3.2 */
#define RESID_RATE_BITS 41

/* A stay as a correction, saturated. Negative when a frame seems to have left before it came (two ports' clocks). */
int64_t resid_interval(int64_t stay_ns, int32_t rate);

/* correction + interval, saturated; RESID_TOO_LARGE stays. */
int64_t resid_sum(int64_t correction, int64_t interval);

/*
 * Add `interval` to the correctionField of message m, which msg_find() found in this frame, and keep the UDP checksum
 * what it was: right, wrong by the same, or 0 for none. `partial`: the checksum field holds the sum of the pseudo
 * header only, and whoever sends the frame computes the rest (NEEDS_CSUM of virtio, with csum_start at m->udp): it is
 * left alone then.
 */
void resid_apply(uint8_t *frame, const struct msg *m, int64_t interval, bool partial);

#endif
