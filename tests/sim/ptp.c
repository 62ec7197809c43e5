/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PTP in a world, and what its records have to show:
 *
 *	flags	event and general messages are marked, all others are not; the counters are those of the records
 *	role	nothing is let in, or goes out, against a role: by the records, and by the bytes that are handed over
 *	peer	what is to the link-local address goes to the peer or nowhere
 *	stay	the correction of an event message is its stay in our buffer up to the hand-over, what it may have lain there
 *		before, and what its ports add; that of all others stays zero; each time that a driver is offered it
 *	clock	nobody but a transparent port passes in the name of a clock that is at another
 *	rate	what passes is within the bucket in every window, and nothing else is dropped by it
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/ptp_frame.h"
#include "tests/sim/sim.h"

#define broken(s, ...) (why_fail(&(s)->why, EINVAL, __VA_ARGS__), false)

static bool chance(struct sim *s, uint32_t per_mille)
{
	return sim_random(s, 1000) < per_mille;
}

/* -- the world --------------------------------------------------------------------------------------------------- */

void sim_ptp_conf(struct sim *s)
{
	struct conf_ptp *a, *b;
	uint32_t i;

	for (i = 0; i < s->n_ports; i++) {
		a = &s->conf[i].ptp;
		a->role = (enum role)sim_random(s, ROLE_COUNT);
		a->message_rate = chance(s, 500) ? 1 + sim_random(s, 3000) : 1000000;
		a->correction = chance(s, 800);
		a->asymmetry_ns = (int64_t)sim_random(s, 2001) - 1000;
		a->ingress_latency_ns = (int64_t)sim_random(s, 2001) - 1000;
		a->egress_latency_ns = (int64_t)sim_random(s, 2001) - 1000;
	}
	for (i = 0; i + 1 < s->n_ports; i += 2) {
		a = &s->conf[i].ptp;
		b = &s->conf[i + 1].ptp;
		if (a->role == ROLE_DENY || b->role == ROLE_DENY || s->conf[i].pvid != s->conf[i + 1].pvid || !chance(s, 700))
			continue;
		strcpy(a->peer, s->conf[i + 1].name);
		strcpy(b->peer, s->conf[i].name);
		a->peer_port = (uint8_t)(i + 1);
		b->peer_port = (uint8_t)i;
	}
}

uint32_t sim_ptp_frame(struct sim *s, uint32_t port, uint8_t *f, struct sim_put *put, uint32_t *header)
{
	static const uint8_t types[] = {MSG_SYNC, MSG_DELAY_REQ, MSG_DELAY_REQ, MSG_DELAY_REQ, MSG_PDELAY_REQ, MSG_PDELAY_RESP, MSG_FOLLOW_UP,
					MSG_DELAY_RESP, MSG_PDELAY_RESP_FOLLOW_UP, MSG_ANNOUNCE, MSG_SIGNALING, MSG_MANAGEMENT};
	uint8_t clock[6] = {2, 0, 0, 0, 0, (uint8_t)(chance(s, 800) ? port : sim_random(s, s->n_ports + 2))};
	uint8_t asked[6] = {2, 0, 0, 0, 0, (uint8_t)sim_random(s, s->n_ports + 2)};
	uint8_t src[6] = {2, 0, 0, 0, 0, (uint8_t)port}, dst[6] = {2, 0, 0, 0, 0, (uint8_t)sim_random(s, s->n_ports + 2)};
	struct ptp_frame x = {.type = types[sim_random(s, sizeof(types))], .transport = (enum msg_transport)sim_random(s, 3), .src = src, .clock = clock, .asked = asked};
	int i;

	if (chance(s, 150))
		x.flaw = (enum ptp_flaw)(1 + sim_random(s, PTP_FLAWS - 1));
	x.tags = (uint8_t)(chance(s, 500) ? 0 : sim_random(s, 4));
	for (i = 0; i < x.tags; i++) {
		x.tpid[i] = chance(s, i ? 500 : 100) ? 0x88a8 : 0x8100;
		x.tci[i] = (uint16_t)(sim_random(s, 8) << 13 | (chance(s, 500) ? 0 : 9 + sim_random(s, 5)));
	}
	if (chance(s, 300))
		x.dst = dst;
	else if (chance(s, 300))
		x.dst = ptp_link_local;
	put->ptp = true;
	put->unread = x.flaw || x.tags > MSG_MAX_TAGS;
	put->type = x.type;
	put->clock = clock[5];
	put->link_local = x.dst == ptp_link_local && x.transport == MSG_L2 && (!x.tags || (x.tags == 1 && x.tpid[0] == 0x8100));
	*header = 14 + (x.tags && x.tpid[0] == 0x8100 ? 4 : 0);
	return ptp_frame_make(f, &x);
}

