/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hops: a histogram of each hop of the frames' stay, per egress port and traffic class.
 */
#ifndef TAKT_PROBES_HOPS_H
#define TAKT_PROBES_HOPS_H

#include <stdint.h>

#include "base/hist.h"
#include "base/out.h"
#include "probes/records.h"

#define HOPS_CLASSES 8

struct hops_row {
	struct hist hop[HOP_COUNT];
	struct hist total;
};

struct hops {
	int64_t t_first, t_last;	/* t_out of the first and the last frame */
	uint64_t frames;		/* sent */
	uint64_t dropped[VERDICT_COUNT];
	uint64_t bad_sums;		/* records whose hops do not add up to their stay: a defect of taktd */
	uint64_t overruns;
	uint64_t gaps;			/* poll gaps meanwhile */
	int64_t gap_ns, gap_longest_ns;
	struct hops_row *row[PKT_MAX_PORTS][HOPS_CLASSES];	/* NULL: no frame */
};

/* Does the stay equal the sum of its hops? */
int hops_adds_up(const struct pkt *p);

int hops_add(struct hops *h, const struct pkt *p);	/* -ENOMEM */
void hops_add_gap(struct hops *h, const struct rec_gap *g);
void hops_fini(struct hops *h);

/* The members of an object, or the tables. */
void hops_print(const struct hops *h, const struct records *r, struct out *o);

/* One frame's stay as a waterfall (or an object), with its key and the poll gaps that fell into it. */
void hops_waterfall(const struct pkt *p, uint64_t key, const struct records *r, const struct rec_gap *gaps, uint32_t n_gaps, struct out *o);

/* Its member "flags" of an object: an array of names; or a line. */
void hops_flags(const struct pkt *p, struct out *o);

#endif
