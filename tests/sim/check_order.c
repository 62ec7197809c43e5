/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues in order of instants, from the records and from what was put in: launch times as they stood in the frames,
 * eligibility times worked out anew.
 *
 *	order	of those that wait, the one with the earliest instant leaves, of equal ones the first to come (8.6.8.5)
 *	launch	a frame of mode strict starts at its launch time or up to its tolerance after, one of mode deadline by its launch time
 *	missed	who is dropped for that could not have started in time; who has no launch time, or one far away, is dropped at once
 *	early	no frame leaves before its eligibility time
 *	shape	a frame waited for time exactly as long as the head's time had not come while the gate was open
 *
 * In calm worlds only.
 */
#include "tests/sim/events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/ns.h"

#define broken(s, ...) (why_fail(&(s)->why, EINVAL, __VA_ARGS__), false)

#define LONG_NS	       (2 * NS_PER_MS) /* no visit to a port is later than this in a calm world */

struct line {
	struct sim *s;
	const struct sim_records *rec;
	const struct launch_conf *launch; /* NULL: by eligibility */
	uint8_t port, tc;
	uint32_t phase;
	int64_t t;
	int64_t lack_ns;
	uint64_t *in;	    /* records of those that wait */
	uint32_t n_in;
	int64_t *lack_then; /* of each record; -1: not known */
};

static int64_t key_of(const struct line *l, uint64_t n)
{
	const struct pkt *r = &l->rec->rec[n];
	int64_t t = l->rec->launch[r->seq];

	if (!l->launch)
		return l->rec->t_eligible[r->seq];
	return t == SIM_NO_LAUNCH ? t : t + l->launch->offset_ns;
}

/* When did it come to the queue? */
static int64_t came(const struct line *l, uint64_t n)
{
	const struct pkt *r = &l->rec->rec[n];

	return r->t_seen + r->hop_ns[HOP_COPY] + r->hop_ns[HOP_CLASS];
}

static bool before(const struct line *l, uint64_t a, uint64_t b)
{
	const struct pkt *x = &l->rec->rec[a], *y = &l->rec->rec[b];

	if (key_of(l, a) != key_of(l, b))
		return key_of(l, a) < key_of(l, b);
	if (came(l, a) != came(l, b))
		return came(l, a) < came(l, b);
	return x->in_port == y->in_port && x->seq < y->seq;
}

/* From when on may the head start? */
static int64_t t_ready(const struct line *l)
{
	uint32_t i, head = 0;

	if (!l->n_in || (l->launch && l->launch->mode == LAUNCH_DEADLINE))
		return INT64_MIN;
	for (i = 1; i < l->n_in; i++)
		if (key_of(l, l->in[i]) < key_of(l, l->in[head]))
			head = i;
	return key_of(l, l->in[head]);
}

static void come_to(struct line *l, int64_t t)
{
	uint32_t phase = l->phase, i;
	bool known = events_phase(l->s, l->port, &phase, t);
	int64_t until = t_ready(l);

	if (!known || phase != l->phase)
		for (i = 0; i < l->n_in; i++)
			l->lack_then[l->in[i]] = -1;
	else
		l->lack_ns += events_open_ns(events_list(l->s, &l->s->phase[l->port][phase]), l->tc, l->t, until < t ? until : t);
	l->phase = phase;
	l->t = t;
}

