/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/result.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/result_pvt.h"

static void cell_fini(struct result_cell *c)
{
	size_t i;

	for (i = 0; i < c->n_hops; i++) {
		free(c->hop[i].seqid);
		free(c->hop[i].ns);
	}
	free(c->hop);
	free(c->frame);
	free(c->ptp.sample);
	json_decref(c->blame);
	json_decref(c->doc);
}

void result_close(struct result *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->n_cells; i++)
		cell_fini(&r->cell[i]);
	free(r->cell);
	json_decref(r->meta);
	free((char *)r->dir);
	free(r);
}

static int path_of(char path[PATH_MAX], const char *dir, const char *name, const char *file, struct why *why)
{
	int n = snprintf(path, PATH_MAX, "%s/%s%s%s", dir, name, *file ? "/" : "", file);

	return n < PATH_MAX ? 0 : why_fail(why, EINVAL, "%.200s: the path is too long", dir);
}

/* Of a cell that is ok: what was measured. */
static int data_read(struct result_cell *c, const char *cells, const char *name, struct why *why)
{
	char path[PATH_MAX];
	int rc;

	if ((rc = path_of(path, cells, name, "frames.dat", why)) || (rc = result_frames_read(c, path, why)))
		return rc;
	path_of(path, cells, name, "hops.tsv", NULL);
	rc = result_hops_read(c, path, why);
	if (rc && rc != -ENOENT)
		return rc;
	path_of(path, cells, name, "blame.json", NULL);
	rc = result_blame_read(c, path, why);
	if (rc && rc != -ENOENT)
		return rc;
	path_of(path, cells, name, "ptp.tsv", NULL);
	return c->ptp.known ? result_ptp_read(c, path, why) : 0;
}

static int cell_add(struct result *r, const char *cells, const char *name, size_t *total, struct why *why)
{
	struct result_cell *c = &r->cell[r->n_cells];
	char path[PATH_MAX];
	int rc = path_of(path, cells, name, "cell.json", why);

	if (rc)
		return rc;
	memset(c, 0, sizeof(*c));
	r->n_cells++;		/* result_close() frees it, whatever comes of it */
	rc = result_cell_read(c, path, name, why);
	if (rc || c->status != RESULT_OK)
		return rc;
	if (*total + c->count.due > RESULT_TOTAL_MAX)
		return why_fail(why, EINVAL, "%s: has more than %d frames in all its cells", cells, RESULT_TOTAL_MAX);
	*total += c->count.due;
	return data_read(c, cells, name, why);
}

/* The names below cells/, without those that are not finished; the caller frees them. */
static int names_read(char ***names, size_t *n, const char *cells, struct why *why)
{
	DIR *d = opendir(cells);
	struct dirent *e;
	int rc = 0;

	*names = calloc(RESULT_CELLS_MAX, sizeof(**names));
	*n = 0;
	if (!d || !*names)
		rc = d ? why_fail(why, ENOMEM, "no memory")
		       : why_fail(why, EINVAL, "%s: %s: is this a campaign's folder, results/NAME/DATE-REV?", cells, strerror(errno));
	while (!rc && (e = readdir(d))) {
		struct stat st;

		if (*e->d_name == '.' || fstatat(dirfd(d), e->d_name, &st, 0) || !S_ISDIR(st.st_mode))
			continue;
		if (*n == RESULT_CELLS_MAX)
			rc = why_fail(why, EINVAL, "%s: has more than %d cells", cells, RESULT_CELLS_MAX);
		else if (!((*names)[*n] = strdup(e->d_name)))
			rc = why_fail(why, ENOMEM, "no memory");
		else
			++*n;
	}
	if (d)
		closedir(d);
	return rc;
}

static int by_position(const void *a, const void *b)
{
	const struct result_cell *x = a, *y = b;

	return x->position != y->position ? (x->position > y->position) - (x->position < y->position) : strcmp(x->name, y->name);
}

static int cells_read(struct result *r, struct why *why)
{
	char cells[PATH_MAX], **names;
	size_t i, n, total = 0;
	int axis, rc = path_of(cells, r->dir, "cells", "", why);

	if (rc)
		return rc;
	rc = names_read(&names, &n, cells, why);
	r->cell = rc ? NULL : calloc(n + 1, sizeof(*r->cell));
	if (!rc && !r->cell)
		rc = why_fail(why, ENOMEM, "no memory");
	for (i = 0; !rc && i < n; i++)
		rc = cell_add(r, cells, names[i], &total, why);
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	if (rc)
		return rc;
	qsort(r->cell, r->n_cells, sizeof(*r->cell), by_position);
	for (axis = 0; axis < AXES; axis++)
		for (i = 1; i < r->n_cells; i++)
			r->varies[axis] |= strcmp(r->cell[i].value[axis], r->cell[0].value[axis]) != 0;
	return 0;
}

static int meta_read(struct result *r, struct why *why)
{
	char path[PATH_MAX];
	int64_t planned;
	int rc = path_of(path, r->dir, "meta.json", "", why);

	if (rc)
		return rc;
	rc = result_json(&r->meta, path, RESULT_META_MAX, why);
	if (rc == -ENOENT)
		return why_fail(why, EINVAL, "%s is not there: is this a campaign's folder, results/NAME/DATE-REV?", path);
	if (rc)
		return rc;
	r->campaign = json_string_value(json_object_get(r->meta, "campaign"));
	if (!r->campaign || !*r->campaign || strlen(r->campaign) > 100 || strchr(r->campaign, '/'))
		return why_fail(why, EINVAL, "%s: campaign is no name", path);
	rc = result_int(&planned, r->meta, "planned", 0, RESULT_CELLS_MAX, why);
	if (rc)
		why_at(why, "%s", path);
	else
		r->planned = (size_t)planned;
	return rc;
}

