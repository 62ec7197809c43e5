/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yang_psfp: the leaves of stream-filters, stream-gates (ieee802-dot1q-stream-filters-gates), flow-meters (ieee802-dot1q-psfp, 802.1Qcw-2023,
 * 12.31), schedulers and scheduler-groups (ieee802-dot1q-ats), and of stream-identity (ieee802-dot1cb-stream-identification) as rows.
 *
 * They stand under a component of a bridge (ieee802-dot1q-psfp-bridge) or a system (ieee802-dot1dc-psfp-sys); stream-identity at the top.
 * As vnet/yang_sched.h: names and types are the interface. Rates are bit/s, a meter's bursts octets, a scheduler's bits.
 */
#ifndef TAKT_VNET_YANG_PSFP_H
#define TAKT_VNET_YANG_PSFP_H

#include "vnet/yang_sched.h"

enum { YANG_WILDCARD = 8, YANG_NULL_IPV = 8 };	/* behind zero to seven */
enum yang_tagged { YANG_TAGGED, YANG_PRIORITY, YANG_ALL };

struct yang_scheduler_use {
	uint64_t given, ref, enable;
};

struct yang_filter {
	uint64_t given, id, handle, priority, max_sdu, block, gate, meter, meter_enable;
	struct yang_scheduler_use scheduler;
};

struct yang_stream_entry {
	uint64_t given, index, operation, interval, open, ipv, octets;
};

struct yang_stream_entries {
	uint64_t given;
	struct yang_list list;
};

struct yang_stream_gate {
	uint64_t given, id, enable, open, ipv, extension, invalid_rx, octets_exceeded;
	struct yang_stream_entries entries;
	struct yang_rational cycle;
	struct yang_instant base;
};

struct yang_meter {
	uint64_t given, id, cir, cbs, eir, ebs, coupling, mode, drop_yellow, mark_red;
};

struct yang_scheduler {
	uint64_t given, id, cir, cbs, group;
};

struct yang_group {
	uint64_t given, id, residence;
};

struct yang_null_stream {
	uint64_t given;
	const char *mac;
	uint64_t tagged, vlan;
};

struct yang_identity {
	uint64_t given, index, handle;
	struct yang_null_stream null;
};

struct yang_table_of {	/* each of these tables is alone in a container */
	uint64_t given;
	struct yang_list list;
};

/* What polices: all containers of one component or system. */
struct yang_psfp {
	uint64_t given;
	struct yang_table_of filters, gates, meters, schedulers, groups;
};

extern const struct yang_row yang_psfp_filter_rows[], yang_psfp_gate_rows[];	/* struct yang_filter, yang_stream_gate */
extern const struct yang_row yang_psfp_entry_rows[], yang_null_stream_rows[];	/* struct yang_stream_entry, yang_null_stream */
extern const struct yang_row yang_psfp_rows[];		/* struct yang_psfp */
extern const struct yang_row yang_identity_rows[];	/* struct yang_identity, of the list stream-identity */

#endif
