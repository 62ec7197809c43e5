/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/bridge_pvt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "tsn/police_list.h"

#define ASK_EVERY (50 * NS_PER_US) /* between two looks for an answer; a turn takes some microseconds */
#define ASK_TIMES 10000		   /* half a second: the worker may have lost its CPU */

/* -- the mailbox --------------------------------------------------------------------------------------------------- */

void bridge_mail_free(struct worker_mail *m, bool read)
{
	int i;

	switch (m->kind) {
	case MAIL_GATE:
		gcl_destroy((struct gcl *)(read ? m->dropped : m->gcl));
		break;
	case MAIL_POLICE_SET:
		if (!read)
			police_list_destroy(m->police_list);
		for (i = 0; read && i < 3; i++)
			police_list_destroy(m->police_back[i]);
		break;
	default:
		break;
	}
	free(m);
}

bool bridge_reclaim(struct bridge *b, const struct worker_mail *but)
{
	struct worker_mail *m;
	struct gcl *gcl;
	bool back = false;

	while ((m = spsc_pop(&b->worker.done)))
		if (m == but)
			back = true;
		else
			bridge_mail_free(m, true);
	while ((gcl = spsc_pop(&b->worker.spent)))
		gcl_destroy(gcl);
	return back;
}

struct worker_mail *bridge_mail(struct bridge *b, enum worker_mail_kind kind, uint32_t port, struct why *why)
{
	struct worker_mail *m = calloc(1, sizeof(*m));

	bridge_reclaim(b, NULL);
	if (!m) {
		why_fail(why, ENOMEM, "port %s: out of memory", b->port[port].name);
		return NULL;
	}
	m->kind = kind;
	m->port = (uint8_t)port;
	return m;
}

int bridge_post(struct bridge *b, struct worker_mail *m, struct why *why)
{
	if (spsc_push(&b->worker.mail, m))
		return 0;
	return why_fail(why, EBUSY, "port %s: the worker has not taken up the last %d messages yet: try again", b->port[m->port].name, SPSC_SIZE);
}

/*
 * Post it and wait for it to come back. On failure it is not the caller's any more: a worker that is late may still use
 * it.
 */
static int ask(struct bridge *b, struct worker_mail *m, struct why *why)
{
	struct timespec pause = {.tv_nsec = ASK_EVERY};
	const char *name = b->port[m->port].name;
	int i, err = bridge_post(b, m, why);

	if (err) {
		free(m);
		return err;
	}
	for (i = 0; i < ASK_TIMES; i++) {
		if (bridge_reclaim(b, m))
			return 0;
		nanosleep(&pause, NULL);
	}
	return why_fail(why, ETIMEDOUT, "port %s: the worker did not answer within %d ms: has it lost its CPU?", name,
			(int)(ASK_EVERY * ASK_TIMES / NS_PER_MS));
}

/* -- schedules ----------------------------------------------------------------------------------------------------- */

int bridge_make_gcl(struct bridge *b, uint32_t port, const struct gcl_conf *conf, struct gcl **out, struct why *why)
{
	int err = gcl_create(out, conf, &b->port[port].egress.wire, why);

	if (err) {
		why_at(why, "port %s: gate-parameters", b->port[port].name);
		return err;
	}
	b->generation = (uint16_t)(b->generation == UINT16_MAX ? 1 : b->generation + 1);
	(*out)->generation = b->generation;
	return 0;
}

static int copy_gate(struct gcl_conf *copy, const struct gcl_conf *conf)
{
	*copy = *conf;
	copy->entries = NULL;
	if (!conf->n_entries)
		return 0;
	copy->entries = calloc(conf->n_entries, sizeof(*copy->entries));
	if (!copy->entries)
		return -ENOMEM;
	memcpy(copy->entries, conf->entries, conf->n_entries * sizeof(*copy->entries));
	return 0;
}

/* The running configuration follows: dump tells what is, not what was in the file. `gate` is taken over. */
static void remember_gate(struct conf_port *port, const struct gcl_conf *gate)
{
	free(port->gate.entries);
	port->gate = *gate;
	port->has_gate = true;
}

/* As the worker is about to work it out, some microseconds later. NULL: no list, at once. */
static int64_t change_time(struct bridge *b, const struct gcl *gcl)
{
	int64_t now = bridge_now(b);
	struct gate gate;

	if (!gcl)
		return now;
	gate_init(&gate, now);
	gate_set(&gate, gcl, now);
	return gate.t_change;
}

static int check_clock(const struct bridge *b, uint32_t port, struct why *why)
{
	int err = timebase_check(b->timebase, why);

	if (err)
		why_at(why, "port %s", b->port[port].name);
	return err;
}

