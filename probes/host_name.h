/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_name: what numbers in events mean, for people: softirqs, x86's interrupt vectors, KVM's exits. Pure.
 */
#ifndef TAKT_PROBES_HOST_NAME_H
#define TAKT_PROBES_HOST_NAME_H

#include "probes/event.h"

enum host_isa { HOST_ISA_VMX = 1, HOST_ISA_SVM = 2 };	/* as KVM numbers them */

/* Write a name for `by` of an event of this kind, unless one is there. Numbers without a name come as numbers. */
void host_name(char who[EVENT_WHO], enum event_kind kind, uint32_t by, enum host_isa isa);

/* KVM's reason to go on to the monitor (EV_USERSPACE): "io", "mmio", ...; NULL: unknown. */
const char *host_name_user(uint32_t reason);

#endif
