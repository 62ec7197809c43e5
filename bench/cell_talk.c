/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who talks, who listens. A listener in a guest cannot be told to end, and a file in the host's folder that it looked for would cost it wake-ups: it has a time limit, which begins when it listens,
 * and ends after the talker's.
 */
#include "bench/cell_run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/backend.h"
#include "bench/cell_ptp.h"
#include "ptp/now.h"

#define START_NS   (30 * NS_PER_SEC) /* a program, on a machine that is busy; in an emulated one */
#define TURN_NS	   (100 * NS_PER_MS)
#define LATE_NS	   (300 * NS_PER_MS) /* what comes later than that is lost */
#define IDLE_NS	   (2 * NS_PER_SEC) /* a listener in a guest ends by itself, when it has heard nothing for so long. Not by a time from its start on: how long it takes a flooded guest to say that it listens nobody knows */
#define LEAD_NS	   (100 * NS_PER_US)

static int64_t span_ns(const struct cell_run *r)
{
	return r->c->traffic.warm_up_ns + r->c->traffic.duration_ns;
}

/* In the cell's folder, where programs run. */
static const char *log_of(const struct cell_end *e, bool came)
{
	return cell_is_vm(e) ? came ? "/out/came.dat" : "/out/sent.dat" : came ? "came.dat" : "sent.dat";
}

/* -- listening ------------------------------------------------------------------------------------------------------ */

static int listen_at(struct cell_run *r, struct why *why)
{
	struct cell_end *e = &r->end[r->listener];
	int64_t limit_ns = span_ns(r) + START_NS;
	struct words w = {0};
	char line[WHY_LEN] = "";
	int rc;

	words_split(&w, "%s recv -i %s --timeout %" PRId64 "ns", cell_is_vm(e) ? "takt" : r->takt, e->iface, limit_ns);
	if (cell_is_vm(e))
		words_split(&w, "--idle %" PRId64 "ns", IDLE_NS);
	words_split(&w, "--json --log");
	words_add(&w, "%s", log_of(e, true));
	if (cell_is_vm(e))
		rc = cell_boot(r, e, "recv", &w, why) ?: vm_wait_line(e->vm, "listening", line, sizeof(line), START_NS);
	else
		rc = cell_start(&r->listen, r, e, "takt recv", "recv.log", &w, why) ?: proc_wait_line(r->listen, "listening", line, sizeof(line), START_NS);
	line[strcspn(line, "\n")] = '\0';
	return rc == -EPIPE || rc == -ETIMEDOUT ? why_fail(why, EIO, "the listener in %s did not start; its last words: %s", e->name, line) : rc;
}

static int reflect_at(struct cell_run *r, struct why *why)
{
	struct cell_end *e = r->reflector < 0 ? NULL : &r->end[r->reflector];
	struct words w = {0};
	char line[WHY_LEN] = "";
	int rc;

	if (!e)
		return 0;
	words_split(&w, "%s reflect -i %s", cell_is_vm(e) ? "takt" : r->takt, e->iface);
	if (cell_is_vm(e))
		rc = cell_boot(r, e, "reflect", &w, why) ?: vm_wait_line(e->vm, "reflecting on", line, sizeof(line), START_NS);
	else
		rc = cell_start(&r->reflect, r, e, "takt reflect", "reflect.log", &w, why) ?: proc_wait_line(r->reflect, "reflecting on", line, sizeof(line), START_NS);
	line[strcspn(line, "\n")] = '\0';
	return rc == -EPIPE || rc == -ETIMEDOUT ? why_fail(why, EIO, "the reflector in %s did not start; its last words: %s", e->name, line) : rc;
}

/* Who only listens says a word first, so that the backend knows where its address is. Guests do so when they boot. */
static int say_hello(struct cell_run *r, const struct cell_end *e, struct why *why)
{
	struct words w = {0};

	if (cell_is_vm(e))
		return 0;
	words_split(&w, "ip netns exec %s %s send -i %s -v %" PRId64 " -n 1 -e " CELL_ETHERTYPE_BESIDE, e->name, r->takt, e->iface, r->c->traffic.vlan);
	return cell_do(r, &w, why);
}

/* -- talking -------------------------------------------------------------------------------------------------------- */

/*
 * Frames are due 100 us before the end of a cycle of traffic: where the backend has gates, and the first window of the schedule begins with the cycle, that is just before the frame's gate opens, as
 * a talker would be set up that knows the schedule.
 */
static int64_t phase_ns(int64_t cycle_ns)
{
	return cycle_ns > 2 * LEAD_NS ? cycle_ns - LEAD_NS : 0;
}

