/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/ns.h"
#include "base/stamp.h"
#include "tsn/cls.h"

#define T_START (INT64_C(1767225637) * NS_PER_SEC) /* some TAI instant */
#define TURNS	3000

uint32_t sim_random(struct sim *s, uint32_t below)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (uint32_t)((s->random * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % below;
}

static bool chance(struct sim *s, uint32_t per_mille)
{
	return sim_random(s, 1000) < per_mille;
}

/* The driver of a memory port: refuses now and then, and takes time to take. */
static bool on_sent(void *ctx, struct port *port, struct pkt *p)
{
	struct sim *s = ctx;

	sim_ptp_sent(s, port, p);
	sim_ask_sent(s, port, p);
	s->clock.now += sim_random(s, 400);
	if (chance(s, 1))
		s->clock.now += sim_random(s, 300000); /* preempted inside the driver */
	return !chance(s, s->refuse_pm);
}

/* Some classes get a rate; all of them together at most the link's. */
static void random_rates(struct sim *s, struct conf_port *c)
{
	int64_t left = c->link_bps;
	int tc;

	for (tc = TSN_CLASSES - 1; tc >= 0; tc--) {
		if (!chance(s, 400))
			continue;
		c->cbs.idle_bps[tc] = 1 + left / 100 * (1 + sim_random(s, 70)) - sim_random(s, 1000);
		left -= c->cbs.idle_bps[tc];
		s->shaped++;
	}
}

/* Some of the others go by launch time, some by eligibility time. */
static void random_orders(struct sim *s, struct conf_port *c)
{
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		if (c->cbs.idle_bps[tc] || !chance(s, 500))
			continue;
		s->ordered++;
		if (chance(s, 400)) {
			c->ats |= (uint8_t)(1u << tc);
			continue;
		}
		c->launch[tc] = (struct launch_conf){
			.enabled = true,
			.mode = chance(s, 700) ? LAUNCH_STRICT : LAUNCH_DEADLINE,
			.source = LAUNCH_FROM_TRAILER,
			.offset_ns = (int64_t)sim_random(s, 100000) - 50000,
			.late_ns = sim_random(s, 100000),
		};
	}
}

static void make_conf(struct sim *s, struct conf_port *c, uint32_t i)
{
	static const int64_t rates[] = {100000000, 1000000000, 1000000000, 2500000000, 10000000000};
	uint32_t v;

	memset(c, 0, sizeof(*c));
	c->name[0] = (char)('a' + i);
	c->kind = PORT_MEM;
	c->link_bps = rates[sim_random(s, 5)];
	c->mtu = 1500;
	c->pvid = 1 + sim_random(s, 2);
	c->pcp = sim_random(s, 8);
	c->queue_depth = 1 << (2 + sim_random(s, 7));
	for (v = 10; v < 13; v++)
		if (chance(s, 750))
			c->vlans[c->n_vlans++] = (uint16_t)v;
	memcpy(c->class_map, cls_default_map, sizeof(c->class_map));
	if (chance(s, 300))
		for (v = 0; v < 8; v++)
			c->class_map[v] = (uint8_t)sim_random(s, 8);
	if (chance(s, 500))
		random_rates(s, c);
	if (chance(s, 500))
		random_orders(s, c);
}

