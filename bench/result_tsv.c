/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/result_pvt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain_file.h"

#define LINE_LEN 1024

char *result_word(char **rest)
{
	char *w = *rest;

	if (!w)
		return NULL;
	*rest = strchr(w, '\t');
	if (*rest)
		*(*rest)++ = '\0';
	return w;
}

int result_number(int64_t *out, const char *w, int64_t min, int64_t max, struct why *why)
{
	char *end;

	errno = 0;
	*out = strtoll(w, &end, 10);
	if (errno || end == w || *end || *w == ' ' || *w == '+' || *out < min || *out > max)
		return why_fail(why, EINVAL, "\"%.24s\" is no whole number from %" PRId64 " to %" PRId64, w, min, max);
	return 0;
}

int result_lines(const char *path, result_take *take, void *ctx, struct why *why)
{
	FILE *f = plain_file_open(path, why);
	char line[LINE_LEN];
	size_t lines = 0;
	int rc = 0;

	if (!f)
		return errno == ENOENT ? -ENOENT : -EINVAL;
	while (!rc && fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, "\n");

		lines++;
		if (line[len] != '\n')
			rc = why_fail(why, EINVAL, "the line is too long, or cut");
		line[len] = '\0';
		if (!rc)
			rc = take(ctx, lines, line, why);
	}
	if (!rc && ferror(f))
		rc = why_fail(why, EIO, "cannot be read");
	if (!rc && !lines)
		rc = why_fail(why, EINVAL, "is empty");
	fclose(f);
	if (rc)
		why_at(why, "%s:%zu", path, lines);
	return rc;
}
