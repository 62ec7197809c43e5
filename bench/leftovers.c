/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/leftovers.h"

#include <dirent.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "bench/hugepages.h"

#define NAMES 2048	/* of all kinds: more are not looked at */

struct leftovers {
	char *name[NAMES];
	size_t n;
	int64_t pages;
};

static void add(struct leftovers *l, const char *what, const char *name)
{
	if (l->n < NAMES && asprintf(&l->name[l->n], "%s %s", what, name) >= 0)
		l->n++;
}

/*
 * What a cell makes has one of these names (bench/cell_run.h). Others on this machine have names of their own, and come and go as they like. NULL dir: an interface.
 */
static const struct {
	const char *what, *dir, *prefix;
} ours[] = {
	{"interface", NULL, "p-far"},
	{"interface", NULL, "p-guest"},
	{"interface", NULL, "p-peer"},
	{"interface", NULL, "p-noise"},
	{"interface", NULL, "p-beside"},
	{"interface", NULL, "wire0"},
	{"network namespace", "/run/netns", "far"},
	{"network namespace", "/run/netns", "guest"},
	{"network namespace", "/run/netns", "peer"},
	{"network namespace", "/run/netns", "noise"},
	{"network namespace", "/run/netns", "beside"},
	{"file", "/run", "takt-cell"},
	{"file", "/run/takt", "cell"},
	{"file", "/run/takt", "keeper"},
	{"file", "/run/dpdk", "takt-cell"},
	{"file", "/dev/shm", "takt-cell"},
	{"file", "/tmp", "takt-floor-"},
	{"file", "/tmp", "takt-hosts-"},
};
#define OURS (sizeof(ours) / sizeof(ours[0]))

static void add_files(struct leftovers *l, const char *what, const char *dir, const char *prefix)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[400];

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, sizeof(path), "%.100s/%.255s", dir, e->d_name);
		add(l, what, path);
	}
	if (d)
		closedir(d);
}

static void add_interfaces(struct leftovers *l, const char *what, const char *prefix)
{
	struct if_nameindex *all = if_nameindex(), *i;

	for (i = all; i && i->if_name; i++)
		if (!strncmp(i->if_name, prefix, strlen(prefix)))
			add(l, what, i->if_name);
	if (all)
		if_freenameindex(all);
}

static void add_children(struct leftovers *l)
{
	char path[64], name[32];
	FILE *f, *stat;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	while (f && fscanf(f, "%d", &pid) == 1) {
		char what[80] = "";

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		stat = fopen(path, "re");
		if (stat && fscanf(stat, "%31s", name) == 1)
			snprintf(what, sizeof(what), "%s (%d)", name, pid);
		if (stat)
			fclose(stat);
		if (*what)
			add(l, "process", what);
	}
	if (f)
		fclose(f);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct leftovers *leftovers_look(void)
{
	struct leftovers *l = calloc(1, sizeof(*l));
	size_t i;

	if (!l)
		return NULL;
	add_children(l);
	for (i = 0; i < OURS; i++)
		if (ours[i].dir)
			add_files(l, ours[i].what, ours[i].dir, ours[i].prefix);
		else
			add_interfaces(l, ours[i].what, ours[i].prefix);
	l->pages = hugepages_pool();
	qsort(l->name, l->n, sizeof(l->name[0]), by_name);
	return l;
}

void leftovers_free(struct leftovers *l)
{
	size_t i;

	for (i = 0; l && i < l->n; i++)
		free(l->name[i]);
	free(l);
}

json_t *leftovers_new(const struct leftovers *before, const struct leftovers *now)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; before && now && i < now->n; i++)
		if (!bsearch(&now->name[i], before->name, before->n, sizeof(before->name[0]), by_name))
			json_array_append_new(list, json_string(now->name[i]) ?: json_string("?"));
	if (before && now && now->pages > before->pages)
		json_array_append_new(list, json_sprintf("huge pages: %d more, which may be another program's", (int)(now->pages - before->pages)));
	return list;
}
