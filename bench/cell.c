/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cell_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/backend.h"
#include "bench/cell_ptp.h"
#include "bench/daemon.h"
#include "bench/meta.h"
#include "bench/said.h"

#define QUERY_NS (10 * NS_PER_SEC)
#define FLOOR_NS (60 * NS_PER_SEC)

/* -- who is where --------------------------------------------------------------------------------------------------- */

static const struct {
	const char *direction;
	int talker, listener, reflector;
} roles[] = {
	{ "to-guest", END_FAR, END_GUEST, -1 },
	{ "from-guest", END_GUEST, END_FAR, -1 },
	{ "guest-to-guest", END_GUEST, END_PEER, -1 },
	{ "round-trip", END_FAR, END_FAR, END_GUEST },
};

static bool is(const struct cell *c, enum axis_id axis, const char *value)
{
	return !strcmp(c->value[axis], value);
}

static void set_end(struct cell_run *r, int id, enum cell_end_kind kind, const char *name)
{
	struct cell_end *e = &r->end[id];

	*e = (struct cell_end){.kind = kind, .iface = id == END_FAR ? "wire0" : "eth0"};
	snprintf(e->name, sizeof(e->name), "%s", name);
	snprintf(e->port, sizeof(e->port), "p-%.12s", name);
	snprintf(e->socket, sizeof(e->socket), CELL_ROOM "/%s.sock", name);
	snprintf(e->mac, sizeof(e->mac), "02:00:00:00:07:%02x", id & 0xff);
	snprintf(e->out, sizeof(e->out), "%s/%s", r->dir, name);
}

static void place(struct cell_run *r)
{
	enum cell_end_kind guest = is(r->c, AXIS_GUEST, "none") ? END_WIRE : is(r->c, AXIS_GUEST, "uml") ? END_UML : END_QEMU;
	int i, n = atoi(r->c->value[AXIS_NEIGHBOURS]);
	char name[24];

	for (i = 0; i < (int)(sizeof(roles) / sizeof(roles[0])); i++)
		if (is(r->c, AXIS_DIRECTION, roles[i].direction)) {
			r->talker = roles[i].talker;
			r->listener = roles[i].listener;
			r->reflector = roles[i].reflector;
		}
	r->has_guests = guest != END_WIRE || n;
	set_end(r, END_FAR, END_WIRE, "far");
	set_end(r, END_GUEST, guest, "guest");
	if (r->listener == END_PEER)
		set_end(r, END_PEER, guest, "peer");
	if (is(r->c, AXIS_LOAD, "flood") && r->talker != END_FAR)
		set_end(r, END_NOISE, guest == END_QEMU ? END_UML : guest, "noise");
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "beside%d", i + 1);
		set_end(r, END_NEIGHBOUR + i, guest == END_WIRE ? END_WIRE : END_UML, name);
	}
}

/* -- can it be? ------------------------------------------------------------------------------------------------------ */

static int find_kernel(const struct cell *c, const char *guest, struct why *why)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0 && strrchr(self, '/'))
		*strrchr(self, '/') = '\0';
	if (c->kernel_dir)
		snprintf(path, sizeof(path), "%s/%s/kernel", c->kernel_dir, guest);
	else
		snprintf(path, sizeof(path), "%s/guest/%s/kernel", self, guest);
	if (access(path, R_OK))
		return why_fail(why, ENOTSUP, "%s: there is no such image%s%.150s: make it with scripts/guest-image %s", guest, c->kernel_dir ? " in " : "",
				c->kernel_dir ?: "", guest);
	return strncmp(guest, "qemu-", 5) ? 0 : backend_needs(guest, "qemu-system-x86_64", "qemu-system-x86", why);
}

int cell_can(const struct cell *c, struct why *why)
{
	const struct backend *b = backend_find(c->value[AXIS_BACKEND]);
	int rc;

	if (!b)
		return why_fail(why, ENOTSUP, "%s: nothing here starts it", c->value[AXIS_BACKEND]);
	rc = backend_can(b, c, why);
	if (!rc && !is(c, AXIS_GUEST, "none"))
		rc = find_kernel(c, c->value[AXIS_GUEST], why);
	if (!rc && !is(c, AXIS_GUEST, "none") && !is(c, AXIS_NEIGHBOURS, "0"))
		rc = find_kernel(c, "uml", why);	/* which all neighbours are */
	return rc ?: cell_load_can(c, why) ?: cell_ptp_can(c, why);
}

