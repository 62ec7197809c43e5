/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pvp64: one measurement of the throughput bench: a generator in a virtio-user guest, a device that moves its frames to nowhere.
 *
 * The device is taktd, with a schedule and records, or its peer, dpdk-testpmd in io mode; both between vhost and net_null, on the same
 * CPU; or taktd from net_pcap, which plays frames from memory as fast as they are taken (PVP64_NULL): no generator that could be slower than it. The generator is the same dpdk-testpmd for both, on another CPU. Frames are counted where they arrive, and each device
 * reads its own clock beside its counter, so that a late answer is no error.
 */
#ifndef TAKT_BENCH_PVP64_H
#define TAKT_BENCH_PVP64_H

#include "bench/proc.h"

#define PVP64_PAGES 280 /* huge pages of 2 MiB that generator and device take */

enum pvp64_device { PVP64_TAKT, PVP64_PEER, PVP64_DEVICES, PVP64_NULL = PVP64_DEVICES, PVP64_ALL };

struct pvp64_conf {
	struct procs *set;
	const char *dir;	/* sockets and settings go here */
	const char *taktd;	/* program */
	bool packed;		/* ring */
	int device_cpu;
	int other_cpu;		/* of the generator, and of what the device does beside moving frames */
	const char *more;	/* further lines of taktd's YAML; NULL: none */
	int64_t span_ns;	/* frames are counted for that long */
};

struct pvp64_result {
	double pps;		/* frames a second at the null port */
	double gaps;		/* poll gaps a second; taktd only, 0 otherwise */
	double gap_share;	/* of the time, lost in poll gaps */
	double idle;		/* share of the turns in which taktd found nothing to do: the generator was the slower one */
};

/* Start, warm up, count, stop. -EINTR, or -errno and a sentence; no process and no file of it is left. */
int pvp64_measure(struct pvp64_result *out, const struct pvp64_conf *conf, enum pvp64_device device, struct why *why);

#endif
