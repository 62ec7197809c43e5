/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/yang_psfp.h"

#include "tsn/gcl.h"
#include "tsn/police.h"

#define U32 UINT32_MAX
#define AT(type, field) .offset = offsetof(struct yang_##type, field)

static const char *const priorities[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "wildcard", NULL};
static const char *const ipvs[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "null", NULL};
static const char *const states[] = {"closed", "open", NULL};
static const char *const operations[] = {"ieee802-dot1q-psfp:set-gate-and-ipv", NULL};
static const char *const couplings[] = {"zero", "one", NULL};
static const char *const modes[] = {"color-blind", "color-aware", NULL};
static const char *const tags[] = {"tagged", "priority", "all", NULL};

static const struct yang_row scheduler_use_rows[] = {
	{.name = "scheduler-ref", .kind = YANG_UINT, AT(scheduler_use, ref), .max = U32},
	{.name = "scheduler-enable", .kind = YANG_BOOL, AT(scheduler_use, enable)},
	{.kind = YANG_END},
};

const struct yang_row yang_psfp_filter_rows[] = {
	{.name = "stream-filter-instance-id", .kind = YANG_UINT, AT(filter, id), .max = U32, .must = true},
	{.name = "wildcard", .kind = YANG_EMPTY},
	{.name = "stream-handle", .kind = YANG_UINT, AT(filter, handle), .max = U32},
	{.name = "priority-spec", .kind = YANG_ENUM, AT(filter, priority), .words = priorities, .must = true},
	{.name = "max-sdu-size", .kind = YANG_UINT, AT(filter, max_sdu), .max = U32, .must = true},
	{.name = "stream-blocked-due-to-oversize-frame-enabled", .kind = YANG_BOOL, AT(filter, block)},
	{.name = "stream-blocked-due-to-oversize-frame", .kind = YANG_UNUSED},	/* takt police reset */
	{.name = "stream-gate-ref", .kind = YANG_UINT, AT(filter, gate), .max = U32},
	{.name = "matching-frames-count", .kind = YANG_STATE},
	{.name = "passing-frames-count", .kind = YANG_STATE},
	{.name = "not-passing-frames-count", .kind = YANG_STATE},
	{.name = "red-frames-count", .kind = YANG_STATE},
	{.name = "passing-sdu-count", .kind = YANG_STATE},
	{.name = "not-passing-sdu-count", .kind = YANG_STATE},
	{.name = "flow-meter-ref", .kind = YANG_UINT, AT(filter, meter), .max = U32},
	{.name = "flow-meter-enable", .kind = YANG_BOOL, AT(filter, meter_enable)},
	{.name = "scheduler", .kind = YANG_BOX, AT(filter, scheduler), .sub = scheduler_use_rows, .module = "ieee802-dot1q-ats"},
	{.kind = YANG_END},
};

const struct yang_row yang_psfp_entry_rows[] = {
	{.name = "index", .kind = YANG_UINT, AT(stream_entry, index), .max = U32, .must = true},
	{.name = "operation-name", .kind = YANG_IDENTITY, AT(stream_entry, operation), .words = operations, .must = true},
	{.name = "time-interval-value", .kind = YANG_UINT, AT(stream_entry, interval), .max = U32, .must = true},
	{.name = "gate-state-value", .kind = YANG_ENUM, AT(stream_entry, open), .words = states, .must = true},
	{.name = "ipv-spec", .kind = YANG_ENUM, AT(stream_entry, ipv), .words = ipvs, .must = true},
	{.name = "interval-octet-max", .kind = YANG_UINT, AT(stream_entry, octets), .max = U32},
	{.kind = YANG_END},
};

static const struct yang_row entries_rows[] = {
	{.name = "gate-control-entry", .kind = YANG_TABLE, AT(stream_entries, list), .max = GCL_MAX_ENTRIES, .sub = yang_psfp_entry_rows,
	 .size = sizeof(struct yang_stream_entry)},
	{.kind = YANG_END},
};

