/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ptp4l.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/ptp_stat.h"

static const struct {
	const char *name, *lines;
} roles[PTP4L_ROLES] = {
	[PTP4L_MASTER] = {"master", "priority1 10\nannounceReceiptTimeout 3\n"},
	[PTP4L_CLIENT] = {"client", "slaveOnly 1\nannounceReceiptTimeout 80\n"},
	[PTP4L_CLOCK] = {"clock", "clock_type E2E_TC\ntc_spanning_tree 1\npriority1 254\nannounceReceiptTimeout 80\n"},
};

static void role_path(char path[PTP4L_PATH_LEN], const struct ptp4l_conf *c, enum ptp4l_role role, const char *suffix)
{
	snprintf(path, PTP4L_PATH_LEN, "%s/%s.%s", c->dir, roles[role].name, suffix);
}

void ptp4l_sock(char path[PTP4L_PATH_LEN], const struct ptp4l_conf *conf, enum ptp4l_role role)
{
	role_path(path, conf, role, "sock");
}

static int write_conf(const char *path, const struct ptp4l_conf *c, enum ptp4l_role role, struct why *why)
{
	char sock[PTP4L_PATH_LEN];
	FILE *f = fopen(path, "we");

	if (!f)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	ptp4l_sock(sock, c, role);
	fprintf(f,
		"[global]\nfree_running 1\nfreq_est_interval 3\ntime_stamping software\ntx_timestamp_timeout 100\n"
		"network_transport %s\ndelay_mechanism E2E\nlogAnnounceInterval -2\nlogSyncInterval %d\n"
		"logMinDelayReqInterval %d\nuds_address %s\n%s",
		c->udp4 ? "UDPv4" : "L2", c->log_interval, c->log_interval, sock, roles[role].lines);
	return fclose(f) ? why_fail(why, errno, "cannot write %s: %s", path, strerror(errno)) : 0;
}

int ptp4l_start(struct proc **out, const struct ptp4l_conf *conf, enum ptp4l_role role, const char *netns, const char *a,
		const char *b, struct why *why)
{
	char path[PTP4L_PATH_LEN], cpu[16], name[32];
	const char *argv[] = {"ptp4l", "-m", "-f", path, "-i", a, b ? "-i" : NULL, b, NULL};
	const struct proc_conf p = {.name = name, .argv = argv, .netns = netns, .cpu = cpu, .nice = -19};

	role_path(path, conf, role, "cfg");
	snprintf(cpu, sizeof(cpu), "%d", conf->cpu);
	snprintf(name, sizeof(name), "ptp4l (%s)", roles[role].name);
	return write_conf(path, conf, role, why) ?: proc_start(out, conf->set, &p, why);
}

void ptp4l_clean(const struct ptp4l_conf *conf)
{
	char path[PTP4L_PATH_LEN];
	int role;

	for (role = 0; role < PTP4L_ROLES; role++) {
		role_path(path, conf, (enum ptp4l_role)role, "cfg");
		unlink(path);
		role_path(path, conf, (enum ptp4l_role)role, "sock");
		unlink(path);
	}
}

static int keep(struct ptp4l_log *log, int64_t offset_ns)
{
	size_t room = log->room ? 2 * log->room : 256;
	int64_t *more;

	if (log->n == log->room) {
		more = realloc(log->offset, room * sizeof(*log->offset));
		if (!more)
			return -ENOMEM;
		log->offset = more;
		log->room = room;
	}
	log->offset[log->n++] = offset_ns;
	return 0;
}

int ptp4l_read(struct ptp4l_log *log, struct proc *p, enum ptp4l_role role)
{
	char line[512];
	int64_t offset_ns;
	int rc = 0;

	while (!rc && proc_read_line(p, line, sizeof(line), 0) > 0) {
		switch (ptp_stat_line(line, &offset_ns)) {
		case PTP_LINE_TROUBLE:
			if (!log->trouble++)
				snprintf(log->says, sizeof(log->says), "%s: %.*s", roles[role].name,
					 (int)strcspn(line, "\n"), line);
			break;
		case PTP_LINE_OFFSET:
			rc = role == PTP4L_CLIENT ? keep(log, offset_ns) : 0;
			break;
		case PTP_LINE_OTHER:
			break;
		}
	}
	return rc;
}
