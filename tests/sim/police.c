/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/sim/police.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/sim/sim.h"
#include "tsn/cls.h"

#define broken(s, ...) (why_fail(&(s)->why, EINVAL, __VA_ARGS__), false)

/* -- a random one ------------------------------------------------------------------------------------------------ */

static bool chance(struct sim *s, uint32_t per_mille)
{
	return sim_random(s, 1000) < per_mille;
}

static int32_t one_of(struct sim *s, uint32_t n, uint32_t per_mille)
{
	return n && chance(s, per_mille) ? (int32_t)sim_random(s, n) : POLICE_NONE;
}

static void random_gate(struct sim *s, struct police_gate_conf *g, struct police_gate_entry *e)
{
	uint32_t i;

	*g = (struct police_gate_conf){.enabled = !chance(s, 100), .initial_open = chance(s, 700),
				       .initial_ipv = (int8_t)one_of(s, 8, 300),
				       .t_base = s->worker.t_now - 500000 + sim_random(s, 1500000), .entries = e};
	g->n_entries = 1 + sim_random(s, SIM_ENTRIES);
	for (i = 0; i < g->n_entries; i++)
		e[i] = (struct police_gate_entry){chance(s, 700), (int8_t)one_of(s, 8, 400),
						  8000 + sim_random(s, 300000),
						  chance(s, 300) ? 500 + sim_random(s, 20000) : 0};
}

static void random_tables(struct sim *s, struct sim_police *p)
{
	struct police_conf *c = &p->conf;
	uint32_t i;

	c->n_gates = sim_random(s, SIM_GATES + 1);
	for (i = 0; i < c->n_gates; i++)
		random_gate(s, &p->gate[i], p->entry[i]);
	c->n_meters = sim_random(s, SIM_METERS + 1);
	for (i = 0; i < c->n_meters; i++)
		p->meter[i] = (struct meter_conf){.cir_bps = sim_random(s, 500000000),
						  .eir_bps = sim_random(s, 500000000),
						  .cbs_bytes = 64 + sim_random(s, 20000),
						  .ebs_bytes = 64 + sim_random(s, 20000),
						  .coupling = chance(s, 500), .colour_aware = chance(s, 500),
						  .drop_yellow = chance(s, 200)};
	c->n_groups = 1 + sim_random(s, SIM_GROUPS);
	for (i = 0; i < c->n_groups; i++)
		p->residence[i] = 20000 + sim_random(s, 20000000);
	c->n_schedulers = sim_random(s, SIM_ATS + 1);
	for (i = 0; i < c->n_schedulers; i++)
		p->scheduler[i] = (struct police_scheduler_conf){{20000000 + sim_random(s, 500000000),
								  12176 + sim_random(s, 100000)},
								 (int32_t)sim_random(s, c->n_groups)};
	c->n_filters = 1 + sim_random(s, SIM_FILTERS);
	for (i = 0; i < c->n_filters; i++)
		p->filter[i] = (struct police_filter_conf){
			.any_dst = true, .pcp = one_of(s, 8, 600),
				.vid = chance(s, 500) ? 10 + (int32_t)sim_random(s, 3) : POLICE_ANY,
			.max_sdu = chance(s, 200) ? 46 + sim_random(s, 1400) : 0, .gate = one_of(s, c->n_gates, 600),
			.meter = one_of(s, c->n_meters, 500), .scheduler = one_of(s, c->n_schedulers, 500),
		};
}

int sim_police_make(struct sim *s, uint32_t i)
{
	struct sim_police *p = &s->police[i];

	memset(p, 0, sizeof(*p));
	p->on = chance(s, 400);
	if (!p->on)
		return 0;
	p->conf = (struct police_conf){.filters = p->filter, .gates = p->gate, .meters = p->meter,
				       .schedulers = p->scheduler,
				       .group_residence_ns = p->residence};
	p->t_made = s->worker.t_now;
	random_tables(s, p);
	return police_create(&s->port[i].police, &p->conf, &s->port[i].egress.wire, p->t_made, &s->why);
}

/* -- what was asked for, worked out for one frame ------------------------------------------------------------------ */

const struct police_filter_conf *sim_police_filter(const struct sim_police *p, const struct pkt *r)
{
	const struct police_filter_conf *f = p->filter;

	for (; f < p->filter + p->conf.n_filters; f++)
		if ((f->vid == POLICE_ANY || f->vid == r->vid) && (f->pcp == POLICE_ANY || f->pcp == pkt_pcp(r)))
			return f;
	return NULL;
}