static int make_ports(struct sim *s)
{
	struct pktbuf buf = {.ops = &port_mem_heap, .ctx = &s->buffers};
	uint32_t i;

	s->n_ports = 2 + sim_random(s, SIM_MAX_PORTS - 1);
	for (i = 0; i < s->n_ports; i++)
		make_conf(s, &s->conf[i], i);
	sim_ptp_conf(s);
	for (i = 0; i < s->n_ports; i++) {
		if (port_init(&s->port[i], (uint8_t)i, &s->conf[i], &s->why) ||
		    conf_cbs_limits(s->limits[i], &s->conf[i].cbs, &s->conf[i], &s->why))
			return -EINVAL;
		if (sim_police_make(s, i))
			return -EINVAL;
		s->put[i] = malloc(SIM_MAX_PUT * sizeof(*s->put[i]));
		if (!s->put[i])
			return -ENOMEM;
		s->phase[i][0] = (struct sim_phase){.t_to = NS_NEVER};
		memcpy(s->phase[i][0].limits, s->limits[i], sizeof(s->limits[i]));
		s->n_phases[i] = 1;
		s->port[i].time.on = chance(s, 700);
		s->port[i].share = chance(s, 500) ? 0 : 4 + sim_random(s, 200);
		port_mem_open(&s->port[i], &s->mem[i], &buf);
		s->mem[i].sent = on_sent;
		s->mem[i].ctx = s;
		worker_add_port(&s->worker, &s->port[i]);
	}
	return 0;
}

/* A list that gcl_create() may well refuse; then none is set. */
static void random_list(struct sim *s, struct sim_schedule *sch)
{
	uint32_t i, n = 1 + sim_random(s, 12);
	int64_t sum = 0;

	memset(sch, 0, sizeof(*sch));
	for (i = 0; i < n; i++) {
		sch->entries[i].gates = chance(s, 150) ? 0 : (uint8_t)sim_random(s, 256);
		sch->entries[i].interval_ns = 2000 + sim_random(s, 200000);
		sum += sch->entries[i].interval_ns;
	}
	sch->conf.enabled = !chance(s, 30);
	sch->conf.initial_gates = chance(s, 800) ? 0xff : (uint8_t)sim_random(s, 256);
	sch->conf.t_base = s->worker.t_now - 500000 + sim_random(s, 1500000) - (chance(s, 200) ? T_START : 0);
	sch->conf.cycle_ns = chance(s, 600) ? 0 : sum - 1000 + sim_random(s, 100000);
	if (sch->conf.cycle_ns && chance(s, 500)) {
		sch->conf.cycle_frac_den = 2 + sim_random(s, 12);
		sch->conf.cycle_frac_num = 1 + sim_random(s, sch->conf.cycle_frac_den - 1);
	}
	if (chance(s, 500))
		sch->conf.extension_ns = sim_random(s, chance(s, 800) ? 300000 : 2000000);
	sch->conf.n_entries = n;
	sch->conf.entries = sch->entries;
	if (chance(s, 200))
		sch->conf.max_sdu[sim_random(s, 8)] = 100 + sim_random(s, 1400);
}


/* Other slopes for a port, or none. */
static void set_rates(struct sim *s)
{
	struct conf_port *c = &s->conf[sim_random(s, s->n_ports)];
	struct worker_mail *m;
	int tc;

	if (s->n_rates == SIM_MAX_RATES)
		return;
	memset(&c->cbs, 0, sizeof(c->cbs));
	random_rates(s, c);
	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (c->launch[tc].enabled || c->ats >> tc & 1)
			c->cbs.idle_bps[tc] = 0;
	m = calloc(1, sizeof(*m));
	m->kind = MAIL_CBS_SET;
	m->port = (uint8_t)(c - s->conf);
	if (conf_cbs_limits(m->limits, &c->cbs, c, &s->why) || !spsc_push(&s->worker.mail, m))
		free(m);
	else
		s->n_rates++;
}

static void set_schedule(struct sim *s)
{
	struct worker_mail *m;
	struct sim_schedule *sch = &s->schedule[s->n_schedules];
	uint8_t port = (uint8_t)sim_random(s, s->n_ports);
	struct why why;
	struct gcl *gcl;

	if (s->n_schedules == SIM_MAX_SCHEDULES)
		return;
	random_list(s, sch);
	if (gcl_create(&gcl, &sch->conf, &s->port[port].egress.wire, &why))
		return;
	gcl->generation = (uint16_t)++s->n_schedules;
	sch->port = port;
	m = calloc(1, sizeof(*m));
	m->port = port;
	m->gcl = gcl;
	spsc_push(&s->worker.mail, m);
	sch->t_set = -1;
}

