/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qdisc: what the kernel's TSN queueing disciplines are told, as a value: taprio, mqprio, cbs, etf.
 *
 * The same value comes from a `tc qdisc` line (tc_line), goes into the kernel and comes back from it (qdisc_nl), and is printed as tc
 * prints it (qdisc_print). Units are the kernel's: the mask of a sched-entry has bit n for traffic class n, cbs slopes are kbit/s, credits bytes.
 *
 * Pure: no socket here.
 */
#ifndef TAKT_TSN_QDISC_H
#define TAKT_TSN_QDISC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "tsn/gcl.h"

#define QDISC_MAX_TC   16	/* TC_QOPT_MAX_QUEUE */
#define QDISC_NO_CLOCK (-1)

enum qdisc_kind { QDISC_TAPRIO, QDISC_MQPRIO, QDISC_CBS, QDISC_ETF };

enum {
	QDISC_TXTIME_ASSIST = 1,	/* taprio flags */
	QDISC_FULL_OFFLOAD = 2,
};

/* Traffic classes, priorities and queues: taprio and mqprio. */
struct qdisc_map {
	uint8_t num_tc;			/* 0: not given */
	uint8_t prio_tc[16];
	uint16_t count[QDISC_MAX_TC], offset[QDISC_MAX_TC];
	bool hw;			/* mqprio */
};

struct qdisc_taprio {
	struct qdisc_map map;
	struct gcl_conf gate;		/* entries, t_base, cycle_ns, extension_ns, max_sdu; entries owned by this struct */
	uint8_t *commands;		/* per entry: 'S', 'H' or 'R'; owned, NULL: all S */
	int32_t clockid;		/* CLOCK_TAI ..., or QDISC_NO_CLOCK */
	uint32_t flags;
	uint32_t txtime_delay_ns;
	uint8_t fp_preemptible;		/* bit n: class n is preemptible */
};

struct qdisc_cbs {
	bool offload;
	int32_t hicredit, locredit;	/* bytes */
	int32_t idleslope, sendslope;	/* kbit/s */
};

struct qdisc_etf {
	int32_t delta_ns;
	int32_t clockid;
	bool deadline, offload, skip_sock_check;
};

struct qdisc {
	enum qdisc_kind kind;
	uint32_t handle, parent;	/* 0: kernel chooses; TC_H_ROOT 0xffffffff: root */
	union {
		struct qdisc_taprio taprio;
		struct qdisc_map mqprio;
		struct qdisc_cbs cbs;
		struct qdisc_etf etf;
	};
};

void qdisc_fini(struct qdisc *q);	/* frees what taprio owns */

/*
 * Read a tc command line: "tc qdisc replace dev eth0 parent root handle 100 taprio num_tc 3 map ... sched-entry S 1 300000 ...", or any
 * tail of it that begins at the kind. dev (IFNAMSIZ, may be NULL) receives the device if one is named. Newlines and backslash-newlines are
 * blanks. -EINVAL and a sentence naming word and place. On success q is the caller's, qdisc_fini().
 */
int qdisc_parse_tc(struct qdisc *q, char *dev, const char *text, struct why *why);

/* The tc command line that says the same; dev may be NULL ("DEV" is printed). malloc'ed, free() it. NULL: out of memory. */
char *qdisc_print_tc(const struct qdisc *q, const char *dev);

#endif
