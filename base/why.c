/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/why.h"

#include <stdio.h>
#include <string.h>

int why_fail(struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (why) {
		va_start(ap, fmt);
		vsnprintf(why->text, sizeof(why->text), fmt, ap);
		va_end(ap);
	}
	return -err;
}

void why_at(struct why *why, const char *fmt, ...)
{
	char where[WHY_LEN], text[WHY_LEN];
	va_list ap;

	if (!why)
		return;
	va_start(ap, fmt);
	vsnprintf(where, sizeof(where), fmt, ap);
	va_end(ap);
	memcpy(text, why->text, sizeof(text));
	text[WHY_LEN - 1] = '\0';
	/* A place too long to leave room for the reason is cut: the reason matters more. */
	snprintf(why->text, sizeof(why->text), "%.*s: %s", WHY_LEN / 2, where, text);
}
