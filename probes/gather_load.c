/* SPDX-License-Identifier: BSD-3-Clause */
/* A recording's folder (gather.h), read again: nothing in it is trusted. */
#include "probes/gather_pvt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/plain_file.h"

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
	char path[GATHER_DIR_PATH];
	size_t k;
	int err;

	for (k = 0; kind && k < sizeof(gather_kinds) / sizeof(gather_kinds[0]) && strcmp(kind, gather_kinds[k]); k++)
		;
	if (!file || !kind || strchr(file, '/') || k == sizeof(gather_kinds) / sizeof(gather_kinds[0]) ||
	    (k != GATHER_HOST && (port < 0 || port >= PKT_MAX_PORTS)))
		return why_fail(why, EINVAL, "%s/" GATHER_DIR_META ": a source without file, kind or port", dir);
	s = gather_source_add(g, (enum gather_kind)k, json_string_value(json_object_get(row, "name")) ?: file,
			      k == GATHER_HOST ? PKT_NO_PORT : (uint8_t)port);
	if (!s)
		return why_fail(why, ENOMEM, "%s/" GATHER_DIR_META ": too many sources", dir);
	f = &g->io->feed[s - g->source];
	conf = (struct evreader_conf){.on_event = gather_on_event, .on_meta = gather_on_meta, .on_trouble = gather_on_trouble, .ctx = f};
	gather_dir_path(path, dir, file);
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
	char path[GATHER_DIR_PATH];
	size_t i;
	FILE *f;
	int err;

	gather_dir_path(path, dir, GATHER_DIR_META);
	f = plain_file_open(path, why);
	if (!f)
		return why_at(why, "%s is no recording (made by `takt record`)", dir), -EINVAL;
	g->meta = json_loadf(f, 0, &e);
	fclose(f);
	if (!json_is_object(g->meta))
		return why_fail(why, EINVAL, "%s is no recording (made by `takt record`): %s, line %d: %s", dir, path, e.line, e.text);
	if (number(g, "version") != GATHER_DIR_VERSION)
		return why_fail(why, EINVAL, "%s: version %lld, this takt reads %d", path, (long long)number(g, "version"), GATHER_DIR_VERSION);
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
	gather_dir_path(path, dir, GATHER_DIR_RECORDS);
	err = load_records(g, path, why);
	g->recs_lost += (uint64_t)number(g, "records_lost");
	g->recs_forgotten = (uint64_t)number(g, "records_forgotten");
	g->gaps_lost += (uint64_t)number(g, "gaps_lost");
	g->io->t_now = number(g, "t_now") > g->io->t_now ? number(g, "t_now") : g->io->t_now;
	json_array_foreach(json_object_get(g->meta, "sources"), i, row)
		err = err ?: load_source(g, dir, row, why);
	return err;
}
