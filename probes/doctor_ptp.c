/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks of ptp4l and of who else steers the clock. What a ptp4l was started with is in its command line and file; what nobody
 * wrote there is linuxptp's default, and that of tx_timestamp_timeout depends on the version: 1 ms in 3.1.1, 10 ms from 4.0 on.
 */
#include "probes/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probes/doctor_look.h"

#define SOFT_MS	      50     /* kernel stamps come when the driver sends: behind queues, gates and a backend that lost its CPU */
#define HARD_MS	      10     /* linuxptp's own default from 4.0 on */
#define NEIGHBOUR_NS  100000 /* software-stamped links measured 2 to 40 us of peer delay */

/* A ptp4l, or what can be said when there is none. */
static const struct doctor_proc *next_ptp4l(struct doctor *d, const struct doctor_proc *after)
{
	const struct doctor_proc *p = procs_next(&d->procs, "ptp4l", after);

	if (p || after)
		return p;
	if (!d->procs.known)
		doctor_say(d, DOCTOR_UNKNOWN, "%s", d->procs.missing.text);
	else if (d->procs.more)
		doctor_say(d, DOCTOR_UNKNOWN, "too many daemons run to look at all");
	else
		doctor_say(d, DOCTOR_OK, "no ptp4l runs here");
	return NULL;
}

/* Its value as a number; `def` when it is not set. -errno when it cannot be told, which has been said then. */
static int option_int(struct doctor *d, const struct doctor_proc *p, const char *name, long def, long *out, bool *set)
{
	char text[64] = "", *end;
	struct why why;
	int found = proc_option(p, name, text, sizeof(text), &why);

	*set = found > 0;
	*out = def;
	if (found < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, "ptp4l %d: %s", p->pid, why.text);
		return found;
	}
	if (!found)
		return 0;
	*out = strtol(text, &end, 0);
	if (end != text && !*end)
		return 0;
	doctor_say(d, DOCTOR_UNKNOWN, "ptp4l %d: %s is \"%s\", which is no number", p->pid, name, text);
	return -EINVAL;
}

/* Does the option have this value? As option_int() about what cannot be told. */
static int option_is(struct doctor *d, const struct doctor_proc *p, const char *name, const char *value, bool *is)
{
	char text[64] = "";
	struct why why;
	int found = proc_option(p, name, text, sizeof(text), &why);

	*is = found > 0 && !strcasecmp(text, value);
	if (found < 0)
		doctor_say(d, DOCTOR_UNKNOWN, "ptp4l %d: %s", p->pid, why.text);
	return found < 0 ? found : 0;
}

void doctor_tx_timeout(struct doctor *d)
{
	const struct doctor_proc *p = NULL;
	bool soft, set;
	long ms;

	while ((p = next_ptp4l(d, p)) != NULL) {
		long least;

		if (option_is(d, p, "time_stamping", "software", &soft) || option_int(d, p, "tx_timestamp_timeout", 1, &ms, &set))
			continue;
		least = soft ? SOFT_MS : HARD_MS;
		if (ms >= least)
			doctor_say(d, DOCTOR_OK, "ptp4l %d: %ld ms", p->pid, ms);
		else if (set)
			doctor_say(d, DOCTOR_TRAP, "ptp4l %d: %ld ms with stamps by the %s: one that comes later makes the port FAULTY", p->pid, ms, soft ? "kernel" : "NIC");
		else
			doctor_say(d, DOCTOR_TRAP, "ptp4l %d: not set, so 1 ms in linuxptp 3.1.1 (10 ms from 4.0 on): a stamp that comes later makes the port FAULTY", p->pid);
	}
}

void doctor_neighbour_delay(struct doctor *d)
{
	const struct doctor_proc *p = NULL;
	bool soft, p2p, set;
	long ns;

	while ((p = next_ptp4l(d, p)) != NULL) {
		if (option_is(d, p, "time_stamping", "software", &soft) || option_is(d, p, "delay_mechanism", "P2P", &p2p) ||
		    option_int(d, p, "neighborPropDelayThresh", 20000000, &ns, &set))
			continue;
		if (!p2p)
			doctor_say(d, DOCTOR_OK, "ptp4l %d measures no peer delay", p->pid);
		else if (soft && ns < NEIGHBOUR_NS)
			doctor_say(d, DOCTOR_TRAP, "ptp4l %d: %ld ns with stamps by the kernel: its links look longer than that, and no port is asCapable", p->pid, ns);
		else
			doctor_say(d, DOCTOR_OK, "ptp4l %d: %ld ns with stamps by the %s", p->pid, ns, soft ? "kernel" : "NIC");
	}
}

