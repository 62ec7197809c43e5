/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * Spans are made here, where both their ends are seen: begun in a map, written as one event when they end and are min_span_ns long or more.
 *
 * Which of these programs is attached to which tracepoint is decided by probes/host_points.c, from the kernel's types. Where a tracepoint's
 * arguments are numbers only, the program is a raw one and serves many. One long file, as an object is one. Needs bpf_loop(): Linux 5.17.
 */
#include "probes/kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "probes/host_bpf.h"

char _license[] SEC("license") = "Dual BSD/GPL";

const volatile uint64_t min_span_ns = 5000;
uint32_t kvm_isa;	/* the numbering of the reasons, as KVM tells it */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HOST_THREADS);
	__type(key, uint32_t);
	__type(value, struct host_thread);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HOST_THREADS);
	__type(key, uint32_t);
	__type(value, struct host_wakes);
} wakes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HOST_SUMS);
	__type(key, struct host_key);
	__type(value, struct host_sum);
} sums SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct host_cpu);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

#define INLINE static inline __attribute__((always_inline))

/* -- parts ------------------------------------------------------------------------------------------------------------------- */

INLINE struct host_cpu *cpu_row(uint32_t cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

INLINE struct host_cpu *this_cpu(uint32_t *cpu, enum host_prog prog)
{
	struct host_cpu *c;

	*cpu = bpf_get_smp_processor_id();
	c = cpu_row(*cpu);
	if (c)
		c->hits[prog]++;
	return c;
}

INLINE struct host_thread *thread_of(uint32_t tid)
{
	return bpf_map_lookup_elem(&threads, &tid);
}

INLINE uint32_t current_tid(void)
{
	return (uint32_t)bpf_get_current_pid_tgid();
}

INLINE void copy_who(char *to, const char *from)
{
	__builtin_memcpy(to, from, EVENT_WHO);
}

INLINE struct event *begin(struct host_cpu *c, uint16_t kind, uint64_t t, uint64_t t_end)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&c->lost, 1);
		return NULL;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->t = t;
	e->t_end = t_end;
	e->kind = kind;
	return e;
}

/* Readers look often enough by themselves: no interrupt to wake one, which would be one on a CPU that is watched. */
INLINE void commit(struct event *e)
{
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
}

INLINE void sum_add(struct host_cpu *c, const struct host_key *key, uint64_t ns, bool more, const char *who)
{
	struct host_sum *s = bpf_map_lookup_elem(&sums, key);
	struct host_sum fresh = {0};

	if (!s) {
		if (who)
			copy_who(fresh.who, who);
		bpf_map_update_elem(&sums, key, &fresh, BPF_NOEXIST);
		s = bpf_map_lookup_elem(&sums, key);
	}
	if (!s) {
		__sync_fetch_and_add(&c->unsummed, 1);
		return;
	}
	if (more)
		s->more++;
	else
		s->n++;
	s->ns += ns;
	if (ns > s->max_ns)
		s->max_ns = ns;
}

INLINE void sum_thread(struct host_cpu *c, uint16_t kind, uint32_t tid, uint32_t by, uint64_t ns)
{
	struct host_key key = {.tid = tid, .kind = kind, .cpu = HOST_NO_CPU, .by = by};

	sum_add(c, &key, ns, false, NULL);
}

/* A span of a CPU's: counted always, written when it is long enough. */
INLINE void cpu_span(struct host_cpu *c, uint32_t cpu, uint16_t kind, uint32_t by, uint64_t t, uint64_t now, const char *who)
{
	struct host_key key = {.tid = 0, .kind = kind, .cpu = (uint16_t)cpu, .by = by};
	struct event *e;

	sum_add(c, &key, now - t, false, who);
	if (now - t < min_span_ns)
		return;
	e = begin(c, kind, t, now);
	if (!e)
		return;
	e->cpu = (uint16_t)cpu;
	e->by = by;
	if (who)
		copy_who(e->who, who);
	commit(e);
}

