/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_btf.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int guest_btf_open(struct guest_btf *g)
{
	DIR *dir = opendir(GUEST_BTF_DIR);
	struct dirent *d;

	g->btf[g->n++] = btf__load_vmlinux_btf();
	while (dir && g->btf[0] && g->n < GUEST_BTFS && (d = readdir(dir))) {
		struct btf *b;

		if (d->d_name[0] == '.' || !strcmp(d->d_name, "vmlinux"))
			continue;
		b = btf__load_module_btf(d->d_name, g->btf[0]);
		if (b)
			g->btf[g->n++] = b;
	}
	if (dir)
		closedir(dir);
	return g->btf[0] ? 0 : -ENOENT;
}

void guest_btf_close(struct guest_btf *g)
{
	for (int i = g->n - 1; i >= 0; i--)	/* modules' rest on the kernel's */
		btf__free(g->btf[i]);
	g->n = 0;
}

int guest_btf_function(const struct guest_btf *g, const char *name)
{
	for (int i = 0; i < g->n; i++) {
		int id = btf__find_by_name_kind(g->btf[i], name, BTF_KIND_FUNC);
		const struct btf_type *t = id > 0 ? btf__type_by_id(g->btf[i], (uint32_t)id) : NULL;

		t = t ? btf__type_by_id(g->btf[i], t->type) : NULL;
		if (t)
			return btf_vlen(t);
	}
	return -ENOENT;
}

int guest_btf_tracepoint(const struct guest_btf *g, const char *name)
{
	const struct btf *b = g->btf[0];
	const struct btf_type *t;
	char type[80];
	int id;

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	id = btf__find_by_name_kind(b, type, BTF_KIND_TYPEDEF);
	t = id > 0 ? btf__type_by_id(b, (uint32_t)id) : NULL;
	t = t ? btf__type_by_id(b, t->type) : NULL;	/* a pointer */
	t = t ? btf__type_by_id(b, t->type) : NULL;	/* to a function */
	return t && btf_is_func_proto(t) ? btf_vlen(t) - 1 : -ENOENT;
}

bool guest_btf_symbol(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[300], got[200];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*s %*s %199s", got) == 1 && !strcmp(got, name);
	if (f)
		fclose(f);
	return found;
}
