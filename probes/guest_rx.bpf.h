/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * guest_rx: a frame on its way in: the interrupt, its softirq, NAPI's poll, the stack, the reader. And so the time that interrupts and softirqs take.
 */
#ifndef TAKT_PROBES_GUEST_RX_BPF_H
#define TAKT_PROBES_GUEST_RX_BPF_H

#include "probes/guest_state.bpf.h"

INLINE bool is_device(const char *name)
{
	char got[16] = { 0 };

	bpf_probe_read_kernel_str(got, sizeof(got), name);
	for (int i = 0; i < 16; i++) {
		if (!virtio_name[i])
			return i && (!got[i] || got[i] == '-');
		if (got[i] != virtio_name[i])
			return false;
	}
	return false;
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(t_irq, int irq, struct irqaction *action)
{
	struct guest_cpu *c = this_cpu();

	if (!c)
		return 0;
	c->t_irq = now();
	c->in_irq = 1;
	c->recv_done = 0;
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(t_irq_exit, int irq, struct irqaction *action, int ret)
{
	struct guest_cpu *c = this_cpu();

	if (!c)
		return 0;
	c->in_irq = 0;
	/* A line that devices share says by its return whose it was. 2: the rest is done by a thread (PREEMPT_RT). */
	if (irq >= 0 && irq < GUEST_IRQS && device_irq[irq] && ret && is_device(action->name)) {
		if (!has_recv_done || ret == 2)
			c->irq_pending = c->t_irq;
		else if (c->recv_done && !c->irq_pending)
			c->irq_pending = c->t_irq;
	}
	span(c, EV_IRQ, c->t_irq, now(), 0, (uint32_t)irq, action->name);
	c->t_irq = 0;
	return 0;
}

/* The driver's callback, inside an interrupt: frames came, not only buffers back. */
INLINE int recv_done(struct virtqueue *vq)
{
	struct guest_cpu *c = this_cpu();

	if (c)
		c->recv_done = 1;
	return 0;
}

SEC("fentry/skb_recv_done")
int BPF_PROG(f_recv_done, struct virtqueue *vq) { return recv_done(vq); }

SEC("kprobe/skb_recv_done")
int BPF_KPROBE(k_recv_done, struct virtqueue *vq) { return recv_done(vq); }

SEC("tp_btf/softirq_entry")
int BPF_PROG(t_softirq, unsigned int vector)
{
	struct guest_cpu *c = this_cpu();

	if (!c)
		return 0;
	c->t_softirq = now();
	c->in_softirq = 1 + vector;
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(t_softirq_exit, unsigned int vector)
{
	struct guest_cpu *c = this_cpu();

	if (!c)
		return 0;
	span(c, EV_SOFTIRQ, c->t_softirq, now(), 0, vector, NULL);	/* the agent knows their names */
	c->t_softirq = 0;
	c->in_softirq = 0;
	return 0;
}

INLINE void poll_begins(struct guest_cpu *c, int64_t t)
{
	c->poll = t;
	c->poll_irq = c->irq_pending;
	c->irq_pending = 0;
	c->poll_softirq = c->in_softirq ? c->t_softirq : 0;
}

INLINE int poll(struct napi_struct *napi)
{
	struct guest_cpu *c;

	if (BPF_CORE_READ(napi, dev, ifindex) != want_ifindex)
		return 0;
	c = this_cpu();
	if (c)
		poll_begins(c, now());
	return 0;
}

SEC("fentry/virtnet_poll")
int BPF_PROG(f_poll, struct napi_struct *napi) { return poll(napi); }

SEC("kprobe/virtnet_poll")
int BPF_KPROBE(k_poll, struct napi_struct *napi) { return poll(napi); }

INLINE int up(struct sk_buff *skb)
{
	struct guest_cpu *c;
	struct event *e;
	uint32_t flags = 0;
	uint64_t key;
	int64_t t;

	c = this_cpu();
	if (!c)
		return 0;
	t = now();
	if (!has_poll && c->poll_softirq != c->t_softirq)	/* the first frame of a softirq stands for its poll */
		poll_begins(c, 0);
	key = key_behind(c->head_bh, skb);
	if (!key) {
		c->unkeyed++;
		return 0;
	}
	if (is_ask(c->head_bh)) {
		answer_id = ask_number(c->head_bh);
		t_answered = t;
		return 0;
	}
	e = begin(c, EV_RX, t, t);
	if (!e)
		return 0;
	if (!c->poll_irq)
		flags |= EV_NO_IRQ;
	e->key = key;
	e->edge_ns[EV_RX_IRQ] = edge(c->poll_irq, t, &flags);
	e->edge_ns[EV_RX_SOFTIRQ] = edge(c->poll_softirq, t, &flags);
	e->edge_ns[EV_RX_POLL] = edge(c->poll, t, &flags);
	e->flags = flags;
	commit(e);
	return 0;
}

SEC("tp_btf/napi_gro_receive_entry")
int BPF_PROG(t_gro, struct sk_buff *skb)
{
	if (skb->dev->ifindex != want_ifindex)
		return 0;
	uses_gro = true;
	return up(skb);
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(t_receive, struct sk_buff *skb)
{
	return uses_gro || skb->dev->ifindex != want_ifindex ? 0 : up(skb);
}

SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(t_read, struct sk_buff *skb)
{
	uint64_t id = bpf_get_current_pid_tgid(), key;
	struct guest_thread *th;
	struct guest_cpu *c;
	struct event *e;
	int64_t t;

	/* 1 is the loopback; what AF_PACKET gives of frames that went out was not received. */
	if (id >> 32 == own_tgid || skb->skb_iif <= 1 || BPF_CORE_READ_BITFIELD_PROBED(skb, pkt_type) == 4 /* PACKET_OUTGOING */)
		return 0;
	c = this_cpu();
	if (!c || c->in_softirq || c->in_irq)
		return 0;
	t = now();
	key = key_behind(c->head_task, skb);
	if (!key)
		return 0;
	th = thread_of((uint32_t)id, true);
	if (th)
		th->tracked = GUEST_TRACKED;
	e = begin(c, EV_READ, t, t);
	if (!e)
		return 0;
	e->key = key;
	e->tid = (uint32_t)id;
	commit(e);
	return 0;
}

#endif
