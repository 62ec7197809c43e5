/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_roles.h"

#include <stdlib.h>
#include <string.h>

#include "probes/host_who.h"

/* Guests' CPUs are told by their threads' names, "CPU 0/KVM", so that they stand in the guest's own order. */
static void read_vcpus(struct blame_roles *r, size_t port, int pid)
{
	struct host_who_list *l = calloc(1, sizeof(*l));
	struct host_conf conf = {.pids = {pid}, .n_pids = 1};
	uint32_t place;
	int i;

	if (!l)
		return;
	if (!host_who_look(l, &conf, NULL))
		for (i = 0; i < l->n; i++) {
			if (l->who[i].role != HOST_VCPU)
				continue;
			place = strncmp(l->who[i].name, "CPU ", 4) ? 0 : (uint32_t)atoi(l->who[i].name + 4);
			if (place >= BLAME_VCPUS)
				continue;
			r->guest[port].vcpu_tid[place] = (uint32_t)l->who[i].tid;
			if (place >= r->guest[port].n)
				r->guest[port].n = place + 1;
		}
	free(l);
}

void blame_roles_read(struct blame_roles *r, const json_t *show, bool live)
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
		if (live && json_integer_value(json_object_get(port, "peer_pid")))
			read_vcpus(r, i, (int)json_integer_value(json_object_get(port, "peer_pid")));
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
	const json_t *guest, *tid;
	size_t i, k;

	json_array_foreach(guests, i, guest) {
		json_int_t port = json_integer_value(json_object_get(guest, "port"));

		if (port < 0 || port >= PKT_MAX_PORTS)
			continue;
		json_array_foreach(json_object_get(guest, "vcpus"), k, tid) {
			if (k == BLAME_VCPUS)
				break;
			r->guest[port].vcpu_tid[k] = (uint32_t)json_integer_value(tid);
			r->guest[port].n = (uint32_t)k + 1;
		}
	}
}
