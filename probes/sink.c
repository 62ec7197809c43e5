/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/sink.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode);
}

int sink_open(struct sink *s, const char *path, struct why *why)
{
	const char *name = strrchr(path, '/');
	struct stat st;
	int n;

	memset(s, 0, sizeof(*s));
	if (!strcmp(path, "-")) {
		s->f = stdout;
		snprintf(s->path, sizeof(s->path), "standard output");
		return 0;
	}
	if (snprintf(s->path, sizeof(s->path), "%s", path) >= (int)sizeof(s->path))
		return why_fail(why, ENAMETOOLONG, "--output %.64s...: the path is too long", path);
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return why_fail(why, EISDIR, "--output %s is a folder: name a file in it", path);
	name = name ? name + 1 : path;
	n = 0;
	if (is_file(path))
		n = snprintf(s->temporary, sizeof(s->temporary), "%.*s.%s.%d", (int)(name - path), path, name, (int)getpid());
	if (n >= (int)sizeof(s->temporary))
		return why_fail(why, ENAMETOOLONG, "--output %.64s...: the path is too long", path);
	s->f = fopen(n ? s->temporary : path, "we");
	if (!s->f)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	s->ours = true;
	return 0;
}

int sink_flush(struct sink *s)
{
	errno = 0;
	if (!fflush(s->f) && !ferror(s->f))
		return 0;
	return errno ? -errno : -EIO;
}

int sink_commit(struct sink *s, struct why *why)
{
	int err = sink_flush(s);

	if (!err && s->temporary[0] && fsync(fileno(s->f)))
		err = -errno;
	if (s->ours && fclose(s->f) && !err)
		err = -errno;
	s->f = NULL;
	if (!err && s->temporary[0] && rename(s->temporary, s->path))
		err = -errno;
	if (err && s->temporary[0])
		unlink(s->temporary);
	if (err && err != -EPIPE)
		why_fail(why, -err, "%s: %s", s->path, strerror(-err));
	return err;
}

void sink_close(struct sink *s)
{
	if (!s->f)
		return;
	if (s->ours)
		fclose(s->f);
	s->f = NULL;
	if (s->temporary[0])
		unlink(s->temporary);
}
