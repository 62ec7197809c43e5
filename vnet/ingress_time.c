/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress_time.h"

#include "base/key.h"
#include "vnet/pktbuf.h"

/* Behind the tag, if it has one now. */
static uint8_t *payload(const struct pkt *p)
{
	bool tagged = p->data[12] == CLS_TPID_C >> 8 && p->data[13] == (CLS_TPID_C & 0xff);

	return p->data + CLS_ETH_HLEN + (tagged ? CLS_VLAN_HLEN : 0);
}

static void answer(struct pkt *p, struct ask *a, int64_t t)
{
	a->op = ASK_ANSWERS;
	a->t_seen = t;
	ask_put(payload(p), a);
	*pktbuf_key(p) = key_of(p->data, p->len);
}

enum pkt_verdict ingress_time_turn(struct port *from, struct pkt *p, const struct cls_frame *f, int64_t now)
{
	uint32_t head = CLS_ETH_HLEN + (f->tagged ? CLS_VLAN_HLEN : 0);
	struct ask a;

	stat_add(from->stat.time_asks, 1);
	if (!memcmp(p->data + 6, ASK_ADDRESS, 6) || !ask_get(&a, p->data + head, p->len - head) || a.op != ASK_ASKS)
		return VERDICT_TIME_BAD;
	if (!from->time.on)
		return VERDICT_TIME_OFF;
	if (!role_meter_take(&from->time.meter, p->t_seen))
		return VERDICT_TIME_RATE;
	memcpy(p->data, p->data + 6, 6);
	memcpy(p->data + 6, ASK_ADDRESS, 6);
	answer(p, &a, now);
	return VERDICT_SENT;
}

void ingress_time_stamp(struct pkt *p)
{
	int64_t t = p->t_seen + p->hop_ns[HOP_COPY];
	struct ask a;

	if (ask_get(&a, payload(p), ASK_LEN) && a.t_seen != t)
		answer(p, &a, t);
}
