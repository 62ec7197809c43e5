/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * campaign_keys: the keys of a campaign's file whose value is one word, declared once: reading, ranges, defaults, help.
 */
#ifndef TAKT_BENCH_CAMPAIGN_KEYS_H
#define TAKT_BENCH_CAMPAIGN_KEYS_H

#include <stdio.h>

#include "bench/campaign.h"
#include "vnet/yml.h"

enum campaign_kind { CAMPAIGN_INT, CAMPAIGN_NS, CAMPAIGN_TEXT, CAMPAIGN_WORD, CAMPAIGN_ORDER };

struct campaign_key {
	const char *name;	/* NULL ends a table */
	enum campaign_kind kind;
	size_t at;		/* in struct campaign: int64_t, const char *, bool */
	const char *def;	/* NULL: stays zero */
	int64_t min, max;	/* of INT and NS */
	const char *help;
};

extern const struct campaign_key campaign_top[], campaign_traffic[], campaign_hosts[];

/* Where a refusal belongs. */
struct campaign_place {
	const char *where;	/* the file */
	struct why *why;
};

/* Both return -EINVAL. "FILE:LINE: SENTENCE"; "WORD is no WHAT: did you mean NAME?", or which names there are. */
int campaign_refuse(const struct campaign_place *p, const struct yml_node *n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int campaign_refuse_name(const struct campaign_place *p, const struct yml_node *n, const char *word, const char *what, const char *const *names);

bool campaign_is_name(const char *s);	/* may be (a part of) a folder's name */

void campaign_preset(struct campaign *c, const struct campaign_key *keys);	/* defaults */
const struct campaign_key *campaign_key_find(const struct campaign_key *keys, const char *name);
int campaign_take(const struct campaign_place *p, const struct campaign_key *k, const struct yml_node *n, struct campaign *c);

/* One line of YAML. What was plain stays plain where it can: quotes would make words of numbers. */
void campaign_one_line(FILE *f, const struct yml_node *n);

#endif
