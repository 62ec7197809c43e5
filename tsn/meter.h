/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * meter: a flow meter (802.1Q-2022 8.6.5.5): MEF 10.3's bandwidth profile algorithm for one flow, two rates, three
 * colours.
 *
 * A committed and an excess bucket fill at CIR and EIR up to CBS and EBS, and are full at first. A frame that the
 * committed bucket covers is green; else one that the excess bucket covers is yellow; else it is red. Frames that come
 * in yellow (colour-aware, DEI set) are not offered to the committed bucket. Coupling: what the committed bucket has
 * no room for goes into the excess bucket.
 *
 * Tokens are integers in 10^-9 bit and rates are bit/s, so a nanosecond adds exactly the rate: there is no rounding
 * over any time. Sums are 128 bits wide and the buckets saturate, so no pause between two frames overflows. No
 * division per frame.
 *
 * The length of a frame is what MEF 10.3 counts: from the destination address to the FCS, both included, padding too.
 * One thread owns a meter.
 */
#ifndef TAKT_TSN_METER_H
#define TAKT_TSN_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

#define METER_MAX_BPS	INT64_C(400000000000)
#define METER_MAX_BURST 1000000000	/* bytes */

/* The leaves of ieee802-dot1q-psfp's flow-meter-instance-table. */
struct meter_conf {
	int64_t cir_bps, eir_bps;	/* committed-, excess-information-rate, bit/s, 0..METER_MAX_BPS */
	int64_t cbs_bytes, ebs_bytes;	/* committed-, excess-burst-size, 0..METER_MAX_BURST */
	bool coupling;			/* coupling-flag */
	bool colour_aware;		/* color-mode: DEI set is yellow */
	bool drop_yellow;		/* drop-on-yellow; else yellow frames are to get DEI set */
	bool mark_all_red;		/* mark-all-frames-red-enable: once a frame was discarded, all are */
};

enum meter_colour {
	METER_GREEN,
	METER_YELLOW,			/* passes, drop eligible from here on */
	METER_RED,			/* to be discarded: red, yellow under drop-on-yellow, or any frame once all are marked red */
};

struct meter {
	struct meter_conf conf;
	uint64_t committed_max, excess_max;	/* CBS, EBS in 10^-9 bit */
	uint64_t committed, excess;		/* tokens at t_last */
	int64_t t_last;
	bool all_red;				/* MarkAllFramesRed */
};

/*
 * Full buckets at `now`. -EINVAL and a sentence: out of range, or a bucket that fills but that no frame (64 bytes)
 * would ever fit.
 */
int meter_init(struct meter *m, const struct meter_conf *conf, int64_t now, struct why *why);

/* Colour a frame of `len` bytes, FCS included, that comes in at now (>= the last one), and take its tokens. */
enum meter_colour meter_frame(struct meter *m, uint32_t len, bool dei, int64_t now);

/* The clock was stepped by delta: tokens stay as they are. */
void meter_shift(struct meter *m, int64_t delta);

#endif
