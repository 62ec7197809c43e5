/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/axis.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "base/ns.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define AS_TRAFFIC "traffic"	/* whatever `traffic:` says */

static int check_int(const char *value, int64_t min, int64_t max, const char *what, struct why *why)
{
	int64_t n;
	int used = 0;

	if (sscanf(value, "%" SCNd64 "%n", &n, &used) == 1 && !value[used] && *value != '+' && n >= min && n <= max)
		return 0;
	return why_fail(why, EINVAL, "\"%.40s\" is no %s: give %" PRId64 " to %" PRId64, value, what, min, max);
}

static int check_size(const char *value, struct why *why)
{
	return strcmp(value, AS_TRAFFIC) ? check_int(value, 64, 1518, "size of a frame in bytes", why) : 0;
}

static int check_cycle(const char *value, struct why *why)
{
	int64_t ns;

	if (!strcmp(value, AS_TRAFFIC) || (!ns_parse(&ns, value, NULL) && ns >= 50 * NS_PER_US && ns <= NS_PER_SEC))
		return 0;
	return why_fail(why, EINVAL, "\"%.40s\" is no cycle: give 50us to 1s", value);
}

static int check_queues(const char *value, struct why *why)
{
	return check_int(value, 1, 8, "number of queue pairs", why);
}

static int check_neighbours(const char *value, struct why *why)
{
	return check_int(value, 0, 8, "number of further guests", why);
}

const struct axis axes[AXES] = {
	[AXIS_BACKEND] = { "backend", "taktd",
		LIST("veth", "taktd", "testpmd", "ovs-dpdk", "ovs-kernel", "qemu-bridge", "qemu-macvtap", "vhost-net", "hosts"), NULL,
		"what carries frames between the wire and the guest",
		LIST("nothing: both ends of one veth pair, the floor of all others", "this project's vhost-user switch",
		     "DPDK's testpmd, io forwarding between vhost-user and the wire", "Open vSwitch's DPDK datapath, vhost-user",
		     "Open vSwitch's kernel datapath, tap", "QEMU's own virtio-net on a tap in a kernel bridge",
		     "QEMU's own virtio-net on a macvtap", "the kernel's vhost-net on a tap in a kernel bridge",
		     "whatever is between the two hosts that `hosts` names") },
	[AXIS_GUEST] = { "guest", "uml", LIST("none", "uml", "qemu-6.1", "qemu-6.1-rt", "qemu-6.12", "qemu-6.12-rt", "virtio-user"), NULL,
		"what is behind the backend",
		LIST("no guest: a second wire, in a namespace of its own", "User Mode Linux: a process, whose clock is joined with the host's by its TSC", "QEMU with Debian's kernel 6.1",
		     "the same, PREEMPT_RT", "QEMU with Debian's kernel 6.12", "the same, PREEMPT_RT", "DPDK's virtio-user: a guest without a kernel") },
	[AXIS_DIRECTION] = { "direction", "to-guest", LIST("to-guest", "from-guest", "guest-to-guest", "round-trip"), NULL,
		"where frames go", LIST("wire to guest", "guest to wire", "one guest to another", "wire to guest and back") },
	[AXIS_LOAD] = { "load", "none", LIST("none", "flood", "iperf3", "cpu", "memory", "interrupts"), NULL,
		"what else happens meanwhile",
		LIST("nothing", "full frames of priority 0 through the same port", "UDP by iperf3 the same way", "arithmetic on the CPU that is not the backend's",
		     "streaming through memory from there", "timers that fire there") },
	[AXIS_SCHEDULE] = { "schedule", "none", NULL, NULL, "schedule of the port that frames leave by: none, or a name of `schedules`; taktd only", NULL },
	[AXIS_SIZE] = { "size", AS_TRAFFIC, NULL, check_size, "bytes of a frame with its tag, without FCS: 64 to 1518; traffic: as `traffic` says", NULL },
	[AXIS_CYCLE] = { "cycle", AS_TRAFFIC, NULL, check_cycle, "a frame that often: 50us to 1s; traffic: as `traffic` says", NULL },
	[AXIS_QUEUES] = { "queues", "1", NULL, check_queues, "queue pairs of the guest: 1 to 8", NULL },
	[AXIS_NEIGHBOURS] = { "neighbours", "0", NULL, check_neighbours, "further guests that send, each a frame a cycle: 0 to 8", NULL },
	[AXIS_CORRECTION] = { "correction", "none", LIST("none", "off", "on"), NULL,
		"PTP through the backend while frames go", LIST("no PTP", "PTP, its residence time not corrected", "PTP, corrected as a transparent clock does") },
};

int axis_find(const char *name)
{
	int i;

	for (i = 0; i < AXES; i++)
		if (!strcmp(axes[i].name, name))
			return i;
	return -1;
}

static bool among(const char *const *list, const char *value)
{
	for (; list && *list; list++)
		if (!strcmp(*list, value))
			return true;
	return false;
}

static int refuse(const struct axis *a, const char *value, const char *const *list, const char *first, struct why *why)
{
	const char *const *v;
	char all[200] = "";
	struct near near;
	size_t used;

	near_init(&near, value);
	snprintf(all, sizeof(all), "%s", first);
	if (*first)
		near_try(&near, first);
	for (v = list; v && *v; v++) {
		near_try(&near, *v);
		used = strlen(all);
		snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", *v);
	}
	if (near.best)
		return why_fail(why, EINVAL, "%s: \"%.40s\" is none of %s: did you mean %s?", a->name, value, all, near.best);
	return why_fail(why, EINVAL, "%s: \"%.40s\" is none of %s", a->name, value, all);
}

int axis_check(int axis, const char *value, const char *const *schedules, struct why *why)
{
	const struct axis *a = &axes[axis];
	int rc;

	if (a->check) {
		rc = a->check(value, why);
		if (rc)
			why_at(why, "%s", a->name);
		return rc;
	}
	if (a->values)
		return among(a->values, value) ? 0 : refuse(a, value, a->values, "", why);
	return !strcmp(value, a->value) || among(schedules, value) ? 0 : refuse(a, value, schedules, a->value, why);
}

static void print_values(struct out *o, const struct axis *a)
{
	size_t i;

	out_array(o, "values");
	for (i = 0; a->values && a->values[i]; i++) {
		out_object(o, NULL);
		out_str(o, "name", a->values[i], "    %-15s", a->values[i]);
		out_str(o, "help", a->values_help[i], "%s\n", a->values_help[i]);
		out_end(o);
	}
	out_end(o);
}

void axis_print(struct out *o)
{
	int i;

	out_array(o, NULL);
	for (i = 0; i < AXES; i++) {
		const struct axis *a = &axes[i];

		out_object(o, NULL);
		out_str(o, "name", a->name, "%s%s%s", out_style(o, OUT_BOLD), a->name, out_style(o, OUT_PLAIN));
		out_str(o, "default", a->value, " (default %s)", a->value);
		out_str(o, "help", a->help, ": %s\n", a->help);
		print_values(o, a);
		out_end(o);
	}
	out_end(o);
}
