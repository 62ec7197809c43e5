/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Print into the room that is left; returns where. */
static char *print(struct words *w, const char *fmt, va_list ap)
{
	char *at = w->text + w->used;
	size_t room = sizeof(w->text) - w->used;
	int len = vsnprintf(at, room, fmt, ap);

	if (len < 0 || (size_t)len >= room)
		abort();
	w->used += (size_t)len + 1;
	return at;
}

static void put(struct words *w, const char *word)
{
	if (w->n == WORDS_MAX)
		abort();
	w->word[w->n++] = word;
	w->word[w->n] = NULL;
}

void words_add(struct words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(w, print(w, fmt, ap));
	va_end(ap);
}

void words_split(struct words *w, const char *fmt, ...)
{
	char *line, *word, *save = NULL;
	va_list ap;

	va_start(ap, fmt);
	line = print(w, fmt, ap);
	va_end(ap);
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		put(w, word);
}

char *words_line(char *buf, size_t size, const struct words *w)
{
	const char *slash = w->n ? strrchr(w->word[0], '/') : NULL;
	size_t used = 0;
	int i;

	*buf = '\0';
	for (i = 0; i < w->n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? " " : "", !i && slash ? slash + 1 : w->word[i]);
	return buf;
}
