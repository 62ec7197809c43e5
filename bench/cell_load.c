/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happens beside the frames that are measured. A flood has a quarter of a Gb/s: full frames of priority 0, 20 at once, a thousand times a second, towards the listener.
 */
#include "bench/cell_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/backend.h"

#define START_NS  (30 * NS_PER_SEC)
#define SETTLE_NS (300 * NS_PER_MS)
#define FLOOD "-s 1514 -r 20000 -b 20 -e " CELL_ETHERTYPE_BESIDE

struct load {
	const char *name;
	int (*can)(const struct cell *c, struct why *why);	/* NULL: always */
	int (*start)(struct cell_run *r, struct why *why);	/* NULL: nothing to do */
};

static int to_of(const struct cell_run *r)
{
	return r->reflector < 0 ? r->listener : r->reflector;
}

/* -- flood ------------------------------------------------------------------------------------------------------------ */

static int flood_can(const struct cell *c, struct why *why)
{
	const struct backend *b = backend_find(c->value[AXIS_BACKEND]);

	if (!b->many && !b->direct && strcmp(c->value[AXIS_DIRECTION], "to-guest") && strcmp(c->value[AXIS_DIRECTION], "round-trip"))
		return why_fail(why, ENOTSUP, "%s: a flood beside a guest comes from a further guest, and it has two ports only: backend has to be taktd or ovs-dpdk, or load cpu, memory", b->name);
	return 0;
}

/* From where the frames come, or from a further guest beside the one that they come from. */
static int flood_start(struct cell_run *r, struct why *why)
{
	struct cell_end *from = r->end[END_NOISE].kind && !r->backend->direct ? &r->end[END_NOISE] : &r->end[r->talker];
	struct words w = {0};

	words_split(&w, "%s send -i %s -d %s -v %" PRId64 " %s", cell_is_vm(from) ? "takt" : r->takt, from->iface, r->end[to_of(r)].mac, r->c->traffic.vlan, FLOOD);
	if (cell_is_vm(from))
		return cell_boot(r, from, "flood", &w, why);
	return cell_start(&r->load[0], r, from, "flood", "flood.log", &w, why);
}

/* -- iperf3 ----------------------------------------------------------------------------------------------------------- */

#define SERVER_IP "10.77.7.1"
#define CLIENT_IP "10.77.7.2"

static int iperf3_can(const struct cell *c, struct why *why)
{
	if (strcmp(c->value[AXIS_GUEST], "none"))
		return why_fail(why, ENOTSUP, "load iperf3: guests have no iperf3: guest has to be none, or load flood");
	return backend_needs("load iperf3", "iperf3", "iperf3", why);
}

static int give_ip(struct cell_run *r, const struct cell_end *e, const char *ip, struct why *why)
{
	struct words w = {0};

	words_split(&w, "ip -n %s addr add %s/24 dev %s", e->name, ip, e->iface);
	return cell_do(r, &w, why);
}

/* UDP, as much as a flood, the way that the frames go. Untagged, so it is of another VLAN than they are where they have one. */
static int iperf3_start(struct cell_run *r, struct why *why)
{
	struct cell_end *from = &r->end[r->talker], *to = &r->end[to_of(r)];
	struct words server = {0}, client = {0};
	int rc;

	words_split(&server, "iperf3 -s -1 --forceflush");
	words_split(&client, "iperf3 -c " SERVER_IP " -u -b 240M -l 1400 -t 3600 --forceflush");
	rc = give_ip(r, to, SERVER_IP, why) ?: give_ip(r, from, CLIENT_IP, why);
	rc = rc ?: cell_start(&r->load[0], r, to, "iperf3 -s", "iperf3-server.log", &server, why) ?: proc_wait_line(r->load[0], "listening", NULL, 0, START_NS);
	rc = rc ?: cell_start(&r->load[1], r, from, "iperf3 -c", "iperf3.log", &client, why) ?: proc_wait_line(r->load[1], "Interval", NULL, 0, START_NS);
	return rc == -EPIPE || rc == -ETIMEDOUT ? why_fail(why, EIO, "iperf3 did not start: see iperf3.log and iperf3-server.log") : rc;
}

