/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * refusal: which BPF program the kernel did not take, and why.
 *
 * libbpf tells it in words alone, to one function of the process that gets no context. So what it says is kept from the user from
 * refusal_listen() on, and of what it said to this thread since, the last program that it named is known here.
 */
#ifndef TAKT_PROBES_REFUSAL_H
#define TAKT_PROBES_REFUSAL_H

struct refusal {
	char program[32];	/* "": none was named */
	char why[96];		/* the first word on it: "BPF program load failed: Invalid argument" */
};

void refusal_listen(void);
const struct refusal *refusal_heard(void);	/* good until the next refusal_listen() */

#endif
