/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_attach.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "probes/host_tracefs.h"

#define MODULES 8

/* -- what to load ------------------------------------------------------------------------------------------------------------ */

struct types {
	struct btf *btf[MODULES + 1];	/* the kernel's, then those of KVM's modules */
	int n;
};

static void types_free(struct types *t)
{
	while (t->n)
		btf__free(t->btf[--t->n]);
}

static int types_load(struct types *t, struct why *why)
{
	struct btf *b = btf__load_vmlinux_btf();
	const struct dirent *entry;
	DIR *dir;

	t->n = 0;
	if (!b)
		return why_fail(why, errno == EPERM || errno == EACCES ? EPERM : ENOTSUP,
				"/sys/kernel/btf/vmlinux: %s: the host's kernel must tell its types (CONFIG_DEBUG_INFO_BTF)", strerror(errno));
	t->btf[t->n++] = b;
	dir = opendir("/sys/kernel/btf");
	while (dir && (entry = readdir(dir)) && t->n <= MODULES) {
		if (strncmp(entry->d_name, "kvm", 3))
			continue;
		b = btf__load_module_btf(entry->d_name, t->btf[0]);
		if (b)
			t->btf[t->n++] = b;
	}
	if (dir)
		closedir(dir);
	return 0;
}

static struct bpf_program *program(struct bpf_object *obj, enum host_prog prog)
{
	return bpf_object__find_program_by_name(obj, host_prog_names[prog]);
}

int host_attach_choose(struct host_points *p, struct bpf_object *obj, struct why *why)
{
	struct types types;
	int i, err;

	err = types_load(&types, why);
	if (err)
		return err;
	host_points_choose(p, types.btf, types.n);
	types_free(&types);
	for (i = 0; i < HOST_PROG_COUNT; i++)
		bpf_program__set_autoload(program(obj, i), p->wanted >> i & 1);
	return 0;
}

/* -- attaching --------------------------------------------------------------------------------------------------------------- */

static struct bpf_link *attach_class(struct bpf_program *prog, const char *tracepoint)
{
	int fd = host_tracefs_open("kvm", tracepoint), err;
	struct bpf_link *l;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	l = bpf_program__attach_perf_event(prog, fd); /* the link closes it */
	if (!l) {
		err = errno;
		close(fd);
		errno = err;
	}
	return l;
}

static struct bpf_link *attach(struct bpf_program *prog, const struct host_way *w)
{
	if (!prog || bpf_program__fd(prog) < 0) {
		errno = ENOENT;
		return NULL;
	}
	switch (w->how) {
	case HOST_TYPED:
		return bpf_program__attach(prog);
	case HOST_RAW:
		return bpf_program__attach_raw_tracepoint(prog, w->tracepoint);
	default:
		return attach_class(prog, w->tracepoint);
	}
}

/* The first of n ways to a tracepoint that the kernel allows. */
static void attach_any(struct host_links *links, struct host_point *point, const struct host_way *w, int n, struct bpf_object *obj)
{
	struct bpf_link *l = NULL;
	int i, err = ENOENT;

	for (i = 0; i < n && !l; i++) {
		l = links->n < HOST_MAX_LINKS ? attach(program(obj, w[i].prog), &w[i]) : NULL;
		if (!l && errno != ENOENT)
			err = errno;
	}
	if (!l) {
		host_point_fail(point, "%s: %s", w->tracepoint,
				err == EPERM || err == EACCES ? "the kernel refuses it to this user" : strerror(err));
		return;
	}
	links->link[links->n++] = l;
	if (w[i - 1].lacks[0])
		snprintf(point->why, sizeof(point->why), "without %s", w[i - 1].lacks);
}

int host_attach(struct host_links *l, struct host_points *p, struct bpf_object *obj, struct why *why)
{
	struct host_point *point;
	int i, n, live = 0;
	const struct host_way *ways = host_ways(&n);

	for (i = 0; i < n; i += host_ways_together(i)) {
		point = host_points_row(p, ways[i].point);
		if (point->live)
			attach_any(l, point, &ways[i], host_ways_together(i), obj);
	}
	for (i = 0; i < p->n; i++)
		live += p->point[i].live;
	return live ? 0 : why_fail(why, EPERM, "not one tracepoint can be attached: %s", p->point[0].why);
}

void host_detach(struct host_links *l)
{
	while (l->n)
		bpf_link__destroy(l->link[--l->n]);
}
