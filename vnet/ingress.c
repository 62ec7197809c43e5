/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress.h"

#include <string.h>

#include "tsn/cls.h"

static uint32_t drop(struct pkt *p, enum pkt_verdict verdict, struct pkt **stage)
{
	p->verdict = verdict;
	stage[0] = p;
	return 1;
}

static void tag_write(uint8_t *at, uint16_t vid, uint8_t pcp)
{
	at[0] = CLS_TPID_C >> 8;
	at[1] = CLS_TPID_C & 0xff;
	at[2] = (uint8_t)(pcp << 5 | vid >> 8);
	at[3] = (uint8_t)vid;
}

/* The frame leaves untagged in the egress port's PVID and tagged in any other VLAN (8.6.7, untagged set). */
static void retag(struct pkt *p, const struct port *out)
{
	bool want = p->vid != out->pvid;
	bool have = p->flags & PKT_TAGGED;

	if (want && have) {
		tag_write(p->data + 12, p->vid, pkt_pcp(p));
	} else if (want) {
		memmove(p->data - CLS_VLAN_HLEN, p->data, 12);
		p->data -= CLS_VLAN_HLEN;
		p->len += CLS_VLAN_HLEN;
		tag_write(p->data + 12, p->vid, pkt_pcp(p));
	} else if (have) {
		memmove(p->data + CLS_VLAN_HLEN, p->data, 12);
		p->data += CLS_VLAN_HLEN;
		p->len -= CLS_VLAN_HLEN;
	}
}

/* The frame's launch time, if its class at port `out` has them; a trailer with it comes off. False: it should have one. */
static bool read_launch(struct pkt *p, const struct port *out, int64_t now)
{
	const struct launch_conf *launch = &out->egress.class[p->tc].launch;
	int64_t t_launch;

	if (!launch->enabled)
		return true;
	if (launch_read(launch, p->data, &p->len, now, &t_launch))
		return false;
	pkt_set_launch(p, t_launch);
	return true;
}

/* Bound for port `out`: class, launch time, tag, and the limits that the egress port sets. */
static void assign(struct pkt *p, const struct port *out, uint8_t queue, int64_t now)
{
	uint32_t tag = p->vid != out->pvid ? CLS_VLAN_HLEN : 0;
	uint32_t bare;

	p->out_port = out->index;
	p->tc = queue < TSN_CLASSES ? queue : out->class_map[pkt_pcp(p)];
	p->verdict = VERDICT_SENT;
	if (!read_launch(p, out, now)) {
		p->verdict = VERDICT_LAUNCH_INVALID;
		return;
	}
	bare = p->len - (p->flags & PKT_TAGGED ? CLS_VLAN_HLEN : 0);
	if (bare > out->max_len - CLS_VLAN_HLEN)
		p->verdict = VERDICT_OVER_MTU;
	else if (bare + tag > egress_max_len(&out->egress, p->tc))
		p->verdict = VERDICT_MAX_SDU;
	else
		retag(p, out);
}

static bool wanted(const struct port *out, const struct pkt *p)
{
	return out->was_up && out->index != p->in_port && port_member(out, p->vid);
}

/* To every member of the VLAN that is up: copies first, the frame itself to the last. */
static uint32_t flood(struct ingress *in, struct pkt *p, uint8_t queue, int64_t now, struct pkt **stage)
{
	const struct port *last = NULL;
	uint32_t n = 0;
	uint32_t i;

	p->flags |= PKT_FLOODED;
	for (i = 0; i < in->n_ports; i++) {
		if (!wanted(in->ports[i], p))
			continue;
		if (last) {
			stage[n] = pktbuf_copy(&in->buf, p);
			if (stage[n]) {
				stage[n]->flags |= PKT_COPY;
				assign(stage[n++], last, queue, now);
			} else {
				stat_add(in->ports[p->in_port]->stat.no_copies, 1);
			}
		}
		last = in->ports[i];
	}
	if (!last)
		return drop(p, VERDICT_NO_PORT, stage);
	assign(p, last, queue, now);
	stage[n++] = p;
	return n;
}

uint32_t ingress_frame(struct ingress *in, struct pkt *p, int64_t now, struct pkt **stage)
{
	struct port *from = in->ports[p->in_port];
	uint8_t queue = from->classify == CLASSIFY_QUEUE ? p->tc : TSN_CLASSES;
	struct cls_frame f;
	uint8_t to;

	p->tc = 0;
	p->out_port = PKT_NO_PORT;
	p->gcl_gen = 0;
	p->vid = 0;
	if (p->len < CLS_ETH_HLEN)
		return drop(p, VERDICT_RUNT, stage);
	if (cls_parse(&f, p->data, p->len))
		return drop(p, VERDICT_MALFORMED, stage);
	p->flags |= (f.tagged ? PKT_TAGGED : 0) | (uint16_t)((f.tagged ? f.pcp : from->pcp) << PKT_PCP_SHIFT);
	p->vid = f.vid ? f.vid : from->pvid;
	if (p->len > from->max_len - (f.tagged ? 0 : CLS_VLAN_HLEN))
		return drop(p, VERDICT_OVERSIZE, stage);
	if (p->data[6] & 1)
		return drop(p, VERDICT_BAD_SOURCE, stage);
	if (!port_member(from, p->vid))
		return drop(p, VERDICT_VLAN_IN, stage);
	if (cls_link_local(p->data))
		return drop(p, VERDICT_LINK_LOCAL, stage);
	switch (fdb_learn(in->fdb, p->vid, p->data + 6, p->in_port, now)) {
	case FDB_NEW:
		stat_add(from->stat.learned, 1);
		break;
	case FDB_MOVED:
		stat_add(from->stat.moved, 1);
		break;
	case FDB_FULL:
		stat_add(from->stat.learn_full, 1);
		break;
	case FDB_KNOWN:
		break;
	}
	to = p->data[0] & 1 ? PKT_NO_PORT : fdb_lookup(in->fdb, p->vid, p->data, now);
	if (to == PKT_NO_PORT)
		return flood(in, p, queue, now, stage);
	if (!wanted(in->ports[to], p))
		return drop(p, VERDICT_NO_PORT, stage);
	assign(p, in->ports[to], queue, now);
	stage[0] = p;
	return 1;
}
