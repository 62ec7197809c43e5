/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/precheck.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"

#define FRAME_BYTES 400			/* of a result, for each frame: stamps, hops */
#define CELL_BYTES  (512 << 10)		/* and for each cell: logs, configurations, the slowest frames' causes */
#define AROUND_NS   (500 * NS_PER_MS)	/* no cell takes less beside its frames: the floor is measured, late frames are waited for */

static int check_machine(const struct runner_conf *conf, struct why *why)
{
	static const struct {
		const char *program, *package;
	} needs[] = {{"ip", "iproute2"}, {"ethtool", "ethtool"}};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t i;

	if (cpus < 2)
		return why_fail(why, EINVAL, "this machine has one CPU, and the backend's worker and all else need one each");
	if (conf->asked.cpu >= cpus)
		return why_fail(why, EINVAL, "--cpu %d: this machine has %ld CPUs: give 0 to %ld, or leave it out for the last one", (int)conf->asked.cpu, cpus, cpus - 1);
	if (geteuid())
		return why_fail(why, EPERM, "guests' memory, namespaces and urgent threads are root's to hand out: run this as root");
	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!proc_in_path(needs[i].program))
			return why_fail(why, ENOENT, "%s is not in PATH, and each cell needs it: apt-get install %s", needs[i].program, needs[i].package);
	return 0;
}

static int check_time(const struct runner_conf *conf, struct why *why)
{
	const struct campaign *c = conf->campaign;
	int64_t need_ns = c->traffic.warm_up_ns + c->traffic.duration_ns + AROUND_NS;
	char timeout[NS_STR_LEN], need[NS_STR_LEN];

	if (c->timeout_ns >= need_ns)
		return 0;
	return why_fail(why, EINVAL, "%s: timeout: %s is less than any cell takes: warm-up, duration and what is around them are %s, and a guest boots before that: give more, or a shorter --duration",
			conf->file, ns_exact(timeout, c->timeout_ns), ns_exact(need, need_ns));
}

/* That folder, or the one above it that is there. */
static void nearest(char path[PATH_MAX], const char *where)
{
	char *slash;

	snprintf(path, PATH_MAX, "%s", *where ? where : ".");
	while (access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR)) {
		slash = strrchr(path, '/');
		if (!slash)
			snprintf(path, PATH_MAX, ".");
		else
			slash[slash == path] = '\0';
	}
}

static int check_room(const struct runner_conf *conf, const char *where, size_t open, struct why *why)
{
	const struct cell_traffic *t = &conf->campaign->traffic;
	int64_t need = (int64_t)open * ((t->duration_ns + t->warm_up_ns) / t->cycle_ns * FRAME_BYTES + CELL_BYTES), room;
	char path[PATH_MAX];
	struct stat st;

	nearest(path, where);
	if (!stat(path, &st) && !S_ISDIR(st.st_mode))
		return why_fail(why, ENOTDIR, "%.200s is no folder: choose another one by --results", path);
	if (access(path, W_OK | X_OK))
		return why_fail(why, errno, "%.200s: %s: choose another folder by --results", path, strerror(errno));
	room = folder_room(path);
	if (room < need)
		return why_fail(why, ENOSPC, "%.200s: %" PRId64 " MiB are free, and %zu cells take some %" PRId64 " MiB: free some, or choose another disk by --results",
				where, room >> 20, open, (need >> 20) + 1);
	return 0;
}

/* -- schedules ------------------------------------------------------------------------------------------------------- */

static const char *schedule_of(const struct cell *c)
{
	return c->value[AXIS_SCHEDULE];
}

/* The campaign's line of it, and what taktd says. */
static int check_one(const struct runner_conf *conf, const struct cell *c, struct why *why)
{
	const struct campaign *all = conf->campaign;
	int i, rc = cell_check(c, conf->set, why);

	if (!rc || rc == -EINTR)
		return rc;
	for (i = 0; i < all->n_schedules && strcmp(all->schedule[i].name, schedule_of(c)); i++)
		;
	if (i < all->n_schedules)
		why_at(why, "%s:%d: schedules: %s", conf->file, all->schedule[i].line, schedule_of(c));
	else
		why_at(why, "%s: backend taktd", conf->file);
	return rc;
}

/* By these taktd's file differs; sizes, cycles and loads do not stand in it. */
static bool is_like(const struct cell *a, const struct cell *b)
{
	static const enum axis_id written[] = {AXIS_BACKEND, AXIS_GUEST, AXIS_DIRECTION, AXIS_SCHEDULE, AXIS_CORRECTION};
	size_t i;

	for (i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (strcmp(a->value[written[i]], b->value[written[i]]))
			return false;
	return true;
}

static bool is_new(const struct plan *p, size_t i)
{
	size_t k;

	for (k = 0; k < i && !is_like(&p->cell[k], &p->cell[i]); k++)
		;
	return k == i;
}

static bool is_used(const struct plan *p, const char *schedule)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(schedule_of(&p->cell[i]), schedule) && !strcmp(p->cell[i].value[AXIS_BACKEND], "taktd"))
			return true;
	return false;
}

/* Of each kind of file one; and schedules that no cell has (--only may have left them out) at a guest's port. */
static int check_schedules(const struct runner_conf *conf, struct why *why)
{
	const struct campaign *c = conf->campaign;
	const struct plan *p = conf->plan;
	int i, a, rc = 0;
	size_t k;

	for (k = 0; !rc && k < p->n; k++) {
		struct cell cell = runner_cell_of(conf, k);

		if (is_new(p, k))
			rc = check_one(conf, &cell, why);
	}
	for (i = 0; !rc && i < c->n_schedules; i++) {
		struct cell cell = runner_cell_of(conf, 0);

		if (is_used(p, c->schedule[i].name))
			continue;
		for (a = 0; a < AXES; a++)
			cell.value[a] = axes[a].value;
		cell.value[AXIS_SCHEDULE] = c->schedule[i].name;
		cell.schedule_yaml = c->schedule[i].yaml;
		rc = check_one(conf, &cell, why);
	}
	return rc;
}

int precheck(const struct runner_conf *conf, const char *where, size_t open, struct why *why)
{
	return check_machine(conf, why) ?: check_time(conf, why) ?: check_room(conf, where, open, why) ?: check_schedules(conf, why);
}
