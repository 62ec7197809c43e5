/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm_events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *socket_path(const char *where)
{
	return strncmp(where, "unix:", 5) ? NULL : where + 5;
}

int vm_events_check(const char *where, bool uml, struct why *why)
{
	const char *path = socket_path(where);
	struct stat st;

	if (!path) {
		if (!*where)
			return why_fail(why, EINVAL, "--events: give a file, or unix:PATH");
		if (stat(where, &st) || S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
			return 0;
		return why_fail(why, EINVAL, "--events %s: is no file: give one, or unix:PATH, where QEMU is to listen", where);
	}
	if (uml)
		return why_fail(why, EINVAL, "--events %s: UML cannot listen at a socket: give a file, which `takt path --guest` follows as it grows", where);
	if (!*path || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return why_fail(why, EINVAL, "--events %s: a path of 1 to %zu characters", where, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	if (!stat(path, &st) && !S_ISSOCK(st.st_mode))
		return why_fail(why, EEXIST, "--events %s: something else than a socket is there: name another path", where);
	return 0;
}

/* A socket that nobody listens at any more is in the way, and goes; a living one stays its owner's. */
static int clear_path(const struct sockaddr_un *at, const char *where, struct why *why)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool taken;

	if (fd < 0)
		return why_fail(why, errno, "--events %s: %s", where, strerror(errno));
	taken = !connect(fd, (const struct sockaddr *)at, sizeof(*at)) || (errno != ECONNREFUSED && errno != ENOENT);
	close(fd);
	if (taken)
		return why_fail(why, EADDRINUSE, "--events %s: somebody listens there already: name another path", where);
	unlink(at->sun_path);
	return 0;
}

static int listen_at(struct vm_events *e, const char *path, const char *where, struct why *why)
{
	mode_t mask;
	int rc;

	e->at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(e->at.sun_path, path, sizeof(e->at.sun_path) - 1);
	rc = clear_path(&e->at, where, why);
	if (rc)
		goto fail;
	e->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	mask = umask(0177);	/* what a guest says of itself is for root alone */
	rc = e->fd < 0 || bind(e->fd, (const struct sockaddr *)&e->at, sizeof(e->at)) ? -errno : 0;
	umask(mask);
	if (!rc) {
		e->listens = true;
		rc = listen(e->fd, 1) ? -errno : 0;
	}
	if (!rc)
		return 0;
	rc = why_fail(why, -rc, "--events %s: %s", where, strerror(-rc));
fail:
	if (!e->listens)
		e->at.sun_path[0] = '\0';	/* not ours to remove */
	vm_events_close(e);
	return rc;
}

int vm_events_open(struct vm_events *e, const char *where, struct why *why)
{
	const char *path = socket_path(where);

	*e = VM_EVENTS_NONE;
	if (path)
		return listen_at(e, path, where, why);
	e->fd = open(where, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	return e->fd >= 0 ? 0 : why_fail(why, errno, "--events %s: %s", where, strerror(errno));
}

void vm_events_handed(struct vm_events *e)
{
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

void vm_events_close(struct vm_events *e)
{
	vm_events_handed(e);
	if (e->at.sun_path[0])
		unlink(e->at.sun_path);
	*e = VM_EVENTS_NONE;
}