static bool check_going(struct line *l, uint64_t n)
{
	const struct pkt *r = &l->rec->rec[n];
	int64_t key = key_of(l, n), lack_ns = l->lack_ns - l->lack_then[n];
	int64_t t_start = l->rec->t_start[n];
	struct sim *s = l->s;
	uint32_t i;

	for (i = 0; i < l->n_in; i++)
		if (came(l, l->in[i]) < l->t && before(l, l->in[i], n))
			return broken(s, "order: record %" PRIu64 ": class %u of port %u: frame %" PRIu64 " leaves before frame %" PRIu64 ", which is first",
				      n, l->tc, l->port, r->seq, l->rec->rec[l->in[i]].seq);
	if (l->launch && key == SIM_NO_LAUNCH)
		return broken(s, "launch: record %" PRIu64 ": was sent without a launch time", n);
	if ((!l->launch || l->launch->mode == LAUNCH_STRICT) && l->t < key)
		return broken(s, "%s: record %" PRIu64 ": left %" PRId64 " ns before its time", l->launch ? "launch" : "early", n, key - l->t);
	if (l->launch && t_start > launch_until(l->launch, key))
		return broken(s, "launch: record %" PRIu64 ": starts %" PRId64 " ns after its time", n, t_start - key);
	if (l->lack_then[n] >= 0 && lack_ns != r->hop_ns[HOP_SHAPE])
		return broken(s, "shape: record %" PRIu64 ": class %u of port %u waited for time %u ns by its hop, %" PRId64 " by its time", n, l->tc,
			      l->port, r->hop_ns[HOP_SHAPE], lack_ns);
	return true;
}

static bool check_dropped(struct line *l, uint64_t n)
{
	const struct pkt *r = &l->rec->rec[n];
	int64_t key = key_of(l, n);

	if (r->verdict == VERDICT_LAUNCH_MISSED && (!l->launch || l->rec->t_start[n] <= launch_until(l->launch, key)))
		return broken(l->s, "missed: record %" PRIu64 ": had until %" PRId64 ", could have started at %" PRId64, n,
			      l->launch ? launch_until(l->launch, key) : 0, l->rec->t_start[n]);
	if (r->verdict == VERDICT_FLUSHED && l->launch && launch_until(l->launch, key) < l->t - LONG_NS)
		return broken(l->s, "missed: record %" PRIu64 ": still waits %" PRId64 " ns after it could have left", n,
			      l->t - launch_until(l->launch, key));
	if (r->verdict == VERDICT_LAUNCH_INVALID &&
	    (!l->launch || (key != SIM_NO_LAUNCH && key < r->t_seen + NS_PER_SEC && key > r->t_seen - NS_PER_SEC)))
		return broken(l->s, "missed: record %" PRIu64 ": its launch time was good", n);
	return true;
}

static bool keep(struct line *l, const struct event *e)
{
	uint32_t i;

	come_to(l, e->t);
	if (e->what == COMES) {
		l->lack_then[e->n] = events_phase(l->s, l->port, &l->phase, e->t) ? l->lack_ns : -1;
		l->in[l->n_in++] = e->n;
		return true;
	}
	for (i = 0; l->in[i] != e->n; i++)
		;
	l->in[i] = l->in[--l->n_in];
	return e->what == GOES ? check_going(l, e->n) : check_dropped(l, e->n);
}

static bool check_class(struct line *l, struct event *e)
{
	uint32_t n = events_gather(e, l->rec, l->port, l->tc), i;

	l->t = n ? e[0].t : 0;
	for (i = 0; i < n; i++)
		if (!keep(l, &e[i]))
			return false;
	return true;
}

bool sim_check_order(struct sim *s, const struct sim_records *rec)
{
	struct event *e = malloc(2 * (rec->n + 1) * sizeof(*e));
	int64_t *lack_then = malloc((rec->n + 1) * sizeof(*lack_then));
	uint64_t *in = malloc((rec->n + 1) * sizeof(*in));
	bool good = true;
	struct line l;
	uint8_t port, tc;

	for (port = 0; port < s->n_ports && good; port++)
		for (tc = 0; tc < TSN_CLASSES && good; tc++) {
			l = (struct line){.s = s, .rec = rec, .port = port, .tc = tc, .in = in, .lack_then = lack_then};
			if (s->conf[port].launch[tc].enabled)
				l.launch = &s->conf[port].launch[tc];
			else if (!(s->conf[port].ats >> tc & 1))
				continue;
			good = check_class(&l, e);
		}
	free(in);
	free(lack_then);
	free(e);
	return good;
}
