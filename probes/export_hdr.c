/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HdrHistogram's two files: .hgrm, a table of percentiles for each port, class and hop; .hlog, their histograms of each interval.
 */
#include "probes/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "probes/hdr.h"
#include "probes/hop_table.h"

#define NAME_LEN 128

static int add(void *cell, int64_t ns, const struct way *w)
{
	struct hdr *h = cell;

	(void)w;
	if (!h->highest)	/* a new one */
		hdr_init(h);
	return hdr_add(h, ns);
}

static void fini_cell(void *cell)
{
	hdr_fini(cell);
}

static int frame(struct export *x, const struct way *w)
{
	return hop_table_frame(x->state, w, add);
}

static void fini(struct export *x)
{
	hop_table_destroy(x->state, fini_cell);
	x->state = NULL;
}

static int make_table(struct export *x, struct why *why)
{
	x->state = hop_table_create(sizeof(struct hdr));
	return x->state ? 0 : why_fail(why, ENOMEM, "out of memory");
}

/* PORT.cCLASS.HOP */
static void name_of(char buf[NAME_LEN], const struct export *x, const struct hop_at *at)
{
	char port[3 * REC_NAME + 1];

	export_safe(port, sizeof(port), port_name(&x->ports, at->port));
	snprintf(buf, NAME_LEN, "%s.c%d.%s", port, at->tc, at->name);
}

/* -- hlog ------------------------------------------------------------------------------------------------------------ */

static int hlog_header(struct export *x)
{
	int64_t t = x->t_first - x->tai_offset_s * NS_PER_SEC;
	time_t s = t / NS_PER_SEC;
	struct tm tm;
	char date[64];

	gmtime_r(&s, &tm);
	strftime(date, sizeof(date), "%a %b %d %H:%M:%S UTC %Y", &tm);
	fprintf(x->f, "#[takt: hops of frames, ns; tags are PORT.cCLASS.HOP]\n#[Histogram log format version 1.3]\n");
	fprintf(x->f, "#[StartTime: %" PRId64 ".%03d (seconds since epoch), %s]\n", (int64_t)s, (int)(t % NS_PER_SEC / NS_PER_MS), date);
	fprintf(x->f, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
	return export_error(x);
}

static int hlog_line(struct export *x, const struct hop_at *at, int64_t t_end)
{
	struct hdr *h = at->cell;
	char name[NAME_LEN], *text;

	if (!h->total)
		return 0;
	text = hdr_encode(h);
	if (!text)
		return -ENOMEM;
	name_of(name, x, at);
	/* Interval_Max is in ms where values are ns. */
	fprintf(x->f, "Tag=%s,%.3f,%.3f,%.6f,%s\n", name, (double)(x->t_tick - x->t_first) / NS_PER_SEC, (double)(t_end - x->t_tick) / NS_PER_SEC,
		(double)h->max / NS_PER_MS, text);
	free(text);
	if (h->negative || h->saturated)
		fprintf(x->f, "#[takt: of %s: %" PRIu64 " negative values in no histogram, %" PRIu64 " above an hour counted as an hour]\n", name,
			h->negative, h->saturated);
	hdr_reset(h);
	return export_error(x);
}

static int hlog_tick(struct export *x, int64_t t_end, struct why *why)
{
	struct hop_at at;
	int i, err = 0;

	(void)why;
	if (x->t_tick == x->t_first)
		err = hlog_header(x);
	for (i = 0; i < HOP_TABLE_CELLS && !err; i++)
		if (hop_table_at(x->state, i, &at))
			err = hlog_line(x, &at, t_end);
	return err;
}

const struct export_format export_hlog = {
	.name = "hlog", .help = "HdrHistogram's interval log: a line for each --interval, port, class and hop", .guests = true, .stream = true,
	.begin = make_table, .frame = frame, .tick = hlog_tick, .fini = fini,
};

/* -- hgrm ------------------------------------------------------------------------------------------------------------ */

static int hgrm_begin(struct export *x, struct why *why)
{
	const char *dir = x->conf->output;
	struct stat st;

	if (!strcmp(dir, "-"))
		return why_fail(why, EINVAL, "hgrm is a file for each port, class and hop: name a folder for them with --output");
	if (stat(dir, &st) ? errno != ENOENT : !S_ISDIR(st.st_mode))
		return why_fail(why, ENOTDIR, "--output %s is no folder", dir);
	return make_table(x, why);
}

static int hgrm_file(struct export *x, const struct hop_at *at, struct why *why)
{
	const struct hdr *h = at->cell;
	char name[NAME_LEN], path[SINK_PATH];
	struct sink s;
	int err;

	name_of(name, x, at);
	if (snprintf(path, sizeof(path), "%s/%s.hgrm", x->conf->output, name) >= (int)sizeof(path))
		return why_fail(why, ENAMETOOLONG, "--output %.64s...: the path is too long", x->conf->output);
	err = sink_open(&s, path, why);
	if (err)
		return err;
	hdr_print(h, NS_PER_US, s.f);
	fprintf(s.f, "#[takt: %s; values in us; %" PRIu64 " negative values are not in here, %" PRIu64 " above an hour are as an hour]\n", name,
		h->negative, h->saturated);
	err = sink_commit(&s, why);
	sink_close(&s);
	return err;
}

static int hgrm_end(struct export *x, struct why *why)
{
	struct hop_at at;
	int i, err = 0;
	bool made = !mkdir(x->conf->output, 0777);

	if (!made && errno != EEXIST)
		return why_fail(why, errno, "cannot make %s: %s", x->conf->output, strerror(errno));
	for (i = 0; i < HOP_TABLE_CELLS && !err; i++)
		if (hop_table_at(x->state, i, &at))
			err = hgrm_file(x, &at, why);
	if (err && made)
		rmdir(x->conf->output);	/* when nothing came into it */
	return err;
}

const struct export_format export_hgrm = {
	.name = "hgrm", .help = "HdrHistogram's table of percentiles: a file for each port, class and hop", .guests = true, .own = true,
	.begin = hgrm_begin, .frame = frame, .end = hgrm_end, .fini = fini,
};
