/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause) */
/*
 * Spans are made here, where both their ends are seen: begun in a map, written as one event when they end and are min_span_ns long or more.
 *
 * Which of these programs is attached to which tracepoint is decided by probes/host_points.c, from the kernel's types. Where a tracepoint's
 * arguments are numbers only, the program is a raw one and serves many. Needs bpf_loop(): Linux 5.17.
 */
#include "probes/host_sched.bpf.h"
#include "probes/host_irq.bpf.h"
#include "probes/host_kvm.bpf.h"