/* A launch time behind the frame: mostly soon, sometimes past or far away. Where no header would be left, there is none. */
static uint32_t random_launch(struct sim *s, uint8_t *f, uint32_t len, uint32_t header, int64_t *t_launch)
{
	*t_launch = SIM_NO_LAUNCH;
	if (len < 14 || chance(s, 700))
		return len;
	*t_launch = s->clock.now - 50000 + sim_random(s, chance(s, 500) ? 200000 : 2000000);
	if (chance(s, 20))
		*t_launch += (chance(s, 500) ? 3 : -3) * NS_PER_SEC;
	trailer_put(f, len, *t_launch);
	if (len < header)
		*t_launch = SIM_NO_LAUNCH;
	return len + TRAILER_LEN;
}

/* No two frames alike, if they are long enough: some by a stamp, others by a number in what is no header of theirs. */
static void tell_apart(struct sim *s, uint8_t *f, uint32_t type_at)
{
	struct stamp stamp = {.t_scheduled = s->clock.now, .t_wakeup = s->clock.now, .seqid = (uint32_t)s->injected + 1};
	uint32_t number = (uint32_t)s->injected;

	if (chance(s, 700)) {
		memcpy(f + type_at + 30, &number, sizeof(number));
		return;
	}
	f[type_at] = STAMP_ETHERTYPE >> 8;
	f[type_at + 1] = STAMP_ETHERTYPE & 0xff;
	stamp_put(f + type_at + 2, &stamp);
}

/* Its length; where its header ends. */
static uint32_t random_bytes(struct sim *s, uint32_t port, uint8_t *f, uint32_t *header)
{
	uint32_t len = chance(s, 500) ? 60 : 14 + sim_random(s, 1505);
	uint16_t vid = chance(s, 500) ? 0 : (uint16_t)(9 + sim_random(s, 5));
	uint32_t at = 12;

	if (chance(s, 10))
		len = sim_random(s, 14); /* runt */
	if (chance(s, 10))
		len = 1519 + sim_random(s, 400); /* oversize, or just not */
	f[5] = (uint8_t)sim_random(s, s->n_ports + 2);
	f[0] = chance(s, 50) ? 0xff : 0x02;
	if (chance(s, 10))
		memcpy(f, "\x01\x80\xc2\x00\x00\x0e", 6);
	f[6] = chance(s, 5) ? 0x03 : 0x02;
	f[11] = (uint8_t)(chance(s, 30) ? sim_random(s, s->n_ports) : port);
	if (chance(s, 600)) {
		f[at++] = 0x81;
		f[at++] = 0x00;
		vid = chance(s, 5) ? 4095 : vid;
		f[at++] = (uint8_t)(sim_random(s, 8) << 5 | (chance(s, 200) ? 1 << 4 : 0) | vid >> 8);
		f[at++] = (uint8_t)vid;
	}
	f[at] = 0x08;
	*header = at + 2;
	tell_apart(s, f, at);
	return len;
}

static void random_frame(struct sim *s, uint32_t port)
{
	uint8_t f[PORT_MEM_FRAME] = {0};
	struct sim_put put = {0};
	uint32_t header;
	struct pkt *p;

	if (chance(s, s->ask_pm))
		put.len = sim_ask_frame(s, port, f, &put, &header);
	else
		put.len = chance(s, 200) ? sim_ptp_frame(s, port, f, &put, &header) : random_bytes(s, port, f, &header);
	put.len = random_launch(s, f, put.len, header, &put.t_launch);
	put.key = key_of(f, put.len);
	p = port_mem_frame(&s->mem[port].buf, f, put.len);
	if (!p)
		return;
	if (s->n_put[port] < SIM_MAX_PUT && port_mem_put(&s->mem[port], p)) {
		s->put[port][s->n_put[port]++] = put;
		s->injected++;
		s->ptp += put.ptp;
		s->asks += !!put.ask;
		return;
	}
	pktbuf_free(&s->mem[port].buf, p);
}

