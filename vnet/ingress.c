/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ingress.h"

#include <string.h>

#include "tsn/cls.h"
#include "vnet/ingress_ptp.h"
#include "vnet/ingress_time.h"
#include "vnet/ptp_arrival.h"

static_assert(POLICE_MAX_RESIDENCE_NS <= EGRESS_LATER_NS, "no frame leaves before it is eligible");

static uint32_t drop(struct pkt *p, enum pkt_verdict verdict, struct pkt **stage)
{
	p->verdict = verdict;
	stage[0] = p;
	return 1;
}

static void tag_write(uint8_t *at, const struct pkt *p)
{
	at[0] = CLS_TPID_C >> 8;
	at[1] = CLS_TPID_C & 0xff;
	at[2] = (uint8_t)(pkt_pcp(p) << 5 | (p->flags & PKT_DEI ? 1 << 4 : 0) | p->vid >> 8);
	at[3] = (uint8_t)p->vid;
}

/* The frame leaves untagged in the egress port's PVID and tagged in any other VLAN (8.6.7, untagged set). */
static void retag(struct pkt *p, const struct port *out)
{
	bool want = p->vid != out->pvid;
	bool have = p->flags & PKT_TAGGED;

	if (want && have) {
		tag_write(p->data + 12, p);
	} else if (want) {
		memmove(p->data - CLS_VLAN_HLEN, p->data, 12);
		p->data -= CLS_VLAN_HLEN;
		p->len += CLS_VLAN_HLEN;
		tag_write(p->data + 12, p);
	} else if (have) {
		memmove(p->data + CLS_VLAN_HLEN, p->data, 12);
		p->data += CLS_VLAN_HLEN;
		p->len -= CLS_VLAN_HLEN;
	}
}

/* What decides about a frame's class: the guest's queue pair if the port goes by that (CLASS_BY_PRIORITY: not), else a priority. */
struct rank {
	uint8_t queue;
	uint8_t priority;
};

