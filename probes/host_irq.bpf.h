/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * host_irq: interrupts of every kind, on CPUs that are watched.
 */
#ifndef TAKT_PROBES_HOST_IRQ_BPF_H
#define TAKT_PROBES_HOST_IRQ_BPF_H

#include "probes/host_state.bpf.h"

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
	e->by = by;
	if (who)
		copy_who(e->who, who);
	commit(e);
}

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

#endif
