/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/blame_play.h"

#include <string.h>

#include "base/ns.h"

#define AT_ONCE_NS   NS_PER_MS	/* until the worker has taken a step over, which it does at its next look at the clock */
#define REST_MIN_NS (150 * NS_PER_MS)	/* between two episodes: backlogs are gone by then */
#define REST_MAX_NS (350 * NS_PER_MS)
#define GUEST_REST_NS (1200 * NS_PER_MS)	/* and in the guest scene, on average: it does things to itself meanwhile */
#define SOON_MIN_NS (1 * NS_PER_MS)	/* between the two of a pair that do not overlap */
#define SOON_MAX_NS (10 * NS_PER_MS)
#define EACH_NS	    (600 * NS_PER_MS)	/* what an episode takes at most, on average */
#define GUEST_EACH_NS (2200 * NS_PER_MS)

enum form { TOGETHER, WITHIN, AFTER, FORMS };

/* One of an episode. */
struct act {
	const struct blame_inject *what;
	int64_t at, ns;		/* behind the episode's begin; how long */
	int64_t t;		/* when it was begun; 0: not yet */
};

static uint64_t draw(struct blame_play *p)
{
	p->seed ^= p->seed >> 12;
	p->seed ^= p->seed << 25;
	p->seed ^= p->seed >> 27;
	return p->seed * UINT64_C(0x2545f4914f6cdd1d);
}

static int64_t between(struct blame_play *p, int64_t min, int64_t max)
{
	return max <= min ? min : min + (int64_t)(draw(p) % (uint64_t)(max - min + 1));
}

/* -- which --------------------------------------------------------------------------------------------------------- */

static bool may_be_done(const struct blame_play *p, enum blame_scene scene, const struct blame_inject *x)
{
	return x->begin && x->scene == scene && (!p->only || !strcmp(x->cause, p->only));
}

static const struct blame_inject *choose(struct blame_play *p, const struct blame_inject *beside)
{
	const struct blame_inject *may[32];
	int i, n = 0;

	for (i = 0; i < blame_n_injects && n < 32; i++)
		if (may_be_done(p, p->rig->conf->scene, &blame_injects[i]) && (!beside || strcmp(blame_injects[i].cause, beside->cause)))
			may[n++] = &blame_injects[i];
	return n ? may[draw(p) % (uint64_t)n] : NULL;
}

/* -- when ---------------------------------------------------------------------------------------------------------- */

static void swap(struct act a[2])
{
	struct act first = a[0];

	a[0] = a[1];
	a[1] = first;
}

/* 1 or 2, in the order in which they begin. */
static int compose(struct blame_play *p, struct act a[2], bool pair)
{
	enum form form = pair ? (enum form)(draw(p) % FORMS) : TOGETHER;
	int i, n;

	a[0] = (struct act){.what = choose(p, NULL)};
	a[1] = (struct act){.what = pair ? choose(p, a[0].what) : NULL};
	n = 1 + (a[1].what != NULL);
	for (i = 0; i < n; i++)
		a[i].ns = between(p, a[i].what->min_ns, a[i].what->max_ns);
	if (n == 1)
		return 1;
	if (form == AFTER) {
		a[1].at = a[0].ns + between(p, SOON_MIN_NS, SOON_MAX_NS);
		return n;
	}
	if (a[0].what->deafens && a[1].what->asks)
		swap(a);
	if (a[1].what->deafens && a[0].what->asks) {
		a[1].ns = a[1].ns < a[0].ns / 2 ? a[1].ns : a[0].ns / 2;
		a[1].at = form == WITHIN ? between(p, 0, a[0].ns - a[1].ns) : 0;
	} else if (form == WITHIN) {
		a[1].at = between(p, 0, a[0].ns);
	}
	return n;
}

/* -- doing it ------------------------------------------------------------------------------------------------------ */