INLINE void thread_span(struct host_cpu *c, uint32_t cpu, uint16_t kind, uint32_t tid, uint64_t t, uint64_t t_end)
{
	struct event *e;

	if (t_end - t < min_span_ns || !(e = begin(c, kind, t, t_end)))
		return;
	e->tid = tid;
	e->cpu = (uint16_t)cpu;
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

/* -- waits ------------------------------------------------------------------------------------------------------------------- */

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

INLINE void slept(struct host_cpu *c, uint32_t cpu, struct host_thread *th, uint32_t tid, uint64_t t_end)
{
	uint64_t ns = t_end - th->t;

	if (th->slept == HOST_STOPPED)
		add3(&th->stops, &th->stopped_ns, &th->stopped_max_ns, ns);
	thread_span(c, cpu, th->slept == HOST_STOPPED ? EV_STOPPED : EV_SLEPT, tid, th->t, t_end);
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
		slept(c, cpu, th, tid, th->t_wait);
		kind = EV_WAKEUP;
		break;
	case HOST_SLEEPING:
	case HOST_STOPPED:	/* its wake-up was not told */
		c->untold++;
		slept(c, cpu, th, tid, now);
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

/* -- interrupts on watched CPUs ---------------------------------------------------------------------------------------------- */

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(on_irq, int irq, struct irqaction *action)
{
	uint32_t cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_irq);

	if (c && c->watched)
		c->t_irq = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(on_irq_end, int irq, struct irqaction *action)
{
	uint32_t cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_irq_end);
	char who[EVENT_WHO] = {0};

	if (!c || !c->t_irq)
		return 0;
	bpf_probe_read_kernel_str(who, sizeof(who), action->name);
	cpu_span(c, cpu, EV_IRQ, irq, c->t_irq, bpf_ktime_get_ns(), who);
	c->t_irq = 0;
	return 0;
}

SEC("raw_tp")
int on_softirq(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_softirq);

	if (c && c->watched)
		c->t_softirq = bpf_ktime_get_ns();
	return 0;
}

SEC("raw_tp")
int on_softirq_end(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_softirq_end);

	if (!c || !c->t_softirq)
		return 0;
	cpu_span(c, cpu, EV_SOFTIRQ, ctx->args[0], c->t_softirq, bpf_ktime_get_ns(), NULL);
	c->t_softirq = 0;
	return 0;
}

SEC("raw_tp")
int on_vector(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_vector);

	if (c && c->watched)
		c->t_vector = bpf_ktime_get_ns();
	return 0;
}

SEC("raw_tp")
int on_vector_end(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_vector_end);

	if (!c || !c->t_vector)
		return 0;
	cpu_span(c, cpu, EV_IPI, ctx->args[0], c->t_vector, bpf_ktime_get_ns(), NULL);
	c->t_vector = 0;
	return 0;
}

/* (handler, ns it took, how many it handled) */
SEC("raw_tp")
int on_nmi(struct bpf_raw_tracepoint_args *ctx)
{
	uint64_t now = bpf_ktime_get_ns();
	uint32_t cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_nmi);

	if (c && c->watched)
		cpu_span(c, cpu, EV_NMI, 0, now - ctx->args[1], now, NULL);
	return 0;
}

/* -- KVM --------------------------------------------------------------------------------------------------------------------- */

INLINE void left_guest(enum host_prog prog, uint32_t reason)
{
	struct host_thread *th = thread_of(current_tid());
	uint32_t cpu;

	this_cpu(&cpu, prog);
	if (!th)
		return;
	th->t_exit = bpf_ktime_get_ns();
	th->reason = reason;
	th->user_reason = 0;
	th->exit_flags = 0;
}

/* As the tracepoint's own class assembles it: the reason is there whatever the arguments are. */
SEC("tp")
int on_exit_class(struct trace_event_raw_kvm_exit *ctx)
{
	kvm_isa = BPF_CORE_READ(ctx, isa);
	left_guest(HOST_PROG_on_exit_class, BPF_CORE_READ(ctx, exit_reason));
	return 0;
}

SEC("raw_tp")
int on_exit_reason(struct bpf_raw_tracepoint_args *ctx)
{
	kvm_isa = (uint32_t)ctx->args[2];
	left_guest(HOST_PROG_on_exit_reason, ctx->args[0]);
	return 0;
}

SEC("raw_tp")
int on_exit_bare(struct bpf_raw_tracepoint_args *ctx)
{
	left_guest(HOST_PROG_on_exit_bare, HOST_NO_REASON);
	return 0;
}

SEC("raw_tp")
int on_entry(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t tid = current_tid(), cpu;
	struct host_thread *th = thread_of(tid);
	uint64_t now, t;
	struct host_cpu *c;
	struct event *e;

	c = this_cpu(&cpu, HOST_PROG_on_entry);
	if (!c || !th || !th->t_exit)
		return 0;
	now = bpf_ktime_get_ns();
	t = th->t_exit;
	th->t_exit = 0;
	sum_thread(c, EV_EXIT, tid, th->reason, now - t);
	if (now - t < min_span_ns || !(e = begin(c, EV_EXIT, t, now)))
		return 0;
	e->tid = tid;
	e->cpu = (uint16_t)cpu;
	e->by = th->reason;
	e->flags = th->exit_flags;
	e->arg = th->user_reason;
	commit(e);
	return 0;
}

