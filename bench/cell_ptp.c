/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cell_ptp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/backend.h"
#include "bench/ptp4l.h"
#include "bench/ptp_stat.h"
#include "ptp/now.h"
#include "ptp/pmc_sock.h"

#define LOG_INTERVAL (-3) /* of Sync and Delay_Req: eight a second */
#define INTERVAL_NS  (NS_PER_SEC / 8)
#define SETTLE_NS    (4 * PTP_STAT_FILTER * INTERVAL_NS) /* requests come at random, one an interval on average */
#define START_NS     (20 * NS_PER_SEC)

struct cell_ptp {
	struct cell_run *run;
	struct ptp4l_conf conf;
	struct proc *proc[PTP4L_ROLES];
	struct pmc_sock *pmc;
	struct ptp_sample *sample;
	size_t n, room;
};

bool cell_ptp_wanted(const struct cell *c)
{
	return strcmp(c->value[AXIS_CORRECTION], "none");
}

int cell_ptp_can(const struct cell *c, struct why *why)
{
	if (!cell_ptp_wanted(c))
		return 0;
	if (strcmp(c->value[AXIS_GUEST], "none"))
		return why_fail(why, ENOTSUP, "correction: both clocks have to be one, so that the truth is known: guest has to be none");
	return backend_needs("correction", "ptp4l", "linuxptp", why);
}

static int there(struct cell_ptp *p, struct why *why)
{
	int i, status;

	for (i = 0; i < PTP4L_ROLES; i++)
		if (p->proc[i] && proc_wait(p->proc[i], 0, &status) != -ETIMEDOUT)
			return why_fail(why, EIO, "ptp4l ended with %d", status);
	return 0;
}

int cell_ptp_start(struct cell_ptp **out, struct cell_run *r, struct why *why)
{
	const struct cell_end *far = &r->end[END_FAR], *guest = &r->end[END_GUEST];
	int64_t t_end = now_mono() + START_NS;
	char path[PTP4L_PATH_LEN];
	struct cell_ptp *p;
	int rc;

	if (!cell_ptp_wanted(r->c))
		return 0;
	p = *out = calloc(1, sizeof(*p));
	if (!p)
		return why_fail(why, ENOMEM, "out of memory");
	p->run = r;
	p->conf = (struct ptp4l_conf){.set = r->set, .dir = CELL_ROOM, .cpu = r->c->other_cpu, .log_interval = LOG_INTERVAL};
	rc = ptp4l_start(&p->proc[PTP4L_MASTER], &p->conf, PTP4L_MASTER, far->name, far->iface, NULL, why) ?:
	     ptp4l_start(&p->proc[PTP4L_CLIENT], &p->conf, PTP4L_CLIENT, guest->name, guest->iface, NULL, why);
	if (rc)
		return rc;
	ptp4l_sock(path, &p->conf, PTP4L_CLIENT);
	do
		rc = procs_pause(r->set, CELL_PTP_TURN_NS) ?: there(p, why) ?: pmc_sock_open(&p->pmc, path, 0, why);
	while (rc && rc != -EINTR && rc != -EIO && now_mono() < t_end);
	return rc;
}

static int keep(struct cell_ptp *p, const struct ptp_sample *s)
{
	size_t room = p->room ? 2 * p->room : 1024;
	struct ptp_sample *v;

	if (p->n == p->room) {
		v = realloc(p->sample, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		p->sample = v;
		p->room = room;
	}
	p->sample[p->n++] = *s;
	return 0;
}

/* A Sync that came since is one more sample. What it does not tell in time is missing. */
int cell_ptp_watch(struct cell_ptp *p, struct why *why)
{
	struct pmc_reply a, b;
	struct ptp_sample s;
	int n, rc;

	if (!p)
		return 0;
	rc = there(p, why);
	n = rc ? rc : pmc_sock_ask(p->pmc, PMC_TIME_STATUS_NP, &a, 1, why);
	if (n < 0)
		return n == -ETIMEDOUT ? 0 : n;
	s = (struct ptp_sample){.t_ingress = a.time_status.t_ingress, .offset_ns = a.time_status.offset_ns};
	if (a.error || !s.t_ingress || (p->n && p->sample[p->n - 1].t_ingress == s.t_ingress))
		return 0;
	n = pmc_sock_ask(p->pmc, PMC_CURRENT_DS, &b, 1, why);
	if (n < 0)
		return n == -ETIMEDOUT ? 0 : n;
	s.delay_ns = b.error ? 0 : b.current.path_delay_ns;
	return keep(p, &s) ? why_fail(why, ENOMEM, "out of memory") : 0;
}

static int write_samples(const struct cell_ptp *p, struct why *why)
{
	char path[CELL_PATH_LEN];
	FILE *f;
	size_t i;

	snprintf(path, sizeof(path), "%s/ptp.tsv", p->run->dir);
	f = fopen(path, "we");
	if (!f)
		return why_fail(why, errno, "%.200s: %s", path, strerror(errno));
	fprintf(f, "t_ingress\toffset_ns\tdelay_ns\n");
	for (i = 0; i < p->n; i++)
		fprintf(f, "%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", p->sample[i].t_ingress, p->sample[i].offset_ns, p->sample[i].delay_ns);
	return fclose(f) ? why_fail(why, errno, "%.200s: %s", path, strerror(errno)) : 0;
}

int cell_ptp_end(struct cell_ptp *p, struct why *why)
{
	struct ptp_stat s = {0};

	if (!p)
		return 0;
	ptp_stat_settle(&s, p->sample, &p->n, SETTLE_NS, INTERVAL_NS);
	if (!p->n)
		return why_fail(why, EIO, "no offset was measured after the PTP client had settled: give a longer warm-up, 10s");
	if (ptp_stat_make(&s, p->sample, p->n))
		return why_fail(why, ENOMEM, "out of memory");
	json_object_set_new(p->run->doc, "ptp",
			    json_pack("{s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:I, s:I}", "samples", (json_int_t)s.samples, "left_out", (json_int_t)s.left_out, "missing",
				      (json_int_t)s.missing, "rms_ns", s.rms_ns, "mean_ns", s.mean_ns, "median_ns", (json_int_t)s.median_ns, "p99_ns",
				      (json_int_t)s.p99_ns, "max_ns", (json_int_t)s.max_ns, "delay_ns", (json_int_t)s.delay_ns));
	return write_samples(p, why);
}

void cell_ptp_stop(struct cell_ptp *p)
{
	int i;

	if (!p)
		return;
	pmc_sock_close(p->pmc);
	for (i = PTP4L_ROLES; i-- > 0;)
		proc_stop(p->proc[i], CELL_GRACE_NS);
	ptp4l_clean(&p->conf);
	free(p->sample);
	free(p);
}
