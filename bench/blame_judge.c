/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/blame_judge.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* A name's place; the last one takes what there is no room for. */
static int place(char name[][BLAME_NAME], int *n, const char *what)
{
	int i;

	for (i = 0; i < *n; i++)
		if (!strcmp(name[i], what))
			return i;
	if (*n == BLAME_NAMES)
		return BLAME_NAMES - 1;
	snprintf(name[*n], BLAME_NAME, "%s", what);
	return (*n)++;
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key)) ?: "";
}

static bool is_one_of(const char *names, const char *name)
{
	char word[BLAME_NAME + 2];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(names, word);
}

/* An event is evidence if it was going on while the frame was under way; of what held up those ahead of it, if it began before its end. */
static bool is_backed(const json_t *part, int64_t t, int64_t t_end)
{
	const json_t *span = json_object_get(part, "longest");

	if (!span)
		return true;
	return number(span, "t") < t_end && number(span, "t_end") > number(span, "t") &&
	       (json_is_true(json_object_get(part, "knock_on")) || number(span, "t_end") > t);
}

/* Named after an event, these have to show it. */
static bool wants_event(const char *cause)
{
	return !strncmp(cause, "worker-", 7) || !strncmp(cause, "vcpu-", 5) || !strcmp(cause, "poll-gap") || !strcmp(cause, "steal") ||
	       !strcmp(cause, "halt") || (!strncmp(cause, "guest-", 6));
}

static void look_for_inventions(struct blame_judge *j, const json_t *frame, int64_t t, int64_t t_end, const char *impossible)
{
	const json_t *part;
	int64_t sum = 0;
	size_t i;

	json_array_foreach(json_object_get(frame, "causes"), i, part) {
		const char *cause = text(part, "cause");

		sum += number(part, "ns");
		if (!is_one_of(impossible, cause) && is_backed(part, t, t_end) && (!wants_event(cause) || json_object_get(part, "longest")))
			continue;
		j->invented++;
		snprintf(j->example, sizeof(j->example), "frame %" PRId64 ": %s at %s: %.60s", number(frame, "seq"), cause, text(part, "hop"),
			 text(part, "evidence"));
	}
	j->bad_sums += sum != number(frame, "excess_ns");
}

static int64_t overlap(int64_t a, int64_t a_end, int64_t b, int64_t b_end)
{
	int64_t from = a > b ? a : b, to = a_end < b_end ? a_end : b_end;

	return to > from ? to - from : 0;
}

/* Of t to t_end, how long the worker was away and nobody had seen to that. */
static int64_t noise(const struct blame_gap *gap, size_t n_gaps, const struct blame_deed *deed, size_t n, int64_t t, int64_t t_end)
{
	int64_t ns = 0;
	size_t i, k;

	for (i = 0; i < n_gaps && gap[i].t < t_end; i++) {
		int64_t from = gap[i].t > t ? gap[i].t : t, to = gap[i].t_end < t_end ? gap[i].t_end : t_end, ours = 0;

		if (to <= from)
			continue;
		for (k = 0; k < n; k++)
			if (deed[k].takes_worker)
				ours += overlap(deed[k].t, deed[k].t_end, from, to);
		ns += to - from > ours ? to - from - ours : 0;
	}
	return ns;
}

/* "a+b", whichever came first. */
static void join_names(char name[BLAME_NAME], const char *more)
{
	char had[BLAME_NAME];
	bool first = strcmp(more, name) < 0;

	memcpy(had, name, sizeof(had));
	if (had[0])
		snprintf(name, BLAME_NAME, "%.19s+%.19s", first ? more : had, first ? had : more);
	else
		snprintf(name, BLAME_NAME, "%s", more);
}

static bool is_affected(const struct blame_deed *d, const json_t *frame, int64_t of_its_own)
{
	int64_t t = number(frame, "t_begin"), ns = number(frame, "total_ns"), under = overlap(d->t, d->t_end, t, t + ns);

	if (d->of_class && number(frame, "class") != d->of_class)
		return false;
	if (d->hop && number(json_object_get(frame, "hops_ns"), d->hop) <= d->late_ns)
		return false;
	if (d->at_once)
		return t <= d->t && t + ns >= d->t_end && ns > d->late_ns && of_its_own < ns - of_its_own;
	return under > d->late_ns && 2 * under > ns && under > of_its_own && (d->takes_worker || under - of_its_own > of_its_own);
}

/* An injection that no late frame tells of: the machine did worse at the time, or it was not seen. */
static void look_for_untouched(struct blame_judge *j, const json_t *frames, const struct blame_deed *deed, size_t n, const struct blame_gap *gap, size_t n_gaps)
{
	const json_t *frame;
	size_t i, k;

	for (k = 0; k < n; k++) {
		bool touched = false;

		json_array_foreach(frames, i, frame) {
			int64_t t = number(frame, "t_begin"), t_end = t + number(frame, "total_ns");

			touched = deed[k].t < t_end && deed[k].t_end > t && is_affected(&deed[k], frame, noise(gap, n_gaps, deed, n, t, t_end));
			if (touched)
				break;
		}
		j->untouched += !touched;
	}
	j->deeds += n;
}

void blame_judge_add(struct blame_judge *j, const json_t *frames, const struct blame_deed *deed, size_t n, const struct blame_gap *gap, size_t n_gaps,
		     const char *impossible)
{
	const json_t *frame;
	size_t i, k;

	json_array_foreach(frames, i, frame) {
		int64_t t = number(frame, "t_begin"), ns = number(frame, "total_ns"), t_end = t + ns;
		const char *first = text(frame, "first");
		char name[BLAME_NAME] = "";
		int64_t of_its_own = noise(gap, n_gaps, deed, n, t, t_end);
		bool right = false;
		int row, column;

		look_for_inventions(j, frame, t, t_end, impossible);
		for (k = 0; k < n; k++) {
			const struct blame_deed *d = &deed[k];

			if (!is_affected(d, frame, of_its_own))
				continue;
			if (!strstr(name, d->label ?: d->cause))
				join_names(name, d->label ?: d->cause);
			right |= !strcmp(d->cause, first) || (d->or_cause && !strcmp(d->or_cause, first));
		}
		if (!name[0]) {
			j->others++;
			j->others_named += strcmp(first, "unknown") && first[0];
			snprintf(name, sizeof(name), "(nothing)");
			right = true;
		}
		row = place(j->row, &j->rows, name);
		column = place(j->column, &j->columns, first[0] ? first : "(no excess)");
		j->count[row][column]++;
		j->total[row]++;
		j->named[row] += right;
	}
	look_for_untouched(j, frames, deed, n, gap, n_gaps);
}

void blame_judge_sum(const struct blame_judge *j, uint64_t *named, uint64_t *total)
{
	int i;

	*named = *total = 0;
	for (i = 0; i < j->rows; i++)
		if (strcmp(j->row[i], "(nothing)")) {
			*named += j->named[i];
			*total += j->total[i];
		}
}

void blame_judge_print(const struct blame_judge *j, FILE *f)
{
	int i, k;

	fprintf(f, "injected\\named first");
	for (k = 0; k < j->columns; k++)
		fprintf(f, "\t%s", j->column[k]);
	fprintf(f, "\n");
	for (i = 0; i < j->rows; i++) {
		fprintf(f, "%s", j->row[i]);
		for (k = 0; k < j->columns; k++)
			fprintf(f, "\t%" PRIu64, j->count[i][k]);
		fprintf(f, "\n");
	}
}
