/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/steal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "ptp/now.h"

bool steal_line(const char *line, int *cpu, uint64_t *ticks)
{
	/* "cpu  " is the sum of all, and %d would skip the blanks. */
	return !strncmp(line, "cpu", 3) && line[3] != ' ' && sscanf(line, "cpu%d %*u %*u %*u %*u %*u %*u %*u %" SCNu64, cpu, ticks) == 2;
}

void steal_look(struct steal *s, const struct cpu_list *cpus, event_fn *fn, void *ctx)
{
	int64_t now = now_mono(), tick = NS_PER_SEC / sysconf(_SC_CLK_TCK);
	FILE *f = fopen("/proc/stat", "re");
	char line[512];
	uint64_t ticks;
	int cpu;

	while (f && fgets(line, sizeof(line), f)) {
		if (!steal_line(line, &cpu, &ticks) || cpu < 0 || cpu >= CPU_LIST_MAX)
			continue;
		if (s->known && ticks > s->ticks[cpu] && (!cpus || cpu_list_has(cpus, cpu))) {
			struct event e = {.kind = EV_STEAL, .t = s->t_last, .t_end = now, .cpu = (uint16_t)cpu,
					  .arg = (ticks - s->ticks[cpu]) * tick};

			s->stolen_ns[cpu] += (int64_t)e.arg;
			fn(ctx, &e);
		}
		s->ticks[cpu] = ticks;
	}
	if (f) {
		s->known = true;
		s->t_last = now;
		fclose(f);
	}
}