/* -- roles, in words ------------------------------------------------------------------------------------------------ */

static bool may_come(const struct conf_ptp *c, bool unread, uint8_t type)
{
	bool asks = type == MSG_DELAY_REQ || (c->peer[0] && (type == MSG_PDELAY_REQ || type == MSG_PDELAY_RESP || type == MSG_PDELAY_RESP_FOLLOW_UP));
	bool tells = type == MSG_ANNOUNCE || type == MSG_SYNC || type == MSG_FOLLOW_UP || type == MSG_DELAY_RESP;

	if (c->role == ROLE_TRANSPARENT)
		return true;
	if (c->role == ROLE_DENY || unread)
		return false;
	return asks || (tells && c->role == ROLE_SERVER_ALLOWED);
}

/* All frames come in with a correction of 0, and no master tells its rate. */
static bool check_correction(struct sim *s, const struct port *port, const struct pkt *p, const struct msg *m)
{
	const struct conf_ptp *in = &s->conf[p->in_port].ptp, *out = &s->conf[port->index].ptp;
	int64_t got = (int64_t)be_get64(p->data + m->at + MSG_CORRECTION), least = 0, most = 0;

	if (p->flags & PKT_PTP_EVENT && in->correction) { /* else it was behind too many tags to be seen; check_flags() */
		least = s->worker.t_open - p->t_seen - p->hop_ns[HOP_COPY] + in->ingress_latency_ns + out->egress_latency_ns;
		if (m->type == MSG_SYNC || m->type == MSG_PDELAY_RESP)
			least += in->asymmetry_ns;
		else
			least -= out->asymmetry_ns;
		most = least + PORT_PTP_DOUBT_NS;
		s->ptp_corrected++;
	}
	if (got % 65536 || got < least * 65536 || got > most * 65536)
		return broken(s, "stay: frame %" PRIu64 " of type %u has a correction of %.3f ns when it is handed over, not %" PRId64 " to %" PRId64,
			      p->seq, m->type, (double)got / 65536, least, most);
	return true;
}

/* What the next one reads, whatever this one thought that it was. */
void sim_ptp_sent(struct sim *s, const struct port *port, const struct pkt *p)
{
	struct msg m;
	enum msg_found found = msg_find(&m, p->data, p->len);

	if (found == MSG_NOT_PTP || s->ptp_leak)
		return;
	s->ptp_leak = s->conf[port->index].ptp.role == ROLE_DENY || !may_come(&s->conf[p->in_port].ptp, found != MSG_FOUND, m.type);
	if (s->ptp_leak)
		why_fail(&s->why, EINVAL, "role: frame %" PRIu64 ": PTP (%d, type %u) from port %u handed to port %u", p->seq, found, m.type, p->in_port,
			 port->index);
	else if (found == MSG_FOUND)
		s->ptp_leak = !check_correction(s, port, p, &m);
}

/* -- records ------------------------------------------------------------------------------------------------------- */

#define CLOCKS (SIM_MAX_PORTS + 2)

struct claim {
	int64_t t;
	int port;	/* -1: nobody's */
	bool trusted;
};

struct account {
	uint64_t events, general, unread;
	long double tokens;
	int64_t t;
};

