/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_load: threads that do something known, for tests/net/host_probe.sh. All instants are ns of CLOCK_MONOTONIC. Each first prints
 * "tid T", then waits for a line on standard input; a CPU is where it is pinned. Those that sleep or move print "done" at last, and wait for another.
 *
 *	busy CPU		runs until it is killed
 *	hog CPU N		N bursts as SCHED_FIFO, prints when each began and ended, in parts where it was kept from its CPU
 *	sleep CPU N NS		sleeps N times for NS
 *	move A B N		changes its CPU N times
 *	stop PID N		stops and continues a process N times, prints since when it was known to stand and until when
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void sleep_ns(int64_t ns)
{
	struct timespec ts = {ns / 1000000000, ns % 1000000000};

	nanosleep(&ts, NULL);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("host_load: sched_setaffinity");
		exit(77);
	}
}

static void ready(const char *name)
{
	char line[16];

	prctl(PR_SET_NAME, name);
	setpriority(PRIO_PROCESS, 0, -15);	/* a machine that is busy with something else shall not decide what is seen */
	printf("tid %d\n", (int)syscall(SYS_gettid));
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
}

static int hog(int n)
{
	struct sched_param fifo = {.sched_priority = 10};
	int64_t begin, end, t, last;
	int i;

	if (sched_setscheduler(0, SCHED_FIFO, &fifo)) {
		perror("host_load: SCHED_FIFO");
		return 77;
	}
	srand(1);
	for (i = 0; i < n; i++) {
		sleep_ns(500000 + rand() % 2000000);
		begin = now();
		end = begin + 100000 + rand() % 1500000;
		for (t = begin; t < end; ) {
			last = t;
			t = now();
			if (t - last < 2000)	/* an interrupt is longer, another thread's turn much longer */
				continue;
			printf("%lld %lld\n", (long long)begin, (long long)last);
			begin = t;
		}
		printf("%lld %lld\n", (long long)begin, (long long)t);
	}
	return 0;
}

/* Stopped, and not only told to: its state is behind the last parenthesis. */
static int stands(int pid)
{
	char path[32], text[512], *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		exit(1);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	end = strrchr(text, ')');
	return end && end[1] && end[2] == 'T';
}

static int stop(int pid, int n)
{
	int64_t begin;
	int i;

	for (i = 0; i < n; i++) {
		if (kill(pid, SIGSTOP))
			return 1;
		while (!stands(pid))
			sleep_ns(100000);
		sleep_ns(2000000);	/* its state is written a moment before it leaves its CPU */
		begin = now();
		sleep_ns(20000000);
		printf("%lld %lld\n", (long long)begin, (long long)now());
		if (kill(pid, SIGCONT))
			return 1;
		sleep_ns(20000000);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int a = argc > 2 ? atoi(argv[2]) : 0, b = argc > 3 ? atoi(argv[3]) : 0, i;
	char name[16];

	if (argc < 3)
		return 2;
	snprintf(name, sizeof(name), "load-%s", argv[1]);
	if (strcmp(argv[1], "stop"))
		pin(a);
	ready(name);
	if (!strcmp(argv[1], "busy"))
		for (;;)
			;
	if (!strcmp(argv[1], "hog"))
		return hog(b);
	if (!strcmp(argv[1], "stop"))
		return stop(a, b);
	if (!strcmp(argv[1], "sleep") && argc > 4)
		for (i = 0; i < b; i++)
			sleep_ns(atol(argv[4]));
	if (!strcmp(argv[1], "move") && argc > 4)
		for (i = 0; i < atoi(argv[4]); i++)
			pin(i & 1 ? a : b);
	puts("done");
	fflush(stdout);
	if (!fgets(name, sizeof(name), stdin))	/* stay, so that its totals are those of a thread that is there */
		return 1;
	return 0;
}
