/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * host_sched: threads that wait for a CPU, and who has it meanwhile.
 */
#ifndef TAKT_PROBES_HOST_SCHED_BPF_H
#define TAKT_PROBES_HOST_SCHED_BPF_H

#include "probes/host_state.bpf.h"

/* -- waits ------------------------------------------------------------------------------------------------------------------- */

INLINE void thread_span(struct host_cpu *c, uint16_t kind, uint32_t tid, uint64_t t, uint64_t t_end)
{
	struct event *e;

	if (t_end - t < min_span_ns || !(e = begin(c, kind, t, t_end)))
		return;
	e->tid = tid;
	commit(e);
}

INLINE uint32_t bucket_of(uint64_t ns)
{
	uint32_t top = 0, shift;
	uint64_t v = ns;

	if (ns < 2 << HOST_SUB)
		return (uint32_t)ns;
	/* The highest bit that is set; there is no instruction for it. */
	if (v >> 32) { top += 32; v >>= 32; }
	if (v >> 16) { top += 16; v >>= 16; }
	if (v >> 8) { top += 8; v >>= 8; }
	if (v >> 4) { top += 4; v >>= 4; }
	if (v >> 2) { top += 2; v >>= 2; }
	if (v >> 1)
		top++;
	shift = top - HOST_SUB;
	return (shift << HOST_SUB) + (uint32_t)(ns >> shift);
}

/*
 * Thread `tid` waited for this CPU from `from` to `to`: who ran meanwhile is what the CPU remembers, newest first. One event and
 * one sum for each that ran. What lies further back than it remembers is nobody's: who is "several".
 */
struct wait {
	struct host_cpu *c;
	uint64_t from, to;	/* what is not told yet */
	uint32_t tid, cpu, n, waker;
	uint16_t kind;
	bool write;		/* events, and not sums alone */
	bool more;		/* pieces before `from` were told */
};

INLINE void wait_piece(const struct wait *w, uint64_t t, bool more, uint32_t by, const char *who)
{
	struct host_key key = {.tid = w->tid, .kind = w->kind, .cpu = HOST_NO_CPU, .by = by};
	struct event *e;

	sum_add(w->c, &key, w->to - t, more, who);
	if (!w->write || !(e = begin(w->c, w->kind, t, w->to)))
		return;
	e->tid = w->tid;
	e->cpu = (uint16_t)w->cpu;
	e->by = by;
	e->flags = more ? EV_MORE : 0;
	copy_who(e->who, who);
	e->arg = w->waker;
	commit(e);
}

/* The i-th newest that ran; 1: it was the last that is wanted. */
static long wait_step(uint32_t i, void *ctx)
{
	struct wait *w = ctx;
	struct host_cpu *c = w->c;
	struct host_past p;

	if (i >= w->n)
		return 1;
	p = c->past[(w->n - 1 - i) & (HOST_PAST - 1)];
	if (p.t >= w->to)
		return 0;
	if (p.t <= w->from) {
		wait_piece(w, w->from, w->more, p.tid, p.who);
		w->to = w->from;
		return 1;
	}
	wait_piece(w, p.t, true, p.tid, p.who);
	w->to = p.t;
	return 0;
}

INLINE void wait_over(struct host_cpu *c, struct host_thread *th, uint32_t tid, uint16_t kind, uint64_t to)
{
	struct wait w = {.c = c, .from = th->t_piece, .to = to, .tid = tid, .cpu = th->cpu, .n = c->n, .kind = kind,
			 .waker = kind == EV_WAKEUP ? th->waker : 0, .write = to - th->t_wait >= min_span_ns, .more = th->more};
	char several[EVENT_WHO] = "several";

	if (w.from >= w.to)
		return;
	bpf_loop(HOST_PAST - 1, wait_step, &w, 0); /* the oldest may be written over just now */
	if (w.from < w.to)
		wait_piece(&w, w.from, w.more, 0, several);
	th->more = th->more || w.write;
	th->t_piece = to;
}

