/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * accel: whether a kernel boots under KVM here.
 *
 * /dev/kvm that opens proves little: nested hypervisors exist where no stock kernel gets past its loader. So the
 * image itself is booted once under KVM; when it does not say ready in ACCEL_PROBE_NS the answer is TCG. The verdict
 * is kept beside the image, with the host's boot id: a new boot or a new image asks again.
 */
#ifndef TAKT_BENCH_ACCEL_H
#define TAKT_BENCH_ACCEL_H

#include <stdbool.h>

#include "bench/proc.h"

#define ACCEL_PROBE_NS (8 * INT64_C(1000000000))

struct accel {
	bool kvm;
	char reason[WHY_LEN];	/* why not, "" with kvm */
};

/* `dir` holds kernel and initrd. Failing to probe is an answer too: 0 unless interrupted (-EINTR). */
int accel_find(struct accel *out, struct procs *set, const char *dir);

#endif
