/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/blame_tell.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "bench/dirs.h"
#include "bench/lines.h"
#include "bench/meta.h"

#define UNTOUCHED_OF 2	/* a busy machine may drown one injection in so many; more, and late frames were not seen */

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100 * (double)part / (double)of : 0;
}

static void put(struct out *o, FILE *tsv, const char *name, double value, const char *unit)
{
	lines_value(o, name, value, unit);
	fprintf(tsv, "%s\t%.3f\t%s\n", name, value, unit);
}

static bool put_figures(const struct blame_told *told, struct out *o, FILE *tsv)
{
	const struct blame_judge *j = told->judge, *quiet = told->quiet;
	uint64_t named, total;
	char name[80];
	int i;

	for (i = 0; i < j->rows; i++) {
		if (!strcmp(j->row[i], "(nothing)"))
			continue;
		snprintf(name, sizeof(name), "blame_named_pct.%s", j->row[i]);
		put(o, tsv, name, percent(j->named[i], j->total[i]), "%");
		snprintf(name, sizeof(name), "blame_frames.%s", j->row[i]);
		put(o, tsv, name, (double)j->total[i], "frames");
	}
	blame_judge_sum(j, &named, &total);
	put(o, tsv, "blame_named_pct", percent(named, total), "%");
	put(o, tsv, "blame_frames", (double)total, "frames");
	put(o, tsv, "blame_deeds", (double)j->deeds, "injections");
	put(o, tsv, "blame_untouched", (double)j->untouched, "injections");
	put(o, tsv, "blame_other_frames", (double)j->others, "frames");
	put(o, tsv, "blame_quiet_frames", (double)quiet->others, "frames");
	put(o, tsv, "blame_quiet_named", (double)quiet->others_named, "frames");
	put(o, tsv, "blame_invented", (double)(j->invented + quiet->invented), "parts");
	put(o, tsv, "blame_bad_sums", (double)(j->bad_sums + quiet->bad_sums), "frames");
	if (j->invented || quiet->invented)
		fprintf(stderr, "invented: %s\n", j->invented ? j->example : quiet->example);
	return total && j->untouched * UNTOUCHED_OF <= j->deeds && named * 100 >= total * 99 && !j->invented && !quiet->invented && !j->bad_sums && !quiet->bad_sums;
}

static int put_meta(const struct blame_told *told, const char *path)
{
	json_t *meta = meta_collect();
	int rc;

	json_object_set_new(meta, "seed", json_integer((json_int_t)told->seed));
	json_object_set_new(meta, "episodes", json_integer(told->episodes));
	rc = meta_write(meta, path);
	json_decref(meta);
	return rc;
}

int blame_tell(const struct blame_told *told, const char *out, struct out *o, bool *good, struct why *why)
{
	char dir[PATH_MAX], path[PATH_MAX + 32], when[32];
	time_t now = time(NULL);
	struct tm tm;
	FILE *f;
	int rc;

	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H%M%S", &tm);
	snprintf(dir, sizeof(dir), "%s/%s-%.40s", out, when, meta_rev());
	rc = dirs_make(dir);
	if (rc)
		return why_fail(why, -rc, "cannot make %s: %s", dir, strerror(-rc));
	snprintf(path, sizeof(path), "%s/meta.json", dir);
	rc = put_meta(told, path);
	if (rc)
		return why_fail(why, -rc, "cannot write %s: %s", path, strerror(-rc));
	snprintf(path, sizeof(path), "%s/confusion.tsv", dir);
	f = fopen(path, "we");
	if (!f)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	blame_judge_print(told->judge, f);
	fprintf(f, "\nquiet\n");
	blame_judge_print(told->quiet, f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/summary.tsv", dir);
	f = fopen(path, "we");
	if (!f)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	*good = put_figures(told, o, f);
	fclose(f);
	fprintf(stderr, "%s\n", dir);
	return 0;
}
