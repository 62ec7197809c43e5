/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/runner_cell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cell_note.h"
#include "bench/jail.h"
#include "ptp/now.h"

#define FULL (64 << 10)	/* bytes: a disk with less was what made a cell fail */

/* What a cell's process is given. */
struct job {
	const struct cell *c;
	const char *dir;
	const struct hosts *hosts;
};

static bool is_far(const struct cell *c)
{
	return !strcmp(c->value[AXIS_BACKEND], HOSTS_BACKEND);
}

static int perform(void *arg, struct why *why)
{
	const struct job *j = arg;
	struct procs *set;
	int rc = procs_create(&set, why);

	if (rc)
		return rc;
	rc = is_far(j->c) ? hosts_perform(j->hosts, j->c, j->dir, set, why) : cell_perform(j->c, j->dir, set, why);
	procs_destroy(set);
	return rc;
}

static void folder_of(char dir[PATH_MAX], const char *path)
{
	snprintf(dir, PATH_MAX, "%s", path);
	if (strrchr(dir, '/') > dir)
		*strrchr(dir, '/') = '\0';
}

static int watch(const struct runner_cell *r, struct jail *j, struct procs *set, int *rc, struct why *reason)
{
	int64_t t_begin = now_mono(), now = t_begin, left_ns;
	int ended;

	do {
		left_ns = t_begin + r->timeout_ns - now;
		ended = jail_wait(j, set, left_ns < NS_PER_SEC ? left_ns : NS_PER_SEC, rc, reason);
		now = now_mono();
		if (ended == -ETIMEDOUT)
			r->each_second(r->arg, now - t_begin);
	} while (ended == -ETIMEDOUT && now - t_begin < r->timeout_ns);
	return ended;
}

/* Start, watch, and see that nothing of it is left. As watch(). */
static int run(const struct runner_cell *r, const struct cell *c, const char *dir, struct procs *set, int *rc, struct why *reason, struct why *why)
{
	char beside[PATH_MAX], beside_taktd[PATH_MAX], beside_inventory[PATH_MAX] = "/", agent[PATH_MAX] = "/", log[FOLDER_LEN + 16], allowed[NS_STR_LEN];
	struct job job = {.c = c, .dir = dir, .hosts = r->hosts};
	struct jail_conf conf = {.keep = {dir, beside, beside_taktd, beside_inventory, agent, r->kernel_dir}, .host_net = is_far(c), .log = log, .keeper = r->keeper, .run = perform, .arg = &job};
	struct jail *j;
	int ended;

	folder_of(beside, r->takt);
	folder_of(beside_taktd, r->taktd);
	if (is_far(c) && r->hosts->inventory)
		folder_of(beside_inventory, r->hosts->inventory);
	if (is_far(c) && getenv("SSH_AUTH_SOCK"))
		folder_of(agent, getenv("SSH_AUTH_SOCK"));
	snprintf(log, sizeof(log), "%s/cell.log", dir);
	ended = jail_start(&j, &conf, why);
	if (ended)
		return ended;
	ended = watch(r, j, set, rc, reason);
	jail_end(j);
	if (ended == -ETIMEDOUT) {
		*rc = why_fail(reason, ETIMEDOUT, "not done within %s, which is the campaign's timeout", ns_exact(allowed, r->timeout_ns));
		ended = 0;
	}
	return ended;
}

static enum result_status status_of(int rc)
{
	return !rc ? RESULT_OK : rc == -ENOTSUP ? RESULT_SKIPPED : RESULT_FAILED;
}

/* Its own cell.json, or ours when it has none that says the same. */
static int see_to_note(const struct cell *c, const char *dir, enum result_status status, const struct why *reason, int64_t t_begin, struct why *why)
{
	char said[WHY_LEN], path[FOLDER_LEN + 16];

	snprintf(path, sizeof(path), "%s/cell.json", dir);
	if (!access(path, F_OK) && cell_note_read(dir, said, sizeof(said)) == status)
		return 0;
	return cell_note(c, dir, status, reason->text, t_begin, now_of(CLOCK_TAI), why);
}

int runner_cell_measure(const struct runner_cell *r, const struct cell *c, struct procs *set, enum result_status *status, struct why *reason, struct why *why)
{
	int64_t t_begin = now_of(CLOCK_TAI);
	char dir[FOLDER_LEN];
	int rc, done = 0;

	*reason = (struct why){""};
	rc = folder_begin(r->folder, c->name, dir, why);
	if (rc)
		return rc;
	rc = run(r, c, dir, set, &done, reason, why);
	if (!rc && done && done != -ENOTSUP && (done == -ENOSPC || folder_room(dir) < FULL))
		rc = why_fail(why, ENOSPC, "%.200s: the disk is full", r->folder->path);
	if (!rc && done == -EINTR)
		why_fail(reason, EINTR, "somebody interrupted the process that measures");
	*status = status_of(done);
	rc = rc ?: see_to_note(c, dir, *status, reason, t_begin, why) ?: folder_keep(r->folder, c->name, why);
	if (rc)
		folder_drop(r->folder, c->name);
	return rc;
}

int runner_cell_skip(const struct runner_cell *r, const struct cell *c, const char *reason, struct why *why)
{
	int64_t now = now_of(CLOCK_TAI);
	char dir[FOLDER_LEN];
	int rc = folder_begin(r->folder, c->name, dir, why);

	rc = rc ?: cell_note(c, dir, RESULT_SKIPPED, reason, now, now, why) ?: folder_keep(r->folder, c->name, why);
	if (rc)
		folder_drop(r->folder, c->name);
	return rc;
}