/* Both are told and differ. Who measures in a namespace of its own (a test, a guest's port) stands in no chain of this machine's time. */
static bool is_elsewhere(const struct doctor *d, const struct doctor_proc *p)
{
	char its[64], ours[64];

	return !look_link(d->root, its, sizeof(its), "/proc/%d/ns/net", p->pid) && !look_link(d->root, ours, sizeof(ours), "/proc/self/ns/net") &&
	       strcmp(its, ours);
}

void doctor_free_running(struct doctor *d)
{
	const struct doctor_proc *p = NULL;
	bool set;
	long on;

	while ((p = next_ptp4l(d, p)) != NULL) {
		if (option_int(d, p, "free_running", 0, &on, &set))
			continue;
		if (on && is_elsewhere(d, p))
			doctor_say(d, DOCTOR_OK, "ptp4l %d has free_running in a network namespace of its own: it measures there", p->pid);
		else if (on)
			doctor_say(d, DOCTOR_TRAP, "ptp4l %d has free_running: it measures, and steers no clock", p->pid);
		else
			doctor_say(d, DOCTOR_OK, "ptp4l %d steers its clock", p->pid);
	}
}

/* -- who steers CLOCK_REALTIME ------------------------------------------------------------------------------------- */

/* 1: it does, 0: it does not, -errno: nobody can tell. */
static int ptp4l_steers(struct doctor *d, const struct doctor_proc *p)
{
	bool soft, shm, set;
	long free_running, only_master;

	if (option_is(d, p, "time_stamping", "software", &soft) || option_is(d, p, "clock_servo", "ntpshm", &shm) ||
	    option_int(d, p, "free_running", 0, &free_running, &set) || option_int(d, p, "masterOnly", 0, &only_master, &set))
		return -EINVAL;
	return soft && !shm && !free_running && !only_master;
}

/* "-a -r", or from somewhere else to CLOCK_REALTIME, which is the default of -c; not for another's shared memory. */
static int phc2sys_steers(const struct doctor_proc *p)
{
	char servo[32] = "";
	struct why why;

	if (proc_has_arg(p, "ntpshm") || (proc_option(p, "clock_servo", servo, sizeof(servo), &why) > 0 && !strcmp(servo, "ntpshm")))
		return 0;
	if (proc_flag(p, 'a'))
		return proc_flag(p, 'r') > 0;
	return !proc_flag(p, 'c') || (proc_has_arg(p, "CLOCK_REALTIME") && !strstr(p->args, "-s CLOCK_REALTIME") && !strstr(p->args, "-sCLOCK_REALTIME"));
}

static int steers(struct doctor *d, const struct doctor_proc *p)
{
	if (!strcmp(p->comm, "ptp4l"))
		return ptp4l_steers(d, p);
	if (!strcmp(p->comm, "phc2sys"))
		return phc2sys_steers(p);
	if (!strcmp(p->comm, "chronyd"))
		return !proc_flag(p, 'x') && !proc_flag(p, 'Q');
	return !strcmp(p->comm, "ntpd") || !strcmp(p->comm, "openntpd") || !strcmp(p->comm, "systemd-timesyn");
}

void doctor_steerers(struct doctor *d)
{
	char names[160] = "";
	int i, n = 0, unknown = 0, does;

	for (i = 0; i < d->procs.n; i++) {
		does = steers(d, &d->procs.proc[i]);
		unknown += does < 0;
		if (does <= 0)
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s %d", n ? ", " : "", d->procs.proc[i].comm, d->procs.proc[i].pid);
		n++;
	}
	if (n > 1)
		doctor_say(d, DOCTOR_TRAP, "%d daemons steer CLOCK_REALTIME, each against the others: %s", n, names);
	else if (!d->procs.known)
		doctor_say(d, DOCTOR_UNKNOWN, "%s", d->procs.missing.text);
	else if (!unknown)
		doctor_say(d, DOCTOR_OK, "%s", n ? names : "no daemon steers CLOCK_REALTIME");
}
