/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/plain_file.h"

#define SAME_SECOND 100	/* folders that begin in one */

static int fail(struct why *why, const char *path)
{
	int err = errno;

	return why_fail(why, err, "%.250s: %s", path, strerror(err));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_all(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = fsync(fd) ? errno : 0;
	close(fd);
	return err == EINVAL ? 0 : -err;	/* some file systems have nothing to do for a folder */
}

static int sync_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)at;
	return type == FTW_SL || type == FTW_NS || !(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) ? 0 : sync_path(path);
}

static int make_folders(const char *path, struct why *why)
{
	char part[PATH_MAX], *at;

	snprintf(part, sizeof(part), "%s", path);
	for (at = part + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return fail(why, part);
	}
	return mkdir(part, 0755) && errno != EEXIST ? fail(why, part) : 0;
}

static int put(const char *path, const char *text, size_t len, struct why *why)
{
	int fd, err = 0;
	size_t done = 0;
	ssize_t n;

	unlink(path);	/* of one that was killed; never written through a link that somebody left there */
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail(why, path);
	while (!err && done < len) {
		n = write(fd, text + done, len - done);
		if (n < 0)
			err = errno;
		else
			done += (size_t)n;
	}
	err = err ?: fsync(fd) ? errno : 0;
	if (close(fd) && !err)
		err = errno;
	return err ? why_fail(why, err, "%.250s: %s", path, strerror(err)) : 0;
}

static int in(char path[FOLDER_LEN], const char *dir, const char *name)
{
	return snprintf(path, FOLDER_LEN, "%s/%s", dir, name);
}

int folder_put(const struct folder *f, const char *name, const char *text, size_t len, struct why *why)
{
	char temporary[FOLDER_LEN], path[FOLDER_LEN];
	int rc;

	in(path, f->path, name);
	snprintf(temporary, sizeof(temporary), "%s/.%s", f->path, name);
	rc = put(temporary, text, len, why);
	if (!rc && rename(temporary, path))
		rc = fail(why, path);
	if (rc)
		unlink(temporary);
	return rc ?: sync_path(f->path);
}

static int lock(struct folder *f, struct why *why)
{
	f->lock = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->lock < 0)
		return fail(why, f->path);
	if (!flock(f->lock, LOCK_EX | LOCK_NB))
		return 0;
	folder_close(f);
	return why_fail(why, EBUSY, "%.250s: somebody is measuring into it: wait for that, or end it", f->path);
}

static int point_latest(const struct folder *f, const char *above, struct why *why)
{
	char temporary[FOLDER_LEN], latest[FOLDER_LEN];

	snprintf(temporary, sizeof(temporary), "%s/.latest.%d", above, (int)getpid());
	in(latest, above, "latest");
	unlink(temporary);
	if (symlink(strrchr(f->path, '/') + 1, temporary))
		return fail(why, temporary);
	if (!rename(temporary, latest))
		return 0;
	unlink(temporary);
	return fail(why, latest);
}

static int make_new(struct folder *f, const char *above, const char *rev, struct why *why)
{
	char real[PATH_MAX], when[32];
	time_t now = time(NULL);
	struct tm tm;
	int i, n;

	if (!realpath(above, real))
		return fail(why, above);
	strftime(when, sizeof(when), "%Y-%m-%dT%H%M%S", gmtime_r(&now, &tm));
	for (i = 1; i < SAME_SECOND; i++) {
		n = snprintf(f->path, sizeof(f->path), i == 1 ? "%s/%s-%s" : "%s/%s-%s-%d", real, when, rev, i);
		if (n >= PATH_MAX - 1)
			return why_fail(why, ENAMETOOLONG, "%.200s: too long a path", real);
		if (!mkdir(f->path, 0755))
			return 0;
		if (errno != EEXIST)
			break;
	}
	return fail(why, f->path);
}

int folder_create(struct folder *f, const char *results, const char *campaign, const char *rev, const char *text, size_t len, struct why *why)
{
	char above[PATH_MAX], cells[FOLDER_LEN];
	int rc;

	f->lock = -1;
	if (snprintf(above, sizeof(above), "%s/%s", results, campaign) >= (int)sizeof(above))
		return why_fail(why, ENAMETOOLONG, "%.200s: too long a path", results);
	rc = make_folders(above, why) ?: make_new(f, above, rev, why);
	if (rc)
		return rc;
	in(cells, f->path, "cells");
	rc = mkdir(cells, 0755) ? fail(why, cells) : 0;
	rc = rc ?: folder_put(f, "campaign.yaml", text, len, why) ?: lock(f, why) ?: point_latest(f, above, why);
	if (!rc)
		return sync_path(above);
	folder_close(f);
	remove_all(f->path);
	return rc;
}

