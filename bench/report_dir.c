/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "summary.tsv"	/* each report has one */

static int unlink_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path) ? -1 : 0;
}

static int remove_all(const char *path)
{
	return nftw(path, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* May it be replaced? What is not there, is empty, or is a report. */
static int check_place(const char *path, struct why *why)
{
	char mark[PATH_MAX + 16];
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : why_fail(why, errno, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return why_fail(why, EEXIST, "%s is there and no folder: give another one with --output", path);
	snprintf(mark, sizeof(mark), "%s/" MARK, path);
	if (!access(mark, F_OK) || !rmdir(path))
		return 0;
	return why_fail(why, EEXIST, "%s is there and is no report: give another folder with --output", path);
}

int report_dir_begin(struct report_dir *d, const char *path, struct why *why)
{
	int rc;

	d->fd = -1;
	snprintf(d->path, sizeof(d->path), "%s", path);
	while (strlen(d->path) > 1 && d->path[strlen(d->path) - 1] == '/')
		d->path[strlen(d->path) - 1] = '\0';
	if (snprintf(d->part, sizeof(d->part), "%s.part", d->path) >= (int)sizeof(d->part))
		return why_fail(why, EINVAL, "%.100s...: the path is too long", path);
	rc = check_place(d->path, why);
	if (rc)
		return rc;
	if (mkdir(d->part, 0755) && errno != EEXIST)
		return why_fail(why, errno, "cannot make %s: %s", d->part, strerror(errno));
	d->fd = open(d->part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (d->fd < 0)
		return why_fail(why, errno, "%s: %s", d->part, strerror(errno));
	if (flock(d->fd, LOCK_EX | LOCK_NB)) {
		close(d->fd);
		d->fd = -1;
		return why_fail(why, EEXIST, "%s: another report is being made there: wait for it", d->part);
	}
	/* What is in it is of one that was killed. */
	if (remove_all(d->part) || mkdir(d->part, 0755)) {
		rc = why_fail(why, errno, "cannot empty %s: %s", d->part, strerror(errno));
		report_dir_drop(d);
		return rc;
	}
	close(d->fd);
	d->fd = open(d->part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (d->fd < 0 || flock(d->fd, LOCK_EX | LOCK_NB))
		return why_fail(why, EEXIST, "%s: another report is being made there: wait for it", d->part);
	return 0;
}

FILE *report_dir_open(const struct report_dir *d, const char *name, struct why *why)
{
	char path[PATH_MAX + 64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", d->part, name);
	f = fopen(path, "we");
	if (!f)
		why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	return f;
}

int report_dir_close(const struct report_dir *d, FILE *f, const char *name, struct why *why)
{
	int err = 0;

	errno = 0;
	if (fflush(f) || ferror(f))
		err = errno ? errno : EIO;
	if (fclose(f) && !err)
		err = errno;
	return err ? why_fail(why, err, "cannot write %s/%s: %s", d->part, name, strerror(err)) : 0;
}

int report_dir_finish(struct report_dir *d, struct why *why)
{
	int rc = check_place(d->path, why);

	if (rc)
		return rc;
	/* An earlier one changes places with it, so that one of the two is there at each instant. */
	if (renameat2(AT_FDCWD, d->part, AT_FDCWD, d->path, RENAME_EXCHANGE)) {
		if (errno != ENOENT || rename(d->part, d->path))
			return why_fail(why, errno, "cannot put %s in its place: %s", d->path, strerror(errno));
	} else {
		remove_all(d->part);
	}
	close(d->fd);
	d->fd = -1;
	return 0;
}

void report_dir_drop(struct report_dir *d)
{
	if (d->fd < 0)
		return;
	remove_all(d->part);
	close(d->fd);
	d->fd = -1;
}