/* Not even looked at for PTP. */
static bool is_before(const struct pkt *r)
{
	return r->verdict >= VERDICT_RUNT && r->verdict <= VERDICT_VLAN_IN;
}

static bool check_flags(struct sim *s, const struct pkt *r, const struct sim_put *put, struct account *a)
{
	bool seen = put->ptp && !is_before(r), event = seen && !put->unread && put->type < MSG_FOLLOW_UP,
	     general = seen && !put->unread && !event;

	a->events += event;
	a->general += general;
	a->unread += seen && put->unread;
	if (!(r->flags & PKT_PTP_EVENT) == event || !(r->flags & PKT_PTP_GENERAL) == general)
		return broken(s, "flags: frame %" PRIu64 " (PTP %d, unread %d, type %u) has flags %04x", r->seq, put->ptp, put->unread, put->type, r->flags);
	return true;
}

/* A port that went away in between may have lost its clocks: only what is sure is held against the engine. */
static bool is_sure(const struct sim *s, const struct claim *c, const struct pkt *r)
{
	return c->port >= 0 && c->port != r->in_port && !s->port[c->port].stat.detached && r->t_seen - c->t < OWNER_STALE_NS;
}

static bool check_clock(struct sim *s, const struct pkt *r, const struct sim_put *put, struct claim *claim)
{
	bool trusted = s->conf[r->in_port].ptp.role == ROLE_TRANSPARENT;
	struct claim *c = &claim[put->clock];

	if (r->verdict == VERDICT_PTP_CLOCK)
		return !trusted || broken(s, "clock: frame %" PRIu64 " came in at a transparent port and is dropped", r->seq);
	if (!trusted && is_sure(s, c, r))
		return broken(s, "clock: frame %" PRIu64 " of port %u passed in the name of clock %u, which is at port %d", r->seq, r->in_port, put->clock,
			      c->port);
	*c = (struct claim){.t = r->t_seen, .port = r->in_port, .trusted = trusted};
	return true;
}

/* Exactly the message bucket, in real numbers, of what the role let come as far. */
static bool check_rate(struct sim *s, const struct pkt *r, const struct conf_ptp *c, struct account *a)
{
	long double burst = role_meter_burst(c->message_rate), rate = 1.0L / (long double)((NS_PER_SEC + c->message_rate - 1) / c->message_rate);
	bool pass;

	a->tokens += (long double)(r->t_seen - a->t) * rate;
	a->t = r->t_seen;
	if (a->tokens > burst)
		a->tokens = burst;
	pass = a->tokens > 1.0L - 1e-9L;
	a->tokens -= pass;
	if (pass == (r->verdict == VERDICT_PTP_RATE))
		return broken(s, "rate: frame %" PRIu64 " of port %u %s with %.6Lf messages left", r->seq, r->in_port, pass ? "dropped" : "passed",
			      a->tokens + pass);
	return true;
}

static bool other_denies(const struct sim *s, uint8_t port)
{
	uint32_t i;

	for (i = 0; i < s->n_ports; i++)
		if (i != port && s->conf[i].ptp.role == ROLE_DENY)
			return true;
	return false;
}

/* Let in for the peer's sake alone: it goes to it, or nowhere. */
static bool for_peer(const struct conf_ptp *c, const struct sim_put *put)
{
	return c->role != ROLE_TRANSPARENT && !put->unread &&
	       (put->type == MSG_PDELAY_REQ || put->type == MSG_PDELAY_RESP || put->type == MSG_PDELAY_RESP_FOLLOW_UP);
}

