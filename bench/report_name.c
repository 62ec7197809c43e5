/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a group is called.
 */
#include "bench/report_pvt.h"

#include <stdlib.h>
#include <string.h>

static const bool of_setup[AXES] = {
	[AXIS_BACKEND] = true, [AXIS_GUEST] = true, [AXIS_SCHEDULE] = true, [AXIS_QUEUES] = true, [AXIS_CORRECTION] = true,
};

static bool any_setup(const struct result *r)
{
	int a;

	for (a = 0; a < AXES; a++)
		if (of_setup[a] && r->varies[a])
			return true;
	return false;
}

/* What other values of the axis are named against: beside another word it goes without saying. */
static bool goes_without(int axis, const char *value)
{
	return (axis == AXIS_NEIGHBOURS || axis == AXIS_SIZE || axis == AXIS_CYCLE) && !strcmp(value, axes[axis].value);
}

/* A value that says nothing by itself has its axis beside it. */
static void add_word(FILE *f, const char *before, int axis, const char *value)
{
	bool bare = !strcmp(value, "none") || !strcmp(value, "traffic") || !strcmp(value, "on") || !strcmp(value, "off") || (*value >= '0' && *value <= '9');

	if (axis == AXIS_NEIGHBOURS)
		fprintf(f, "%s%s neighbour%s", before, !strcmp(value, "0") ? "no" : value, !strcmp(value, "1") ? "" : "s");
	else if (axis == AXIS_LOAD && !strcmp(value, "none"))
		fprintf(f, "%sidle", before);
	else if (!bare)
		fprintf(f, "%s%s", before, value);
	else if (!strcmp(value, "none"))
		fprintf(f, "%sno %s", before, axes[axis].name);
	else
		fprintf(f, "%s%s %s", before, axes[axis].name, value);
}

/* Bits of the axes whose values make the name. */
static unsigned int axes_of(const struct result *r, enum report_part part)
{
	bool split = any_setup(r);
	unsigned int named = 0;
	int a;

	for (a = 0; a < AXES; a++) {
		bool cond = split ? !of_setup[a] : a == AXIS_DIRECTION;

		if (r->varies[a] && (part == REPORT_BOTH || cond == (part == REPORT_COND)))
			named |= 1u << a;
	}
	return named;
}

char *report_name(const struct result *r, const struct result_cell *c, enum report_part part)
{
	unsigned int named = axes_of(r, part), said = 0;
	const char *before = "";
	char *name = NULL;
	size_t size;
	FILE *f = open_memstream(&name, &size);
	int a;

	if (!f)
		return NULL;
	for (a = 0; a < AXES; a++)
		if (named >> a & 1 && !goes_without(a, c->value[a]))
			said |= 1u << a;
	said = said ? said : named;
	for (a = 0; a < AXES; a++) {
		if (!(said >> a & 1))
			continue;
		add_word(f, before, a, c->value[a]);
		before = ", ";
	}
	if (part == REPORT_BOTH && !named)
		fputs("all cells", f);
	fclose(f);
	return name;
}

char *report_id(const char *cell)
{
	char *id = strdup(cell), *p, *last = id ? strrchr(id, '-') : NULL;

	if (last && last[1] == 'r' && strspn(last + 2, "0123456789") == strlen(last + 2))
		*last = '\0';
	for (p = id; p && *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *p))
			*p = '_';
	return id;
}
