/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_roles.h"

#include <string.h>

static void put_vcpus(struct blame_roles *r, json_int_t port, const json_t *tids)
{
	const json_t *tid;
	size_t k;

	if (port < 0 || port >= PKT_MAX_PORTS)
		return;
	json_array_foreach(tids, k, tid) {
		if (k == BLAME_VCPUS)
			break;
		r->guest[port].vcpu_tid[k] = (uint32_t)json_integer_value(tid);
		r->guest[port].n = (uint32_t)k + 1;
	}
}

void blame_roles_read(struct blame_roles *r, const json_t *show)
{
	const json_t *worker = json_object_get(show, "worker"), *cpu = json_object_get(worker, "cpu"), *port, *class;
	const char *shaper;
	size_t i, tc;

	memset(r, 0, sizeof(*r));
	r->worker_tid = (uint32_t)json_integer_value(json_object_get(worker, "tid"));
	r->worker_cpu = json_is_integer(cpu) ? (int32_t)json_integer_value(cpu) : -1;
	json_array_foreach(json_object_get(show, "ports"), i, port) {
		if (i >= PKT_MAX_PORTS)
			break;
		json_array_foreach(json_object_get(port, "classes"), tc, class) {
			shaper = json_string_value(json_object_get(class, "shaper")) ?: "";
			if (tc < 8)
				r->launch[i][tc] = !strcmp(shaper, "launch-time") || !strcmp(shaper, "asynchronous");
		}
		put_vcpus(r, (json_int_t)i, json_object_get(port, "vcpus"));
	}
}

json_t *blame_roles_save(const struct blame_roles *r)
{
	json_t *guests = json_array(), *tids;
	uint32_t i, k;

	for (i = 0; i < PKT_MAX_PORTS; i++) {
		if (!r->guest[i].n)
			continue;
		tids = json_array();
		for (k = 0; k < r->guest[i].n; k++)
			json_array_append_new(tids, json_integer(r->guest[i].vcpu_tid[k]));
		json_array_append_new(guests, json_pack("{s:i, s:o}", "port", (int)i, "vcpus", tids));
	}
	return guests;
}

void blame_roles_load(struct blame_roles *r, const json_t *guests)
{
	const json_t *guest;
	size_t i;

	json_array_foreach(guests, i, guest)
		put_vcpus(r, json_integer_value(json_object_get(guest, "port")), json_object_get(guest, "vcpus"));
}
