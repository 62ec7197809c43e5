/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cell_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/backend.h"

#define DO_NS	(30 * NS_PER_SEC)
#define BOOT_NS (60 * NS_PER_SEC) /* a guest, on a machine that is busy */

static void note(struct cell_run *r, const struct cell_end *end, const struct words *w)
{
	char line[2048];

	words_line(line, sizeof(line), w);
	json_array_append_new(r->commands, end ? json_sprintf("%s: %s", end->name, line) : json_string(line));
}

int cell_start(struct proc **out, struct cell_run *r, const struct cell_end *end, const char *name, const char *log, const struct words *w, struct why *why)
{
	char cpu[16], path[PATH_MAX];
	struct proc_conf p = {.name = name, .argv = w->word, .dir = r->dir, .netns = end ? end->name : NULL, .cpu = cpu, .nice = CELL_URGENT};

	snprintf(cpu, sizeof(cpu), "%d", r->c->other_cpu);
	snprintf(path, sizeof(path), "%s/%s", r->dir, log ? log : "");
	p.log = log ? path : NULL;
	note(r, end, w);
	return proc_start(out, r->set, &p, why);
}

int cell_do(struct cell_run *r, const struct words *w, struct why *why)
{
	struct proc_conf p = {.name = w->word[0], .argv = w->word, .dir = r->dir};

	return proc_run(r->set, &p, DO_NS, why);
}

/* -- namespaces ---------------------------------------------------------------------------------------------------- */

static int make_wire(struct cell_run *r, struct cell_end *e, struct why *why)
{
	bool direct = r->backend->direct;
	struct netns_conf ns = {.name = e->name, .host_if = e->port, .peer_if = e->iface};
	struct words w = {0};
	int rc;

	if (direct && e == &r->end[END_FAR])
		ns.host_if = ns.peer_if = NULL;
	else if (direct)
		ns.host_ns = r->end[END_FAR].name, ns.host_if = r->end[END_FAR].iface;
	rc = netns_create(&e->ns, r->set, &ns, why);
	if (rc || !ns.host_if)
		return rc;
	words_split(&w, "ip -n %s link set %s address %s", e->name, e->iface, e->mac);
	rc = cell_do(r, &w, why);
	if (rc || !direct)
		return rc;
	w = (struct words){0};
	words_split(&w, "ip -n %s link set %s address %s", ns.host_ns, ns.host_if, r->end[END_FAR].mac);
	return cell_do(r, &w, why);
}

int cell_ends_make(struct cell_run *r, struct why *why)
{
	int i, rc = 0;

	for (i = 0; i < CELL_ENDS && !rc; i++)
		if (r->end[i].kind == END_WIRE)
			rc = make_wire(r, &r->end[i], why);
	return rc;
}

void cell_ends_stop(struct cell_run *r)
{
	int i;

	for (i = CELL_ENDS; i-- > 0;) {
		vm_stop(r->end[i].vm);
		r->end[i].vm = NULL;
	}
}

/* -- guests -------------------------------------------------------------------------------------------------------- */

static bool is_measured(const struct cell_run *r, const struct cell_end *e)
{
	return e == &r->end[r->talker] || e == &r->end[r->listener];
}

/*
 * What it runs, after a word to all, so that the backend knows where its address is. Whoever talks or listens leaves files in the host's folder, which User Mode Linux alone can; and its clock is
 * set by ours, and looked at before and after.
 */
static char *script(const struct cell_run *r, const struct cell_end *e, const char *name, const struct words *w)
{
	char line[2048], *text = NULL;

	words_line(line, sizeof(line), w);
	if (!is_measured(r, e))
		return asprintf(&text, "takt send -i %s -v %d -n 1 -e %s > /dev/null\n%s\n", e->iface, (int)r->c->traffic.vlan, CELL_ETHERTYPE_BESIDE, line) < 0 ? NULL : text;
	if (asprintf(&text,
		     "mkdir /out\nmount -t hostfs -o %s none /out || exit 9\ntakt send -i %s -v %d -n 1 -e %s > /dev/null\ntakt bench looks /out/looks.host > /out/looks.0\n%s > /out/%s.json\n"
		     "status=$?\ntakt bench looks > /out/looks.1\nsync\nexit $status\n",
		     e->out, e->iface, (int)r->c->traffic.vlan, CELL_ETHERTYPE_BESIDE, line, name) < 0)
		return NULL;
	return text;
}

/* What a guest sets its clock by. */
static int write_looks(struct cell_run *r, const struct cell_end *e, struct why *why)
{
	char path[PATH_MAX + 16];
	FILE *f;

	snprintf(path, sizeof(path), "%s/looks.host", e->out);
	clock_looks_take(&r->looks);
	f = fopen(path, "we");
	if (!f)
		return why_fail(why, errno, "%s: %s", path, strerror(errno));
	clock_looks_print(f, &r->looks);
	return fclose(f) ? why_fail(why, errno, "%s: %s", path, strerror(errno)) : 0;
}

int cell_boot(struct cell_run *r, struct cell_end *e, const char *name, const struct words *w, struct why *why)
{
	const char *command[] = {"sh", "-c", NULL, NULL};
	char cpu[16], log[PATH_MAX], *text = NULL;
	struct vm_conf conf;
	int rc;

	if (w) {
		note(r, e, w);
		command[2] = text = script(r, e, name, w);
		if (!text)
			return why_fail(why, ENOMEM, "out of memory");
	}
	if (mkdir(e->out, 0755) && errno != EEXIST) {
		free(text);
		return why_fail(why, errno, "%s: %s", e->out, strerror(errno));
	}
	rc = w && is_measured(r, e) ? write_looks(r, e, why) : 0;
	if (rc) {
		free(text);
		return rc;
	}
	snprintf(cpu, sizeof(cpu), "%d", r->c->other_cpu);
	snprintf(log, sizeof(log), "%s/%s.log", r->dir, e->name);
	vm_conf_init(&conf);
	conf.uml = e->kind == END_UML;
	conf.qemu = !conf.uml;
	conf.kernel = conf.uml ? NULL : r->c->value[AXIS_GUEST] + strlen("qemu-");
	conf.name = e->name;
	conf.socket = *e->netdev ? NULL : e->socket;
	conf.netdev = *e->netdev ? e->netdev : NULL;
	conf.mac = e->mac;
	conf.cpu = cpu;
	conf.nice = CELL_URGENT;
	conf.queues = atoi(r->c->value[AXIS_QUEUES]);
	conf.mem_mib = conf.uml ? 128 : 256;
	conf.kernel_dir = r->c->kernel_dir;
	conf.log = log;
	conf.command = w ? command : NULL;
	rc = vm_start(&e->vm, r->set, &conf, why) ?: vm_wait_ready(e->vm, BOOT_NS, why);
	free(text);
	if (!rc)
		json_object_set_new(r->programs, e->name, json_string(vm_how(e->vm)));
	return rc;
}
