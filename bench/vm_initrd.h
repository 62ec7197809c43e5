/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vm_initrd: what one run adds to a guest's image: settings, command, and this program with its libraries.
 */
#ifndef TAKT_BENCH_VM_INITRD_H
#define TAKT_BENCH_VM_INITRD_H

#include "base/why.h"
#include "bench/vm_conf.h"

/*
 * `mac` stands for conf->mac. A memory file (close-on-exec) holding DIR/initrd and the additions; -errno and a
 * sentence.
 */
int vm_initrd(const struct vm_conf *conf, const char *mac, const char *token, const char *dir, struct why *why);

#endif
