/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/launch.h"

#include <errno.h>

#define ETH_HEADER	14	/* bytes */
#define TAG		4
#define TYPE_CTAG	0x8100
#define TYPE_AVTP	0x22f0

/* IEEE Std 1722-2016, stream header: offsets and bits. */
#define AVTP_SUBTYPE	0
#define AVTP_FLAGS	1	/* sv 0x80, version 0x70, mr 0x08, two of the format's own, tv 0x01 */
#define AVTP_SV		0x80
#define AVTP_VERSION	0x70
#define AVTP_TV		0x01
#define AVTP_TIMESTAMP	12	/* behind sequence_num, tu, stream_id */
#define AVTP_HEADER	16	/* bytes that must be there */
#define SUBTYPE_CRF	0x04	/* stream subtypes with a header of another shape: no tv, no timestamp at that place */
#define SUBTYPE_AEF	0x6e
#define SUBTYPE_CONTROL	0x80	/* from here on: control and alternative headers */

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static int read_avtp(const uint8_t *frame, uint16_t len, int64_t now, int64_t *t)
{
	const uint8_t *pdu;
	uint32_t at = 12;

	if (len >= ETH_HEADER + TAG && get16(frame + at) == TYPE_CTAG)
		at += TAG;
	if (len < at + 2 + AVTP_HEADER || get16(frame + at) != TYPE_AVTP)
		return -ENOMSG;
	pdu = frame + at + 2;
	if (pdu[AVTP_SUBTYPE] >= SUBTYPE_CONTROL || pdu[AVTP_SUBTYPE] == SUBTYPE_CRF || pdu[AVTP_SUBTYPE] == SUBTYPE_AEF)
		return -ENOMSG;
	if ((pdu[AVTP_FLAGS] & (AVTP_SV | AVTP_VERSION | AVTP_TV)) != (AVTP_SV | AVTP_TV))
		return -ENOMSG;
	pdu += AVTP_TIMESTAMP;
	/* the nearest instant with these low 32 bits: the difference, taken as signed, is less than half the range */
	*t = now + (int32_t)((get16(pdu) << 16 | get16(pdu + 2)) - (uint32_t)now);
	return 0;
}

/* What has to be left when the trailer is off. */
static uint32_t header_len(const uint8_t *frame)
{
	return get16(frame + 12) == TYPE_CTAG ? ETH_HEADER + TAG : ETH_HEADER;
}

int launch_read(const struct launch_conf *conf, const uint8_t *frame, uint16_t *len, int64_t now, int64_t *t_launch)
{
	int64_t t = 0, away;
	bool trailer = conf->source == LAUNCH_FROM_TRAILER;
	int err;

	if (trailer)
		err = *len >= header_len(frame) + LAUNCH_TRAILER && trailer_get(frame, *len, &t) ? 0 : -ENOMSG;
	else
		err = read_avtp(frame, *len, now, &t);
	if (err)
		return err;
	if (__builtin_add_overflow(t, conf->offset_ns, &t) || __builtin_sub_overflow(t, now, &away) ||
	    away > LAUNCH_HORIZON_NS || away < -LAUNCH_HORIZON_NS)
		return -ERANGE;
	if (trailer)
		*len = (uint16_t)(*len - LAUNCH_TRAILER);
	*t_launch = t;
	return 0;
}

int64_t launch_from(const struct launch_conf *conf, int64_t t_launch)
{
	return conf->mode == LAUNCH_STRICT ? t_launch : INT64_MIN;
}

int64_t launch_until(const struct launch_conf *conf, int64_t t_launch)
{
	return conf->mode == LAUNCH_STRICT ? t_launch + conf->late_ns : t_launch;
}

void launch_put_trailer(uint8_t *frame, uint32_t len, int64_t t_launch)
{
	trailer_put(frame, len, t_launch);
}