/* Something will happen to the clock, at some read of it soon: between turns, or right in the middle of a send. */
static void arm(struct sim *s)
{
	static const int64_t exact[] = {NS_PER_SEC, -NS_PER_SEC, 37 * NS_PER_SEC, -37 * NS_PER_SEC}; /* a leap second, the TAI offset */

	s->clock.t_event = s->clock.now + 1 + sim_random(s, 4000);
	s->clock.away_ns = sim_random(s, 300000); /* preempted */
	s->clock.step_ns = 0;
	if (s->calm)
		return;
	if (chance(s, 20)) {
		s->clock.away_ns = (int64_t)(1 + sim_random(s, 60)) * 500 * NS_PER_MS; /* stopped */
		s->stalls++;
	}
	if (chance(s, 50)) {
		s->clock.step_ns = chance(s, 500) ? exact[sim_random(s, 4)] : ((int64_t)sim_random(s, 2000001) - 1000000) * (chance(s, 300) ? 37000 : 1);
		s->steps++;
	}
}

/* What happens between two turns. */
static void happen(struct sim *s, uint32_t load_pm)
{
	uint32_t i, n;

	for (i = 0; i < s->n_ports; i++)
		if (chance(s, load_pm))
			for (n = 1 + sim_random(s, 40); n; n--)
				random_frame(s, i);
	if (chance(s, 8))
		set_schedule(s);
	if (chance(s, 2))
		set_rates(s);
	if (chance(s, 3)) {
		i = sim_random(s, s->n_ports);
		s->mem[i].up = !s->mem[i].up;
	}
	s->clock.now += sim_random(s, 1500);
	if (!s->clock.t_event && chance(s, 20))
		arm(s);
}

int sim_run(struct sim *s, uint64_t seed)
{
	struct pktbuf buf = {.ops = &port_mem_heap, .ctx = &s->buffers};
	struct clk clk = {.sim = &s->clock};
	uint32_t load_pm, turn;
	int64_t t_before;
	int err;

	memset(s, 0, sizeof(*s));
	s->seed = seed;
	s->random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	s->clock.now = T_START + sim_random(s, 1000000000);
	s->clock.cost_ns = 5 + sim_random(s, 200);
	s->refuse_pm = chance(s, 300) ? sim_random(s, 200) : 0;
	s->calm = seed & 1;
	load_pm = 5 + sim_random(s, 120);
	s->ask_pm = chance(s, 500) ? sim_random(s, 30) : chance(s, 500) ? 300 : 0;
	err = worker_init(&s->worker, &clk, &buf, 300 * NS_PER_SEC, 20 * NS_PER_US);
	if (err)
		return err;
	err = recw_open(&s->worker.rec, NULL, SIM_RECORDS, s->clock.now, 20 * NS_PER_US, &s->why);
	if (err)
		return err;
	err = make_ports(s);
	if (err)
		return err;
	for (turn = 0; turn < TURNS; turn++) {
		happen(s, load_pm);
		t_before = s->worker.t_now;
		worker_poll(&s->worker);
		sim_read_back(s, t_before);
	}
	worker_flush(&s->worker);
	sim_read_back(s, s->worker.t_now);
	return 0;
}

void sim_free(struct sim *s)
{
	struct worker_mail *m;
	uint32_t i;

	sim_read_back(s, s->worker.t_now);
	while ((m = spsc_pop(&s->worker.mail))) {
		gcl_destroy((struct gcl *)m->gcl);
		free(m);
	}
	for (i = 0; i < s->n_ports; i++) {
		gcl_destroy((struct gcl *)s->port[i].egress.gate.oper);
		gcl_destroy((struct gcl *)s->port[i].egress.gate.admin);
		if (s->port[i].ops)
			s->port[i].ops->close(&s->port[i]);
		port_fini(&s->port[i]);
		free(s->put[i]);
	}
	recw_close(&s->worker.rec);
	worker_fini(&s->worker);
	free(s->answer);
}
