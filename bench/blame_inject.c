/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_inject: what is done to a taktd and its frames. A new one is a row.
 */
#include "bench/blame_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/ns.h"
#include "bench/blame_storm.skel.h"
#include "bench/vm.h"
#include "vnet/client.h"

#define HOG_PRIORITY 50
#define HOG_MORE_NS  NS_PER_SEC /* longer than it shall: who should end it cannot, or it has the CPU that he wants */
#define FLOOD_RATE   "2500" /* frames a second: a ring holds 256, a class queue of taktd 512 */
#define HALF_BPS     352000 /* of what class 6 sends: 88 bytes on the wire, a thousand a second */

/* -- a thread that takes the worker's CPU -------------------------------------------------------------------------- */

static void *hog(void *user)
{
	struct blame_rig *r = user;

	prctl(PR_SET_NAME, "takt-hog");
	while (atomic_load(&r->hog_until_told) && blame_rig_now() < r->hog_limit)
		;
	return NULL;
}

static int hog_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	struct sched_param p = {.sched_priority = HOG_PRIORITY};
	pthread_attr_t attr;
	cpu_set_t cpus;
	int err;

	r->hog_limit = blame_rig_now() + ns + HOG_MORE_NS;
	CPU_ZERO(&cpus);
	CPU_SET(r->conf->worker_cpu, &cpus);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &p);
	atomic_store(&r->hog_until_told, 1);
	err = pthread_create(&r->hog, &attr, hog, r);
	pthread_attr_destroy(&attr);
	if (err)
		atomic_store(&r->hog_until_told, 0);
	return err ? why_fail(why, err, "cannot start a real-time thread on CPU %d: %s", r->conf->worker_cpu, strerror(err)) : 0;
}

static int hog_end(struct blame_rig *r, struct why *why)
{
	(void)why;
	if (atomic_exchange(&r->hog_until_told, 0)) /* else it never began */
		pthread_join(r->hog, NULL);
	return 0;
}

/* -- a worker, or a guest, that is stopped ------------------------------------------------------------------------- */

static int tell_process(pid_t pid, int signal, const char *whom, struct why *why)
{
	return kill(pid, signal) ? why_fail(why, errno, "cannot signal %s: %s", whom, strerror(errno)) : 0;
}

static int stop_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	(void)ns;
	return tell_process(proc_pid(r->taktd), SIGSTOP, "taktd", why);
}

static int stop_end(struct blame_rig *r, struct why *why)
{
	return tell_process(proc_pid(r->taktd), SIGCONT, "taktd", why);
}

static int freeze_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	(void)ns;
	return tell_process(r->guest_pid, SIGSTOP, "the guest's QEMU", why);
}

static int freeze_end(struct blame_rig *r, struct why *why)
{
	return tell_process(r->guest_pid, SIGCONT, "the guest's QEMU", why);
}

/* It is stopped while more comes than its ring holds. */
static int flood_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	char cpu[16];
	const char *argv[] = {r->conf->takt, "send", "-i", "c0", "-d", BLAME_GUEST_MAC, "-e", "0xbeef", "--rate", FLOOD_RATE, NULL};
	const struct proc_conf p = {.name = "takt send", .argv = argv, .netns = r->net[2], .cpu = cpu, .nice = -10};
	int rc = freeze_begin(r, ns, why);

	snprintf(cpu, sizeof(cpu), "%d", r->conf->other_cpu);
	return rc ?: proc_start(&r->talker[1], r->conf->set, &p, why);
}

static int flood_end(struct blame_rig *r, struct why *why)
{
	proc_stop(r->talker[1], NS_PER_SEC);
	r->talker[1] = NULL;
	return freeze_end(r, why);
}

/* -- interrupts that do not end on the worker's CPU ---------------------------------------------------------------- */

