/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/runner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/cell_note.h"
#include "bench/keeper.h"
#include "bench/leftovers.h"
#include "bench/progress.h"
#include "bench/runner_cell.h"
#include "ptp/now.h"

#define IN_A_ROW  3			/* cells that fail one after the other: something is wrong with all of them */
/* What a cell takes beside its frames, on a small machine: guesses, until some were measured. */
#define AROUND_NS (1200 * NS_PER_MS)	/* the floor; what comes late */
#define GUEST_NS  (5 * NS_PER_SEC)	/* a guest boots, and hears nothing for a while */
#define BESIDE_NS (1500 * NS_PER_MS)	/* each neighbour boots */

enum state { STATE_OPEN, STATE_OK, STATE_SKIPPED, STATE_FAILED };

struct can {
	bool asked;
	int rc;
	struct why why;
};

struct runner {
	const struct runner_conf *conf;
	const struct folder *folder;
	json_t *meta;
	struct procs *set;
	struct progress *progress;
	struct keeper keeper;
	struct runner_cell how;
	struct leftovers *before;
	struct can *can;	/* by kind */
	enum state *state;	/* by cell */
	size_t *left;		/* kinds of cells that are open, for the time they take */
	int64_t *guess_ns;	/* by kind */
	size_t done;
	size_t at;		/* cell that is measured */
	int in_a_row;
	bool again;		/* it had failed before */
};

/* -- before ---------------------------------------------------------------------------------------------------------- */

static int64_t guess_ns(const struct cell *c)
{
	bool guest = strcmp(c->value[AXIS_GUEST], "none");

	return c->traffic.warm_up_ns + c->traffic.duration_ns + AROUND_NS + (guest ? GUEST_NS : 0) + atoi(c->value[AXIS_NEIGHBOURS]) * BESIDE_NS;
}

struct cell runner_cell_of(const struct runner_conf *conf, size_t i)
{
	struct cell c = conf->plan->cell[i];

	c.taktd = conf->taktd;
	c.kernel_dir = conf->asked.kernel_dir;
	c.worker_cpu = (int)conf->asked.cpu;
	c.other_cpu = conf->asked.cpu ? (int)conf->asked.cpu - 1 : 1;
	return c;
}

static int ask_hosts(const struct runner_conf *conf, const struct cell *c, struct why *why)
{
	char dir[] = "/tmp/takt-hosts-XXXXXX";
	int rc;

	if (!mkdtemp(dir))
		return why_fail(why, ENOTSUP, "hosts: no folder can be made in /tmp: %s", strerror(errno));
	rc = hosts_can(&conf->hosts, c, conf->set, dir, why);
	rmdir(dir);
	return rc;
}

static bool is_done(const struct runner_conf *conf, const char *dir, size_t i)
{
	struct folder f = {.lock = -1};

	if (!dir)
		return false;
	snprintf(f.path, sizeof(f.path), "%s", dir);
	return folder_has(&f, conf->plan->cell[i].name);
}

/* Each kind is asked for once. */
static const struct can *ask(const struct runner_conf *conf, struct can *all, size_t i)
{
	struct can *can = &all[conf->plan->kind[i]];
	struct cell c = runner_cell_of(conf, i);

	if (!can->asked)
		can->rc = !strcmp(c.value[AXIS_BACKEND], HOSTS_BACKEND) ? ask_hosts(conf, &c, &can->why) : cell_can(&c, &can->why);
	can->asked = true;
	return can;
}

size_t runner_open(const struct runner_conf *conf, const char *dir)
{
	size_t i, n = 0;

	for (i = 0; i < conf->plan->n; i++)
		n += !is_done(conf, dir, i);
	return n;
}

/* A row of the table; the time that it takes. */
static int64_t dry_row(struct out *o, const struct runner_conf *conf, struct can *all, const char *dir, size_t i)
{
	bool done = is_done(conf, dir, i);
	const struct can *can = done ? NULL : ask(conf, all, i);
	bool skipped = can && can->rc;

	out_object(o, NULL);
	out_uint(o, "position", i + 1, "%4zu  ", i + 1);
	out_str(o, "cell", conf->plan->cell[i].name, "%s", conf->plan->cell[i].name);
	out_bool(o, "done", done, done ? "  %sdone%s" : "%s%s", out_style(o, done ? OUT_GREEN : OUT_PLAIN), out_style(o, OUT_PLAIN));
	out_bool(o, "skipped", skipped, skipped ? "  %sskipped%s: " : "%s%s\n", out_style(o, skipped ? OUT_YELLOW : OUT_PLAIN), out_style(o, OUT_PLAIN));
	out_str(o, "reason", skipped ? can->why.text : "", skipped ? "%s\n" : "%s", skipped ? can->why.text : "");
	out_end(o);
	return done || skipped ? 0 : guess_ns(&conf->plan->cell[i]);
}

