/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_police: what is asked of per-stream filtering and policing at a port, and of CQF, its shorthand.
 *
 * Five tables whose rows have an id (a name or a number) by which they refer to each other. The keys are the leaves of
 * IEEE's modules ieee802-dot1q-stream-filters-gates, -psfp and -ats; a stream is identified in place, as in 802.1CB's
 * null stream identification. Tables are owned by the configuration they are in (conf_fini() frees them).
 */
#ifndef TAKT_VNET_CONF_POLICE_H
#define TAKT_VNET_CONF_POLICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"
#include "tsn/cqf.h"
#include "tsn/gcl.h"
#include "tsn/police.h"

#define CONF_ID_LEN 16	/* with NUL */

struct conf_row {	/* what each row of the tables begins with */
	char id[CONF_ID_LEN];
	int line;	/* of the file, for messages; that of cqf for what it made */
};

struct conf_filter {
	struct conf_row row;
	struct police_filter_conf filter;	/* but for its references */
	char gate[CONF_ID_LEN], meter[CONF_ID_LEN], scheduler[CONF_ID_LEN];	/* "": none */
	bool meter_enable, scheduler_enable;
};

struct conf_stream_gate {
	struct conf_row row;
	struct gcl_conf time;			/* base, cycle, extension; no entries */
	struct police_gate_conf gate;		/* the rest; its entries are owned by this struct */
};

struct conf_meter {
	struct conf_row row;
	struct meter_conf meter;
};

struct conf_scheduler {
	struct conf_row row;
	struct ats_conf ats;
	char group[CONF_ID_LEN];
};

struct conf_group {
	struct conf_row row;
	int64_t residence_ns;
};

struct conf_police {
	uint32_t n_filters, n_gates, n_meters, n_schedulers, n_groups;
	struct conf_filter *filters;
	struct conf_stream_gate *gates;
	struct conf_meter *meters;
	struct conf_scheduler *schedulers;
	struct conf_group *groups;
};

void conf_police_fini(struct conf_police *c);

int conf_police_gate(const struct conf_police *c, const char *id);	/* index of the stream gate with that id, or -ENOENT */

/* What is asked of one stream gate, for a link. -EINVAL and a sentence. */
struct police_list;
int conf_police_list(struct police_list **out, const struct conf_stream_gate *g, const struct wire *wire,
		     struct why *why);

/*
 * One stream gate as a YAML/JSON document given as text (`where` names it in messages): a mapping with the keys of a
 * row of stream-gates but for its id, or the same under the key stream-gate. Its entries belong to the caller
 * (free()). And back: as JSON on one line.
 */
int conf_parse_stream_gate(struct conf_stream_gate *out, const char *text, const char *where, struct why *why);
void conf_print_stream_gate(const struct conf_stream_gate *g, FILE *f);

/*
 * Make what is asked for. *out is NULL when that is nothing. -EINVAL and a sentence, without a place: conf_load() has
 * checked what comes from a file.
 */
int conf_police_create(struct police **out, const struct conf_police *c, const struct wire *wire, int64_t now,
		       struct why *why);

#endif
