/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/linuxptp.h"

#include <errno.h>
#include <stdlib.h>

/* What the files are for; a row is written when all of its bits hold. */
enum when {
	CLIENT = 1 << 0,
	GRANDMASTER = 1 << 1,
	GPTP = 1 << 2,
	PLAIN = 1 << 3, /* IEEE 1588's default profile */
	HARD = 1 << 4,
	SOFT = 1 << 5,
	MANY = 1 << 6, /* hardware clocks */
};

struct row {
	unsigned int when;
	const char *name, *value;
	const char *why; /* a comment above it; NULL: with the row before */
};

#define SOFT_STAMPS                                                                                                                      \
	"Stamps by the kernel: this interface has no hardware clock. The cost: its queues, interrupts and wake-ups are part of the\n"     \
	"# measured path, microseconds instead of nanoseconds, more under load, and what the two directions do not share is an offset\n"

static const struct row ptp4l_rows[] = {
	{CLIENT, "slaveOnly", "1",
	 "A client never gives time to others, whatever it hears. (clientOnly from 4.0 on, which knows this name too. 802.1AS's own\n"
	 "# gmCapable 0 would not do: 3.1.1 sends Announce and Sync with it while it hears no other.)"},
	{CLIENT | GPTP, "priority1", "248", "An end station's: with less than its grandmaster's, 3.1.1 would not follow it, slaveOnly or not."},
	{CLIENT | GPTP, "priority2", "248", NULL},
	{GRANDMASTER, "masterOnly", "1", "Never follows another clock: the system clock is the source, and two sources would pull."},
	{GRANDMASTER | PLAIN, "priority1", "127", "Better than those that nobody configured (128)."},
	{GRANDMASTER | GPTP, "priority1", "246", "Better than an end station (248): 802.1AS-2020, 8.6.2.1."},
	{GPTP, "transportSpecific", "0x1", "802.1AS: its own nibble and address, peer delay, eight Sync a second, two steps."},
	{GPTP, "ptp_dst_mac", "01:80:C2:00:00:0E", NULL},
	{GPTP, "delay_mechanism", "P2P", NULL},
	{GPTP, "logAnnounceInterval", "0", NULL},
	{GPTP, "logSyncInterval", "-3", NULL},
	{GPTP, "syncReceiptTimeout", "3", NULL},
	{GPTP, "follow_up_info", "1", NULL},
	{GPTP, "path_trace_enabled", "1", NULL},
	{GPTP, "assume_two_step", "1", NULL},
	{GPTP, "min_neighbor_prop_delay", "-20000000", NULL},
	{GPTP | HARD, "neighborPropDelayThresh", "800", "ns: a neighbour further away is no 802.1AS link. Copper of 100 m takes 500."},
	{GPTP | SOFT, "neighborPropDelayThresh", "20000000",
	 "ns. 802.1AS has 800; stamps by the kernel make every link look longer than that, and no port would be asCapable."},
	{HARD, "time_stamping", "hardware", "Stamps by the NIC."},
	{HARD, "tx_timestamp_timeout", "50", "ms until the NIC has given the stamp of what was sent. 3.1.1 has 1: the port goes FAULTY."},
	{CLIENT | SOFT, "time_stamping", "software",
	 SOFT_STAMPS "# that nobody sees. ptp4l steers CLOCK_REALTIME itself, so there is no phc2sys."},
	{GRANDMASTER | SOFT, "time_stamping", "software",
	 SOFT_STAMPS "# that nobody sees. The stamps are CLOCK_REALTIME's, which something else (chrony) has to keep; so there is no phc2sys."},
	{SOFT, "tx_timestamp_timeout", "100", "ms until the kernel has given the stamp of what was sent. 3.1.1 has 1: the port goes FAULTY."},
	{HARD | MANY, "boundary_clock_jbod", "1", "Several hardware clocks: phc2sys keeps them together."},
	{CLIENT | HARD, "step_threshold", "0.001",
	 "s: further off, the clock is stepped, not turned for minutes; taktd counts a step and finds its place in the cycle again."},
	{CLIENT | SOFT, "step_threshold", "0.02", "s: further off, the clock is stepped, not turned for minutes. Kernel stamps stray by milliseconds under load."},
	{0, "summary_interval", "6", "One line of statistics each 2^6 s; 0 while you set up."},
	{0, "verbose", "1", "To the journal, by standard output."},
	{0, "use_syslog", "0", NULL},
};

