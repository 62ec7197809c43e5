/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of numbers in management messages: IEEE 1588-2008 Tables 6, 7, 8 and 72, and linuxptp's timestamping modes.
 */
#include "ptp/pmc.h"

#include <stdio.h>
#include <string.h>

#include "base/ns.h"

struct name {
	uint16_t value;
	const char *text;
};

static const char *name_of(const struct name *n, uint16_t value, const char *other)
{
	for (; n->text; n++)
		if (n->value == value)
			return n->text;
	return other;
}

const char *pmc_error(uint16_t error)
{
	static const struct name names[] = {
		{1, "RESPONSE_TOO_BIG"}, {2, "NO_SUCH_ID"}, {3, "WRONG_LENGTH"}, {4, "WRONG_VALUE"},
		{5, "NOT_SETABLE"}, {6, "NOT_SUPPORTED"}, {0xfffe, "GENERAL_ERROR"}, {0, NULL},
	};

	return name_of(names, error, "unknown error");
}

const char *pmc_port_state(uint8_t state)
{
	static const struct name names[] = {
		{1, "INITIALIZING"}, {2, "FAULTY"}, {3, "DISABLED"}, {4, "LISTENING"}, {5, "PRE_MASTER"}, {6, "MASTER"},
		{7, "PASSIVE"}, {8, "UNCALIBRATED"}, {9, "SLAVE"}, {10, "GRAND_MASTER"}, {0, NULL},
	};

	return name_of(names, state, "unknown state");
}

const char *pmc_time_source(uint8_t source)
{
	static const struct name names[] = {
		{0x10, "atomic clock"}, {0x20, "GPS"}, {0x30, "terrestrial radio"}, {0x39, "serial time code"}, {0x40, "PTP"},
		{0x50, "NTP"}, {0x60, "set by hand"}, {0x90, "other"}, {0xa0, "internal oscillator"}, {0, NULL},
	};

	return name_of(names, source, "unknown time source");
}

const char *pmc_timestamping(uint8_t timestamping)
{
	static const struct name names[] = {
		{0, "software"}, {1, "hardware"}, {2, "legacy hardware"}, {3, "one-step"}, {4, "one-step P2P"}, {0, NULL},
	};

	return name_of(names, timestamping, "unknown time stamping");
}

int64_t pmc_accuracy_ns(uint8_t accuracy)
{
	/* Table 6 from 0x17 (1588-2019; 1588-2008 begins at 0x20) to 0x30; below a nanosecond rounded up */
	static const int64_t within[] = {
		1, 1, 1, 1, 1, 1, 1, 3, 10,
		25, 100, 250, NS_PER_US, 2500, 10 * NS_PER_US, 25 * NS_PER_US, 100 * NS_PER_US, 250 * NS_PER_US,
		NS_PER_MS, 2500 * NS_PER_US, 10 * NS_PER_MS, 25 * NS_PER_MS, 100 * NS_PER_MS, 250 * NS_PER_MS,
		NS_PER_SEC, 10 * NS_PER_SEC,
	};

	if (accuracy < 0x17 || accuracy - 0x17u >= sizeof(within) / sizeof(within[0]))
		return -1;
	return within[accuracy - 0x17];
}

const char *pmc_clock_str(char buf[static PMC_ID_STR_LEN], const struct pmc_clock_id *id)
{
	const uint8_t *b = id->byte;

	snprintf(buf, PMC_ID_STR_LEN, "%02x%02x%02x.%02x%02x.%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
	return buf;
}

const char *pmc_port_str(char buf[static PMC_ID_STR_LEN], const struct pmc_port_id *id)
{
	size_t len = strlen(pmc_clock_str(buf, &id->clock));

	snprintf(buf + len, PMC_ID_STR_LEN - len, "-%u", id->number);
	return buf;
}

bool pmc_clock_same(const struct pmc_clock_id *a, const struct pmc_clock_id *b)
{
	return !memcmp(a->byte, b->byte, sizeof(a->byte));
}
