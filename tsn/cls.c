/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/cls.h"

#include <errno.h>
#include <string.h>

#define VID_RESERVED 4095

const uint8_t cls_default_map[8] = {1, 0, 2, 3, 4, 5, 6, 7};

int cls_parse(struct cls_frame *out, const uint8_t *data, uint32_t len)
{
	uint16_t tci;

	*out = (struct cls_frame){.ethertype = (uint16_t)(data[12] << 8 | data[13])};
	if (out->ethertype != CLS_TPID_C)
		return 0;
	if (len < CLS_ETH_HLEN + CLS_VLAN_HLEN)
		return -EBADMSG;
	tci = (uint16_t)(data[14] << 8 | data[15]);
	out->tagged = true;
	out->pcp = (uint8_t)(tci >> 13);
	out->dei = tci >> 12 & 1;
	out->vid = tci & 0xfff;
	out->ethertype = (uint16_t)(data[16] << 8 | data[17]);
	return out->vid == VID_RESERVED ? -EBADMSG : 0;
}

bool cls_link_local(const uint8_t *data)
{
	static const uint8_t prefix[] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	return !memcmp(data, prefix, sizeof(prefix)) && data[5] < 0x10;
}
