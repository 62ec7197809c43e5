/* SPDX-License-Identifier: BSD-3-Clause */
/* What was gathered, written as a recording's folder (gather.h). */
#include "probes/gather_pvt.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/evwriter.h"

#define DIR_ROOM 400	/* bytes of a folder's path: files' names find room behind it */

const char *const gather_kinds[] = {[GATHER_GUEST] = "guest", [GATHER_HOST] = "host", [GATHER_WIRE] = "wire"};

void gather_dir_path(char path[GATHER_DIR_PATH], const char *dir, const char *file)
{
	snprintf(path, GATHER_DIR_PATH, "%s/%s", dir, file);
}

static void file_of(char file[64], const struct gather_source *s)
{
	if (s->kind == GATHER_HOST)
		snprintf(file, 64, "host.ev");
	else
		snprintf(file, 64, "%s-%d.ev", gather_kinds[s->kind], s->port);
}

static uint32_t power_of_two(size_t n)
{
	uint32_t p = 64;

	while (p < n)
		p *= 2;
	return p;
}

static void pad(FILE *f, size_t bytes)
{
	static const char zero[4096];

	for (; bytes; bytes -= bytes < sizeof(zero) ? bytes : sizeof(zero))
		fwrite(zero, 1, bytes < sizeof(zero) ? bytes : sizeof(zero), f);
}

/* As taktd would have published them, so that `takt path --input` reads them too. */
static void write_records(const struct gather *g, FILE *f)
{
	struct rec_shm *h = calloc(1, sizeof(*h));
	size_t i;

	if (!h)
		return;
	memcpy(h->magic, REC_MAGIC, sizeof(h->magic));
	h->version = REC_VERSION;
	h->header_size = sizeof(*h);
	h->record_size = sizeof(struct pkt);
	h->capacity = power_of_two(g->n_recs + REC_AHEAD);
	h->gap_capacity = power_of_two(g->n_gaps + 1);
	h->gap_ns = g->gap_ns;
	h->n_ports = g->n_ports;
	h->closed = 1;
	memcpy(h->port_name, g->port_name, sizeof(h->port_name));
	h->head = g->n_recs;
	h->gap_head = g->n_gaps;
	h->t_worker = gather_now(g);
	fwrite(h, sizeof(*h), 1, f);
	fwrite(g->gap, sizeof(*g->gap), g->n_gaps, f);
	pad(f, (h->gap_capacity - g->n_gaps) * sizeof(*g->gap));
	for (i = 0; i < g->n_recs; i++)
		fwrite(&g->rec[i].p, sizeof(g->rec[i].p), 1, f);
	pad(f, (h->capacity - g->n_recs) * sizeof(struct pkt));
	for (i = 0; i < g->n_recs; i++)
		fwrite(&g->rec[i].key, sizeof(g->rec[i].key), 1, f);
	pad(f, (h->capacity - g->n_recs) * sizeof(uint64_t));
	free(h);
}

static int write_block(void *ctx, const void *block, size_t bytes)
{
	return fwrite(block, 1, bytes, ctx) == bytes ? 0 : -EIO;
}

static void write_events(const struct gather_source *s, FILE *f)
{
	struct evwriter *w = malloc(sizeof(*w));
	char *meta = s->meta ? json_dumps(s->meta, JSON_COMPACT) : NULL;
	size_t i;

	if (w) {
		evwriter_init(w, write_block, f, 1, 0);
		evwriter_meta(w, meta ?: "{}");
		for (i = 0; i < s->n_events; i++)
			evwriter_add(w, &s->event[i]);
		evwriter_end(w);
	}
	free(meta);
	free(w);
}

static json_t *source_json(const struct gather_source *s)
{
	char file[64];
	json_t *j;

	file_of(file, s);
	j = json_pack("{s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I}", "file", file, "kind", gather_kinds[s->kind], "name", s->name, "port",
		      s->kind == GATHER_HOST ? -1 : s->port, "events", (json_int_t)s->n_events, "forgotten", (json_int_t)s->forgotten, "lost",
		      (json_int_t)s->stat.lost, "blocks_missing", (json_int_t)s->stat.missing, "troubles", (json_int_t)s->troubles);
	if (j && s->troubles)
		json_object_set_new(j, "trouble", json_string(s->trouble));
	return j;
}

