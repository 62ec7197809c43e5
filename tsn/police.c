/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/police.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/cls.h"
#include "tsn/police_gate.h"

#define count(field)	   __atomic_store_n(&(field), (field) + 1, __ATOMIC_RELAXED)
#define tell(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define hear(field)	   __atomic_load_n(&(field), __ATOMIC_RELAXED)

/* What a filter looks at, in 63 bits: one comparison each. */
#define KEY_DST(dst48) ((uint64_t)(dst48) << 15)
#define KEY_VID(vid)   ((uint64_t)(vid) << 3)
#define KEY_PCP(pcp)   ((uint64_t)(pcp))

struct match {
	uint64_t key, mask;
};

struct filter {
	uint32_t max_sdu;
	int16_t gate, meter, scheduler;	/* index, or POLICE_NONE */
	bool latch_oversize;		/* enabled? */
	bool blocked;			/* StreamBlockedDueToOversizeFrame */
	struct police_counters counters;
};

struct scheduler {
	struct ats ats;
	uint32_t group;
};

struct police {
	uint32_t n_filters, n_gates, n_meters, n_schedulers, n_groups;
	struct match *matches;		/* beside filters, so that a search touches little memory */
	struct filter *filters;
	struct police_gate *gates;
	struct meter *meters;
	struct scheduler *schedulers;
	struct ats_group *groups;
};

/* -- profile ---------------------------------------------------------------------------------------------------- */

static uint64_t address(const uint8_t *a)
{
	return (uint64_t)a[0] << 40 | (uint64_t)a[1] << 32 | (uint64_t)a[2] << 24 | (uint64_t)a[3] << 16 | (uint64_t)a[4] << 8 | a[5];
}

static int check_number(const char *table, uint32_t n, uint32_t max, struct why *why)
{
	if (n > max)
		return why_fail(why, EINVAL, "%s has %u entries: give at most %u", table, n, max);
	return 0;
}

static int check_numbers(const struct police_conf *c, struct why *why)
{
	int err = check_number("stream-filters", c->n_filters, POLICE_MAX_FILTERS, why);

	if (!err)
		err = check_number("stream-gates", c->n_gates, POLICE_MAX_GATES, why);
	if (!err)
		err = check_number("flow-meters", c->n_meters, POLICE_MAX_METERS, why);
	if (!err)
		err = check_number("schedulers", c->n_schedulers, POLICE_MAX_SCHEDULERS, why);
	if (!err)
		err = check_number("scheduler-groups", c->n_groups, POLICE_MAX_GROUPS, why);
	return err;
}

static int check_ref(const char *leaf, int32_t ref, uint32_t n, const char *table, struct why *why)
{
	if (ref != POLICE_NONE && (ref < 0 || (uint32_t)ref >= n))
		return why_fail(why, EINVAL, "%s %d: there is none in %s: refer to one of its %u entries", leaf, ref,
				table, n);
	return 0;
}

static int make_filter(struct police *p, uint32_t i, const struct police_filter_conf *c, struct why *why)
{
	struct filter *f = &p->filters[i];
	struct match *m = &p->matches[i];
	int err;

	if (c->vid != POLICE_ANY && (c->vid < 1 || c->vid > 4094))
		return why_fail(why, EINVAL, "vlan %d is out of range: give 1 to 4094, or leave it out for any",
				c->vid);
	if (c->pcp != POLICE_ANY && (c->pcp < 0 || c->pcp > 7))
		return why_fail(why, EINVAL, "priority-spec %d is out of range: give 0 to 7 or wildcard", c->pcp);
	err = check_ref("stream-gate-ref", c->gate, p->n_gates, "stream-gates", why);
	if (!err)
		err = check_ref("flow-meter-ref", c->meter, p->n_meters, "flow-meters", why);
	if (!err)
		err = check_ref("scheduler-ref", c->scheduler, p->n_schedulers, "schedulers", why);
	if (err)
		return err;
	m->mask = (c->any_dst ? 0 : KEY_DST(UINT64_C(0xffffffffffff))) | (c->vid == POLICE_ANY ? 0 : KEY_VID(0xfff)) |
		  (c->pcp == POLICE_ANY ? 0 : KEY_PCP(7));
	m->key = (KEY_DST(address(c->dst)) | KEY_VID((uint32_t)c->vid & 0xfff) | KEY_PCP((uint32_t)c->pcp & 7)) & m->mask;
	f->max_sdu = c->max_sdu ? c->max_sdu : UINT32_MAX;
	f->latch_oversize = c->block_oversize;
	f->gate = (int16_t)c->gate;
	f->meter = (int16_t)c->meter;
	f->scheduler = (int16_t)c->scheduler;
	return 0;
}

