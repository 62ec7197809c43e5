/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_btf: what functions and tracepoints this kernel has, and with how many arguments: by its own description (BTF), that of modules too.
 */
#ifndef TAKT_PROBES_GUEST_BTF_H
#define TAKT_PROBES_GUEST_BTF_H

#include <stdbool.h>

#define GUEST_BTF_DIR "/sys/kernel/btf"
#define GUEST_BTFS    256	/* of more modules the rest is not looked at */

struct btf;

struct guest_btf {
	struct btf *btf[GUEST_BTFS];	/* the kernel's, then modules' */
	int n;
};

int guest_btf_open(struct guest_btf *g);	/* -ENOENT: the kernel's cannot be read */
void guest_btf_close(struct guest_btf *g);

/* Arguments of a function, of the kernel or a module; -ENOENT. */
int guest_btf_function(const struct guest_btf *g, const char *name);
/* Arguments of a tracepoint: those of its BTF type, less the first, which is the tracer's; -ENOENT. */
int guest_btf_tracepoint(const struct guest_btf *g, const char *name);

bool guest_btf_symbol(const char *name);	/* of a function that BTF does not know, as kprobes do: /proc/kallsyms */

#endif
