/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/yang_sched.h"

#include "base/ns.h"
#include "tsn/gcl.h"

#define U8  UINT8_MAX
#define U32 UINT32_MAX

#define AT(type, field) .offset = offsetof(struct yang_##type, field)

const struct yang_row yang_rational_rows[] = {
	{.name = "numerator", .kind = YANG_UINT, AT(rational, numerator), .max = U32, .must = true},
	{.name = "denominator", .kind = YANG_UINT, AT(rational, denominator), .max = U32, .must = true},
	{.kind = YANG_END},
};

const struct yang_row yang_instant_rows[] = {
	{.name = "seconds", .kind = YANG_UINT64, AT(instant, seconds), .max = (UINT64_C(1) << 48) - 1, .must = true},
	{.name = "nanoseconds", .kind = YANG_UINT, AT(instant, nanoseconds), .max = NS_PER_SEC - 1, .must = true},
	{.kind = YANG_END},
};

#define OPERATION "ieee802-dot1q-sched:"
static const char *const operations[] = {OPERATION "set-gate-states", OPERATION "set-and-hold-mac", OPERATION "set-and-release-mac", NULL};

static const struct yang_row entry_rows[] = {
	{.name = "index", .kind = YANG_UINT, AT(entry, index), .max = U32, .must = true},
	{.name = "operation-name", .kind = YANG_IDENTITY, AT(entry, operation), .words = operations, .must = true},
	{.name = "time-interval-value", .kind = YANG_UINT, AT(entry, interval), .max = U32, .must = true},
	{.name = "gate-states-value", .kind = YANG_UINT, AT(entry, states), .max = U8, .must = true},
	{.kind = YANG_END},
};

static const struct yang_row entries_rows[] = {
	{.name = "gate-control-entry", .kind = YANG_TABLE, AT(entries, list), .max = GCL_MAX_ENTRIES, .sub = entry_rows, .size = sizeof(struct yang_entry)},
	{.kind = YANG_END},
};

static const struct yang_row sdu_rows[] = {
	{.name = "traffic-class", .kind = YANG_UINT, AT(sdu, tc), .max = TSN_CLASSES - 1, .must = true},
	{.name = "queue-max-sdu", .kind = YANG_UINT, AT(sdu, bytes), .max = U32},
	{.name = "transmission-overrun", .kind = YANG_STATE},
	{.kind = YANG_END},
};

const struct yang_row yang_table_rows[] = {
	{.name = "queue-max-sdu-table", .kind = YANG_TABLE, AT(table, sdu), .max = TSN_CLASSES, .sub = sdu_rows, .size = sizeof(struct yang_sdu)},
	{.name = "gate-enabled", .kind = YANG_BOOL, AT(table, enabled)},
	{.name = "admin-gate-states", .kind = YANG_UINT, AT(table, states), .max = U8},
	{.name = "oper-gate-states", .kind = YANG_STATE},
	{.name = "admin-control-list", .kind = YANG_BOX, AT(table, entries), .sub = entries_rows},
	{.name = "oper-control-list", .kind = YANG_STATE},
	{.name = "admin-cycle-time", .kind = YANG_BOX, AT(table, cycle), .sub = yang_rational_rows},
	{.name = "oper-cycle-time", .kind = YANG_STATE},
	{.name = "admin-cycle-time-extension", .kind = YANG_UINT, AT(table, extension), .max = U32},
	{.name = "oper-cycle-time-extension", .kind = YANG_STATE},
	{.name = "admin-base-time", .kind = YANG_BOX, AT(table, base), .sub = yang_instant_rows},
	{.name = "oper-base-time", .kind = YANG_STATE},
	{.name = "config-change", .kind = YANG_UNUSED},	/* setting a schedule is the change */
	{.name = "config-change-time", .kind = YANG_STATE},
	{.name = "tick-granularity", .kind = YANG_STATE},
	{.name = "current-time", .kind = YANG_STATE},
	{.name = "config-pending", .kind = YANG_STATE},
	{.name = "config-change-error", .kind = YANG_STATE},
	{.name = "supported-list-max", .kind = YANG_UNUSED},	/* "may optionally be read-only": here it is */
	{.name = "supported-cycle-max", .kind = YANG_UNUSED},
	{.name = "supported-interval-max", .kind = YANG_UNUSED},
	{.kind = YANG_END},
};

static const struct yang_row slope_rows[] = {
	{.name = "traffic-class", .kind = YANG_UINT, AT(slope, tc), .max = TSN_CLASSES - 1, .must = true},
	{.name = "admin-idle-slope", .kind = YANG_UINT64, AT(slope, bps), .max = INT64_MAX},
	{.name = "oper-idle-slope", .kind = YANG_STATE},
	{.kind = YANG_END},
};

const struct yang_row yang_cbsa_rows[] = {
	{.name = "cbsa-parameter-table", .kind = YANG_TABLE, AT(cbsa, slopes), .max = TSN_CLASSES, .sub = slope_rows, .size = sizeof(struct yang_slope)},
	{.kind = YANG_END},
};
