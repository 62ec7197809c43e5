/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/linuxptp.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Others that would steer the same clock. */
#define STEERERS "chrony.service chronyd.service ntp.service ntpd.service ntpsec.service openntpd.service systemd-timesyncd.service timemaster.service"

/* systemd's name of a device: what is no letter, digit, ':', '_' or '.' is written in hexadecimal (systemd-escape(1)). */
static void put_escaped(FILE *f, const char *name)
{
	const char *s;

	for (s = name; *s; s++)
		if (isalnum((unsigned char)*s) || *s == ':' || *s == '_' || (*s == '.' && s != name))
			fputc(*s, f);
		else
			fprintf(f, "\\x%02x", (unsigned char)*s);
}

static void put_devices(const struct linuxptp *l, FILE *f)
{
	int i;

	for (i = 0; i < l->ports; i++) {
		fputs(" sys-subsystem-net-devices-", f);
		put_escaped(f, l->interface[i]);
		fputs(".device", f);
	}
}

/* Debian's own units for the same interfaces. */
static void put_conflicts(const struct linuxptp *l, FILE *f, const char *daemon, bool steers)
{
	int i;

	fprintf(f, "Conflicts=%s.service", daemon);
	for (i = 0; i < l->ports; i++) {
		fprintf(f, " %s@", daemon);
		put_escaped(f, l->interface[i]);
		fputs(".service", f);
	}
	if (steers)
		fprintf(f, "\n# They would steer the same clock.\nConflicts=" STEERERS);
	fputc('\n', f);
}

static void put_interfaces(const struct linuxptp *l, FILE *f)
{
	int i;

	for (i = 0; i < l->ports; i++)
		fprintf(f, "%s%s", i ? ", " : "", l->interface[i]);
}

/* CPUAffinity=, away from taktd's worker, which spins: who shares its CPU waits for milliseconds. */
static void put_cpus(const struct linuxptp *l, FILE *f)
{
	char cpus[CPU_LIST_STR_LEN], apart[CPU_LIST_STR_LEN];

	if (cpu_list_empty(&l->cpus)) {
		fputs("# CPUAffinity= is not set: which CPU taktd's worker has was not known. Keep this daemon off it.\n", f);
		return;
	}
	fprintf(f, "# Not on %s: taktd's worker spins there, or they are isolated.\nCPUAffinity=%s\n", cpu_list_str(apart, &l->apart), cpu_list_str(cpus, &l->cpus));
}

static void put_service(const struct linuxptp *l, FILE *f)
{
	put_cpus(l, f);
	fputs("# Before ordinary work on those CPUs; it runs for microseconds at a time.\n"
	      "CPUSchedulingPolicy=fifo\nCPUSchedulingPriority=10\n"
	      "Restart=on-failure\nRestartSec=1\n"
	      "NoNewPrivileges=yes\nProtectKernelModules=yes\n", f);
}

/*
 * What a grandmaster says of its time: 37 s between TAI and UTC as ptp4l has it, valid, traceable. Without, no client sets its
 * kernel's TAI offset. Kernel stamps are UTC, so the time scale stays "arbitrary" with them.
 */
static void put_announce(const struct linuxptp *l, FILE *f)
{
	char pmc[256];

	snprintf(pmc, sizeof(pmc), "/usr/sbin/pmc -u -b 0 -d %d -t %d -s %s", l->domain, l->gptp, l->uds);
	fprintf(f,
		"# The UTC offset is announced as valid and the time as traceable: clients then set their TAI offset.\n"
		"ExecStartPost=/bin/sh -c 'until %s \"GET DEFAULT_DATA_SET\" | grep -q domainNumber; do sleep 0.2; done'\n"
		"ExecStartPost=%s \"SET GRANDMASTER_SETTINGS_NP clockClass 248 clockAccuracy 0xfe offsetScaledLogVariance 0xffff"
		" currentUtcOffset 37 leap61 0 leap59 0 currentUtcOffsetValid 1 ptpTimescale %d timeTraceable 1 frequencyTraceable 1"
		" timeSource 0xa0\"\n",
		pmc, pmc, l->hardware);
}