static bool check_frame(struct sim *s, const struct pkt *r, const struct sim_put *put, struct account *a, struct claim *claim)
{
	const struct conf_ptp *c = &s->conf[r->in_port].ptp;
	bool dropped = r->verdict == VERDICT_PTP_ROLE || r->verdict == VERDICT_PTP_CLOCK || r->verdict == VERDICT_PTP_RATE, come;

	if (!check_flags(s, r, put, a))
		return false;
	if (!put->ptp)
		return !dropped || broken(s, "role: frame %" PRIu64 " is no PTP and dropped as such", r->seq);
	s->ptp_role += r->verdict == VERDICT_PTP_ROLE;
	s->ptp_clock += r->verdict == VERDICT_PTP_CLOCK;
	s->ptp_rate += r->verdict == VERDICT_PTP_RATE;
	if (is_before(r) || r->verdict == VERDICT_LINK_LOCAL)
		return r->verdict != VERDICT_LINK_LOCAL || !put->link_local || !c->peer[0] ||
			broken(s, "peer: frame %" PRIu64 " dropped, and has a peer to go to", r->seq);
	if (put->link_local && !c->peer[0])
		return broken(s, "peer: frame %" PRIu64 " is link-local and not dropped", r->seq);
	come = may_come(c, put->unread, put->type);
	if (!come)
		return r->verdict == VERDICT_PTP_ROLE || broken(s, "role: frame %" PRIu64 " of type %u came in at port %u", r->seq, put->type, r->in_port);
	if (r->verdict == VERDICT_PTP_ROLE && !other_denies(s, r->in_port) && !for_peer(c, put))
		return broken(s, "role: frame %" PRIu64 " of type %u dropped, and every role lets it through", r->seq, put->type);
	if (put->unread || !s->calm)
		return true;
	return check_clock(s, r, put, claim) && (r->verdict == VERDICT_PTP_CLOCK || check_rate(s, r, c, a));
}

/* Every copy. */
static bool check_copy(struct sim *s, const struct pkt *r, const struct sim_put *put)
{
	if (!put->ptp || r->out_port == PKT_NO_PORT)
		return true;
	if (s->conf[r->out_port].ptp.role == ROLE_DENY)
		return broken(s, "role: frame %" PRIu64 " is for port %u, which denies", r->seq, r->out_port);
	if (put->link_local && r->out_port != s->conf[r->in_port].ptp.peer_port)
		return broken(s, "peer: frame %" PRIu64 " is link-local, and for port %u", r->seq, r->out_port);
	if (for_peer(&s->conf[r->in_port].ptp, put) && r->out_port != s->conf[r->in_port].ptp.peer_port)
		return broken(s, "peer: frame %" PRIu64 " of type %u was let in for the peer, and is for port %u", r->seq, put->type, r->out_port);
	return true;
}

static bool check_counts(struct sim *s, const struct account *a)
{
	const struct stat_port *c;
	uint32_t i;

	for (i = 0; i < s->n_ports; i++, a++) {
		c = &s->port[i].stat;
		if (c->ptp_events != a->events || c->ptp_general != a->general || c->ptp_unread != a->unread)
			return broken(s, "count: port %u counts %" PRIu64 "/%" PRIu64 "/%" PRIu64 " of PTP, %" PRIu64 "/%" PRIu64 "/%" PRIu64
				      " came in", i, c->ptp_events, c->ptp_general, c->ptp_unread, a->events, a->general, a->unread);
	}
	return true;
}

bool sim_check_ptp(struct sim *s, const struct sim_records *rec)
{
	struct account a[SIM_MAX_PORTS] = {0};
	struct claim claim[CLOCKS];
	const struct pkt **first = calloc(s->worker.seq + 1, sizeof(*first));
	bool good = first && !s->ptp_leak;
	uint64_t i;

	for (i = 0; i < CLOCKS; i++)
		claim[i].port = -1;
	for (i = 0; i < s->n_ports; i++)
		a[i].tokens = role_meter_burst(s->conf[i].ptp.message_rate);
	for (i = 0; i < rec->n && good; i++) {
		first[rec->rec[i].seq] = &rec->rec[i];
		good = check_copy(s, &rec->rec[i], rec->put[rec->rec[i].seq]);
	}
	for (i = 0; i < s->worker.seq && good; i++) /* in the order in which they came */
		good = check_frame(s, first[i], rec->put[i], &a[first[i]->in_port], claim);
	free(first);
	return good && check_counts(s, a);
}
