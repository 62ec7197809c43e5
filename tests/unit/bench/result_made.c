/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/bench/result_made.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/test.h"

void made_init(struct made *m)
{
	snprintf(m->dir, sizeof(m->dir), "/tmp/takt-result-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	made_text(m, "meta.json", "{\"schema\": 1, \"campaign\": \"made\", \"planned\": 4}");
	made_text(m, "cells/.not-finished/cell.json", "{");
}

void made_fini(struct made *m)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", m->dir);
	assert_int_equal(system(command), 0);
}

void made_write(struct made *m, const char *file, const void *data, size_t n)
{
	char path[256], *slash;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", m->dir, file);
	for (slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

void made_text(struct made *m, const char *file, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_in_range(n, 0, sizeof(text) - 1);
	made_write(m, file, text, (size_t)n);
}

static unsigned char *put(unsigned char *p, int bytes, uint64_t v)
{
	int i;

	for (i = 0; i < bytes; i++)
		*p++ = (unsigned char)(v >> (8 * (bytes - 1 - i)));
	return p;
}

size_t made_frames(unsigned char *out)
{
	unsigned char *p = out;
	uint64_t i;

	memcpy(p, "ISOCHRON", 8);
	p = put(put(put(put(put(p + 8, 4, 4), 4, MADE_FRAMES), 2, 128), 2, 0), 4, 0);
	p = put(put(put(put(put(p, 8, 1000000000), 8, 0), 8, 0), 8, 1000000), 8, 0);
	p = put(put(put(put(put(p, 8, 96), 8, 96 + MADE_FRAMES * 48), 4, MADE_FRAMES * 48), 4, MADE_FRAMES * 32), 8, 0);
	for (i = 1; i <= MADE_FRAMES; i++) {
		uint64_t due = 1000000000 + i * 1000000;

		p = put(put(p, 4, i), 4, 0);
		p = put(put(put(put(put(p, 8, due), 8, due + 200), 8, 0), 8, due + 500), 8, due + 400);
	}
	for (i = 1; i <= MADE_FRAMES; i++) {
		uint64_t sent = 1000000000 + i * 1000000 + 500;

		p = i == 3 ? put(put(p, 8, 0), 8, 0) : put(put(put(p, 4, i), 4, 0), 8, sent + 1000 * i + 200);
		p = i == 3 ? put(put(p, 8, 0), 8, 0) : put(put(p, 8, 0), 8, sent + 1000 * i);
	}
	return (size_t)(p - out);
}

void made_cell(struct made *m, const char *name, const char *axes, int repetition, int position, const char *bad)
{
	unsigned char frames[MADE_FRAMES_LEN];
	char file[128], hops[1024] = "seqid\tcopy\tsend\n";
	size_t n;
	int i;

	snprintf(file, sizeof(file), "cells/%s/cell.json", name);
	made_text(m, file, "{\"schema\": 1, \"cell\": \"%s\", \"repetition\": %d, \"position\": %d, \"axes\": {%s},\n"
		  "\"status\": \"ok\", \"reason\": \"\", \"t_begin\": 1000000000, \"t_end\": 2000000000, \"measure\": \"one-way\", \"deadline_ns\": 1000000,\n"
		  "\"counts\": {\"due\": %d, \"sent\": 8, \"received\": 7, \"lost\": 1, \"duplicate\": 0, \"reordered\": 0, \"wakeups_late\": 2, \"stamps_missing\": 0},\n"
		  "\"clock\": {\"between\": \"same\", \"error_bound_ns\": 5, \"bad\": [%s]},\n"
		  "\"floor\": {\"p50_ns\": 2000, \"p99_ns\": 30000, \"max_ns\": 40000, \"share\": 0.03},\n"
		  "\"poll_gaps\": {\"count\": 3, \"max_ns\": 9000, \"share\": 0.01}, \"commands\": [], \"programs\": {}}\n",
		  name, repetition, position, axes, MADE_FRAMES, bad);
	n = made_frames(frames);
	assert_int_equal(n, MADE_FRAMES_LEN);
	snprintf(file, sizeof(file), "cells/%s/frames.dat", name);
	made_write(m, file, frames, n);
	for (i = 1; i <= MADE_FRAMES; i++) {
		n = strlen(hops);
		snprintf(hops + n, sizeof(hops) - n, i == 2 ? "%d\t%d\t-\n" : "%d\t%d\t7\n", i, 100 * i);
	}
	snprintf(file, sizeof(file), "cells/%s/hops.tsv", name);
	made_text(m, file, "%s", hops);
}
