/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/cause.h"

#include <errno.h>
#include <string.h>

const struct cause_row cause_rows[CAUSE_COUNT] = {
#define X(id, name, hops, watch, help) {name, hops, watch, help},
	CAUSES(X)
#undef X
};

int cause_find(const char *name)
{
	int i;

	for (i = 0; i < CAUSE_COUNT; i++)
		if (!strcmp(name, cause_rows[i].name))
			return i;
	return -EINVAL;
}
