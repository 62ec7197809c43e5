/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the words mean that a report names, a line each: figures, values of axes, hops, causes. Each comes from where it is declared; only what this report names is told.
 */
#include "bench/report_page.h"

#include <string.h>

#include "vnet/pkt.h"

#define CAUSES_MAX 64
#define HELP_LEN   160

/* Of figures: those that every report has. */
static const struct { const char *word, *help; } figures[] = {
	{ "path delay", "from the talker's driver, which had the frame, to the listener's kernel, which has it" },
	{ "end to end", "from the instant at which a frame was due until the listener's program has it" },
	{ "p50, p99, p99.9", "the time that 50, 99, 99.9 % of the frames that arrived did not exceed; p50 is the median" },
	{ "PDV", "packet delay variation: a frame's delay less the least one of its set-up" },
	{ "noise floor", "gaps in which the machine lets nothing run, whatever is measured" },
	{ "poll gap", "a stretch in which the backend's thread, that should always look for frames, did not" },
	{ "repetition", "the same cell, measured again, at another place in the order" },
};

static void word(struct doc *d, const char *term, const char *help)
{
	doc_row(d);
	doc_cell(d, DOC_PLAIN, NULL, "%s", term);
	doc_cell(d, DOC_PLAIN, NULL, "%s", help);
}

/* -- values of axes ------------------------------------------------------------------------------------------------ */

static bool has_value(const struct result *r, int axis, const char *value)
{
	size_t i;

	for (i = 0; i < r->n_cells; i++)
		if (!strcmp(r->cell[i].value[axis], value))
			return true;
	return false;
}

/* A schedule's help is what it says: keys of the port. */
static void schedules(const struct result *r, struct doc *d)
{
	size_t i, k;

	for (i = 0; i < r->n_cells; i++) {
		const char *name = r->cell[i].value[AXIS_SCHEDULE], *keys = json_string_value(json_object_get(r->cell[i].doc, "schedule"));
		char term[100], help[400];

		for (k = 0; k < i && strcmp(r->cell[k].value[AXIS_SCHEDULE], name); k++)
			;
		if (k < i || !strcmp(name, axes[AXIS_SCHEDULE].value) || !keys)
			continue;
		snprintf(term, sizeof(term), "schedule %.64s", name);
		snprintf(help, sizeof(help), "keys of the port that frames leave by: %.300s", keys);
		word(d, term, help);
	}
	if (has_value(r, AXIS_SCHEDULE, axes[AXIS_SCHEDULE].value))
		word(d, "no schedule", "classes by priority alone");
}

static void values(const struct result *r, int axis, struct doc *d)
{
	const struct axis *a = &axes[axis];
	char term[100];
	size_t i;

	if (axis == AXIS_SCHEDULE) {
		schedules(r, d);
		return;
	}
	if (!a->values)
		word(d, a->name, a->help);
	for (i = 0; a->values && a->values[i]; i++) {
		if (!has_value(r, axis, a->values[i]))
			continue;
		snprintf(term, sizeof(term), "%s %s", a->name, a->values[i]);
		word(d, term, a->values_help[i]);
	}
}

/* -- hops, causes -------------------------------------------------------------------------------------------------- */

static bool has_hop(const struct result *r, const char *name, bool back)
{
	size_t i, k;

	for (i = 0; i < r->n_cells; i++)
		for (k = 0; k < r->cell[i].n_hops; k++) {
			const char *hop = r->cell[i].hop[k].name;

			if (back ? !strncmp(hop, "back.", 5) : !strcmp(hop, name) || (!strncmp(hop, "back.", 5) && !strcmp(hop + 5, name)))
				return true;
		}
	return false;
}

static void hops(const struct result *r, struct doc *d)
{
	static const struct { const char *name, *help; } rows[] = {
#define X(id, name, help) { name, help },
		PKT_HOPS(X)
#undef X
	};
	char term[40];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!has_hop(r, rows[i].name, false))
			continue;
		snprintf(term, sizeof(term), "hop %s", rows[i].name);
		word(d, term, rows[i].help);
	}
	if (has_hop(r, NULL, true))
		word(d, "hop back.", "the same on the way back of a round trip");
}

struct causes { const char *name[CAUSES_MAX]; size_t n; };

/* takt blame says of each what it is. */
static void causes(const struct result *r, struct doc *d)
{
	struct causes told = { .n = 0 };
	const json_t *row;
	size_t i, k, at;

	for (i = 0; i < r->n_cells; i++) {
		json_array_foreach(json_object_get(r->cell[i].blame, "causes"), k, row) {
			const char *name = json_string_value(json_object_get(row, "cause")), *help = json_string_value(json_object_get(row, "help"));
			char term[60], text[HELP_LEN];

			for (at = 0; name && at < told.n && strcmp(told.name[at], name); at++)
				;
			if (!name || !help || at < told.n || told.n == CAUSES_MAX)
				continue;
			told.name[told.n++] = name;
			snprintf(term, sizeof(term), "cause %.40s", name);
			snprintf(text, sizeof(text), "%s", help);
			word(d, term, text);
		}
	}
}

void report_words(const struct report *rep, struct doc *d)
{
	const struct result *r = rep->result;
	const char *heads[] = { "word", "is", NULL };
	size_t i;
	int axis;

	doc_heading(d, 2, "What the words mean");
	doc_words(d, heads);
	for (axis = 0; axis < AXES; axis++)
		if (r->varies[axis] || axis == AXIS_BACKEND || axis == AXIS_DIRECTION)
			values(r, axis, d);
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		word(d, figures[i].word, figures[i].help);
	hops(r, d);
	causes(r, d);
	doc_table_end(d);
}
