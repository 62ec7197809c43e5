/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * doctor: what a check of `takt doctor` gets, and how it says what it found.
 *
 * A check is a row of the table in doctor.c and a function here. It looks through doctor_look.h and its neighbours only, so that
 * --root can show it another machine, and says at least one thing: ok, trap, or unknown with the reason. What could not be
 * looked at is never ok. One thread.
 */
#ifndef TAKT_PROBES_DOCTOR_H
#define TAKT_PROBES_DOCTOR_H

#include <stdbool.h>

#include "base/cpu_list.h"
#include "base/out.h"
#include "probes/doctor_proc.h"
#include "probes/doctor_taktd.h"

enum doctor_verdict { DOCTOR_OK, DOCTOR_TRAP, DOCTOR_UNKNOWN, DOCTOR_VERDICTS };

/* Where a check makes sense. */
#define DOCTOR_GUEST 1u
#define DOCTOR_HOST  2u

struct doctor;

struct doctor_check {
	const char *id;
	unsigned int where;
	const char *look; /* what is looked at */
	void (*run)(struct doctor *d);
	const char *mend; /* how to mend a trap: one sentence */
};

struct doctor {
	const char *root; /* before every path; "" */
	unsigned int where;
	struct doctor_procs procs;
	struct doctor_taktd taktd;
	struct cpu_list worker; /* CPUs of taktd's worker; empty: not known */
	struct why worker_missing; /* why not */

	const struct doctor_check *check; /* the one that runs */
	struct out *out;
	int found[DOCTOR_VERDICTS], said;
};

void doctor_say(struct doctor *d, enum doctor_verdict verdict, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* doctor_time.c */
void doctor_tai_offset(struct doctor *d);
void doctor_clock_kept(struct doctor *d);
void doctor_clocksource(struct doctor *d);
void doctor_invariant_tsc(struct doctor *d);
void doctor_ptp_kvm(struct doctor *d);
void doctor_taktd_clock(struct doctor *d);

/* doctor_ptp.c */
void doctor_tx_timeout(struct doctor *d);
void doctor_neighbour_delay(struct doctor *d);
void doctor_free_running(struct doctor *d);
void doctor_steerers(struct doctor *d);

/* doctor_net.c */
void doctor_link_speed(struct doctor *d);
void doctor_queues(struct doctor *d);
void doctor_taprio(struct doctor *d);
void doctor_ptp_gates(struct doctor *d);
void doctor_ptp_roles(struct doctor *d);
void doctor_wire_speed(struct doctor *d);

/* doctor_cpu.c */
void doctor_steal(struct doctor *d);
void doctor_governor(struct doctor *d);
void doctor_idle(struct doctor *d);
void doctor_daemons(struct doctor *d);
void doctor_isolation(struct doctor *d);
void doctor_tick(struct doctor *d);
void doctor_interrupts(struct doctor *d);
void doctor_ksm(struct doctor *d);
void doctor_huge_pages(struct doctor *d);

#endif
