/* SPDX-License-Identifier: BSD-3-Clause */
/* Spans that are not over: what host.bpf.c does at a thread's next switch, done for a thread whose next switch nobody waits for. */
#include <stdio.h>

#include "probes/host_pvt.h"

static const struct host_past *newest(const struct host_cpu *c, uint32_t back)
{
	return &c->past[(c->n - 1 - back) & (HOST_PAST - 1)];
}

static void piece(struct host *h, int *n, const struct host_thread *th, const struct event *whole, int64_t t, int64_t t_end, uint32_t by,
		  const char *who)
{
	struct event *e = &h->open[(*n)++];

	*e = *whole;
	e->t = t;
	e->t_end = t_end;
	e->by = by;
	snprintf(e->who, EVENT_WHO, "%s", who);
	e->arg = e->kind == EV_WAKEUP ? th->waker : 0;
	e->flags = (t > whole->t || th->more ? EV_MORE : 0) | (t_end == whole->t_end ? EV_OPEN : 0);
}

/* Who ran on its CPU meanwhile, newest first. */
static int pieces(struct host *h, const struct host_thread *th, const struct event *whole)
{
	int64_t to = whole->t_end;
	uint32_t i;
	int n = 0;

	if (th->cpu >= h->n_cpus || !host_cpu_get(h, th->cpu, h->cpu))
		return 0;
	for (i = 0; i < HOST_PAST - 1 && i < h->cpu->n && to > whole->t; i++) {
		const struct host_past *p = newest(h->cpu, i);
		int64_t t = (int64_t)p->t > whole->t ? (int64_t)p->t : whole->t;

		if (t >= to)
			continue;
		piece(h, &n, th, whole, t, to, p->tid, p->who);
		to = t;
	}
	if (to > whole->t)
		piece(h, &n, th, whole, whole->t, to, 0, to == whole->t_end ? "?" : "several");
	return n;
}

/* /proc had it running, but its CPU has been somebody else's ever since. */
static bool never_came_on(const struct host *h, const struct host_thread *th, uint32_t tid)
{
	return !th->runs && th->cpu < h->n_cpus && host_cpu_get(h, th->cpu, h->cpu) && h->cpu->n && newest(h->cpu, 0)->tid != tid;
}

int host_open_spans(struct host *h, const struct host_watched *w, const struct host_thread *th, int64_t now)
{
	struct event whole = {.t_end = now, .cpu = th->cpu, .tid = w->who.tid, .flags = EV_OPEN};

	switch (th->state) {
	case HOST_ON:
		if (!never_came_on(h, th, w->who.tid))
			return 0;
		whole.kind = EV_PREEMPTED;
		whole.t = th->t_on;
		return pieces(h, th, &whole);
	case HOST_READY:
	case HOST_WOKEN:
	case HOST_QUEUED:
		whole.kind = th->state == HOST_READY ? EV_PREEMPTED : EV_WAKEUP;
		whole.t = th->t_piece;
		return pieces(h, th, &whole);
	case HOST_SLEEPING:
	case HOST_STOPPED:
		whole.kind = th->state == HOST_STOPPED ? EV_STOPPED : EV_SLEPT;
		whole.t = th->t;
		h->open[0] = whole;
		return now > whole.t;
	default:
		return 0;
	}
}
