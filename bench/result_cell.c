/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/result_pvt.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/plain_file.h"

#define DOC_LIMIT (4 << 20)
#define WORD_MAX  64

int result_json(json_t **doc, const char *path, size_t limit, struct why *why)
{
	FILE *f = plain_file_open(path, why);
	json_error_t error;
	struct stat st;
	char *text;
	size_t n;
	int rc = 0;

	*doc = NULL;
	if (!f)
		return errno == ENOENT ? -ENOENT : -EINVAL;
	if (fstat(fileno(f), &st) || (uint64_t)st.st_size > limit) {
		fclose(f);
		return why_fail(why, EINVAL, "%s: is longer than %zu bytes, which no campaign's is", path, limit);
	}
	text = malloc(limit < (size_t)st.st_size + 1 ? limit : (size_t)st.st_size + 1);
	n = text ? fread(text, 1, (size_t)st.st_size, f) : 0;
	if (!text)
		rc = why_fail(why, ENOMEM, "%s: no memory", path);
	else if (!(*doc = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error)))
		rc = why_fail(why, EINVAL, "%s:%d: %s", path, error.line, error.text);
	else if (!json_is_object(*doc))
		rc = why_fail(why, EINVAL, "%s: is no JSON object", path);
	free(text);
	fclose(f);
	if (rc) {
		json_decref(*doc);
		*doc = NULL;
	}
	return rc;
}

int result_int(int64_t *out, const json_t *o, const char *key, int64_t min, int64_t max, struct why *why)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v))
		return why_fail(why, EINVAL, "%s is %s", key, v ? "no whole number" : "missing");
	if (json_integer_value(v) < min || json_integer_value(v) > max)
		return why_fail(why, EINVAL, "%s is %" JSON_INTEGER_FORMAT ", not %" PRId64 " to %" PRId64, key, json_integer_value(v), min, max);
	*out = json_integer_value(v);
	return 0;
}

/* Integers that an object must have, each with its place in the cell. */
struct number { const char *key; size_t offset; int64_t min, max; };

static int numbers(struct result_cell *c, const json_t *o, const char *where, const struct number *rows, size_t n, struct why *why)
{
	size_t i;

	if (!json_is_object(o))
		return why_fail(why, EINVAL, "%s is %s", where, o ? "no object" : "missing");
	for (i = 0; i < n; i++) {
		int64_t v;
		int rc = result_int(&v, o, rows[i].key, rows[i].min, rows[i].max, why);

		if (rc) {
			if (*where)
				why_at(why, "%s", where);
			return rc;
		}
		memcpy((char *)c + rows[i].offset, &v, sizeof(v));
	}
	return 0;
}

#define AT(field) offsetof(struct result_cell, field)
#define COUNT(name) {#name, AT(count.name), 0, RESULT_COUNT_MAX}

static const struct number times[] = {
	{"t_begin", AT(t_begin), 0, RESULT_NS_MAX}, {"t_end", AT(t_end), 0, RESULT_NS_MAX}, {"deadline_ns", AT(deadline_ns), 0, RESULT_NS_MAX},
};
static const struct number counts[] = {
	COUNT(due), COUNT(sent), COUNT(received), COUNT(lost), COUNT(duplicate), COUNT(reordered), COUNT(wakeups_late), COUNT(stamps_missing),
};
static const struct number clocks[] = { {"error_bound_ns", AT(error_bound_ns), 0, RESULT_NS_MAX} };
static const struct number floors[] = {
	{"max_ns", AT(floor.max_ns), 0, RESULT_NS_MAX}, {"p50_ns", AT(floor.p50_ns), 0, RESULT_NS_MAX}, {"p99_ns", AT(floor.p99_ns), 0, RESULT_NS_MAX},
};
static const struct number gaps[] = { {"count", AT(poll_gaps.count), 0, RESULT_COUNT_MAX}, {"max_ns", AT(poll_gaps.max_ns), 0, RESULT_NS_MAX} };
#define PTP(name, min, max) {#name, AT(ptp.name), min, max}
static const struct number offsets[] = {
	PTP(samples, 1, RESULT_PTP_MAX), PTP(left_out, 0, RESULT_COUNT_MAX), PTP(missing, 0, RESULT_COUNT_MAX), PTP(median_ns, 0, RESULT_NS_MAX),
	PTP(p99_ns, 0, RESULT_NS_MAX), PTP(max_ns, 0, RESULT_NS_MAX), PTP(delay_ns, -RESULT_NS_MAX, RESULT_NS_MAX),
};
#define ROWS(table) table, sizeof(table) / sizeof((table)[0])

