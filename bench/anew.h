/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * anew: what judges work out by themselves, without a line of the code that they judge.
 */
#ifndef TAKT_BENCH_ANEW_H
#define TAKT_BENCH_ANEW_H

#include <stdbool.h>
#include <stdint.h>

#include "vnet/pkt.h"

/* How long a frame of so many bytes in memory occupies the link. IEEE 802.3: preamble and SFD 8, shortest frame 64 with FCS, gap 12. */
int64_t anew_link_ns(int64_t link_bps, uint32_t len);

/* Do the hops of a record add up to its stay? */
bool anew_sums_up(const struct pkt *p);

#endif
