/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All records of a run, and what the frames in them were when they were put in: the worker numbers frames as it
 * receives them, so the n-th number that came in at a port is the n-th frame put in there.
 */
#include "tests/sim/sim.h"

#include <errno.h>
#include <stdlib.h>

/* One record of each frame that was received, in the order of their numbers. */
static const struct pkt **one_of_each(const struct sim *s, const struct sim_records *rec)
{
	const struct pkt **of = calloc(s->worker.seq + 1, sizeof(*of));
	uint64_t i;

	for (i = 0; of && i < rec->n; i++)
		of[rec->rec[i].seq] = &rec->rec[i];
	return of;
}

/* Did it come as far as its scheduler? */
static const struct police_filter_conf *scheduled(const struct sim_police *p, const struct pkt *r)
{
	const struct police_filter_conf *f = p->on && (r->out_port != PKT_NO_PORT || r->verdict == VERDICT_ATS_LATE) ? sim_police_filter(p, r) : NULL;

	return f && f->scheduler != POLICE_NONE ? f : NULL;
}

/* The schedulers of a port anew. */
struct schedulers {
	struct ats ats[SIM_ATS];
	struct ats_group group[SIM_GROUPS];
};

static void begin(struct schedulers *t, const struct sim_police *p)
{
	uint32_t i;

	for (i = 0; p->on && i < p->conf.n_groups; i++)
		t->group[i] = (struct ats_group){.max_residence_ns = p->residence[i], .t_eligible = INT64_MIN};
	for (i = 0; p->on && i < p->conf.n_schedulers; i++)
		ats_init(&t->ats[i], &p->scheduler[i].ats, p->t_made, NULL);
}

static void trace(const struct sim *s, struct sim_records *rec, const struct pkt **of)
{
	struct schedulers t[SIM_MAX_PORTS];
	uint32_t n[SIM_MAX_PORTS] = {0};
	const struct police_filter_conf *f;
	const struct sim_put *put;
	const struct pkt *r;
	uint64_t seq;
	uint32_t i;

	for (i = 0; i < s->n_ports; i++)
		begin(&t[i], &s->police[i]);
	for (seq = 0; seq < s->worker.seq; seq++) {
		r = of[seq];
		i = r->in_port;
		put = &s->put[i][n[i]++];
		rec->len[seq] = put->len;
		rec->launch[seq] = put->t_launch;
		rec->put[seq] = put;
		rec->t_eligible[seq] = r->t_seen;
		f = sim_is_ask(put, r) ? NULL : scheduled(&s->police[i], r);
		if (f)
			ats_assign(&t[i].ats[f->scheduler], &t[i].group[s->police[i].scheduler[f->scheduler].group],
				   wire_bytes(put->len) - WIRE_OVERHEAD, r->t_seen, &rec->t_eligible[seq]);
	}
}

int sim_records_read(struct sim *s, struct sim_records *rec)
{
	uint64_t pos = 0, lost = 0;
	const struct pkt **of;

	rec->rec = malloc(SIM_RECORDS * sizeof(*rec->rec));
	rec->key = malloc(SIM_RECORDS * sizeof(*rec->key));
	rec->t_start = calloc(SIM_RECORDS, sizeof(*rec->t_start));
	rec->len = calloc(s->worker.seq + 1, sizeof(*rec->len));
	rec->launch = calloc(s->worker.seq + 1, sizeof(*rec->launch));
	rec->t_eligible = calloc(s->worker.seq + 1, sizeof(*rec->t_eligible));
	rec->put = calloc(s->worker.seq + 1, sizeof(*rec->put));
	if (!rec->rec || !rec->key || !rec->t_start || !rec->len || !rec->launch || !rec->t_eligible || !rec->put)
		return -ENOMEM;
	rec->n = rec_read_keys(s->worker.rec.shm, &pos, rec->rec, rec->key, SIM_RECORDS, &lost);
	if (lost)
		return why_fail(&s->why, EOVERFLOW, "count: the ring of records is too small for this run: %lu lost", (unsigned long)lost);
	of = one_of_each(s, rec);
	if (!of)
		return -ENOMEM;
	trace(s, rec, of);
	free(of);
	return 0;
}

void sim_records_free(struct sim_records *rec)
{
	free(rec->t_eligible);
	free(rec->put);
	free(rec->launch);
	free(rec->len);
	free(rec->t_start);
	free(rec->key);
	free(rec->rec);
}