int result_open(struct result **out, const char *dir, struct why *why)
{
	struct result *r = calloc(1, sizeof(*r));
	struct stat st;
	int rc;

	*out = NULL;
	if (!r || !(r->dir = strdup(dir)))
		rc = why_fail(why, ENOMEM, "no memory");
	else if (stat(dir, &st))
		rc = why_fail(why, errno == ENOENT ? ENOENT : EINVAL, "%s: %s: give a campaign's folder, results/NAME/DATE-REV", dir, strerror(errno));
	else
		rc = (rc = meta_read(r, why)) ? rc : cells_read(r, why);
	if (rc) {
		result_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

static bool received(const struct result_frame *f)
{
	return f->t_received || f->t_received_hw || f->t_arrival;
}

enum result_kind result_kind_of(const struct result *r)
{
	size_t i, j;

	for (i = 0; i < r->n_cells; i++) {
		const struct result_cell *c = &r->cell[i];
		size_t came = 0, without = 0;

		for (j = 0; j < c->n_frames; j++)
			if (received(&c->frame[j])) {
				came++;
				without += !c->frame[j].t_sent || !c->frame[j].t_received;
			}
		if (without * 100 > came)
			return RESULT_END_TO_END;
	}
	return RESULT_PATH_DELAY;
}

const char *result_kind_name(enum result_kind kind)
{
	static const char *const names[] = {[RESULT_PATH_DELAY] = "path delay", [RESULT_END_TO_END] = "end to end", [RESULT_WAKEUP] = "wake-up"};

	return names[kind];
}

static void ends(const struct result_frame *f, enum result_kind kind, int64_t *from, int64_t *to)
{
	*from = kind == RESULT_PATH_DELAY ? f->t_sent : f->t_due;
	*to = kind == RESULT_PATH_DELAY ? f->t_received : kind == RESULT_END_TO_END ? f->t_arrival : f->t_wakeup;
}

int result_latency(const struct result_cell *c, enum result_kind kind, int64_t **ns, uint32_t **seqid, size_t *n)
{
	size_t i;

	*n = 0;
	*ns = malloc((c->n_frames + 1) * sizeof(**ns));
	if (seqid)
		*seqid = malloc((c->n_frames + 1) * sizeof(**seqid));
	if (!*ns || (seqid && !*seqid)) {
		free(*ns);
		if (seqid)
			free(*seqid);
		return -ENOMEM;
	}
	for (i = 0; i < c->n_frames; i++) {
		const struct result_frame *f = &c->frame[i];
		int64_t from, to;

		ends(f, kind, &from, &to);
		if (f->bad_clock || !from || !to)
			continue;
		if (seqid)
			(*seqid)[*n] = f->seqid;
		(*ns)[(*n)++] = to - from;
	}
	return 0;
}

void result_missed(const struct result_cell *c, uint64_t *missed, uint64_t *due)
{
	size_t i;

	*missed = *due = 0;
	for (i = 0; i < c->n_frames; i++) {
		const struct result_frame *f = &c->frame[i];
		int64_t t_came = f->t_arrival ?: f->t_received ?: f->t_received_hw;

		if (f->bad_clock)
			continue;
		++*due;
		*missed += !received(f) || (c->deadline_ns && t_came - f->t_due > c->deadline_ns);
	}
}

/* Values of one axis in their order: the table's, else as numbers and words. */
static int value_order(int axis, const char *a, const char *b)
{
	const char *const *v;

	for (v = axes[axis].values; v && *v; v++) {
		bool is_a = !strcmp(*v, a), is_b = !strcmp(*v, b);

		if (is_a || is_b)
			return is_b - is_a;
	}
	return strverscmp(a, b);
}

static int group_order(const struct result_cell *a, const struct result_cell *b)
{
	int axis;

	for (axis = 0; axis < AXES; axis++)
		if (strcmp(a->value[axis], b->value[axis]))
			return value_order(axis, a->value[axis], b->value[axis]) < 0 ? -1 : 1;
	return 0;
}

size_t result_groups(const struct result *r, size_t *group)
{
	size_t i, j, n = 0;

	for (i = 0; i < r->n_cells; i++) {	/* the first cell of each group stands for it: how many of those come before? */
		bool is_first = true;

		for (j = 0; j < i && is_first; j++)
			is_first = group_order(&r->cell[j], &r->cell[i]) != 0;
		group[i] = is_first;
		n += is_first;
	}
	for (i = 0; i < r->n_cells; i++) {
		size_t before = 0;

		if (!group[i])
			continue;
		for (j = 0; j < r->n_cells; j++)
			before += group[j] && group_order(&r->cell[j], &r->cell[i]) < 0;
		group[i] = before + 2;		/* above 1 it is no mark any more, and still one of the first */
	}
	for (i = 0; i < r->n_cells; i++)
		for (j = 0; j < i && group[i] < 2; j++)
			if (!group_order(&r->cell[j], &r->cell[i]))
				group[i] = group[j];
	for (i = 0; i < r->n_cells; i++)
		group[i] -= 2;
	return n;
}
