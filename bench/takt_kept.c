/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/takt_kept.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/hops.h"
#include "bench/meta.h"
#include "bench/said.h"

#define START_NS (30 * NS_PER_SEC)
#define LOOK_NS	 (60 * NS_PER_SEC) /* at a recording */
#define RECORDING "recording"	/* a folder in the cell's */
#define BATCH	 256
#define TOTAL_NS (3600 * NS_PER_SEC) /* longer than any cell */

/* -- poll gaps ------------------------------------------------------------------------------------------------------ */

void takt_kept_watch(struct takt_kept *k)
{
	size_t room = k->gap_room ?: 4096;
	struct rec_gap *p;
	uint32_t n;

	while (k->shm) {
		while (room < k->n_gaps + BATCH)
			room *= 2;
		p = room == k->gap_room ? k->gap : realloc(k->gap, room * sizeof(*p));
		if (!p)
			return; /* those that are overwritten meanwhile are counted */
		k->gap = p;
		k->gap_room = room;
		n = rec_read_gaps(k->shm, &k->gap_pos, k->gap + k->n_gaps, BATCH, &k->gaps_lost);
		k->n_gaps += n;
		if (!n)
			return;
	}
}

/* Those while frames went. */
static json_t *gaps_of(const struct takt_kept *k)
{
	int64_t t_begin = k->run->t_begin, t_end = k->run->t_end, from, to, ns = 0, most = 0;
	json_int_t count = 0;
	size_t i;

	for (i = 0; i < k->n_gaps; i++) {
		const struct rec_gap *g = &k->gap[i];

		from = g->t_begin > t_begin ? g->t_begin : t_begin;
		to = g->t_end < t_end ? g->t_end : t_end;
		if (!rec_gap_is_sound(g) || from >= to)
			continue;
		count++;
		ns += to - from;
		most = g->t_end - g->t_begin > most ? g->t_end - g->t_begin : most;
	}
	return json_pack("{s:I, s:I, s:f, s:I, s:I}", "count", count, "max_ns", (json_int_t)most, "share",
			 t_end > t_begin ? (double)ns / (double)(t_end - t_begin) : 0., "from_ns", (json_int_t)k->shm->gap_ns, "unread", (json_int_t)k->gaps_lost);
}

/* -- gates ---------------------------------------------------------------------------------------------------------- */

static json_t *port_of(const json_t *shown, const char *name)
{
	json_t *port;
	size_t i;

	json_array_foreach(json_object_get(shown, "ports"), i, port)
		if (!strcmp(json_string_value(json_object_get(port, "name")) ?: "", name))
			return port;
	return NULL;
}

/* When a class's gate is open, in a cycle. NULL: always. */
static json_t *open_of(const json_t *oper, int tc)
{
	json_t *open = json_array(), *entry, *last;
	bool was_open = false, all = true;
	int64_t at = 0, ns;
	size_t i;

	json_array_foreach(json_object_get(oper, "admin-control-list"), i, entry) {
		bool is_open = json_integer_value(json_object_get(entry, "gate-states-value")) >> tc & 1;

		ns = json_integer_value(json_object_get(entry, "time-interval-value"));
		last = json_array_get(open, json_array_size(open) - 1);
		if (is_open && was_open)
			json_array_set_new(last, 1, json_integer(at + ns));
		else if (is_open)
			json_array_append_new(open, json_pack("[I, I]", (json_int_t)at, (json_int_t)(at + ns)));
		all = all && is_open;
		was_open = is_open;
		at += ns;
	}
	if (all) {
		json_decref(open);
		return NULL;
	}
	return open;
}

/* By the frames' class as taktd had it, of which the hops tell; -1: it saw none. */
static json_t *gates_of(struct takt_kept *k, int tc, struct why *why)
{
	json_t *shown, *oper, *open;

	if (tc < 0 || client_request(k->ctl, json_pack("{s:s}", "cmd", "show"), &shown, why))
		return json_null();
	oper = json_object_get(json_object_get(port_of(shown, k->run->end[k->egress].name), "gate"), "oper");
	open = json_is_true(json_object_get(oper, "gate-enabled")) ? open_of(oper, tc) : NULL;
	if (open)
		open = json_pack("{s:O, s:O, s:o}", "t_base", json_object_get(oper, "admin-base-time"), "cycle_ns", json_object_get(oper, "admin-cycle-time"),
				 "open", open);
	json_decref(shown);
	return open ?: json_null();
}

