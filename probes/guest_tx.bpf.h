/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * guest_tx: a frame on its way out: its sender's call, its queueing discipline, the driver, the ring, the kick.
 */
#ifndef TAKT_PROBES_GUEST_TX_BPF_H
#define TAKT_PROBES_GUEST_TX_BPF_H

#include "probes/guest_state.bpf.h"

/* -- the call ------------------------------------------------------------------------------------------------------------ */

/* A thread is about to send. */
INLINE int call(void)
{
	uint64_t id = bpf_get_current_pid_tgid();
	struct guest_thread *th;

	if (id >> 32 == own_tgid)
		return 0;
	th = thread_of((uint32_t)id, true);
	if (th)
		th->t_call = now();
	return 0;
}

INLINE bool may_be_a_frame(struct socket *sock)
{
	unsigned short family = BPF_CORE_READ(sock, sk, __sk_common.skc_family);

	return family == 2 /* AF_INET */ || family == 10 /* AF_INET6 */ || family == 17 /* AF_PACKET */;
}

SEC("fentry/security_socket_sendmsg")
int BPF_PROG(f_send, struct socket *sock)
{
	return may_be_a_frame(sock) ? call() : 0;
}

SEC("kprobe/security_socket_sendmsg")
int BPF_KPROBE(k_send, struct socket *sock)
{
	return may_be_a_frame(sock) ? call() : 0;
}

