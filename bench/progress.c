/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/cell_note.h"

#define BAR	24	/* columns; where there are few, a quarter of them */
#define COLUMNS 80	/* of a terminal that does not say */

struct sample {
	size_t kind;
	int64_t ns;
};

struct progress {
	size_t n;
	const int64_t *guess_ns;
	struct sample *sample;
	size_t n_samples, room;
	struct out out;
	bool terminal, drawn;
};

struct progress *progress_create(size_t n, const int64_t *guess_ns, bool json)
{
	struct progress *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	*p = (struct progress){.n = n, .guess_ns = guess_ns, .room = 2 * n + 16};
	p->sample = calloc(p->room, sizeof(*p->sample));
	if (!p->sample) {
		free(p);
		return NULL;
	}
	p->terminal = isatty(STDERR_FILENO);
	out_init(&p->out, stdout, json);
	return p;
}

void progress_destroy(struct progress *p)
{
	if (!p)
		return;
	progress_clear(p);
	free(p->sample);
	free(p);
}

void progress_took(struct progress *p, size_t kind, int64_t ns)
{
	if (ns > 0 && p->n_samples < p->room)
		p->sample[p->n_samples++] = (struct sample){kind, ns};
}

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of what a kind's samples took; of all: of how much longer than guessed. 0: there are none. */
static int64_t median(const struct progress *p, bool of_all, size_t kind, int64_t *scratch)
{
	size_t i, n = 0;

	for (i = 0; i < p->n_samples; i++)
		if (of_all || p->sample[i].kind == kind)
			scratch[n++] = p->sample[i].ns - (of_all ? p->guess_ns[p->sample[i].kind] : 0);
	if (!n)
		return 0;
	qsort(scratch, n, sizeof(*scratch), by_length);
	return scratch[n / 2];
}

int64_t progress_left(const struct progress *p, const size_t *kind, size_t n)
{
	int64_t *scratch = calloc(p->room, sizeof(*scratch)), sum = 0, off, ns;
	size_t i;

	if (!scratch)
		return 0;
	off = median(p, true, 0, scratch);
	for (i = 0; i < n; i++) {
		ns = median(p, false, kind[i], scratch) ?: p->guess_ns[kind[i]] + off;
		sum += ns > 0 ? ns : 0;
	}
	free(scratch);
	return sum;
}

const char *progress_time(char buf[static 32], int64_t ns)
{
	int64_t s = (ns + NS_PER_SEC / 2) / NS_PER_SEC;

	if (s < 60)
		snprintf(buf, 32, "%" PRId64 " s", s);
	else if (s < 3600)
		snprintf(buf, 32, "%" PRId64 " min %02" PRId64 " s", s / 60, s % 60);
	else
		snprintf(buf, 32, "%" PRId64 " h %02" PRId64 " min", s / 3600, s / 60 % 60);
	return buf;
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}

/* Asked each time: it may have been drawn wider meanwhile. */
static int columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || !w.ws_col ? COLUMNS : w.ws_col;
}

void progress_draw(struct progress *p, size_t done, bool again, int64_t left_ns, const char *name, int64_t since_ns)
{
	char left[32], line[400], since[32], bar[BAR + 1] = "";
	int wide = columns(), n, room;
	size_t len = wide / 4 < BAR ? (size_t)(wide / 4) : BAR, filled = p->n ? done * len / p->n : 0;

	if (!p->terminal)
		return;
	memset(bar, '.', len);
	memset(bar, '#', filled > len ? len : filled);
	n = snprintf(line, sizeof(line), "[%s] %zu of %zu, %s left: %s%.200s", bar, done, p->n, progress_time(left, left_ns), again ? "again " : "", name);
	room = wide - 1 - snprintf(since, sizeof(since), ", %" PRId64 " s", since_ns / NS_PER_SEC);
	if (n > room && room > 3)	/* a name gives way: half a number would be another one */
		snprintf(line + room - 3, 4, "...");
	fprintf(stderr, "\r%.*s\033[K", wide - 1, strcat(line, since));
	p->drawn = true;
}

void progress_tell(struct progress *p, size_t done, bool again, const struct cell *c, enum result_status status, const char *reason, int64_t took_ns)
{
	static const enum out_style style[] = {[RESULT_OK] = OUT_GREEN, [RESULT_SKIPPED] = OUT_YELLOW, [RESULT_FAILED] = OUT_RED};
	struct out *o = &p->out;

	progress_clear(p);
	out_object(o, NULL);
	out_uint(o, "done", done, again ? NULL : "%4zu", done);
	out_uint(o, "of", p->n, again ? NULL : " of %zu  ", p->n);
	out_bool(o, "again", again, again ? "%*s  " : NULL, 8 + snprintf(NULL, 0, "%zu", p->n), "again");	/* as wide as "  12 of 24" */
	out_str(o, "status", cell_status_name[status], "%s%-7s%s  ", out_style(o, style[status]), cell_status_name[status], out_style(o, OUT_PLAIN));
	out_str(o, "cell", c->name, "%s", c->name);
	if (took_ns)
		out_real(o, "took_s", (double)took_ns / 1e9, "  %.1f s", (double)took_ns / 1e9);
	else
		out_null(o, "took_s", NULL);
	out_str(o, "reason", reason, *reason ? ": %s\n" : "%s\n", reason);
	out_end(o);
	fflush(stdout);
}
