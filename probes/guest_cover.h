/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_cover: the coverage table: at which points takt guest looks, how, and where it does not and why. A missing point is never silent.
 */
#ifndef TAKT_PROBES_GUEST_COVER_H
#define TAKT_PROBES_GUEST_COVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/out.h"
#include "probes/guest_load.h"

#define GUEST_COVER_MAX 40

struct guest_cover_row {
	const char *name, *hop, *help;
	const char *how, *target;	/* "" where it is not live */
	bool live;
	char why[200];			/* why not; or why not by a better way */
};

struct guest_cover {
	struct guest_cover_row row[GUEST_COVER_MAX];
	int n;
	bool no_bpf;			/* no row of BPF's is live, for one reason that is told elsewhere */
};

/* load NULL: no BPF, because of `reason`. */
void guest_cover_bpf(struct guest_cover *c, const struct guest_load *load, const char *reason);
void guest_cover_add(struct guest_cover *c, const char *name, const char *hop, const char *help, const char *how, bool live, const char *why);

/* "points": [...], or a table. */
void guest_cover_print(const struct guest_cover *c, struct out *o);

#endif
