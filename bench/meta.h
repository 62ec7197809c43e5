/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * meta: what a result has to carry so that somebody else can tell what it was: machine, kernel, versions, clock, revision.
 */
#ifndef TAKT_BENCH_META_H
#define TAKT_BENCH_META_H

#include <jansson.h>

/* One object, the caller's: time, rev, kernel, machine, os, cpu, cpus, memory_mib, clocksource, tai_offset_s, packages. */
json_t *meta_collect(void);

const char *meta_now(char buf[static 32]);	/* "2026-11-24T16:01:02Z"; returns buf */
const char *meta_rev(void);		/* git revision this program was built from */
int meta_tai_offset(void);		/* seconds, TAI - UTC as the kernel has it; 0: nobody set it */

/* Of what `takt noise --json` said, the worse of its CPUs: p50_ns, p99_ns, max_ns, share, as in cell.json. JSON's null when there is none. The caller's. */
json_t *meta_floor(const json_t *said);

/* Write a JSON document, indented. 0 or -errno. */
int meta_write(const json_t *doc, const char *path);

#endif
