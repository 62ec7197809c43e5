/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt bench blame: delays are injected, singly and in pairs, at random times; is what was injected what takt blame names?
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/blame_play.h"
#include "bench/blame_tell.h"
#include "bench/trial.h"
#include "bench/lines.h"

#define GUEST_TAIL_NS (2500 * NS_PER_MS)	/* until what it does to itself is over */
#define STILL_MORE_NS (8 * NS_PER_SEC)	/* what a quiet run takes beside its interval, in a guest that takes its time */

struct conf {
	struct trial_conf all;
	int64_t episodes, guest_episodes, seed, quiet_ns;
	const char *kernel_dir, *kernel, *hog, *clock_dir, *out, *only;
};

#define AT(field) offsetof(struct conf, field)
const struct opt blame_bench_opts[] = {
	{"episodes", 'n', OPT_INT, AT(episodes), "N", "60", 0, 2000, "injections into a taktd between two wires; a third of them in pairs"},
	{"guest-episodes", 'g', OPT_INT, AT(guest_episodes), "N", "20", 1, 2000, "injections into a guest; it does as many to itself"},
	{"kernel-dir", 0, OPT_STR, AT(kernel_dir), "DIR", NULL, 0, 0, "where scripts/guest-image put its guests; without it no guest is run"},
	{"kernel", 0, OPT_STR, AT(kernel), "6.1|6.12", "6.1", 0, 0, "the guest's"},
	{"quiet", 'q', OPT_NS, AT(quiet_ns), "TIME", "10s", 0, 3600 * NS_PER_SEC, "and so long without any, between the wires and with the guest each; 0: not at all"},
	{"seed", 's', OPT_INT, AT(seed), "N", "0", 0, INT64_MAX, "of the random times and lengths; 0: another each time"},
	{"only", 0, OPT_STR, AT(only), "CAUSE", NULL, 0, 0, "inject this cause alone"},
	{"hog", 0, OPT_STR, AT(hog), "FILE", NULL, 0, 0, "a real-time loop for the guest (tests/guest/hog.c); without it nothing starves there"},
	{"clock-dir", 0, OPT_STR, AT(clock_dir), "DIR", NULL, 0, 0, "where clock_shim.so and clock_set are (tests/net/clock_shim.c); without it no clock is stepped"},
	{"out", 'o', OPT_STR, AT(out), "DIR", "results/blame", 0, 0, "make a folder for the results in DIR"},
	TRIAL_OPTS(AT(all)),
	OPT_END,
};
#undef AT

const char blame_bench_examples[] =
	"  takt bench blame                         a minute and a half; lines of name, value, unit, peer, ratio\n"
	"  takt bench blame -n 300 -s 4711          more of them, at the same times as another run of that seed\n"
	"  takt bench blame --only gate -n 20       one cause\n";

struct bench {
	struct conf conf;
	struct blame_rig rig;
	struct blame_rig_conf at;
	struct blame_judge judge, quiet;
	struct blame_play play;
};

/* -- runs ---------------------------------------------------------------------------------------------------------- */

/* What there cannot be: whose cause was not injected, and is not a matter of a busy machine. */
#define NO_GUEST "vcpu-stopped vcpu-preempted vcpu-exit halt no-irq guest-irq guest-softirq guest-sched guest-stopped no-kick kick-late "
static const char *const impossible[][2] = { /* while things are done; while nothing is */
	[BLAME_WIRES] = {" launch clock-step " NO_GUEST, " gate credit launch clock-step ring-full worker-stopped " NO_GUEST},
	[BLAME_CLOCK] = {" launch " NO_GUEST, ""},
	[BLAME_GUEST] = {" credit launch clock-step no-kick kick-late ",
			 " gate credit launch clock-step ring-full worker-stopped vcpu-stopped guest-stopped no-kick kick-late "},
};

/* Things are done in so many episodes; none: the time is passed. */
static int run(struct bench *b, int64_t episodes, struct why *why)
{
	enum blame_scene scene = b->at.scene;
	int64_t tail_ns = episodes && scene == BLAME_GUEST ? GUEST_TAIL_NS : 0, t = blame_rig_now();
	struct blame_play *p = &b->play;
	json_t *told = NULL;
	int rc;

	p->n = 0;
	rc = blame_rig_watch(&b->rig, episodes ? blame_play_length(scene, episodes) + tail_ns : b->conf.quiet_ns, episodes ? blame_play_late(p, scene) : 0, why);
	if (!rc && episodes)
		rc = blame_play(p, episodes, why);
	if (!rc && tail_ns) /* what it began with is over */
		rc = blame_rig_pause(&b->rig, tail_ns, p->deed, &p->n, BLAME_MAX_DEEDS, why);
	rc = rc ?: blame_rig_told(&b->rig, &told, why);
	rc = rc ?: blame_rig_gaps(&b->rig, why);
	if (!rc)
		blame_judge_add(episodes ? &b->judge : &b->quiet, json_object_get(told, "frames"), p->deed, p->n, b->rig.gap, b->rig.n_gaps,
				impossible[scene][!episodes]);
	if (!rc)
		fprintf(stderr, "%s: %" PRId64 " frames, %" PRId64 " late, %zu injections, %.0f s\n", episodes ? "injected" : "quiet",
			(int64_t)json_integer_value(json_object_get(told, "frames_sent")), (int64_t)json_integer_value(json_object_get(told, "tail")), p->n,
			(double)(blame_rig_now() - t) / 1e9);
	json_decref(told);
	return rc;
}

