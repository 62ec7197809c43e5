/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yang_sched: the leaves of gate-parameter-table (ieee802-dot1q-sched, 802.1Qcw-2023, 12.29.1) and cbsa (ieee802-dot1q-cbsa,
 * 802.1Qdx-2024, 12.20.1) as rows, and the structs they fill.
 *
 * They stand under an interface (ieee802-dot1dc-sched-if, -cbsa-if) or a bridge port (ieee802-dot1q-sched-bridge, -cbsa-bridge).
 * Names and types are the interface; the modules' text is IEEE's and not here. Values as vnet/yang.h has them; cycles are rational
 * seconds, intervals and the extension nanoseconds, slopes bit/s.
 */
#ifndef TAKT_VNET_YANG_SCHED_H
#define TAKT_VNET_YANG_SCHED_H

#include <stdint.h>

#include "tsn/gcl.h"
#include "vnet/yang.h"

struct yang_rational {
	uint64_t given, numerator, denominator;
};

struct yang_instant {
	uint64_t given, seconds, nanoseconds;
};

struct yang_entry {
	uint64_t given, index, operation, interval, states;
};

struct yang_sdu {
	uint64_t given, tc, bytes;
};

struct yang_slope {
	uint64_t given, tc, bps;
};

struct yang_entries {
	uint64_t given;
	struct yang_list list;
};

struct yang_table {
	uint64_t given, enabled, states, extension;
	struct yang_list sdu;
	struct yang_entries entries;
	struct yang_rational cycle;
	struct yang_instant base;
};

struct yang_cbsa {
	uint64_t given;
	struct yang_list slopes;
};

enum yang_operation { YANG_SET_STATES, YANG_SET_AND_HOLD, YANG_SET_AND_RELEASE };

extern const struct yang_row yang_table_rows[];	/* struct yang_table */
extern const struct yang_row yang_cbsa_rows[];	/* struct yang_cbsa */
extern const struct yang_row yang_rational_rows[], yang_instant_rows[];

/* Base and cycle of a list, whatever it gates, to out's. A cycle that was not given stays as it is. -EINVAL and a sentence (conf_yang.c). */
int yang_take_times(const struct yang_at *at, int line, const struct yang_rational *cycle, const struct yang_instant *base, struct gcl_conf *out);

#endif