static int storm_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	static const uint8_t frame[60] = {0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x88, 0xb5};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = r->storm_if, .sll_halen = ETH_ALEN};

	r->storm_bpf->bss->spin_ns = (uint64_t)ns;
	if (sendto(r->storm_fd, frame, sizeof(frame), 0, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return why_fail(why, errno, "cannot send into the storm: %s", strerror(errno));
	return 0;
}

/* A clock's event on the worker's CPU, whose program stays in the interrupt: half a millisecond until it comes. */
static int tick_open(struct blame_rig *r, struct why *why)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_CPU_CLOCK, .sample_period = NS_PER_MS / 2, .disabled = 1};

	r->tick_fd = (int)syscall(SYS_perf_event_open, &attr, -1, r->conf->worker_cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (r->tick_fd < 0 || ioctl(r->tick_fd, PERF_EVENT_IOC_SET_BPF, bpf_program__fd(r->storm_bpf->progs.tick)))
		return why_fail(why, errno, "this kernel refuses the clock's event that makes a long interrupt: %s", strerror(errno));
	return 0;
}

static int tick_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	r->storm_bpf->bss->tick_ns = (uint64_t)ns;
	return ioctl(r->tick_fd, PERF_EVENT_IOC_ENABLE, 0) ? why_fail(why, errno, "cannot begin the long interrupt: %s", strerror(errno)) : 0;
}

static int tick_end(struct blame_rig *r, struct why *why)
{
	return ioctl(r->tick_fd, PERF_EVENT_IOC_DISABLE, 0) ? why_fail(why, errno, "cannot end the long interrupt: %s", strerror(errno)) : 0;
}

/* The pair is in our namespace: its far end hands frames to the worker's CPU, where the program keeps it. */
static int storm_open(struct blame_rig *r, struct why *why)
{
	char near_if[IF_NAMESIZE], far_if[IF_NAMESIZE], path[128];
	int fd, rc;

	snprintf(near_if, sizeof(near_if), "tb%dn", (int)getpid() % 1000000);
	snprintf(far_if, sizeof(far_if), "tb%df", (int)getpid() % 1000000);
	{
		const char *argv[] = {"ip", "link", "add", near_if, "type", "veth", "peer", "name", far_if, NULL};
		const char *up1[] = {"ip", "link", "set", near_if, "up", "addrgenmode", "none", NULL};
		const char *up2[] = {"ip", "link", "set", far_if, "up", "addrgenmode", "none", NULL};
		const struct proc_conf p[] = {{.name = "ip", .argv = argv}, {.name = "ip", .argv = up1}, {.name = "ip", .argv = up2}};
		size_t i;

		for (i = 0, rc = 0; i < 3 && !rc; i++)
			rc = proc_run(r->conf->set, &p[i], 10 * NS_PER_SEC, why);
		if (rc)
			return rc;
	}
	r->storm_if = (int)if_nametoindex(near_if);
	snprintf(path, sizeof(path), "/sys/class/net/%s/queues/rx-0/rps_cpus", far_if);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%x", 1u << r->conf->worker_cpu) < 0)
		rc = why_fail(why, errno, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (rc)
		return rc;
	r->storm_bpf = blame_storm_bpf__open_and_load();
	if (!r->storm_bpf)
		return why_fail(why, errno, "this kernel refuses the program that makes a long softirq: %s", strerror(errno));
	rc = bpf_xdp_attach((int)if_nametoindex(far_if), bpf_program__fd(r->storm_bpf->progs.storm), XDP_FLAGS_SKB_MODE, NULL);
	if (rc)
		return why_fail(why, -rc, "cannot attach the program that makes a long softirq: %s", strerror(-rc));
	r->storm_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return r->storm_fd < 0 ? why_fail(why, errno, "cannot open a packet socket: %s", strerror(errno)) : tick_open(r, why);
}

static void storm_close(struct blame_rig *r)
{
	char near_if[IF_NAMESIZE];
	const char *argv[] = {"ip", "link", "del", near_if, NULL};
	const struct proc_conf p = {.name = "ip", .argv = argv};

	if (r->storm_fd > 0)
		close(r->storm_fd);
	if (r->tick_fd > 0)
		close(r->tick_fd);
	if (r->storm_if) {
		snprintf(near_if, sizeof(near_if), "tb%dn", (int)getpid() % 1000000);
		proc_run(r->conf->set, &p, 10 * NS_PER_SEC, NULL);
	}
	blame_storm_bpf__destroy(r->storm_bpf);
	r->storm_fd = r->storm_if = r->tick_fd = 0;
	r->storm_bpf = NULL;
}

/* -- a gate that is shut, a class that is shaped ------------------------------------------------------------------- */

static int ask(const struct blame_rig *r, json_t *req, struct why *why)
{
	json_t *reply = NULL;
	int rc = client_request(r->ctl, req, &reply, why);

	json_decref(reply);
	return rc;
}

static int set_gates(const struct blame_rig *r, const char *first, const char *second, struct why *why)
{
	return ask(r, json_pack("{s:s, s:s, s:{s:b, s:[s, s]}}", "cmd", "gate-set", "port", "c1", "gate-parameters", "gate-enabled", 1,
				"admin-control-list", first, second), why);
}

/* Class 7 may go for the last tenth of a millisecond in twenty: its frames wait, and none is too long for its window. */
static int gate_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	(void)ns;
	return set_gates(r, "S 7f 19900000", "S ff 100000", why);
}

