/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_role.h"

#include <string.h>

const char *const host_role_names[HOST_ROLE_COUNT] = {
#define X(id, name) name,
	HOST_ROLES(X)
#undef X
};

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

enum host_role host_role_of(const char *name, bool is_main)
{
	if (begins(name, "rte-worker-") || begins(name, "lcore-worker-"))
		return HOST_WORKER;
	if (begins(name, "CPU ") && strchr(name, '/'))
		return HOST_VCPU;
	if (begins(name, "IO "))
		return HOST_IO;
	return is_main ? HOST_MAIN : HOST_OTHER;
}
