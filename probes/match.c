/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/match.h"

#include <stdlib.h>

static int by_key(const void *va, const void *vb)
{
	const struct match_item *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->t != b->t)
		return a->t < b->t ? -1 : 1;
	return a->id < b->id ? -1 : 1;
}

/* Of one key. An effect's `with` holds at first how many causes are no later than it. */
static void match_key(struct match_item *cause, size_t n_causes, struct match_item *effect, size_t n_effects)
{
	int64_t least = INT64_MAX, open, spare;
	size_t i, j = 0, before = n_causes;

	for (i = n_effects; i-- > 0;) {
		while (before && cause[before - 1].t > effect[i].t)
			before--;
		effect[i].with = (uint32_t)before;
	}
	/* The scarcest place from here on says how many causes may be passed over here. */
	for (i = n_effects; i-- > 0;) {
		open = (int64_t)effect[i].with - (int64_t)i;
		least = open < least ? open : least;
		effect[i].spare = least;
	}
	for (i = 0; i < n_effects; i++) {
		before = effect[i].with;
		effect[i].with = MATCH_NONE;
		while (j < before && effect[i].t - cause[j].t > MATCH_AGE_NS)
			j++;
		open = (int64_t)before - (int64_t)j;
		spare = effect[i].spare + (int64_t)i - (int64_t)j - 1;
		if (open <= 0)
			continue;
		j += spare > 0 ? (size_t)(spare < open ? spare : open - 1) : 0;
		effect[i].with = cause[j].id;
		effect[i].ambiguous = cause[j].ambiguous = open > 1;
		cause[j++].with = effect[i].id;
	}
}

static size_t same_key(const struct match_item *item, size_t from, size_t n)
{
	size_t end = from;

	while (end < n && item[end].key == item[from].key)
		end++;
	return end;
}

void match(struct match_item *cause, size_t n_causes, struct match_item *effect, size_t n_effects)
{
	size_t c = 0, e = 0, c_end, e_end, i;

	qsort(cause, n_causes, sizeof(*cause), by_key);
	qsort(effect, n_effects, sizeof(*effect), by_key);
	for (i = 0; i < n_causes; i++) {
		cause[i].with = MATCH_NONE;
		cause[i].ambiguous = false;
	}
	for (i = 0; i < n_effects; i++) {
		effect[i].with = MATCH_NONE;
		effect[i].ambiguous = false;
	}
	while (c < n_causes && e < n_effects) {
		if (!cause[c].key || cause[c].key < effect[e].key) {
			c++;
			continue;
		}
		if (!effect[e].key || effect[e].key < cause[c].key) {
			e++;
			continue;
		}
		c_end = same_key(cause, c, n_causes);
		e_end = same_key(effect, e, n_effects);
		match_key(cause + c, c_end - c, effect + e, e_end - e);
		c = c_end;
		e = e_end;
	}
}