static int wires(struct bench *b, struct why *why)
{
	int rc = blame_rig_start(&b->rig, &b->at, why);

	if (!rc && blame_play_has(&b->play, BLAME_WIRES))
		rc = run(b, b->conf.episodes, why);
	if (!rc && b->conf.quiet_ns)
		rc = run(b, 0, why);
	return rc;
}

/* The guest is quiet first, and then plays. */
static int guest(struct bench *b, struct why *why)
{
	int rc;

	fprintf(stderr, "a guest boots\n");
	b->at.still_ns = b->conf.quiet_ns ? b->conf.quiet_ns + STILL_MORE_NS : 0;
	rc = blame_rig_start(&b->rig, &b->at, why);
	if (!rc && b->conf.quiet_ns)
		rc = run(b, 0, why);
	rc = rc ?: blame_guest_play(&b->rig, why);
	return rc ?: run(b, b->conf.guest_episodes, why);
}

static int measure(struct bench *b, struct why *why)
{
	int rc = 0;

	if (b->conf.episodes) {
		b->at.scene = BLAME_WIRES;
		rc = wires(b, why);
		blame_rig_stop(&b->rig);
	}
	if (!rc && b->at.clock_dir && b->conf.episodes && blame_play_has(&b->play, BLAME_CLOCK)) {
		b->at.scene = BLAME_CLOCK;
		rc = blame_rig_start(&b->rig, &b->at, why);
		rc = rc ?: run(b, b->conf.episodes / 4 + 1, why);
		blame_rig_stop(&b->rig);
	}
	if (!rc && b->at.kernel_dir && blame_play_has(&b->play, BLAME_GUEST)) {
		b->at.scene = BLAME_GUEST;
		rc = guest(b, why);
		blame_rig_stop(&b->rig);
	}
	return rc;
}

/* -- the command --------------------------------------------------------------------------------------------------- */

static int choose(void *bench, struct why *why)
{
	struct bench *b = bench;
	int i;

	for (i = 0; i < blame_n_injects && b->conf.only && strcmp(blame_injects[i].cause, b->conf.only); i++)
		;
	return i < blame_n_injects ? 0 : why_fail(why, EINVAL, "--only %.40s: nothing here injects that", b->conf.only);
}

static int perform(void *bench, const struct trial *c, struct why *why)
{
	struct bench *b = bench;
	const struct conf *o = &b->conf;
	struct blame_told told = {.judge = &b->judge, .quiet = &b->quiet, .episodes = o->episodes,
				  .seed = o->seed ? (uint64_t)o->seed : (uint64_t)blame_rig_now()};
	struct out out;
	bool good = false;
	int rc;

	b->at = (struct blame_rig_conf){.set = c->set, .dir = c->dir, .takt = c->takt, .taktd = c->taktd, .clock_dir = o->clock_dir, .hog = o->hog,
					.kernel_dir = o->kernel_dir, .kernel = o->kernel, .worker_cpu = c->worker_cpu, .other_cpu = c->other_cpu};
	b->play = (struct blame_play){.rig = &b->rig, .only = o->only, .seed = told.seed, .deed = calloc(BLAME_MAX_DEEDS, sizeof(*b->play.deed))};
	if (!b->play.deed)
		return why_fail(why, ENOMEM, "out of memory");
	fprintf(stderr, "seed %" PRIu64 "; %" PRId64 " episodes with a taktd on CPU %d\n", told.seed, o->episodes, c->worker_cpu);
	rc = measure(b, why);
	if (rc)
		return rc;
	lines_begin(&out, o->all.json);
	rc = lines_end(&out, blame_tell(&told, o->out, &out, &good, why), why);
	return rc ?: good ? CMD_OK : CMD_FAILED;
}

static void fini(void *bench)
{
	free(((struct bench *)bench)->play.deed);
}

int blame_bench_run(const struct cmd *self, int argc, char **argv)
{
	static const struct trial_bench bench = {.name = "blame", .size = sizeof(struct bench), .choose = choose, .perform = perform, .fini = fini};

	return trial_run(&bench, self, argc, argv);
}
