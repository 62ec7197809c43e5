/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/pvp64.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/daemon.h"
#include "vnet/client.h"

#define NAME	 "pvp64"
#define WARM_NS	 (700 * NS_PER_MS)
#define REPLY_NS (5 * NS_PER_SEC)
#define PATH_LEN DAEMON_PATH_LEN
#define FRAME_LEN 64
#define WIRE	 1	/* the second of the ports below */

struct pvp64 {
	const struct pvp64_conf *conf;
	struct proc *device, *generator;
	int talk[2];		/* the device's stdin: read end, write end */
	int quiet[2];		/* the generator's: nothing is ever said */
	char frames[PATH_LEN], socket[PATH_LEN], ctl[PATH_LEN], name[32], ports[512];
	struct daemon_conf daemon;
};

/* What the device has counted, and when by its own clock. The peer tells the rate since it was last asked instead. */
struct count {
	int64_t t;
	uint64_t frames, gaps, gap_ns, turns, idle;
	double pps;
};

struct device {
	const char *name;
	bool alone; /* without a generator */
	int (*start)(struct pvp64 *b, struct why *why);
	int (*count)(struct pvp64 *b, struct count *out, struct why *why);
};

/* -- both ------------------------------------------------------------------------------------------------------ */

static void name_prefix(char prefix[48], const char *mode)
{
	snprintf(prefix, 48, NAME "-%s-%d", mode, (int)getpid());
}

/* stdbuf: testpmd's answers are to come when they are given, not when a buffer is full. */
static int start_testpmd(struct proc **out, struct pvp64 *b, const char *name, int in, int io_cpu, const char *const *vdevs,
			 const char *mode, struct why *why)
{
	char lcores[48], prefix[48], forward[48];
	const char *argv[24] = {"stdbuf", "-oL", "dpdk-testpmd", "--in-memory", "--single-file-segments", "--no-pci", "--no-telemetry", "-m",
				"256", "--lcores", lcores, "--file-prefix", prefix};
	struct proc_conf conf = {.name = name, .argv = argv, .in = in};
	int n = 13;

	snprintf(lcores, sizeof(lcores), "0@%d,1@%d", b->conf->other_cpu, io_cpu);
	name_prefix(prefix, mode);
	snprintf(forward, sizeof(forward), "--forward-mode=%s", mode);
	for (; *vdevs; vdevs++) {
		argv[n++] = "--vdev";
		argv[n++] = *vdevs;
	}
	argv[n++] = "--";
	argv[n++] = "-i";
	argv[n++] = forward;
	argv[n++] = "--txpkts=64";
	argv[n++] = "--auto-start";
	argv[n++] = "--total-num-mbufs=8192";
	return daemon_launch(out, b->conf->set, &conf, "Done", why);
}

static int start_generator(struct pvp64 *b, struct why *why)
{
	char vdev[PATH_LEN + 80];
	const char *vdevs[] = {vdev, NULL};

	snprintf(vdev, sizeof(vdev), "net_virtio_user0,path=%s,packed_vq=%d,queue_size=1024", b->socket, b->conf->packed);
	return start_testpmd(&b->generator, b, "the generator", b->quiet[0], b->conf->other_cpu, vdevs, "txonly", why);
}

/* -- taktd ----------------------------------------------------------------------------------------------------- */

static int takt_start(struct pvp64 *b, struct why *why)
{
	const struct pvp64_conf *c = b->conf;

	snprintf(b->ports, sizeof(b->ports),
		 "  - name: guest\n    guest: %s\n    packed: %s\n    queue-depth: 2048\n"
		 "  - name: wire\n    wire: net_null0,no-rx=1\n    link-speed: 100Gb/s\n    queue-depth: 2048\n"
		 "    gate-parameters:\n      admin-control-list: [\"sched-entry S ff 500000\", \"sched-entry S 7f 500000\"]\n",
		 b->socket, c->packed ? "true" : "false");
	return daemon_start(&b->device, c->set, &b->daemon, why);
}

