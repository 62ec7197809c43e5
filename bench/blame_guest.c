/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest of takt bench blame: boots, runs takt guest, a sender and a reader, and does things to itself.
 */
#include "bench/blame_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "vnet/client.h"

#define BOOT_NS	 (150 * NS_PER_SEC)	/* without KVM, on a machine that is busy */
#define MAC	 BLAME_GUEST_MAC
#define NOBODY	 "02:00:00:00:77:77"	/* at the wire's far end */
#define CONSOLE_NS (20 * NS_PER_MS)	/* a line may be so late */
#define LOOK_NS	 (5 * NS_PER_MS)

/*
 * Real-time loops on its only CPU; interrupts that are put off while NAPI looks by a timer. Each is told when it begins and ends. The sender is stopped
 * meanwhile: without MSI-X the interrupt of its ring is that of the other one too.
 */
static const char script[] =
	"takt guest > /dev/null 2>&1 &\n"
	"sleep 2\n"
	"takt recv -i eth0 --ethertype 0xdead > /dev/null 2>&1 &\n"
	"takt send -i eth0 -d " NOBODY " --cycle 5ms > /dev/null 2>&1 &\n"
	"sender=$!\n"
	"net=/sys/class/net/eth0\n"
	"sleep 2\n"
	"echo still\n"
	"sleep %lld\n"
	"echo playing\n"
	"while :; do\n"
	"	sleep 0.9\n"
	"	[ ! -x /bin/hog ] || hog 120 guest-sched\n"
	"	sleep 1.1\n"
	"	echo deed no-irq\n"
	"	kill -STOP $sender\n"
	"	echo 100000000 > $net/gro_flush_timeout; echo 1000 > $net/napi_defer_hard_irqs\n"
	"	sleep 0.5\n"
	"	echo 0 > $net/napi_defer_hard_irqs; echo 0 > $net/gro_flush_timeout\n"
	"	kill -CONT $sender\n"
	"	echo done\n"
	"done\n";

/* The process at the other end of the port's socket. */
static pid_t peer(const struct blame_rig *r)
{
	json_t *reply = NULL, *port;
	pid_t pid = 0;
	size_t i;

	if (client_request(r->ctl, json_pack("{s:s}", "cmd", "show"), &reply, NULL))
		return 0;
	json_array_foreach(json_object_get(reply, "ports"), i, port)
		if (json_integer_value(json_object_get(port, "peer_pid")))
			pid = (pid_t)json_integer_value(json_object_get(port, "peer_pid"));
	json_decref(reply);
	return pid;
}

int blame_guest_start(struct blame_rig *r, struct why *why)
{
	const struct blame_rig_conf *c = r->conf;
	char sock[128], events[128], play[128], files[160], cpu[16], line[256] = "";
	const char *argv[] = {c->takt, "vm", "run", "--qemu", "--kernel", c->kernel, "--kernel-dir", c->kernel_dir, "--socket", sock, "--name", "g",
			      "--mac", MAC, "--events", events, "--files", files, "--cpu", cpu, c->hog ? "--copy" : "--", c->hog ? c->hog : "sh", c->hog ? "--" : "/play",
			      c->hog ? "sh" : NULL, "/play", NULL};
	const char *send[] = {c->takt, "send", "-i", "c0", "-d", MAC, "--cycle", "5ms", NULL};
	const struct proc_conf guest = {.name = "takt vm run", .argv = argv, .nice = -20},
			       talker = {.name = "takt send", .argv = send, .netns = r->net[2], .cpu = cpu, .nice = -10};
	FILE *f;
	int rc;

	snprintf(sock, sizeof(sock), "%s/g.sock", c->dir);
	snprintf(events, sizeof(events), "%s/g.ev", c->dir);
	snprintf(play, sizeof(play), "%s/play", c->dir);
	snprintf(files, sizeof(files), "%s=/play", play);
	snprintf(cpu, sizeof(cpu), "%d", c->other_cpu);
	f = fopen(play, "we");
	if (!f || fprintf(f, script, (long long)(c->still_ns / NS_PER_SEC)) < 0 || fclose(f))
		return why_fail(why, errno, "cannot write %s: %s", play, strerror(errno));
	rc = proc_start(&r->guest, c->set, &guest, why) ?: proc_wait_line(r->guest, "still", line, sizeof(line), BOOT_NS);
	if (rc == -EPIPE || rc == -ETIMEDOUT)
		return why_fail(why, EIO, "the guest does not play: %.200s", line);
	r->guest_pid = rc ? 0 : peer(r);
	if (!rc && !r->guest_pid)
		return why_fail(why, EIO, "taktd does not tell which process its guest is");
	return rc ?: proc_start(&r->talker[0], c->set, &talker, why);
}

int blame_guest_play(struct blame_rig *r, struct why *why)
{
	char line[256] = "";
	int rc = proc_wait_line(r->guest, "playing", line, sizeof(line), r->conf->still_ns + BOOT_NS);

	return rc == -EPIPE || rc == -ETIMEDOUT ? why_fail(why, EIO, "the guest does not play: %.200s", line) : rc;
}

void blame_guest_clean(struct blame_rig *r)
{
	static const char *const names[] = {"g.sock", "g.ev", "play"};
	char path[160];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", r->conf->dir, names[i]);
		unlink(path);
	}
}

static const char *cause_of(const char *line)
{
	int i;

	for (i = 0; i < blame_n_injects; i++)
		if (strstr(line, blame_injects[i].cause) && !blame_injects[i].begin)
			return blame_injects[i].cause;
	return NULL;
}

static const struct blame_inject *row_of(const char *cause)
{
	int i;

	for (i = 0; strcmp(blame_injects[i].cause, cause); i++)
		;
	return &blame_injects[i];
}

static void hear(struct blame_rig *r, const char *line, struct blame_deed *deed, size_t *n, size_t room)
{
	int64_t now = blame_rig_now();

	if (strstr(line, "deed ")) {
		r->inside = (struct blame_deed){.t = now - CONSOLE_NS, .cause = cause_of(line)};
	} else if (strstr(line, "done") && r->inside.cause && *n < room) {
		r->inside.t_end = now;
		r->inside.late_ns = row_of(r->inside.cause)->late_ns;
		r->inside.or_cause = row_of(r->inside.cause)->or_cause;
		deed[(*n)++] = r->inside;
		r->inside.cause = NULL;
	}
}

int blame_rig_pause(struct blame_rig *r, int64_t ns, struct blame_deed *deed, size_t *n, size_t room, struct why *why)
{
	int64_t t_end = blame_rig_now() + ns, left;
	int rc = blame_rig_gaps(r, why);
	char line[256];
	ssize_t got;

	if (rc || !r->guest)
		return rc ?: procs_pause(r->conf->set, ns);
	while ((left = t_end - blame_rig_now()) > 0) {
		got = proc_read_line(r->guest, line, sizeof(line), left < LOOK_NS ? left : LOOK_NS);
		if (got == -EPIPE)
			return why_fail(why, EIO, "the guest has ended");
		if (got == -EINTR)
			return -EINTR;
		if (got > 0)
			hear(r, line, deed, n, room);
	}
	return 0;
}