static json_t *meta_json(const struct gather *g, json_t *extra)
{
	json_t *ports = json_array(), *sources = json_array();
	uint32_t i;
	json_t *j;
	int k;

	for (i = 0; i < g->n_ports; i++)
		json_array_append_new(ports, json_pack("{s:s, s:b}", "name", g->port_name[i], "guest", g->port_guest[i]));
	for (k = 0; k < g->n_sources; k++)
		json_array_append_new(sources, source_json(&g->source[k]));
	j = json_pack("{s:i, s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "version", GATHER_DIR_VERSION, "instance", g->instance, "tai_offset_s",
		      g->tai_offset_s, "axis_error_ns", (json_int_t)g->axis_error_ns, "gap_ns", (json_int_t)g->gap_ns, "t_now",
		      (json_int_t)gather_now(g), "records", (json_int_t)g->n_recs, "gaps", (json_int_t)g->n_gaps, "records_lost",
		      (json_int_t)g->recs_lost, "records_forgotten", (json_int_t)g->recs_forgotten, "gaps_lost", (json_int_t)g->gaps_lost, "ports",
		      ports, "sources", sources);
	if (j && g->show)
		json_object_set(j, "show", g->show);
	if (j && g->dump)
		json_object_set(j, "dump", g->dump);
	if (j && extra)
		json_object_set_new(j, "extra", extra);
	else
		json_decref(extra);
	return j;
}

static int close_file(FILE *f, const char *path, struct why *why)
{
	bool bad = ferror(f);

	if (fclose(f) || bad)
		return why_fail(why, EIO, "%s: cannot be written: %s", path, strerror(errno ?: EIO));
	return 0;
}

static FILE *open_file(const char *path, struct why *why)
{
	FILE *f = fopen(path, "wxe");

	if (!f)
		why_fail(why, errno, "%s: cannot be made: %s", path, strerror(errno));
	return f;
}

static int save_all(const struct gather *g, const char *dir, json_t *meta, struct why *why)
{
	char path[GATHER_DIR_PATH], file[64];
	int i, err = 0;
	FILE *f;

	gather_dir_path(path, dir, GATHER_DIR_RECORDS);
	f = open_file(path, why);
	if (!f)
		return -errno;
	write_records(g, f);
	err = close_file(f, path, why);
	for (i = 0; i < g->n_sources && !err; i++) {
		file_of(file, &g->source[i]);
		gather_dir_path(path, dir, file);
		f = open_file(path, why);
		if (!f)
			return -errno;
		write_events(&g->source[i], f);
		err = close_file(f, path, why);
	}
	if (err)
		return err;
	gather_dir_path(path, dir, GATHER_DIR_META);
	f = open_file(path, why);
	if (!f)
		return -errno;
	json_dumpf(meta, f, JSON_INDENT(1));
	fputc('\n', f);
	return close_file(f, path, why);
}

static void remove_all(const struct gather *g, const char *dir)
{
	char path[GATHER_DIR_PATH], file[64];
	int i;

	for (i = 0; i < g->n_sources; i++) {
		file_of(file, &g->source[i]);
		gather_dir_path(path, dir, file);
		unlink(path);
	}
	gather_dir_path(path, dir, GATHER_DIR_RECORDS);
	unlink(path);
	gather_dir_path(path, dir, GATHER_DIR_META);
	unlink(path);
	rmdir(dir);
}

int gather_save_check(const char *dir, struct why *why)
{
	char *copy = strdup(dir);
	int err = copy && !access(dirname(copy), W_OK | X_OK) ? 0 : copy ? errno : ENOMEM;

	free(copy);
	return err ? why_fail(why, err, "%.128s cannot be made: %s: give a folder in one that is there", dir, strerror(err)) : 0;
}

int gather_save(const struct gather *g, const char *dir, json_t *extra, struct why *why)
{
	json_t *meta = meta_json(g, extra);
	int err;

	if (meta && strlen(dir) > DIR_ROOM) {
		json_decref(meta);
		return why_fail(why, ENAMETOOLONG, "%.64s...: give a folder of a shorter path", dir);
	}
	if (!meta)
		return why_fail(why, ENOMEM, "out of memory");
	if (mkdir(dir, 0700)) { /* taktd's records are root's alone, too */
		err = errno;
		json_decref(meta);
		return why_fail(why, err, "%s: %s%s", dir, strerror(err), err == EEXIST ? ": give a folder that does not exist yet" : "");
	}
	err = save_all(g, dir, meta, why);
	if (err)
		remove_all(g, dir);
	json_decref(meta);
	return err;
}
