/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cls: from frame bytes to VLAN, priority and traffic class (802.1Q-2022 6.9, 8.6.6, Table 8-5).
 */
#ifndef TAKT_TSN_CLS_H
#define TAKT_TSN_CLS_H

#include <stdbool.h>
#include <stdint.h>

#define CLS_ETH_HLEN  14	/* bytes: addresses and EtherType */
#define CLS_VLAN_HLEN 4		/* bytes: one tag */
#define CLS_TPID_C    0x8100	/* customer VLAN tag */

struct cls_frame {
	uint16_t ethertype;	/* behind the C-tag, host order */
	uint16_t vid;		/* 0..4094 from the tag; 0 for none: the port's PVID applies */
	uint8_t pcp;		/* 0..7 from the tag; 0 for none: the port's default priority applies */
	bool dei;
	bool tagged;		/* a C-tag is there, also a priority tag (VID 0) */
};

/* 802.1Q Table 8-5 for eight classes: priority 0 (best effort) is class 1, priority 1 (background) is class 0. */
extern const uint8_t cls_default_map[8];

/* Read one frame. -EBADMSG for a frame whose tag is cut off or whose VID is 4095 (reserved); len >= CLS_ETH_HLEN. */
int cls_parse(struct cls_frame *out, const uint8_t *data, uint32_t len);

/* 01-80-C2-00-00-00..0F: link-local, never forwarded by a bridge (802.1Q Table 8-1). */
bool cls_link_local(const uint8_t *data);

#endif
