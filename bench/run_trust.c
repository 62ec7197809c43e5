/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run_trust.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_same_file(const char *a, const char *b)
{
	char real_a[PATH_MAX], real_b[PATH_MAX];

	return !strcmp(a, b) || (realpath(a, real_a) && realpath(b, real_b) && !strcmp(real_a, real_b));
}

int run_trust_files(const struct run_asked *was, const struct run_asked *is, struct why *why)
{
	const struct {
		const char *option, *was, *is;
	} files[] = {{"taktd", was->taktd, is->taktd}, {"kernel-dir", was->kernel_dir, is->kernel_dir}, {"inventory", was->inventory, is->inventory}};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i].was ? files[i].is && is_same_file(files[i].was, files[i].is) : !files[i].is)
			continue;
		return files[i].was ? why_fail(why, EINVAL, "this run was measured with --%s %.200s: give that beside --resume if it is to be used", files[i].option, files[i].was) :
				      why_fail(why, EINVAL, "this run was measured without --%s: leave it out, or measure it again with takt bench rerun", files[i].option);
	}
	return 0;
}

int run_trust_hosts(const struct campaign *c, const char *inventory, const char *folder, struct why *why)
{
	if (!c->hosts.inventory == !inventory)
		return 0;
	return inventory ? why_fail(why, EINVAL, "--inventory: %.200s has no hosts: leave it out", folder) :
			   why_fail(why, EINVAL, "%.200s was measured on hosts: say which by --inventory FILE", folder);
}

int run_trust_inventory(char real[PATH_MAX], const struct campaign *c, const char *path, const char *given, struct why *why)
{
	const char *name = c->hosts.inventory, *slash = strrchr(path, '/');
	char at[2 * PATH_MAX];

	if (!name)
		return given ? why_fail(why, EINVAL, "--inventory: %s has no hosts: leave it out", path) : 0;
	if (given)
		snprintf(at, sizeof(at), "%s", given);
	else if (*name == '/' || !slash)
		snprintf(at, sizeof(at), "%s", name);
	else
		snprintf(at, sizeof(at), "%.*s/%s", (int)(slash - path), path, name);
	return realpath(at, real) ? 0 : why_fail(why, errno, "%s: hosts: inventory: %.200s: %s", path, at, strerror(errno));
}
