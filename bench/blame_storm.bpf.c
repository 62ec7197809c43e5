/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * A softirq that takes as long as it is told to: each frame that an interface receives keeps its CPU in NET_RX for spin_ns, then is dropped.
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

__u64 spin_ns;

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
