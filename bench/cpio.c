/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cpio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void pad(FILE *f)
{
	static const char zero[4];
	long at = ftell(f);

	if (at > 0 && at % 4)
		fwrite(zero, 1, 4 - at % 4, f);
}

static void entry(struct cpio *c, const char *path, unsigned int mode, const void *data, size_t len)
{
	fprintf(c->f, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		++c->inode, mode, 0, 0, S_ISDIR(mode) ? 2 : 1, 0, (unsigned int)len, 0, 0, 0, 0,
		(unsigned int)strlen(path) + 1, 0);
	fwrite(path, 1, strlen(path) + 1, c->f);
	pad(c->f);
	if (len)
		fwrite(data, 1, len, c->f);
	pad(c->f);
}

void cpio_begin(struct cpio *c, FILE *f)
{
	*c = (struct cpio){ .f = f };
	pad(f);
}

void cpio_file(struct cpio *c, const char *path, unsigned int mode, const void *data, size_t len)
{
	char dir[PATH_MAX];

	for (const char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(s - path), path);
		entry(c, dir, S_IFDIR | 0755, NULL, 0);
	}
	entry(c, path, S_IFREG | mode, data, len);
}

int cpio_copy(struct cpio *c, const char *path, const char *from, struct why *why)
{
	void *data = MAP_FAILED;
	struct stat st;
	int fd = open(from, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0)
		data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (data == MAP_FAILED)
		return why_fail(why, errno ?: EIO, "cannot read %s for the guest: %s", from, strerror(errno));
	cpio_file(c, path, 0755, data, st.st_size);
	munmap(data, st.st_size);
	return 0;
}

int cpio_end(struct cpio *c, struct why *why)
{
	entry(c, "TRAILER!!!", 0, NULL, 0);
	if (fflush(c->f) || ferror(c->f))
		return why_fail(why, EIO, "cannot write the guest's files: %s", strerror(errno));
	return 0;
}