/* Frames of a guest without a tag are of class 0. */
static int slow_gate_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	(void)ns;
	return set_gates(r, "S fe 99800000", "S ff 200000", why);
}

static int gate_end(struct blame_rig *r, struct why *why)
{
	return set_gates(r, "S ff 500000", "S ff 500000", why);
}

/* Half of what class 6 sends. */
static int shape_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	(void)ns;
	return ask(r, json_pack("{s:s, s:s, s:i, s:i}", "cmd", "cbs-set", "port", "c1", "class", 6, "admin-idle-slope", HALF_BPS), why);
}

static int shape_end(struct blame_rig *r, struct why *why)
{
	return ask(r, json_pack("{s:s, s:s, s:i, s:i}", "cmd", "cbs-set", "port", "c1", "class", 6, "admin-idle-slope", 0), why);
}

/* -- a wire that takes nothing ------------------------------------------------------------------------------------- */

/* The kernel keeps what it is given; the driver's few slots stay full, and it refuses. */
static int full_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	const char *argv[] = {"tc", "qdisc", "add", "dev", "c1", "root", "tbf", "rate", "1kbit", "burst", "256", "limit", "1mb", NULL};
	const struct proc_conf p = {.name = "tc", .argv = argv, .netns = r->net[0]};

	(void)ns;
	return proc_run(r->conf->set, &p, 10 * NS_PER_SEC, why);
}

/* What it kept is given up with it. */
static int full_end(struct blame_rig *r, struct why *why)
{
	const char *argv[] = {"tc", "qdisc", "del", "dev", "c1", "root", NULL};
	const struct proc_conf p = {.name = "tc", .argv = argv, .netns = r->net[0]};

	return proc_run(r->conf->set, &p, 10 * NS_PER_SEC, why);
}

/* -- a clock that is stepped --------------------------------------------------------------------------------------- */

/* taktd looks ten times a second, and tells of it as often: the instant of the step is when it looked. */
static int step_begin(struct blame_rig *r, int64_t ns, struct why *why)
{
	char program[PATH_MAX], shim[PATH_MAX], step[40];
	const char *argv[] = {program, shim, step, NULL};
	const struct proc_conf p = {.name = "clock_set", .argv = argv};
	int64_t before = blame_rig_steps(r, &r->t_step), waited;
	int rc;

	snprintf(program, sizeof(program), "%s/clock_set", r->conf->clock_dir);
	blame_rig_shim(r, shim, sizeof(shim));
	snprintf(step, sizeof(step), "step=%" PRId64, -ns);
	rc = proc_run(r->conf->set, &p, 10 * NS_PER_SEC, why);
	r->axis_ns -= rc ? 0 : ns;
	for (waited = 0; !rc && blame_rig_steps(r, &r->t_step) == before; waited += NS_PER_MS) {
		if (waited >= 2 * NS_PER_SEC)
			return why_fail(why, ETIMEDOUT, "taktd's clock was stepped, and it did not notice within 2 s");
		rc = procs_pause(r->conf->set, NS_PER_MS);
	}
	return rc;
}

