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

/* Its last words, of which it has an empty line behind the sentence. */
static void last_words(struct proc *p, char last[WHY_LEN])
{
	char line[WHY_LEN];

	snprintf(last, WHY_LEN, "it failed and did not say why");
	while (proc_read_line(p, line, sizeof(line), 0) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[strspn(line, " \t^")])
			snprintf(last, WHY_LEN, "%s", line + strspn(line, " \t"));
	}
}

int gnuplot_draw(struct procs *set, const char *dir, const char *script, struct why *why)
{
	const char *argv[] = { "env", "-C", dir, "gnuplot", script, NULL };
	const struct proc_conf conf = { .name = "gnuplot", .argv = argv };
	char last[WHY_LEN];
	struct proc *p;
	int status, rc = proc_start(&p, set, &conf, why);

	if (rc)
		return rc;
	rc = proc_wait(p, DRAW_NS, &status);
	if (!rc && status) {
		last_words(p, last);
		rc = why_fail(why, EIO, "gnuplot %s: %.200s", script, last);
	} else if (rc) {
		why_fail(why, -rc, "gnuplot %s: %s", script, rc == -ETIMEDOUT ? "not done in time" : "interrupted");
	}
	proc_stop(p, 0);
	return rc;
}

void gnuplot_str(FILE *f, const char *s)
{
	fputc('\'', f);
	for (; *s; s++)
		fputc(*s < ' ' || *s > '~' || *s == '\'' || *s == '"' || *s == '\\' || *s == '`' ? '?' : *s, f);
	fputc('\'', f);
}
