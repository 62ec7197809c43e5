/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/dirs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int dirs_make(const char *path)
{
	char part[PATH_MAX];
	char *at;

	snprintf(part, sizeof(part), "%s", path);
	for (at = part + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	return mkdir(part, 0755) && errno != EEXIST ? -errno : 0;
}
