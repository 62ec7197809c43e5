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
	va_list ap;
	int n;

	if (!why)
		return;
	memcpy(rest, why->text, sizeof(rest));
	va_start(ap, fmt);
	n = vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && n < WHY_LEN)
		snprintf(why->text + n, sizeof(why->text) - (size_t)n, ": %s", rest);
}
