/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_wakes: quantiles of the small histogram that a BPF program keeps of a thread's wake-ups. Pure.
 */
#ifndef TAKT_PROBES_HOST_WAKES_H
#define TAKT_PROBES_HOST_WAKES_H

#include "probes/host_bpf.h"

/* The highest value of the bucket in which a quantile (0..1) lies; 0 when fewer than ten values lie above it, or there is none. */
uint64_t host_wakes_quantile(const struct host_wakes *w, double quantile);

/* A bucket's lowest and highest value. */
uint64_t host_wakes_lower(uint32_t bucket);
uint64_t host_wakes_upper(uint32_t bucket);

#endif
