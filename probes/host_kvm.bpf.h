/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * host_kvm: vCPUs that leave their guests, halt, and are given interrupts.
 */
#ifndef TAKT_PROBES_HOST_KVM_BPF_H
#define TAKT_PROBES_HOST_KVM_BPF_H

#include "probes/host_state.bpf.h"

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

#endif