const struct yang_row yang_psfp_gate_rows[] = {
	{.name = "stream-gate-instance-id", .kind = YANG_UINT, AT(stream_gate, id), .max = U32, .must = true},
	{.name = "gate-enable", .kind = YANG_BOOL, AT(stream_gate, enable)},
	{.name = "admin-gate-states", .kind = YANG_ENUM, AT(stream_gate, open), .words = states},
	{.name = "admin-ipv", .kind = YANG_ENUM, AT(stream_gate, ipv), .words = ipvs},
	{.name = "oper-gate-state", .kind = YANG_STATE},
	{.name = "oper-gate-states", .kind = YANG_STATE},	/* its name in a draft that is in use */
	{.name = "oper-ipv", .kind = YANG_STATE},
	{.name = "admin-control-list", .kind = YANG_BOX, AT(stream_gate, entries), .sub = entries_rows},
	{.name = "oper-control-list", .kind = YANG_STATE},
	{.name = "admin-cycle-time", .kind = YANG_BOX, AT(stream_gate, cycle), .sub = yang_rational_rows},
	{.name = "oper-cycle-time", .kind = YANG_STATE},
	{.name = "admin-cycle-time-extension", .kind = YANG_UINT, AT(stream_gate, extension), .max = U32},
	{.name = "oper-cycle-time-extension", .kind = YANG_STATE},
	{.name = "admin-base-time", .kind = YANG_BOX, AT(stream_gate, base), .sub = yang_instant_rows},
	{.name = "oper-base-time", .kind = YANG_STATE},
	{.name = "config-change", .kind = YANG_UNUSED},
	{.name = "config-change-time", .kind = YANG_STATE},
	{.name = "tick-granularity", .kind = YANG_STATE},
	{.name = "current-time", .kind = YANG_STATE},
	{.name = "config-pending", .kind = YANG_STATE},
	{.name = "config-change-error", .kind = YANG_STATE},
	{.name = "gate-closed-due-to-invalid-rx-enable", .kind = YANG_BOOL, AT(stream_gate, invalid_rx)},
	{.name = "gate-closed-due-to-invalid-rx", .kind = YANG_UNUSED},
	{.name = "gate-closed-due-octets-exceeded-enable", .kind = YANG_BOOL, AT(stream_gate, octets_exceeded)},
	{.name = "gate-closed-due-octets-exceeded", .kind = YANG_UNUSED},
	{.kind = YANG_END},
};

static const struct yang_row meter_rows[] = {
	{.name = "flow-meter-instance-id", .kind = YANG_UINT, AT(meter, id), .max = U32, .must = true},
	{.name = "committed-information-rate", .kind = YANG_UINT64, AT(meter, cir), .max = METER_MAX_BPS, .must = true},
	{.name = "committed-burst-size", .kind = YANG_UINT, AT(meter, cbs), .max = METER_MAX_BURST, .must = true},
	{.name = "excess-information-rate", .kind = YANG_UINT64, AT(meter, eir), .max = METER_MAX_BPS, .must = true},
	{.name = "excess-burst-size", .kind = YANG_UINT, AT(meter, ebs), .max = METER_MAX_BURST, .must = true},
	{.name = "coupling-flag", .kind = YANG_ENUM, AT(meter, coupling), .words = couplings, .must = true},
	{.name = "color-mode", .kind = YANG_ENUM, AT(meter, mode), .words = modes, .must = true},
	{.name = "drop-on-yellow", .kind = YANG_BOOL, AT(meter, drop_yellow), .must = true},
	{.name = "mark-all-frames-red-enable", .kind = YANG_BOOL, AT(meter, mark_red)},
	{.name = "mark-all-frames-red", .kind = YANG_UNUSED},
	{.kind = YANG_END},
};

static const struct yang_row scheduler_rows[] = {
	{.name = "scheduler-instance-id", .kind = YANG_UINT, AT(scheduler, id), .max = U32, .must = true},
	{.name = "committed-information-rate", .kind = YANG_UINT64, AT(scheduler, cir), .max = ATS_MAX_BPS, .must = true},
	{.name = "committed-burst-size", .kind = YANG_UINT, AT(scheduler, cbs), .max = U32, .must = true},
	{.name = "scheduler-group-ref", .kind = YANG_UINT, AT(scheduler, group), .max = U32, .must = true},
	{.kind = YANG_END},
};

