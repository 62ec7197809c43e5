/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks of interfaces and of what PTP has to get past: a guest's virtio and taprio, a host's wires and taktd's schedules.
 */
#include "probes/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "probes/doctor_look.h"

#define NAME_LEN   32
#define TIMEOUT_MS 1 /* of a ptp4l 3.1.1 that is not told otherwise: how long it waits for a stamp */

/* -- a guest's interfaces ------------------------------------------------------------------------------------------ */

/* Call `look` for each interface of the driver virtio_net; said when there is none. */
static void each_virtio(struct doctor *d, void (*look)(struct doctor *d, const char *name))
{
	DIR *dir = look_dir(d->root, "/sys/class/net");
	const struct dirent *e;
	char driver[64];
	int n = 0;

	if (!dir) {
		doctor_say(d, DOCTOR_UNKNOWN, "/sys/class/net: %s", strerror(errno));
		return;
	}
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= NAME_LEN ||
		    look_link(d->root, driver, sizeof(driver), "/sys/class/net/%s/device/driver", e->d_name) || strcmp(driver, "virtio_net"))
			continue;
		look(d, e->d_name);
		n++;
	}
	closedir(dir);
	if (!n)
		doctor_say(d, DOCTOR_UNKNOWN, "no interface here has the driver virtio_net");
}

static void speed_of(struct doctor *d, const char *name)
{
	int64_t mbps;
	int err = look_int(d->root, &mbps, "/sys/class/net/%s/speed", name);

	if (err)
		doctor_say(d, DOCTOR_UNKNOWN, "%s does not tell its speed (%s): is it down?", name, strerror(-err));
	else if (mbps <= 0)
		doctor_say(d, DOCTOR_TRAP, "%s: the speed is not known, so taprio and cbs reckon with 10 Mb/s", name);
	else
		doctor_say(d, DOCTOR_OK, "%s: %" PRId64 " Mb/s", name, mbps);
}

void doctor_link_speed(struct doctor *d)
{
	each_virtio(d, speed_of);
}

static void queues_of(struct doctor *d, const char *name)
{
	int now, max, err = look_channels(d->root, name, &now, &max);

	if (err)
		doctor_say(d, DOCTOR_UNKNOWN, "%s does not tell its queue pairs: %s", name, strerror(-err));
	else if (now < max)
		doctor_say(d, DOCTOR_TRAP, "%s: %d of %d queue pairs are in use", name, now, max);
	else
		doctor_say(d, DOCTOR_OK, "%s: %d of %d queue pairs%s", name, now, max, max == 1 ? "; taprio wants one per class, which the host has to give (queues: N)" : "");
}

void doctor_queues(struct doctor *d)
{
	each_virtio(d, queues_of);
}

/* -- a guest's taprio ---------------------------------------------------------------------------------------------- */

/* The longest stretch, ns, in which the class of priority 0 is shut, and the cycle. PTP has priority 0 unless socket_priority says otherwise. */
static int64_t taprio_shut(const json_t *options, int64_t *cycle_ns)
{
	const json_t *list = json_object_get(options, "schedule");
	int64_t tc = json_integer_value(json_array_get(json_object_get(options, "map"), 0)), run = 0, longest = 0;
	size_t i, n = json_array_size(list);

	*cycle_ns = json_integer_value(json_object_get(options, "cycle_time"));
	for (i = 0; i < 2 * n; i++) { /* twice: a stretch may go on over the end of the cycle */
		const json_t *e = json_array_get(list, i % n);
		const char *mask = json_string_value(json_object_get(e, "gatemask"));

		run = mask && strtoul(mask, NULL, 16) >> tc & 1 ? 0 : run + json_integer_value(json_object_get(e, "interval"));
		if (run > longest)
			longest = run;
	}
	return longest > *cycle_ns ? *cycle_ns : longest;
}

/* How long a ptp4l here waits for its stamps, ms: the least. */
static int64_t patience_ms(const struct doctor *d)
{
	const struct doctor_proc *p = NULL;
	int64_t ms, least = INT64_MAX;
	struct why why;
	char text[32];

	while ((p = procs_next(&d->procs, "ptp4l", p)) != NULL) {
		ms = proc_option(p, "tx_timestamp_timeout", text, sizeof(text), &why) > 0 ? atoll(text) : TIMEOUT_MS;
		least = ms < least ? ms : least;
	}
	return least == INT64_MAX ? TIMEOUT_MS : least;
}

static void taprio_on(struct doctor *d, const json_t *qdisc)
{
	const char *dev = json_string_value(json_object_get(qdisc, "dev"));
	int64_t cycle_ns, shut_ns = taprio_shut(json_object_get(qdisc, "options"), &cycle_ns), patience_ns = patience_ms(d) * NS_PER_MS;
	char shut[NS_STR_LEN], cycle[NS_STR_LEN];

	ns_str(shut, shut_ns);
	ns_str(cycle, cycle_ns);
	if (cycle_ns > 0 && shut_ns >= cycle_ns)
		doctor_say(d, DOCTOR_TRAP, "%s: taprio never opens the gate of priority 0: no PTP leaves", dev ? dev : "?");
	else if (shut_ns >= patience_ns)
		doctor_say(d, DOCTOR_TRAP, "%s: taprio shuts priority 0 for %s of %s: ptp4l waits %" PRId64 " ms for its stamps", dev ? dev : "?", shut, cycle,
			   patience_ns / NS_PER_MS);
	else
		doctor_say(d, DOCTOR_OK, "%s: taprio shuts priority 0 for %s of %s at most", dev ? dev : "?", shut, cycle);
}

