/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_load.h"

#include <stddef.h>

#define TP(target, args, ...)	  { "tp_btf", target, args, { __VA_ARGS__ } }
#define FENTRY(target, args, ...) { "fentry", target, args, { __VA_ARGS__ } }
#define KPROBE(target, args, ...) { "kprobe", target, args, { __VA_ARGS__ } }

const struct guest_point guest_points[] = {
	{ "send", "app", "a thread's call to send",
	  { FENTRY("security_socket_sendmsg", 1, "f_send"), KPROBE("security_socket_sendmsg", 1, "k_send"), TP("sys_enter", 2, "t_send") } },
	{ "queue", "app", "a frame enters its queueing discipline", { TP("net_dev_queue", 1, "t_queue") } },
	{ "driver", "app", "it is handed to the driver", { TP("net_dev_start_xmit", 2, "t_start") } },
	{ "publish", "driver", "its descriptor is about to be in the ring",
	  { FENTRY("virtqueue_add_outbuf", 1, "f_publish"), KPROBE("virtqueue_add_outbuf", 1, "k_publish") } },
	{ "decide", "driver", "is the backend to be told?",
	  { FENTRY("virtqueue_kick_prepare", 1, "f_decide"), KPROBE("virtqueue_kick_prepare", 1, "k_decide") } },
	{ "kick", "driver", "the backend is told", { FENTRY("virtqueue_notify", 1, "f_kick"), KPROBE("virtqueue_notify", 1, "k_kick") } },
	{ "kicked", "driver", "and has been told",
	  { FENTRY("virtqueue_notify", 1, "f_kicked"), KPROBE("virtqueue_notify", 1, "r_kicked") } },
	{ "done", "driver", "the driver returned", { TP("net_dev_xmit", 3, "t_done") } },
	{ "irq", "irq", "interrupts, their time, and whose they are", { TP("irq_handler_entry", 2, "t_irq", "t_irq_exit") } },
	{ "callback", "irq", "the device's interrupt said: frames came", { FENTRY("skb_recv_done", 1, "f_recv_done"), KPROBE("skb_recv_done", 1, "k_recv_done") } },
	{ "softirq", "irq", "softirqs, and their time", { TP("softirq_entry", 1, "t_softirq", "t_softirq_exit") } },
	{ "poll", "irq", "NAPI polls the device", { FENTRY("virtnet_poll", 1, "f_poll"), KPROBE("virtnet_poll", 1, "k_poll") } },
	{ "gro", "irq", "NAPI hands a frame to the stack", { TP("napi_gro_receive_entry", 1, "t_gro") } },
	{ "receive", "irq", "the same, where GRO is not used", { TP("netif_receive_skb", 1, "t_receive") } },
	{ "read", "deliver", "a socket copies a frame to its reader", { TP("skb_copy_datagram_iovec", 1, "t_read") } },
	{ "switch", "sched", "threads that wait for a CPU", { TP("sched_switch", 3, "t_switch") } },
	{ "waking", "sched", "threads that are woken", { TP("sched_waking", 1, "t_waking") } },
	{ "exit", "sched", "threads that end", { TP("sched_process_exit", 1, "t_exit") } },
	{ "timer", "ipi", "the CPU's own timer interrupt", { TP("local_timer_entry", 1, "t_timer", "t_timer_exit") } },
	{ "ipi", "ipi", "calls from another CPU", { TP("call_function_single_entry", 1, "t_ipi", "t_ipi_exit") } },
};

const int guest_points_count = sizeof(guest_points) / sizeof(guest_points[0]);
