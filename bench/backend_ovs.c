/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Open vSwitch, with DPDK or with the kernel's datapath: a database, a switch and a bridge of a cell's own, all in its room, and huge pages that are borrowed; one polling thread on the worker's CPU. With DPDK guests come by ports of type dpdkvhostuser: the switch listens,
 * as taktd does; with the kernel by a tap.
 */
#include "bench/backends.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/daemon.h"
#include "bench/hugepages.h"

#define SWITCH "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk" /* Debian's, whatever its alternatives say */
#define KERNEL_SWITCH "/usr/lib/openvswitch-switch/ovs-vswitchd"
#define SCHEMA "/usr/share/openvswitch/vswitch.ovsschema"
#define PAGES  320 /* huge ones of 2 MiB: it always adds --in-memory, which does not go with small ones */
#define DB     "unix:" CELL_ROOM "/db.sock"

static int can(const struct cell *c, struct why *why)
{
	(void)c;
	if (access(SWITCH, X_OK))
		return why_fail(why, ENOTSUP, "ovs-dpdk: %s is not there: apt-get install openvswitch-switch-dpdk", SWITCH);
	return backend_needs("ovs-dpdk", "ovs-vsctl", "openvswitch-switch", why);
}

static int kernel_can(const struct cell *c, struct why *why)
{
	(void)c;
	if (access("/sys/module/openvswitch", F_OK))
		return why_fail(why, ENOTSUP, "ovs-kernel: the module openvswitch is not loaded: modprobe openvswitch, where the kernel has it");
	if (access(KERNEL_SWITCH, X_OK))
		return why_fail(why, ENOTSUP, "ovs-kernel: %s is not there: apt-get install openvswitch-switch", KERNEL_SWITCH);
	return backend_needs("ovs-kernel", "ovs-vsctl", "openvswitch-switch", why);
}

static int tell(struct cell_run *r, struct why *why, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int tell(struct cell_run *r, struct why *why, const char *fmt, ...)
{
	char line[1024], all[2048];
	struct words w = {0};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	words_split(&w, "ovs-vsctl --db=" DB " --timeout=30 %s", line);
	json_array_append_new(r->commands, json_string(words_line(all, sizeof(all), &w)));
	return cell_do(r, &w, why);
}

static int start_db(struct cell_run *r, struct why *why)
{
	struct words make = {0}, w = {0};

	words_split(&make, "ovsdb-tool create " CELL_ROOM "/conf.db " SCHEMA);
	words_split(&w, "ovsdb-server --remote=p" DB " --unixctl=" CELL_ROOM "/ovsdb.ctl -vconsole:info " CELL_ROOM "/conf.db");
	return cell_do(r, &make, why) ?: backend_launch(&r->device[0], r, "ovsdb-server", "ovsdb-server", &w, why);
}

static int run_switch(struct cell_run *r, const char *program, const char *ready, struct why *why)
{
	struct words w = {0};

	words_split(&w, "env OVS_RUNDIR=" CELL_ROOM " OVS_LOGDIR=" CELL_ROOM " %s --unixctl=" CELL_ROOM "/vswitchd.ctl -vconsole:info " DB, program);
	return backend_launch(&r->device[1], r, "ovs-vswitchd", ready, &w, why);
}

static int start_switch(struct cell_run *r, struct why *why)
{
	struct words extra = {0};
	int rc;

	words_split(&extra, "ovs-vsctl --db=" DB " --timeout=30 --no-wait set Open_vSwitch .");
	words_add(&extra, "other_config:dpdk-extra=--no-pci --no-telemetry");
	rc = tell(r, why, "--no-wait init") ?:
	     tell(r, why, "--no-wait set Open_vSwitch . other_config:dpdk-init=true other_config:pmd-cpu-mask=0x%x other_config:dpdk-lcore-mask=0x%x",
		  1u << r->c->worker_cpu, 1u << r->c->other_cpu) ?:
	     cell_do(r, &extra, why);
	return rc ?: run_switch(r, SWITCH, "DPDK Enabled - initialized", why);
}

static int add_port(struct cell_run *r, const struct cell_end *e, int i, struct why *why)
{
	char socket[BACKEND_SOCKET_LEN];

	if (e->kind == END_WIRE)
		return tell(r, why, "add-port br0 %s -- set Interface %s type=dpdk options:dpdk-devargs=net_af_packet%d,iface=%s", e->name, e->name, i, e->port);
	backend_socket(r, e, socket);
	return tell(r, why, "add-port br0 %s -- set Interface %s type=dpdkvhostuser", strrchr(socket, '/') + 1, strrchr(socket, '/') + 1);
}

static int start(struct cell_run *r, struct why *why)
{
	int64_t *borrowed = calloc(1, sizeof(*borrowed));
	int i, rc;

	r->backend_state = borrowed;
	rc = borrowed ? hugepages_borrow(borrowed, PAGES, why) : why_fail(why, ENOMEM, "out of memory");
	rc = rc ?: start_db(r, why) ?: start_switch(r, why) ?: tell(r, why, "add-br br0 -- set bridge br0 datapath_type=netdev");
	for (i = 0; i < CELL_ENDS && !rc; i++)
		if (r->end[i].kind)
			rc = add_port(r, &r->end[i], i, why);
	return rc ?: backend_relay(r, why);
}

static int kernel_start(struct cell_run *r, struct why *why)
{
	int i, rc;

	rc = start_db(r, why) ?: tell(r, why, "--no-wait init") ?: run_switch(r, KERNEL_SWITCH, "ovs-vswitchd (Open vSwitch)", why) ?: tell(r, why, "add-br br0");
	for (i = 0; i < CELL_ENDS && !rc; i++) {
		if (r->end[i].kind == END_QEMU)
			rc = backend_tap(r, &r->end[i], false, why);
		if (!rc && r->end[i].kind)
			rc = tell(r, why, "add-port br0 %s", r->end[i].port);
	}
	return rc;
}

/* What lies in its room. */
static void stop(struct cell_run *r)
{
	static const char *const files[] = {"conf.db", ".conf.db.~lock~", "db.sock", "ovsdb.ctl", "vswitchd.ctl", "br0.mgmt", "br0.snoop", "ovs-vswitchd.log"};
	char path[128];
	size_t i;

	for (i = 2; i-- > 0;) {
		proc_stop(r->device[i], DAEMON_GRACE_NS);
		r->device[i] = NULL;
	}
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), CELL_ROOM "/%s", files[i]);
		unlink(path);
	}
	if (r->backend_state)
		hugepages_return(*(int64_t *)r->backend_state);
}

const struct backend backend_ovs_dpdk = { .name = "ovs-dpdk", .package = "openvswitch-switch-dpdk", .can = can, .start = start, .stop = stop, .vhost_user = true, .many = true, .queues = true };

const struct backend backend_ovs_kernel = { .name = "ovs-kernel", .package = "openvswitch-switch", .can = kernel_can, .start = kernel_start, .stop = stop, .qemu_tap = true, .many = true };
