/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks of what takes a CPU away from taktd's worker or from a guest, or wakes it late.
 */
#include "probes/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "probes/doctor_look.h"

#define LATE_US	    20  /* a gate's guard is of this order; a C1 wakes in 1 to 2 us, a C6 in 100 and more */
#define STEAL_SHARE 1e-3

/* The worker's CPUs; false and said when they are not known. */
static bool worker_known(struct doctor *d)
{
	if (!cpu_list_empty(&d->worker))
		return true;
	doctor_say(d, DOCTOR_UNKNOWN, "%s", d->worker_missing.text);
	return false;
}

/* Where it matters: the worker's CPUs, else all. */
static struct cpu_list where_it_matters(const struct doctor *d)
{
	struct cpu_list all;

	if (!cpu_list_empty(&d->worker) || look_cpus(d->root, &all, "/sys/devices/system/cpu/online"))
		return d->worker;
	return all;
}

void doctor_steal(struct doctor *d)
{
	unsigned long long t[8], sum = 0;
	char text[LOOK_TEXT];
	int i, n = look_text(d->root, text, sizeof(text), "/proc/stat");

	if (n < 0 || sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) != 8) {
		doctor_say(d, DOCTOR_UNKNOWN, "/proc/stat does not tell stolen time");
		return;
	}
	for (i = 0; i < 8; i++)
		sum += t[i];
	if (sum && (double)t[7] / (double)sum >= STEAL_SHARE)
		doctor_say(d, DOCTOR_TRAP, "%.2f %% of all time since it was booted was stolen by the hypervisor", 100.0 * (double)t[7] / (double)sum);
	else
		doctor_say(d, DOCTOR_OK, "%llu ticks stolen since it was booted", t[7]);
}

