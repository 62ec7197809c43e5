/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/rig.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/ns.h"

#define DRAIN_NS  (3 * NS_PER_SEC)	/* nothing comes any more */
#define END_NS	  (5 * NS_PER_SEC)
#define BATCH	  1024
#define LOOK_NS	  (30 * NS_PER_MS)	/* taktd compares its clock every 100 ms: none of that is missed */
#define LOOK_ROOM 262144	/* 100 a second: three quarters of an hour */
#define GAP_ROOM  1048576
#define DEPTH	  2048		/* of class queues */

/* -- what is gathered -------------------------------------------------------------------------------------------- */

static int room_for(void **array, size_t used, size_t more, size_t *room, size_t size)
{
	size_t want = *room ?: 65536;
	void *p;

	while (want < used + more)
		want *= 2;
	if (want == *room)
		return 0;
	p = realloc(*array, want * size);
	if (!p)
		return -ENOMEM;
	*array = p;
	*room = want;
	return 0;
}

static int read_gaps(struct rig *r)
{
	uint32_t n;

	do {
		if (room_for((void **)&r->gap, r->n_gap, BATCH, &r->room_gap, sizeof(*r->gap)))
			return -ENOMEM;
		n = rec_read_gaps(r->shm, &r->gap_pos, r->gap + r->n_gap, BATCH, &r->gaps_lost);
		r->n_gap += n;
	} while (n);
	return 0;
}

static int read_all(struct rig *r)
{
	uint32_t n;

	do {
		if (room_for((void **)&r->rec, r->n_rec, BATCH, &r->room_rec, sizeof(*r->rec)))
			return -ENOMEM;
		n = rec_read(r->shm, &r->pos, r->rec + r->n_rec, BATCH, &r->lost);
		r->n_rec += n;
	} while (n);
	return read_gaps(r);
}

/* -- start ------------------------------------------------------------------------------------------------------- */

/* The file that the judge gets as its standard input. */
static int make_result(struct rig *r, struct why *why)
{
	const struct rig_conf *c = r->conf;
	size_t size = judge_size(LOOK_ROOM, GAP_ROOM, c->frames);

	r->fd = memfd_create("takt-judge", MFD_CLOEXEC);
	if (r->fd < 0 || ftruncate(r->fd, (off_t)size))
		return why_fail(why, errno, "no memory for the judge's stamps (%zu MiB): %s", size >> 20,
				strerror(errno));
	r->seen = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	if (r->seen == MAP_FAILED) {
		r->seen = NULL;
		return why_fail(why, errno, "no memory for the judge's stamps (%zu MiB): %s", size >> 20,
				strerror(errno));
	}
	*r->seen = (struct judge_shm){.magic = JUDGE_MAGIC,
				      .version = JUDGE_VERSION,
				      .header_size = sizeof(struct judge_shm),
				      .size = size,
				      .look_room = LOOK_ROOM,
				      .gap_room = GAP_ROOM,
				      .seen_room = c->frames};
	memcpy(r->seen->flow, c->flow, sizeof(c->flow));
	return 0;
}