void doctor_taprio(struct doctor *d)
{
	json_t *all;
	const json_t *q;
	size_t i;
	int err = look_qdiscs(d->root, &all), n = 0;

	if (err == -ENOENT) {
		doctor_say(d, DOCTOR_UNKNOWN, "tc gives no answer: is iproute2 installed?");
		return;
	}
	if (err) {
		doctor_say(d, DOCTOR_UNKNOWN, "what tc prints is no JSON: before 6.5 it is so while a schedule is pending");
		return;
	}
	json_array_foreach(all, i, q) {
		const char *kind = json_string_value(json_object_get(q, "kind"));

		if (!kind || strcmp(kind, "taprio"))
			continue;
		taprio_on(d, q);
		n++;
	}
	json_decref(all);
	if (!n)
		doctor_say(d, DOCTOR_OK, "no taprio here");
}

/* -- taktd --------------------------------------------------------------------------------------------------------- */

static bool no_taktd(struct doctor *d)
{
	if (d->taktd.known)
		return false;
	doctor_say(d, DOCTOR_UNKNOWN, "%s", d->taktd.missing.text);
	return true;
}

static bool lets_ptp_out(const struct doctor_port *p)
{
	return strcmp(p->role, "deny") != 0;
}

/* The class in which PTP that came in at `from` leaves at `to`. */
static void gates_between(struct doctor *d, const struct doctor_port *from, const struct doctor_port *to, unsigned int *seen)
{
	int tc = to->class_of[from->priority];
	char shut[NS_STR_LEN], cycle[NS_STR_LEN];

	if (*seen >> tc & 1)
		return;
	*seen |= 1u << tc;
	ns_str(shut, to->stretch_ns[tc]);
	ns_str(cycle, to->cycle_ns);
	if (to->cycle_ns && to->stretch_ns[tc] >= to->cycle_ns)
		doctor_say(d, DOCTOR_TRAP, "port %s never opens the gate of class %d, which untagged PTP has", to->name, tc);
	else if (to->stretch_ns[tc] && !to->correction)
		doctor_say(d, DOCTOR_TRAP, "port %s shuts class %d, which untagged PTP has, for %s of %s, and its correction is off", to->name, tc, shut, cycle);
	else if (to->stretch_ns[tc])
		doctor_say(d, DOCTOR_OK, "port %s shuts class %d, which untagged PTP has, for %s of %s; the wait is corrected", to->name, tc, shut, cycle);
}

void doctor_ptp_gates(struct doctor *d)
{
	const struct doctor_taktd *t = &d->taktd;
	int i, k, said;

	if (no_taktd(d))
		return;
	said = d->said;
	for (i = 0; i < t->ports; i++) {
		unsigned int seen = 0;

		for (k = 0; k < t->ports; k++)
			if (k != i && t->port[i].cycle_ns && lets_ptp_out(&t->port[i]) && lets_ptp_out(&t->port[k]))
				gates_between(d, &t->port[k], &t->port[i], &seen);
	}
	if (d->said == said)
		doctor_say(d, DOCTOR_OK, "no schedule shuts the class of untagged PTP");
}

void doctor_ptp_roles(struct doctor *d)
{
	const struct doctor_taktd *t = &d->taktd;
	int i, guests = 0, silent = 0, said;

	if (no_taktd(d))
		return;
	said = d->said;
	for (i = 0; i < t->ports; i++) {
		const struct doctor_port *p = &t->port[i];

		if (strcmp(p->kind, "guest"))
			continue;
		guests++;
		silent += !p->role[0];
		if (!strcmp(p->role, "transparent") || !strcmp(p->role, "server-allowed"))
			doctor_say(d, DOCTOR_TRAP, "guest %s has the role %s: it may give time to the host's network", p->name, p->role);
	}
	if (silent)
		doctor_say(d, DOCTOR_UNKNOWN, "this taktd does not tell the ports' roles in PTP: it is older than this takt");
	else if (d->said == said)
		doctor_say(d, DOCTOR_OK, "%d guest%s, none of which may give time", guests, guests == 1 ? "" : "s");
}

void doctor_wire_speed(struct doctor *d)
{
	const struct doctor_taktd *t = &d->taktd;
	int64_t mbps;
	int i, n = 0;

	if (no_taktd(d))
		return;
	for (i = 0; i < t->ports; i++) {
		const struct doctor_port *p = &t->port[i];

		if (!p->interface[0])
			continue;
		n++;
		if (look_int(d->root, &mbps, "/sys/class/net/%s/speed", p->interface) || mbps <= 0)
			doctor_say(d, DOCTOR_UNKNOWN, "port %s: %s does not tell its speed", p->name, p->interface);
		else if (mbps * 1000000 < p->link_bps)
			doctor_say(d, DOCTOR_TRAP, "port %s reckons with %" PRId64 " Mb/s, and %s has %" PRId64, p->name, p->link_bps / 1000000, p->interface, mbps);
		else
			doctor_say(d, DOCTOR_OK, "port %s reckons with %" PRId64 " Mb/s, %s has %" PRId64, p->name, p->link_bps / 1000000, p->interface, mbps);
	}
	if (!n)
		doctor_say(d, DOCTOR_OK, "no wire with a kernel interface");
}
