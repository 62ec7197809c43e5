/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_sig: a tracepoint's arguments, as this kernel has them.
 *
 * A signature is words: "i" a number of up to 4 bytes (also bool and enum), "l" one of 8, "*task_struct" a pointer to that structure, "*" any other
 * pointer. sched_switch of 6.1: "i *task_struct *task_struct i". Pure: reads a BTF that the caller has.
 */
#ifndef TAKT_PROBES_HOST_SIG_H
#define TAKT_PROBES_HOST_SIG_H

#include <stdbool.h>
#include <stddef.h>

struct btf;

#define HOST_SIG_LEN 256

/* -ENOENT: no tracepoint of that name; -EINVAL: its type is none that a tracepoint has; -E2BIG: does not fit. */
int host_sig(const struct btf *btf, const char *tracepoint, char *out, size_t size);

/* The arguments begin with these: kernels append some, a program does not look at those. "" fits all. */
bool host_sig_fits(const char *sig, const char *wanted);

#endif