/* NULL: no memory. */
static struct cell_run *create(const struct cell *c, const char *dir, struct procs *set)
{
	struct cell_run *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->c = c;
	r->dir = dir;
	r->set = set;
	r->backend = backend_find(c->value[AXIS_BACKEND]);
	place(r);
	return r;
}

int cell_check(const struct cell *c, struct procs *set, struct why *why)
{
	struct cell_run *r = create(c, CELL_ROOM, set);
	int rc = 0;

	if (!r)
		return why_fail(why, ENOMEM, "out of memory");
	if (r->backend && r->backend->check)
		rc = daemon_find(r->taktd, sizeof(r->taktd), "taktd", c->taktd, "taktd", why) ?: r->backend->check(r, why);
	free(r->backend_state);
	free(r);
	return rc;
}

/* -- what it was like ------------------------------------------------------------------------------------------------ */

static json_t *axes_of(const struct cell *c)
{
	json_t *all = json_object();
	int i;

	for (i = 0; i < AXES; i++)
		json_object_set_new(all, axes[i].name, json_string(c->value[i]));
	return all;
}

int cell_begin(struct cell_run *r, struct why *why)
{
	const struct cell *c = r->c;
	const struct cell_traffic *t = &c->traffic;

	r->doc = json_pack("{s:i, s:s, s:i, s:i, s:I, s:o, s:s, s:I, s:{s:I, s:I, s:I, s:I}, s:s?, s:n, s:n}", "schema", 1, "cell", c->name, "repetition",
			   c->repetition, "position", c->position, "seed", (json_int_t)c->seed, "axes", axes_of(c), "measure",
			   is(c, AXIS_DIRECTION, "round-trip") ? "round-trip" : "one-way", "deadline_ns", (json_int_t)t->deadline_ns, "traffic", "size",
			   (json_int_t)t->size, "priority", (json_int_t)t->priority, "vlan", (json_int_t)t->vlan, "cycle_ns", (json_int_t)t->cycle_ns,
			   "schedule", c->schedule_yaml, "gates", "poll_gaps");
	r->commands = json_array();
	r->programs = json_object();
	if (!r->doc || !r->commands || !r->programs)
		return why_fail(why, ENOMEM, "out of memory");
	json_object_set_new(r->doc, "commands", r->commands);
	json_object_set_new(r->doc, "programs", r->programs);
	json_object_set_new(r->programs, "takt", json_string(meta_rev()));
	return 0;
}

/* Debian's versions of what is run, as far as they are Debian's. */
static int note_packages(struct cell_run *r, struct why *why)
{
	bool load = !is(r->c, AXIS_LOAD, "none") && !is(r->c, AXIS_LOAD, "flood");
	struct words w = {0};
	char line[128], name[64], version[64];
	struct proc *query;

	words_split(&w, "dpkg-query -W %s %s %s", r->backend->package ?: "", is(r->c, AXIS_GUEST, "uml") ? "user-mode-linux" : r->has_guests ? "qemu-system-x86" : "",
		    !load ? "" : is(r->c, AXIS_LOAD, "iperf3") ? "iperf3" : "stress-ng");
	if (w.n == 2 || proc_start(&query, r->set, &(struct proc_conf){.name = "dpkg-query", .argv = w.word}, NULL))
		return 0;
	while (proc_read_line(query, line, sizeof(line), QUERY_NS) > 0)
		if (sscanf(line, "%63s %63s", name, version) == 2 && !strstr(line, "no packages"))
			json_object_set_new(r->programs, name, json_string(version));
	proc_stop(query, 0);
	return procs_pause(r->set, 0) ? why_fail(why, EINTR, "interrupted") : 0;
}

