/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/backends.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/cell_ptp.h"
#include "bench/daemon.h"
#include "bench/takt_kept.h"

#define NAME "cell"

/* Others give a guest a burst at once. Spread over a link of 1 Gb/s it would wake the guest for each frame, which is more than User Mode Linux has time for under a flood. */
#define GUEST_SPEED "10Gb/s"

struct state {
	struct daemon_conf daemon;
	struct takt_kept kept;
	char ports[8192], more[64], log[PATH_MAX];
};

/* By which end do the frames that are measured leave? Of a round trip: on the way there. */
static int egress(const struct cell_run *r)
{
	return r->reflector < 0 ? r->listener : r->reflector;
}

/* Keys of a port as they stand in "{...}". */
static int add_keys(char *into, size_t room, const char *yaml, struct why *why)
{
	size_t len = strlen(yaml);

	if (len < 2 || yaml[0] != '{' || yaml[len - 1] != '}')
		return why_fail(why, EINVAL, "the schedule is no mapping in one line: %.100s", yaml);
	if (len > room)
		return why_fail(why, EINVAL, "the schedule is too long: at most %zu bytes of YAML in one line", room);
	if (len > 2)
		snprintf(into, room, ", %.*s", (int)len - 2, yaml + 1);
	return 0;
}

static int write_ports(struct cell_run *r, struct state *s, struct why *why)
{
	char keys[4096], way[160], vlans[32] = "";
	const struct cell_end *e;
	size_t used = 0;
	int i, rc = 0;

	if (r->c->traffic.vlan)
		snprintf(vlans, sizeof(vlans), ", vlans: [%" PRId64 "]", r->c->traffic.vlan);
	for (i = 0; i < CELL_ENDS && !rc; i++) {
		e = &r->end[i];
		if (e->kind == END_NONE)
			continue;
		keys[0] = '\0';
		if (i == egress(r) && r->c->schedule_yaml)
			rc = add_keys(keys, sizeof(keys), r->c->schedule_yaml, why);
		if (e->kind == END_WIRE && cell_ptp_wanted(r->c))	/* untagged: in the class of the frames that are measured */
			snprintf(way, sizeof(way), "wire: \"net_af_packet%d,iface=%s\", priority: %" PRId64 ", ptp: {correction: %s}", i, e->port, r->c->traffic.priority,
				 r->c->value[AXIS_CORRECTION]);
		else if (e->kind == END_WIRE)
			snprintf(way, sizeof(way), "wire: \"net_af_packet%d,iface=%s\"", i, e->port);
		else
			snprintf(way, sizeof(way), "guest: %s, queues: %s%s", e->socket, r->c->value[AXIS_QUEUES], strstr(keys, "link-speed") ? "" : ", link-speed: " GUEST_SPEED);
		used += (size_t)snprintf(s->ports + used, sizeof(s->ports) - used, "  - {name: %s, %s, queue-depth: 2048%s%s}\n", e->name, way, vlans, keys);
		if (used >= sizeof(s->ports))
			return why_fail(why, EINVAL, "the schedule is too long: at most %zu bytes of YAML", sizeof(s->ports) / 2);
	}
	return rc;
}

/* What taktd is to be. */
static int configure(struct cell_run *r, struct why *why)
{
	struct state *s = calloc(1, sizeof(*s));

	r->backend_state = s;
	if (!s)
		return why_fail(why, ENOMEM, "out of memory");
	snprintf(s->log, sizeof(s->log), "%s/taktd.log", r->dir);
	s->daemon = (struct daemon_conf){.taktd = r->taktd, .dir = CELL_ROOM, .name = NAME, .worker_cpu = r->c->worker_cpu, .other_cpu = r->c->other_cpu,
					 .memory_mib = 256 + 64 * atoi(r->c->value[AXIS_NEIGHBOURS]), .small_pages = true, .more = "records: 1048576\n", .ports = s->ports, .log = s->log};
	return write_ports(r, s, why);
}

static int check(struct cell_run *r, struct why *why)
{
	int rc = configure(r, why);

	return rc ?: daemon_check(r->set, &((struct state *)r->backend_state)->daemon, why);
}

static int start(struct cell_run *r, struct why *why)
{
	char ctl[DAEMON_PATH_LEN];
	struct state *s;
	int rc = configure(r, why);

	if (rc)
		return rc;
	s = r->backend_state;
	daemon_ctl(ctl, &s->daemon);
	json_array_append_new(r->commands, json_string("taktd -c takt.yaml"));
	rc = daemon_start(&r->device[0], r->set, &s->daemon, why);
	return rc ?: takt_kept_begin(&s->kept, r, ctl, egress(r), why);
}

static int watch(struct cell_run *r, struct why *why)
{
	struct state *s = r->backend_state;

	(void)why;
	takt_kept_watch(&s->kept);
	return 0;
}

static int end(struct cell_run *r, struct why *why)
{
	struct state *s = r->backend_state;

	return takt_kept_end(&s->kept, why);
}

static void stop(struct cell_run *r)
{
	struct state *s = r->backend_state;

	if (!s)
		return;
	takt_kept_fini(&s->kept);
	proc_stop(r->device[0], DAEMON_GRACE_NS);
	r->device[0] = NULL;
	if (s->daemon.dir)
		daemon_clean(&s->daemon);
}

const struct backend backend_taktd = {
	.name = "taktd", .check = check, .start = start, .watch = watch, .end = end, .stop = stop, .vhost_user = true, .many = true, .queues = true, .schedules = true,
};
