/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cell_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/iso.h"
#include "bench/meta.h"

/* -- what talker and listener left --------------------------------------------------------------------------------- */

/* Where an end's file is on the host. */
static void path_of(char path[CELL_PATH_LEN], const struct cell_run *r, int end, const char *name)
{
	snprintf(path, CELL_PATH_LEN, "%s/%s", cell_is_vm(&r->end[end]) ? r->end[end].out : r->dir, name);
}

/* The line that is a program's summary, among others that it said. What a guest said goes to where other programs' words are. */
static int said(json_t **out, const struct cell_run *r, int end, const char *name, struct why *why)
{
	char path[CELL_PATH_LEN], from[CELL_PATH_LEN], line[8192];
	FILE *f;

	*out = NULL;
	snprintf(path, sizeof(path), "%s/%s.log", r->dir, name);
	snprintf(from, sizeof(from), "%s/%s.json", r->end[end].out, name);
	if (cell_is_vm(&r->end[end]))
		rename(from, path);
	f = fopen(path, "re");
	while (f && !*out && fgets(line, sizeof(line), f))
		if (*line == '{')
			*out = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
	if (f)
		fclose(f);
	return *out ? 0 : why_fail(why, EIO, "%.200s: the program said no summary", path);
}

static int64_t said_int(const json_t *doc, const char *key)
{
	return json_integer_value(json_object_get(doc, key));
}

/* The guest's stamps on our clock. What nobody stamped stays 0. */
static void shift(int64_t *t, int64_t by)
{
	if (*t)
		*t -= by;
}

static void to_our_clock(struct iso *iso, const struct clock_fit *fit, bool send)
{
	uint32_t i;

	for (i = 0; i < iso->packets; i++) {
		struct iso_send *s = &iso->send[i];
		struct iso_recv *v = &iso->recv[i];

		if (send) {
			shift(&s->t_due, fit->offset_ns);
			shift(&s->t_wakeup, fit->offset_ns);
			shift(&s->t_sched, fit->offset_ns);
			shift(&s->t_sent, fit->offset_ns);
		} else {
			shift(&v->t_received, fit->offset_ns);
			shift(&v->t_arrival, fit->offset_ns);
		}
	}
}

/* -- counts --------------------------------------------------------------------------------------------------------- */

/* Nothing that came is no result, but a set-up that does not work. */
static int count(struct cell_run *r, const struct iso *iso, const json_t *sent, const json_t *came, struct why *why)
{
	json_int_t due = 0, received = 0, missing = 0, failed = said_int(sent, "failed") + said_int(sent, "refused");
	const json_t *from = json_array_get(json_object_get(came, "senders"), 0);
	int64_t first = 0, last = 0;
	uint32_t i;

	for (i = 0; i < iso->packets; i++) {
		const struct iso_send *s = &iso->send[i];
		const struct iso_recv *v = &iso->recv[i];
		bool got = iso_is_received(v);

		if (!s->seqid)
			continue;
		due++;
		received += got;
		missing += !s->t_sent || (got && !v->t_received);
		first = first ?: s->t_due;
		last = s->t_due;
	}
	r->t_begin = first;
	r->t_end = last + r->c->traffic.cycle_ns;
	json_object_set_new(r->doc, "t_begin", json_integer(r->t_begin));
	json_object_set_new(r->doc, "t_end", json_integer(r->t_end));
	json_object_set_new(r->doc, "counts",
			    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "due", due, "sent", due - failed, "received", received, "lost",
				      due - failed - received, "duplicate", (json_int_t)said_int(from, "duplicate"), "reordered",
				      (json_int_t)said_int(from, "reordered"), "wakeups_late", (json_int_t)said_int(sent, "late"), "stamps_missing", missing));
	return received ? 0 : why_fail(why, EIO, "not one of %lld frames arrived", (long long)due);
}

/* -- clocks --------------------------------------------------------------------------------------------------------- */

static int fit_clock(struct cell_run *r, struct cell_end *e, struct why *why)
{
	struct clock_looks *guest;
	char path[CELL_PATH_LEN];
	int i, rc = 0;

	if (e->kind != END_UML)
		return 0;
	guest = calloc(1, sizeof(*guest));
	if (!guest)
		return why_fail(why, ENOMEM, "out of memory");
	for (i = 0; i < 2 && !rc; i++) {
		snprintf(path, sizeof(path), "%s/looks.%d", e->out, i);
		rc = clock_looks_read(guest, path, why);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/looks.host", e->out);
	unlink(path);
	rc = rc ?: clock_fit(&e->fit, guest, &r->looks, why);
	free(guest);
	return rc;
}

/* Of both ends; a round trip has one. */
static int clocks(struct cell_run *r, struct why *why)
{
	struct cell_end *talker = &r->end[r->talker], *listener = &r->end[r->listener];
	int64_t bound_ns;
	int rc;

	rc = fit_clock(r, talker, why) ?: talker == listener ? 0 : fit_clock(r, listener, why);
	if (rc)
		return rc;
	bound_ns = talker->fit.bound_ns + listener->fit.bound_ns;
	json_object_set_new(r->doc, "clock",
			    json_pack("{s:s, s:I, s:I, s:[]}", "between", bound_ns ? "joined" : "same", "error_bound_ns", (json_int_t)bound_ns, "offset_ns",
				      (json_int_t)(talker->fit.offset_ns - listener->fit.offset_ns), "bad"));
	return 0;
}

int cell_frames(struct cell_run *r, struct why *why)
{
	char sent_path[CELL_PATH_LEN], came_path[CELL_PATH_LEN], path[CELL_PATH_LEN];
	struct iso sent = {0}, came = {0};
	json_t *talker = NULL, *listener = NULL;
	int rc;

	rc = said(&talker, r, r->talker, "send", why) ?: said(&listener, r, r->listener, "recv", why);
	path_of(sent_path, r, r->talker, "sent.dat");
	path_of(came_path, r, r->listener, "came.dat");
	rc = rc ?: iso_load(&sent, sent_path, why) ?: iso_load(&came, came_path, why) ?: clocks(r, why);
	if (!rc) {
		to_our_clock(&sent, &r->end[r->talker].fit, true);
		to_our_clock(&came, &r->end[r->listener].fit, false);
		snprintf(path, sizeof(path), "%s/frames.dat", r->dir);
		rc = iso_join(&sent, &came, why) ?: iso_save(&sent, path, why);
	}
	if (!rc) {
		rc = count(r, &sent, talker, listener, why);
		unlink(sent_path);
		unlink(came_path);
	}
	iso_fini(&sent);
	iso_fini(&came);
	json_decref(talker);
	json_decref(listener);
	return rc;
}

int cell_write(struct cell_run *r, const char *status, const char *reason, struct why *why)
{
	char path[CELL_PATH_LEN];
	int rc;

	json_object_set_new(r->doc, "status", json_string(status));
	json_object_set_new(r->doc, "reason", json_string(reason));
	snprintf(path, sizeof(path), "%s/cell.json", r->dir);
	rc = meta_write(r->doc, path);
	return rc ? why_fail(why, -rc, "%s: %s", path, strerror(-rc)) : 0;
}