static int share(double *out, const json_t *o, const char *where, struct why *why)
{
	const json_t *v = json_object_get(o, "share");

	if (!json_is_number(v) || json_number_value(v) < 0 || json_number_value(v) > 1)
		return why_fail(why, EINVAL, "%s: share is no number from 0 to 1", where);
	*out = json_number_value(v);
	return 0;
}

/* Words that become parts of file names and of figures' legends. */
static bool is_word(const char *s)
{
	return *s && strlen(s) <= WORD_MAX &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(s);
}

static int axes_read(struct result_cell *c, const json_t *o, struct why *why)
{
	const char *key;
	json_t *v;
	int i;

	if (!json_is_object(o))
		return why_fail(why, EINVAL, "axes is %s", o ? "no object" : "missing");
	for (i = 0; i < AXES; i++)
		c->value[i] = axes[i].value;
	json_object_foreach((json_t *)o, key, v) {
		const char *value = json_string_value(v);
		const char *schedules[2] = {value, NULL};	/* which the campaign has is its own business */
		int rc;

		i = axis_find(key);
		if (i < 0)
			return why_fail(why, EINVAL, "axes: there is no axis \"%.40s\"", key);
		if (!value || !is_word(value))
			return why_fail(why, EINVAL, "axes: %s: no word of letters, digits and .-_", key);
		rc = axis_check(i, value, schedules, why);
		if (rc) {
			why_at(why, "axes");
			return rc;
		}
		c->value[i] = value;
	}
	return 0;
}

static int status_read(struct result_cell *c, struct why *why)
{
	static const char *const words[] = {[RESULT_OK] = "ok", [RESULT_SKIPPED] = "skipped", [RESULT_FAILED] = "failed"};
	const char *s = json_string_value(json_object_get(c->doc, "status"));
	const char *reason = json_string_value(json_object_get(c->doc, "reason"));
	size_t i;

	for (i = 0; s && i < 3; i++)
		if (!strcmp(s, words[i])) {
			c->status = (enum result_status)i;
			c->reason = reason ? reason : "";
			return 0;
		}
	return why_fail(why, EINVAL, "status is none of ok, skipped, failed");
}

static int clock_read(struct result_cell *c, struct why *why)
{
	const json_t *clock = json_object_get(c->doc, "clock"), *bad = json_object_get(clock, "bad");
	int64_t last = INT64_MIN;
	size_t i;
	int rc = numbers(c, clock, "clock", ROWS(clocks), why);

	if (rc)
		return rc;
	if (!json_is_array(bad) || json_array_size(bad) > RESULT_BAD_MAX)
		return why_fail(why, EINVAL, "clock: bad is no list of up to %d stretches", RESULT_BAD_MAX);
	for (i = 0; i < json_array_size(bad); i++) {
		const json_t *from = json_array_get(json_array_get(bad, i), 0), *to = json_array_get(json_array_get(bad, i), 1);

		if (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) < last || json_integer_value(to) < json_integer_value(from))
			return why_fail(why, EINVAL, "clock: stretch %zu of bad is no [from, to] behind the one before it", i + 1);
		last = json_integer_value(to);
	}
	return 0;
}

/* A quantile of too few gaps is null, and so are all above it. */
static int floor_read(struct result_cell *c, const json_t *o, struct why *why)
{
	size_t n = sizeof(floors) / sizeof(floors[0]);
	int rc;

	while (n > 1 && json_is_null(json_object_get(o, floors[n - 1].key)))
		n--;
	rc = numbers(c, o, "floor", floors, n, why);
	if (n < 3)
		c->floor.p99_ns = -1;
	if (n < 2)
		c->floor.p50_ns = -1;
	return rc ? rc : share(&c->floor.share, o, "floor", why);
}