static int make_group(struct police *p, uint32_t i, int64_t residence_ns, struct why *why)
{
	if (residence_ns < 1 || residence_ns > POLICE_MAX_RESIDENCE_NS)
		return why_fail(why, EINVAL,
				"max-residence-time %" PRId64 " ns is out of range: give 1 to %" PRId64 " ns",
				residence_ns,
				POLICE_MAX_RESIDENCE_NS);
	p->groups[i] = (struct ats_group){.max_residence_ns = residence_ns, .t_eligible = INT64_MIN};
	return 0;
}

static int make_scheduler(struct police *p, uint32_t i, const struct police_scheduler_conf *c, int64_t now,
			  struct why *why)
{
	if (c->group < 0 || (uint32_t)c->group >= p->n_groups)
		return why_fail(why, EINVAL,
				"scheduler-group-ref %d: there is none in scheduler-groups: refer to one of its %u entries", c->group,
				p->n_groups);
	p->schedulers[i].group = (uint32_t)c->group;
	return ats_init(&p->schedulers[i].ats, &c->ats, now, why);
}

static int make_gate(struct police *p, uint32_t i, const struct police_gate_conf *c, const struct wire *wire,
		     int64_t now, struct why *why)
{
	struct police_list *list;
	int err = police_list_create(&list, c, wire, why);

	if (!err)
		police_gate_init(&p->gates[i], list, now);
	return err;
}

/* All tables, one after the other. What they refer to is checked against the conf's numbers, so their order is free. */
static int make_all(struct police *p, const struct police_conf *c, const struct wire *wire, int64_t now,
		    struct why *why)
{
	const char *table = "stream-filters";
	uint32_t i = 0;
	int err = 0;

	for (; i < c->n_filters && !err; i++)
		err = make_filter(p, i, &c->filters[i], why);
	if (!err)
		for (table = "flow-meters", i = 0; i < c->n_meters && !err; i++)
			err = meter_init(&p->meters[i], &c->meters[i], now, why);
	if (!err)
		for (table = "scheduler-groups", i = 0; i < c->n_groups && !err; i++)
			err = make_group(p, i, c->group_residence_ns[i], why);
	if (!err)
		for (table = "schedulers", i = 0; i < c->n_schedulers && !err; i++)
			err = make_scheduler(p, i, &c->schedulers[i], now, why);
	if (!err)
		for (table = "stream-gates", i = 0; i < c->n_gates && !err; i++)
			err = make_gate(p, i, &c->gates[i], wire, now, why);
	if (err)
		why_at(why, "%s entry %u", table, i - 1);
	return err;
}

int police_create(struct police **out, const struct police_conf *conf, const struct wire *wire, int64_t now,
		  struct why *why)
{
	struct police *p;
	int err = check_numbers(conf, why);

	if (err)
		return err;
	p = calloc(1, sizeof(*p) + conf->n_filters * (sizeof(*p->matches) + sizeof(*p->filters)) + conf->n_gates * sizeof(*p->gates) +
			      conf->n_meters * sizeof(*p->meters) + conf->n_schedulers * sizeof(*p->schedulers) +
			      conf->n_groups * sizeof(*p->groups));
	if (!p)
		return why_fail(why, ENOMEM, "policing: out of memory");
	p->n_filters = conf->n_filters;
	p->n_gates = conf->n_gates;
	p->n_meters = conf->n_meters;
	p->n_schedulers = conf->n_schedulers;
	p->n_groups = conf->n_groups;
	p->matches = (struct match *)(p + 1);
	p->filters = (struct filter *)(p->matches + p->n_filters);
	p->gates = (struct police_gate *)(p->filters + p->n_filters);
	p->meters = (struct meter *)(p->gates + p->n_gates);
	p->schedulers = (struct scheduler *)(p->meters + p->n_meters);
	p->groups = (struct ats_group *)(p->schedulers + p->n_schedulers);
	err = make_all(p, conf, wire, now, why);
	if (err)
		police_destroy(p);
	else
		*out = p;
	return err;
}

void police_destroy(struct police *p)
{
	uint32_t i;

	for (i = 0; p && i < p->n_gates; i++)
		police_gate_fini(&p->gates[i]);
	free(p);
}

/* -- frames ----------------------------------------------------------------------------------------------------- */

static struct filter *find_filter(const struct police *p, const struct police_frame *f)
{
	uint64_t key = KEY_DST(address(f->dst)) | KEY_VID(f->vid & 0xfff) | KEY_PCP(f->pcp & 7);
	uint32_t i;

	for (i = 0; i < p->n_filters; i++)
		if (!((p->matches[i].key ^ key) & p->matches[i].mask))
			return &p->filters[i];
	return NULL;
}

