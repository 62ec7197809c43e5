/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/gnuplot.h"

#include "base/ns.h"

#define DRAW_NS (60 * NS_PER_SEC)	/* one figure */

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