/* A file of frames for the driver that plays it from memory for ever: net_null's own are to whom they are from, and go nowhere. */
static int write_frames(const char *path, struct why *why)
{
	const uint32_t head[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1}, each[] = {0, 0, FRAME_LEN, FRAME_LEN};
	uint8_t frame[FRAME_LEN] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08};
	FILE *f = fopen(path, "we");

	if (!f)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	fwrite(head, sizeof(head), 1, f);
	for (frame[30] = 0; frame[30] < 64; frame[30]++) {
		fwrite(each, sizeof(each), 1, f);
		fwrite(frame, sizeof(frame), 1, f);
	}
	return fclose(f) ? why_fail(why, errno, "cannot write %s: %s", path, strerror(errno)) : 0;
}

static int null_start(struct pvp64 *b, struct why *why)
{
	int rc = write_frames(b->frames, why);

	if (rc)
		return rc;
	snprintf(b->ports, sizeof(b->ports),
		 "  - {name: in, wire: \"net_pcap0,rx_pcap=%s,infinite_rx=1\", queue-depth: 2048}\n"
		 "  - {name: out, wire: \"net_null0,no-rx=1\", link-speed: 100Gb/s, queue-depth: 2048}\n", b->frames);
	return daemon_start(&b->device, b->conf->set, &b->daemon, why);
}

static int takt_count(struct pvp64 *b, struct count *out, struct why *why)
{
	json_int_t t, frames, gaps, gap_ns, turns, idle;
	json_t *reply;
	int rc;

	rc = client_request(b->ctl, json_pack("{s:s}", "cmd", "show"), &reply, why);
	if (rc)
		return rc;
	rc = json_unpack(reply, "{s:{s:I}, s:{s:I, s:I, s:I, s:I}}", "clock", "t_now", &t, "worker", "gaps", &gaps, "gap_ns", &gap_ns, "turns", &turns,
			 "idle_turns", &idle) ||
	     json_unpack(json_array_get(json_object_get(reply, "ports"), WIRE), "{s:{s:I}}", "counters", "tx_frames", &frames);
	json_decref(reply);
	if (rc)
		return why_fail(why, EPROTO, "taktd's answer to show is not as expected");
	*out = (struct count){.t = t, .frames = (uint64_t)frames, .gaps = (uint64_t)gaps, .gap_ns = (uint64_t)gap_ns, .turns = (uint64_t)turns,
			      .idle = (uint64_t)idle};
	return 0;
}

/* -- testpmd ----------------------------------------------------------------------------------------------------- */

static int peer_start(struct pvp64 *b, struct why *why)
{
	char vhost[PATH_LEN + 40];
	const char *vdevs[] = {vhost, "net_null0,no-rx=1", NULL};

	snprintf(vhost, sizeof(vhost), "net_vhost0,iface=%s,queues=1", b->socket);
	return start_testpmd(&b->device, b, "testpmd", b->talk[0], b->conf->device_cpu, vdevs, "io", why);
}

/* testpmd reads its clock beside its counters and prints the rate since it was last asked. */
static int peer_count(struct pvp64 *b, struct count *out, struct why *why)
{
	static const char ask[] = "show port stats 1\n";
	char line[256] = "", *at;
	int rc;

	if (write(b->talk[1], ask, sizeof(ask) - 1) < 0)
		return why_fail(why, errno, "testpmd does not listen: %s", strerror(errno));
	*out = (struct count){0};
	rc = proc_wait_line(b->device, "TX-packets:", line, sizeof(line), REPLY_NS);
	at = strstr(line, "TX-packets:");
	if (rc || !at || sscanf(at, "TX-packets: %" SCNu64, &out->frames) != 1)
		goto lost;
	rc = proc_wait_line(b->device, "Tx-pps:", line, sizeof(line), REPLY_NS);
	at = strstr(line, "Tx-pps:");
	if (rc || !at || sscanf(at, "Tx-pps: %lf", &out->pps) != 1)
		goto lost;
	return 0;
lost:
	return rc == -EINTR ? rc : why_fail(why, EPROTO, "testpmd did not tell its counters; it said: %.200s", line);
}