static size_t count_skipped(const struct runner_conf *conf, const struct can *all)
{
	size_t i, n = 0;

	for (i = 0; i < conf->plan->n; i++)
		n += all[conf->plan->kind[i]].rc != 0;
	return n;
}

int runner_dry(const struct runner_conf *conf, const char *dir, struct why *why)
{
	struct can *all = calloc(conf->plan->n_kinds, sizeof(*all));
	size_t i, open = runner_open(conf, dir), skipped;
	struct out o;
	char buf[32];
	int64_t ns = 0;
	int rc;

	if (!all)
		return why_fail(why, ENOMEM, "out of memory");
	out_init(&o, stdout, conf->json);
	out_object(&o, NULL);
	out_str(&o, "campaign", conf->campaign->name, "%s", conf->campaign->title);
	out_int(&o, "seed", conf->asked.seed, ", seed %" PRId64 "\n", conf->asked.seed);
	out_array(&o, "cells");
	for (i = 0; i < conf->plan->n; i++)
		ns += dry_row(&o, conf, all, dir, i);
	out_end(&o);
	skipped = count_skipped(conf, all);
	out_uint(&o, "skipped_cells", skipped, "%zu cells, %zu of them skipped", conf->plan->n, skipped);
	out_uint(&o, "done_cells", conf->plan->n - open, dir ? ", %zu done already" : NULL, conf->plan->n - open);
	out_int(&o, "guess_ns", ns, "; about %s\n", progress_time(buf, ns));
	out_end(&o);
	free(all);
	rc = out_fini(&o);
	return rc ? why_fail(why, -rc, "standard output: %s", strerror(-rc)) : 0;
}

/* -- meanwhile ------------------------------------------------------------------------------------------------------- */

static size_t kinds_left(struct runner *r)
{
	enum state open = r->again ? STATE_FAILED : STATE_OPEN;
	size_t i, n = 0;

	for (i = r->again ? r->at : 0; i < r->conf->plan->n; i++)
		if (r->state[i] == open && !ask(r->conf, r->can, i)->rc)
			r->left[n++] = r->conf->plan->kind[i];
	return n;
}

static void draw(void *arg, int64_t since_ns)
{
	struct runner *r = arg;
	int64_t left_ns = progress_left(r->progress, r->left, kinds_left(r));

	progress_draw(r->progress, r->done, r->again, left_ns > since_ns ? left_ns - since_ns : 0, r->conf->plan->cell[r->at].name, since_ns);
}

static void settle(struct runner *r, size_t i, enum result_status status, const char *reason, int64_t took_ns)
{
	r->done += r->state[i] == STATE_OPEN;
	r->state[i] = (enum state)(status + STATE_OK);
	r->in_a_row = status == RESULT_FAILED ? r->in_a_row + 1 : status == RESULT_OK ? 0 : r->in_a_row;
	progress_took(r->progress, r->conf->plan->kind[i], took_ns);
	progress_tell(r->progress, r->done, r->again, &r->conf->plan->cell[i], status, reason, took_ns);
}

/* What is there now and was not before: said, and written down. */
static void see_what_is_left(struct runner *r, const char *cell)
{
	struct leftovers *now = leftovers_look();
	json_t *list = leftovers_new(r->before, now), *word;
	size_t i;

	json_array_foreach(list, i, word)
		fprintf(stderr, "%s: meanwhile appeared: %s\n", cell, json_string_value(word));
	if (json_array_size(list))
		run_meta_note(r->meta, "appeared", json_pack("{s:s, s:O}", "cell", cell, "what", list));
	json_decref(list);
	if (now) {
		leftovers_free(r->before);
		r->before = now;
	}
}

static int measure(struct runner *r, size_t i, struct why *why)
{
	const struct can *can = ask(r->conf, r->can, i);
	struct cell c = runner_cell_of(r->conf, i);
	int64_t t_begin = now_mono();
	enum result_status status;
	struct why reason;
	int rc;

	if (can->rc) {
		rc = runner_cell_skip(&r->how, &c, can->why.text, why);
		if (!rc)
			settle(r, i, RESULT_SKIPPED, can->why.text, 0);
		return rc;
	}
	r->at = i;
	draw(r, 0);
	rc = runner_cell_measure(&r->how, &c, r->set, &status, &reason, why);
	progress_clear(r->progress);
	if (rc)
		return rc;
	settle(r, i, status, reason.text, now_mono() - t_begin);
	see_what_is_left(r, c.name);
	return 0;
}

static int measure_open(struct runner *r, struct why *why)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < r->conf->plan->n; i++) {
		if (r->state[i] != STATE_OPEN)
			continue;
		rc = procs_pause(r->set, 0) ?: measure(r, i, why);
		if (!rc && r->in_a_row >= IN_A_ROW && !r->conf->keep_going)
			rc = why_fail(why, ECANCELED, "%d cells in a row failed: what their folders say in *.log is worth a look; then --resume, or --keep-going", IN_A_ROW);
	}
	return rc;
}

