/* SPDX-License-Identifier: BSD-3-Clause */
/* A recording: written as a folder, and read again. */
#include "probes/gather_pvt.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/plain_file.h"

#define VERSION 1
#define RECORDS "records.bin"
#define PATH_ROOM 400	/* bytes of a folder's path: files' names find room behind it */
#define META	"meta.json"

static const char *const kinds[] = {[GATHER_GUEST] = "guest", [GATHER_HOST] = "host", [GATHER_WIRE] = "wire"};

static void path_of(char path[512], const char *dir, const char *file)
{
	snprintf(path, 512, "%s/%s", dir, file);
}

static void file_of(char file[64], const struct gather *g, const struct gather_source *s)
{
	if (s->kind == GATHER_HOST)
		snprintf(file, 64, "host.ev");
	else
		snprintf(file, 64, "%s-%d.ev", kinds[s->kind], s->port);
	(void)g;
}

/* -- writing ------------------------------------------------------------------------------------------------- */

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

static json_t *source_json(const struct gather *g, const struct gather_source *s)
{
	char file[64];
	json_t *j;

	file_of(file, g, s);
	j = json_pack("{s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I}", "file", file, "kind", kinds[s->kind], "name", s->name, "port",
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
		json_array_append_new(sources, source_json(g, &g->source[k]));
	j = json_pack("{s:i, s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "version", VERSION, "instance", g->instance, "tai_offset_s",
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
	char path[512], file[64];
	int i, err = 0;
	FILE *f;

	path_of(path, dir, RECORDS);
	f = open_file(path, why);
	if (!f)
		return -errno;
	write_records(g, f);
	err = close_file(f, path, why);
	for (i = 0; i < g->n_sources && !err; i++) {
		file_of(file, g, &g->source[i]);
		path_of(path, dir, file);
		f = open_file(path, why);
		if (!f)
			return -errno;
		write_events(&g->source[i], f);
		err = close_file(f, path, why);
	}
	if (err)
		return err;
	path_of(path, dir, META);
	f = open_file(path, why);
	if (!f)
		return -errno;
	json_dumpf(meta, f, JSON_INDENT(1));
	fputc('\n', f);
	return close_file(f, path, why);
}

static void remove_all(const struct gather *g, const char *dir)
{
	char path[512], file[64];
	int i;

	for (i = 0; i < g->n_sources; i++) {
		file_of(file, g, &g->source[i]);
		path_of(path, dir, file);
		unlink(path);
	}
	path_of(path, dir, RECORDS);
	unlink(path);
	path_of(path, dir, META);
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

	if (meta && strlen(dir) > PATH_ROOM) {
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

/* -- reading ------------------------------------------------------------------------------------------------- */

static void trouble(struct gather *g, const char *path, long at, size_t n, size_t of, const char *what)
{
	struct why why;

	why_fail(&why, 0, "%s, at offset %ld: cut off: %zu of %zu %s", path, at, n, of, what);
	json_object_set_new(g->meta, "trouble", json_string(why.text));
}

/*
 * Records, and from further behind their keys. What is cut off is told with its offset, in the sentence that the first source's trouble would be
 * in: records have no source. What cannot be is left out, and counted as lost.
 */
static int load_pairs(struct gather *g, const char *path, const struct rec_shm *h, FILE *f, FILE *keys)
{
	off_t at = (off_t)(sizeof(*h) + h->gap_capacity * sizeof(struct rec_gap));
	size_t i, n = 0, of = h->head < h->capacity ? h->head : h->capacity;
	struct pkt p;
	uint64_t key;
	int err = 0;

	if (fseeko(f, at, SEEK_SET) || fseeko(keys, at + (off_t)((size_t)h->capacity * sizeof(p)), SEEK_SET))
		return -errno;
	for (i = 0; i < of && !err && fread(&p, sizeof(p), 1, f) == 1; i++) {
		if (fread(&key, sizeof(key), 1, keys) == 1)
			n++;
		else
			key = 0;
		if (pkt_is_sound(&p))
			err = gather_add_rec(g, &p, key);
		else
			g->recs_lost++;
	}
	if (!err && i < of)
		trouble(g, path, ftell(f), i, of, "records, and no keys: nothing can be matched");
	else if (!err && n < of)
		trouble(g, path, ftell(keys), n, of, "keys: frames without one cannot be matched");
	return err;
}

static int load_records(struct gather *g, const char *path, struct why *why)
{
	struct rec_shm *h = calloc(1, sizeof(*h));
	FILE *f = plain_file_open(path, why), *keys = f ? plain_file_open(path, why) : NULL;
	struct rec_gap gap;
	size_t i;
	int err = 0;

	if (!keys || !h) {
		err = f && keys ? why_fail(why, ENOMEM, "out of memory") : -errno;
		goto out;
	}
	if (fread(h, sizeof(*h), 1, f) != 1 || memcmp(h->magic, REC_MAGIC, sizeof(h->magic)) || h->version != REC_VERSION ||
	    h->record_size != sizeof(struct pkt) || h->header_size != sizeof(*h)) {
		err = why_fail(why, EINVAL, "%s is no file of records of version %d", path, REC_VERSION);
		goto out;
	}
	for (i = 0; i < h->gap_head && i < h->gap_capacity && !err && fread(&gap, sizeof(gap), 1, f) == 1; i++)
		if (rec_gap_is_sound(&gap))
			err = gather_add_gap(g, &gap);
		else
			g->gaps_lost++;
	err = err ?: load_pairs(g, path, h, f, keys);
	if (err)
		why_fail(why, -err, "%s: %s", path, strerror(-err));
out:
	if (f)
		fclose(f);
	if (keys)
		fclose(keys);
	free(h);
	return err;
}

/* What was missing when it was recorded is missing still; the events that say so may be in the file, or were too old for it. */
static void load_losses(struct gather_source *s, const json_t *row)
{
	uint64_t lost = (uint64_t)json_integer_value(json_object_get(row, "lost"));

	s->stat.lost = lost > s->stat.lost ? lost : s->stat.lost;
	s->stat.missing += (uint64_t)json_integer_value(json_object_get(row, "blocks_missing"));
	s->forgotten += (uint64_t)json_integer_value(json_object_get(row, "forgotten"));
}

static int load_source(struct gather *g, const char *dir, const json_t *row, struct why *why)
{
	const char *file = json_string_value(json_object_get(row, "file")), *kind = json_string_value(json_object_get(row, "kind"));
	json_int_t port = json_integer_value(json_object_get(row, "port"));
	struct gather_source *s;
	struct evreader_conf conf;
	struct gather_feed *f;
	char path[512];
	size_t k;
	int err;

	for (k = 0; kind && k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kind, kinds[k]); k++)
		;
	if (!file || !kind || strchr(file, '/') || k == sizeof(kinds) / sizeof(kinds[0]) ||
	    (k != GATHER_HOST && (port < 0 || port >= PKT_MAX_PORTS)))
		return why_fail(why, EINVAL, "%s/" META ": a source without file, kind or port", dir);
	s = gather_source_add(g, (enum gather_kind)k, json_string_value(json_object_get(row, "name")) ?: file,
			      k == GATHER_HOST ? PKT_NO_PORT : (uint8_t)port);
	if (!s)
		return why_fail(why, ENOMEM, "%s/" META ": too many sources", dir);
	f = &g->io->feed[s - g->source];
	conf = (struct evreader_conf){.on_event = gather_on_event, .on_meta = gather_on_meta, .on_trouble = gather_on_trouble, .ctx = f};
	path_of(path, dir, file);
	err = evfile_read(path, &conf, &s->stat, why);
	s->ended = true;
	load_losses(s, row);
	if (err == -ENOMEM || f->err)
		return why_fail(why, ENOMEM, "out of memory");
	if (err)	/* the rest is used without it */
		gather_on_trouble(f, 0, why->text);
	return 0;
}

static void load_ports(struct gather *g)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(g->meta, "ports"), i, row) {
		if (i == PKT_MAX_PORTS)
			break;
		snprintf(g->port_name[i], sizeof(g->port_name[i]), "%.*s", REC_NAME - 1, json_string_value(json_object_get(row, "name")) ?: "");
		g->port_guest[i] = json_is_true(json_object_get(row, "guest"));
		g->n_ports = (uint32_t)i + 1;
	}
}

static int64_t number(const struct gather *g, const char *key)
{
	return json_integer_value(json_object_get(g->meta, key));
}

int gather_load(struct gather *g, const char *dir, struct why *why)
{
	const json_t *row;
	json_error_t e;
	char path[512];
	size_t i;
	FILE *f;
	int err;

	path_of(path, dir, META);
	f = plain_file_open(path, why);
	if (!f)
		return why_at(why, "%s is no recording (made by `takt record`)", dir), -EINVAL;
	g->meta = json_loadf(f, 0, &e);
	fclose(f);
	if (!json_is_object(g->meta))
		return why_fail(why, EINVAL, "%s is no recording (made by `takt record`): %s, line %d: %s", dir, path, e.line, e.text);
	if (number(g, "version") != VERSION)
		return why_fail(why, EINVAL, "%s: version %lld, this takt reads %d", path, (long long)number(g, "version"), VERSION);
	gather_printable(g->meta);
	if (number(g, "axis_error_ns") < 0 || number(g, "axis_error_ns") > 3600 * NS_PER_SEC || number(g, "t_now") < 0 ||
	    number(g, "t_now") > EVFILE_T_MAX)
		return why_fail(why, EINVAL, "%s: axis_error_ns or t_now cannot be what it says: it is damaged", path);
	snprintf(g->instance, sizeof(g->instance), "%s", json_string_value(json_object_get(g->meta, "instance")) ?: "");
	g->tai_offset_s = (int)number(g, "tai_offset_s");
	g->tai_offset_known = json_is_object(json_object_get(g->meta, "show"));
	g->axis_error_ns = number(g, "axis_error_ns");
	g->gap_ns = (uint32_t)number(g, "gap_ns");
	g->show = json_incref(json_object_get(g->meta, "show"));
	g->dump = json_incref(json_object_get(g->meta, "dump"));
	g->ended = true;
	load_ports(g);
	path_of(path, dir, RECORDS);
	err = load_records(g, path, why);
	g->recs_lost += (uint64_t)number(g, "records_lost");
	g->recs_forgotten = (uint64_t)number(g, "records_forgotten");
	g->gaps_lost += (uint64_t)number(g, "gaps_lost");
	g->io->t_now = number(g, "t_now") > g->io->t_now ? number(g, "t_now") : g->io->t_now;
	json_array_foreach(json_object_get(g->meta, "sources"), i, row)
		err = err ?: load_source(g, dir, row, why);
	return err;
}
