/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/cause_typical.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES 8u

struct cause_typical_group {
	struct hist hop[WAY_HOPS_COUNT];
};

static struct cause_typical_group *group_create(void)
{
	struct cause_typical_group *g = malloc(sizeof(*g));
	int i;

	for (i = 0; g && i < WAY_HOPS_COUNT; i++)
		hist_init(&g->hop[i]);
	return g;
}

int cause_typical_init(struct cause_typical *t)
{
	t->all = group_create();
	t->group = calloc(PKT_MAX_PORTS * PKT_MAX_PORTS * CLASSES, sizeof(*t->group));
	if (t->all && t->group)
		return 0;
	cause_typical_fini(t);
	return -ENOMEM;
}

void cause_typical_fini(struct cause_typical *t)
{
	size_t i;

	for (i = 0; t->group && i < PKT_MAX_PORTS * PKT_MAX_PORTS * CLASSES; i++)
		free(t->group[i]);
	free(t->group);
	free(t->all);
	memset(t, 0, sizeof(*t));
}

static struct cause_typical_group **group_of(const struct cause_typical *t, const struct pkt *p)
{
	if (p->in_port >= PKT_MAX_PORTS || p->out_port >= PKT_MAX_PORTS || p->tc >= CLASSES)
		return NULL;
	return &t->group[(p->in_port * PKT_MAX_PORTS + p->out_port) * CLASSES + p->tc];
}

int cause_typical_add(struct cause_typical *t, const struct way *w)
{
	struct cause_typical_group **g = group_of(t, &w->rec);
	int i;

	if (!g || w->rec.verdict != VERDICT_SENT)
		return 0;
	if (!*g)
		*g = group_create();
	if (!*g)
		return -ENOMEM;
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, i)) {
			hist_add(&(*g)->hop[i], way_ns(w, i));
			hist_add(&t->all->hop[i], way_ns(w, i));
		}
	return 0;
}

int64_t cause_typical_ns(const struct cause_typical *t, const struct way *w, enum way_hop hop)
{
	struct cause_typical_group **g = group_of(t, &w->rec);
	const struct hist *h = g && *g ? &(*g)->hop[hop] : &t->all->hop[hop];

	if (h->count < TYPICAL_FEW)
		h = &t->all->hop[hop];
	return h->count < TYPICAL_FEW ? 0 : hist_quantile(h, TYPICAL_SHARE);
}
