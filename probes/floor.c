/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/floor.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "ptp/noise_run.h"
#include "vnet/client.h"

/* The CPU a thread is on, field 39 of its stat; the second may hold blanks and parentheses. */
static int cpu_of(int64_t tid)
{
	char path[64], text[1024], *at;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)tid);
	f = fopen(path, "re");
	if (f) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 39; field++)
		at = strchr(at + 1, ' ');
	return at ? (int)strtol(at, NULL, 10) : -1;
}

static int worker_cpu(int *cpu, const char *name, struct why *why)
{
	json_t *reply, *worker, *pinned;
	int err = client_request(name, json_pack("{s:s}", "cmd", "show"), &reply, why);

	if (err)
		return err;
	worker = json_object_get(reply, "worker");
	pinned = json_object_get(worker, "cpu");
	*cpu = json_is_integer(pinned) ? (int)json_integer_value(pinned) : cpu_of(json_integer_value(json_object_get(worker, "tid")));
	json_decref(reply);
	return 0;
}

int floor_look(struct noise_result *r, const char *name, struct why *why)
{
	struct cpu_list cpus;
	int cpu = -1, err = worker_cpu(&cpu, name, why);

	if (err)
		return err;
	cpus = noise_cpus(cpu);
	return noise_quick(&cpus, NOISE_QUICK_NS, r, why);
}
