/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/blame_rig.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/said.h"
#include "ptp/now.h"
#include "vnet/client.h"

#define VID	  "5"
#define NOBODY	  "02:00:00:00:fe:ed" /* it is sent out by the other port */
#define READY_NS  (2500 * NS_PER_MS)  /* until takt blame has its programs in the kernel and a second to begin with */
#define AFTER_NS  (1500 * NS_PER_MS)  /* what it goes on to read after its interval */
#define LINK_UP_NS (20 * NS_PER_SEC)
#define GRACE_NS  (30 * NS_PER_SEC)   /* to work it all out */

int64_t blame_rig_now(void)
{
	return now_of(CLOCK_TAI);
}

/* -- wires --------------------------------------------------------------------------------------------------------- */

static int make_nets(struct blame_rig *r, struct why *why)
{
	static const char *const name[] = {"middle", "near", "far"};
	struct netns_conf c[3] = {{0}};
	struct netns **ns[3] = {&r->middle, &r->near, &r->far};
	int i, rc = 0;

	for (i = 0; i < 3; i++)
		snprintf(r->net[i], sizeof(r->net[i]), "takt-blame-%d-%s", (int)getpid(), name[i]);
	c[0] = (struct netns_conf){.name = r->net[0]};
	c[1] = (struct netns_conf){.name = r->net[1], .host_ns = r->net[0], .host_if = "m1", .peer_if = "m0"};
	c[2] = (struct netns_conf){.name = r->net[2], .host_ns = r->net[0], .host_if = "c1", .peer_if = "c0"};
	for (i = 0; i < 3 && !rc; i++)
		rc = netns_create(ns[i], r->conf->set, &c[i], why);
	return rc;
}

/* A wire, and a guest's socket. */
static void put_guest_ports(struct blame_rig *r)
{
	snprintf(r->ports, sizeof(r->ports),
		 "  - {name: c1, wire: \"net_af_packet0,iface=c1\", link-speed: 1000000000}\n"
		 "  - {name: g, guest: %s/g.sock, link-speed: 1000000000}\n", r->conf->dir);
}

static void put_ports(struct blame_rig *r)
{
	static const char port[] = "  - name: %s\n    wire: \"net_af_packet%d,iface=%s,blocksz=16384,framesz=2048,framecnt=8,qdisc_bypass=0\"\n"
				   "    link-speed: 1000000000\n    vlans: [" VID "]\n    queue-depth: 4096\n%s";
	static const char gates[] = "    gate-parameters: {admin-control-list: [\"S 80 4000000\", \"S 7f 16000000\"]}\n";
	int n = snprintf(r->ports, sizeof(r->ports), port, "m1", 0, "m1", "");

	snprintf(r->ports + n, sizeof(r->ports) - (size_t)n, port, "c1", 1, "c1", r->conf->scene == BLAME_CLOCK ? gates : "");
}

static bool are_up(const struct blame_rig *r)
{
	json_t *reply = NULL, *port;
	bool up = !client_request(r->ctl, json_pack("{s:s}", "cmd", "show"), &reply, NULL);
	size_t i;

	json_array_foreach(json_object_get(reply, "ports"), i, port)
		up &= json_is_true(json_object_get(port, "up"));
	json_decref(reply);
	return up;
}

static int start_taktd(struct blame_rig *r, struct why *why)
{
	const struct blame_rig_conf *c = r->conf;
	char path[PATH_MAX];
	int64_t waited;
	int rc;

	if (c->scene == BLAME_GUEST)
		put_guest_ports(r);
	else
		put_ports(r);
	snprintf(r->name, sizeof(r->name), "blame-%d", (int)getpid() % 100000);
	r->daemon = (struct daemon_conf){
		.taktd = c->taktd, .dir = c->dir, .name = r->name, .worker_cpu = c->worker_cpu, .other_cpu = c->other_cpu,
		.netns = r->net[0], .small_pages = true, .more = "records: 65536\n", .ports = r->ports,
	};
	daemon_ctl(r->ctl, &r->daemon);
	if (c->scene == BLAME_CLOCK) {
		snprintf(path, sizeof(path), "%s/clock_shim.so", c->clock_dir);
		setenv("LD_PRELOAD", path, 1);
		blame_rig_shim(r, path, sizeof(path));
		setenv("CLOCK_SHIM", path, 1);
	}
	rc = daemon_start(&r->taktd, c->set, &r->daemon, why);
	unsetenv("LD_PRELOAD");
	rc = rc ?: client_map(&r->shm, r->name, why);
	for (waited = 0; !rc && c->scene != BLAME_GUEST && !are_up(r) && waited < LINK_UP_NS; waited += NS_PER_SEC / 10)
		rc = procs_pause(c->set, NS_PER_SEC / 10);
	return rc;
}

/* Frames of both classes, a millisecond apart, half a millisecond from each other. */
static int start_talkers(struct blame_rig *r, struct why *why)
{
	static const char *const priority[] = {"7", "6"}, *const phase[] = {"0", "500us"};
	char cpu[16];
	int i, rc = 0;

	snprintf(cpu, sizeof(cpu), "%d", r->conf->other_cpu);
	for (i = 0; i < 2 && !rc; i++) {
		const char *argv[] = {r->conf->takt, "send", "-i", "m0", "-d", NOBODY, "-v", VID, "-p", priority[i], "--phase", phase[i], NULL};
		const struct proc_conf p = {.name = "takt send", .argv = argv, .netns = r->net[1], .cpu = cpu, .nice = -10};

		rc = proc_start(&r->talker[i], r->conf->set, &p, why);
	}
	return rc;
}

