/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/file_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Paths of a file of the set: its own, and where it is until all are written. */
struct paths {
	char own[FILE_SET_PATH], temporary[FILE_SET_PATH];
};

void file_set_init(struct file_set *s, const char *dir)
{
	memset(s, 0, sizeof(*s));
	s->dir = dir;
}

void file_set_fini(struct file_set *s)
{
	int i;

	for (i = 0; i < s->n; i++) {
		if (s->file[i].f)
			fclose(s->file[i].f);
		free(s->file[i].text);
	}
	s->n = 0;
}

FILE *file_set_open(struct file_set *s, const char *name, struct why *why)
{
	struct file_set_file *file = &s->file[s->n];

	if (s->n < FILE_SET_MAX) {
		snprintf(file->name, sizeof(file->name), "%s", name);
		file->f = open_memstream(&file->text, &file->len);
	}
	if (s->n == FILE_SET_MAX || !file->f) {
		why_fail(why, ENOMEM, "%s: out of memory", name);
		return NULL;
	}
	s->n++;
	return file->f;
}

static int finish(struct file_set *s, struct why *why)
{
	int i;

	for (i = 0; i < s->n; i++)
		if (fflush(s->file[i].f) || ferror(s->file[i].f))
			return why_fail(why, ENOMEM, "%s: out of memory", s->file[i].name);
	return 0;
}

static int make_paths(const struct file_set *s, int i, struct paths *p, struct why *why)
{
	const char *name = s->file[i].name;

	if (snprintf(p->own, sizeof(p->own), "%s/%s", s->dir, name) >= (int)sizeof(p->own) ||
	    snprintf(p->temporary, sizeof(p->temporary), "%s/.%s.%d", s->dir, name, (int)getpid()) >= (int)sizeof(p->temporary))
		return why_fail(why, ENAMETOOLONG, "%.80s...: the path is too long: choose another folder", s->dir);
	return 0;
}

static int check(const char *path, bool force, struct why *why)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : why_fail(why, errno, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return why_fail(why, EISDIR, "%s is a folder: take it away", path);
	if (!force)
		return why_fail(why, EEXIST, "%s is there already: take it away, choose another folder, or add --force", path);
	return 0;
}

/* The disk's errors come here at the latest: by fsync() before anything has its name. */
static int write_one(const struct file_set_file *file, const char *path, struct why *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), err = 0;
	size_t done = 0;
	ssize_t n;

	if (fd < 0)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	while (!err && done < file->len) {
		n = write(fd, file->text + done, file->len - done);
		if (n > 0)
			done += (size_t)n;
		else if (!n || errno != EINTR)
			err = n ? errno : EIO;
	}
	if (!err && fsync(fd) && errno != EINVAL)
		err = errno;
	if (close(fd) && !err)
		err = errno;
	if (!err)
		return 0;
	unlink(path);
	return why_fail(why, err, "%s: %s", path, strerror(err));
}

/* link() refuses where a file has come meanwhile; rename() replaces it in one step. */
static int give_name(const struct paths *p, bool force, struct why *why)
{
	if (force ? !rename(p->temporary, p->own) : !link(p->temporary, p->own))
		return 0;
	return why_fail(why, errno, "%s: %s", p->own, strerror(errno));
}

static int check_dir(const char *dir, struct why *why)
{
	struct stat st;

	if (stat(dir, &st))
		return why_fail(why, errno, "%s: %s%s", dir, strerror(errno), errno == ENOENT ? ": make it first, with mkdir -p" : "");
	return S_ISDIR(st.st_mode) ? 0 : why_fail(why, ENOTDIR, "%s is no folder", dir);
}

int file_set_write(struct file_set *s, bool force, struct why *why)
{
	struct paths path[FILE_SET_MAX];
	int i, err = finish(s, why), written = 0, named = 0;

	if (!err)
		err = check_dir(s->dir, why);
	for (i = 0; i < s->n && !err; i++) {
		err = make_paths(s, i, &path[i], why);
		if (!err)
			err = check(path[i].own, force, why);
	}
	for (; written < s->n && !err; written += !err)
		err = write_one(&s->file[written], path[written].temporary, why);
	for (; named < s->n && !err; named += !err)
		err = give_name(&path[named], force, why);
	for (i = 0; i < written; i++)
		unlink(path[i].temporary); /* renamed: it is gone, and the error is none */
	for (i = 0; err && !force && i < named; i++)
		unlink(path[i].own);
	return err;
}

int file_set_print(struct file_set *s, FILE *out, struct why *why)
{
	int i, err = finish(s, why);

	for (i = 0; i < s->n && !err; i++)
		fprintf(out, "%s# %s/%s\n%s", i ? "\n" : "", s->dir, s->file[i].name, s->file[i].text);
	return err;
}
