/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ptp_check.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ns.h"
#include "bench/anew.h"

#define HORIZON_NS (100 * NS_PER_MS)	/* no window is judged beyond this */

static int keep(struct ptp_check *c, const struct pkt *p)
{
	size_t room = c->room ? c->room * 2 : 4096;
	int64_t *v;

	if (c->sent == c->room) {
		v = realloc(c->stay_ns, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		c->stay_ns = v;
		v = realloc(c->gate_ns, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		c->gate_ns = v;
		c->room = room;
	}
	c->stay_ns[c->sent] = p->t_out - p->t_seen;
	c->gate_ns[c->sent++] = p->hop_ns[HOP_GATE];
	return 0;
}

/* The link moves on by a sent frame; then one of PTP's class has to be over before its gate shuts. */
static void judge(struct ptp_check *c, const struct pkt *p)
{
	struct ptp_check_link *l = &c->link[p->out_port % PKT_MAX_PORTS];
	int64_t ns = anew_link_ns(c->link_bps, p->len), t_hand = pkt_t_hand(p), t_end, t_close;

	if (l->t_out != p->t_out) {
		l->t_out = p->t_out;
		l->t_worst = l->t_free > p->t_out ? l->t_free : p->t_out;
	}
	t_end = (l->t_free > t_hand ? l->t_free : t_hand) + ns;
	l->t_free = t_end;
	l->t_worst += ns;
	if (p->tc != PTP_CHECK_TC || p->flags & PKT_STEPPED)
		return;
	t_close = timeline_close(c->timeline, c->timeline->n, p->tc, t_hand, HORIZON_NS);
	if (l->t_worst <= t_close)
		return;
	if (t_end <= t_close && p->flags & PKT_OVERRUN)
		c->overruns++;
	else
		c->outside++;
}

int ptp_check_add(struct ptp_check *c, const struct pkt *p)
{
	bool ptp = p->tc == PTP_CHECK_TC;

	c->bad_sums += !anew_sums_up(p);
	c->t_first = c->t_first ? c->t_first : p->t_out;
	c->t_last = p->t_out;
	if (p->verdict == VERDICT_SENT)
		judge(c, p);
	if (ptp && p->verdict == VERDICT_SENT)
		return keep(c, p);
	if (p->verdict == VERDICT_PTP_DOUBT) {
		c->doubtful++;
		return 0;
	}
	c->dropped += ptp;
	c->others += !ptp && p->verdict == VERDICT_SENT;
	c->others_dropped += !ptp && p->verdict != VERDICT_SENT;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void ptp_check_sort(struct ptp_check *c)
{
	if (!c->sent)
		return;
	qsort(c->stay_ns, c->sent, sizeof(*c->stay_ns), ascending);
	qsort(c->gate_ns, c->sent, sizeof(*c->gate_ns), ascending);
}

void ptp_check_fini(struct ptp_check *c)
{
	free(c->stay_ns);
	free(c->gate_ns);
	c->stay_ns = c->gate_ns = NULL;
	c->room = 0;
}
