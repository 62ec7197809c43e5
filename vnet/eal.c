/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/eal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_lcore.h>

#include "base/log.h"

#define HUGE_DIR "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define MAX_ARGS 16

/* DPDK keeps its state in globals; so must what hears it talk. */
static char first_error[160];
static bool told = true;

const char *eal_first_error(void)
{
	if (told)
		first_error[0] = '\0';
	told = true;
	return first_error;
}

/* A line of DPDK's log: "EAL: text". */
static ssize_t hear(void *cookie, const char *text, size_t len)
{
	int n = (int)len;

	(void)cookie;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0)
		return (ssize_t)len;
	if (told && rte_log_cur_msg_loglevel() <= (int)RTE_LOG_ERR) {
		snprintf(first_error, sizeof(first_error), "%.*s", n, text);
		told = false;
	}
	log_debug("dpdk: %.*s", n, text);
	return (ssize_t)len;
}

/* What libbpf and libxdp have to say when an AF_XDP socket is opened is of interest with -v only. */
static void hear_library(const char *who, const char *fmt, va_list ap)
{
	char text[256];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	n = n < (int)sizeof(text) ? n : (int)sizeof(text) - 1;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	log_debug("%s: %.*s", who, n > 0 ? n : 0, text);
}

static int hear_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	hear_library("libbpf", fmt, ap);
	return 0;
}

static int hear_libxdp(enum libxdp_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	hear_library("libxdp", fmt, ap);
	return 0;
}

static long read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long v = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &v) != 1)
		v = -1;
	fclose(f);
	return v;
}

static int check_huge(const struct conf *conf, struct why *why)
{
	long want = (long)(conf->memory_mib + 1) / 2;
	long have = read_number(HUGE_DIR "free_hugepages");
	long total = read_number(HUGE_DIR "nr_hugepages");

	if (have < 0)
		return why_fail(why, ENOTSUP, "huge-pages: this kernel has no 2 MiB huge pages: set huge-pages: false");
	if (have < want)
		return why_fail(why, ENOMEM,
				"huge-pages: memory: %lld MiB needs %ld free huge pages of 2 MiB, %ld are free: "
				"`echo %ld > /proc/sys/vm/nr_hugepages`, or set huge-pages: false",
				(long long)conf->memory_mib, want, have, total + want - have);
	return 0;
}

/* The CPUs this process may use, but for the worker's: control, clock and vhost threads run there. */
static void leave_cpu(int cpu)
{
	cpu_set_t set;

	if (cpu < 0 || sched_getaffinity(0, sizeof(set), &set))
		return;
	CPU_CLR(cpu, &set);
	if (CPU_COUNT(&set))
		sched_setaffinity(0, sizeof(set), &set);
}

/* Where the main lcore floats, and with it DPDK's own threads: all CPUs but the worker's. "0@(0,2,3)" */
static void lcore_map(char *text, size_t size, int worker_cpu)
{
	size_t n = (size_t)snprintf(text, size, "0@(");
	const char *comma = "";
	cpu_set_t set;
	int cpu;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (cpu = 0; cpu < CPU_SETSIZE && n < size; cpu++) {
		if (!CPU_ISSET(cpu, &set) || (cpu == worker_cpu && CPU_COUNT(&set) > 1))
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%d", comma, cpu);
		comma = ",";
	}
	if (n < size)
		snprintf(text + n, size - n, ")");
}

/* PCI devices are probed only when one is named: "0000:03:00.0,..." */
static bool is_pci(const char *devargs)
{
	unsigned int domain, bus, dev, fn;

	return sscanf(devargs, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) == 4 || sscanf(devargs, "%x:%x.%x", &bus, &dev, &fn) == 3;
}

/* When it fails, rte_eal_init() writes to stdout and stderr past its own log: one sentence of ours says it better. */
static int init_quietly(int argc, char **argv)
{
	int out = dup(STDOUT_FILENO);
	int err = dup(STDERR_FILENO);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int rc;

	fflush(stdout);
	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	rc = rte_eal_init(argc, argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	return rc < 0 ? -1 : 0;
}

int eal_init(const struct conf *conf, struct why *why)
{
	static cookie_io_functions_t ear = {.write = hear};
	char mem[16], prefix[64], lcores[4096];
	char *argv[MAX_ARGS];
	int argc = 0;
	bool pci = false;
	uint32_t i;
	FILE *f;
	int err;

	if (geteuid() != 0)
		return why_fail(why, EPERM, "taktd: wants root: guest memory, raw devices and CPU pinning need it");
	err = conf->huge ? check_huge(conf, why) : 0;
	if (err)
		return err;
	f = fopencookie(NULL, "w", ear);
	if (f) {
		setvbuf(f, NULL, _IOLBF, 512);
		rte_openlog_stream(f);
	}
	libbpf_set_print(hear_libbpf);
	libxdp_set_print(hear_libxdp);
	leave_cpu((int)conf->cpu);
	for (i = 0; i < conf->n_ports; i++)
		pci |= conf->port[i].kind == PORT_WIRE && is_pci(conf->port[i].wire);

	snprintf(mem, sizeof(mem), "%lld", (long long)conf->memory_mib);
	snprintf(prefix, sizeof(prefix), "takt-%s", conf->name);
	lcore_map(lcores, sizeof(lcores), (int)conf->cpu);
	argv[argc++] = (char *)"taktd";
	argv[argc++] = (char *)"--no-telemetry";
	argv[argc++] = (char *)"--log-level=*:error";
	argv[argc++] = (char *)"--file-prefix";
	argv[argc++] = prefix;
	argv[argc++] = (char *)"--lcores";
	argv[argc++] = lcores;
	argv[argc++] = (char *)"-m";
	argv[argc++] = mem;
	if (conf->huge) {
		argv[argc++] = (char *)"--in-memory";
	} else {
		argv[argc++] = (char *)"--no-huge";
		argv[argc++] = (char *)"--no-shconf";
	}
	if (!pci)
		argv[argc++] = (char *)"--no-pci";
	argv[argc] = NULL;
	if (init_quietly(argc, argv))
		return why_fail(why, rte_errno ? rte_errno : EINVAL, "memory: DPDK does not start with %lld MiB: %s", (long long)conf->memory_mib,
				eal_first_error());
	leave_cpu((int)conf->cpu); /* the main lcore floats over all CPUs; this thread need not */
	return 0;
}

/* DPDK makes a directory to keep its files in and leaves it behind; with what we start it with, it is empty. */
void eal_fini(void)
{
	char dir[256];

	snprintf(dir, sizeof(dir), "%s", rte_eal_get_runtime_dir());
	rte_eal_cleanup();
	if (!rmdir(dir)) {
		*strrchr(dir, '/') = '\0';
		rmdir(dir); /* stays when another DPDK process runs */
	}
}

int eal_thread_enter(int cpu, struct why *why)
{
	cpu_set_t set;
	int err;

	if (cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		err = pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
		if (err)
			return why_fail(why, err, "cpu: cannot pin the worker to CPU %d: %s", cpu, strerror(err));
	}
	if (rte_thread_register())
		return why_fail(why, rte_errno, "worker: DPDK knows no more threads: %s", rte_strerror(rte_errno));
	return 0;
}

void eal_thread_leave(void)
{
	rte_thread_unregister();
}
