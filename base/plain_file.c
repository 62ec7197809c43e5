/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/plain_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *plain_file_open(const char *path, struct why *why)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), err;
	struct stat st;
	FILE *f = NULL;

	if (fd < 0 || fstat(fd, &st))
		err = errno;
	else if (S_ISREG(st.st_mode))
		err = (f = fdopen(fd, "r")) ? 0 : errno;
	else
		err = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (f)
		return f;
	if (fd >= 0)
		close(fd);
	why_fail(why, err, "%s: %s", path, err == EINVAL ? "is no plain file" : strerror(err));
	errno = err;
	return NULL;
}
