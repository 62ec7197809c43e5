/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * event.bpf: what all BPF programs here begin with: the kernel's types, libbpf's macros, and the buffer that events leave by.
 *
 * An object is what one file makes, and its programs share maps: so a probe's programs are in headers (NAME_*.bpf.h), an idea each, that its
 * NAME.bpf.c includes.
 */
#ifndef TAKT_PROBES_EVENT_BPF_H
#define TAKT_PROBES_EVENT_BPF_H

#include "probes/kernel.h"

#define __VMLINUX_H__	/* for bpf_tracing.h: registers have the kernel's names */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "probes/event.h"

#define INLINE static inline __attribute__((always_inline))

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENT_RING_BYTES);
} events SEC(".maps");

/* One that is all zeros but for these and the CPU; NULL, and *lost counts, when the buffer is full. To be submitted. */
INLINE struct event *event_new(uint64_t *lost, uint16_t kind, int64_t t, int64_t t_end)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(lost, 1);
		return NULL;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->t = t;
	e->t_end = t_end;
	e->kind = kind;
	e->cpu = (uint16_t)bpf_get_smp_processor_id();
	return e;
}

#endif
