/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ptp_arm.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/ptp4l.h"
#include "ptp/now.h"
#include "ptp/pmc_sock.h"
#include "vnet/client.h"

#define LINK_BPS  INT64_C(1000000000)
#define FIRST_NS  (60 * NS_PER_SEC)	/* until the client has a path delay, on a machine that is busy */
#define SETTLE	  4			/* times the delay filter's length: requests come at random, one an interval on average */
#define LONGER	  4			/* times as long as a machine with nothing else to do would take */
#define BATCH	  1024
#define FLOOD_DST "02:00:00:00:fe:ed"	/* nobody's: it goes out by the other port */
#define FLOOD_VID 5
#define BURST_NS  NS_PER_MS		/* the talkers wake up so often */

struct run {
	const struct ptp_arm_conf *conf;
	const struct ptp_net *net;
	struct ptp_arm_result *r;
	enum ptp_arm arm;
	struct ptp4l_conf ptp;
	struct proc *ptp4l[PTP4L_ROLES], *taktd, *flood[2];
	struct daemon_conf daemon;
	char name[16], ports[2048];
	struct pmc_sock *pmc;
	const struct rec_shm *shm;
	uint64_t pos, gap_pos;
	struct pkt *rec;		/* BATCH of them */
	struct ptp4l_log log;
};

static int64_t interval_ns(const struct ptp_arm_conf *c)
{
	return c->log_interval < 0 ? NS_PER_SEC >> -c->log_interval : NS_PER_SEC << c->log_interval;
}

/* -- taktd ------------------------------------------------------------------------------------------------------- */

static int put_port(char *text, size_t size, const char *iface, int nr, bool correction, const char *gates)
{
	return snprintf(text, size,
			"  - name: %s\n    wire: \"net_af_packet%d,iface=%s\"\n    link-speed: %" PRId64
			"\n    vlans: [%d]\n    priority: %d\n    traffic-class-table: [0, 1, 2, 3, 4, 5, 6, 7]\n"
			"    ptp: {correction: %s}\n    gate-parameters: %s\n",
			iface, nr, iface, LINK_BPS, FLOOD_VID, PTP_CHECK_TC, correction ? "true" : "false", gates);
}

static int start_taktd(struct run *u, struct why *why)
{
	const struct ptp_arm_conf *c = u->conf;
	struct ptp_arm_result *r = u->r;
	bool correction = u->arm == PTP_TC;
	char gates[512];
	int n;

	r->plan.list = (struct timeline_list){
		.cycle_ns = c->cycle_ns, .n = 2, .entry = {{1 << PTP_CHECK_TC, c->open_ns},
							   {0xff & ~(1 << PTP_CHECK_TC), c->cycle_ns - c->open_ns}}};
	r->timeline = (struct timeline){.plan = &r->plan, .n = 1};
	r->check = (struct ptp_check){.timeline = &r->timeline, .link_bps = LINK_BPS};
	timeline_write(gates, sizeof(gates), &r->plan.list);
	n = put_port(u->ports, sizeof(u->ports), "m1", 0, correction, gates);
	put_port(u->ports + n, sizeof(u->ports) - (size_t)n, "c1", 1, correction, gates);
	snprintf(u->name, sizeof(u->name), "ptp-%d", (int)getpid());
	u->daemon = (struct daemon_conf){.taktd = c->taktd,
					 .dir = c->dir,
					 .name = u->name,
					 .worker_cpu = c->worker_cpu,
					 .other_cpu = c->other_cpu,
					 .netns = u->net->name[PTP_NET_MIDDLE],
					 .small_pages = true,
					 .ports = u->ports};
	return daemon_start(&u->taktd, c->set, &u->daemon, why) ?: client_map(&u->shm, u->name, why);
}

/* Talkers at both ends: the same number of frames in both directions. */
static int start_floods(struct run *u, struct why *why)
{
	const struct ptp_arm_conf *c = u->conf;
	char cpu[16], rate[24], burst[24], len[24], vid[8];
	int64_t n = c->flood * BURST_NS / NS_PER_SEC;
	int i, rc = 0;

	snprintf(cpu, sizeof(cpu), "%d", c->other_cpu);
	snprintf(rate, sizeof(rate), "%" PRId64, c->flood);
	snprintf(burst, sizeof(burst), "%" PRId64, n < 1 ? 1 : n > 32 ? 32 : n);
	snprintf(len, sizeof(len), "%" PRId64, c->flood_len);
	snprintf(vid, sizeof(vid), "%d", FLOOD_VID);
	for (i = 0; i < 2 && !rc && c->flood; i++) {
		const char *argv[] = {c->takt, "send", "-i", i ? "c0" : "m0", "-d", FLOOD_DST, "-v", vid, "-s", len,
				      "-r", rate, "-b", burst, NULL};
		const struct proc_conf p = {
			.name = "takt send", .argv = argv, .netns = u->net->name[i ? PTP_NET_CLIENT : PTP_NET_MASTER],
			.cpu = cpu, .nice = 19};	/* less urgent than we and the ptp4l */

		rc = proc_start(&u->flood[i], c->set, &p, why);
	}
	return rc;
}

