/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ats: asynchronous traffic shaping of one stream (IEEE Std 802.1Qcr-2020; 802.1Q-2022 8.6.5.6, 8.6.11).
 *
 * A scheduler instance is a token bucket that answers with an instant: when is this frame eligible for transmission?
 * Schedulers of one group keep the order of their frames: nobody is eligible before the group's last one was. A frame that would become
 * eligible later than the group's maximum residence time after its arrival is to be dropped. No clock has to be
 * synchronised for this; arrival times are the worker's.
 *
 *	lengthRecoveryDuration	 = length / CommittedInformationRate
 *	emptyToFullDuration	 = CommittedBurstSize / CommittedInformationRate
 *	schedulerEligibilityTime = BucketEmptyTime + lengthRecoveryDuration
 *	bucketFullTime		 = BucketEmptyTime + emptyToFullDuration
 *	eligibilityTime		 = max(arrivalTime, GroupEligibilityTime, schedulerEligibilityTime)
 *	eligibilityTime <= arrivalTime + MaximumResidenceTime ?
 *		GroupEligibilityTime = eligibilityTime
 *		BucketEmptyTime = eligibilityTime < bucketFullTime ? schedulerEligibilityTime
 *								   : schedulerEligibilityTime + eligibilityTime - bucketFullTime
 *
 * Times within are exact fractions: whole ns and the rest in units of 1/CommittedInformationRate ns, so nothing is
 * rounded from frame to frame and the rate is met over any number of them. Eligibility times are given in whole ns,
 * rounded up. No division per frame. One thread owns a scheduler and its group.
 */
#ifndef TAKT_TSN_ATS_H
#define TAKT_TSN_ATS_H

#include <stdint.h>

#include "base/why.h"
#include "tsn/recip.h"

#define ATS_ONE_GROUP 0
#define ATS_MIN_BPS   INT64_C(1000)
#define ATS_MAX_BPS   INT64_C(400000000000)
#define ATS_MAX_BURST INT64_C(4294967295)	/* bits: the leaf is a uint32 */
#define ATS_MAX_LEN   (1u << 24)		/* bytes: no frame is longer */

/* The leaves of ieee802-dot1q-ats. */
struct ats_conf {
	int64_t cir_bps;		/* committed-information-rate, bit/s, ATS_MIN_BPS..ATS_MAX_BPS */
	int64_t cbs_bits;		/* committed-burst-size, bits, 1..ATS_MAX_BURST: at least the longest frame of the stream */
};

struct ats_group {
	int64_t max_residence_ns;	/* maximum-residence-time */
	int64_t t_eligible;		/* GroupEligibilityTime, TAI ns; 0 or any past instant at first; moved by its owner when the clock steps */
};

/* An instant or a duration: ns + rest / cir, 0 <= rest < cir. */
struct ats_time {
	int64_t ns, rest;
};

struct ats {
	/* profile */
	int64_t cir_bps;
	struct recip recip;		/* of cir_bps */
	struct ats_time full;		/* emptyToFullDuration */
	/* state */
	struct ats_time empty;		/* BucketEmptyTime, TAI */
};

/* The bucket is full at `now`. -EINVAL and a sentence. */
int ats_init(struct ats *a, const struct ats_conf *conf, int64_t now, struct why *why);

/*
 * Assign the frame its eligibility time. `len`: bytes as the rate counts them, which is the caller's to decide.
 * -ETIME: it would stay too long (or is longer than ATS_MAX_LEN) and is to be dropped; nothing changed.
 */
int ats_assign(struct ats *a, struct ats_group *g, uint32_t len, int64_t t_arrival, int64_t *t_eligible);

/* The clock was stepped by delta: instants kept here move along. */
void ats_shift(struct ats *a, int64_t delta);

#endif
