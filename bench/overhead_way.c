/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/overhead_way.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "ptp/now.h"

#define WIRE_IF	  "w0"
#define OUR_IP	  "10.77.9.1"
#define GUEST_IP  "10.77.9.2"
#define BOOT_NS	  (120 * NS_PER_SEC) /* an emulated machine's */
#define SETTLE_NS (1500 * NS_PER_MS) /* from a probe's start until it is at work */
#define GUEST_SETTLE_NS (10 * NS_PER_SEC) /* an emulated machine's, whose kernel takes seconds to verify programs */
#define WARM_NS	  (300 * NS_PER_MS)
#define REPLY_NS  (500 * NS_PER_MS)
#define BATCH	  512
#define MAX_WORDS 16
#define URGENT	  (-19)		   /* the guest, as taktd: a busy machine is not what is measured */
#define TEXT_LEN  512

/* -- the wire and taktd ------------------------------------------------------------------------------------------ */

static int open_socket(struct overhead_way *w, struct why *why)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(GUEST_IP)};

	w->fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
	if (w->fd < 0 || setsockopt(w->fd, SOL_SOCKET, SO_BINDTODEVICE, w->host_if, (socklen_t)strlen(w->host_if) + 1) ||
	    connect(w->fd, (struct sockaddr *)&to, sizeof(to)))
		return why_fail(why, errno, "cannot ping by %s: %s", w->host_if, strerror(errno));
	return 0;
}

int overhead_way_open(struct overhead_way *w, const struct overhead_way_conf *conf, struct why *why)
{
	struct netns_conf ns = {.name = w->ns_name, .host_if = w->host_if, .peer_if = WIRE_IF, .host_ip = OUR_IP "/24"};
	int pid = (int)getpid(), rc;

	*w = (struct overhead_way){.conf = conf, .fd = -1, .id = (uint16_t)pid};
	snprintf(w->ns_name, sizeof(w->ns_name), "takt-way-%d", pid);
	snprintf(w->host_if, sizeof(w->host_if), "tw%d", pid);
	snprintf(w->name, sizeof(w->name), "way-%d", pid);
	snprintf(w->socket, sizeof(w->socket), "%s/guest.sock", conf->dir);
	snprintf(w->ports, sizeof(w->ports),
		 "  - {name: guest, guest: %s, queue-depth: 2048}\n  - {name: wire, wire: \"net_af_packet0,iface=%s\", queue-depth: 2048}\n", w->socket,
		 WIRE_IF);
	w->daemon = (struct daemon_conf){.taktd = conf->taktd, .dir = conf->dir, .name = w->name, .ports = w->ports, .worker_cpu = conf->worker_cpu,
					 .other_cpu = conf->other_cpu, .netns = w->ns_name, .small_pages = true};
	daemon_ctl(w->ctl, &w->daemon);
	rc = netns_create(&w->ns, conf->set, &ns, why) ?: daemon_start(&w->taktd, conf->set, &w->daemon, why);
	return rc ?: client_map(&w->shm, w->ctl, why) ?: open_socket(w, why);
}

void overhead_way_close(struct overhead_way *w)
{
	overhead_way_halt(w);
	client_unmap(w->shm);
	if (w->fd >= 0)
		close(w->fd);
	proc_stop(w->taktd, DAEMON_GRACE_NS);
	if (w->daemon.dir)
		daemon_clean(&w->daemon);
	unlink(w->socket);
	netns_destroy(w->ns);
	*w = (struct overhead_way){.fd = -1};
}

/* -- pings ------------------------------------------------------------------------------------------------------- */

struct ping {
	struct icmphdr head;
	int64_t t; /* ours, comes back as it was */
	uint8_t filling[32];
};

