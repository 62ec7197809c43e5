/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/doctor_look.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timex.h>
#include <unistd.h>

#define QDISC_MAX (1 << 20) /* bytes of tc's answer: thousands of queueing disciplines */

/* ROOT and the path into `out`. */
static int put_path(char out[static LOOK_PATH], const char *root, const char *path, va_list ap)
{
	int n = snprintf(out, LOOK_PATH, "%s", root);

	if (n < LOOK_PATH)
		n += vsnprintf(out + n, (size_t)(LOOK_PATH - n), path, ap);
	return n < LOOK_PATH ? 0 : -ENAMETOOLONG;
}

#define MAKE_PATH(out, root, path, err)				\
	do {							\
		va_list ap;					\
								\
		va_start(ap, path);				\
		err = put_path(out, root, path, ap);		\
		va_end(ap);					\
	} while (0)

/* A regular file; -EOPNOTSUPP for anything else, which is not opened: to open a device may be to do something (a watchdog, a new terminal). */
static int open_regular(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC), again = -1, err = 0;
	struct stat st;
	char name[64];

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EOPNOTSUPP;
	if (!err) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd); /* the same file, whatever the path is by now */
		again = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		err = again < 0 ? -errno : 0;
	}
	close(fd);
	return err ? err : again;
}

static int read_all(const char *path, char *buf, size_t size)
{
	int fd = open_regular(path);
	size_t len = 0;
	ssize_t n = 1;

	buf[0] = '\0';
	if (fd < 0)
		return fd;
	while (n > 0 && len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0)
		len = 0;
	n = n < 0 ? -errno : 0;
	close(fd);
	buf[len] = '\0';
	return n ? (int)n : (int)len;
}

int look_text(const char *root, char *buf, size_t size, const char *path, ...)
{
	char full[LOOK_PATH];
	int i, len;

	buf[0] = '\0';
	MAKE_PATH(full, root, path, len);
	if (!len)
		len = read_all(full, buf, size);
	if (len < 0)
		return len;
	for (i = 0; i < len; i++)
		if (!buf[i])
			buf[i] = ' ';
	while (len && strchr(" \t\n", buf[len - 1]))
		buf[--len] = '\0';
	return len;
}

int look_stored(const char *root, char *buf, size_t size, const char *path, ...)
{
	char full[LOOK_PATH];
	struct statfs fs;
	struct stat st;
	int err, fd;

	buf[0] = '\0';
	MAKE_PATH(full, root, path, err);
	if (err)
		return err;
	fd = open(full, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || fstatfs(fd, &fs))
		err = -errno;
	else if (!S_ISREG(st.st_mode) || fs.f_type == SYSFS_MAGIC)
		err = -EOPNOTSUPP;
	else if (st.st_size >= (off_t)size)
		err = -EFBIG;
	else if (st.st_size)
		err = look_text("", buf, size, "/proc/self/fd/%d", fd);
	close(fd);
	return err;
}

int look_int(const char *root, int64_t *out, const char *path, ...)
{
	char full[LOOK_PATH], text[LOOK_TEXT], *end;
	int len;

	MAKE_PATH(full, root, path, len);
	if (!len)
		len = look_text("", text, sizeof(text), "%s", full);
	if (len < 0)
		return len;
	errno = 0;
	*out = strtoll(text, &end, 10);
	return errno || end == text || *end ? -EBADMSG : 0;
}

int look_cpus(const char *root, struct cpu_list *out, const char *path, ...)
{
	char full[LOOK_PATH], text[LOOK_TEXT];
	int len;

	MAKE_PATH(full, root, path, len);
	if (!len)
		len = look_text("", text, sizeof(text), "%s", full);
	return len < 0 ? len : cpu_list_read(out, text);
}

bool look_exists(const char *root, const char *path, ...)
{
	char full[LOOK_PATH];
	int err;

	MAKE_PATH(full, root, path, err);
	return !err && !access(full, F_OK);
}

DIR *look_dir(const char *root, const char *path, ...)
{
	char full[LOOK_PATH];
	int err;

	MAKE_PATH(full, root, path, err);
	return err ? NULL : opendir(full);
}

int look_link(const char *root, char *buf, size_t size, const char *path, ...)
{
	char full[LOOK_PATH], target[LOOK_PATH], *slash;
	ssize_t n;
	int err;

	MAKE_PATH(full, root, path, err);
	n = err ? -1 : readlink(full, target, sizeof(target) - 1);
	if (n < 0)
		return err ? err : -errno;
	target[n] = '\0';
	slash = strrchr(target, '/');
	snprintf(buf, size, "%s", slash ? slash + 1 : target);
	return 0;
}

/* -- system calls -------------------------------------------------------------------------------------------------- */

/* What a folder says in a system call's place. */
static int answer(const char *root, char *buf, size_t size, const char *name)
{
	return look_text(root, buf, size, "/answers/%s", name);
}

int look_adjtimex(const char *root, int *tai, bool *kept)
{
	struct timex tx = {0};
	char text[64];
	int status, n;

	if (!root[0]) {
		if (adjtimex(&tx) < 0)
			return -errno;
		*tai = tx.tai;
		*kept = !(tx.status & STA_UNSYNC);
		return 0;
	}
	n = answer(root, text, sizeof(text), "adjtimex");
	if (n < 0)
		return n;
	if (sscanf(text, "tai %d status %d", tai, &status) != 2)
		return -EBADMSG;
	*kept = !(status & STA_UNSYNC);
	return 0;
}

int look_channels(const char *root, const char *interface, int *now, int *max)
{
	struct ethtool_channels c = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq ifr = {.ifr_data = (void *)&c};
	char text[64], name[64];
	int fd, err = 0;

	if (root[0]) {
		snprintf(name, sizeof(name), "channels-%.32s", interface);
		err = answer(root, text, sizeof(text), name);
		return err < 0 ? err : sscanf(text, "%d of %d", now, max) == 2 ? 0 : -EBADMSG;
	}
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", interface);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &ifr))
		err = -errno;
	if (fd >= 0)
		close(fd);
	*now = (int)c.combined_count;
	*max = (int)c.max_combined;
	return err;
}

int look_dma_latency(const char *root, int64_t *us)
{
	int32_t value;
	ssize_t n;
	int fd;

	if (root[0])
		return look_int(root, us, "/answers/cpu_dma_latency");
	fd = open("/dev/cpu_dma_latency", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, &value, sizeof(value));
	close(fd);
	if (n != sizeof(value))
		return -EBADMSG;
	*us = value;
	return 0;
}

/* All that tc says; NULL when there is no tc. */
static char *ask_tc(size_t *len)
{
	char *text = malloc(QDISC_MAX);
	FILE *p = text ? popen("exec tc -j qdisc show 2>/dev/null", "re") : NULL;

	*len = p ? fread(text, 1, QDISC_MAX, p) : 0;
	if (!p || pclose(p) || *len == QDISC_MAX) {
		free(text);
		return NULL;
	}
	return text;
}

int look_qdiscs(const char *root, json_t **out)
{
	char *text, path[LOOK_PATH];
	size_t len;

	if (root[0]) {
		snprintf(path, sizeof(path), "%.480s/answers/qdisc.json", root);
		if (access(path, R_OK))
			return -errno;
		*out = json_load_file(path, 0, NULL);
		return *out ? 0 : -EBADMSG;
	}
	text = ask_tc(&len);
	if (!text)
		return -ENOENT;
	*out = len ? json_loadb(text, len, 0, NULL) : json_array();
	free(text);
	return *out ? 0 : -EBADMSG;
}