static enum police_verdict check_sdu(struct filter *flt, uint32_t sdu)
{
	if (!flt->blocked && sdu <= flt->max_sdu) {
		count(flt->counters.passing_sdu);
		return POLICE_PASS;
	}
	tell(flt->blocked, flt->blocked || flt->latch_oversize);
	count(flt->counters.not_passing_sdu);
	return POLICE_OVER_SDU;
}

static enum police_verdict pass_gate(struct police *p, struct filter *flt, struct police_frame *f, uint32_t sdu,
				     int64_t now)
{
	enum police_verdict v = POLICE_PASS;

	if (flt->gate != POLICE_NONE)
		v = police_gate_frame(&p->gates[flt->gate], sdu, now, &f->ipv);
	if (v == POLICE_PASS)
		count(flt->counters.passing_frames);
	else
		count(flt->counters.not_passing_frames);
	return v;
}

static enum police_verdict colour(struct police *p, struct filter *flt, struct police_frame *f, uint32_t mac_len,
				  int64_t now)
{
	if (flt->meter == POLICE_NONE)
		return POLICE_PASS;
	switch (meter_frame(&p->meters[flt->meter], mac_len, f->dei, now)) {
	case METER_GREEN:
		return POLICE_PASS;
	case METER_YELLOW:
		f->yellow = true;
		return POLICE_PASS;
	case METER_RED:
		break;
	}
	count(flt->counters.red_frames);
	return POLICE_RED;
}

static enum police_verdict schedule(struct police *p, struct filter *flt, struct police_frame *f, uint32_t mac_len,
				    int64_t now)
{
	struct scheduler *s;

	if (flt->scheduler == POLICE_NONE)
		return POLICE_PASS;
	s = &p->schedulers[flt->scheduler];
	if (!ats_assign(&s->ats, &p->groups[s->group], mac_len, now, &f->t_eligible))
		return POLICE_PASS;
	count(flt->counters.late_frames);
	return POLICE_LATE;
}

enum police_verdict police_frame(struct police *p, struct police_frame *f, int64_t now)
{
	struct filter *flt = find_filter(p, f);
	uint32_t sdu = f->len - f->tag_len - CLS_ETH_HLEN;
	uint32_t mac_len = (f->len < WIRE_MIN_FRAME ? WIRE_MIN_FRAME : f->len) + WIRE_FCS;
	enum police_verdict v;

	f->ipv = POLICE_NONE;
	f->yellow = false;
	f->t_eligible = INT64_MIN;
	if (!flt)
		return POLICE_PASS;
	count(flt->counters.matching_frames);
	v = check_sdu(flt, sdu);
	if (v == POLICE_PASS)
		v = pass_gate(p, flt, f, sdu, now);
	if (v == POLICE_PASS)
		v = colour(p, flt, f, mac_len, now);
	if (v == POLICE_PASS)
		v = schedule(p, flt, f, mac_len, now);
	return v;
}

void police_step(struct police *p, int64_t delta, int64_t now)
{
	uint32_t i;

	for (i = 0; i < p->n_gates; i++)
		police_gate_step(&p->gates[i], now);
	for (i = 0; i < p->n_meters; i++)
		meter_shift(&p->meters[i], delta);
	for (i = 0; i < p->n_schedulers; i++)
		ats_shift(&p->schedulers[i].ats, delta);
	for (i = 0; i < p->n_groups; i++)
		if (p->groups[i].t_eligible != INT64_MIN)
			p->groups[i].t_eligible += delta;
}

void police_gate_change(struct police *p, uint32_t gate, struct police_list *list, int64_t now,
			struct police_list *back[3])
{
	police_gate_set(&p->gates[gate], list, now, back);
}

void police_reset(struct police *p)
{
	uint32_t i;

	for (i = 0; i < p->n_filters; i++)
		tell(p->filters[i].blocked, false);
	for (i = 0; i < p->n_gates; i++)
		police_gate_reset(&p->gates[i]);
	for (i = 0; i < p->n_meters; i++)
		tell(p->meters[i].all_red, false);
}

/* -- for show --------------------------------------------------------------------------------------------------- */

void police_counters_get(const struct police *p, uint32_t filter, struct police_counters *out, bool *blocked)
{
	const struct filter *f = &p->filters[filter];

#define X(id, name, help) out->id = hear(f->counters.id);
	POLICE_COUNTERS(X)
#undef X
	*blocked = hear(f->blocked);
}

void police_gate_get(const struct police *p, uint32_t gate, int64_t now, struct police_gate_view *out)
{
	police_gate_look(&p->gates[gate], now, out);
}

bool police_meter_all_red(const struct police *p, uint32_t meter)
{
	return hear(p->meters[meter].all_red);
}