static const struct yang_row group_rows[] = {
	{.name = "scheduler-group-instance-id", .kind = YANG_UINT, AT(group, id), .max = U32, .must = true},
	{.name = "max-residence-time", .kind = YANG_UINT, AT(group, residence), .max = U32, .must = true},
	{.kind = YANG_END},
};

#define TABLE(table, limit, rows, type) {.name = table, .kind = YANG_TABLE, AT(table_of, list), .max = limit, .sub = rows, .size = sizeof(struct type)}

static const struct yang_row filters_rows[] = {
	TABLE("stream-filter-instance-table", POLICE_MAX_FILTERS, yang_psfp_filter_rows, yang_filter),
	{.name = "max-stream-filter-instances", .kind = YANG_STATE},
	{.kind = YANG_END},
};

static const struct yang_row gates_rows[] = {
	TABLE("stream-gate-instance-table", POLICE_MAX_GATES, yang_psfp_gate_rows, yang_stream_gate),
	{.name = "max-stream-gate-instances", .kind = YANG_STATE},
	{.name = "supported-list-max", .kind = YANG_UNUSED},
	{.name = "supported-cycle-max", .kind = YANG_UNUSED},
	{.name = "supported-interval-max", .kind = YANG_UNUSED},
	{.kind = YANG_END},
};

static const struct yang_row meters_rows[] = {
	TABLE("flow-meter-instance-table", POLICE_MAX_METERS, meter_rows, yang_meter),
	{.name = "max-flow-meter-instances", .kind = YANG_UNUSED},
	{.kind = YANG_END},
};

static const struct yang_row schedulers_rows[] = {
	TABLE("scheduler-instance-table", POLICE_MAX_SCHEDULERS, scheduler_rows, yang_scheduler),
	{.name = "max-scheduler-instances", .kind = YANG_STATE},
	{.kind = YANG_END},
};

static const struct yang_row groups_rows[] = {
	TABLE("scheduler-group-instance-table", POLICE_MAX_GROUPS, group_rows, yang_group),
	{.name = "max-scheduler-group-instances", .kind = YANG_STATE},
	{.name = "scheduler-timing-characteristics", .kind = YANG_STATE},
	{.kind = YANG_END},
};

#define SYS "ieee802-dot1dc-psfp-sys"
#define ATS "ieee802-dot1q-ats"

const struct yang_row yang_psfp_rows[] = {
	{.name = "stream-filters", .kind = YANG_BOX, AT(psfp, filters), .sub = filters_rows, .module = SYS},
	{.name = "stream-gates", .kind = YANG_BOX, AT(psfp, gates), .sub = gates_rows, .module = SYS},
	{.name = "flow-meters", .kind = YANG_BOX, AT(psfp, meters), .sub = meters_rows, .module = SYS},
	{.name = "schedulers", .kind = YANG_BOX, AT(psfp, schedulers), .sub = schedulers_rows, .module = ATS},
	{.name = "scheduler-groups", .kind = YANG_BOX, AT(psfp, groups), .sub = groups_rows, .module = ATS},
	{.kind = YANG_END},
};

const struct yang_row yang_null_stream_rows[] = {
	{.name = "identification-type", .kind = YANG_STATE},
	{.name = "destination-mac", .kind = YANG_STRING, AT(null_stream, mac)},
	{.name = "tagged", .kind = YANG_ENUM, AT(null_stream, tagged), .words = tags},
	{.name = "vlan", .kind = YANG_UINT, AT(null_stream, vlan), .max = 4095},
	{.kind = YANG_END},
};

const struct yang_row yang_identity_rows[] = {
	{.name = "index", .kind = YANG_UINT, AT(identity, index), .max = U32, .must = true},
	{.name = "handle", .kind = YANG_UINT, AT(identity, handle), .max = U32, .must = true},
	{.name = "in-facing", .kind = YANG_UNUSED},	/* which ports: here the port says which streams */
	{.name = "out-facing", .kind = YANG_UNUSED},
	{.name = "null-stream-identification", .kind = YANG_BOX, AT(identity, null), .sub = yang_null_stream_rows},
	{.name = "smac-vlan-stream-identification", .kind = YANG_UNUSED},
	{.name = "dmac-vlan-stream-identification", .kind = YANG_UNUSED},
	{.name = "ip-stream-identification", .kind = YANG_UNUSED},
	{.kind = YANG_END},
};
