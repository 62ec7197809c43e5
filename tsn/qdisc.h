/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qdisc: what the kernel's TSN queueing disciplines are told, as a value: taprio, mqprio, cbs, etf.
 *
 * The same value comes from a `tc qdisc` line, goes into the kernel and comes back from it (vnet/qdisc_nl), and is printed as a line again. Units are the kernel's: the mask of a sched-entry has bit n for traffic class n, cbs slopes are kbit/s, credits bytes.
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
#define QDISC_PRIOS    16	/* TC_PRIO_MAX + 1: skb priorities that a map knows */
#define QDISC_ROOT     0xffffffffu	/* TC_H_ROOT */
#define QDISC_NO_CLOCK (-1)

enum qdisc_kind { QDISC_TAPRIO, QDISC_MQPRIO, QDISC_CBS, QDISC_ETF };

enum qdisc_verb { QDISC_REPLACE, QDISC_ADD, QDISC_CHANGE };

enum {
	QDISC_TXTIME_ASSIST = 1,	/* taprio flags */
	QDISC_FULL_OFFLOAD = 2,
};

/* Traffic classes, priorities and queues: taprio and mqprio. */
struct qdisc_map {
	uint8_t num_tc;			/* 0: not given; 1..16 are good */
	uint8_t prio_tc[QDISC_PRIOS];	/* class of each skb priority */
	uint16_t count[QDISC_MAX_TC], offset[QDISC_MAX_TC];	/* class n has queues offset .. offset + count - 1 */
};

struct qdisc_taprio {
	struct qdisc_map map;
	struct gcl_conf gate;		/* entries, t_base, cycle_ns, extension_ns, max_sdu; entries owned by this struct */
	uint8_t *commands;		/* per entry: 'S', 'H' or 'R'; owned, NULL: all S */
	int32_t clockid;		/* CLOCK_TAI ..., or QDISC_NO_CLOCK */
	uint32_t flags;
	uint32_t txtime_delay_ns;
	uint16_t fp_preemptible;	/* bit n: class n is preemptible */
};

enum qdisc_mode { QDISC_MODE_NONE, QDISC_MODE_DCB, QDISC_MODE_CHANNEL };	/* NONE: not said */
enum qdisc_shaper { QDISC_SHAPER_NONE, QDISC_SHAPER_DCB, QDISC_SHAPER_BW_RLIMIT };

struct qdisc_mqprio {
	struct qdisc_map map;
	uint8_t hw;			/* 0: software */
	enum qdisc_mode mode;		/* what follows is for hardware */
	enum qdisc_shaper shaper;
	uint8_t n_min_rate, n_max_rate;	/* how many rates were given */
	uint64_t min_rate[QDISC_MAX_TC], max_rate[QDISC_MAX_TC];	/* bytes/s, as the kernel has them */
	uint16_t fp_preemptible;
};

struct qdisc_cbs {
	bool offload;
	int32_t hicredit, locredit;	/* bytes */
	int32_t idleslope, sendslope;	/* kbit/s */
};

struct qdisc_etf {
	int32_t delta_ns;
	int32_t clockid;		/* or QDISC_NO_CLOCK */
	bool deadline, offload, skip_sock_check;
};

struct qdisc {
	enum qdisc_verb verb;
	enum qdisc_kind kind;
	uint32_t handle;		/* major << 16 | minor; 0: the kernel chooses */
	uint32_t parent;		/* QDISC_ROOT, or a class of another qdisc */
	int32_t overhead;		/* bytes added to each frame's length (tc's "stab overhead"): 24 is what a wire adds */
	union {
		struct qdisc_taprio taprio;
		struct qdisc_mqprio mqprio;
		struct qdisc_cbs cbs;
		struct qdisc_etf etf;
	};
};

void qdisc_fini(struct qdisc *q);	/* frees what taprio owns */

/* "taprio"; "CLOCK_TAI" (NULL: a clock without a name). The other way: -1 when there is none; CLOCK_ may be left out, case does not count. */
const char *qdisc_kind_name(enum qdisc_kind kind);
int qdisc_kind_find(const char *name);
const char *qdisc_clock_name(int32_t clockid);
int32_t qdisc_clock_find(const char *name);

/*
 * Read a tc command line: "tc qdisc replace dev eth0 parent root handle 100 taprio num_tc 3 map ... sched-entry S 01 300000 ...", or any
 * tail of it that begins at the kind (parent is the root then). dev (IFNAMSIZ bytes, may be NULL) receives the device, "" if none is named.
 * Newlines and backslash-newlines are blanks. Numbers are as tc reads them: masks hexadecimal without 0x (with it too), rates with their
 * units, the rest decimal or 0x. What is not said is as tc has it: mqprio with 8 classes in hardware, no clock, base time 0.
 *
 * What can be read is not yet good for a kernel (qdisc_check) or a link (gcl_create). Refused with -EINVAL and a sentence naming line, word
 * and how to mend it: words that tc does not know, numbers that do not fit their field, a keyword given twice, a mask beyond class 7, a mask
 * that must have been written in decimal, more than GCL_MAX_ENTRIES entries. -ENOMEM. On success q is the caller's, qdisc_fini().
 */
int qdisc_parse_tc(struct qdisc *q, char *dev, const char *text, struct why *why);

/* The tc command line that says the same; dev may be NULL ("DEV" is printed). malloc'ed, free() it. NULL: out of memory. */
char *qdisc_print_tc(const struct qdisc *q, const char *dev);

/* -- is it good for a kernel? -------------------------------------------------------------------------------- */

#define QDISC_UNKNOWN_BPS   INT64_C(10000000)	/* what the kernel takes an unknown link speed for */
#define QDISC_TIMER_NS	    INT64_C(10000)	/* per entry, on average: the kernel's timer fires for each, and must leave time for work */
#define QDISC_FLOOR_NS	    INT64_C(672)	/* no entry is shorter, whatever is forced: a shortest frame at 1 Gb/s */

/* The device it is for. */
struct qdisc_dev {
	uint32_t queues;	/* transmit queues in use */
	int64_t link_bps;	/* 0: unknown */
	uint32_t max_mtu;	/* 0: unknown */
};

/*
 * Would a kernel take it, and survive it? -EINVAL and a sentence for what it would refuse, and for what it would take although it then
 * locks up: Linux 6.1 looks at the length of entries before it knows the link's speed, so it takes an interval of 10 ns and is busy with
 * its timer for ever. With `force` only what locks a kernel up is refused: entries under QDISC_FLOOR_NS, and more than one per
 * QDISC_TIMER_NS on average.
 */
int qdisc_check(const struct qdisc *q, const struct qdisc_dev *dev, bool force, struct why *why);

/* Called with one sentence. */
typedef void qdisc_say_fn(void *arg, const char *sentence);

/* What the kernel takes and probably nobody wants, a sentence each. */
void qdisc_warn(const struct qdisc *q, const struct qdisc_dev *dev, qdisc_say_fn *say, void *arg);

/*
 * What differs between what was asked for and what a kernel says it has, a sentence each; their number. Only what was given is compared:
 * not a handle that the kernel chose, nor a map that was left out. A cycle time that was left out is the sum of the intervals.
 */
unsigned int qdisc_diff(const struct qdisc *asked, const struct qdisc *found, qdisc_say_fn *say, void *arg);

#endif
