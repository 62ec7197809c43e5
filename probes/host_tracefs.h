/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_tracefs: a perf event of a tracepoint's class, wherever tracefs is, and without mounting it where it is not.
 */
#ifndef TAKT_PROBES_HOST_TRACEFS_H
#define TAKT_PROBES_HOST_TRACEFS_H

/* A perf event that a BPF program can be attached to, the caller's to close; -errno. */
int host_tracefs_open(const char *group, const char *tracepoint);

#endif