/* (reason, errno): it goes on to the monitor */
SEC("raw_tp")
int on_user(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t tid = current_tid(), reason = (uint32_t)ctx->args[0], cpu;
	struct host_thread *th = thread_of(tid);
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_user);

	if (!c || !th)
		return 0;
	th->user_reason = reason;
	th->exit_flags |= EV_USERSPACE;
	sum_thread(c, EV_EXIT, tid, HOST_TO_USER + reason, 0);
	return 0;
}

/* (ns, waited, valid): at the end of a halt; not waited: woken while it polled */
SEC("raw_tp")
int on_halt(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t tid = current_tid(), cpu;
	uint64_t now = bpf_ktime_get_ns(), ns = ctx->args[0];
	struct host_thread *th = thread_of(tid);
	struct host_cpu *c;
	struct event *e;
	uint32_t waited = (uint8_t)ctx->args[1];

	c = this_cpu(&cpu, HOST_PROG_on_halt);
	if (!c || !th)
		return 0;
	sum_thread(c, EV_HALT, tid, waited, ns);
	if (ns < min_span_ns || !(e = begin(c, EV_HALT, now - ns, now)))
		return 0;
	e->tid = tid;
	e->cpu = (uint16_t)cpu;
	e->by = waited;
	commit(e);
	return 0;
}

/* How long it polls before it sleeps was changed. */
SEC("raw_tp")
int on_poll(struct bpf_raw_tracepoint_args *ctx)
{
	struct host_thread *th = thread_of(current_tid());
	uint32_t cpu;

	this_cpu(&cpu, HOST_PROG_on_poll);
	if (th)
		th->halt_polls++;
	return 0;
}

SEC("raw_tp")
int on_fast_mmio(struct bpf_raw_tracepoint_args *ctx)
{
	struct host_thread *th = thread_of(current_tid());
	uint32_t cpu;

	this_cpu(&cpu, HOST_PROG_on_fast_mmio);
	if (th)
		th->exit_flags |= EV_FAST_MMIO;
	return 0;
}

/* to: the vCPU's thread, 0 where only its APIC's number is known, which goes into arg. */
INLINE void injected(enum host_prog prog, uint32_t to, uint32_t vector, uint64_t arg)
{
	uint32_t tid = current_tid(), cpu;
	struct host_thread *th = thread_of(tid);
	uint64_t now;
	struct host_cpu *c;
	struct event *e;

	c = this_cpu(&cpu, prog);
	if (!c || !th)
		return;
	now = bpf_ktime_get_ns();
	sum_thread(c, EV_INJECT, tid, vector, 0);
	e = begin(c, EV_INJECT, now, now);
	if (!e)
		return;
	e->tid = to;
	e->cpu = (uint16_t)cpu;
	e->by = vector;
	e->arg = arg;
	e->flags = to ? 0 : EV_BY_APIC;
	commit(e);
}

/* (vector, soft, reinjected); before 6.0 the vector alone */
SEC("raw_tp")
int on_virq(struct bpf_raw_tracepoint_args *ctx)
{
	if (!(uint8_t)ctx->args[1])
		injected(HOST_PROG_on_virq, current_tid(), ctx->args[0], 0);
	return 0;
}

SEC("raw_tp")
int on_virq_old(struct bpf_raw_tracepoint_args *ctx)
{
	injected(HOST_PROG_on_virq_old, current_tid(), ctx->args[0], 0);
	return 0;
}

/* (address, data): of x86, bits 0 to 7 of the data are the vector. Its APIC's acceptance is the event. */
SEC("raw_tp")
int on_msi(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t tid = current_tid(), cpu;
	struct host_cpu *c = this_cpu(&cpu, HOST_PROG_on_msi);

	if (c && thread_of(tid))
		sum_thread(c, EV_INJECT, tid, HOST_AS_MSI + (ctx->args[1] & 0xff), 0);
	return 0;
}

/* (APIC, delivery mode, trigger mode, vector) */
SEC("raw_tp")
int on_accept(struct bpf_raw_tracepoint_args *ctx)
{
	injected(HOST_PROG_on_accept, 0, (uint8_t)ctx->args[3], (uint32_t)ctx->args[0]);
	return 0;
}