/* x86-64 system calls that send. */
INLINE bool sends(long nr)
{
	return nr == 44 /* sendto */ || nr == 46 /* sendmsg */ || nr == 307 /* sendmmsg */ || nr == 1 /* write */ || nr == 20 /* writev */ ||
	       nr == 40 /* sendfile */ || nr == 275 /* splice */ || nr == 426 /* io_uring_enter */;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(t_send, struct pt_regs *regs, long nr)
{
	return sends(nr) ? call() : 0;
}

/* -- a frame goes out ---------------------------------------------------------------------------------------------------- */

/*
 * Whose call is it? A thread's own, when it is in a system call that sends: what softirqs send on top of a thread is nobody's. The stamp
 * cannot be an earlier call's, since each such call leaves its own.
 */
INLINE void whose(struct guest_cpu *c, struct guest_sent *s)
{
	struct guest_thread *th;
	uint64_t id;

	if (c->in_softirq || c->in_irq)
		return;
	id = bpf_get_current_pid_tgid();
	if (id >> 32 == own_tgid) {
		s->own = 1;
		return;
	}
	if (!id)
		return;
	s->tid = (uint32_t)id;
	th = thread_of((uint32_t)id, true);
	if (!th)
		return;
	th->tracked = GUEST_TRACKED;
	if (sends((long)((struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()))->orig_ax))
		s->t_call = th->t_call;
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(t_queue, struct sk_buff *skb)
{
	struct guest_sent s = { 0 };
	struct guest_cpu *c;
	uint64_t key = (uint64_t)skb;

	if (skb->dev->ifindex != want_ifindex)
		return 0;
	c = this_cpu();
	if (!c)
		return 0;
	s.t_queue = now();
	whose(c, &s);
	bpf_map_update_elem(&sent, &key, &s, BPF_ANY);
	return 0;
}

SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(t_start, struct sk_buff *skb, struct net_device *dev)
{
	uint64_t key = (uint64_t)skb;
	struct guest_sent *s;
	struct guest_cpu *c;

	if (dev->ifindex != want_ifindex)
		return 0;
	c = this_cpu();
	if (!c)
		return 0;
	s = bpf_map_lookup_elem(&sent, &key);
	c->tx_call = s ? s->t_call : 0;
	c->tx_queue = s ? s->t_queue : 0;
	c->tx_tid = s ? s->tid : 0;
	c->tx_skb = c->tx_ask = 0;
	c->tx_key = key_at(c->head_bh, skb->data, skb->len - skb->data_len, skb->len);
	if (!c->tx_key)
		c->unkeyed++;
	else if (is_ask(c->head_bh))
		c->tx_ask = ask_number(c->head_bh);
	if (!c->tx_key || (s && s->own && !c->tx_ask))
		goto gone;
	c->tx_skb = key;
	c->tx_parent = (uint64_t)dev->dev.parent;
	c->tx_flags = 0;
	c->tx_published = c->tx_kick = c->tx_kicked = 0;
	c->tx_driver = now();
gone:
	if (s)
		bpf_map_delete_elem(&sent, &key);
	return 0;
}

/* The CPU's state, when this virtqueue is that of the device whose driver has a frame here. */
INLINE struct guest_cpu *driving(struct virtqueue *vq)
{
	struct guest_cpu *c = this_cpu();

	if (!c || !c->tx_skb || (uint64_t)&BPF_CORE_READ(vq, vdev)->dev != c->tx_parent)
		return NULL;
	return c;
}

#define ASKED (1u << 31)	/* in tx_flags: it was asked whether to kick */

INLINE int publish(struct virtqueue *vq)
{
	struct guest_cpu *c = driving(vq);

	if (c && !c->tx_published)
		c->tx_published = now();
	return 0;
}

INLINE int decide(struct virtqueue *vq, bool kick)
{
	struct guest_cpu *c = driving(vq);

	if (c)
		c->tx_flags |= kick ? EV_KICKED : EV_NO_KICK;
	return 0;
}

INLINE int kick(struct virtqueue *vq)
{
	struct guest_cpu *c = driving(vq);

	if (c)
		c->tx_kick = now();
	return 0;
}

INLINE int kicked(struct guest_cpu *c)
{
	if (c && c->tx_skb && c->tx_kick)
		c->tx_kicked = now();
	return 0;
}

SEC("fentry/virtqueue_add_outbuf")
int BPF_PROG(f_publish, struct virtqueue *vq) { return publish(vq); }

SEC("kprobe/virtqueue_add_outbuf")
int BPF_KPROBE(k_publish, struct virtqueue *vq) { return publish(vq); }

SEC("fexit/virtqueue_kick_prepare")
int BPF_PROG(f_decide, struct virtqueue *vq, bool needed) { return decide(vq, needed); }

/* Without its return value: what is done after it says how it went (t_done). A kretprobe may be missed: the kernel has so many at a time only. */
SEC("kprobe/virtqueue_kick_prepare")
int BPF_KPROBE(k_decide, struct virtqueue *vq)
{
	struct guest_cpu *c = driving(vq);

	if (c)
		c->tx_flags |= ASKED;
	return 0;
}

SEC("fentry/virtqueue_notify")
int BPF_PROG(f_kick, struct virtqueue *vq) { return kick(vq); }

SEC("kprobe/virtqueue_notify")
int BPF_KPROBE(k_kick, struct virtqueue *vq) { return kick(vq); }

SEC("fexit/virtqueue_notify")
int BPF_PROG(f_kicked, struct virtqueue *vq) { return kicked(driving(vq)); }

SEC("kretprobe/virtqueue_notify")
int BPF_KRETPROBE(r_kicked) { return kicked(this_cpu()); }

SEC("tp_btf/net_dev_xmit")
int BPF_PROG(t_done, struct sk_buff *skb, int rc, struct net_device *dev)
{
	struct guest_cpu *c;
	struct event *e;
	uint32_t flags;
	int64_t t;

	if (dev->ifindex != want_ifindex)
		return 0;
	c = this_cpu();
	if (!c || c->tx_skb != (uint64_t)skb)
		return 0;
	c->tx_skb = 0;
	if (rc == 0x10 /* NETDEV_TX_BUSY */) {	/* it will come again */
		struct guest_sent s = { .t_call = c->tx_call, .t_queue = c->tx_queue, .tid = c->tx_tid };
		uint64_t key = (uint64_t)skb;

		bpf_map_update_elem(&sent, &key, &s, BPF_ANY);
		return 0;
	}
	if (c->tx_ask) {
		ask_id = c->tx_ask;
		t_asked = c->tx_published ? c->tx_published : c->tx_driver;
		return 0;
	}
	t = c->tx_call ? c->tx_call : c->tx_queue ? c->tx_queue : c->tx_driver;
	e = begin(c, EV_TX, t, now());
	if (!e)
		return 0;
	flags = (c->tx_flags & ~ASKED) | (c->tx_call ? 0 : EV_NO_APP);
	if (c->tx_flags & ASKED && has_kick)
		flags |= c->tx_kick ? EV_KICKED : EV_NO_KICK;
	e->key = c->tx_key;
	e->tid = c->tx_tid;
	e->edge_ns[EV_TX_QUEUE] = c->tx_call ? edge(t, c->tx_queue, &flags) : 0;
	e->edge_ns[EV_TX_DRIVER] = edge(t, c->tx_driver, &flags);
	e->edge_ns[EV_TX_PUBLISHED] = edge(t, c->tx_published, &flags);
	e->edge_ns[EV_TX_KICK] = edge(t, c->tx_kick, &flags);
	e->edge_ns[EV_TX_KICKED] = edge(t, c->tx_kicked, &flags);
	e->edge_ns[EV_TX_DONE] = edge(t, e->t_end, &flags);
	e->flags = flags;
	commit(e);
	return 0;
}

#endif
