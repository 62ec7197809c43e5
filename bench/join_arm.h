/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * join_arm: one guest whose clock's true relation to taktd's is known, and what `takt clock guest` says of it.
 *
 * The truth is found without a line of probes/: the guest reads its CLOCK_MONOTONIC between two reads of its TSC (tests/guest/guestclock), the
 * TSC is the host's (UML, a namespace) or a constant away, which an exchange through memory that both see bounds (QEMU's TCG), and we read the host's
 * TSC beside CLOCK_TAI all the time.
 *
 *	uml, qemu	guests of `takt vm run`, their agent's events through a serial line
 *	namespace	this machine's kernel, whose agent tells all instants as a clock would that is off by JOIN_OFF_NS and JOIN_OFF_PPB
 */
#ifndef TAKT_BENCH_JOIN_ARM_H
#define TAKT_BENCH_JOIN_ARM_H

#include "bench/daemon.h"

#define JOIN_ARMS(X) X(UML, "uml") X(QEMU, "qemu") X(NS, "namespace")

enum join_arm {
#define X(id, name) JOIN_##id,
	JOIN_ARMS(X)
#undef X
	JOIN_ARM_COUNT
};

#define JOIN_OFF_NS  INT64_C(-3600123456789)	/* an hour, and something */
#define JOIN_OFF_PPB INT64_C(-173000)		/* the kernel's own limit is 500 ppm */

struct join_arm_conf {
	struct procs *set;
	const char *takt, *taktd, *guestclock, *dir;
	int worker_cpu, other_cpu;
	int64_t span_ns, rate;		/* of frames a second, each way */
};

/* One instant of the guest: what was said, and what is true. TAI ns. */
struct join_sample {
	int64_t g, t, bound_ns, lo, hi;
};

struct join_arm_result {
	struct join_sample *sample;
	size_t n;
	size_t unknown;		/* instants of which nothing was known */
	int64_t axis_error_ns;	/* taktd's own bound of its clock: what it calls TAI is that near to CLOCK_TAI */
	char joined[64];
	double rate_ppm;
};

/* 0, -EINTR, or -errno and a sentence; -ENOENT: there is no image for this guest. The result is to be freed in any case. */
int join_arm_run(struct join_arm_result *r, const struct join_arm_conf *conf, enum join_arm arm, struct why *why);
void join_arm_fini(struct join_arm_result *r);

extern const char *const join_arm_names[JOIN_ARM_COUNT];

#endif