static void put_ptp4l(const struct linuxptp *l, FILE *f)
{
	fputs("[Unit]\nDescription=PTP for taktd on ", f);
	put_interfaces(l, f);
	fputs("\nDocumentation=man:ptp4l(8) man:takt(1)\nWants=network.target", f);
	put_devices(l, f);
	fputs("\nAfter=network.target", f);
	put_devices(l, f);
	if (l->steer >= 0)
		fputs("\nRequires=takt-ptp-steer.service\nAfter=takt-ptp-steer.service", f);
	fputs("\nBefore=time-sync.target\n", f);
	put_conflicts(l, f, "ptp4l", !l->hardware && !l->grandmaster);
	fprintf(f, "\n[Service]\nExecStart=/usr/sbin/ptp4l -f %s/takt-ptp4l.conf\n", l->dir);
	if (l->traceable)
		put_announce(l, f);
	put_service(l, f);
	fputs("\n[Install]\nWantedBy=multi-user.target\n", f);
}

/* One hardware clock: named. Several: ptp4l is asked which of them has the time. */
static void put_phc2sys_command(const struct linuxptp *l, FILE *f)
{
	fprintf(f, "ExecStart=/usr/sbin/phc2sys -f %s/takt-phc2sys.conf ", l->dir);
	if (l->ports > 1 && !l->one_clock)
		fprintf(f, "-a -r%s", l->grandmaster ? " -r" : "");
	else if (l->grandmaster)
		fprintf(f, "-s CLOCK_REALTIME -c %s -w", l->interface[0]);
	else
		fprintf(f, "-s %s -c CLOCK_REALTIME -w", l->interface[0]);
	fputs(" -R 8 -u 480\n", f);
}

static void put_phc2sys(const struct linuxptp *l, FILE *f)
{
	fputs("[Unit]\nDescription=", f);
	fputs(l->grandmaster ? "Hardware clock follows the system clock, for taktd" : "System clock follows the hardware clock, for taktd", f);
	fputs("\nDocumentation=man:phc2sys(8) man:takt(1)\nRequires=takt-ptp4l.service\nAfter=takt-ptp4l.service\nBefore=time-sync.target\n", f);
	put_conflicts(l, f, "phc2sys", !l->grandmaster);
	fputs("\n[Service]\n", f);
	if (!l->grandmaster)
		fputs("# Also sets the kernel's TAI offset, as soon as the grandmaster announces its UTC offset as valid and traceable.\n", f);
	put_phc2sys_command(l, f);
	put_service(l, f);
	fputs("\n[Install]\nWantedBy=multi-user.target\n", f);
}

/* AF_XDP takes what comes to its receive queue away from the kernel, and from ptp4l. */
static void put_steer(const struct linuxptp *l, FILE *f)
{
	static const char *const flow[] = {"ether proto 0x88f7", "udp4 dst-port 319", "udp4 dst-port 320", "udp6 dst-port 319", "udp6 dst-port 320"};
	int i, k, first = l->transport == LINUXPTP_L2 ? 0 : l->transport == LINUXPTP_UDPV4 ? 1 : 3, n = first ? 2 : 1;

	fputs("[Unit]\nDescription=PTP arrives beside AF_XDP on ", f);
	put_interfaces(l, f);
	fputs("\nDocumentation=man:ethtool(8) man:takt(1)\nWants=network.target", f);
	put_devices(l, f);
	fputs("\nAfter=network.target", f);
	put_devices(l, f);
	fprintf(f, "\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\n# AF_XDP takes all of its receive queue; PTP goes to queue %d.\n", l->steer);
	for (i = 0; i < l->ports; i++)
		for (k = 0; k < n; k++)
			fprintf(f, "ExecStart=/sbin/ethtool -N %s flow-type %s action %d\n", l->interface[i], flow[first + k], l->steer);
}

int linuxptp_units(const struct linuxptp *l, struct file_set *s, struct why *why)
{
	const struct {
		const char *name;
		void (*put)(const struct linuxptp *l, FILE *f);
		bool wanted;
	} units[] = {
		{"takt-ptp4l.service", put_ptp4l, true},
		{"takt-phc2sys.service", put_phc2sys, linuxptp_has_phc2sys(l)},
		{"takt-ptp-steer.service", put_steer, l->steer >= 0},
	};
	size_t i;
	FILE *f;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!units[i].wanted)
			continue;
		f = file_set_open(s, units[i].name, why);
		if (!f)
			return -ENOMEM;
		units[i].put(l, f);
	}
	return 0;
}
