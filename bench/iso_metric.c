/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/iso_metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A stamp by its letter. */
static int64_t at(const struct iso *iso, uint32_t i, char letter)
{
	const struct iso_send *s = &iso->send[i];
	const struct iso_recv *r = &iso->recv[i];

	switch (letter) {
	case 'S': return s->t_due;
	case 'A': return s->t_due ? s->t_due - iso->advance_ns : 0;	/* the wake-up that was meant */
	case 'w': return s->t_wakeup;
	case 's': return s->t_sched;
	case 't': return s->t_sent;
	case 'T': return s->t_sent_hw;
	case 'R': return r->t_received_hw;
	case 'r': return r->t_received;
	default: return r->t_arrival;
	}
}

#define ROW(id, name, key, stamps, help) [id] = { name, key, stamps },
static const struct {
	const char *name, *key, *stamps;
} rows[ISO_METRICS] = { ISO_METRIC_ROWS(ROW) };
#undef ROW

/* Where the letters stand in "R - T, else r - t"; whether there is an "else" its length says. */
enum { MINUEND = 0, SUBTRAHEND = 4, MINUEND_ELSE = 12, SUBTRAHEND_ELSE = 16 };

static bool has_else(enum iso_metric_id id)
{
	return strlen(rows[id].stamps) > SUBTRAHEND_ELSE;
}

static void collect(struct iso_metric *m, const struct iso *iso, char minuend, char subtrahend, uint32_t first, uint32_t last)
{
	uint32_t i;

	m->n = 0;
	for (i = first - 1; i < last; i++) {
		int64_t a = at(iso, i, minuend), b = at(iso, i, subtrahend);

		if (!a || !b)
			continue;
		m->ns[m->n] = a - b;
		m->seqid[m->n++] = i + 1;
	}
}

int iso_metric_get(struct iso_metric *m, const struct iso *iso, enum iso_metric_id id, uint32_t first, uint32_t last)
{
	bool held = id == ISO_BUDGET && iso->flags & (ISO_TAPRIO | ISO_TXTIME);
	size_t room = last >= first ? last - first + 1 : 1, i;

	*m = (struct iso_metric){
		.name = held ? "MAC latency" : rows[id].name, .key = held ? "mac_latency" : rows[id].key, .stamps = has_else(id) ? "hardware" : "",
		.ns = malloc(room * sizeof(*m->ns)), .seqid = malloc(room * sizeof(*m->seqid)),
	};
	if (!m->ns || !m->seqid) {
		iso_metric_fini(m);
		return -ENOMEM;
	}
	collect(m, iso, rows[id].stamps[MINUEND], rows[id].stamps[SUBTRAHEND], first, last);
	if (!m->n && has_else(id)) {
		m->stamps = "software";
		collect(m, iso, rows[id].stamps[MINUEND_ELSE], rows[id].stamps[SUBTRAHEND_ELSE], first, last);
	}
	for (i = 0; held && i < m->n; i++)
		m->ns[i] = -m->ns[i];
	return 0;
}

void iso_metric_fini(struct iso_metric *m)
{
	free(m->ns);
	free(m->seqid);
	*m = (struct iso_metric){0};
}

void iso_metric_extremes(const struct iso_metric *m, struct iso_extremes *e)
{
	double squares = 0;
	size_t i;

	*e = (struct iso_extremes){0};
	for (i = 0; i < m->n; i++) {
		if (!i || m->ns[i] <= e->min) {
			e->min = m->ns[i];
			e->seqid_min = m->seqid[i];
		}
		if (!i || m->ns[i] >= e->max) {
			e->max = m->ns[i];
			e->seqid_max = m->seqid[i];
		}
		e->mean += (double)m->ns[i];
	}
	if (!m->n)
		return;
	e->mean /= (double)m->n;
	for (i = 0; i < m->n; i++)
		squares += ((double)m->ns[i] - e->mean) * ((double)m->ns[i] - e->mean);
	e->stddev = sqrt(squares / (double)m->n);
}