#define CLASS_BY_PRIORITY TSN_CLASSES

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
static void assign(struct pkt *p, const struct port *out, struct rank rank, int64_t now)
{
	uint32_t tag = p->vid != out->pvid ? CLS_VLAN_HLEN : 0;
	uint32_t bare;

	p->out_port = out->index;
	p->tc = rank.queue < TSN_CLASSES ? rank.queue : out->class_map[rank.priority];
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

/* The ports that the frame may leave by, bit n for port n: one, or all members of its VLAN that are up. */
static uint32_t find_ports(const struct ingress *in, struct pkt *p, int64_t now)
{
	uint8_t to = p->data[0] & 1 ? PKT_NO_PORT : fdb_lookup(in->fdb, p->vid, p->data, now);
	uint32_t ports = 0;
	uint32_t i;

	if (to != PKT_NO_PORT)
		return wanted(in->ports[to], p) ? UINT32_C(1) << to : 0;
	p->flags |= PKT_FLOODED;
	for (i = 0; i < in->n_ports; i++)
		if (wanted(in->ports[i], p))
			ports |= UINT32_C(1) << i;
	return ports;
}

/* Flow classification and metering (8.6.5). SENT, or why it is dropped. */
static enum pkt_verdict police(struct port *from, struct pkt *p, struct rank *rank)
{
	static const uint8_t verdict[] = {
		[POLICE_PASS] = VERDICT_SENT, [POLICE_OVER_SDU] = VERDICT_STREAM_SDU, [POLICE_GATE] = VERDICT_STREAM_GATE,
		[POLICE_OCTETS] = VERDICT_STREAM_OCTETS, [POLICE_RED] = VERDICT_METER_RED, [POLICE_LATE] = VERDICT_ATS_LATE,
	};
	struct police_frame f = {
		.dst = p->data, .vid = p->vid, .pcp = pkt_pcp(p), .dei = p->flags & PKT_DEI, .len = p->len,
		.tag_len = p->flags & PKT_TAGGED ? CLS_VLAN_HLEN : 0,
	};
	enum police_verdict v = police_frame(from->police, &f, p->t_seen);

	if (f.yellow)
		p->flags |= PKT_DEI;
	if (f.ipv != POLICE_NONE)
		*rank = (struct rank){CLASS_BY_PRIORITY, (uint8_t)f.ipv};
	if (f.t_eligible > p->t_seen)
		p->hop_ns[HOP_SEND] = (uint32_t)(f.t_eligible - p->t_seen);
	return verdict[v];
}

/* To each of these ports: copies first, the frame itself to the last. */
static uint32_t send_to(struct ingress *in, struct pkt *p, uint32_t ports, struct rank rank, int64_t now, struct pkt **stage)
{
	uint32_t n = 0;

	for (; ports & (ports - 1); ports &= ports - 1) {
		stage[n] = pktbuf_copy(&in->buf, p);
		if (stage[n]) {
			stage[n]->flags |= PKT_COPY;
			assign(stage[n++], in->ports[__builtin_ctz(ports)], rank, now);
		} else {
			stat_add(in->ports[p->in_port]->stat.no_copies, 1);
		}
	}
	assign(p, in->ports[__builtin_ctz(ports)], rank, now);
	stage[n++] = p;
	return n;
}

/* Well formed, and let in by this port (8.6.2)? SENT, or why it is dropped. Fills in what is known of the frame. */
static enum pkt_verdict let_in(struct port *from, struct pkt *p, struct cls_frame *f)
{
	if (p->len < CLS_ETH_HLEN)
		return VERDICT_RUNT;
	if (cls_parse(f, p->data, p->len))
		return VERDICT_MALFORMED;
	p->flags |= (f->tagged ? PKT_TAGGED : 0) | (f->dei ? PKT_DEI : 0) | (uint16_t)((f->tagged ? f->pcp : from->pcp) << PKT_PCP_SHIFT);
	p->vid = f->vid ? f->vid : from->pvid;
	if (p->len > from->max_len - (f->tagged ? 0 : CLS_VLAN_HLEN))
		return VERDICT_OVERSIZE;
	if (p->data[6] & 1)
		return VERDICT_BAD_SOURCE;
	return port_member(from, p->vid) ? VERDICT_SENT : VERDICT_VLAN_IN;
}

static void learn(struct ingress *in, struct port *from, const struct pkt *p, int64_t now)
{
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
}

/* The ports that it is for: of a link-local frame the peer, and its source is not learned (8.6.3); else see find_ports(). */
static uint32_t choose_ports(struct ingress *in, struct port *from, struct pkt *p, uint8_t peer, int64_t now)
{
	if (peer != PKT_NO_PORT)
		return wanted(in->ports[peer], p) ? UINT32_C(1) << peer : 0;
	learn(in, from, p, now);
	return find_ports(in, p, now);
}

/* It asks for the time, and goes back to where it came from as the answer. */
static uint32_t answer_time(struct port *from, struct pkt *p, const struct cls_frame *f, int64_t now, struct pkt **stage)
{
	enum pkt_verdict verdict = ingress_time_turn(from, p, f, now);

	if (verdict != VERDICT_SENT)
		return drop(p, verdict, stage);
	assign(p, from, (struct rank){from->time.tc, 0}, now);
	stage[0] = p;
	return 1;
}

uint32_t ingress_frame(struct ingress *in, struct pkt *p, int64_t now, struct pkt **stage)
{
	struct port *from = in->ports[p->in_port];
	struct rank rank = {from->classify == CLASSIFY_QUEUE ? p->tc : CLASS_BY_PRIORITY, 0};
	uint8_t peer = PKT_NO_PORT;
	enum pkt_verdict verdict;
	struct ingress_ptp ptp;
	struct cls_frame f;
	uint32_t ports;

	p->tc = 0;
	p->out_port = PKT_NO_PORT;
	p->gcl_gen = 0;
	p->vid = 0;
	verdict = let_in(from, p, &f);
	if (verdict != VERDICT_SENT)
		return drop(p, verdict, stage);
	if (ingress_time_is(p, &f))
		return answer_time(from, p, &f, now, stage);
	ingress_ptp_look(&ptp, from, p);
	if (cls_link_local(p->data)) {
		peer = ingress_ptp_peer(from, p, f.ethertype);
		if (peer == PKT_NO_PORT)
			return drop(p, VERDICT_LINK_LOCAL, stage);
	}
	verdict = ingress_ptp_admit(&ptp, &in->owner, from, p);
	if (verdict != VERDICT_SENT)
		return drop(p, verdict, stage);
	ports = choose_ports(in, from, p, peer, now);
	if (!ports)
		return drop(p, VERDICT_NO_PORT, stage);
	if (ptp.found != MSG_NOT_PTP)
		ports = ingress_ptp_let_out(&ptp, from, in->ports, ports);
	if (!ports)
		return drop(p, VERDICT_PTP_ROLE, stage);
	if (ptp.found == MSG_FOUND && !ptp_arrival(in, from, p, &ptp.m, now))
		return drop(p, VERDICT_PTP_DOUBT, stage);
	rank.priority = pkt_pcp(p);
	verdict = from->police ? police(from, p, &rank) : VERDICT_SENT;
	if (verdict != VERDICT_SENT)
		return drop(p, verdict, stage);
	return send_to(in, p, ports, rank, now, stage);
}