static uint16_t checksum(const void *bytes, size_t n)
{
	const uint16_t *p = bytes;
	uint32_t sum = 0;

	for (; n; n -= 2)
		sum += *p++;
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

static void send_one(struct overhead_way *w)
{
	struct ping p = {.head = {.type = ICMP_ECHO, .un.echo = {.id = w->id, .sequence = ++w->seq}}};

	p.t = now_mono();
	p.head.checksum = checksum(&p, sizeof(p));
	if (send(w->fd, &p, sizeof(p), 0) < 0)
		return; /* nobody will answer, and that is counted */
}

/* What has come back; how many. */
static uint64_t take(struct overhead_way *w, struct hist *way)
{
	struct { struct iphdr ip; struct ping p; } __attribute__((packed)) m;
	uint64_t n = 0;
	int64_t t;

	while (recv(w->fd, &m, sizeof(m), 0) >= (ssize_t)sizeof(m)) {
		t = now_mono();
		if (m.p.head.type != ICMP_ECHOREPLY || m.p.head.un.echo.id != w->id)
			continue;
		if (way)
			hist_add(way, t - m.p.t);
		n++;
	}
	return n;
}

/* Ping for span_ns; answers are waited for until the next is due, and for REPLY_NS after the last. */
static int ping(struct overhead_way *w, int64_t span_ns, struct hist *way, uint64_t *sent, uint64_t *back)
{
	struct pollfd fd = {.fd = w->fd, .events = POLLIN};
	int64_t t = now_mono(), t_next = t, t_end = t + span_ns, t_last = t_end + REPLY_NS;
	struct timespec ts;

	*sent = *back = 0;
	for (; t < t_last && (t < t_end || *back < *sent); t = now_mono()) {
		if (t >= t_next && t < t_end) {
			send_one(w);
			++*sent;
			t_next += w->conf->period_ns;
		}
		if (!(*sent % 64) && procs_pause(w->conf->set, 0) == -EINTR)
			return -EINTR;
		t = (t < t_end ? t_next : t_last) - now_mono();
		ts = (struct timespec){.tv_nsec = t < 0 ? 0 : t < 100 * NS_PER_MS ? t : 100 * NS_PER_MS};
		ppoll(&fd, 1, &ts, NULL);
		*back += take(w, way);
	}
	return 0;
}

/* -- guests ------------------------------------------------------------------------------------------------------ */

/* The shell ends with the probes, and tells that it does. */
#define GUEST_DONE "the probes have ended"

int overhead_way_boot(struct overhead_way *w, const struct overhead_set *set, struct why *why)
{
	char text[TEXT_LEN], cpu[16];
	const char *command[] = {"sh", "-c", text, NULL};
	bool uml = !strcmp(w->conf->guest, "uml");
	struct vm_conf conf;
	uint64_t sent, back = 0;
	int64_t t_end;
	int rc;

	vm_conf_init(&conf);
	conf.uml = uml;
	conf.qemu = !uml;
	conf.kernel = uml || !strcmp(w->conf->guest, "qemu") ? NULL : w->conf->guest;
	conf.socket = w->socket;
	conf.ip = GUEST_IP "/24";
	conf.name = "way";
	snprintf(cpu, sizeof(cpu), "%d", w->conf->other_cpu);
	conf.cpu = cpu;
	conf.nice = URGENT;
	if (set) {
		snprintf(text, sizeof(text), "%s; echo " GUEST_DONE " $?", set->command);
		conf.command = command;
	}
	rc = vm_start(&w->vm, w->conf->set, &conf, why) ?: vm_wait_ready(w->vm, BOOT_NS, why);
	for (t_end = now_mono() + 10 * NS_PER_SEC; !rc && !back && now_mono() < t_end;)
		rc = ping(w, 100 * NS_PER_MS, NULL, &sent, &back);
	if (!rc && !back)
		return why_fail(why, EIO, "the guest does not answer");
	return rc ?: procs_pause(w->conf->set, uml ? SETTLE_NS : GUEST_SETTLE_NS);
}

void overhead_way_halt(struct overhead_way *w)
{
	vm_stop(w->vm);
	w->vm = NULL;
}

static int still_there(struct overhead_way *w, struct proc *probe, const struct overhead_set *set, struct why *why)
{
	char line[160] = "";
	int status;

	if (probe && proc_wait(probe, 0, &status) != -ETIMEDOUT) {
		while (proc_read_line(probe, line, sizeof(line), 0) > 0)
			;
		line[strcspn(line, "\n")] = '\0';
		return why_fail(why, ENODATA, "%s: ended with status %d: %s", set->command, status, line);
	}
	if (!vm_wait_line(w->vm, GUEST_DONE, line, sizeof(line), 1)) /* none is said in a guest without probes */
		return why_fail(why, ENODATA, "in the guest: %.100s", line);
	return 0;
}

/* -- a stretch --------------------------------------------------------------------------------------------------- */

static int start_probe(struct proc **out, struct overhead_way *w, const struct overhead_set *set, struct why *why)
{
	const char *argv[MAX_WORDS + 1];
	char text[TEXT_LEN], cpu[16], *save, *word;
	struct proc_conf conf = {.name = set->name, .argv = argv, .cpu = cpu};
	int n = 0;

	snprintf(text, sizeof(text), "%s", set->command);
	for (word = strtok_r(text, " ", &save); word && n < MAX_WORDS; word = strtok_r(NULL, " ", &save))
		argv[n++] = !strcmp(word, "takt") ? w->conf->takt : !strcmp(word, "%s") ? w->ctl : word;
	argv[n] = NULL;
	snprintf(cpu, sizeof(cpu), "%d", w->conf->other_cpu);
	return proc_start(out, w->conf->set, &conf, why);
}

static void read_stays(struct overhead_way *w, uint64_t pos, struct overhead_stretch *out)
{
	struct pkt batch[BATCH];
	uint32_t i, n;

	while ((n = rec_read(w->shm, &pos, batch, BATCH, &out->unread)))
		for (i = 0; i < n; i++)
			if (batch[i].verdict == VERDICT_SENT)
				hist_add(&out->stay, batch[i].t_out - batch[i].t_seen);
}

int overhead_way_measure(struct overhead_way *w, const struct overhead_set *set, struct overhead_stretch *out, struct why *why)
{
	struct proc *probe = NULL;
	uint64_t pos, sent, back;
	int rc = 0;

	*out = (struct overhead_stretch){0};
	if (set)
		rc = start_probe(&probe, w, set, why) ?: procs_pause(w->conf->set, SETTLE_NS) ?: still_there(w, probe, set, why);
	rc = rc ?: ping(w, WARM_NS, NULL, &sent, &back);
	pos = atomic_load_explicit(&w->shm->head, memory_order_acquire);
	rc = rc ?: ping(w, w->conf->span_ns, &out->way, &out->sent, &back) ?: still_there(w, probe, set, why);
	proc_stop(probe, DAEMON_GRACE_NS);
	if (rc)
		return rc;
	out->lost = out->sent - (back < out->sent ? back : out->sent);
	read_stays(w, pos, out);
	return 0;
}
