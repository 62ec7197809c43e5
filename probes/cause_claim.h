/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cause_claim: who is charged for an interval that many lay claim to.
 *
 * A claim says "from t to t_end it was this cause". Each nanosecond is charged once, to the claim of the highest rank (the lowest number) that
 * covers it; of one rank, to the one that began first. Pure; one thread.
 */
#ifndef TAKT_PROBES_CAUSE_CLAIM_H
#define TAKT_PROBES_CAUSE_CLAIM_H

#include "probes/cause.h"
#include "probes/cause_span.h"

struct cause_claim {
	int64_t t, t_end;		/* TAI ns */
	int64_t ns;			/* charged to it: cause_claims_settle() fills it */
	const struct cause_span *span;	/* the evidence; NULL: taktd's record */
	uint8_t rank, cause;		/* enum cause, both: a gap that an interrupt made ranks as a gap and names the interrupt */
};

struct cause_cover;

struct cause_claims {
	struct cause_claim *claim;
	size_t n, room;
	struct cause_cover *cover[2];	/* room for the work */
	size_t cover_room;
	int error;			/* -ENOMEM once memory was short: the sums are then too low */
};

void cause_claims_fini(struct cause_claims *c);
void cause_claims_clear(struct cause_claims *c);

/* Cut to [from, to); what is left of it empty is no claim. */
void cause_claims_add(struct cause_claims *c, enum cause rank, enum cause cause, const struct cause_span *span, int64_t t, int64_t t_end,
		      int64_t from, int64_t to);

/* Fill ns of each; they are in order of rank afterwards. */
void cause_claims_settle(struct cause_claims *c);

#endif