static int real(double *out, const json_t *o, const char *key, double min, double max, struct why *why)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_number(v) || json_number_value(v) < min || json_number_value(v) > max)
		return why_fail(why, EINVAL, "ptp: %s is no number from %g to %g", key, min, max);
	*out = json_number_value(v);
	return 0;
}

static int ptp_read(struct result_cell *c, const json_t *o, struct why *why)
{
	double most = (double)RESULT_NS_MAX;
	int rc;

	c->ptp.known = o && !json_is_null(o);
	if (!c->ptp.known)
		return 0;
	rc = numbers(c, o, "ptp", ROWS(offsets), why);
	rc = rc ? rc : real(&c->ptp.rms_ns, o, "rms_ns", 0, most, why);
	return rc ? rc : real(&c->ptp.mean_ns, o, "mean_ns", -most, most, why);
}

static int measured_read(struct result_cell *c, struct why *why)
{
	const char *measure = json_string_value(json_object_get(c->doc, "measure"));
	const json_t *floor = json_object_get(c->doc, "floor"), *poll_gaps = json_object_get(c->doc, "poll_gaps");
	int rc;

	if (!measure || (strcmp(measure, "one-way") && strcmp(measure, "round-trip")))
		return why_fail(why, EINVAL, "measure is neither one-way nor round-trip");
	c->round_trip = !strcmp(measure, "round-trip");
	if ((rc = numbers(c, c->doc, "", ROWS(times), why)) || (rc = numbers(c, json_object_get(c->doc, "counts"), "counts", ROWS(counts), why)) ||
	    (rc = clock_read(c, why)) || (rc = floor_read(c, floor, why)) || (rc = ptp_read(c, json_object_get(c->doc, "ptp"), why)))
		return rc;
	c->poll_gaps.known = poll_gaps && !json_is_null(poll_gaps);
	if (!c->poll_gaps.known)
		return 0;
	rc = numbers(c, poll_gaps, "poll_gaps", ROWS(gaps), why);
	return rc ? rc : share(&c->poll_gaps.share, poll_gaps, "poll_gaps", why);
}

static int checked(struct result_cell *c, const char *name, struct why *why)
{
	int64_t v;
	int rc;

	if ((rc = result_int(&v, c->doc, "schema", 1, INT64_MAX, why)))
		return rc;
	if (v != 1)
		return why_fail(why, EINVAL, "schema is %" PRId64 ", and this program reads 1", v);
	c->name = json_string_value(json_object_get(c->doc, "cell"));
	if (!c->name || strcmp(c->name, name))
		return why_fail(why, EINVAL, "cell is not its folder's name, %s", name);
	if ((rc = result_int(&v, c->doc, "repetition", 1, RESULT_CELLS_MAX, why)))
		return rc;
	c->repetition = (int)v;
	if ((rc = result_int(&v, c->doc, "position", 1, INT32_MAX, why)))
		return rc;
	c->position = (int)v;
	if ((rc = axes_read(c, json_object_get(c->doc, "axes"), why)) || (rc = status_read(c, why)))
		return rc;
	return c->status == RESULT_OK ? measured_read(c, why) : 0;
}

int result_cell_read(struct result_cell *c, const char *path, const char *name, struct why *why)
{
	int rc = result_json(&c->doc, path, DOC_LIMIT, why);

	if (rc == -ENOENT)
		return why_fail(why, EINVAL, "%s: is not there, and a cell that is finished has it", path);
	if (rc)
		return rc;
	rc = checked(c, name, why);
	if (rc)
		why_at(why, "%s", path);
	return rc;
}

bool result_cell_bad(const struct result_cell *c, int64_t t_due)
{
	const json_t *bad = json_object_get(json_object_get(c->doc, "clock"), "bad");
	size_t low = 0, high = json_array_size(bad);

	while (low < high) {	/* the first that ends at t_due or later */
		size_t middle = low + (high - low) / 2;

		if (json_integer_value(json_array_get(json_array_get(bad, middle), 1)) < t_due)
			low = middle + 1;
		else
			high = middle;
	}
	return low < json_array_size(bad) && json_integer_value(json_array_get(json_array_get(bad, low), 0)) <= t_due;
}
