/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm_events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *socket_path(const char *where)
{
	return strncmp(where, "unix:", 5) ? NULL : where + 5;
}

int vm_events_check(const char *where, struct why *why)
{
	const char *path = socket_path(where);
	struct sockaddr_un addr;
	struct stat st;

	if (!path) {
		if (!*where)
			return why_fail(why, EINVAL, "--events: give a file, or unix:PATH");
		if (stat(where, &st) || S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
			return 0;
		return why_fail(why, EINVAL, "--events %s: is no file: give one, or unix:PATH of a socket that listens", where);
	}
	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return why_fail(why, EINVAL, "--events %s: a path of 1 to %zu characters", where, sizeof(addr.sun_path) - 1);
	if (stat(path, &st))
		return why_fail(why, ENOENT, "--events %s: %s: start the one who listens there first", where, strerror(errno));
	return S_ISSOCK(st.st_mode) ? 0 : why_fail(why, EINVAL, "--events %s: is not a socket", where);
}

static int connect_to(const char *path, const char *where, struct why *why)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	why_fail(why, errno, "--events %s: %s: nobody listens there", where, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -ENOENT;
}

int vm_events_open(const char *where, bool *both, struct why *why)
{
	const char *path = socket_path(where);
	int fd;

	*both = path;
	if (path)
		return connect_to(path, where, why);
	fd = open(where, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	return fd >= 0 ? fd : why_fail(why, errno, "--events %s: %s", where, strerror(errno));
}