static const struct device devices[PVP64_ALL] = {
	[PVP64_TAKT] = {"taktd", false, takt_start, takt_count},
	[PVP64_PEER] = {"testpmd", false, peer_start, peer_count},
	[PVP64_NULL] = {"taktd", true, null_start, takt_count},
};

/* -- a measurement ------------------------------------------------------------------------------------------------ */

static int compute(struct pvp64_result *out, const struct device *dev, const struct count *a, const struct count *z, struct why *why)
{
	double s = (double)(z->t - a->t) / (double)NS_PER_SEC;

	*out = (struct pvp64_result){.pps = z->pps};
	if (s > 0) {
		out->pps = (double)(z->frames - a->frames) / s;
		out->gaps = (double)(z->gaps - a->gaps) / s;
		out->gap_share = (double)(z->gap_ns - a->gap_ns) / s / (double)NS_PER_SEC;
	}
	if (z->turns > a->turns)
		out->idle = (double)(z->idle - a->idle) / (double)(z->turns - a->turns);
	if (z->frames == a->frames)
		return why_fail(why, EIO, "%s: no frame arrived at the null port", dev->name);
	return 0;
}

static int perform(struct pvp64_result *out, struct pvp64 *b, const struct device *dev, struct why *why)
{
	struct procs *set = b->conf->set;
	struct count a, z;
	int status, rc;

	rc = dev->start(b, why) ?: (dev->alone ? 0 : start_generator(b, why)) ?: procs_pause(set, WARM_NS) ?: dev->count(b, &a, why) ?:
	     procs_pause(set, b->conf->span_ns) ?: dev->count(b, &z, why);
	if (rc)
		return rc;
	if (!dev->alone && proc_wait(b->generator, 0, &status) != -ETIMEDOUT)
		return why_fail(why, EIO, "the generator ended early, status %d", status);
	return compute(out, dev, &a, &z, why);
}

static void name_files(struct pvp64 *b)
{
	const struct pvp64_conf *c = b->conf;

	snprintf(b->name, sizeof(b->name), NAME "-%d", (int)getpid());
	snprintf(b->socket, sizeof(b->socket), "%s/guest.sock", c->dir);
	snprintf(b->frames, sizeof(b->frames), "%s/frames.pcap", c->dir);
	b->daemon = (struct daemon_conf){.taktd = c->taktd, .dir = c->dir, .name = b->name, .ports = b->ports, .worker_cpu = c->device_cpu,
					 .other_cpu = c->other_cpu, .more = c->more};
	daemon_ctl(b->ctl, &b->daemon);
}

/* What is there only when taktd had to be killed, and the run-time folders that testpmd never removes. */
static void remove_files(const struct pvp64 *b)
{
	static const char *const modes[] = {"txonly", "io"};
	char path[PATH_LEN], prefix[48];
	size_t i;

	daemon_clean(&b->daemon);
	unlink(b->socket);
	unlink(b->frames);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		name_prefix(prefix, modes[i]);
		snprintf(path, sizeof(path), "/var/run/dpdk/%s", prefix);
		rmdir(path);
	}
	rmdir("/var/run/dpdk"); /* stays when others use it */
}

static void close_both(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

int pvp64_measure(struct pvp64_result *out, const struct pvp64_conf *conf, enum pvp64_device device, struct why *why)
{
	struct pvp64 b = {.conf = conf};
	int rc;

	if (pipe2(b.talk, O_CLOEXEC))
		return why_fail(why, errno, "pipe: %s", strerror(errno));
	if (pipe2(b.quiet, O_CLOEXEC)) {
		rc = why_fail(why, errno, "pipe: %s", strerror(errno));
		goto talk;
	}
	name_files(&b);
	rc = perform(out, &b, &devices[device], why);
	proc_stop(b.generator, DAEMON_GRACE_NS);
	proc_stop(b.device, DAEMON_GRACE_NS);
	remove_files(&b);
	close_both(b.quiet);
talk:
	close_both(b.talk);
	return rc;
}
