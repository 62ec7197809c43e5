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
	long mounts;
};

static void add(struct leftovers *l, const char *what, const char *name)
{
	if (l->n < NAMES && asprintf(&l->name[l->n], "%s %s", what, name) >= 0)
		l->n++;
}

/* Names below a folder that begin so. */
static void add_files(struct leftovers *l, const char *what, const char *dir, const char *prefix)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[400];

	while (d && (e = readdir(d))) {
		if (*e->d_name == '.' || strncmp(e->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, sizeof(path), "%.100s/%.255s", dir, e->d_name);
		add(l, what, path);
	}
	if (d)
		closedir(d);
}

static void add_interfaces(struct leftovers *l)
{
	struct if_nameindex *all = if_nameindex(), *i;

	for (i = all; i && i->if_name; i++)
		add(l, "interface", i->if_name);
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

static long count_mounts(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	long n = 0;
	int c;

	while (f && (c = getc(f)) != EOF)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct leftovers *leftovers_look(void)
{
	struct leftovers *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	add_interfaces(l);
	add_children(l);
	add_files(l, "network namespace", "/run/netns", "");
	add_files(l, "file", "/run/takt", "");
	add_files(l, "file", "/run/dpdk", "");
	add_files(l, "file", "/dev/shm", "takt");
	add_files(l, "file", "/tmp", "takt");
	add_files(l, "file", "/dev/hugepages", "");
	l->pages = hugepages_pool();
	l->mounts = count_mounts();
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
		json_array_append_new(list, json_sprintf("huge pages: %d more", (int)(now->pages - before->pages)));
	if (before && now && now->mounts > before->mounts)
		json_array_append_new(list, json_sprintf("mounts: %d more", (int)(now->mounts - before->mounts)));
	return list;
}
