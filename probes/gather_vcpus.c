/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/gather_vcpus.h"

#include <stdlib.h>
#include <string.h>

#include "probes/host_who.h"

#define MOST 256 /* vCPUs of a guest */

/* Told by their names, "CPU 0/KVM". */
static json_t *threads_of(struct host_who_list *l, int pid)
{
	struct host_conf conf = {.pids = {pid}, .n_pids = 1};
	json_t *tids = json_array();
	int i, place;

	memset(l, 0, sizeof(*l));
	if (host_who_look(l, &conf, NULL))
		return tids;
	for (i = 0; i < l->n; i++) {
		if (l->who[i].role != HOST_VCPU)
			continue;
		place = strncmp(l->who[i].name, "CPU ", 4) ? 0 : atoi(l->who[i].name + 4);
		if (place < 0 || place >= MOST)
			continue;
		while (json_array_size(tids) <= (size_t)place)
			json_array_append_new(tids, json_integer(0));
		json_array_set_new(tids, (size_t)place, json_integer(l->who[i].tid));
	}
	return tids;
}

/* A monitor connects before it has threads for its CPUs: none is no news. */
void gather_vcpus_look(json_t *show, const json_t *now)
{
	struct host_who_list *l = malloc(sizeof(*l));
	json_t *port, *pid, *tids;
	size_t i;

	json_array_foreach(l ? json_object_get(now, "ports") : NULL, i, port) {
		json_t *kept = json_array_get(json_object_get(show, "ports"), i);

		pid = json_object_get(port, "peer_pid");
		if (!kept || !json_integer_value(pid))
			continue;
		tids = threads_of(l, (int)json_integer_value(pid));
		if (json_array_size(tids)) {
			json_object_set(kept, "peer_pid", pid);
			json_object_set(kept, "vcpus", tids);
		}
		json_decref(tids);
	}
	free(l);
}