static int read_records(struct run *u)
{
	struct rec_gap gap[BATCH / 16];
	uint64_t unread = 0;
	uint32_t n, i;
	int rc = 0;

	if (!u->shm)
		return 0;
	do {
		n = rec_read(u->shm, &u->pos, u->rec, BATCH, &u->r->lost);
		for (i = 0; i < n && !rc; i++)
			rc = ptp_check_add(&u->r->check, &u->rec[i]);
	} while (n && !rc);
	do {
		n = rec_read_gaps(u->shm, &u->gap_pos, gap, BATCH / 16, &unread);
		if (u->r->check.t_first)	/* not those of its start */
			gaps_add(&u->r->gaps, gap, n, u->r->check.t_first, NS_NEVER, PTP_ARM_STALL_NS);
	} while (n);
	return rc;
}

/* -- start, watch, end ------------------------------------------------------------------------------------------- */

static int run_ptp4l(struct run *u, enum ptp4l_role role, const char *netns, const char *a, const char *b,
		     struct why *why)
{
	return ptp4l_start(&u->ptp4l[role], &u->ptp, role, netns, a, b, why);
}

static int start(struct run *u, struct why *why)
{
	const struct ptp_net *net = u->net;
	int rc = 0;

	if (u->arm == PTP_DIRECT)
		return run_ptp4l(u, PTP4L_MASTER, net->name[PTP_NET_NEAR], "m0", NULL, why) ?:
		       run_ptp4l(u, PTP4L_CLIENT, net->name[PTP_NET_FAR], "c0", NULL, why);
	if (u->arm == PTP_LINUXPTP)
		rc = run_ptp4l(u, PTP4L_CLOCK, net->name[PTP_NET_MIDDLE], "m1", "c1", why);
	else
		rc = start_taktd(u, why) ?: start_floods(u, why);
	return rc ?: run_ptp4l(u, PTP4L_MASTER, net->name[PTP_NET_MASTER], "m0", NULL, why) ?:
		     run_ptp4l(u, PTP4L_CLIENT, net->name[PTP_NET_CLIENT], "c0", NULL, why);
}

static int alive(struct proc *p, const char *name, struct why *why)
{
	char line[256] = "";
	int status, rc = p ? proc_wait(p, 0, &status) : -ETIMEDOUT;

	if (rc == -ETIMEDOUT || rc == -EINTR)
		return rc == -EINTR ? rc : 0;
	while (proc_read_line(p, line, sizeof(line), 0) > 0)
		;
	line[strcspn(line, "\n")] = '\0';
	return why_fail(why, EIO, "%s ended, status %d; its last words: %.200s", name, status, line);
}

static int all_alive(struct run *u, struct why *why)
{
	int i, rc = alive(u->taktd, "taktd", why);

	for (i = 0; i < PTP4L_ROLES && !rc; i++)
		rc = alive(u->ptp4l[i], "ptp4l", why);
	for (i = 0; i < 2 && !rc; i++)
		rc = alive(u->flood[i], "takt send", why);
	return rc;
}

