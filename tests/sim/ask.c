/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asks for the time in a world, and what has to become of them:
 *
 *	back	an ask leaves by the port it came in by, or not at all, once; nothing else does; none goes to a port that does not answer
 *	bytes	an answer has the asker's id and time, and taktd's: when the frame had been taken in, on the clock as it is when it is handed over
 *	key	the record's is that of the bytes that left
 *	rate	what passes is what the bucket lets pass, and nothing else is dropped by it
 *	name	nobody else sends from taktd's address
 */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ask.h"
#include "base/key.h"
#include "base/ns.h"

#define broken(s, ...) (why_fail(&(s)->why, EINVAL, __VA_ARGS__), false)
#include <errno.h>

#define ID_OF(t) (0x1122334455667788u ^ (uint64_t)(t))

/* -- the world --------------------------------------------------------------------------------------------------- */

/* Of `len` bytes of payload, the one at `at` is not what it should be, or they are too few. */
static uint32_t spoil(struct sim *s, uint8_t *payload, uint32_t len)
{
	static const uint8_t at[] = {0, 3, 4, 5, 6, 7, 24, 31};

	if (sim_random(s, 4))
		payload[at[sim_random(s, sizeof(at))]] ^= 0x83; /* of op too: neither asks nor answers */
	else
		len = sim_random(s, ASK_LEN);
	return len;
}

uint32_t sim_ask_frame(struct sim *s, uint32_t port, uint8_t *f, struct sim_put *put, uint32_t *header)
{
	struct ask a = {.op = ASK_ASKS, .id = ID_OF(s->clock.now), .t_guest = s->clock.now};
	uint32_t len = sim_random(s, 2) ? 46 : ASK_LEN + sim_random(s, 1400), at = 12;

	memcpy(f, ASK_ADDRESS, 6);
	f[6] = 0x02;
	f[11] = (uint8_t)port;
	put->ask = SIM_ASK;
	if (!sim_random(s, 10)) {
		put->ask = SIM_ASK_FALSE;
		a.op = ASK_ANSWERS;
		memcpy(f + 6, ASK_ADDRESS, 6);
		f[0] = 0x02;
		f[5] = (uint8_t)sim_random(s, s->n_ports);
	}
	if (sim_random(s, 2)) {
		f[at++] = 0x81;
		f[at++] = 0x00;
		f[at++] = (uint8_t)(sim_random(s, 8) << 5);
		f[at++] = (uint8_t)(sim_random(s, 2) ? 0 : 9 + sim_random(s, 5));
	}
	f[at++] = ASK_ETHERTYPE >> 8;
	f[at++] = ASK_ETHERTYPE & 0xff;
	ask_put(f + at, &a);
	if (put->ask == SIM_ASK && !sim_random(s, 8)) {
		put->ask = SIM_ASK_FLAWED;
		len = spoil(s, f + at, len);
	}
	*header = at;
	return at + len;
}

/* -- what is handed over ------------------------------------------------------------------------------------------- */

static bool look(struct sim *s, const struct port *port, const struct pkt *p)
{
	uint32_t at = p->data[12] == 0x81 && !p->data[13] ? 18 : 14;
	struct ask a;

	if (!memcmp(p->data, ASK_ADDRESS, 6) && p->data[at - 2] == ASK_ETHERTYPE >> 8 && p->data[at - 1] == (ASK_ETHERTYPE & 0xff))
		return broken(s, "back: frame %" PRIu64 " to taktd's address was handed to port %u", p->seq, port->index);
	if (memcmp(p->data + 6, ASK_ADDRESS, 6))
		return p->in_port != port->index || broken(s, "back: frame %" PRIu64 " is no answer, and goes back to port %u", p->seq, port->index);
	if (p->in_port != port->index || !port->time.on)
		return broken(s, "name: frame %" PRIu64 " of port %u, from taktd's address, was handed to port %u", p->seq, p->in_port, port->index);
	if (!ask_get(&a, p->data + at, p->len - at) || a.op != ASK_ANSWERS || a.id != ID_OF(a.t_guest))
		return broken(s, "bytes: frame %" PRIu64 ": the answer is none, or another's", p->seq);
	if (a.t_seen != p->t_seen + p->hop_ns[HOP_COPY])
		return broken(s, "bytes: frame %" PRIu64 ": answered with %" PRId64 ", it was taken in at %" PRId64, p->seq, a.t_seen,
			      p->t_seen + p->hop_ns[HOP_COPY]);
	if (!s->answer)
		s->answer = malloc(SIM_RECORDS * sizeof(*s->answer));
	if (!s->answer || s->n_answers == SIM_RECORDS)
		return broken(s, "count: too many answers");
	s->answer[s->n_answers++] = (struct sim_answer){p->seq, key_of(p->data, p->len)};
	return true;
}