/* -- the recording -------------------------------------------------------------------------------------------------- */

int takt_kept_begin(struct takt_kept *k, struct cell_run *r, const char *ctl, int egress, struct why *why)
{
	struct words w = {0};
	int rc;

	k->run = r;
	k->egress = egress;
	snprintf(k->ctl, sizeof(k->ctl), "%s", ctl);
	words_split(&w, "cp %s/takt.yaml takt.yaml", CELL_ROOM);
	rc = cell_do(r, &w, why) ?: client_map(&k->shm, k->ctl, why);
	if (rc)
		return rc;
	k->gap_pos = atomic_load(&k->shm->gap_head);
	w = (struct words){0};
	words_split(&w, "%s record -n %s -i %" PRId64 "ns -o " RECORDING, r->takt, k->ctl, TOTAL_NS);
	rc = cell_start(&k->record, r, NULL, "takt record", "record.log", &w, why) ?: proc_wait_line(k->record, "recording", NULL, 0, START_NS);
	return rc == -EPIPE || rc == -ETIMEDOUT ? why_fail(why, EIO, "takt record did not start: see record.log") : rc;
}

static int end_recording(struct takt_kept *k, struct why *why)
{
	int status, rc;

	kill(proc_pid(k->record), SIGINT);
	rc = proc_wait(k->record, LOOK_NS, &status);
	if (rc == -ETIMEDOUT)
		return why_fail(why, EIO, "takt record does not end");
	return rc ?: status ? why_fail(why, EIO, "takt record ended with %d: see record.log", status) : 0;
}

static int keep_hops(struct takt_kept *k, int *tc, struct why *why)
{
	const struct cell_run *r = k->run;
	char csv[PATH_MAX], tsv[PATH_MAX];
	struct words w = {0};
	const char *to = r->end[k->egress].name, *from = r->end[r->talker].name;
	int rc;

	snprintf(csv, sizeof(csv), "%s/hops.csv", r->dir);
	snprintf(tsv, sizeof(tsv), "%s/hops.tsv", r->dir);
	words_split(&w, "%s export csv --input " RECORDING " -o hops.csv", r->takt);
	rc = cell_do(k->run, &w, why) ?: hops_write(tsv, csv, from, to, r->reflector >= 0, tc, why);
	unlink(csv);
	return rc;
}

static int keep_blame(struct takt_kept *k, struct why *why)
{
	struct proc_conf p = {.name = "takt blame"};
	char log[CELL_PATH_LEN], path[CELL_PATH_LEN];
	struct words w = {0};
	struct proc *blame;
	json_t *said;
	int rc;

	snprintf(log, sizeof(log), "%s/blame.log", k->run->dir);
	snprintf(path, sizeof(path), "%s/blame.json", k->run->dir);
	words_split(&w, "%s blame --json --numbered --worst 1%% --input " RECORDING, k->run->takt);
	p.argv = w.word;
	p.dir = k->run->dir;
	p.log = log;
	rc = proc_start(&blame, k->run->set, &p, why) ?: said_wait(&said, blame, p.name, log, LOOK_NS, why);
	unlink(log);
	if (rc)
		return rc;
	rc = meta_write(said, path);
	json_decref(said);
	return rc ? why_fail(why, -rc, "%s: %s", path, strerror(-rc)) : 0;
}

static void drop_recording(struct takt_kept *k)
{
	static const char *const files[] = {"meta.json", "records.bin", "host.ev"};
	char dir[CELL_PATH_LEN], path[CELL_PATH_LEN + 16];
	size_t i;

	snprintf(dir, sizeof(dir), "%s/" RECORDING, k->run->dir);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}

int takt_kept_end(struct takt_kept *k, struct why *why)
{
	int tc = -1, rc;

	takt_kept_watch(k);
	json_object_set_new(k->run->doc, "poll_gaps", gaps_of(k));
	rc = end_recording(k, why) ?: keep_hops(k, &tc, why);
	json_object_set_new(k->run->doc, "gates", gates_of(k, tc, why));
	return rc ?: keep_blame(k, why);
}

void takt_kept_fini(struct takt_kept *k)
{
	proc_stop(k->record, CELL_GRACE_NS);
	k->record = NULL;
	client_unmap(k->shm);
	k->shm = NULL;
	free(k->gap);
	k->gap = NULL;
	if (k->run)
		drop_recording(k);
}
