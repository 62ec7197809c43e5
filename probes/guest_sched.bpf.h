/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * guest_sched: what keeps the threads that send and read from running: other threads, and the CPU's own interrupts.
 */
#ifndef TAKT_PROBES_GUEST_SCHED_BPF_H
#define TAKT_PROBES_GUEST_SCHED_BPF_H

#include "probes/guest_state.bpf.h"

/* -- the scheduler ------------------------------------------------------------------------------------------------------- */

INLINE void leaves(struct task_struct *prev, struct task_struct *next, bool preempt, int64_t t)
{
	struct guest_thread *th = thread_of((uint32_t)prev->pid, false);
	unsigned int state;

	if (!th || !th->tracked)
		return;
	state = prev->__state;
	th->t_out = th->t_stopped = th->t_woken = 0;
	if (preempt || !state) {
		th->t_out = t;
		th->by = (uint32_t)next->pid;
		bpf_probe_read_kernel(th->who, sizeof(th->who), next->comm);
	} else if (state & 0xc /* __TASK_STOPPED | __TASK_TRACED */) {
		th->t_stopped = t;
	}
}

INLINE void enters(struct guest_cpu *c, struct task_struct *next, int64_t t)
{
	struct guest_thread *th = thread_of((uint32_t)next->pid, false);
	uint32_t flags;

	if (!th || !th->tracked)
		return;
	flags = th->tracked == GUEST_SOFTIRQD ? EV_SOFTIRQD : 0;
	if (th->t_stopped)
		span(c, EV_STOPPED, th->t_stopped, t, (uint32_t)next->pid, 0, NULL);
	else if (th->t_out)
		span_of(c, EV_PREEMPTED, th->t_out, t, (uint32_t)next->pid, th->by, th->who, flags);
	else if (th->t_woken)
		span_of(c, EV_WAKEUP, th->t_woken, t, (uint32_t)next->pid, th->by, th->who, flags);
	th->t_stopped = th->t_out = th->t_woken = 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(t_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct guest_cpu *c = this_cpu();
	int64_t t = now();

	if (!c)
		return 0;
	if (prev->pid)
		leaves(prev, next, preempt, t);
	c->task = (uint64_t)next;
	c->tid = (uint32_t)next->pid;
	if (next->pid)
		enters(c, next, t);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(t_waking, struct task_struct *p)
{
	struct guest_thread *th = thread_of((uint32_t)p->pid, false);
	struct guest_cpu *there;
	uint32_t cpu;

	if (!th || !th->tracked || th->t_out || th->t_woken)
		return 0;
	th->t_woken = now();
	th->by = 0;
	__builtin_memset(th->who, 0, sizeof(th->who));
	cpu = BPF_CORE_READ((struct task_struct___guest *)p, thread_info.cpu);
	there = bpf_map_lookup_elem(&cpus, &cpu);
	if (there && there->task) {
		th->by = there->tid;
		bpf_probe_read_kernel(th->who, sizeof(th->who), &((struct task_struct *)there->task)->comm);
	}
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(t_exit, struct task_struct *p)
{
	uint32_t tid = (uint32_t)p->pid;

	bpf_map_delete_elem(&threads, &tid);
	return 0;
}

/* -- other interrupts ---------------------------------------------------------------------------------------------------- */

INLINE int ipi_begins(void)
{
	struct guest_cpu *c = this_cpu();

	if (c)
		c->t_ipi = now();
	return 0;
}

INLINE int ipi_ends(int vector)
{
	struct guest_cpu *c = this_cpu();

	if (c)
		span(c, EV_IPI, c->t_ipi, now(), 0, (uint32_t)vector, NULL);	/* the agent knows their names */
	return 0;
}

SEC("tp_btf/local_timer_entry")
int BPF_PROG(t_timer, int vector) { return ipi_begins(); }

SEC("tp_btf/local_timer_exit")
int BPF_PROG(t_timer_exit, int vector) { return ipi_ends(vector); }

SEC("tp_btf/call_function_single_entry")
int BPF_PROG(t_ipi, int vector) { return ipi_begins(); }

SEC("tp_btf/call_function_single_exit")
int BPF_PROG(t_ipi_exit, int vector) { return ipi_ends(vector); }

#endif
