/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/urgent.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"

static int pin(int64_t cpu, struct why *why)
{
	cpu_set_t set;

	if (cpu < 0)
		return 0;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (cpu >= CPU_SETSIZE || sched_setaffinity(0, sizeof(set), &set))
		return why_fail(why, EINVAL, "--cpu %" PRId64 ": this machine has no such CPU for us (`nproc` and `taskset -p $$` show which there are)", cpu);
	return 0;
}

int urgent_be(const struct urgent_conf *c, struct why *why)
{
	struct sched_param prio = { .sched_priority = (int)c->fifo };
	int rc = pin(c->cpu, why);

	if (rc)
		return rc;
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		log_warn("memory is not locked: %s", strerror(errno));
	if (c->fifo && sched_setscheduler(0, SCHED_FIFO, &prio))
		log_warn("--sched-fifo: %s: running without it", strerror(errno));
	return 0;
}