/* -- on the CPU that is not the backend's ------------------------------------------------------------------------------- */

static int stress_can(const struct cell *c, struct why *why)
{
	char load[64];

	snprintf(load, sizeof(load), "load %s", c->value[AXIS_LOAD]);
	return backend_needs(load, "stress-ng", "stress-ng", why);
}

/* Not as urgent as what is measured. It would end by itself, were we gone. */
static int stress(struct cell_run *r, const char *what, struct why *why)
{
	struct words w = {0};

	words_split(&w, "nice -n %d stress-ng --quiet --timeout 3600 --temp-path " CELL_ROOM " %s", CELL_URGENT_STEPS, what);
	return cell_start(&r->load[0], r, NULL, "stress-ng", "stress-ng.log", &w, why) ?: procs_pause(r->set, SETTLE_NS);
}

static int cpu_start(struct cell_run *r, struct why *why)
{
	return stress(r, "--cpu 1 --cpu-method matrixprod", why);
}

static int memory_start(struct cell_run *r, struct why *why)
{
	return stress(r, "--stream 1", why);
}

static int interrupts_start(struct cell_run *r, struct why *why)
{
	return stress(r, "--timer 1 --timer-freq 20000", why);
}

static const struct load loads[] = {
	{ "none", NULL, NULL },
	{ "flood", flood_can, flood_start },
	{ "iperf3", iperf3_can, iperf3_start },
	{ "cpu", stress_can, cpu_start },
	{ "memory", stress_can, memory_start },
	{ "interrupts", stress_can, interrupts_start },
};

/* Whoever makes it has to be there until the end. 0, or -EIO and a sentence. */
int cell_load_watch(struct cell_run *r, struct why *why)
{
	int i, status;

	for (i = 0; i < CELL_LOADS; i++)
		if (r->load[i] && proc_wait(r->load[i], 0, &status) != -ETIMEDOUT)
			return why_fail(why, EIO, "load %s ended with %d while frames went: see its log", r->c->value[AXIS_LOAD], status);
	return 0;
}

/* -- neighbours ------------------------------------------------------------------------------------------------------- */

static int start_neighbour(struct cell_run *r, struct cell_end *e, struct why *why)
{
	const struct cell_traffic *t = &r->c->traffic;
	int to = to_of(r) == END_GUEST ? END_FAR : to_of(r);	/* where guests send to: the wire, but for guest-to-guest */
	struct words w = {0};

	words_split(&w, "%s send -i %s -d %s -v %" PRId64 " -p %" PRId64 " -s %" PRId64 " --cycle %" PRId64 "ns -e " CELL_ETHERTYPE_BESIDE,
		    cell_is_vm(e) ? "takt" : r->takt, e->iface, r->end[to].mac, t->vlan, t->priority, t->size, t->cycle_ns);
	if (cell_is_vm(e))
		return cell_boot(r, e, "send", &w, why);
	return cell_start(&r->load[2 + e - &r->end[END_NEIGHBOUR]], r, e, e->name, NULL, &w, why);
}

static const struct load *find(const struct cell *c)
{
	size_t i;

	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (!strcmp(loads[i].name, c->value[AXIS_LOAD]))
			return &loads[i];
	return NULL;
}

int cell_load_can(const struct cell *c, struct why *why)
{
	const struct load *l = find(c);

	if (!l)
		return why_fail(why, ENOTSUP, "load %s: nothing here makes it", c->value[AXIS_LOAD]);
	return l->can ? l->can(c, why) : 0;
}

int cell_load_start(struct cell_run *r, struct why *why)
{
	const struct load *l = find(r->c);
	int i, rc = 0;

	for (i = END_NEIGHBOUR; i < CELL_ENDS && !rc; i++)
		if (r->end[i].kind)
			rc = start_neighbour(r, &r->end[i], why);
	return rc ?: l->start ? l->start(r, why) : 0;
}
