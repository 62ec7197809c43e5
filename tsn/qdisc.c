/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/qdisc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const kinds[] = {
	[QDISC_TAPRIO] = "taprio", [QDISC_MQPRIO] = "mqprio", [QDISC_CBS] = "cbs", [QDISC_ETF] = "etf",
};

static const struct {
	int32_t id;
	const char *name;
} clocks[] = {
	{CLOCK_REALTIME, "CLOCK_REALTIME"},
	{CLOCK_MONOTONIC, "CLOCK_MONOTONIC"},
	{CLOCK_BOOTTIME, "CLOCK_BOOTTIME"},
	{CLOCK_TAI, "CLOCK_TAI"},
};

const char *qdisc_kind_name(enum qdisc_kind kind)
{
	return kinds[kind];
}

int qdisc_kind_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(kinds); i++)
		if (!strcmp(name, kinds[i]))
			return (int)i;
	return -1;
}

const char *qdisc_clock_name(int32_t clockid)
{
	size_t i;

	for (i = 0; i < COUNT(clocks); i++)
		if (clocks[i].id == clockid)
			return clocks[i].name;
	return NULL;
}

int32_t qdisc_clock_find(const char *name)
{
	const size_t prefix = strlen("CLOCK_");
	size_t i;

	if (!strncasecmp(name, "CLOCK_", prefix))
		name += prefix;
	for (i = 0; i < COUNT(clocks); i++)
		if (!strcasecmp(name, clocks[i].name + prefix))
			return clocks[i].id;
	return QDISC_NO_CLOCK;
}

void qdisc_fini(struct qdisc *q)
{
	if (!q || q->kind != QDISC_TAPRIO)
		return;
	free(q->taprio.gate.entries);
	free(q->taprio.commands);
	q->taprio.gate.entries = NULL;
	q->taprio.commands = NULL;
}