/* Its entry at t and when this occurrence began; before the list runs: `initial` is filled in and returned. */
static const struct police_gate_entry *entry_at(const struct sim_police *p, const struct police_gate_conf *g, int64_t t,
						struct police_gate_entry *initial, int64_t *t_begin)
{
	const struct police_gate_entry *e = g->entries;
	int64_t cycle = 0, t_start = g->t_base;
	uint32_t i;

	for (i = 0; i < g->n_entries; i++)
		cycle += e[i].interval_ns;
	if (t_start < p->t_made)
		t_start += (p->t_made - t_start + cycle - 1) / cycle * cycle;
	*initial = (struct police_gate_entry){g->initial_open, g->initial_ipv, 0, 0};
	*t_begin = 0;
	if (!g->enabled || t < t_start)
		return initial;
	for (*t_begin = t - (t - t_start) % cycle; t - *t_begin >= e->interval_ns; e++)
		*t_begin += e->interval_ns;
	return e;
}

uint32_t sim_police_priorities(const struct sim *s, const struct pkt *r)
{
	const struct sim_police *p = &s->police[r->in_port];
	const struct police_filter_conf *f = p->on ? sim_police_filter(p, r) : NULL;
	const struct police_gate_conf *g;
	struct police_gate_entry initial;
	uint32_t own = 1u << pkt_pcp(r), set = 0;
	int64_t t_begin;
	int8_t ipv;
	uint32_t i;

	if (!f || f->gate == POLICE_NONE)
		return own;
	g = &p->gate[f->gate];
	if (s->calm) {
		ipv = entry_at(p, g, r->t_seen, &initial, &t_begin)->ipv;
		return ipv == POLICE_NONE ? own : 1u << ipv;
	}
	set = g->initial_ipv == POLICE_NONE ? own : 1u << g->initial_ipv;
	for (i = 0; i < g->n_entries; i++)
		set |= g->entries[i].ipv == POLICE_NONE ? own : 1u << g->entries[i].ipv;
	return set;
}

/* -- records, frame by frame as they came in -------------------------------------------------------------------- */

/* Dropped before it came to policing? */
static bool is_before(const struct pkt *r)
{
	return (r->verdict >= VERDICT_RUNT && r->verdict <= VERDICT_NO_PORT) || r->verdict == VERDICT_PTP_ROLE || r->verdict == VERDICT_PTP_CLOCK ||
	       r->verdict == VERDICT_PTP_RATE ||
	       (r->verdict == VERDICT_PTP_DOUBT && r->out_port == PKT_NO_PORT); /* its arrival; else it was in a queue */
}

static bool is_policed_away(const struct pkt *r)
{
	return r->verdict >= VERDICT_STREAM_SDU && r->verdict <= VERDICT_ATS_LATE;
}

/* Bytes of payload as it came in, and from destination to FCS. */
static uint32_t payload(const struct sim_records *rec, const struct pkt *r)
{
	return rec->len[r->seq] - CLS_ETH_HLEN - (r->flags & PKT_TAGGED ? CLS_VLAN_HLEN : 0);
}

static uint32_t mac_len(const struct sim_records *rec, const struct pkt *r)
{
	return wire_bytes(rec->len[r->seq]) - WIRE_OVERHEAD;
}

/* What the buckets of a port have left, in fluid: at least what the meters and schedulers have. */
struct account {
	int64_t t_occurrence[SIM_GATES];
	uint64_t octets[SIM_GATES];	/* passed in it */
	long double tokens[SIM_METERS];	/* bits of both buckets */
	int64_t t_meter[SIM_METERS];
	long double empty[SIM_ATS], eligible[SIM_GROUPS]; /* ns since t_made */
	struct police_counters count[SIM_FILTERS];
};

static void account_init(struct account *a, const struct sim_police *p)
{
	uint32_t i;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < p->conf.n_meters; i++) {
		a->tokens[i] = 8.0L * (long double)(p->meter[i].cbs_bytes + p->meter[i].ebs_bytes);
		a->t_meter[i] = p->t_made;
	}
	for (i = 0; i < p->conf.n_schedulers; i++)
		a->empty[i] = -1e9L * (long double)p->scheduler[i].ats.cbs_bits / (long double)p->scheduler[i].ats.cir_bps;
	for (i = 0; i < p->conf.n_groups; i++)
		a->eligible[i] = -1e18L;
}