static int talk_at(struct cell_run *r, struct why *why)
{
	const struct cell_traffic *t = &r->c->traffic;
	struct cell_end *e = &r->end[r->talker];
	int to = r->reflector < 0 ? r->listener : r->reflector;
	struct words w = {0};

	words_split(&w, "%s send -i %s -d %s -v %" PRId64 " -p %" PRId64 " -s %" PRId64 " --cycle %" PRId64 "ns --phase %" PRId64 "ns --warm-up %" PRId64
		    "ns --duration %" PRId64 "ns --json --log", cell_is_vm(e) ? "takt" : r->takt, e->iface, r->end[to].mac, t->vlan, t->priority, t->size,
		    t->cycle_ns, phase_ns(t->cycle_ns), t->warm_up_ns, t->duration_ns);
	words_add(&w, "%s", log_of(e, false));
	if (cell_is_vm(e))
		return cell_boot(r, e, "send", &w, why);
	return cell_start(&r->talk, r, e, "takt send", "send.log", &w, why);
}

static int backend_there(struct cell_run *r, struct why *why)
{
	int status;
	size_t i;

	for (i = 0; i < sizeof(r->device) / sizeof(r->device[0]); i++)
		if (r->device[i] && proc_wait(r->device[i], 0, &status) != -ETIMEDOUT)
			return why_fail(why, EIO, "%s ended with %d while frames went", r->backend->name, status);
	return 0;
}

/* A guest may go because the backend went, and be seen first. */
static int blame_backend(struct cell_run *r, int rc, struct why *why)
{
	return rc == -EINTR ? rc : procs_pause(r->set, TURN_NS) ?: backend_there(r, why) ?: rc;
}

static int guests_there(struct cell_run *r, struct why *why)
{
	struct cell_end *e;
	char line[512];
	ssize_t n;

	for (e = r->end; e < r->end + CELL_ENDS; e++) {
		if (!e->vm || e == &r->end[r->talker])
			continue;
		while ((n = vm_read_line(e->vm, line, sizeof(line), 0)) > 0)
			;
		if (n == -EPIPE)
			return why_fail(why, EIO, "guest %s ended before the talker did", e->name);
	}
	return 0;
}

/* Has anybody died who should not have? */
static int all_there(struct cell_run *r, struct why *why)
{
	int status, rc;

	rc = backend_there(r, why) ?: guests_there(r, why);
	if (rc)
		return blame_backend(r, rc, why);
	if (r->listen && proc_wait(r->listen, 0, &status) != -ETIMEDOUT)
		return why_fail(why, EIO, "the listener ended with %d before the talker did", status);
	return cell_load_watch(r, why) ?: cell_ptp_watch(r->ptp, why) ?: r->backend->watch ? r->backend->watch(r, why) : 0;
}

/* One look at the talker: -ETIMEDOUT while it talks. */
static int look(struct cell_run *r, int64_t turn_ns, int *status, struct why *why)
{
	struct cell_end *e = &r->end[r->talker];
	char line[512];
	ssize_t n;

	if (!cell_is_vm(e))
		return proc_wait(r->talk, turn_ns, status);
	n = vm_read_line(e->vm, line, sizeof(line), turn_ns);
	return n > 0 ? -ETIMEDOUT : n == -EPIPE ? vm_wait(e->vm, 0, status, why) : (int)n;
}

static int follow(struct cell_run *r, struct why *why)
{
	int64_t t_last = now_mono() + span_ns(r) + START_NS, turn_ns = r->ptp ? CELL_PTP_TURN_NS : TURN_NS;
	int status, rc;

	for (;;) {
		rc = look(r, turn_ns, &status, why);
		clock_looks_take(&r->looks);
		if (rc != -ETIMEDOUT)
			break;
		rc = all_there(r, why);
		if (rc)
			return rc;
		if (now_mono() > t_last)
			return why_fail(why, ETIMEDOUT, "the talker does not end");
	}
	if (rc)
		return blame_backend(r, rc, why);
	return status ? why_fail(why, EIO, "the talker ended with %d: see send.log", status) : 0;
}

static int end_listener(struct cell_run *r, struct why *why)
{
	struct cell_end *e = &r->end[r->listener];
	int status, rc;

	if (cell_is_vm(e)) {
		rc = vm_wait(e->vm, span_ns(r) + START_NS, &status, why);
	} else {
		kill(proc_pid(r->listen), SIGTERM);
		rc = proc_wait(r->listen, START_NS, &status);
	}
	clock_looks_take(&r->looks);
	if (rc == -ETIMEDOUT)
		return why_fail(why, EIO, "the listener in %s does not end", e->name);
	return rc ?: status ? why_fail(why, EIO, "the listener in %s ended with %d", e->name, status) : 0;
}

int cell_talk(struct cell_run *r, struct why *why)
{
	int rc;

	clock_looks_take(&r->looks);
	rc = listen_at(r, why) ?: reflect_at(r, why) ?: say_hello(r, &r->end[r->listener], why);
	if (!rc && r->reflector >= 0)
		rc = say_hello(r, &r->end[r->reflector], why);
	rc = rc ?: talk_at(r, why) ?: follow(r, why) ?: procs_pause(r->set, LATE_NS);
	return rc ?: all_there(r, why) ?: end_listener(r, why);
}
