/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run_trust: what of a result's folder is believed when it is gone on with or measured again.
 *
 * A folder may be from anywhere. So a program that it names is run, a kernel booted, and a host logged in to, when the command line names them too.
 */
#ifndef TAKT_BENCH_RUN_TRUST_H
#define TAKT_BENCH_RUN_TRUST_H

#include "bench/run_meta.h"

/* Is what the command line names (`is`) what the folder was measured with (`was`)? -EINVAL and a sentence else. */
int run_trust_files(const struct run_asked *was, const struct run_asked *is, struct why *why);

/* Is an inventory there where the folder's campaign is between hosts, and only there? -EINVAL and a sentence else. */
int run_trust_hosts(const struct campaign *c, const char *inventory, const char *folder, struct why *why);

/* The inventory of a campaign's file: `given` by the command line, or the one that it names, which lies beside it if its name is relative. 0 also where there are no hosts. */
int run_trust_inventory(char real[PATH_MAX], const struct campaign *c, const char *path, const char *given, struct why *why);

#endif
