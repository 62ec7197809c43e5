/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hog MS WORDS: a real-time loop for so long on the CPU it is on, "deed WORDS" before and "done" behind it. Static: it runs in any guest.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	struct sched_param p = {.sched_priority = 50};
	long long end;

	if (argc != 3)
		return 2;
	printf("deed %s\n", argv[2]);
	fflush(stdout);
	if (sched_setscheduler(0, SCHED_FIFO, &p)) {
		perror("hog: SCHED_FIFO");
		return 1;
	}
	end = now_ns() + atoll(argv[1]) * 1000000LL;
	while (now_ns() < end)
		;
	printf("done\n");
	return 0;
}
