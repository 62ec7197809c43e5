/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backends: the rows of bench/backend.c's table.
 */
#ifndef TAKT_BENCH_BACKENDS_H
#define TAKT_BENCH_BACKENDS_H

#include "bench/backend.h"

extern const struct backend backend_taktd, backend_testpmd, backend_ovs_dpdk, backend_ovs_kernel, backend_qemu_bridge, backend_qemu_macvtap, backend_vhost_net;

#endif
