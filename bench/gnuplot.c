/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/gnuplot.h"

#include <errno.h>
#include <string.h>

#include "base/ns.h"

#define DRAW_NS (60 * NS_PER_SEC)	/* one figure */

FILE *gnuplot_open(const char *dir, const char *name, const char *end, char *path, size_t size, struct why *why)
{
	FILE *f;

	snprintf(path, size, "%s/%s.%s", dir, name, end);
	f = fopen(path, "we");
	if (!f)
		why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	return f;
}

int gnuplot_close(FILE *f, const char *path, struct why *why)
{
	int failed, err;

	errno = 0;
	failed = fflush(f) || ferror(f);
	err = errno;
	if (fclose(f) && !failed) {
		failed = 1;
		err = errno;
	}
	return failed ? why_fail(why, err ? err : EIO, "cannot write %s: %s", path, strerror(err ? err : EIO)) : 0;
}

int gnuplot_draw(struct procs *set, const char *dir, const char *script, struct why *why)
{
	const char *argv[] = { "env", "-C", dir, "gnuplot", script, NULL };
	const struct proc_conf conf = { .name = "gnuplot", .argv = argv };

	return proc_run(set, &conf, DRAW_NS, why);
}

void gnuplot_str(FILE *f, const char *s)
{
	fputc('\'', f);
	for (; *s; s++)
		fputc(*s < ' ' || *s > '~' || *s == '\'' || *s == '"' || *s == '\\' || *s == '`' ? '?' : *s, f);
	fputc('\'', f);
}
