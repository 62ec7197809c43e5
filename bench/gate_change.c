/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/gate_change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "ptp/now.h"

#define AHEAD_NS  (1500 * NS_PER_US)
#define FAR_NS	  (500 * NS_PER_MS)	/* a schedule that will never run */
#define BEHIND_NS (3 * NS_PER_SEC)
#define SLACK_NS  (20 * NS_PER_US)	/* our clock and taktd's differ by less */
#define TURN_NS	  (200 * NS_PER_US)
#define WAIT_NS	  (2 * NS_PER_SEC)
#define ODD_NS	  INT64_C(10007)	/* no cycle divides it */
#define YAML_LEN  2048

const struct timeline_list gate_lists[GATE_LISTS] = {
	{.cycle_ns = 500000, .n = 3, .entry = {{0x80, 100000}, {0x20, 150000}, {0x01, 250000}}},
	{.cycle_ns = 400000, .n = 4, .entry = {{0x01, 120000}, {0x80, 80000}, {0x21, 100000}, {0x20, 100000}}},
	{.cycle_ns = 250000, .n = 3, .entry = {{0x20, 70000}, {0x01, 110000}, {0x80, 70000}}},
	{.cycle_ns = 600000,
	 .n = 6,
	 .entry = {{0x80, 60000}, {0x01, 140000}, {0x80, 60000}, {0x20, 140000}, {0xa0, 100000}, {0x01, 100000}}},
};

static int set_list(struct rig *r, const struct timeline_list *list, struct why *why)
{
	char text[YAML_LEN];
	json_t *reply;
	int rc;

	timeline_write(text, sizeof(text), list);
	rc = client_request(r->ctl, json_pack("{s:s, s:s, s:o}", "cmd", "gate-set", "port", RIG_WIRE, "gate-parameters",
					      json_loads(text, 0, NULL)), &reply, why);
	if (!rc)
		json_decref(reply);
	return rc;
}

struct state {
	json_int_t oper, admin;	/* generations */
	json_int_t t_change;	/* of the pending one; 0: none is */
};

static int get_state(struct state *s, struct rig *r, struct why *why)
{
	json_t *reply, *gate;
	int rc = client_request(r->ctl, json_pack("{s:s, s:s}", "cmd", "gate-show", "port", RIG_WIRE), &reply, why);

	if (rc)
		return rc;
	gate = json_object_get(reply, "gate");
	rc = json_unpack(gate, "{s:I, s:I}", "oper-generation", &s->oper, "admin-generation", &s->admin);
	s->t_change = json_integer_value(json_object_get(gate, "t_change"));
	json_decref(reply);
	return rc ? why_fail(why, EPROTO, "taktd's answer to gate-show is not as expected") : 0;
}

int gate_changes_init(struct gate_changes *c, size_t changes, struct rig *r, struct why *why)
{
	struct state s;
	int rc = get_state(&s, r, why);

	*c = (struct gate_changes){.room = changes + 1};
	if (rc)
		return rc;
	c->plan = calloc(c->room, sizeof(*c->plan));
	c->t_told = calloc(c->room, sizeof(*c->t_told));
	if (!c->plan || !c->t_told)
		return why_fail(why, ENOMEM, "no memory for %zu changes", changes);
	c->plan[c->n++] = (struct timeline_plan){.list = gate_lists[0], .generation = (uint16_t)s.oper};
	return 0;
}

void gate_changes_fini(struct gate_changes *c)
{
	free(c->plan);
	free(c->t_told);
	*c = (struct gate_changes){0};
}

/* Until the schedule after generation `before` is pending or runs; its generation, and what taktd says of its time. */
static int wait_known(struct rig *r, uint16_t before, uint16_t *generation, int64_t *t_told, struct why *why)
{
	int64_t left = WAIT_NS;
	struct state s;
	int rc;

	for (; left > 0; left -= TURN_NS) {
		rc = get_state(&s, r, why);
		if (rc)
			return rc;
		*generation = (uint16_t)(s.admin ?: s.oper);
		*t_told = s.t_change;
		if (*generation != before)
			return 0;
		rc = rig_turn(r, TURN_NS, why);
		if (rc)
			return rc;
	}
	return why_fail(why, EIO, "taktd took a schedule and never made it pending");
}

/* Until a frame has gone under it. */
static int wait_running(struct rig *r, uint16_t generation, struct why *why)
{
	int64_t left = WAIT_NS;
	int rc = 0;

	for (; !rc && left > 0 && !(r->n_rec && r->rec[r->n_rec - 1].gcl_gen == generation); left -= TURN_NS)
		rc = rig_turn(r, TURN_NS, why);
	return rc; /* if it never ran, the records tell */
}

/* One that is pending when the next is set, and so never runs. */
static int set_doomed(struct rig *r, uint16_t *before, int64_t *t_told, struct why *why)
{
	struct timeline_list list = gate_lists[0];

	list.t_base = now_of(CLOCK_TAI) + FAR_NS;
	return set_list(r, &list, why) ?: wait_known(r, *before, before, t_told, why);
}

int gate_change(struct gate_changes *c, struct rig *r, struct why *why)
{
	struct timeline_plan *p = &c->plan[c->n];
	uint16_t before = p[-1].generation;
	int64_t odd = (int64_t)c->n * ODD_NS % NS_PER_MS;
	int rc = 0;

	if (c->n == c->room)
		return why_fail(why, ENOSPC, "there is no room for another change");
	p->list = gate_lists[c->n % GATE_LISTS];
	if (c->n % 3 == 2)
		rc = set_doomed(r, &before, &c->t_told[c->n], why);
	if (rc)
		return rc;
	p->t_asked = now_of(CLOCK_TAI) - SLACK_NS;
	p->list.t_base = c->n % 3 == 1 ? p->t_asked - BEHIND_NS - odd : p->t_asked + AHEAD_NS + odd;
	rc = set_list(r, &p->list, why) ?: wait_known(r, before, &p->generation, &c->t_told[c->n], why);
	if (rc)
		return rc;
	p->t_known = now_of(CLOCK_TAI) + SLACK_NS;
	c->n++;
	return wait_running(r, p->generation, why);
}