static int start_taktd(struct rig *r, struct why *why)
{
	const struct rig_conf *c = r->conf;
	int n;

	snprintf(r->more, sizeof(r->more), "poll-gap: %" PRId64 "ns\nrecords: 262144\n", c->poll_gap_ns);
	n = snprintf(r->ports, sizeof(r->ports),
		     "  - name: guest\n    guest: %s/guest.sock\n    vlans: [%d]\n    queue-depth: %d\n"
		     "  - name: " RIG_WIRE
		     "\n    wire: \"net_memif0,role=server,id=0,socket=%s/wire.sock,socket-abstract=no\"\n"
		     "    vlans: [%d]\n    queue-depth: %d\n    traffic-class-table: [0, 1, 2, 3, 4, 5, 6, 7]\n    "
		     "link-speed: %" PRId64 "\n%s",
		     c->dir, JUDGE_VLAN, DEPTH, c->dir, JUDGE_VLAN, DEPTH, c->link_bps, c->egress);
	if (n >= (int)sizeof(r->ports))
		return why_fail(why, EINVAL, "the schedule is too long for the rig: at most %zu bytes of YAML",
				sizeof(r->ports));
	r->daemon = (struct daemon_conf){.taktd = c->taktd,
					 .dir = c->dir,
					 .name = r->name,
					 .worker_cpu = c->worker_cpu,
					 .other_cpu = c->other_cpu,
					 .more = r->more,
					 .ports = r->ports};
	daemon_ctl(r->ctl, &r->daemon);
	return daemon_start(&r->taktd, c->set, &r->daemon, why) ?: client_map(&r->shm, r->name, why);
}

static int start_judge(struct rig *r, struct why *why)
{
	char guest[DAEMON_PATH_LEN], wire[DAEMON_PATH_LEN], cpu[16];
	const char *argv[] = {r->conf->judge, "--guest", guest, "--wire", wire, "--cpu", cpu, NULL};
	struct proc_conf conf = {.name = "takt-judge", .argv = argv, .cpu = cpu, .in = r->fd};

	snprintf(guest, sizeof(guest), "%s/guest.sock", r->conf->dir);
	snprintf(wire, sizeof(wire), "%s/wire.sock", r->conf->dir);
	snprintf(cpu, sizeof(cpu), "%d", r->conf->other_cpu);
	return daemon_launch(&r->judge, r->conf->set, &conf, "ready", why);
}

/* Off the worker's CPU, and no less urgent than the judge beside us. */
static void move_over(struct rig *r)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(r->conf->other_cpu, &set);
	sched_getaffinity(0, sizeof(r->cpus), &r->cpus);
	sched_setaffinity(0, sizeof(set), &set);
	setpriority(PRIO_PROCESS, 0, -19);
}

int rig_look(struct rig *r, struct why *why)
{
	json_int_t t, bound, overruns;
	int guest, wire;
	json_t *reply;
	int rc = client_request(r->ctl, json_pack("{s:s}", "cmd", "show"), &reply, why);

	if (rc)
		return rc;
	rc = json_unpack(reply, "{s:{s:I, s:I}, s:[{s:b}, {s:b, s:{s:I}}]}", "clock", "t_now", &t, "error_bound_ns",
			 &bound, "ports", "up", &guest, "up", &wire, "counters", "overruns", &overruns);
	json_decref(reply);
	if (rc)
		return why_fail(why, EPROTO, "taktd's answer to show is not as expected");
	r->up = guest && wire;
	r->overruns = (uint64_t)overruns;
	if (room_for((void **)&r->bound, r->n_bound, 1, &r->room_bound, sizeof(*r->bound)))
		return why_fail(why, ENOMEM, "out of memory");
	r->bound[r->n_bound++] = (struct clock_bound){.t = t, .ns = bound};
	r->clock_error_ns = bound > r->clock_error_ns ? bound : r->clock_error_ns;
	r->since_look_ns = 0;
	return 0;
}

int rig_start(struct rig *r, const struct rig_conf *conf, struct why *why)
{
	int64_t left = 10 * NS_PER_SEC;
	int rc;

	*r = (struct rig){.conf = conf, .fd = -1};
	snprintf(r->name, sizeof(r->name), "rig-%d", (int)getpid());
	move_over(r);
	rc = make_result(r, why) ?: start_taktd(r, why) ?: start_judge(r, why);
	/* What comes before taktd has seen its ports come up is dropped. */
	for (; !rc && !r->up && left > 0; left -= RIG_TURN_NS)
		rc = procs_pause(conf->set, RIG_TURN_NS) ?: rig_look(r, why);
	if (!rc && left <= 0)
		rc = why_fail(why, EIO, "taktd's ports are not up after 10 s");
	return rc;
}