int bridge_gate_set(struct bridge *b, uint32_t port, const struct gcl_conf *conf, int64_t *t_change, struct why *why)
{
	struct worker_mail *m;
	struct gcl *gcl = NULL;
	struct gcl_conf copy = {0};
	int err;

	if (b->conf.port[port].has_cqf)
		return why_fail(why, EINVAL, "port %s: its schedule is made by cqf: change that in the file, or take it out there", b->port[port].name);
	if (conf->enabled && check_clock(b, port, why))
		return -EINVAL;
	m = bridge_mail(b, MAIL_GATE, port, why);
	if (!m)
		return -ENOMEM;
	err = bridge_make_gcl(b, port, conf, &gcl, why);
	if (err)
		goto fail;
	err = copy_gate(&copy, conf);
	if (err) {
		why_fail(why, -err, "port %s: out of memory", b->port[port].name);
		goto fail;
	}
	if (bridge_holds(b, port) && conf->enabled) {
		err = bridge_hold_gcl(b, port, gcl, why);
		if (err)
			goto fail;
		free(m);
		*t_change = NS_NEVER;
		remember_gate(&b->conf.port[port], &copy);
		return 0;
	}
	m->gcl = gcl;
	*t_change = change_time(b, gcl);
	err = bridge_post(b, m, why);
	if (err)
		goto fail;
	if (bridge_holds(b, port)) {
		gcl_destroy(b->held[port]); /* the one that waits, too, is switched off */
		b->held[port] = NULL;
	}
	remember_gate(&b->conf.port[port], &copy);
	return 0;
fail:
	free(copy.entries);
	gcl_destroy(gcl);
	free(m);
	return err;
}

/* -- policing and shapers ------------------------------------------------------------------------------------------ */

int bridge_police_reset(struct bridge *b, uint32_t port, struct why *why)
{
	struct worker_mail *m;
	int err;

	if (!b->port[port].police)
		return why_fail(why, EINVAL, "port %s: has no stream-filters: there is nothing to reset", b->port[port].name);
	m = bridge_mail(b, MAIL_POLICE_RESET, port, why);
	if (!m)
		return -ENOMEM;
	err = bridge_post(b, m, why);
	if (err)
		free(m);
	return err;
}

int bridge_police_set(struct bridge *b, uint32_t port, const char *id, struct conf_stream_gate *gate, int64_t *t_change,
		      struct why *why)
{
	struct conf_port *conf = &b->conf.port[port];
	int i = conf_police_gate(&conf->police, id), err;
	struct conf_stream_gate *old;
	struct worker_mail *m;

	if (conf->has_cqf)
		return why_fail(why, EINVAL, "port %s: its stream gate is made by cqf: change that in the file, or take it out there", conf->name);
	if (gate->gate.enabled && gate->gate.n_entries && check_clock(b, port, why))
		return -EINVAL;
	if (i < 0 || !b->port[port].police)
		return why_fail(why, EINVAL, "port %s: no stream gate is named %.32s: name one that `takt police show %s` lists", conf->name, id,
				conf->name);
	m = bridge_mail(b, MAIL_POLICE_SET, port, why);
	if (!m)
		return -ENOMEM;
	m->police_gate = (uint8_t)i;
	err = conf_police_list(&m->police_list, gate, &b->port[port].egress.wire, why);
	if (!err && bridge_holds(b, port) && gate->gate.enabled && gate->gate.n_entries) {
		police_list_destroy(m->police_list); /* it was good; it is made again in time */
		m->police_list = NULL;
		*t_change = NS_NEVER;
		err = bridge_hold_list(b, port, &m->police_list, gate, why) ?: bridge_post(b, m, why);
	} else if (!err) {
		*t_change = change_time(b, m->police_list->gcl);
		err = bridge_post(b, m, why);
	}
	if (err) {
		bridge_mail_free(m, false);
		return err;
	}
	old = &conf->police.gates[i];
	free(old->gate.entries);
	gate->row = old->row;
	*old = *gate;
	return 0;
}

int bridge_cbs_set(struct bridge *b, uint32_t port, uint8_t tc, int64_t idle_bps, struct why *why)
{
	struct conf_port *conf = &b->conf.port[port];
	struct cbs_conf cbs = conf->cbs;
	struct worker_mail *m;
	int err;

	if (conf->launch[tc].enabled || conf->ats >> tc & 1)
		return why_fail(why, EINVAL, "port %s: class %u goes by %s: it cannot have a credit-based shaper as well", conf->name, tc,
				conf->launch[tc].enabled ? "launch-time" : "asynchronous-shaper");
	m = bridge_mail(b, MAIL_CBS_SET, port, why);
	if (!m)
		return -ENOMEM;
	cbs.idle_bps[tc] = idle_bps;
	err = conf_cbs_limits(m->limits, &cbs, conf, why);
	if (err)
		why_at(why, "port %s: credit-based-shaper", conf->name);
	else
		err = bridge_post(b, m, why);
	if (err)
		free(m);
	else
		conf->cbs = cbs;
	return err;
}

int bridge_cbs_get(struct bridge *b, uint32_t port, struct cbs out[TSN_CLASSES], struct why *why)
{
	struct worker_mail *m = bridge_mail(b, MAIL_CBS_ASK, port, why);
	int err;

	if (!m)
		return -ENOMEM;
	err = ask(b, m, why);
	if (err)
		return err;
	memcpy(out, m->cbs, sizeof(m->cbs));
	free(m);
	return 0;
}
