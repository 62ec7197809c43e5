/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/why.h"

#include <stdio.h>
#include <string.h>

/* What is quoted came from outside: it must not break the line, nor reach a terminal as an escape sequence. */
static void printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = ' ';
}

/* `wanted` bytes it would have been. Who reads half a word takes it for a whole one. */
static void end_at_word(char *text, int wanted)
{
	char *blank;

	if (wanted < WHY_LEN)
		return;
	blank = memrchr(text + WHY_LEN / 2, ' ', WHY_LEN / 2 - sizeof("..."));
	strcpy(blank ? blank + 1 : text + WHY_LEN - sizeof("..."), "...");
}

int why_fail(struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (why) {
		va_start(ap, fmt);
		end_at_word(why->text, vsnprintf(why->text, sizeof(why->text), fmt, ap));
		va_end(ap);
		printable(why->text);
	}
	return -err;
}

void why_at(struct why *why, const char *fmt, ...)
{
	char rest[WHY_LEN];
	size_t used;
	va_list ap;

	if (!why)
		return;
	memcpy(rest, why->text, sizeof(rest));
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	printable(why->text);
	/* A place too long to leave room for the reason is cut: the reason matters more. */
	used = strnlen(why->text, WHY_LEN / 2);
	end_at_word(why->text, (int)used + snprintf(why->text + used, sizeof(why->text) - used, ": %s", rest));
}
