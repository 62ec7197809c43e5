/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * kernel: the kernel's types as far as our BPF programs look at them.
 *
 * Members only, in no order that means anything: where they really are, and how they are called in another kernel, is found when a program is
 * loaded, from that kernel's BTF (CO-RE). So neither kernel headers nor a dump of the build machine's types are needed, and one object
 * serves all kernels. For BPF programs alone. A structure that differs between kernels has one flavour (name___which) for each.
 */
#ifndef TAKT_PROBES_KERNEL_H
#define TAKT_PROBES_KERNEL_H
#ifdef __bpf__

typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL ((void *)0)
#define UINT64_C(x) x##ULL
#define INT64_C(x) x##LL
#define UINT32_MAX 0xffffffffu

/* What bpf_helpers.h wants. */
typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int32_t __s32;
typedef int64_t __s64;
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef uint32_t __wsum;

enum { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PERCPU_HASH = 5, BPF_MAP_TYPE_PERCPU_ARRAY = 6,
       BPF_MAP_TYPE_LRU_HASH = 9, BPF_MAP_TYPE_RINGBUF = 27, BPF_MAP_TYPE_TASK_STORAGE = 29 };
enum { BPF_ANY, BPF_NOEXIST, BPF_EXIST };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_F_CURRENT_CPU = 0xffffffff };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sched_info {
	unsigned long long last_arrival;	/* on a CPU, ns of the scheduler's clock */
};

struct task_struct {
	int pid, tgid;
	unsigned int __state;
	char comm[16];
	struct sched_info sched_info;
};

struct irqaction {
	const char *name;
};

/* -- takt guest ---------------------------------------------------------------------------------------------------------- */

struct pt_regs {
	unsigned long di, si, dx, cx, ax, orig_ax;
};

struct device {
	struct device *parent;
};

struct net_device {
	int ifindex;
	struct device dev;
};

struct sk_buff {
	struct net_device *dev;
	unsigned char *head, *data;
	unsigned int len, data_len;
	int skb_iif;
	uint16_t mac_header;
	uint8_t pkt_type : 3;
};

struct sock_common {
	unsigned short skc_family;
};

struct sock {
	struct sock_common __sk_common;
};

struct socket {
	struct sock *sk;
};

struct msghdr;

struct virtio_device {
	struct device dev;
};

struct virtqueue {
	struct virtio_device *vdev;
};

struct napi_struct {
	struct net_device *dev;
};

struct thread_info___guest {
	uint32_t cpu;
};

struct task_struct___guest {
	struct thread_info___guest thread_info;
};

#pragma clang attribute pop

/* -- host.bpf.c --------------------------------------------------------------------------------------------------------------- */

enum { HOST_TASK_STOPPED = 4, HOST_TASK_TRACED = 8 };	/* __TASK_STOPPED, __TASK_TRACED: macros, so BTF has them not */

struct bpf_raw_tracepoint_args {
	uint64_t args[0];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct trace_event_raw_kvm_exit {
	unsigned int exit_reason;
	unsigned int isa;
};

#pragma clang attribute pop

#endif
#endif