static int keep(struct ptp_arm_result *r, const struct ptp_sample *s)
{
	size_t room = r->room ? 2 * r->room : 1024;
	struct ptp_sample *v;

	if (r->n_sample == r->room) {
		v = realloc(r->sample, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		r->sample = v;
		r->room = room;
	}
	r->sample[r->n_sample++] = *s;
	return 0;
}

/* Look at the client: a Sync that came since is one more sample. */
static int look(struct run *u, struct why *why)
{
	struct ptp_arm_result *r = u->r;
	struct pmc_reply a, b;
	struct ptp_sample s;
	int n = pmc_sock_ask(u->pmc, PMC_TIME_STATUS_NP, &a, 1, why);

	if (n < 0)
		return n == -ETIMEDOUT ? 0 : n;	/* it is alive: what it did not tell is missing */
	s = (struct ptp_sample){.t_ingress = a.time_status.t_ingress, .offset_ns = a.time_status.offset_ns};
	if (a.error || !s.t_ingress || (r->n_sample && r->sample[r->n_sample - 1].t_ingress == s.t_ingress))
		return 0;
	n = pmc_sock_ask(u->pmc, PMC_CURRENT_DS, &b, 1, why);
	if (n < 0)
		return n == -ETIMEDOUT ? 0 : n;
	s.delay_ns = b.error ? 0 : b.current.path_delay_ns;
	return keep(r, &s) ? why_fail(why, ENOMEM, "no memory for %zu samples", r->n_sample) : 0;
}

/* Its socket is there a moment after its start. */
static int call_client(struct run *u, struct why *why)
{
	int64_t t_end = now_mono() + 10 * NS_PER_SEC;
	char path[PTP4L_PATH_LEN];
	int rc;

	ptp4l_sock(path, &u->ptp, PTP4L_CLIENT);
	do
		rc = procs_pause(u->conf->set, 50 * NS_PER_MS) ?: all_alive(u, why) ?: pmc_sock_open(&u->pmc, path, 0, why);
	while (rc && rc != -EINTR && rc != -EIO && now_mono() < t_end);
	return rc;
}

/*
 * Until as many Syncs have been seen as come in the span. A machine that is busy may keep us from looking, so that some
 * are not seen: more time then, but not for ever.
 */
static int watch(struct run *u, struct why *why)
{
	const struct ptp_arm_conf *c = u->conf;
	const struct ptp_arm_result *r = u->r;
	int64_t want = c->span_ns / interval_ns(c) + SETTLE * PTP_STAT_FILTER, t_end = now_mono() + FIRST_NS;
	size_t first = 0;
	bool known = false;
	int rc;

	do {
		rc = procs_pause(c->set, interval_ns(c) / 4) ?: look(u, why) ?: all_alive(u, why);
		if (rc)
			return rc;
		if (read_records(u))
			return why_fail(why, ENOMEM, "out of memory");
		if (!known && r->n_sample && r->sample[r->n_sample - 1].delay_ns) {
			known = true;
			first = r->n_sample;
			t_end = now_mono() + LONGER * want * interval_ns(c);
		}
	} while (now_mono() < t_end && !(known && r->n_sample - first >= (size_t)want));
	if (!known)
		return why_fail(why, ETIMEDOUT, "the client has measured no path delay in %d s, but %zu offsets",
				(int)(FIRST_NS / NS_PER_SEC), r->n_sample);
	return 0;
}

/* A last look after the logs, so that every offset in them should have been told. */
static int end(struct run *u, struct why *why)
{
	int64_t settle_ns = SETTLE * PTP_STAT_FILTER * interval_ns(u->conf);
	struct ptp_arm_result *r = u->r;
	size_t i;
	int rc = 0;

	for (i = 0; i < PTP4L_ROLES && !rc; i++)
		rc = u->ptp4l[i] ? ptp4l_read(&u->log, u->ptp4l[i], (enum ptp4l_role)i) : 0;
	if (rc || read_records(u))
		return why_fail(why, ENOMEM, "out of memory");
	rc = look(u, why);
	if (rc)
		return rc;
	for (i = 0; i < u->log.n; i++)
		r->unpolled += !ptp_stat_has(r->sample, r->n_sample, u->log.offset[i]);
	r->trouble = u->log.trouble;
	memcpy(r->trouble_says, u->log.says, sizeof(r->trouble_says));
	ptp_check_sort(&r->check);
	ptp_stat_settle(&r->settled, r->sample, &r->n_sample, settle_ns, interval_ns(u->conf));
	if (!r->n_sample)
		return why_fail(why, EIO, "no offset was measured after the client had settled");
	return 0;
}

static void clean(struct run *u)
{
	size_t i;

	pmc_sock_close(u->pmc);
	for (i = 0; i < 2; i++)
		proc_stop(u->flood[i], DAEMON_GRACE_NS);
	for (i = PTP4L_ROLES; i-- > 0;)
		proc_stop(u->ptp4l[i], DAEMON_GRACE_NS);
	client_unmap(u->shm);
	proc_stop(u->taktd, DAEMON_GRACE_NS);
	if (u->daemon.dir)
		daemon_clean(&u->daemon);
	ptp4l_clean(&u->ptp);
	free(u->rec);
	free(u->log.offset);
}

int ptp_arm_run(struct ptp_arm_result *r, const struct ptp_arm_conf *conf, const struct ptp_net *net, enum ptp_arm arm,
		struct why *why)
{
	struct run u = {.conf = conf, .net = net, .r = r, .arm = arm};
	int rc;

	*r = (struct ptp_arm_result){0};
	u.ptp = (struct ptp4l_conf){.set = conf->set, .dir = conf->dir, .cpu = conf->other_cpu,
				    .udp4 = conf->udp4, .log_interval = conf->log_interval};
	u.rec = malloc(BATCH * sizeof(*u.rec));
	rc = u.rec ? start(&u, why) ?: call_client(&u, why) ?: watch(&u, why) ?: end(&u, why)
		   : why_fail(why, ENOMEM, "out of memory");
	clean(&u);
	return rc;
}

void ptp_arm_fini(struct ptp_arm_result *r)
{
	free(r->sample);
	ptp_check_fini(&r->check);
	*r = (struct ptp_arm_result){0};
}