static void count(struct account *a, const struct sim_police *p, const struct police_filter_conf *f,
		  const struct pkt *r)
{
	struct police_counters *c = &a->count[f - p->filter];

	c->matching_frames++;
	c->not_passing_sdu += r->verdict == VERDICT_STREAM_SDU;
	c->passing_sdu += r->verdict != VERDICT_STREAM_SDU;
	c->not_passing_frames += r->verdict == VERDICT_STREAM_GATE || r->verdict == VERDICT_STREAM_OCTETS;
	c->passing_frames += r->verdict != VERDICT_STREAM_SDU && r->verdict != VERDICT_STREAM_GATE &&
		r->verdict != VERDICT_STREAM_OCTETS;
	c->red_frames += r->verdict == VERDICT_METER_RED;
	c->late_frames += r->verdict == VERDICT_ATS_LATE;
}

static bool check_sdu(struct sim *s, const struct sim_records *rec, const struct police_filter_conf *f,
		      const struct pkt *r)
{
	uint32_t sdu = payload(rec, r);

	if (f->max_sdu && r->verdict == VERDICT_SENT && sdu > f->max_sdu)
		return broken(s, "sdu: frame %" PRIu64 ": %u bytes of payload passed, %u may", r->seq, sdu, f->max_sdu);
	if (r->verdict == VERDICT_STREAM_SDU && (!f->max_sdu || sdu <= f->max_sdu))
		return broken(s, "sdu: frame %" PRIu64 ": %u bytes of payload dropped, %u may pass", r->seq, sdu,
			      f->max_sdu);
	return true;
}

static bool check_gate(struct sim *s, const struct sim_records *rec, struct account *a, const struct sim_police *p,
		       int32_t gate, const struct pkt *r)
{
	struct police_gate_entry initial;
	const struct police_gate_entry *e;
	int64_t t_begin;

	if (r->verdict == VERDICT_STREAM_SDU)
		return true;
	e = entry_at(p, &p->gate[gate], r->t_seen, &initial, &t_begin);
	if (e->open != (r->verdict != VERDICT_STREAM_GATE))
		return broken(s, "gate: frame %" PRIu64 " of port %u %s stream gate %d while it is %s, at %" PRId64,
			      r->seq, r->in_port,
			      r->verdict == VERDICT_STREAM_GATE ? "dropped at" : "passed", gate,
			      e->open ? "open" : "closed", r->t_seen);
	if (r->verdict == VERDICT_STREAM_GATE)
		return true;
	if (r->verdict == VERDICT_STREAM_OCTETS)
		return e->octets_max || broken(s, "gate: frame %" PRIu64 ": over octets where there is no limit",
					       r->seq);
	if (t_begin != a->t_occurrence[gate])
		a->octets[gate] = 0;
	a->t_occurrence[gate] = t_begin;
	a->octets[gate] += payload(rec, r);
	if (e->octets_max && a->octets[gate] > e->octets_max)
		return broken(s, "gate: frame %" PRIu64 ": octet %" PRIu64 " of %u that may pass stream gate %d",
			      r->seq, a->octets[gate],
			      e->octets_max, gate);
	return true;
}

static bool check_meter(struct sim *s, const struct sim_records *rec, struct account *a, const struct sim_police *p,
			int32_t meter, const struct pkt *r)
{
	const struct meter_conf *m = &p->meter[meter];
	long double full = 8.0L * (long double)(m->cbs_bytes + m->ebs_bytes);

	a->tokens[meter] += (long double)(m->cir_bps + m->eir_bps) * (long double)(r->t_seen - a->t_meter[meter]) / 1e9L;
	a->t_meter[meter] = r->t_seen;
	if (a->tokens[meter] > full)
		a->tokens[meter] = full;
	if (r->verdict == VERDICT_METER_RED)
		return true;
	a->tokens[meter] -= 8.0L * mac_len(rec, r);
	if (a->tokens[meter] < -0.001L)
		return broken(s, "meter: frame %" PRIu64 " of port %u passed meter %d, %.1f bits more than its buckets had", r->seq, r->in_port, meter,
			      (double)-a->tokens[meter]);
	return true;
}

/* 8.6.11 in real numbers. All copies of a frame share its eligibility: *eligible, ns since t_made. */
static bool check_ats(struct sim *s, const struct sim_records *rec, struct account *a, const struct sim_police *p,
		      int32_t scheduler, const struct pkt *r, long double *eligible)
{
	const struct police_scheduler_conf *c = &p->scheduler[scheduler];
	long double cir = (long double)c->ats.cir_bps, arrival = (long double)(r->t_seen - p->t_made);
	long double earned = a->empty[scheduler] + 8e9L * mac_len(rec, r) / cir,
		full = a->empty[scheduler] + 1e9L * (long double)c->ats.cbs_bits / cir;
	long double t = earned > arrival ? earned : arrival;

	if (r->verdict == VERDICT_ATS_LATE)
		return true;
	if (t < a->eligible[c->group])
		t = a->eligible[c->group];
	if (t > arrival + (long double)p->residence[c->group] + 0.001L)
		return broken(s, "ats: frame %" PRIu64 ": is to wait %.1f ns, longer than it may", r->seq,
			      (double)(t - arrival));
	a->eligible[c->group] = t;
	a->empty[scheduler] = t < full ? earned : earned + t - full;
	*eligible = t;
	return true;
}