INLINE void add3(uint64_t *n, uint64_t *sum, uint64_t *max, uint64_t ns)
{
	++*n;
	*sum += ns;
	if (ns > *max)
		*max = ns;
}

INLINE void add_wake(uint32_t tid, uint64_t ns)
{
	struct host_wakes *h = bpf_map_lookup_elem(&wakes, &tid);
	uint32_t i = bucket_of(ns);

	if (h && i < HOST_BUCKETS)
		h->bucket[i]++;
}

/* -- the scheduler ----------------------------------------------------------------------------------------------------------- */

INLINE void slept(struct host_cpu *c, struct host_thread *th, uint32_t tid, uint64_t t_end)
{
	uint64_t ns = t_end - th->t;

	if (th->slept == HOST_STOPPED)
		add3(&th->stops, &th->stopped_ns, &th->stopped_max_ns, ns);
	thread_span(c, th->slept == HOST_STOPPED ? EV_STOPPED : EV_SLEPT, tid, th->t, t_end);
}

INLINE void comes_on(struct host_cpu *c, uint32_t cpu, struct host_thread *th, uint32_t tid, uint64_t now)
{
	uint64_t ns = now - th->t_wait;
	uint16_t kind = 0;

	c->watched = 1;
	th->cpu = (uint16_t)cpu;
	switch (th->state) {
	case HOST_ON:	/* /proc does not tell who runs from who waits: it has waited since we look */
		if (th->runs)
			break;
		ns = now - th->t_on;
		th->t_wait = th->t_piece = th->t_on;
		add3(&th->preempted, &th->preempted_ns, &th->preempted_max_ns, ns);
		kind = EV_PREEMPTED;
		break;
	case HOST_READY:
		add3(&th->preempted, &th->preempted_ns, &th->preempted_max_ns, ns);
		kind = EV_PREEMPTED;
		break;
	case HOST_WOKEN:
	case HOST_QUEUED:
		add3(&th->wakeups, &th->wakeup_ns, &th->wakeup_max_ns, ns);
		add_wake(tid, ns);
		slept(c, th, tid, th->t_wait);
		kind = EV_WAKEUP;
		break;
	case HOST_SLEEPING:
	case HOST_STOPPED:	/* its wake-up was not told */
		c->untold++;
		slept(c, th, tid, now);
		break;
	}
	if (kind)
		wait_over(c, th, tid, kind, now);
	th->state = HOST_ON;
	th->t_on = now;
	th->more = 0;
	th->runs++;
}

INLINE void goes_off(struct host_thread *th, uint32_t cpu, uint64_t now, bool preempt, uint32_t prev_state, struct task_struct *next)
{
	if (th->state == HOST_ON)
		th->ran_ns += now - th->t_on;
	th->t = now;
	th->t_wait = now;
	th->t_piece = now;
	th->more = 0;
	th->cpu = (uint16_t)cpu;
	if (preempt || !prev_state) {
		th->by = next->pid;
		bpf_probe_read_kernel(th->who, EVENT_WHO, next->comm);
		th->state = HOST_READY;
		return;
	}
	th->state = prev_state & (HOST_TASK_STOPPED | HOST_TASK_TRACED) ? HOST_STOPPED : HOST_SLEEPING;
	th->slept = th->state;
}

INLINE void remember(struct host_cpu *c, uint64_t t, struct task_struct *task)
{
	struct host_past *p = &c->past[c->n & (HOST_PAST - 1)];

	p->t = t;
	p->tid = task->pid;
	bpf_probe_read_kernel(p->who, EVENT_WHO, task->comm);
	c->n++;
}

/*
 * Some kernels hide switches from threads of theirs. The task that leaves never came on, then; but its scheduler wrote down when it did, and
 * where that clock lies is known from the switches that were told. Without that: not before the last that is known.
 */
