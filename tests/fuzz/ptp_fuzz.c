/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest's frame on the way through a transparent clock. The first 13 bytes say what is added: the stay (8), the rate
 * (4), flags (1). Only the correctionField and the UDP checksum may change, and a datagram's sum is what it was.
 */
#include "tests/fuzz/fuzz.h"

#include "ptp/resid.h"

#define HEAD 13

static int64_t number(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	while (len--)
		v = v << 8 | *p++;
	return (int64_t)v;
}

/* The ones' complement sum of what the UDP checksum covers of the frame itself, 0 and 0xffff being the same. */
static uint32_t sum(const uint8_t *p, uint32_t len)
{
	uint32_t s = 0, i;

	for (i = 0; i < len; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s % 0xffff;
}

static void try_apply(const uint8_t *was, uint32_t len, const struct msg *m, int64_t interval, bool partial)
{
	uint8_t *frame = malloc(len);
	uint32_t i;
	bool none;

	must(frame);
	memcpy(frame, was, len);
	none = m->udp && !was[m->udp + 6] && !was[m->udp + 7];
	resid_apply(frame, m, interval, partial);
	for (i = 0; i < len; i++)
		must(frame[i] == was[i] || (i >= m->at + 8u && i < m->at + 16u) ||
		     (m->udp && !partial && !none && (i == m->udp + 6u || i == m->udp + 7u)));
	must(number(frame + m->at + 8, 8) == resid_sum(number(was + m->at + 8, 8), interval));
	if (m->udp && !partial && !none) {
		must(frame[m->udp + 6] || frame[m->udp + 7]);
		must(sum(frame + m->udp, len - m->udp) == sum(was + m->udp, len - m->udp));
	}
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t interval, stay;
	uint8_t *frame;
	uint32_t len;
	struct msg m;

	if (size < HEAD || size - HEAD > 9022)
		return 0;
	stay = number(data, 8);
	interval = resid_interval(stay, (int32_t)number(data + 8, 4));
	must(!stay == !interval || (stay > 0) == (interval > 0));
	len = (uint32_t)(size - HEAD);
	frame = malloc(len ? len : 1);
	must(frame);
	memcpy(frame, data + HEAD, len);
	must(msg_maybe(frame, len) || msg_find(&m, frame, len) == MSG_NOT_PTP);
	if (msg_find(&m, frame, len) == MSG_FOUND) {
		must(m.len >= 44 && (uint32_t)m.at + m.len <= len && m.tags <= MSG_MAX_TAGS && m.type < 16);
		must(!m.udp == (m.transport == MSG_L2) && (!m.udp || m.udp + 8 == m.at));
		must(!m.event || m.type <= MSG_PDELAY_RESP);
		try_apply(frame, len, &m, interval, data[12] & 1);
	}
	free(frame);
	return 0;
}
