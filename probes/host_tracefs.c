/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A tracefs of our own that is in nobody's tree and goes with its descriptor. */
static int detached(void)
{
	int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), dir = -1;

	if (fs < 0)
		return -errno;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		dir = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (dir < 0)
		dir = -errno;
	close(fs);
	return dir;
}

static int number_in(int dir, const char *group, const char *tracepoint)
{
	char path[160], text[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "events/%s/%s/id", group, tracepoint);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	text[n] = '\0';
	return atoi(text);
}

static int number(const char *group, const char *tracepoint)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	int i, dir, id;

	for (i = 0; i < 2; i++) {
		dir = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			continue;
		id = number_in(dir, group, tracepoint);
		close(dir);
		if (id > 0)
			return id;
	}
	dir = detached();
	if (dir < 0)
		return dir;
	id = number_in(dir, group, tracepoint);
	close(dir);
	return id ? id : -EIO;
}

int host_tracefs_open(const char *group, const char *tracepoint)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1};
	int id = number(group, tracepoint), fd;

	if (id < 0)
		return id;
	attr.config = id;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC); /* its CPU means nothing to a program */
	return fd < 0 ? -errno : fd;
}