static int measure_floor(struct cell_run *r, struct why *why)
{
	struct words w = {0};
	char log[PATH_MAX];
	struct proc *noise;
	json_t *said;
	int rc;

	snprintf(log, sizeof(log), "%s/noise.log", r->dir);
	words_split(&w, "%s noise --json -d 200ms -c %d,%d", r->takt, r->c->worker_cpu, r->c->other_cpu);
	rc = proc_start(&noise, r->set, &(struct proc_conf){.name = "takt noise", .argv = w.word, .log = log, .nice = -19}, why) ?:
	     said_wait(&said, noise, "takt noise", log, FLOOR_NS, why);
	unlink(log);
	if (rc)
		return rc;
	json_object_set_new(r->doc, "floor", meta_floor(said));
	json_decref(said);
	return 0;
}

/* -- all of it ------------------------------------------------------------------------------------------------------- */

static int set_up(struct cell_run *r, struct why *why)
{
	ssize_t n = readlink("/proc/self/exe", r->takt, sizeof(r->takt) - 1);

	r->takt[n > 0 ? n : 0] = '\0';
	clock_looks_take(&r->looks);	/* the earlier, the better is our TSC's rate known */
	if (mkdir(CELL_ROOM, 0700) && errno != EEXIST)
		return why_fail(why, errno, CELL_ROOM ": %s", strerror(errno));
	return daemon_find(r->taktd, sizeof(r->taktd), "taktd", r->c->taktd, "taktd", why);
}

static int perform(struct cell_run *r, struct why *why)
{
	int rc;

	rc = cell_can(r->c, why) ?: set_up(r, why) ?: note_packages(r, why) ?: measure_floor(r, why) ?: cell_ends_make(r, why);
	if (!rc && r->backend->start)
		rc = r->backend->start(r, why);
	rc = rc ?: cell_ptp_start(&r->ptp, r, why) ?: cell_load_start(r, why) ?: cell_talk(r, why) ?: cell_frames(r, why) ?: cell_ptp_end(r->ptp, why);
	return rc ?: r->backend->end ? r->backend->end(r, why) : 0;
}

/* Guests before the backend: User Mode Linux does not survive it. */
static void clean(struct cell_run *r)
{
	size_t i;
	int e;

	for (i = 0; i < CELL_LOADS; i++)
		proc_stop(r->load[i], CELL_GRACE_NS);
	cell_ptp_stop(r->ptp);
	cell_ends_stop(r);
	proc_stop(r->talk, CELL_GRACE_NS);
	proc_stop(r->listen, CELL_GRACE_NS);
	proc_stop(r->reflect, CELL_GRACE_NS);
	if (r->backend && r->backend->stop)
		r->backend->stop(r);
	for (i = 0; i < sizeof(r->device) / sizeof(r->device[0]); i++)
		proc_stop(r->device[i], CELL_GRACE_NS);
	for (i = 0; i < CELL_ENDS; i++)
		proc_stop(r->relay[i], CELL_GRACE_NS);
	free(r->backend_state);
	for (e = CELL_ENDS; e-- > 0;) {
		netns_destroy(r->end[e].ns);
		if (cell_is_vm(&r->end[e]))
			rmdir(r->end[e].out);	/* stays when there is more in it than was expected */
	}
	rmdir(CELL_ROOM);
}

static bool is_full(int rc)
{
	return rc == -ENOSPC || rc == -EDQUOT;
}

int cell_perform(const struct cell *c, const char *dir, struct procs *set, struct why *why)
{
	struct cell_run *r = create(c, dir, set);
	int rc, written;

	if (!r)
		return why_fail(why, ENOMEM, "out of memory");
	rc = cell_begin(r, why) ?: perform(r, why);
	clean(r);
	if (rc != -EINTR && !is_full(rc) && r->doc) {
		written = cell_write(r, !rc ? "ok" : rc == -ENOTSUP ? "skipped" : "failed", rc && why ? why->text : "", rc ? NULL : why);
		rc = is_full(written) || !rc ? written : rc;
	}
	if (!rc && why)
		why->text[0] = '\0';	/* of what was tried again until it went */
	json_decref(r->doc);
	free(r);
	return rc;
}
