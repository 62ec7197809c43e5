/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * guest_state: what the programs of guest.bpf.c share: settings, maps, how a span is told, a frame's key, and the threads that are followed.
 */
#ifndef TAKT_PROBES_GUEST_STATE_BPF_H
#define TAKT_PROBES_GUEST_STATE_BPF_H

#include "probes/event.bpf.h"	/* first: the types */
#include "base/key.h"
#include "probes/guest_bpf.h"

/* Set before loading. */
const volatile int32_t want_ifindex;
const volatile uint32_t own_tgid;
const volatile int64_t min_span_ns;
const volatile char virtio_name[16];	/* "virtio0": whose interrupts are the device's; "": nobody's */
const volatile bool has_poll, has_recv_done, has_kick;

/* Set while running. */
uint8_t device_irq[GUEST_IRQS];		/* 1: an interrupt of the device */

/* Learnt here. */
uint64_t ask_id, answer_id;		/* the last question of the agent's that went out, and the last answer that came in */
int64_t t_asked, t_answered;		/* and when: before a backend could see it; after it was there */
bool uses_gro;				/* the driver hands frames to GRO, and netif_receive_skb comes later */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);		/* set before loading */
	__type(key, uint32_t);
	__type(value, struct guest_cpu);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GUEST_THREADS);
	__type(key, uint32_t);
	__type(value, struct guest_thread);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);	/* a frame that its discipline drops leaves its entry behind */
	__uint(max_entries, GUEST_SENT);
	__type(key, uint64_t);
	__type(value, struct guest_sent);
} sent SEC(".maps");

INLINE int64_t now(void)
{
	return (int64_t)bpf_ktime_get_ns();
}

INLINE struct guest_cpu *this_cpu(void)
{
	uint32_t cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&cpus, &cpu);
}

/* -- events -------------------------------------------------------------------------------------------------------------- */

/* The agent looks every so often by itself: it is woken when a quarter of the ring is full only. */
#define WAKE_BYTES (1 << 18)

INLINE struct event *begin(struct guest_cpu *c, uint16_t kind, int64_t t, int64_t t_end)
{
	struct event *e = event_new(&c->lost, kind, t, t_end);

	if (e)
		c->events++;
	return e;
}

INLINE void commit(struct event *e)
{
	bool full = bpf_ringbuf_query(&events, 0 /* BPF_RB_AVAIL_DATA */) > WAKE_BYTES;

	bpf_ringbuf_submit(e, full ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

INLINE void span_of(struct guest_cpu *c, uint16_t kind, int64_t t, int64_t t_end, uint32_t tid, uint32_t by, const void *who, uint32_t flags)
{
	struct event *e;

	if (!t || t_end - t < min_span_ns)
		return;
	e = begin(c, kind, t, t_end);
	if (!e)
		return;
	e->tid = tid;
	e->by = by;
	e->flags = flags;
	if (who)
		bpf_probe_read_kernel(e->who, sizeof(e->who), who);
	commit(e);
}

INLINE void span(struct guest_cpu *c, uint16_t kind, int64_t t, int64_t t_end, uint32_t tid, uint32_t by, const void *who)
{
	span_of(c, kind, t, t_end, tid, by, who, 0);
}

/* to - from, in an edge: 0 where one of them was not seen, never 0 where both were. */
INLINE uint32_t edge(int64_t from, int64_t to, uint32_t *flags)
{
	uint64_t d = (uint64_t)(to - from);

	if (!from || !to)
		return 0;
	if (d > UINT32_MAX) {
		*flags |= EV_SATURATED;
		return UINT32_MAX;
	}
	return d ? (uint32_t)d : 1;
}

/* -- a frame's key ------------------------------------------------------------------------------------------------------- */

/* Of the frame at `at`, `linear` bytes of which lie together, of `len`. 0: it cannot be told. */
INLINE uint64_t key_at(uint8_t *head, const void *at, uint32_t linear, uint32_t len)
{
	if (linear >= KEY_HEAD) {
		if (bpf_probe_read_kernel(head, KEY_HEAD, at))
			return 0;
	} else {
		if (linear < KEY_MACS + 2 || linear < len)
			return 0;
		__builtin_memset(head, 0, KEY_HEAD);
		asm volatile("%0 &= 127" : "+r"(linear));	/* so that the verifier sees what the compiler knows */
		if (bpf_probe_read_kernel(head, linear, at))
			return 0;
	}
	return key_of_head(head);
}

INLINE bool is_ask(const uint8_t *head)
{
	return head[KEY_MACS] == GUEST_ASK_ETHERTYPE >> 8 && head[KEY_MACS + 1] == (GUEST_ASK_ETHERTYPE & 0xff);
}

/* The number of a question for the time, or of its answer: base/ask.h, behind the EtherType of an untagged frame. */
INLINE uint64_t ask_number(const uint8_t *head)
{
	return key_word(head + 22);	/* as it lies there: big-endian */
}

/* Of a frame that came in: its MAC header is behind us. */
INLINE uint64_t key_behind(uint8_t *head, struct sk_buff *skb)
{
	unsigned char *data = BPF_CORE_READ(skb, data), *mac = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, mac_header);
	uint32_t len = BPF_CORE_READ(skb, len), linear = len - BPF_CORE_READ(skb, data_len), back = (uint32_t)(data - mac);

	if (BPF_CORE_READ(skb, mac_header) == 0xffff)
		return 0;
	return key_at(head, mac, linear + back, len + back);
}

/* -- threads ------------------------------------------------------------------------------------------------------------- */

INLINE struct guest_thread *thread_of(uint32_t tid, bool make)
{
	struct guest_thread *th = bpf_map_lookup_elem(&threads, &tid);

	if (!th && make) {
		struct guest_thread zero = { 0 };

		bpf_map_update_elem(&threads, &tid, &zero, BPF_NOEXIST);
		th = bpf_map_lookup_elem(&threads, &tid);
	}
	return th;
}

#endif
