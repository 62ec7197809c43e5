/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * guest: what happens to frames in a guest's kernel, and to the threads that send and read them.
 *
 * Each point has up to three programs: fentry, kprobe and tracepoint ones; guest_load.c takes the first that this kernel loads. A frame's
 * edges are gathered where it is (its skb while it waits, its CPU while the driver has it, where softirqs are off so that no other
 * comes between) and written as one event. All instants are CLOCK_MONOTONIC. One file, though a long one: its programs share maps, and
 * an object is what one file makes.
 */
#include "probes/kernel.h"

#define __VMLINUX_H__	/* for bpf_tracing.h: registers have the kernel's names */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "base/key.h"
#include "probes/event.h"
#include "probes/guest_bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set before loading. */
const volatile int32_t want_ifindex;
const volatile uint32_t own_tgid;
const volatile uint32_t n_cpus = 1;
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

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

#define inline_always static inline __attribute__((always_inline))

inline_always int64_t now(void)
{
	return (int64_t)bpf_ktime_get_ns();
}

inline_always struct guest_cpu *this_cpu(void)
{
	uint32_t cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&cpus, &cpu);
}

/* -- events -------------------------------------------------------------------------------------------------------------- */

/* The agent looks every so often by itself: it is woken when a quarter of the ring is full only. */
#define WAKE_BYTES (1 << 18)

inline_always struct event *begin(struct guest_cpu *c, uint16_t kind, int64_t t, int64_t t_end)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		c->lost++;
		return NULL;
	}
	c->events++;
	e->t = t;
	e->t_end = t_end;
	e->kind = kind;
	e->cpu = (uint16_t)bpf_get_smp_processor_id();
	return e;
}

