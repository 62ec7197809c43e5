/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/backend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/backends.h"
#include "bench/daemon.h"

static const struct backend veth = {.name = "veth", .direct = true};

const struct backend *const backends[] = {
	&veth, &backend_taktd, &backend_testpmd, &backend_ovs_dpdk, &backend_ovs_kernel, &backend_qemu_bridge, &backend_qemu_macvtap, &backend_vhost_net, NULL,
};

const struct backend *backend_find(const char *name)
{
	int i;

	for (i = 0; backends[i]; i++)
		if (!strcmp(backends[i]->name, name))
			return backends[i];
	return NULL;
}

int backend_needs(const char *backend, const char *program, const char *package, struct why *why)
{
	if (proc_in_path(program))
		return 0;
	return why_fail(why, ENOTSUP, "%s: %s is not installed: apt-get install %s", backend, program, package);
}

static bool is(const struct cell *c, enum axis_id axis, const char *value)
{
	return !strcmp(c->value[axis], value);
}

int backend_can(const struct backend *b, const struct cell *c, struct why *why)
{
	bool none = is(c, AXIS_GUEST, "none"), qemu = !strncmp(c->value[AXIS_GUEST], "qemu-", 5), uml = is(c, AXIS_GUEST, "uml");
	int neighbours = atoi(c->value[AXIS_NEIGHBOURS]);

	if (is(c, AXIS_GUEST, "virtio-user"))
		return why_fail(why, ENOTSUP, "virtio-user: it has no kernel that talker or listener could run in, and its own stamps are those of takt bench gate");
	if (b->direct && !none)
		return why_fail(why, ENOTSUP, "%s: a pair has two ends and no guest: guest has to be none", b->name);
	if (b->qemu_tap && !qemu)
		return why_fail(why, ENOTSUP, "%s: the guest is at a tap, which QEMU alone has: guest has to be qemu-6.1, -6.12 or one of their -rt", b->name);
	if (uml && !b->vhost_user)
		return why_fail(why, ENOTSUP, "%s: User Mode Linux comes by vhost-user alone: guest has to be one of QEMU's", b->name);
	if (qemu && !is(c, AXIS_DIRECTION, "round-trip"))
		return why_fail(why, ENOTSUP, "%s: a QEMU guest's clock is not the host's, so one way cannot be measured: direction has to be round-trip", b->name);
	if (!is(c, AXIS_QUEUES, "1") && !qemu)
		return why_fail(why, ENOTSUP, "%s: more than one queue pair takes a guest of QEMU's: queues has to be 1, or guest qemu-*", b->name);
	if (!is(c, AXIS_QUEUES, "1") && !b->queues)
		return why_fail(why, ENOTSUP, "%s: it has one queue pair here: queues has to be 1", b->name);
	if (!b->many && (neighbours || is(c, AXIS_DIRECTION, "guest-to-guest")))
		return why_fail(why, ENOTSUP, "%s: it has two ports, and no place for a further guest: backend has to be taktd or ovs-dpdk", b->name);
	if (!b->schedules && (!is(c, AXIS_SCHEDULE, "none") || !is(c, AXIS_CORRECTION, "none")))
		return why_fail(why, ENOTSUP, "%s: it knows neither schedules nor PTP: backend has to be taktd", b->name);
	return b->can ? b->can(c, why) : 0;
}

/* -- for those that are several programs ------------------------------------------------------------------------------ */

int backend_launch(struct proc **out, struct cell_run *r, const char *name, const char *ready, const struct words *w, struct why *why)
{
	char cpus[32], log[CELL_PATH_LEN], line[2048];
	struct proc_conf p = {.name = name, .argv = w->word, .cpu = cpus, .log = log};

	snprintf(cpus, sizeof(cpus), "%d,%d", r->c->other_cpu, r->c->worker_cpu);
	snprintf(log, sizeof(log), "%s/%s.log", r->dir, name);
	json_array_append_new(r->commands, json_string(words_line(line, sizeof(line), w)));
	return daemon_launch(out, r->set, &p, ready, why);
}

void backend_socket(const struct cell_run *r, const struct cell_end *e, char socket[BACKEND_SOCKET_LEN])
{
	(void)r;
	snprintf(socket, BACKEND_SOCKET_LEN, e->kind == END_UML ? CELL_ROOM "/%.16s.up" : CELL_ROOM "/%.16s.sock", e->name);
}

int backend_relay(struct cell_run *r, struct why *why)
{
	char socket[BACKEND_SOCKET_LEN];
	int i, n = 0, rc = 0;

	for (i = 0; i < CELL_ENDS && !rc; i++) {
		struct cell_end *e = &r->end[i];
		struct words w = {0};
		char name[32];

		if (e->kind != END_UML)
			continue;
		backend_socket(r, e, socket);
		snprintf(name, sizeof(name), "relay.%s", e->name);
		words_split(&w, "%s bench relay %s %s", r->takt, e->socket, socket);
		rc = backend_launch(&r->relay[n++], r, name, "relaying", &w, why);
	}
	return rc;
}
