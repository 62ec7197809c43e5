/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tc_line_pvt: shared by tc_line.c (keywords) and tc_value.c (what stands behind them); nobody else includes it.
 */
#ifndef TAKT_TSN_TC_LINE_PVT_H
#define TAKT_TSN_TC_LINE_PVT_H

#include <stddef.h>

#include "tsn/qdisc.h"

#define TC_WORD_LEN 64	/* longer than any word tc knows, device names and 64-bit numbers included */

/* The word that is looked at, and what comes behind it. */
struct tc_line {
	const char *next;
	char word[TC_WORD_LEN];	/* "" at the end */
	int n_word, n_line;	/* its place, from 1 */
	bool lines;		/* there is more than one */
	uint32_t room;		/* entries that the lists of q can hold */
	struct qdisc *q;
	struct why *why;
};

/* A keyword. read() begins at the first word behind it, and ends with the one behind its value. */
struct tc_key {
	const char *name;	/* NULL ends a table */
	int (*read)(struct tc_line *l, const struct tc_key *k, void *field);
	size_t offset;		/* of the field in struct qdisc */
	size_t size;		/* of a number, or of one of a list */
	int64_t min, max;
};

void tc_step(struct tc_line *l);	/* to the next word */

/* -EINVAL and the sentence, the word and its place in front. */
int tc_refuse(struct tc_line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A word as a whole number in tc's notation; `base` 0: 0x is hexadecimal, a leading 0 octal. */
bool tc_number(const char *word, int base, int64_t *v);

int tc_read_number(struct tc_line *l, const struct tc_key *k, void *field);
int tc_read_list(struct tc_line *l, const struct tc_key *k, void *field);	/* up to 16 numbers, the others 0 */
int tc_read_flag(struct tc_line *l, const struct tc_key *k, void *field);	/* the keyword alone */
int tc_read_bool(struct tc_line *l, const struct tc_key *k, void *field);	/* 0 or 1 */
int tc_read_clock(struct tc_line *l, const struct tc_key *k, void *field);
int tc_read_queues(struct tc_line *l, const struct tc_key *k, void *field);	/* a struct qdisc_map */
int tc_read_fp(struct tc_line *l, const struct tc_key *k, void *field);
int tc_read_max_sdu(struct tc_line *l, const struct tc_key *k, void *field);
int tc_read_mode(struct tc_line *l, const struct tc_key *k, void *field);
int tc_read_shaper(struct tc_line *l, const struct tc_key *k, void *field);
int tc_read_rates(struct tc_line *l, const struct tc_key *k, void *field);	/* n_min_rate or n_max_rate */

#endif
