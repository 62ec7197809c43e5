/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * host_state: what the programs of host.bpf.c share: settings, maps, and how a span becomes an event and part of a sum.
 */
#ifndef TAKT_PROBES_HOST_STATE_BPF_H
#define TAKT_PROBES_HOST_STATE_BPF_H

#include "probes/event.bpf.h"
#include "probes/host_bpf.h"

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
	return event_new(&c->lost, kind, (int64_t)t, (int64_t)t_end);
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

#endif