static int wait_until(struct blame_play *p, int64_t t, struct why *why)
{
	int64_t left = t - blame_rig_now();

	return left > 0 ? blame_rig_pause(p->rig, left, p->deed, &p->n, BLAME_MAX_DEEDS, why) : 0;
}

static int finish(struct blame_play *p, struct act *a, struct why *why)
{
	const struct blame_inject *x = a->what;
	int rc = x->end ? x->end(p->rig, why) : 0;
	int64_t t = x->at_once ? p->rig->t_step : a->t + p->rig->axis_ns;

	p->deed[p->n++] = (struct blame_deed){
		.t = t, .t_end = x->at_once ? t + AT_ONCE_NS : blame_rig_now() + p->rig->axis_ns, .cause = x->cause, .label = x->label, .or_cause = x->or_cause,
		.late_ns = x->late_ns, .takes_worker = x->takes_worker, .at_once = x->at_once, .hop = x->hop, .of_class = x->of_class};
	a->t = 0;
	return rc;
}

/* What is to be done next: begin the one that has not begun, or end one that has; the sooner. */
static int64_t due(const struct act *a, bool begun)
{
	return begun ? a->at + (a->what->at_once ? 0 : a->ns) : a->at;
}

static int episode(struct blame_play *p, bool pair, struct why *why)
{
	struct act a[2], *next;
	bool done[2] = {false, false};
	int n = compose(p, a, pair), i, rc = 0, end, which;
	int64_t t_begin = blame_rig_now();

	for (;;) {
		next = NULL;
		for (i = 0; i < n; i++)
			if (!done[i] && (!next || due(&a[i], a[i].t) < due(next, next->t))) {
				next = &a[i];
				which = i;
			}
		if (!next)
			return rc;
		if (rc && !next->t) { /* not begun, and not to be */
			done[which] = true;
			continue;
		}
		rc = rc ?: wait_until(p, t_begin + due(next, next->t), why);
		if (next->t) {
			done[which] = true;
			end = finish(p, next, why);
			rc = rc ?: end;
		} else if (!rc) {
			next->t = blame_rig_now();
			rc = next->what->begin(p->rig, next->ns, why);
			done[which] = rc;
		}
	}
}

/* -- the whole ----------------------------------------------------------------------------------------------------- */

bool blame_play_has(const struct blame_play *p, enum blame_scene scene)
{
	return blame_play_late(p, scene) != NS_NEVER;
}

int64_t blame_play_late(const struct blame_play *p, enum blame_scene scene)
{
	int64_t ns = NS_NEVER;
	int i;

	for (i = 0; i < blame_n_injects; i++)
		if (may_be_done(p, scene, &blame_injects[i]) && blame_injects[i].late_ns < ns)
			ns = blame_injects[i].late_ns;
	return ns;
}

int64_t blame_play_length(enum blame_scene scene, int64_t episodes)
{
	return episodes * (scene == BLAME_GUEST ? GUEST_EACH_NS : EACH_NS);
}

int blame_play(struct blame_play *p, int64_t episodes, struct why *why)
{
	bool guest = p->rig->conf->scene == BLAME_GUEST;
	int64_t i;
	int rc = 0;

	p->n = 0;
	for (i = 0; i < episodes && !rc && p->n + 4 < BLAME_MAX_DEEDS; i++) {
		rc = blame_rig_pause(p->rig, guest ? between(p, GUEST_REST_NS / 2, GUEST_REST_NS * 3 / 2) : between(p, REST_MIN_NS, REST_MAX_NS), p->deed, &p->n,
				     BLAME_MAX_DEEDS, why);
		while (!rc && p->rig->inside.cause && i % 3 != 2) /* in pairs, what the guest does itself counts too */
			rc = blame_rig_pause(p->rig, REST_MIN_NS, p->deed, &p->n, BLAME_MAX_DEEDS, why);
		if (!rc)
			rc = episode(p, i % 3 == 2, why);
	}
	return rc;
}
