/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * guest: what happens to frames in a guest's kernel, and to the threads that send and read them.
 *
 * Each point has up to three programs: fentry, kprobe and tracepoint ones; guest_load.c takes the first that this kernel loads. A frame's
 * edges are gathered where it is (its skb while it waits, its CPU while the driver has it, where softirqs are off so that no other
 * comes between) and written as one event. All instants are CLOCK_MONOTONIC.
 */
#include "probes/guest_tx.bpf.h"
#include "probes/guest_rx.bpf.h"
#include "probes/guest_sched.bpf.h"