/* -- while it runs ----------------------------------------------------------------------------------------------- */

void rig_tell(struct rig *r, enum judge_state want)
{
	atomic_store_explicit(&r->seen->want, want, memory_order_release);
}

uint64_t rig_sent(const struct rig *r)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < JUDGE_FLOWS; i++)
		n += atomic_load_explicit(&r->seen->sent[i], memory_order_relaxed);
	return n;
}

uint64_t rig_seen(const struct rig *r)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < JUDGE_FLOWS; i++)
		n += atomic_load_explicit(&r->seen->seen[i], memory_order_relaxed);
	return n;
}

static int alive(struct proc *p, const char *name, struct why *why)
{
	char line[256] = "";
	int status, rc = proc_wait(p, 0, &status);

	if (rc == -ETIMEDOUT || rc == -EINTR)
		return rc == -EINTR ? rc : 0;
	while (proc_read_line(p, line, sizeof(line), 0) > 0)
		;
	line[strcspn(line, "\n")] = '\0';
	return why_fail(why, EIO, "%s ended, status %d; its last words: %.200s", name, status, line);
}

int rig_turn(struct rig *r, int64_t ns, struct why *why)
{
	int rc = procs_pause(r->conf->set, ns ?: RIG_TURN_NS) ?:
		 alive(r->taktd, "taktd", why) ?: alive(r->judge, "takt-judge", why);

	if (rc)
		return rc;
	r->since_look_ns += ns ?: RIG_TURN_NS;
	rc = r->since_look_ns >= LOOK_NS ? rig_look(r, why) : 0;
	if (rc)
		return rc;
	return read_all(r) ? why_fail(why, ENOMEM, "no memory for %zu records", r->n_rec) : 0;
}

int rig_drain(struct rig *r, struct why *why)
{
	int64_t idle_ns = 0;
	uint64_t seen = 0;
	int status, rc = 0;

	rig_tell(r, JUDGE_DRAINS);
	while (!rc && idle_ns < DRAIN_NS &&
	       (atomic_load(&r->seen->state) != JUDGE_DRAINS || rig_seen(r) < rig_sent(r))) {
		idle_ns = rig_seen(r) == seen ? idle_ns + RIG_TURN_NS : 0;
		seen = rig_seen(r);
		rc = rig_turn(r, 0, why);
	}
	rc = rc ?: rig_look(r, why);
	if (rc)
		return rc;
	rig_tell(r, JUDGE_ENDED);
	rc = proc_wait(r->judge, END_NS, &status);
	if (rc)
		return rc == -EINTR ? rc : why_fail(why, EIO, "takt-judge does not end");
	return read_all(r) ? why_fail(why, ENOMEM, "no memory for %zu records", r->n_rec) : 0;
}

/* -- end --------------------------------------------------------------------------------------------------------- */

void rig_stop(struct rig *r)
{
	char path[DAEMON_PATH_LEN];

	proc_stop(r->judge, DAEMON_GRACE_NS);
	proc_stop(r->taktd, DAEMON_GRACE_NS);
	r->judge = r->taktd = NULL;
	if (r->shm)
		read_all(r);
	client_unmap(r->shm);
	r->shm = NULL;
	if (r->daemon.dir)
		daemon_clean(&r->daemon);
	snprintf(path, sizeof(path), "%s/guest.sock", r->conf->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/wire.sock", r->conf->dir);
	unlink(path);
	if (CPU_COUNT(&r->cpus))
		sched_setaffinity(0, sizeof(r->cpus), &r->cpus);
}

void rig_fini(struct rig *r)
{
	if (r->seen)
		munmap(r->seen, r->seen->size);
	if (r->fd >= 0)
		close(r->fd);
	free(r->rec);
	free(r->gap);
	free(r->bound);
	*r = (struct rig){.fd = -1};
}
