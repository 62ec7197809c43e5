/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/timebase.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/ns.h"

struct timebase {
	struct conf_clock conf;
	struct follow *follow;
	struct timebase_state state;
	int calm; /* ticks in a row without a fault */
};

/* -- is it good? ------------------------------------------------------------------------------------------------- */

/* What is wrong with it now, if anything is. `over`: looks that found it so since the last time. */
static bool judge(const struct timebase_state *s, uint64_t over, struct why *why)
{
	char bound[NS_STR_LEN], max[NS_STR_LEN];

	why->text[0] = '\0';
	if (s->bound_ns > s->max_error_ns)
		why_fail(why, ERANGE, "its error bound is %s, and max-error %s%s", ns_str(bound, s->bound_ns), ns_str(max, s->max_error_ns),
			 s->follow.holding ? ": its reference gives no time" : "");
	else if (over)
		why_fail(why, ERANGE, "a look found it further off than max-error, %s", ns_str(max, s->max_error_ns));
	return !why->text[0];
}

static void turned_bad(struct timebase *t, const struct why *why)
{
	stat_add(t->state.stat.bad, 1);
	log_warn("the clock is not good: %s; schedules run on by it", why->text);
}

static void look(struct timebase *t)
{
	struct timebase_state *s = &t->state;
	uint64_t over = s->follow.over_error;
	struct tscmap_line line;

	follow_get(t->follow, &s->follow);
	tscmap_read(follow_map(t->follow), &line);
	s->bound_ns = line.bound_ns;
	stat_set(s->stat.steps, s->follow.steps);
	stat_set(s->stat.tai_changes, s->follow.tai_changes);
	stat_set(s->stat.holdovers, s->follow.holdovers);
	stat_set(s->stat.over_error, s->follow.over_error);
	stat_set(s->stat.refused_looks, s->follow.refused);
	t->calm = judge(s, s->follow.over_error - over, &s->why) ? t->calm + 1 : 0;
}

void timebase_tick(struct timebase *t)
{
	char bound[NS_STR_LEN];
	bool was = t->state.good;
	struct why why = t->state.why;

	look(t);
	if (was && !t->calm) {
		t->state.good = false;
		turned_bad(t, &t->state.why);
	} else if (!was && t->calm >= TIMEBASE_CALM) {
		t->state.good = true;
		log_info("the clock is good: within %s", ns_str(bound, t->state.bound_ns));
	} else if (!was && t->calm) {
		t->state.why = why; /* until it has been calm for a while */
	}
}

/* -- life -------------------------------------------------------------------------------------------------------- */

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
		free(t);
		return err;
	}
	look(t);
	t->state.good = t->calm;
	*out = t;
	return 0;
}

void timebase_close(struct timebase *t)
{
	if (!t)
		return;
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

int timebase_check(const struct timebase *t, struct why *why)
{
	return conf_clock_check(&t->conf, follow_tai_offset(), why);
}
