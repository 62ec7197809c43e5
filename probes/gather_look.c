/* SPDX-License-Identifier: BSD-3-Clause */
/* What was gathered, looked at: where an instant is on the axis, which source is where, what it sees. Pure. */
#include "probes/gather.h"

#include <errno.h>
#include <string.h>

int gather_fit(struct gather *g)
{
	int i, err;

	for (i = 0; i < g->n_sources; i++) {
		struct gather_source *s = &g->source[i];

		err = s->join ? join_fit(s->join) : 0;
		if (!err || err == -ENODATA || err == -ERANGE)
			err = s->exchange ? join_fit(s->exchange) : 0;
		if (err && err != -ENODATA && err != -ERANGE)
			return err;
	}
	return 0;
}

struct join_point gather_map(const struct gather *g, const struct gather_source *s, int64_t t)
{
	if (s->kind == GATHER_WIRE)
		return (struct join_point){t, g->axis_error_ns ?: 1};
	return join_map(s->join, t);
}

const struct gather_source *gather_at(const struct gather *g, enum gather_kind kind, uint8_t port)
{
	int i;

	for (i = 0; i < g->n_sources; i++)
		if (g->source[i].kind == kind && g->source[i].port == port)
			return &g->source[i];
	return NULL;
}

const char *gather_port(const struct gather *g, uint8_t port)
{
	return port < PKT_MAX_PORTS && g->port_name[port][0] ? g->port_name[port] : "?";
}

uint8_t gather_port_index(const struct gather *g, const char *name)
{
	uint8_t i;

	for (i = 0; i < PKT_MAX_PORTS; i++)
		if (g->port_name[i][0] && !strcmp(g->port_name[i], name))
			return i;
	return PKT_MAX_PORTS;
}

/* Rows of META's "points": {"name", "hop", "live", "why"}. A hop is seen when one of its points is. */
int gather_point(const struct gather_source *s, const char *point, const char **why_not)
{
	const json_t *points = json_object_get(s->meta, "points");
	const json_t *row;
	size_t i;
	int found = -1;

	json_array_foreach(points, i, row) {
		const char *name = json_string_value(json_object_get(row, "name")), *hop = json_string_value(json_object_get(row, "hop"));

		if (!(name && !strcmp(name, point)) && !(hop && !strcmp(hop, point)))
			continue;
		if (json_is_true(json_object_get(row, "live")))
			return 1;
		if (found < 0 && why_not)
			*why_not = json_string_value(json_object_get(row, "why"));
		found = 0;
	}
	return found;
}

bool gather_is_coarse(const struct gather_source *s)
{
	return gather_point(s, "socket-in", NULL) > 0 || gather_point(s, "socket-out", NULL) > 0;
}
