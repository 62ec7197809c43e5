/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_sig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

static const struct btf_type *plain(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

static int word(const struct btf *btf, __u32 id, char *out, size_t size)
{
	const struct btf_type *t = plain(btf, id);
	const char *name = "";
	int n;

	if (!t)
		return -EINVAL;
	if (btf_is_ptr(t)) {
		t = plain(btf, t->type);
		if (t && btf_is_composite(t))
			name = btf__name_by_offset(btf, t->name_off);
		n = snprintf(out, size, "*%s", name);
	} else if (btf_is_int(t) || btf_is_any_enum(t)) {
		n = snprintf(out, size, "%s", t->size > 4 ? "l" : "i");
	} else {
		n = snprintf(out, size, "?");	/* a structure by value: no program of ours looks at one */
	}
	return n < (int)size ? n : -E2BIG;
}

int host_sig(const struct btf *btf, const char *tracepoint, char *out, size_t size)
{
	const struct btf_type *t;
	const struct btf_param *arg;
	size_t used = 0;
	char name[96];
	int id, i, n;

	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -ENOENT;
	t = plain(btf, id);
	t = t && btf_is_ptr(t) ? plain(btf, t->type) : NULL;
	if (!t || !btf_is_func_proto(t) || !btf_vlen(t))
		return -EINVAL;
	arg = btf_params(t);
	out[0] = '\0';
	for (i = 1; i < btf_vlen(t); i++) { /* the first is the tracepoint's own */
		if (used + 2 > size)
			return -E2BIG;
		if (i > 1)
			out[used++] = ' ';
		n = word(btf, arg[i].type, out + used, size - used);
		if (n < 0)
			return n;
		used += n;
	}
	return 0;
}

bool host_sig_fits(const char *sig, const char *wanted)
{
	size_t n = strlen(wanted);

	return !n || (!strncmp(sig, wanted, n) && (!sig[n] || sig[n] == ' '));
}
