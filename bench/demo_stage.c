/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/demo_stage.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/demo_data.h"
#include "bench/vm.h"
#include "ptp/now.h"
#include "vnet/client.h"
#include "vnet/ctl_proto.h"

#define START_NS  (20 * NS_PER_SEC)	/* taktd, capture */
#define BOOT_NS	  (40 * NS_PER_SEC)	/* a guest, on a machine that is busy */
#define GRACE_NS  (5 * NS_PER_SEC)
#define TURN_NS	  (4 * NS_PER_MS)	/* records are read this often */
#define LIMIT_NS  (60 * NS_PER_SEC)	/* beyond run_ns the plc is taken for dead */
#define SOCKET_LEN 108

struct stage {
	const struct demo_stage_conf *conf;
	struct demo_run *run;
	struct demo_reader reader;
	struct proc *taktd, *capture;
	struct vm *plc, *noise;
	char plc_sock[SOCKET_LEN], noise_sock[SOCKET_LEN];
	char yaml[512], pcapng[512], log[512];
};

static void name_files(struct stage *s)
{
	const struct demo_stage_conf *c = s->conf;
	const char *kind = demo_names[s->run->kind];

	snprintf(s->plc_sock, sizeof(s->plc_sock), CTL_RUN_DIR "/%s-plc.sock", c->instance);
	snprintf(s->noise_sock, sizeof(s->noise_sock), CTL_RUN_DIR "/%s-noise.sock", c->instance);
	snprintf(s->yaml, sizeof(s->yaml), "%s/%s.yaml", c->dir, kind);
	snprintf(s->pcapng, sizeof(s->pcapng), "%s/%s.pcapng", c->dir, kind);
	snprintf(s->log, sizeof(s->log), "%s/%s.taktd.log", c->dir, kind);
}

static int write_yaml(const struct stage *s, struct why *why)
{
	const struct demo_stage_conf *c = s->conf;
	FILE *f = fopen(s->yaml, "we");

	if (!f)
		return why_fail(why, errno, "cannot write %s: %s", s->yaml, strerror(errno));
	fprintf(f, "# %s\n", demo_titles[s->run->kind]);
	fprintf(f, "name: %s\ncpu: %d\nhuge-pages: false\nrecords: 1048576\npoll-gap: %" PRId64 "us\nclock: {tai-offset: %d}\nports:\n",
		c->instance, c->worker_cpu, DEMO_GAP_NS / NS_PER_US, c->tai_offset_s);
	fprintf(f, "  - name: plc\n    guest: %s\n    pvid: 20\n    vlans: [%d]\n", s->plc_sock, DEMO_VLAN);
	fprintf(f, "  - name: noise\n    guest: %s\n    pvid: 1\n", s->noise_sock);
	fprintf(f, "  - name: wire\n    wire: net_af_xdp0,iface=%s,busy_budget=0\n    pvid: 1\n    vlans: [%d]\n    link-speed: %" PRId64 "Gb/s\n",
		c->host_if, DEMO_VLAN, DEMO_LINK_BPS / 1000000000);
	if (s->run->kind == DEMO_NONE)
		fprintf(f, "    traffic-class-table: [0, 0, 0, 0, 0, 0, 0, 0]\n");
	if (s->run->kind == DEMO_GATES)
		fprintf(f, "    gate-parameters:\n      gate-enabled: true\n      admin-base-time: 0\n      admin-cycle-time: %" PRId64 "us\n"
			   "      admin-control-list: [\"sched-entry S 80 %" PRId64 "\", \"sched-entry S 7f %" PRId64 "\"]\n",
			DEMO_CYCLE_NS / NS_PER_US, DEMO_WINDOW_NS, DEMO_CYCLE_NS - DEMO_WINDOW_NS);
	return fclose(f) ? why_fail(why, errno, "cannot write %s: %s", s->yaml, strerror(errno)) : 0;
}

static int start_taktd(struct stage *s, struct why *why)
{
	const char *argv[] = { s->conf->taktd, "-c", s->yaml, NULL };
	const struct proc_conf conf = { .name = "taktd", .argv = argv, .log = s->log, .nice = -19, .cpu = s->conf->other_cpus };
	char line[512] = "";
	int rc;

	rc = proc_start(&s->taktd, s->conf->set, &conf, why);
	if (rc)
		return rc;
	rc = proc_wait_line(s->taktd, "ready", line, sizeof(line), START_NS);
	if (rc == -EPIPE || rc == -ETIMEDOUT)
		return why_fail(why, EIO, "taktd did not start: see %s", s->log);
	return rc ?: client_map(&s->reader.shm, s->conf->instance, why);
}

static int start_capture(struct stage *s, struct why *why)
{
	const char *argv[] = { s->conf->takt, "capture", "-i", s->conf->peer_if, "-w", s->pcapng, "-f", "ether src " DEMO_PLC_MAC,
			       "-s", "96", NULL };
	const struct proc_conf conf = { .name = "capture", .argv = argv, .netns = s->conf->netns, .nice = -10, .cpu = s->conf->other_cpus };
	char line[512] = "";
	int rc;

	rc = proc_start(&s->capture, s->conf->set, &conf, why) ?:
	     proc_wait_line(s->capture, "capturing", line, sizeof(line), START_NS);
	return rc == -EPIPE || rc == -ETIMEDOUT ? why_fail(why, EIO, "the capture did not start: %s", line) : rc;
}

