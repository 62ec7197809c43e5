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
 * Times within are kept with a fraction, so that the rate is met over any number of frames (error < 1 ppb); an
 * eligibility time is rounded up to whole ns. No division per frame. One thread owns a scheduler and its group.
 */
#ifndef TAKT_TSN_ATS_H
#define TAKT_TSN_ATS_H

#include <stdint.h>

#include "base/why.h"

#define ATS_ONE_GROUP 0

/* The leaves of ieee802-dot1q-ats. */
struct ats_conf {
	int64_t cir_bps;		/* committed-information-rate, bit/s, 1000..400e9 */
	int64_t cbs_bits;		/* committed-burst-size, bits: at least the longest frame of the stream */
};

struct ats_group {
	int64_t max_residence_ns;	/* maximum-residence-time */
	int64_t t_eligible;		/* GroupEligibilityTime, TAI ns */
};

struct ats {
	/* profile */
	uint64_t ns_per_bit_hi, ns_per_bit_lo;	/* reciprocal of the rate, whole ns and 2^-64 ns: implementation's own */
	int64_t full_ns;			/* emptyToFullDuration, whole ns and 2^-32 ns */
	uint32_t full_frac;
	/* state */
	int64_t t_empty;			/* BucketEmptyTime, TAI ns, and 2^-32 ns */
	uint32_t t_empty_frac;
};

/* The bucket is full at `now`. -EINVAL and a sentence. */
int ats_init(struct ats *a, const struct ats_conf *conf, int64_t now, struct why *why);

/* Assign the frame its eligibility time. `len`: bytes in memory plus FCS (802.1Qcr counts the frame, not preamble and gap). -ETIME: to be dropped, nothing changed. */
int ats_assign(struct ats *a, struct ats_group *g, uint32_t len, int64_t t_arrival, int64_t *t_eligible);

/* The clock was stepped by delta: instants kept here move along. */
void ats_shift(struct ats *a, int64_t delta);

#endif
