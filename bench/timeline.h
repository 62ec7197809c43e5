/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timeline: which gates were open when, over a sequence of schedules. For judging what was measured.
 *
 * Slow and obvious on purpose, and without a line of tsn/: it walks the entries as they were written down. All of a
 * plan's cycles begin at t_change + N * cycle; a plan holds until the next one's t_change. The list's sum is the cycle.
 */
#ifndef TAKT_BENCH_TIMELINE_H
#define TAKT_BENCH_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMELINE_ENTRIES 16

struct timeline_list {		/* what an administrator writes */
	int64_t t_base;
	int64_t cycle_ns;	/* sum of the intervals */
	uint32_t n;
	struct {
		uint8_t gates;	/* bit n: class n */
		int64_t ns;
	} entry[TIMELINE_ENTRIES];
};

struct timeline_plan {
	struct timeline_list list;
	int64_t t_change;	/* it runs from then on */
	int64_t t_asked;	/* nobody knew of it before */
	int64_t t_known;	/* from then on it was certainly known */
	uint16_t generation;	/* as taktd numbers it */
};

struct timeline {
	const struct timeline_plan *plan;	/* by t_change, the first from the beginning of time */
	size_t n;				/* >= 1 */
};

/* Is the class's gate open at t? `n` plans are known: the first n. */
bool timeline_open(const struct timeline *tl, size_t n, unsigned int tc, int64_t t);

/* The first instant > t at which the class's gate is shut, at most t + limit_ns; t when it is shut. */
int64_t timeline_close(const struct timeline *tl, size_t n, unsigned int tc, int64_t t, int64_t limit_ns);

/* When did the window begin that t lies in? At least t - limit_ns. NS_NEVER when it is shut at t. */
int64_t timeline_begin(const struct timeline *tl, size_t n, unsigned int tc, int64_t t, int64_t limit_ns);

/* How many plans may have been known at t, of the first n? Those asked for by then; *sure: those certainly known. */
size_t timeline_known(const struct timeline *tl, int64_t t, size_t *sure);

/* The plan that runs at t, of the first n. */
size_t timeline_at(const struct timeline *tl, size_t n, int64_t t);

/* ConfigChangeTime of a list that was set at t (802.1Q-2022 8.6.9.1.1): its base, or the first start of a cycle not
 * before t. */
int64_t timeline_change_time(const struct timeline_list *list, int64_t t);

/* YAML of it, for the file: "{...}" on one line, legal JSON as well. */
void timeline_write(char *text, size_t size, const struct timeline_list *list);

#endif