void doctor_governor(struct doctor *d)
{
	struct cpu_list cpus = where_it_matters(d), wrong = {{0}};
	char text[64], other[64] = "", list[CPU_LIST_STR_LEN];
	int cpu, n = 0;

	for (cpu = 0; cpu < CPU_LIST_MAX; cpu++) {
		if (!cpu_list_has(&cpus, cpu) || look_text(d->root, text, sizeof(text), "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu) < 0)
			continue;
		n++;
		if (!strcmp(text, "performance"))
			continue;
		cpu_list_add(&wrong, cpu);
		strcpy(other, text);
	}
	if (!n)
		doctor_say(d, DOCTOR_UNKNOWN, "no cpufreq here: the firmware or a hypervisor decides on the frequency");
	else if (other[0])
		doctor_say(d, DOCTOR_TRAP, "CPU %s: governor %s changes the frequency under a deadline", cpu_list_str(list, &wrong), other);
	else
		doctor_say(d, DOCTOR_OK, "CPU %s: performance", cpu_list_str(list, &cpus));
}

/* The slowest state that this CPU may go into, us; -1: it tells none. `limit_us`: no slower state is entered. */
static int64_t slowest_state(const struct doctor *d, int cpu, int64_t limit_us, char *name, size_t size)
{
	int64_t us, off, slowest = -1;
	int i;

	for (i = 0; i < 32; i++) {
		if (look_int(d->root, &us, "/sys/devices/system/cpu/cpu%d/cpuidle/state%d/latency", cpu, i))
			break;
		if ((!look_int(d->root, &off, "/sys/devices/system/cpu/cpu%d/cpuidle/state%d/disable", cpu, i) && off) || us > limit_us || us < slowest)
			continue;
		slowest = us;
		look_text(d->root, name, size, "/sys/devices/system/cpu/cpu%d/cpuidle/state%d/name", cpu, i);
	}
	return slowest;
}

void doctor_idle(struct doctor *d)
{
	struct cpu_list cpus = where_it_matters(d);
	int64_t us, worst = -1, limit_us = INT64_MAX;
	char text[64], name[64] = "", limit[64] = "";
	int cpu, at = 0;

	if (!look_dma_latency(d->root, &limit_us) && limit_us < 2000000000)
		snprintf(limit, sizeof(limit), " (/dev/cpu_dma_latency: %" PRId64 " us)", limit_us);
	for (cpu = 0; cpu < CPU_LIST_MAX; cpu++) {
		us = cpu_list_has(&cpus, cpu) ? slowest_state(d, cpu, limit_us, text, sizeof(text)) : -1;
		if (us <= worst)
			continue;
		worst = us;
		at = cpu;
		strcpy(name, text);
	}
	if (worst < 0)
		doctor_say(d, DOCTOR_UNKNOWN, "no cpuidle here: the firmware or a hypervisor decides how deep a CPU sleeps");
	else if (worst > LATE_US)
		doctor_say(d, DOCTOR_TRAP, "CPU %d may go into %s, and needs %" PRId64 " us to wake%s", at, name, worst, limit);
	else
		doctor_say(d, DOCTOR_OK, "the deepest state is %s, %" PRId64 " us to wake%s", name, worst, limit);
}

void doctor_daemons(struct doctor *d)
{
	char list[CPU_LIST_STR_LEN];
	struct cpu_list both;
	int i, n = 0, said = d->said;

	if (!worker_known(d))
		return;
	if (!d->procs.known || d->procs.more) {
		doctor_say(d, DOCTOR_UNKNOWN, "%s", d->procs.known ? "too many daemons run to look at all" : d->procs.missing.text);
		return;
	}
	for (i = 0; i < d->procs.n; i++) {
		const struct doctor_proc *p = &d->procs.proc[i];

		if (!strcmp(p->comm, "taktd"))
			continue;
		n++;
		both = cpu_list_and(p->cpus, &d->worker);
		if (cpu_list_empty(&p->cpus))
			doctor_say(d, DOCTOR_UNKNOWN, "%s %d does not tell where it may run", p->comm, p->pid);
		else if (!cpu_list_empty(&both))
			doctor_say(d, DOCTOR_TRAP, "%s %d may run on CPU %s, where taktd's worker spins", p->comm, p->pid, cpu_list_str(list, &both));
	}
	if (d->said == said)
		doctor_say(d, DOCTOR_OK, "%d daemon%s that keep time, none on CPU %s", n, n == 1 ? "" : "s", cpu_list_str(list, &d->worker));
}

/* Those of the worker's CPUs that this list of the kernel lacks. -errno when there is none. */
static int lacking(const struct doctor *d, const char *path, struct cpu_list *out)
{
	struct cpu_list l;
	int err = look_cpus(d->root, &l, "%s", path);

	if (!err)
		*out = cpu_list_without(*out, &l);
	return err;
}

void doctor_isolation(struct doctor *d)
{
	struct cpu_list rest = d->worker;
	char list[CPU_LIST_STR_LEN];
	int err, also;

	if (!worker_known(d))
		return;
	err = lacking(d, "/sys/devices/system/cpu/isolated", &rest);
	also = lacking(d, "/sys/fs/cgroup/cpuset.cpus.isolated", &rest);
	if (cpu_list_empty(&rest))
		doctor_say(d, DOCTOR_OK, "CPU %s is isolated", cpu_list_str(list, &d->worker));
	else if (err && also)
		doctor_say(d, DOCTOR_UNKNOWN, "the kernel does not tell its isolated CPUs: %s", strerror(-err));
	else
		doctor_say(d, DOCTOR_TRAP, "CPU %s is not isolated: the scheduler puts others beside taktd's worker", cpu_list_str(list, &rest));
}

void doctor_tick(struct doctor *d)
{
	struct cpu_list rest = d->worker;
	char list[CPU_LIST_STR_LEN];
	int err;

	if (!worker_known(d))
		return;
	err = lacking(d, "/sys/devices/system/cpu/nohz_full", &rest);
	if (err && err != -ENOENT)
		doctor_say(d, DOCTOR_UNKNOWN, "nohz_full: %s", strerror(-err));
	else if (cpu_list_empty(&rest))
		doctor_say(d, DOCTOR_OK, "no timer tick on CPU %s", cpu_list_str(list, &d->worker));
	else
		doctor_say(d, DOCTOR_TRAP, "the timer tick interrupts taktd's worker on CPU %s, 100 to 1000 times a second%s", cpu_list_str(list, &rest),
			   err ? " (this kernel has no nohz_full)" : "");
}

void doctor_interrupts(struct doctor *d)
{
	struct cpu_list l;
	char list[CPU_LIST_STR_LEN], names[80] = "";
	const struct dirent *e;
	int n = 0, seen = 0;
	DIR *dir;

	if (!worker_known(d))
		return;
	dir = look_dir(d->root, "/proc/irq");
	while (dir && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' || (look_cpus(d->root, &l, "/proc/irq/%s/effective_affinity_list", e->d_name) &&
					    look_cpus(d->root, &l, "/proc/irq/%s/smp_affinity_list", e->d_name)))
			continue;
		seen++;
		l = cpu_list_and(l, &d->worker);
		if (cpu_list_empty(&l))
			continue;
		n++;
		if (strlen(names) + strlen(e->d_name) + 2 < sizeof(names))
			sprintf(names + strlen(names), "%s%s", names[0] ? "," : "", e->d_name);
	}
	if (dir)
		closedir(dir);
	if (!seen)
		doctor_say(d, DOCTOR_UNKNOWN, "/proc/irq does not tell where interrupts go");
	else if (n)
		doctor_say(d, DOCTOR_TRAP, "%d interrupts go to CPU %s, where taktd's worker spins (%s)", n, cpu_list_str(list, &d->worker), names);
	else
		doctor_say(d, DOCTOR_OK, "none of %d interrupts goes to CPU %s", seen, cpu_list_str(list, &d->worker));
}

void doctor_ksm(struct doctor *d)
{
	int64_t run;
	int err = look_int(d->root, &run, "/sys/kernel/mm/ksm/run");

	if (err == -ENOENT)
		doctor_say(d, DOCTOR_OK, "this kernel has no KSM");
	else if (err)
		doctor_say(d, DOCTOR_UNKNOWN, "/sys/kernel/mm/ksm/run: %s", strerror(-err));
	else if (run == 1)
		doctor_say(d, DOCTOR_TRAP, "KSM merges pages: a guest that writes to one waits for its copy");
	else
		doctor_say(d, DOCTOR_OK, "KSM does not run");
}

void doctor_huge_pages(struct doctor *d)
{
	char text[64];
	int n = look_text(d->root, text, sizeof(text), "/sys/kernel/mm/transparent_hugepage/enabled");

	if (n == -ENOENT)
		doctor_say(d, DOCTOR_OK, "this kernel has no transparent huge pages");
	else if (n < 0)
		doctor_say(d, DOCTOR_UNKNOWN, "/sys/kernel/mm/transparent_hugepage/enabled: %s", strerror(-n));
	else if (strstr(text, "[always]"))
		doctor_say(d, DOCTOR_TRAP, "transparent huge pages are made of any memory: a guest's stalls while its pages are moved together");
	else
		doctor_say(d, DOCTOR_OK, "transparent huge pages: %s", strstr(text, "[never]") ? "never" : "where a program asks");
}