static const struct row phc2sys_rows[] = {
	{GPTP, "transportSpecific", "0x1", "ptp4l answers to its own nibble only."},
	{CLIENT, "step_threshold", "0.001", "s: further off, the clock is stepped, not turned for minutes."},
	{0, "verbose", "1", "To the journal, by standard output."},
	{0, "use_syslog", "0", NULL},
};

const char *linuxptp_transport_name(enum linuxptp_transport t)
{
	static const char *const names[] = {[LINUXPTP_L2] = "L2", [LINUXPTP_UDPV4] = "UDPv4", [LINUXPTP_UDPV6] = "UDPv6"};

	return names[t];
}

static unsigned int facts(const struct linuxptp *l)
{
	return (l->grandmaster ? GRANDMASTER : CLIENT) | (l->gptp ? GPTP : PLAIN) | (l->hardware ? HARD : SOFT) |
	       (l->ports > 1 && !l->one_clock ? MANY : 0);
}

static void put_rows(FILE *f, const struct row *row, size_t n, unsigned int holds)
{
	for (; n; n--, row++) {
		if (row->when & ~holds)
			continue;
		if (row->why)
			fprintf(f, "# %s\n", row->why);
		fprintf(f, "%-24s %s\n", row->name, row->value);
	}
}

/* phc2sys asks ptp4l: what they must agree on is written once. */
static void put_shared(const struct linuxptp *l, FILE *f)
{
	fprintf(f, "%-24s %d\n", "domainNumber", l->domain);
	fprintf(f, "# linuxptp 3.1.1 has this one socket, and none that may only be read.\n%-24s %s\n", "uds_address", l->uds);
}

static void put_ptp4l(const struct linuxptp *l, FILE *f)
{
	int i;

	fprintf(f, "# ptp4l beside taktd: %s, %s, stamps by %s. Written by takt clock --linuxptp.\n[global]\n",
		l->grandmaster ? "grandmaster" : "client", l->gptp ? "802.1AS (gPTP)" : "IEEE 1588 default profile",
		l->hardware ? "the NIC" : "the kernel");
	put_shared(l, f);
	fprintf(f, "%-24s %s\n", "network_transport", linuxptp_transport_name(l->transport));
	put_rows(f, ptp4l_rows, sizeof(ptp4l_rows) / sizeof(ptp4l_rows[0]), facts(l));
	for (i = 0; i < l->ports; i++)
		fprintf(f, "\n[%s]\n", l->interface[i]);
}

static void put_phc2sys(const struct linuxptp *l, FILE *f)
{
	fprintf(f, "# phc2sys beside taktd: %s. Written by takt clock --linuxptp.\n[global]\n",
		l->grandmaster ? "the NIC's clock follows the system clock" : "the system clock follows the NIC's");
	put_shared(l, f);
	put_rows(f, phc2sys_rows, sizeof(phc2sys_rows) / sizeof(phc2sys_rows[0]), facts(l));
}

int linuxptp_files(const struct linuxptp *l, struct file_set *s, struct why *why)
{
	FILE *f = file_set_open(s, "takt-ptp4l.conf", why);

	if (!f)
		return -ENOMEM;
	put_ptp4l(l, f);
	if (linuxptp_has_phc2sys(l)) {
		f = file_set_open(s, "takt-phc2sys.conf", why);
		if (!f)
			return -ENOMEM;
		put_phc2sys(l, f);
	}
	return linuxptp_units(l, s, why);
}
