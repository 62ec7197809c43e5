/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/stay.h"

#include <stdio.h>
#include <string.h>

static const char *const verdicts[VERDICT_COUNT] = {
#define X(id, name, help) name,
	PKT_VERDICTS(X)
#undef X
};

static const char *const hops[WAY_HOPS_COUNT] = {
#define X(id, name, help) name,
	WAY_HOPS(X)
#undef X
};

static const enum way_hop way_hop_of[HOP_COUNT] = {
#define X(id, name, help) WAY_##id,
	PKT_HOPS(X)
#undef X
};

void stay_way(struct way *w, const struct pkt *rec, uint64_t key)
{
	int64_t t = rec->t_seen;
	int i;

	memset(w, 0, sizeof(*w));
	w->rec = *rec;
	w->key = key;
	w->guest_in = w->guest_out = -1;
	for (i = 0; i < HOP_COUNT; i++) {
		enum way_hop hop = way_hop_of[i];

		w->begin[hop].t = t;
		t += rec->hop_ns[i];
		w->end[hop].t = t;
		w->have |= 1u << hop;
	}
	w->want = w->have;
}

void stay_ports(struct stay_ports *ports, const struct records *r)
{
	int i;

	for (i = 0; i < PKT_MAX_PORTS; i++)
		snprintf(ports->name[i], sizeof(ports->name[i]), "%.*s", REC_NAME, r->shm->port_name[i]);
}

const char *stay_port(const struct stay_ports *ports, uint8_t port)
{
	if (port == PKT_NO_PORT)
		return "-";
	return port < PKT_MAX_PORTS && ports->name[port][0] ? ports->name[port] : "?";
}

const char *stay_verdict(const struct pkt *rec)
{
	return rec->verdict < VERDICT_COUNT ? verdicts[rec->verdict] : "?";
}

const char *stay_hop(enum way_hop hop)
{
	return hops[hop];
}
