/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpu_list: a set of CPUs as the kernel writes it: "0,2-3", and "" for none.
 *
 * Plain values: copy them, compare them, no call to end them.
 */
#ifndef TAKT_BASE_CPU_LIST_H
#define TAKT_BASE_CPU_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/why.h"

#define CPU_LIST_MAX	 1024 /* CPUs 0 to 1023 */
#define CPU_LIST_STR_LEN 128

struct cpu_list {
	unsigned long bits[CPU_LIST_MAX / (8 * sizeof(unsigned long))];
};

/* A user's list: at least one CPU. -EINVAL and a sentence; *out is undefined then. */
int cpu_list_parse(struct cpu_list *out, const char *text, struct why *why);

/* A kernel's list (/sys, /proc): white space around it, and none at all, are good. -EINVAL when it is no list. */
int cpu_list_read(struct cpu_list *out, const char *text);

/* "0,2-3"; one that does not fit ends in "...". Returns buf. */
const char *cpu_list_str(char buf[static CPU_LIST_STR_LEN], const struct cpu_list *l);

bool cpu_list_has(const struct cpu_list *l, int cpu); /* false for any number that is no CPU */
bool cpu_list_empty(const struct cpu_list *l);
void cpu_list_add(struct cpu_list *l, int cpu);			      /* 0 to CPU_LIST_MAX - 1 */
struct cpu_list cpu_list_or(struct cpu_list a, const struct cpu_list *b);  /* in either */
struct cpu_list cpu_list_and(struct cpu_list a, const struct cpu_list *b); /* in both */
struct cpu_list cpu_list_without(struct cpu_list a, const struct cpu_list *b); /* in a, not in b */

#endif