INLINE void find_untold(struct host_cpu *c, uint32_t cpu, struct host_thread *th, struct task_struct *prev, uint64_t now)
{
	struct host_past *p = &c->past[(c->n - 1) & (HOST_PAST - 1)];
	uint64_t arrival = 0, t;

	if (!c->n)
		return;
	if (bpf_core_field_exists(prev->sched_info))
		arrival = prev->sched_info.last_arrival;
	if (p->tid == (uint32_t)prev->pid) {
		c->offset = arrival ? (int64_t)(p->t - arrival) : 0;
		return;
	}
	c->untold++;
	t = arrival && c->offset ? arrival + c->offset : p->t;
	if (t < p->t || t > now)
		t = p->t;
	if (th && th->state != HOST_ON)
		comes_on(c, cpu, th, prev->pid, t > th->t_wait ? t : th->t_wait);
	if (th)
		th->t_on = t;
	if (t > p->t)
		remember(c, t, prev);
}

INLINE void switched(enum host_prog prog, bool preempt, struct task_struct *prev, struct task_struct *next, uint32_t prev_state)
{
	uint64_t now = bpf_ktime_get_ns();
	struct host_thread *th;
	struct host_cpu *c;
	uint32_t cpu;

	c = this_cpu(&cpu, prog);
	if (!c)
		return;
	th = thread_of(prev->pid);
	find_untold(c, cpu, th, prev, now);
	if (th)
		goes_off(th, cpu, now, preempt, prev_state, next);
	th = thread_of(next->pid);
	if (th)
		comes_on(c, cpu, th, next->pid, now);
	remember(c, now, next);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state)
{
	switched(HOST_PROG_on_switch, preempt, prev, next, prev_state);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch_old, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	switched(HOST_PROG_on_switch_old, preempt, prev, next, prev->__state);
	return 0;
}

/* One that did not leave its CPU yet is not woken: it goes on. */
INLINE void woken(struct host_thread *th, uint64_t now)
{
	if (th->state != HOST_SLEEPING && th->state != HOST_STOPPED)
		return;
	th->waker = current_tid();
	th->t_wait = now;
	th->t_piece = now;
	th->more = 0;
	th->by = 0;
	__builtin_memset(th->who, 0, EVENT_WHO);
	th->state = HOST_WOKEN;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(on_waking, struct task_struct *p)
{
	struct host_thread *th = thread_of(p->pid);
	uint32_t cpu;

	this_cpu(&cpu, HOST_PROG_on_waking);
	if (th)
		woken(th, bpf_ktime_get_ns());
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *p)
{
	struct host_thread *th = thread_of(p->pid);
	uint32_t cpu;

	this_cpu(&cpu, HOST_PROG_on_wakeup);
	if (!th)
		return 0;
	woken(th, bpf_ktime_get_ns());
	if (th->state == HOST_WOKEN)
		th->state = HOST_QUEUED;
	return 0;
}

SEC("tp_btf/sched_migrate_task")
int BPF_PROG(on_migrate, struct task_struct *p, int dest)
{
	struct host_thread *th = thread_of(p->pid);
	struct host_cpu *c, *old;
	uint64_t now;
	struct event *e;
	uint32_t cpu;

	c = this_cpu(&cpu, HOST_PROG_on_migrate);
	if (!c || !th)
		return 0;
	now = bpf_ktime_get_ns();
	/* It waited on one CPU so far, and goes on on another: what was is written now, while that CPU remembers. */
	if (th->state == HOST_READY || th->state == HOST_QUEUED) {
		old = cpu_row(th->cpu);
		if (old)
			wait_over(old, th, p->pid, th->state == HOST_READY ? EV_PREEMPTED : EV_WAKEUP, now);
	}
	th->migrations++;
	e = begin(c, EV_MIGRATED, now, now);
	if (e) {
		e->tid = p->pid;
		e->cpu = (uint16_t)dest;
		e->by = current_tid();
		bpf_get_current_comm(e->who, EVENT_WHO);
		e->arg = th->cpu;
		commit(e);
	}
	th->cpu = (uint16_t)dest;
	return 0;
}

#endif