void sim_ask_sent(struct sim *s, const struct port *port, const struct pkt *p)
{
	s->ask_leak = s->ask_leak || !look(s, port, p);
}

/* -- records ------------------------------------------------------------------------------------------------------- */

struct bucket {
	long double tokens;
	int64_t t;
};

/* In real numbers; of what came as far. */
static bool check_rate(struct sim *s, const struct pkt *r, struct bucket *b)
{
	bool pass;

	b->tokens += (long double)(r->t_seen - b->t) * ASK_RATE / 1e9L;
	b->t = r->t_seen;
	if (b->tokens > ASK_BURST)
		b->tokens = ASK_BURST;
	pass = b->tokens > 1.0L - 1e-9L;
	b->tokens -= pass;
	if (pass == (r->verdict == VERDICT_TIME_RATE))
		return broken(s, "rate: ask %" PRIu64 " of port %u %s with %.6Lf left", r->seq, r->in_port, pass ? "dropped" : "passed", b->tokens + pass);
	return true;
}

static bool is_time_verdict(const struct pkt *r)
{
	return r->verdict == VERDICT_TIME_OFF || r->verdict == VERDICT_TIME_BAD || r->verdict == VERDICT_TIME_RATE;
}

static bool check_ask(struct sim *s, const struct pkt *r, const struct sim_put *put, struct bucket *b, uint64_t *asks)
{
	bool on = s->port[r->in_port].time.on;

	if (!sim_is_ask(put, r))
		return (!is_time_verdict(r) && (r->in_port != r->out_port || r->verdict != VERDICT_SENT)) ||
			broken(s, "back: frame %" PRIu64 " is no ask, and was turned or dropped as one", r->seq);
	++*asks;
	if (put->ask != SIM_ASK)
		return r->verdict == VERDICT_TIME_BAD || broken(s, "name: ask %" PRIu64 " of port %u is none, and its verdict %u", r->seq, r->in_port, r->verdict);
	if (!on)
		return r->verdict == VERDICT_TIME_OFF || broken(s, "back: ask %" PRIu64 " of port %u, which does not answer, has verdict %u", r->seq, r->in_port, r->verdict);
	if (r->verdict == VERDICT_TIME_OFF || r->verdict == VERDICT_TIME_BAD)
		return broken(s, "back: ask %" PRIu64 " of port %u has verdict %u", r->seq, r->in_port, r->verdict);
	if (r->verdict != VERDICT_TIME_RATE && r->out_port != r->in_port)
		return broken(s, "back: ask %" PRIu64 " of port %u was for port %u", r->seq, r->in_port, r->out_port);
	s->answered += r->verdict == VERDICT_SENT;
	return !s->calm || check_rate(s, r, b);
}

static bool check_keys(struct sim *s, const struct sim_records *rec)
{
	uint64_t *key = calloc(s->worker.seq + 1, sizeof(*key)), i;
	bool good = key;

	for (i = 0; good && i < s->n_answers; i++)
		key[s->answer[i].seq] = s->answer[i].key; /* the last one: one that was refused may have been stamped anew */
	for (i = 0; good && i < rec->n; i++)
		if (rec->rec[i].in_port == rec->rec[i].out_port && rec->rec[i].verdict == VERDICT_SENT && rec->key[i] != key[rec->rec[i].seq])
			good = broken(s, "key: record %" PRIu64 ": key %" PRIx64 ", the answer that left has %" PRIx64, i, rec->key[i],
				      key[rec->rec[i].seq]);
	free(key);
	return good;
}

bool sim_check_asks(struct sim *s, const struct sim_records *rec)
{
	const struct pkt **of = calloc(s->worker.seq + 1, sizeof(*of));
	uint64_t asks[SIM_MAX_PORTS] = {0}, i;
	struct bucket b[SIM_MAX_PORTS];
	bool good = of && !s->ask_leak;

	for (i = 0; i < s->n_ports; i++)
		b[i] = (struct bucket){.tokens = ASK_BURST, .t = 0};
	for (i = 0; good && i < rec->n; i++) {
		if (of[rec->rec[i].seq] && rec->put[rec->rec[i].seq]->ask)
			good = broken(s, "count: ask %" PRIu64 " has two records", rec->rec[i].seq);
		of[rec->rec[i].seq] = &rec->rec[i];
	}
	for (i = 0; good && i < s->worker.seq; i++) /* in the order in which they came */
		good = check_ask(s, of[i], rec->put[i], &b[of[i]->in_port], &asks[of[i]->in_port]);
	for (i = 0; good && i < s->n_ports; i++)
		if (s->port[i].stat.time_asks != asks[i])
			good = broken(s, "count: port %" PRIu64 " counts %" PRIu64 " asks, %" PRIu64 " came in", i, s->port[i].stat.time_asks, asks[i]);
	free(of);
	return good && check_keys(s, rec);
}