static bool check_frame(struct sim *s, const struct sim_records *rec, struct account *a, const struct sim_police *p,
			const struct pkt *r, long double *eligible)
{
	const struct police_filter_conf *f = sim_police_filter(p, r);
	bool gone_early = r->verdict >= VERDICT_STREAM_SDU && r->verdict <= VERDICT_STREAM_OCTETS;

	*eligible = 0;
	if (!f)
		return !is_policed_away(r) ||
		broken(s, "frame %" PRIu64 " was dropped by policing, but no filter is for it", r->seq);
	count(a, p, f, r);
	if (!s->calm)
		return true;
	if (!check_sdu(s, rec, f, r) || (f->gate != POLICE_NONE && !check_gate(s, rec, a, p, f->gate, r)))
		return false;
	if (f->meter != POLICE_NONE && !gone_early && !check_meter(s, rec, a, p, f->meter, r))
		return false;
	gone_early |= r->verdict == VERDICT_METER_RED;
	return f->scheduler == POLICE_NONE || gone_early || check_ats(s, rec, a, p, f->scheduler, r, eligible);
}

/* One record of a frame: does it leave no earlier than it may? */
static bool check_leaving(struct sim *s, const struct sim_police *p, const struct pkt *r, int64_t t_start,
			  long double eligible)
{
	if (!s->calm || r->verdict != VERDICT_SENT || !(s->conf[r->out_port].ats >> r->tc & 1))
		return true;
	if ((long double)(t_start - p->t_made) < eligible - 0.001L)
		return broken(s, "ats: frame %" PRIu64 " left %.1f ns before it was eligible", r->seq,
			      (double)(eligible - (t_start - p->t_made)));
	return true;
}

static bool check_counts(struct sim *s, const struct account *a, uint32_t port)
{
	struct police_counters c;
	bool blocked;
	uint32_t i;

	for (i = 0; i < s->police[port].conf.n_filters; i++) {
		police_counters_get(s->port[port].police, i, &c, &blocked);
		if (memcmp(&c, &a->count[i], sizeof(c)))
			return broken(s,
				      "count: filter %u of port %u: %" PRIu64 " matched, %" PRIu64 " passed its gate, %" PRIu64
				      " were red by its counters; by the records %" PRIu64 ", %" PRIu64 ", %" PRIu64, i, port, c.matching_frames,
				      c.passing_frames, c.red_frames, a->count[i].matching_frames,
				      a->count[i].passing_frames,
				      a->count[i].red_frames);
	}
	return true;
}

struct arrival {
	uint64_t seq, i;
};

static int by_seq(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	return x->seq != y->seq ? (x->seq > y->seq) - (x->seq < y->seq) : (x->i > y->i) - (x->i < y->i);
}

static bool check_port(struct sim *s, uint32_t port, const struct sim_records *rec, const struct arrival *order)
{
	const struct sim_police *p = &s->police[port];
	long double eligible = 0;
	const struct pkt *r;
	struct account a;
	uint64_t i;

	account_init(&a, p);
	for (i = 0; i < rec->n; i++) {
		r = &rec->rec[order[i].i];
		if (r->in_port != port || is_before(r) || sim_is_ask(rec->put[r->seq], r))
			continue;
		if ((!i || order[i - 1].seq != r->seq) && !check_frame(s, rec, &a, p, r, &eligible)) /* its first copy stands for all */
			return false;
		if (!check_leaving(s, p, r, rec->t_start[order[i].i], eligible))
			return false;
		s->policed += is_policed_away(r);
	}
	return check_counts(s, &a, port);
}

bool sim_check_police(struct sim *s, const struct sim_records *rec)
{
	struct arrival *order = malloc((rec->n + 1) * sizeof(*order));
	bool good = true;
	uint64_t i;
	uint32_t port;

	for (i = 0; i < rec->n; i++)
		order[i] = (struct arrival){rec->rec[i].seq, i};
	qsort(order, rec->n, sizeof(*order), by_seq);
	for (port = 0; port < s->n_ports && good; port++)
		good = !s->police[port].on || check_port(s, port, rec, order);
	free(order);
	return good;
}
