/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp_arm: a ptp4l that follows another, by one of four ways, and how far off it was.
 *
 *	PTP_TC, PTP_UNCORRECTED	ptp4l -- veth -- taktd -- veth -- ptp4l
 *	PTP_LINUXPTP		ptp4l -- veth -- ptp4l as a transparent clock -- veth -- ptp4l
 *	PTP_DIRECT		ptp4l -- veth -- ptp4l
 *
 * In taktd both ports hold PTP back: its class is open for the first `open_ns` of each cycle, all others for the rest,
 * and frames of class 0 cross in both directions meanwhile. linuxptp's clock and the direct way have neither.
 *
 * All clocks are this machine's one clock, with the kernel's software stamps, and no ptp4l may set it (free_running):
 * the truth is an offset of 0, and whatever the client finds is its error.
 */
#ifndef TAKT_BENCH_PTP_ARM_H
#define TAKT_BENCH_PTP_ARM_H

#include "bench/daemon.h"
#include "bench/gaps.h"
#include "bench/netns.h"
#include "bench/ptp_check.h"
#include "bench/ptp_stat.h"

enum ptp_arm { PTP_TC, PTP_UNCORRECTED, PTP_LINUXPTP, PTP_DIRECT, PTP_ARMS };

#define PTP_ARM_STALL_NS INT64_C(20000)	/* gaps of this length count: the worker was off its CPU */

struct ptp_arm_conf {
	struct procs *set;
	const char *takt, *taktd;	/* programs */
	const char *dir;		/* exists, empty */
	int worker_cpu, other_cpu;
	bool udp4;			/* PTP over UDP and IPv4; else over Ethernet */
	int log_interval;		/* of Sync and Delay_Req: 2^n s */
	int64_t cycle_ns, open_ns;
	int64_t flood, flood_len;	/* frames a second in each direction; bytes each, with the tag */
	int64_t span_ns;		/* as many Syncs as come in that are measured, once the client's clock has settled */
};

/* The namespaces: master - middle - client, and near - far for the direct way. */
enum ptp_net_place { PTP_NET_MIDDLE, PTP_NET_MASTER, PTP_NET_CLIENT, PTP_NET_NEAR, PTP_NET_FAR, PTP_NETS };

struct ptp_net {
	struct netns *ns[PTP_NETS];
	char name[PTP_NETS][32];
};

int ptp_net_create(struct ptp_net *net, const struct ptp_arm_conf *conf, struct why *why);
void ptp_net_destroy(struct ptp_net *net);	/* zeroed, or after a create, whatever it returned */

struct ptp_arm_result {
	struct ptp_sample *sample;	/* that count */
	size_t n_sample, room;
	struct ptp_stat settled;	/* left_out and missing */
	uint64_t trouble;		/* lines of the ptp4l's logs, see ptp_stat.h */
	uint64_t unpolled;		/* offsets in the client's log that are no sample */
	char trouble_says[160];		/* the first of them */
	struct timeline_plan plan;
	struct timeline timeline;
	struct ptp_check check;		/* of taktd's records; zero without a taktd */
	struct gaps_sum gaps;
	uint64_t lost;			/* records overwritten before they were read */
};

/*
 * Run one. -EINTR, or -errno and a sentence; all processes it started have ended. What was gathered is the caller's:
 * ptp_arm_fini() in any case.
 */
int ptp_arm_run(struct ptp_arm_result *r, const struct ptp_arm_conf *conf, const struct ptp_net *net, enum ptp_arm arm,
		struct why *why);
void ptp_arm_fini(struct ptp_arm_result *r);

#endif
