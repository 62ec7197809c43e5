/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/cqf.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* The highest priority of a class, or POLICE_NONE. */
static int8_t priority_of(const uint8_t class_map[8], uint8_t tc)
{
	int8_t pcp = 7;

	while (pcp >= 0 && class_map[pcp] != tc)
		pcp--;
	return pcp;
}

int cqf_expand(struct cqf *out, const struct cqf_conf *conf, const uint8_t class_map[8], struct why *why)
{
	uint8_t pcp;
	int i;

	memset(out, 0, sizeof(*out));
	if (conf->cycle_ns < 1 || conf->cycle_ns > GCL_MAX_CYCLE_NS / 2)
		return why_fail(why, EINVAL, "cycle-time %" PRId64 " ns is out of range: give up to %" PRId64 " ns",
				conf->cycle_ns,
				GCL_MAX_CYCLE_NS / 2);
	if (conf->class[0] == conf->class[1])
		return why_fail(why, EINVAL,
				"classes: %u is given twice: cycles alternate between two different classes",
				conf->class[0]);
	for (i = 0; i < 2; i++) {
		if (conf->class[i] >= TSN_CLASSES || priority_of(class_map, conf->class[i]) < 0)
			return why_fail(why, EINVAL,
					"classes: no priority is of class %u in the traffic-class-table, so no frame can be put into it: "
					"give a class of that table", conf->class[i]);
		out->ingress[i] = (struct police_gate_entry){.open = true,
							     .ipv = priority_of(class_map, conf->class[i]),
							     .interval_ns = conf->cycle_ns};
		out->egress[i] = (struct gcl_entry){.gates = (uint8_t)~(1u << conf->class[i]),
						    .interval_ns = conf->cycle_ns};
	}
	for (pcp = 0; pcp < 8; pcp++)
		if (class_map[pcp] == conf->class[0] || class_map[pcp] == conf->class[1])
			out->pcp[out->n_filters++] = pcp;
	return 0;
}