static void sweep(const struct folder *f)
{
	char cells[FOLDER_LEN], path[2 * FOLDER_LEN];
	struct dirent *e;
	DIR *d;

	in(cells, f->path, "cells");
	d = opendir(cells);
	while (d && (e = readdir(d))) {
		if (*e->d_name != '.' || !strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", cells, e->d_name);
		remove_all(path);
	}
	if (d)
		closedir(d);
}

int folder_open(struct folder *f, const char *path, struct why *why)
{
	char cells[FOLDER_LEN];
	struct stat st;
	int rc;

	f->lock = -1;
	if (!realpath(path, f->path))
		return fail(why, path);
	in(cells, f->path, "cells");
	if (lstat(cells, &st))
		return fail(why, cells);
	if (!S_ISDIR(st.st_mode))	/* what is swept must be in this folder */
		return why_fail(why, ENOTDIR, "%.250s is no folder: takt bench run did not make this", cells);
	if (access(cells, W_OK | X_OK))
		return fail(why, cells);
	rc = lock(f, why);
	if (!rc)
		sweep(f);
	return rc;
}

void folder_close(struct folder *f)
{
	if (f->lock >= 0)
		close(f->lock);
	f->lock = -1;
}

static bool same_bytes(const char *path, const char *text, size_t len)
{
	FILE *f = plain_file_open(path, NULL);
	char part[4096];
	size_t n, done = 0;

	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) && n <= len - done && !memcmp(part, text + done, n))
		done += n;
	n = (size_t)!feof(f);
	fclose(f);
	return !n && done == len;
}

int folder_find(char path[PATH_MAX], const char *results, const char *campaign, const char *text, size_t len,
		bool (*unfinished)(const char *path), struct why *why)
{
	char above[PATH_MAX], at[FOLDER_LEN], yaml[2 * FOLDER_LEN], best[256] = "";
	struct dirent *e;
	struct stat st;
	DIR *d;

	snprintf(above, sizeof(above), "%s/%s", results, campaign);
	d = opendir(above);
	while (d && (e = readdir(d))) {
		if (*e->d_name == '.' || strcmp(e->d_name, best) <= 0 || strlen(e->d_name) >= sizeof(best))
			continue;
		in(at, above, e->d_name);
		snprintf(yaml, sizeof(yaml), "%s/campaign.yaml", at);
		if (!lstat(at, &st) && S_ISDIR(st.st_mode) && same_bytes(yaml, text, len) && unfinished(at))
			snprintf(best, sizeof(best), "%s", e->d_name);
	}
	if (d)
		closedir(d);
	if (!*best)
		return why_fail(why, ENOENT, "%.200s: no unfinished run of this very file is there: leave out --resume, or name its folder", above);
	return snprintf(path, PATH_MAX, "%s/%s", above, best) >= PATH_MAX ? why_fail(why, ENAMETOOLONG, "%.200s: too long a path", above) : 0;
}

static void dotted(const struct folder *f, const char *name, char path[FOLDER_LEN])
{
	snprintf(path, FOLDER_LEN, "%s/cells/.%s", f->path, name);
}

void folder_cell_path(const struct folder *f, const char *name, char path[FOLDER_LEN])
{
	snprintf(path, FOLDER_LEN, "%s/cells/%s", f->path, name);
}

bool folder_has(const struct folder *f, const char *name)
{
	char path[FOLDER_LEN];

	folder_cell_path(f, name, path);
	return !access(path, F_OK);
}

int folder_begin(const struct folder *f, const char *name, char path[FOLDER_LEN], struct why *why)
{
	dotted(f, name, path);
	remove_all(path);
	return mkdir(path, 0755) ? fail(why, path) : 0;
}

int folder_keep(const struct folder *f, const char *name, struct why *why)
{
	char from[FOLDER_LEN], to[FOLDER_LEN], cells[FOLDER_LEN];
	bool again = folder_has(f, name);
	int rc;

	dotted(f, name, from);
	folder_cell_path(f, name, to);
	in(cells, f->path, "cells");
	rc = nftw(from, sync_one, 16, FTW_DEPTH | FTW_PHYS);
	if (rc)
		return why_fail(why, rc < -1 ? -rc : EIO, "%.250s: cannot be put on the disk", from);
	/* Exchanged, so that there is one at any time; what was there before then has the dot. */
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, again ? RENAME_EXCHANGE : RENAME_NOREPLACE)) {
		if (errno != EINVAL)
			return fail(why, to);
		remove_all(to);		/* this file system cannot exchange */
		if (rename(from, to))
			return fail(why, to);
	}
	rc = sync_path(cells);
	if (again)
		remove_all(from);
	return rc ? why_fail(why, -rc, "%.250s: cannot be put on the disk: %s", cells, strerror(-rc)) : 0;
}

void folder_drop(const struct folder *f, const char *name)
{
	char path[FOLDER_LEN];

	dotted(f, name, path);
	remove_all(path);
}

int64_t folder_room(const char *path)
{
	struct statvfs v;

	if (statvfs(path, &v))
		return -errno;
	return (int64_t)(v.f_bavail * v.f_frsize);
}
