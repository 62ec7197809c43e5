/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm_check: guests that cannot be, refused before anything is started.
 */
#ifndef TAKT_BENCH_VM_CHECK_H
#define TAKT_BENCH_VM_CHECK_H

#include "base/why.h"
#include "bench/vm_conf.h"

#define VM_SOCKET_LEN 108	/* sun_path */

/* -EINVAL, or -ENOENT for a socket to connect to that is not there; a sentence that names the option. */
int vm_check(const struct vm_conf *conf, struct why *why);

#endif
