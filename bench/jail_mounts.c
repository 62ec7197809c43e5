/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/jail_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Covered by an empty file system. */
static const struct {
	const char *path, *options;
} covered[] = {{"/run", "mode=755"}, {"/tmp", "mode=1777"}, {"/dev/shm", "mode=1777"}};
#define COVERED (sizeof(covered) / sizeof(covered[0]))

/* Mounts below /sys that a new one hides; each is the machine's, not a namespace's. */
static const char *const below_sys[] = {"/sys/fs/cgroup", "/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security"};
#define BELOW_SYS (sizeof(below_sys) / sizeof(below_sys[0]))

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/');
}

static bool is_covered(const char *path)
{
	size_t i;

	for (i = 0; i < COVERED; i++)
		if (is_below(path, covered[i].path))
			return true;
	return false;
}

static int hold(const char *path)
{
	return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

static void make_folders(const char *path)
{
	char part[PATH_MAX], *at;

	snprintf(part, sizeof(part), "%s", path);
	for (at = part + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		mkdir(part, 0755);
	}
	mkdir(part, 0755);
}

/* Gives the held tree its name back; fd is closed. */
static int put(int fd, const char *path)
{
	int err = 0;

	if (move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH))
		err = errno;
	close(fd);
	return -err;
}

static int cover(struct why *why)
{
	size_t i;

	/* Else we would keep others' namespaces from going while we are here. */
	umount2("/run/netns", MNT_DETACH);
	for (i = 0; i < COVERED; i++)
		if (mount("tmpfs", covered[i].path, "tmpfs", MS_NOSUID | MS_NODEV, covered[i].options))
			return why_fail(why, errno, "an empty %s cannot be mounted: %s", covered[i].path, strerror(errno));
	return 0;
}

static int show_namespaces(bool own_sys, struct why *why)
{
	int held[BELOW_SYS];
	size_t i;

	for (i = 0; i < BELOW_SYS; i++)
		held[i] = own_sys ? hold(below_sys[i]) : -1;
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return why_fail(why, errno, "/proc of a PID namespace cannot be mounted: %s", strerror(errno));
	if (own_sys && mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return why_fail(why, errno, "/sys of a network namespace cannot be mounted: %s", strerror(errno));
	for (i = 0; i < BELOW_SYS; i++)
		if (held[i] >= 0)
			put(held[i], below_sys[i]);
	mount("bpf", "/sys/fs/bpf", "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700");	/* whoever needs it says so */
	if (!access("/dev/hugepages", F_OK))
		mount("hugetlbfs", "/dev/hugepages", "hugetlbfs", MS_NOSUID | MS_NODEV, NULL);
	return 0;
}

int jail_mounts(const char *const *keep, int n, bool own_sys, struct why *why)
{
	int held[16], i, rc;
	char cwd[PATH_MAX];

	if (!getcwd(cwd, sizeof(cwd)))
		snprintf(cwd, sizeof(cwd), "/");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return why_fail(why, errno, "mounts cannot be made our own: %s", strerror(errno));
	for (i = 0; i < n && i < 16 && keep[i]; i++) {
		held[i] = is_covered(keep[i]) ? hold(keep[i]) : -1;
		if (held[i] < 0 && is_covered(keep[i]))
			return why_fail(why, errno, "%s: cannot be kept: %s", keep[i], strerror(errno));
	}
	rc = cover(why);
	n = i;
	for (i = 0; !rc && i < n; i++) {
		if (held[i] < 0)
			continue;
		make_folders(keep[i]);
		rc = put(held[i], keep[i]);
		if (rc)
			why_fail(why, -rc, "%s: cannot be kept: %s", keep[i], strerror(-rc));
	}
	rc = rc ?: show_namespaces(own_sys, why);
	/* The same name, seen through the new mounts. */
	if (chdir(cwd) && chdir("/"))
		return why_fail(why, errno, "/: %s", strerror(errno));
	return rc;
}
