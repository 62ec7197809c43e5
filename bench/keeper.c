/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/hugepages.h"

#define FREE_TRIES 200	/* of 100 ms: memory of killed guests takes its time to be free */

static void give_back(int64_t borrowed, int64_t had)
{
	int i;

	for (i = 0; i < FREE_TRIES && hugepages_idle() < borrowed; i++)
		usleep(100000);
	if (borrowed > hugepages_pool() - had)
		borrowed = hugepages_pool() - had;	/* it was killed between the word and the deed */
	hugepages_return(borrowed);
}

static void keep(int fd)
{
	int64_t borrowed = 0, had = 0, n, before;
	char line[64], sign;
	FILE *f = fdopen(fd, "r");

	while (f && fgets(line, sizeof(line), f)) {
		before = 0;
		if (sscanf(line, "%c%" SCNd64 " %" SCNd64, &sign, &n, &before) < 2 || n < 0)
			continue;
		if (sign == '+' && !borrowed)
			had = before;
		borrowed += sign == '+' ? n : -n;
	}
	if (borrowed > 0)
		give_back(borrowed, had);
	_exit(0);
}

static void become(int fd)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	int null = open("/dev/null", O_RDWR);
	size_t i;

	prctl(PR_SET_NAME, "takt-keeper");
	setsid();
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
	for (i = 0; i < 3; i++)
		dup2(null, (int)i);
	dup2(fd, 3);
	close_range(4, ~0U, 0);
	if (chdir("/"))
		_exit(1);
	keep(3);
}

int keeper_start(struct keeper *k, struct why *why)
{
	int fd[2], ready[2], err;
	char none;

	*k = (struct keeper){-1, -1};
	if (pipe2(fd, O_CLOEXEC))
		return why_fail(why, errno, "pipe: %s", strerror(errno));
	if (pipe2(ready, O_CLOEXEC)) {
		err = errno;
		close(fd[0]);
		close(fd[1]);
		return why_fail(why, err, "pipe: %s", strerror(err));
	}
	fflush(NULL);
	k->pid = fork();
	err = errno;
	if (!k->pid)
		become(fd[0]);
	close(fd[0]);
	close(ready[1]);
	/* It closes what is not its own when it has become what it is: until then it would be seen under our name. */
	while (k->pid > 0 && read(ready[0], &none, 1) < 0 && errno == EINTR)
		;
	close(ready[0]);
	k->fd = fd[1];
	if (k->pid > 0)
		return 0;
	close(fd[1]);
	k->fd = -1;
	return why_fail(why, err, "cannot fork: %s", strerror(err));
}

void keeper_end(struct keeper *k)
{
	if (k->pid <= 0)
		return;
	close(k->fd);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	k->pid = -1;
}