static int measure_failed(struct runner *r, struct why *why)
{
	int64_t round;
	size_t i;
	int rc = 0;

	r->again = true;
	for (round = 0; !rc && round < r->conf->campaign->retries; round++)
		for (i = 0; !rc && i < r->conf->plan->n; i++) {
			if (r->state[i] != STATE_FAILED)
				continue;
			run_meta_note(r->meta, "retried", json_string(r->conf->plan->cell[i].name));
			rc = procs_pause(r->set, 0) ?: measure(r, i, why);
		}
	return rc;
}

/* -- all of it ------------------------------------------------------------------------------------------------------- */

/* What the folder has already. */
static size_t look(struct runner *r)
{
	char path[FOLDER_LEN], reason[WHY_LEN];
	size_t i, open = 0;

	for (i = 0; i < r->conf->plan->n; i++) {
		if (!folder_has(r->folder, r->conf->plan->cell[i].name)) {
			open++;
			continue;
		}
		folder_cell_path(r->folder, r->conf->plan->cell[i].name, path);
		r->state[i] = (enum state)(cell_note_read(path, reason, sizeof(reason)) + STATE_OK);
		r->done++;
	}
	return open;
}

static void sum_up(const struct runner *r, struct runner_sum *sum)
{
	size_t i, count[4] = {0};

	for (i = 0; i < r->conf->plan->n; i++)
		count[r->state[i]]++;
	*sum = (struct runner_sum){.ok = count[STATE_OK], .skipped = count[STATE_SKIPPED], .failed = count[STATE_FAILED], .left = count[STATE_OPEN]};
}

static int floor_at(struct runner *r, const char *key)
{
	struct cell c = runner_cell_of(r->conf, 0);

	return run_meta_floor(r->meta, key, r->conf->takt, r->set, c.worker_cpu, c.other_cpu);
}

static int set_up(struct runner *r, struct why *why)
{
	const struct plan *plan = r->conf->plan;
	size_t i;

	r->can = calloc(plan->n_kinds, sizeof(*r->can));
	r->state = calloc(plan->n, sizeof(*r->state));
	r->left = calloc(plan->n, sizeof(*r->left));
	r->guess_ns = calloc(plan->n_kinds, sizeof(*r->guess_ns));
	if (!r->can || !r->state || !r->left || !r->guess_ns)
		return why_fail(why, ENOMEM, "out of memory");
	for (i = 0; i < plan->n; i++)
		r->guess_ns[plan->kind[i]] = guess_ns(&plan->cell[i]);
	r->progress = progress_create(plan->n, r->guess_ns, r->conf->json);
	if (!r->progress)
		return why_fail(why, ENOMEM, "out of memory");
	r->how = (struct runner_cell){.folder = r->folder, .takt = r->conf->takt, .taktd = r->conf->taktd, .kernel_dir = r->conf->asked.kernel_dir, .hosts = &r->conf->hosts,
				      .timeout_ns = r->conf->campaign->timeout_ns, .each_second = draw, .arg = r};
	return keeper_start(&r->keeper, why);
}

int runner_run(const struct runner_conf *conf, const struct folder *folder, json_t *meta, struct runner_sum *sum, struct why *why)
{
	struct runner r = {.conf = conf, .folder = folder, .meta = meta, .set = conf->set, .keeper = {-1, -1}};
	size_t open;
	int rc = set_up(&r, why), put;

	*sum = (struct runner_sum){.left = conf->plan->n};
	if (rc)
		goto out;
	r.how.keeper = r.keeper.fd;
	open = look(&r);
	if (open && !json_object_get(meta, "floor_before"))
		rc = floor_at(&r, "floor_before");
	rc = rc ?: run_meta_put(meta, folder, why);
	r.before = leftovers_look();
	rc = rc ?: measure_open(&r, why) ?: measure_failed(&r, why) ?: floor_at(&r, "floor_after");
	sum_up(&r, sum);
	if (!rc)
		json_object_set_new(meta, "finished", json_true());
	json_object_set_new(meta, "cells", json_pack("{s:I, s:I, s:I, s:I}", "ok", (json_int_t)sum->ok, "skipped", (json_int_t)sum->skipped, "failed",
						     (json_int_t)sum->failed, "left", (json_int_t)sum->left));
	json_object_set_new(meta, "t_end", json_integer(now_of(CLOCK_TAI)));
	put = run_meta_put(meta, folder, rc ? NULL : why);
	rc = rc ?: put;
out:
	keeper_end(&r.keeper);
	leftovers_free(r.before);
	progress_destroy(r.progress);
	free(r.can);
	free(r.state);
	free(r.left);
	free(r.guess_ns);
	return rc;
}
