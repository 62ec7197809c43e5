/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame.json: what takt blame found. What is drawn of it has bounds, so that sums over all cells fit.
 */
#include "bench/result_pvt.h"

#include <errno.h>

#define DOC_LIMIT  (64 << 20)
#define CAUSES_MAX 64			/* far more than there are */
#define EXCESS_MAX (RESULT_NS_MAX / RESULT_CELLS_MAX)	/* 13 days */

/* A time that may be missing. */
static int check_ns(const json_t *o, const char *key, struct why *why)
{
	int64_t ns;

	return json_object_get(o, key) ? result_int(&ns, o, key, 0, EXCESS_MAX, why) : 0;
}

static int check(const json_t *blame, struct why *why)
{
	const json_t *causes = json_object_get(blame, "causes"), *row;
	size_t i;
	int rc = check_ns(blame, "excess_ns", why);

	if (!rc && causes && (!json_is_array(causes) || json_array_size(causes) > CAUSES_MAX))
		return why_fail(why, EINVAL, "causes is no list of up to %d", CAUSES_MAX);
	json_array_foreach(causes, i, row) {
		rc = rc ?: check_ns(row, "total_ns", why);
		if (rc) {
			why_at(why, "cause %zu", i + 1);
			break;
		}
	}
	return rc;
}

int result_blame_read(struct result_cell *c, const char *path, struct why *why)
{
	int rc = result_json(&c->blame, path, DOC_LIMIT, why);

	if (rc)
		return rc;
	rc = check(c->blame, why);
	if (rc)
		why_at(why, "%s", path);
	return rc;
}
