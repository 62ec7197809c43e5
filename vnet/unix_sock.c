/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/unix_sock.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ns.h"

/* Not blocking: a listener whose queue is full is alive too. */
static int try_connect(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	err = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ? -errno : 0;
	close(fd);
	return err;
}

static int check_folder(const char *path, struct why *why)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	if (!access(dir, W_OK))
		return 0;
	return why_fail(why, errno, "%s: folder %s: %s: make it, or name another path", path, dir, strerror(errno));
}

int unix_sock_clear(const char *path, struct why *why)
{
	struct stat st;

	if (check_folder(path, why))
		return -ENOENT;
	if (lstat(path, &st))
		return errno == ENOENT ? 0 : why_fail(why, errno, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return why_fail(why, EEXIST, "%s is there and is no socket: name another path, or move it away", path);
	if (try_connect(path) != -ECONNREFUSED)
		return why_fail(why, EADDRINUSE, "socket %s is in use by another process: end it, or name another path", path);
	if (unlink(path) && errno != ENOENT)
		return why_fail(why, errno, "cannot replace %s: %s", path, strerror(errno));
	return 0;
}

/* Is fd a connection by way of `path`, accepted there or made to it? Who listens has no peer. */
static bool is_connection(int fd, const char *path)
{
	struct sockaddr_un here = {0}, there = {0};
	socklen_t here_len = sizeof(here) - 1, there_len = sizeof(there) - 1;

	if (getpeername(fd, (struct sockaddr *)&there, &there_len) || getsockname(fd, (struct sockaddr *)&here, &here_len))
		return false;
	if (here.sun_family != AF_UNIX)
		return false;
	return !strncmp(here.sun_path, path, sizeof(here.sun_path)) || !strncmp(there.sun_path, path, sizeof(there.sun_path));
}

static unsigned int for_each(const char *path, void (*fn)(int fd, void *arg), void *arg)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *e;
	unsigned int n = 0;

	if (!d)
		return 0;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || !is_connection(atoi(e->d_name), path))
			continue;
		fn(atoi(e->d_name), arg);
		n++;
	}
	closedir(d);
	return n;
}

static void set_limit(int fd, void *arg)
{
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, arg, sizeof(struct timeval));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, arg, sizeof(struct timeval));
}

unsigned int unix_sock_limit(const char *path, int64_t limit_ns)
{
	struct timeval tv = {.tv_sec = limit_ns / NS_PER_SEC, .tv_usec = limit_ns % NS_PER_SEC / NS_PER_US};

	return for_each(path, set_limit, &tv);
}

static void hang_up(int fd, void *arg)
{
	(void)arg;
	shutdown(fd, SHUT_RDWR);
}

unsigned int unix_sock_hang_up(const char *path)
{
	return for_each(path, hang_up, NULL);
}

#define NOT_ONE (-1)

static void note_peer(int fd, void *arg)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int *pid = arg;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) || cred.pid <= 0)
		return;
	*pid = !*pid || *pid == cred.pid ? cred.pid : NOT_ONE;
}

int unix_sock_peer(const char *path)
{
	int pid = 0;

	for_each(path, note_peer, &pid);
	return pid == NOT_ONE ? 0 : pid;
}
