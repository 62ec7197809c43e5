/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/hops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 40
#define HOPS	20
#define FRAMES_MAX (1u << 26)

/* Columns of the CSV by what they are; -1: not there. */
struct head {
	int seqid, in, out, tc, verdict;
	int hop[HOPS];
	char name[HOPS][16];
	int n_hops, n;
};

struct row {
	int64_t ns[2][HOPS]; /* there, back; -1: not known */
	bool seen;
};

struct table {
	struct head head;
	bool known[2][HOPS]; /* of any frame: other columns are left out */
	struct row *row; /* by seqid - 1 */
	size_t n, room;
};

/* Fields of a line, in place, out of their quotes: names of ours have neither commas nor quotes in them. */
static int split(char *line, char **field)
{
	size_t len;
	int n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (; n < COLUMNS && line; n++) {
		field[n] = strsep(&line, ",");
		len = strlen(field[n]);
		if (len > 1 && field[n][0] == '"') {
			field[n][len - 1] = '\0';
			field[n]++;
		}
	}
	return n;
}

static int read_head(struct head *h, char *line)
{
	static const char *const names[] = {"seqid", "in", "out", "class", "verdict"};
	int *const at[] = {&h->seqid, &h->in, &h->out, &h->tc, &h->verdict};
	char *field[COLUMNS], *end;
	size_t k;
	int i;

	h->n_hops = 0;
	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		*at[k] = -1;
	h->n = split(line, field);
	for (i = 0; i < h->n; i++) {
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (!strcmp(field[i], names[k]))
				*at[k] = i;
		end = strstr(field[i], "_ns");
		if (!end || end[3] || !strcmp(field[i], "bound_ns") || h->n_hops == HOPS)
			continue;
		h->hop[h->n_hops] = i;
		snprintf(h->name[h->n_hops++], sizeof(h->name[0]), "%.*s", (int)(end - field[i]), field[i]);
	}
	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (*at[k] < 0)
			return -EINVAL;
	return h->n_hops ? 0 : -EINVAL;
}

static struct row *row_of(struct table *t, uint32_t seqid)
{
	size_t room = t->room ?: 4096;
	struct row *p;
	int i;

	if (!seqid || seqid > FRAMES_MAX)
		return NULL;
	while (room < seqid)
		room *= 2;
	if (room != t->room) {
		p = realloc(t->row, room * sizeof(*p));
		if (!p)
			return NULL;
		t->row = p;
		t->room = room;
	}
	for (; t->n < seqid; t->n++) {
		t->row[t->n].seen = false;
		for (i = 0; i < 2 * HOPS; i++)
			t->row[t->n].ns[i / HOPS][i % HOPS] = -1;
	}
	return &t->row[seqid - 1];
}

static void take(struct table *t, char **field, int n, const char *from, const char *to, bool back, int *tc)
{
	const struct head *h = &t->head;
	bool there, again;
	struct row *row;
	int i;

	if (n != h->n || strcmp(field[h->verdict], "sent"))
		return;
	there = !strcmp(field[h->in], from) && !strcmp(field[h->out], to);
	again = back && !strcmp(field[h->in], to) && !strcmp(field[h->out], from);
	row = there || again ? row_of(t, (uint32_t)strtoul(field[h->seqid], NULL, 10)) : NULL;
	if (!row)
		return;
	row->seen = true;
	if (there && *tc < 0)
		*tc = atoi(field[h->tc]);
	for (i = 0; i < h->n_hops; i++)
		if (*field[h->hop[i]]) {
			row->ns[again][i] = strtoll(field[h->hop[i]], NULL, 10);
			t->known[again][i] = true;
		}
}

static void print_line(const struct table *t, FILE *f, size_t i)
{
	int way, h;

	fprintf(f, "%zu", i + 1);
	for (way = 0; way < 2; way++)
		for (h = 0; h < t->head.n_hops; h++)
			if (t->known[way][h] && t->row[i].ns[way][h] < 0)
				fputs("\t-", f);
			else if (t->known[way][h])
				fprintf(f, "\t%" PRId64, t->row[i].ns[way][h]);
	fputc('\n', f);
}

static int print(const struct table *t, const char *tsv, struct why *why)
{
	FILE *f = fopen(tsv, "we");
	int way, h, err;
	size_t i;

	if (!f)
		return why_fail(why, errno, "%s: %s", tsv, strerror(errno));
	fputs("seqid", f);
	for (way = 0; way < 2; way++)
		for (h = 0; h < t->head.n_hops; h++)
			if (t->known[way][h])
				fprintf(f, "\t%s%s", way ? "back." : "", t->head.name[h]);
	fputc('\n', f);
	for (i = 0; i < t->n; i++)
		if (t->row[i].seen)
			print_line(t, f, i);
	err = ferror(f);
	return fclose(f) || err ? why_fail(why, errno ?: EIO, "%s: %s", tsv, strerror(errno ?: EIO)) : 0;
}

int hops_write(const char *tsv, const char *csv, const char *from, const char *to, bool back, int *tc, struct why *why)
{
	struct table t = {0};
	char line[2048], *field[COLUMNS];
	FILE *f = fopen(csv, "re");
	int rc;

	*tc = -1;
	if (!f)
		return why_fail(why, errno, "%s: %s", csv, strerror(errno));
	rc = !fgets(line, sizeof(line), f) || read_head(&t.head, line) ? why_fail(why, EINVAL, "%s: its columns are not those of takt export csv", csv) : 0;
	while (!rc && fgets(line, sizeof(line), f))
		take(&t, field, split(line, field), from, to, back, tc);
	fclose(f);
	rc = rc ?: print(&t, tsv, why);
	free(t.row);
	return rc;
}
