/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_who.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "probes/host_role.h"
#include "vnet/client.h"

/* "TID (NAME) STATE ...": the name may hold anything, so it ends at the last parenthesis. */
static bool parse_stat(struct host_who *w, char *text)
{
	char *name = strchr(text, '('), *end = strrchr(text, ')'), *p;
	int field;

	if (!name || !end || end < name || !end[1] || !end[2])
		return false;
	*end = '\0';
	snprintf(w->name, sizeof(w->name), "%s", name + 1);
	printable(w->name);
	w->state = end[2];
	w->cpu = 0;
	p = end + 2;
	for (field = 3; p && field < 39; field++)
		p = strchr(p + 1, ' ');
	if (p)
		w->cpu = atoi(p);
	return true;
}

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Its driver for our sockets is named on its command line, as nobody else's. */
static bool is_uml(int pid)
{
	char path[64], text[4096];
	bool found = false;
	size_t n, i;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	for (i = 0; i < n && !found; i += strlen(text + i) + 1)
		found = begins(text + i, "virtio_uml.device=");
	return found;
}

bool host_who_read(struct host_who *w, int pid, int tid)
{
	char path[64], text[1024];
	bool good;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	w->pid = pid;
	w->tid = tid;
	good = parse_stat(w, text) && w->state != 'Z' && w->state != 'X';
	if (good)
		w->role = host_role_of(w->name, pid == tid);
	if (good && w->role == HOST_MAIN && is_uml(pid))
		w->role = HOST_VCPU;
	return good;
}

/* One that is there already keeps the role it was given first. */
static void add(struct host_who_list *l, const struct host_who *w)
{
	int i;

	for (i = 0; i < l->n; i++)
		if (l->who[i].tid == w->tid)
			return;
	if (l->n == HOST_THREADS)
		l->full = true;
	else
		l->who[l->n++] = *w;
}

enum which { ALL, GUEST, WORKER };

static bool wanted(const struct host_who *w, enum which which)
{
	if (which == WORKER)
		return w->role == HOST_WORKER;
	return which == ALL || w->role != HOST_OTHER;
}

static int add_process(struct host_who_list *l, int pid, enum which which, struct why *why)
{
	const struct dirent *entry;
	struct host_who w;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return why_fail(why, ESRCH, "process %d: there is none: give the number of one that runs", pid);
	while ((entry = readdir(dir)))
		if (host_who_read(&w, pid, atoi(entry->d_name)) && wanted(&w, which))
			add(l, &w);
	closedir(dir);
	return 0;
}

/* The process of a thread: /proc/TID exists for each, though it is not listed. */
static int add_thread(struct host_who_list *l, int tid, struct why *why)
{
	char path[64], line[128];
	struct host_who w;
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	while (f && !pid && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &pid) != 1)
			pid = 0;
	if (f)
		fclose(f);
	if (!pid || !host_who_read(&w, pid, tid))
		return why_fail(why, ESRCH, "thread %d: there is none: give the number of one that runs", tid);
	add(l, &w);
	return 0;
}

static int number(const json_t *o, const char *key)
{
	return (int)json_integer_value(json_object_get(o, key));
}

static int add_taktd(struct host_who_list *l, const struct host_conf *conf, struct why *why)
{
	json_t *reply, *port;
	struct host_who w;
	size_t i;
	int pid, tid, err;

	err = client_request(conf->name, json_pack("{s:s}", "cmd", "show"), &reply, why);
	if (err)
		return err;
	pid = number(reply, "pid");
	tid = number(json_object_get(reply, "worker"), "tid");
	if (pid && tid && host_who_read(&w, pid, tid)) {
		w.role = HOST_WORKER;
		add(l, &w);
	} else if (pid) {
		add_process(l, pid, WORKER, NULL);
	}
	json_array_foreach(json_object_get(reply, "ports"), i, port) {
		pid = number(port, "peer_pid");
		if (pid)
			add_process(l, pid, GUEST, NULL); /* it may have ended just now */
	}
	json_decref(reply);
	return 0;
}

int host_who_look(struct host_who_list *l, const struct host_conf *conf, struct why *why)
{
	int i, err = 0;

	l->n = 0;
	l->full = false;
	for (i = 0; i < conf->n_tids && !err; i++)
		err = add_thread(l, conf->tids[i], why);
	for (i = 0; i < conf->n_pids && !err; i++)
		err = add_process(l, conf->pids[i], ALL, why);
	if (!err && conf->taktd)
		err = add_taktd(l, conf, why);
	return err;
}
