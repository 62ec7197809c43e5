/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chain: how time comes from the grandmaster to taktd, link by link, and what is wrong with it.
 *
 *	grandmaster -> ptp4l's port -> [hardware clock ->] system clock (CLOCK_REALTIME, CLOCK_TAI) -> taktd's map
 *
 * Facts in, sentences out: whoever asks fills a struct chain (takt clock does), chain_judge() says what is missing or
 * does not fit. Nothing here reads a clock or a socket. Any thread.
 */
#ifndef TAKT_PTP_CHAIN_H
#define TAKT_PTP_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "ptp/pmc.h"

#define CHAIN_PORTS	16 /* a ptp4l has as many ports as interfaces; more are not looked at */
#define CHAIN_PHC_NS	INT64_C(1000000) /* where phc2sys runs, a hardware clock is nearer than this */
#define CHAIN_TAI_TODAY 37 /* s, TAI - UTC since 2017-01-01 (IERS Bulletin C); decided anew every half year */

struct chain_port {
	struct pmc_port ds;
	bool properties; /* the next two are known: not on a read-only socket */
	uint8_t timestamping;
	char interface[PMC_NAME_LEN];
};

struct chain_ptp {
	bool known;
	struct why missing; /* why not, when it is not */
	struct pmc_default clock;
	struct pmc_current current;
	struct pmc_parent parent;
	struct pmc_time_properties time;
	struct pmc_time_status status;
	int ports; /* that are in port[] */
	struct chain_port port[CHAIN_PORTS];
};

/* The hardware clock that stamps, when it does: with software stamps there is none. */
struct chain_phc {
	bool wanted, known; /* wanted: a port has hardware stamps, or the user named a clock */
	struct why missing;
	int64_t offset_ns, half_ns; /* it minus CLOCK_TAI, +-half_ns */
};

struct chain_system {
	int tai_offset; /* s, CLOCK_TAI - CLOCK_REALTIME; 0: nobody set it */
	bool kept;	/* the kernel is told that somebody keeps the clock (no STA_UNSYNC) */
	int64_t max_error_ns, est_error_ns; /* as that somebody told the kernel; to be believed when kept */
};

struct chain_taktd {
	bool known, asked_for; /* asked_for: named by the user, so that its absence is a fault */
	struct why missing;
	int64_t bound_ns;      /* taktd's own: its map against CLOCK_TAI */
	int64_t offset_ns, half_ns; /* its time minus its reference as seen from outside, +-half_ns */
	uint64_t steps;	       /* of the map, since it was started */
	int tai_offset;	     /* s, TAI - UTC as it uses it; the system's too, unless its file has another */
	bool good;	     /* by its own judgement */
	struct why why_not;  /* and why not */
	char held[8];	     /* how it holds gates until it is: "open", "shut"; "": not (any more) */
};

struct chain {
	struct chain_ptp ptp;
	struct chain_phc phc;
	struct chain_system system;
	struct chain_taktd taktd;
};

/* Links and severities: identifier, name in JSON. */
#define CHAIN_LINKS(X) \
	X(GRANDMASTER, "grandmaster") X(PTP4L, "ptp4l") X(PHC, "phc") X(SYSTEM, "system") X(TAKTD, "taktd")
#define CHAIN_SEVERITIES(X) X(NOTE, "note") X(TRAP, "trap") X(BROKEN, "broken")

enum chain_link {
#define X(id, name) CHAIN_##id,
	CHAIN_LINKS(X)
#undef X
};

enum chain_severity {
#define X(id, name) CHAIN_##id,
	CHAIN_SEVERITIES(X)
#undef X
};

/*
 * Call `say` for each finding, from the grandmaster on. NOTE: how it is. TRAP: time comes through, but may not mean
 * what it seems to. BROKEN: a link is missing; then false is returned.
 */
bool chain_judge(const struct chain *c,
		 void (*say)(void *arg, enum chain_link link, enum chain_severity severity, const char *sentence), void *arg);

/* This clock is the grandmaster itself: its parent is itself, and one of its ports is a master. */
bool chain_is_grandmaster(const struct chain_ptp *p);

/* A port is held to a master, or (UNCALIBRATED) measures it. */
bool chain_follows(const struct chain_ptp *p);

/*
 * How far the measured offset may be from the true one, against the clock one step above: the way there takes
 * something between nothing and all of the way there and back, so the mean path delay. With peer delay that is the link's, which
 * linuxptp keeps at the port and not in its current data set. -1 while none was measured.
 */
int64_t chain_offset_bound_ns(const struct chain_ptp *p);

const char *chain_link_name(enum chain_link link);
const char *chain_severity_name(enum chain_severity severity);

#endif
