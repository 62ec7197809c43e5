/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare.h"

#include <errno.h>
#include <string.h>

#include "base/ns.h"

/* What a cell was asked for, and what must be alike for its figures to be of the same thing. */
static const char *const keys[] = {"measure", "deadline_ns", "traffic", "schedule", "gates"};

/* "128", "\"one-way\"", "null", in at most n bytes; a time as people write it: "300ms". */
static void shown(char buf[static NS_STR_LEN], size_t n, const json_t *v, bool time)
{
	size_t len = v ? json_dumpb(v, buf, n - 1, JSON_ENCODE_ANY | JSON_COMPACT) : 0;

	if (time && json_is_integer(v)) {
		ns_exact(buf, json_integer_value(v));
		return;
	}
	buf[len < n - 1 ? len : n - 1] = '\0';
	if (!v)
		strcpy(buf, "missing");
}

static int differs(const char *cell, const char *key, const char *sub, const json_t *a, const json_t *b, struct why *why)
{
	const char *last = *sub ? sub : key;
	size_t len = strlen(last);
	bool time = len > 3 && !strcmp(last + len - 3, "_ns");
	char is_a[64], is_b[64];

	shown(is_a, sizeof(is_a), a, time);
	shown(is_b, sizeof(is_b), b, time);
	return why_fail(why, EINVAL, "%.80s: %s%s%s is %.50s in A and %.50s in B: these are not the same measurement", cell, key, *sub ? "." : "", sub, is_a, is_b);
}

static int value_check(const char *cell, const char *key, const json_t *a, const json_t *b, struct why *why)
{
	const char *sub;
	json_t *v;

	if (a == b || json_equal(a, b))
		return 0;
	if (!json_is_object(a) || !json_is_object(b))
		return differs(cell, key, "", a, b, why);
	json_object_foreach((json_t *)a, sub, v)
		if (!json_equal(v, json_object_get(b, sub)))
			return differs(cell, key, sub, v, json_object_get(b, sub), why);
	json_object_foreach((json_t *)b, sub, v)
		if (!json_object_get(a, sub))
			return differs(cell, key, sub, NULL, v, why);
	return 0;
}

/* The base of a schedule is an instant of its run: where it lies is no difference. */
static json_t *without_base(const json_t *gates)
{
	json_t *copy = json_deep_copy(gates);

	if (json_is_object(copy))
		json_object_del(copy, "t_base");
	return copy;
}

static int cell_check(const struct result_cell *a, const struct result_cell *b, struct why *why)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *x = without_base(json_object_get(a->doc, keys[i])), *y = without_base(json_object_get(b->doc, keys[i]));

		rc = value_check(a->name, keys[i], x, y, why);
		json_decref(x);
		json_decref(y);
	}
	return rc;
}

/* How long was measured is the run's, not a cell's: p99.9 of one second and of a minute are two things. A result that does not say is believed. */
static int run_check(const struct result *a, const struct result *b, struct why *why)
{
	static const char *const times[] = {"duration_ns", "warm_up_ns"};
	const json_t *x = json_object_get(a->meta, "traffic"), *y = json_object_get(b->meta, "traffic");
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		const json_t *is_a = json_object_get(x, times[i]), *is_b = json_object_get(y, times[i]);

		if (is_a && is_b && !json_equal(is_a, is_b))
			return differs("meta.json", "traffic", times[i], is_a, is_b, why);
	}
	return 0;
}

int compare_check(const struct result *a, const struct result *b, struct why *why)
{
	size_t i, j;
	int axis, rc = 0;

	if (strcmp(a->campaign, b->campaign))
		return why_fail(why, EINVAL, "campaign is \"%.60s\" in A and \"%.60s\" in B: two runs of one campaign can be compared", a->campaign, b->campaign);
	rc = run_check(a, b, why);
	for (i = 0; !rc && i < a->n_cells; i++)
		for (j = 0; !rc && j < b->n_cells; j++) {
			for (axis = 0; axis < AXES && !strcmp(a->cell[i].value[axis], b->cell[j].value[axis]); axis++)
				;
			if (axis == AXES && a->cell[i].status == RESULT_OK && b->cell[j].status == RESULT_OK)
				rc = cell_check(&a->cell[i], &b->cell[j], why);
		}
	return rc;
}