/* -- all ----------------------------------------------------------------------------------------------------------- */

/* Niceness counts within a session's group only, where the kernel has such: ours is to be as urgent as its members. */
static void be_urgent(void)
{
	FILE *f = fopen("/proc/self/autogroup", "we");

	if (!f)
		return;
	fprintf(f, "-20");
	fclose(f);
}

int blame_rig_start(struct blame_rig *r, const struct blame_rig_conf *conf, struct why *why)
{
	be_urgent();
	memset(r, 0, sizeof(*r));
	r->conf = conf;
	snprintf(r->out, sizeof(r->out), "%s/blame.json", conf->dir);
	return make_nets(r, why) ?: start_taktd(r, why) ?: (conf->scene == BLAME_GUEST ? blame_guest_start(r, why) : start_talkers(r, why))
	       ?: blame_inject_open(r, why);
}

void blame_rig_stop(struct blame_rig *r)
{
	char path[PATH_MAX];
	int i;

	if (!r->conf)
		return;
	blame_inject_close(r);
	proc_stop(r->blame, DAEMON_GRACE_NS);
	for (i = 0; i < 2; i++)
		proc_stop(r->talker[i], DAEMON_GRACE_NS);
	proc_stop(r->guest, DAEMON_GRACE_NS);
	proc_stop(r->taktd, DAEMON_GRACE_NS);
	if (r->taktd)
		daemon_clean(&r->daemon);
	client_unmap(r->shm);
	free(r->gap);
	blame_guest_clean(r);
	netns_destroy(r->far);
	netns_destroy(r->near);
	netns_destroy(r->middle);
	blame_rig_shim(r, path, sizeof(path));
	unlink(path);
	unlink(r->out);
	memset(r, 0, sizeof(*r));
}

int blame_rig_watch(struct blame_rig *r, int64_t ns, int64_t late_ns, struct why *why)
{
	char near[80], far[80], guest[160], interval[32], late[32], cpu[16];
	const char *argv[24] = {r->conf->takt, "blame", "--name", r->ctl, "--json", "--top", "0", "--interval", interval, late_ns ? "--threshold" : "--worst", late};
	const struct proc_conf p = {.name = "takt blame", .argv = argv, .log = r->out, .cpu = cpu, .nice = -15};
	struct blame_deed past;
	size_t n_past = 0;
	int n = 11;

	snprintf(cpu, sizeof(cpu), "%d", r->conf->other_cpu);
	snprintf(interval, sizeof(interval), "%" PRId64 "ns", ns + AFTER_NS);
	snprintf(late, sizeof(late), late_ns ? "%" PRId64 "ns" : "1%%", late_ns);
	snprintf(near, sizeof(near), "m1=m0@%s", r->net[1]);
	snprintf(far, sizeof(far), "c1=c0@%s", r->net[2]);
	snprintf(guest, sizeof(guest), "g=%s/g.ev", r->conf->dir);
	if (r->conf->scene != BLAME_CLOCK) { /* another clock than the kernel's */
		argv[n++] = r->conf->scene == BLAME_GUEST ? "--guest" : "--wire";
		argv[n++] = r->conf->scene == BLAME_GUEST ? guest : near;
		argv[n++] = "--wire";
		argv[n++] = far;
		argv[n++] = "--host";
		argv[n++] = "live";
	}
	return proc_start(&r->blame, r->conf->set, &p, why) ?: blame_rig_pause(r, READY_NS, &past, &n_past, 0, why);
}

int blame_rig_told(struct blame_rig *r, json_t **told, struct why *why)
{
	struct proc *blame = r->blame;

	r->blame = NULL;
	return said_wait(told, blame, "takt blame", r->out, GRACE_NS, why);
}

int blame_rig_gaps(struct blame_rig *r, struct why *why)
{
	struct rec_gap some[64];
	uint64_t lost = 0;
	struct blame_gap *more;
	uint32_t k, got;

	while ((got = rec_read_gaps(r->shm, &r->gap_pos, some, 64, &lost))) {
		more = reallocarray(r->gap, r->n_gaps + got, sizeof(*more));
		if (!more)
			return why_fail(why, ENOMEM, "out of memory");
		r->gap = more;
		for (k = 0; k < got; k++)
			r->gap[r->n_gaps++] = (struct blame_gap){some[k].t_begin, some[k].t_end};
	}
	return lost ? why_fail(why, EIO, "%" PRIu64 " poll gaps were lost: this machine is too busy", lost) : 0;
}

int64_t blame_rig_steps(const struct blame_rig *r, int64_t *t_step)
{
	json_t *reply = NULL, *clock;
	int64_t n;

	if (client_request(r->ctl, json_pack("{s:s}", "cmd", "show"), &reply, NULL))
		return -1;
	clock = json_object_get(reply, "clock");
	n = json_integer_value(json_object_get(json_object_get(clock, "counters"), "steps"));
	*t_step = json_integer_value(json_object_get(clock, "t_last_step"));
	json_decref(reply);
	return n;
}

void blame_rig_shim(const struct blame_rig *r, char *path, size_t size)
{
	snprintf(path, size, "%s/shim", r->conf->dir);
}
