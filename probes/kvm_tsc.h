/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kvm_tsc: how far a guest's TSC is from the host's, as KVM tells it in debugfs: kvm/PID-FD/vcpuN/tsc-offset, and the ratio where TSCs are scaled.
 *
 *	guest = host * ratio / 2^fraction_bits + offset		(ratio 0: no scaling)
 */
#ifndef TAKT_PROBES_KVM_TSC_H
#define TAKT_PROBES_KVM_TSC_H

#include <stdint.h>

#include "base/why.h"

#define KVM_TSC_ROOT "/sys/kernel/debug/kvm"

struct kvm_tsc {
	int64_t offset;			/* ticks */
	uint64_t ratio;			/* 0: TSCs run alike */
	unsigned int fraction_bits;
};

/*
 * Of the guest that this process runs. root: KVM_TSC_ROOT. -ENOENT and a sentence: no such guest, or debugfs is not mounted; -EINVAL: what is there
 * cannot be, or its vCPUs differ, so that there is no one offset.
 */
int kvm_tsc_read(struct kvm_tsc *out, const char *root, int pid, struct why *why);

/* The host's TSC when the guest's was that; rounded to nearest. */
uint64_t kvm_tsc_host(const struct kvm_tsc *t, uint64_t guest);

#endif