/* -- all of them --------------------------------------------------------------------------------------------------- */

#define MS NS_PER_MS

const struct blame_inject blame_injects[] = {
	{"worker-preempted", 8 * MS, 25 * MS, 3 * MS, hog_begin, hog_end, .takes_worker = true, .scene = BLAME_WIRES},
	{"worker-stopped", 8 * MS, 25 * MS, 3 * MS, stop_begin, stop_end, .takes_worker = true, .deafens = true, .scene = BLAME_WIRES},
	{"worker-softirq", 8 * MS, 25 * MS, 3 * MS, storm_begin, NULL, .takes_worker = true, .scene = BLAME_WIRES},
	/* The timer's: what a CPU does to itself in a hard interrupt counts as that. */
	{"worker-ipi", 8 * MS, 25 * MS, 3 * MS, tick_begin, tick_end, .takes_worker = true, .scene = BLAME_WIRES},
	{"gate", 40 * MS, 80 * MS, 3 * MS, gate_begin, gate_end, .asks = true, .of_class = 7, .scene = BLAME_WIRES},
	{"credit", 40 * MS, 80 * MS, 3 * MS, shape_begin, shape_end, .asks = true, .of_class = 6, .scene = BLAME_WIRES},
	/* Frames that the kernel had taken already wait there, which nobody watches. */
	{"ring-full", 20 * MS, 50 * MS, 3 * MS, full_begin, full_end, .hop = "queue", .scene = BLAME_WIRES},
	/* Class 7's gate is shut for 16 ms of 20. Back by less than the four for which it is open, and it stays shut for longer, wherever in those it was. */
	{"clock-step", 3 * MS, 38 * MS / 10, 17 * MS, step_begin, NULL, .at_once = true, .scene = BLAME_CLOCK},
	{"credit", 60 * MS, 100 * MS, 17 * MS, shape_begin, shape_end, .asks = true, .of_class = 6, .scene = BLAME_CLOCK},
	/* Class 7 waits for its gate there by itself, the longer for each window that is missed. */
	{"ring-full", 40 * MS, 60 * MS, 17 * MS, full_begin, full_end, .hop = "queue", .of_class = 6, .scene = BLAME_CLOCK},
	{"vcpu-stopped", 60 * MS, 150 * MS, 30 * MS, freeze_begin, freeze_end, .scene = BLAME_GUEST},
	/* More than its ring holds: taktd keeps the others, for it is full. Why it is full is the stop. */
	{"vcpu-stopped", 150 * MS, 220 * MS, 30 * MS, flood_begin, flood_end, .label = "slow-frontend", .scene = BLAME_GUEST},
	/* What comes from a guest and goes to it takes its time by itself: longer ones, that are told from it. */
	{"worker-preempted", 60 * MS, 120 * MS, 30 * MS, hog_begin, hog_end, .takes_worker = true, .scene = BLAME_GUEST},
	{"worker-stopped", 60 * MS, 120 * MS, 30 * MS, stop_begin, stop_end, .takes_worker = true, .deafens = true, .scene = BLAME_GUEST},
	{"gate", 150 * MS, 250 * MS, 30 * MS, slow_gate_begin, gate_end, .asks = true, .scene = BLAME_GUEST},
	/* The guest does these to itself: blame_guest.c. */
	{"guest-sched", 0, 0, 30 * MS, NULL, NULL, .scene = BLAME_GUEST},
	{"no-irq", 0, 0, 30 * MS, NULL, NULL, .scene = BLAME_GUEST},
};
const int blame_n_injects = sizeof(blame_injects) / sizeof(blame_injects[0]);

int blame_inject_open(struct blame_rig *r, struct why *why)
{
	return r->conf->scene == BLAME_WIRES ? storm_open(r, why) : 0;
}

void blame_inject_close(struct blame_rig *r)
{
	hog_end(r, NULL);
	storm_close(r);
}