static int start_guest(struct vm **vm, struct stage *s, bool plc, const char *const *command, struct why *why)
{
	struct vm_conf conf;

	vm_conf_init(&conf);
	conf.uml = true;
	conf.name = plc ? "plc" : "noise";
	conf.socket = plc ? s->plc_sock : s->noise_sock;
	conf.mac = plc ? DEMO_PLC_MAC : DEMO_NOISE_MAC;
	conf.cpu = s->conf->other_cpus;
	conf.nice = plc ? -19 : -10;
	conf.mem_mib = 128;
	conf.kernel_dir = s->conf->kernel_dir;
	conf.command = command;
	return vm_start(vm, s->conf->set, &conf, why) ?: vm_wait_ready(*vm, BOOT_NS, why);
}

static int start_guests(struct stage *s, struct why *why)
{
	char phase[32], cycle[32], span[32], vlan[8], size[8], flood[8];
	const char *plc[] = { "takt", "send", "-i", "eth0", "-d", DEMO_PEER_MAC, "-v", vlan, "-p", "7", "-s", size, "--cycle", cycle,
			      "--phase", phase, "--duration", span, NULL };
	const char *noise[] = { "takt", "send", "-i", "eth0", "-d", DEMO_PEER_MAC, "-s", flood, "--flood", NULL };
	int rc = 0;

	snprintf(vlan, sizeof(vlan), "%d", DEMO_VLAN);
	snprintf(size, sizeof(size), "%d", DEMO_SIZE);
	snprintf(flood, sizeof(flood), "%d", DEMO_FLOOD);
	ns_exact(cycle, DEMO_CYCLE_NS);
	ns_exact(phase, DEMO_PHASE_NS);
	ns_exact(span, s->conf->run_ns);
	if (s->run->kind != DEMO_QUIET)
		rc = start_guest(&s->noise, s, false, noise, why);
	return rc ?: start_guest(&s->plc, s, true, plc, why);
}

/* Until the plc has ended: read records, keep its last words. */
static int follow(struct stage *s, struct why *why)
{
	int64_t t_begin = now_mono(), t_told = 0, now;
	struct demo_run *run = s->run;
	char line[256];
	size_t used;
	ssize_t n;
	int rc;

	for (;;) {
		rc = demo_read(&s->reader, run);
		if (rc)
			return why_fail(why, -rc, "reading records: %s", strerror(-rc));
		now = now_mono();
		if (now - t_told >= 250 * NS_PER_MS) {
			s->conf->progress(s->conf->user, run, now - t_begin);
			t_told = now;
		}
		n = vm_read_line(s->plc, line, sizeof(line), TURN_NS);
		if (n > 0) {
			used = strlen(run->plc_says);
			snprintf(run->plc_says + used, sizeof(run->plc_says) - used, "%s", line);
		} else if (n == -EPIPE) {
			break;
		} else if (n == -EINTR) {
			return -EINTR;
		}
		if (now - t_begin > s->conf->run_ns + LIMIT_NS)
			return why_fail(why, ETIMEDOUT, "the plc does not end: see %s", s->log);
	}
	if (!run->plc_says[0])
		return why_fail(why, EIO, "the plc ended without a word: see %s", s->log);
	rc = procs_pause(s->conf->set, 50 * NS_PER_MS);	/* what still waits for its gate */
	return rc ?: demo_read(&s->reader, run);
}

/* The capture writes its file to the end and says how it went. */
static int end_capture(struct stage *s, struct why *why)
{
	struct demo_run *run = s->run;
	char line[256];
	uint64_t dropped = 0;
	char *at;

	if (procs_pause(s->conf->set, 200 * NS_PER_MS))
		return -EINTR;
	kill(proc_pid(s->capture), SIGTERM);
	while (proc_read_line(s->capture, line, sizeof(line), GRACE_NS) > 0) {
		at = strstr(line, "kernel dropped ");
		if (at && sscanf(at, "kernel dropped %" SCNu64, &dropped) == 1) {
			at = strstr(line, ": ");
			snprintf(run->capture_says, sizeof(run->capture_says), "%.*s", (int)strcspn(at ? at + 2 : line, "\n"), at ? at + 2 : line);
			run->capture_drops = dropped;
		}
	}
	if (!run->capture_says[0])
		return why_fail(why, EIO, "the capture did not end well: %s", line);
	return demo_read_capture(run, s->pcapng, s->conf->tai_offset_s, why);
}

static int perform(struct stage *s, struct why *why)
{
	int rc;

	rc = write_yaml(s, why) ?: start_taktd(s, why) ?: start_capture(s, why) ?: start_guests(s, why) ?: follow(s, why);
	return rc ?: end_capture(s, why);
}

/* What is there only when taktd had to be killed. */
static void remove_left_overs(const struct stage *s)
{
	static const char *const forms[] = { CTL_RUN_DIR "/%s" CTL_SUFFIX, CTL_RUN_DIR "/%s.lock", CTL_REC_PATH };
	char path[SOCKET_LEN];
	size_t i;

	unlink(s->plc_sock);
	unlink(s->noise_sock);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(path, sizeof(path), forms[i], s->conf->instance);
		unlink(path);
	}
	rmdir(CTL_RUN_DIR);	/* stays when others use it */
}

int demo_stage(struct demo_run *run, const struct demo_stage_conf *conf, struct why *why)
{
	struct stage s = { .conf = conf, .run = run };
	int rc;

	name_files(&s);
	rc = perform(&s, why);
	vm_stop(s.plc);		/* guests before the backend: UML does not survive it */
	vm_stop(s.noise);
	proc_stop(s.capture, GRACE_NS);
	client_unmap(s.reader.shm);
	proc_stop(s.taktd, GRACE_NS);
	remove_left_overs(&s);
	run->done = !rc;
	return rc;
}
