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

static const struct {
	const char *name, *key;
	char minuend, subtrahend;		/* the first choice */
	char minuend_sw, subtrahend_sw;		/* where no frame has that; 0: there is none */
} rows[ISO_METRICS] = {
	[ISO_PATH_DELAY] = { "Path delay", "path_delay", 'R', 'T', 'r', 't' },
	[ISO_SENDER] = { "Sender latency", "sender_latency", 't', 'w', 0, 0 },
	[ISO_WAKEUP] = { "Wakeup latency", "wakeup_latency", 'w', 'A', 0, 0 },
	[ISO_DRIVER] = { "Driver latency", "driver_latency", 't', 's', 0, 0 },
	[ISO_BUDGET] = { "Application latency budget", "application_latency_budget", 'S', 'T', 'S', 't' },
	[ISO_ARRIVAL] = { "Arrival latency", "arrival_latency", 'a', 'R', 'a', 'r' },
	[ISO_END_TO_END] = { "End to end", "end_to_end", 'a', 'S', 0, 0 },
};

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
		.name = held ? "MAC latency" : rows[id].name, .key = held ? "mac_latency" : rows[id].key, .stamps = rows[id].minuend_sw ? "hardware" : "",
		.ns = malloc(room * sizeof(*m->ns)), .seqid = malloc(room * sizeof(*m->seqid)),
	};
	if (!m->ns || !m->seqid) {
		iso_metric_fini(m);
		return -ENOMEM;
	}
	collect(m, iso, rows[id].minuend, rows[id].subtrahend, first, last);
	if (!m->n && rows[id].minuend_sw) {
		m->stamps = "software";
		collect(m, iso, rows[id].minuend_sw, rows[id].subtrahend_sw, first, last);
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
