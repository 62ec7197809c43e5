/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * Interrupts that take as long as they are told to. A frame that an interface receives keeps its CPU in NET_RX for spin_ns, then is dropped; the next tick
 * of a CPU's clock event keeps it in the timer's hard interrupt for tick_ns, once.
 */
/* What bpf_helpers.h wants: kernel headers are not asked for. */
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
enum { BPF_MAP_TYPE_ARRAY = 2 };

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

__u64 spin_ns, tick_ns;

static long turn(__u32 i, void *end)
{
	return bpf_ktime_get_ns() >= *(__u64 *)end;
}

SEC("xdp")
int storm(void *ctx)
{
	__u64 end = bpf_ktime_get_ns() + spin_ns;

	bpf_loop(1 << 23, turn, &end, 0);
	return 1; /* XDP_DROP */
}

SEC("perf_event")
int tick(void *ctx)
{
	__u64 end = bpf_ktime_get_ns() + tick_ns;

	if (!tick_ns)
		return 0;
	tick_ns = 0;
	bpf_loop(1 << 23, turn, &end, 0);
	return 0;
}
