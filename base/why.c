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
	char rest[WHY_LEN];
	size_t used;
	va_list ap;

	if (!why)
		return;
	memcpy(rest, why->text, sizeof(rest));
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	/* A place too long to leave room for the reason is cut: the reason matters more. */
	used = strnlen(why->text, WHY_LEN / 2);
	snprintf(why->text + used, sizeof(why->text) - used, ": %s", rest);
}
