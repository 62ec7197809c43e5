/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/refusal.h"

#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

static _Thread_local struct refusal heard;

/* "prog 'NAME': REASON"; the verifier's log, which comes the same way, is no reason. */
static int hear(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[512], *name, *end;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	name = strstr(text, "prog '");
	end = name ? strchr(name + 6, '\'') : NULL;
	if (!end || end[1] != ':' || strstr(end, "': -- "))
		return 0;
	*end = '\0';
	if (strcmp(heard.program, name + 6)) {
		snprintf(heard.program, sizeof(heard.program), "%s", name + 6);
		heard.why[0] = '\0';
	}
	end += 3;
	end[strcspn(end, "\n")] = '\0';
	if (!heard.why[0])
		snprintf(heard.why, sizeof(heard.why), "%s", end);
	return 0;
}

void refusal_listen(void)
{
	memset(&heard, 0, sizeof(heard));
	libbpf_set_print(hear);
}

const struct refusal *refusal_heard(void)
{
	return &heard;
}
