/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/timebase.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/quiet.h"
#include "ptp/trust.h"
#include "ptp/watch.h"

struct timebase {
	struct conf_clock conf;
	struct follow *follow;
	struct watch *watch; /* NULL: no ptp4l is asked */
	struct chain_ptp ptp;
	struct pmc_clock_id gm; /* the last one that was known */
	bool gm_known;
	struct timebase_state state;
	enum trust trust; /* as last judged */
	bool had_tai;	  /* the offset that is used was not 0 */
	struct quiet ptp4l_said, judged_said; /* a port or a grandmaster that flaps fills no log */
	int64_t ticks;	  /* of some 100 ms each */
	int calm;	  /* ticks in a row without a fault */
};

/* -- what happened ------------------------------------------------------------------------------------------------- */

/* May it be said? *more: what ends the line. The time is the ticks', which no step moves. */
static bool may_say(const struct timebase *t, struct quiet *q, const char **more)
{
	bool last, may = quiet_may(q, t->ticks * 100 * NS_PER_MS, &last);

	*more = last ? "; more of this within a minute is counted only" : "";
	return may;
}

static void note_grandmaster(struct timebase *t)
{
	const struct pmc_clock_id *gm = trust_grandmaster(&t->ptp);
	char was[PMC_ID_STR_LEN], is[PMC_ID_STR_LEN];
	const char *more;

	if (!gm)
		return;
	if (t->gm_known && !pmc_clock_same(gm, &t->gm)) {
		stat_add(t->state.stat.gm_changes, 1);
		if (may_say(t, &t->ptp4l_said, &more))
			log_warn("the grandmaster is another: %s, it was %s%s", pmc_clock_str(is, gm), pmc_clock_str(was, &t->gm), more);
	}
	t->gm = *gm;
	t->gm_known = true;
}

static void note_ptp4l(struct timebase *t)
{
	struct chain_ptp new;
	unsigned int changes;
	const char *more;

	watch_get(t->watch, &new);
	changes = trust_changes(&t->ptp, &new);
	t->ptp = new;
	if (changes & TRUST_LOST) {
		stat_add(t->state.stat.ptp4l_lost, 1);
		if (may_say(t, &t->ptp4l_said, &more))
			log_warn("ptp4l answers no more: %s; it is asked again every second%s", new.missing.text, more);
	}
	if (changes & TRUST_BACK && may_say(t, &t->ptp4l_said, &more))
		log_info("ptp4l answers%s", more);
	if (changes & TRUST_LEFT) {
		stat_add(t->state.stat.port_left, 1);
		if (may_say(t, &t->ptp4l_said, &more))
			log_warn("ptp4l's port is %s now%s", new.ports ? pmc_port_state(new.port[0].ds.state) : "gone", more);
	}
	note_grandmaster(t);
}

static void note_follow(struct timebase *t)
{
	struct timebase_state *s = &t->state;
	struct tscmap_line line;

	follow_get(t->follow, &s->follow);
	tscmap_read(follow_map(t->follow), &line);
	s->bound_ns = line.bound_ns;
	stat_set(s->stat.steps, s->follow.steps);
	stat_set(s->stat.tai_changes, s->follow.tai_changes);
	stat_set(s->stat.holdovers, s->follow.holdovers);
	stat_set(s->stat.over_error, s->follow.over_error);
	stat_set(s->stat.refused_looks, s->follow.refused);
}

/* -- is it good? --------------------------------------------------------------------------------------------------- */

static enum trust look(struct timebase *t, struct why *why)
{
	struct timebase_state *s = &t->state;
	uint64_t over = s->follow.over_error;
	struct trust_facts f;

	note_follow(t);
	if (t->watch)
		note_ptp4l(t);
	t->had_tai = t->had_tai || s->follow.tai_offset;
	f = (struct trust_facts){
		.bound_ns = s->bound_ns,
		.max_error_ns = t->conf.max_error_ns,
		.holding = s->follow.holding,
		.over = s->follow.over_error != over,
		.by_phc = s->follow.by_phc,
		.tai_offset = s->follow.tai_offset,
		.utc = !t->conf.tai_offset,
		.had_tai = t->had_tai,
		.ptp = t->watch ? &t->ptp : NULL,
	};
	return trust_judge(&f, why);
}

void timebase_tick(struct timebase *t)
{
	struct timebase_state *s = &t->state;
	char bound[NS_STR_LEN];
	struct why why;
	const char *more;
	enum trust trust;

	t->ticks++;
	trust = look(t, &why);
	t->calm = trust == TRUST_GOOD ? t->calm + 1 : 0;
	if (!t->calm) {
		if (s->good) {
			stat_add(s->stat.bad, 1);
			if (may_say(t, &t->judged_said, &more))
				log_warn("the clock is not good any more: %s; schedules that run go on by it%s", why.text, more);
		} else if (trust != t->trust && may_say(t, &t->judged_said, &more)) {
			log_warn("the clock is not good: %s%s", why.text, more);
		}
		s->good = false;
		s->why = why;
		t->trust = trust;
	} else if (!s->good && t->calm >= TIMEBASE_CALM) {
		s->good = true;
		t->trust = TRUST_GOOD;
		if (may_say(t, &t->judged_said, &more))
			log_info("the clock is good: within %s of %s%s", ns_str(bound, s->bound_ns), s->follow.reference, more);
	}
}

/* -- life ---------------------------------------------------------------------------------------------------------- */

int timebase_open(struct timebase **out, const struct conf_clock *conf, struct why *why)
{
	struct follow_conf f = {
		.phc = conf->device[0] ? conf->device : NULL,
		.tai_offset = (int)conf->tai_offset,
		.max_error_ns = conf->max_error_ns,
	};
	struct timebase *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return why_fail(why, ENOMEM, "clock: out of memory");
	t->conf = *conf;
	t->state.max_error_ns = conf->max_error_ns;
	err = follow_start(&t->follow, &f, why);
	if (err) {
		why_at(why, "clock: reference");
		goto fail;
	}
	if (conf->ptp4l[0]) {
		err = watch_start(&t->watch, conf->ptp4l, (uint8_t)conf->domain, why);
		if (err) {
			why_at(why, "clock: ptp4l");
			goto fail;
		}
	}
	/* A ptp4l has not answered yet: that is no news, and not good. */
	t->trust = look(t, &t->state.why);
	t->state.good = t->trust == TRUST_GOOD;
	*out = t;
	return 0;
fail:
	follow_stop(t->follow);
	free(t);
	return err;
}

void timebase_close(struct timebase *t)
{
	if (!t)
		return;
	watch_stop(t->watch);
	follow_stop(t->follow);
	free(t);
}

const struct tscmap *timebase_map(const struct timebase *t)
{
	return follow_map(t->follow);
}

void timebase_get(struct timebase *t, struct timebase_state *out)
{
	struct tscmap_line line;

	*out = t->state;
	tscmap_read(follow_map(t->follow), &line);
	out->bound_ns = line.bound_ns;
}

bool timebase_good(const struct timebase *t, const struct why **why)
{
	*why = &t->state.why;
	return t->state.good;
}

int timebase_check(const struct timebase *t, struct why *why)
{
	return conf_clock_check(&t->conf, follow_tai_offset(), why);
}