inline_always void commit(struct event *e)
{
	bool full = bpf_ringbuf_query(&events, 0 /* BPF_RB_AVAIL_DATA */) > WAKE_BYTES;

	bpf_ringbuf_submit(e, full ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

inline_always void span_of(struct guest_cpu *c, uint16_t kind, int64_t t, int64_t t_end, uint32_t tid, uint32_t by, const void *who, uint32_t flags)
{
	struct event *e;

	if (!t || t_end - t < min_span_ns)
		return;
	e = begin(c, kind, t, t_end);
	if (!e)
		return;
	e->key = 0;
	e->tid = tid;
	e->by = by;
	e->flags = flags;
	e->arg = 0;
	__builtin_memset(e->who, 0, sizeof(e->who));
	if (who)
		bpf_probe_read_kernel(e->who, sizeof(e->who), who);
	commit(e);
}

inline_always void span(struct guest_cpu *c, uint16_t kind, int64_t t, int64_t t_end, uint32_t tid, uint32_t by, const void *who)
{
	span_of(c, kind, t, t_end, tid, by, who, 0);
}

/* to - from, in an edge: 0 where one of them was not seen, never 0 where both were. */
inline_always uint32_t edge(int64_t from, int64_t to, uint32_t *flags)
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
inline_always uint64_t key_at(uint8_t *head, const void *at, uint32_t linear, uint32_t len)
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

inline_always bool is_ask(const uint8_t *head)
{
	return head[KEY_MACS] == GUEST_ASK_ETHERTYPE >> 8 && head[KEY_MACS + 1] == (GUEST_ASK_ETHERTYPE & 0xff);
}

/* The number of a question for the time, or of its answer: base/ask.h, behind the EtherType of an untagged frame. */
inline_always uint64_t ask_number(const uint8_t *head)
{
	return key_word(head + 22);	/* as it lies there: big-endian */
}

/* Of a frame that came in: its MAC header is behind us. */
inline_always uint64_t key_behind(uint8_t *head, struct sk_buff *skb)
{
	unsigned char *data = BPF_CORE_READ(skb, data), *mac = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, mac_header);
	uint32_t len = BPF_CORE_READ(skb, len), linear = len - BPF_CORE_READ(skb, data_len), back = (uint32_t)(data - mac);

	if (BPF_CORE_READ(skb, mac_header) == 0xffff)
		return 0;
	return key_at(head, mac, linear + back, len + back);
}

/* -- threads ------------------------------------------------------------------------------------------------------------- */

inline_always struct guest_thread *thread_of(uint32_t tid, bool make)
{
	struct guest_thread *th = bpf_map_lookup_elem(&threads, &tid);

	if (!th && make) {
		struct guest_thread zero = { 0 };

		bpf_map_update_elem(&threads, &tid, &zero, BPF_NOEXIST);
		th = bpf_map_lookup_elem(&threads, &tid);
	}
	return th;
}

/* A thread is about to send. */
inline_always int call(void)
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

inline_always bool may_be_a_frame(struct socket *sock)
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
inline_always bool sends(long nr)
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
inline_always void whose(struct guest_cpu *c, struct guest_sent *s)
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
inline_always struct guest_cpu *driving(struct virtqueue *vq)
{
	struct guest_cpu *c = this_cpu();

	if (!c || !c->tx_skb || (uint64_t)&BPF_CORE_READ(vq, vdev)->dev != c->tx_parent)
		return NULL;
	return c;
}

#define ASKED (1u << 31)	/* in tx_flags: it was asked whether to kick */

inline_always int publish(struct virtqueue *vq)
{
	struct guest_cpu *c = driving(vq);

	if (c && !c->tx_published)
		c->tx_published = now();
	return 0;
}

inline_always int decide(struct virtqueue *vq, bool kick)
{
	struct guest_cpu *c = driving(vq);

	if (c)
		c->tx_flags |= kick ? EV_KICKED : EV_NO_KICK;
	return 0;
}

inline_always int kick(struct virtqueue *vq)
{
	struct guest_cpu *c = driving(vq);

	if (c)
		c->tx_kick = now();
	return 0;
}

inline_always int kicked(struct guest_cpu *c)
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
	e->by = 0;
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

/* -- a frame comes in ---------------------------------------------------------------------------------------------------- */

inline_always bool is_device(const char *name)
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
inline_always int recv_done(struct virtqueue *vq)
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

inline_always void poll_begins(struct guest_cpu *c, int64_t t)
{
	c->poll = t;
	c->poll_irq = c->irq_pending;
	c->irq_pending = 0;
	c->poll_softirq = c->in_softirq ? c->t_softirq : 0;
}

inline_always int poll(struct napi_struct *napi)
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

inline_always int up(struct sk_buff *skb)
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
	if (!key)
		c->unkeyed++;
	if (!key)
		return 0;
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
	e->tid = e->by = 0;
	e->edge_ns[EV_RX_IRQ] = edge(c->poll_irq, t, &flags);
	e->edge_ns[EV_RX_SOFTIRQ] = edge(c->poll_softirq, t, &flags);
	e->edge_ns[EV_RX_POLL] = edge(c->poll, t, &flags);
	e->edge_ns[3] = e->edge_ns[4] = e->edge_ns[5] = 0;
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
	e->by = e->flags = 0;
	e->arg = 0;
	__builtin_memset(e->who, 0, sizeof(e->who));
	commit(e);
	return 0;
}

/* -- the scheduler ------------------------------------------------------------------------------------------------------- */

inline_always void leaves(struct task_struct *prev, struct task_struct *next, bool preempt, int64_t t)
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

inline_always void enters(struct guest_cpu *c, struct task_struct *next, int64_t t)
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

inline_always int ipi_begins(void)
{
	struct guest_cpu *c = this_cpu();

	if (c)
		c->t_ipi = now();
	return 0;
}

static const char timer_name[16] = "local_timer", call_name[16] = "call_function";

SEC("tp_btf/local_timer_entry")
int BPF_PROG(t_timer, int vector) { return ipi_begins(); }

SEC("tp_btf/local_timer_exit")
int BPF_PROG(t_timer_exit, int vector)
{
	struct guest_cpu *c = this_cpu();

	if (c)
		span(c, EV_IPI, c->t_ipi, now(), 0, (uint32_t)vector, timer_name);
	return 0;
}

SEC("tp_btf/call_function_single_entry")
int BPF_PROG(t_ipi, int vector) { return ipi_begins(); }

SEC("tp_btf/call_function_single_exit")
int BPF_PROG(t_ipi_exit, int vector)
{
	struct guest_cpu *c = this_cpu();

	if (c)
		span(c, EV_IPI, c->t_ipi, now(), 0, (uint32_t)vector, call_name);
	return 0;
}
