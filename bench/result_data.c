/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/result_pvt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/iso.h"

static bool is_instant(int64_t t)
{
	return t >= 0 && t <= RESULT_NS_MAX;
}

static int frame_take(struct result_cell *c, size_t slot, const struct iso_send *s, const struct iso_recv *r, struct why *why)
{
	const int64_t all[] = {s->t_due, s->t_wakeup, s->t_sched, s->t_sent, s->t_sent_hw, r->t_received_hw, r->t_received, r->t_arrival};
	struct result_frame *f = &c->frame[slot];
	size_t i;

	*f = (struct result_frame){
		.seqid = (uint32_t)slot + 1,
		.t_due = s->t_due, .t_wakeup = s->t_wakeup, .t_sched = s->t_sched, .t_sent = s->t_sent, .t_sent_hw = s->t_sent_hw,
		.t_received_hw = r->t_received_hw, .t_received = r->t_received, .t_arrival = r->t_arrival,
	};
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!is_instant(all[i]))
			return why_fail(why, EINVAL, "frame %zu: a stamp is %" PRId64 ", no instant", slot + 1, all[i]);
	f->bad_clock = f->t_due && result_cell_bad(c, f->t_due);
	c->bad_clock += f->bad_clock;
	return 0;
}

static int frames_take(struct result_cell *c, const struct iso *iso, struct why *why)
{
	size_t i;
	int rc = 0;

	if (iso->packets > RESULT_FRAMES_MAX)
		return why_fail(why, EINVAL, "has %" PRIu32 " frames; this program reads %d", iso->packets, RESULT_FRAMES_MAX);
	if (c->count.due != iso->packets)
		return why_fail(why, EINVAL, "has %" PRIu32 " frames, and cell.json says that %" PRIu64 " were due", iso->packets, c->count.due);
	c->frame = calloc((size_t)iso->packets + 1, sizeof(*c->frame));
	if (!c->frame)
		return why_fail(why, ENOMEM, "no memory for %" PRIu32 " frames", iso->packets);
	c->n_frames = iso->packets;
	for (i = 0; !rc && i < c->n_frames; i++)
		rc = frame_take(c, i, &iso->send[i], &iso->recv[i], why);
	return rc;
}

int result_frames_read(struct result_cell *c, const char *path, struct why *why)
{
	struct iso iso = {0};
	int rc = iso_load(&iso, path, why);

	if (rc)
		return rc == -ENOMEM ? rc : -EINVAL;
	rc = frames_take(c, &iso, why);
	iso_fini(&iso);
	if (rc)
		why_at(why, "%s", path);
	return rc;
}

static int names_read(struct result_cell *c, char *line, struct why *why)
{
	char *rest = line, *w = result_word(&rest);
	size_t i;

	if (strcmp(w, "seqid"))
		return why_fail(why, EINVAL, "begins with \"%.20s\", not with seqid", w);
	c->hop = calloc(RESULT_HOPS_MAX, sizeof(*c->hop));
	if (!c->hop)
		return why_fail(why, ENOMEM, "no memory");
	while ((w = result_word(&rest))) {
		if (c->n_hops == RESULT_HOPS_MAX)
			return why_fail(why, EINVAL, "has more than %d hops", RESULT_HOPS_MAX);
		if (!*w || strlen(w) >= sizeof(c->hop->name) || strspn(w, "abcdefghijklmnopqrstuvwxyz0123456789._-") != strlen(w))
			return why_fail(why, EINVAL, "\"%.20s\" is no name of a hop", w);
		for (i = 0; i < c->n_hops; i++)
			if (!strcmp(c->hop[i].name, w))
				return why_fail(why, EINVAL, "names the hop %s twice", w);
		i = c->n_hops++;
		memcpy(c->hop[i].name, w, strlen(w) + 1);
		c->hop[i].ns = calloc(c->n_frames + 1, sizeof(*c->hop[i].ns));
		c->hop[i].seqid = calloc(c->n_frames + 1, sizeof(*c->hop[i].seqid));
		if (!c->hop[i].ns || !c->hop[i].seqid)
			return why_fail(why, ENOMEM, "no memory");
	}
	return 0;
}

/* `last` is the frame of the line before. */
static int row_read(struct result_cell *c, char *line, int64_t *last, struct why *why)
{
	char *rest = line, *w;
	int64_t seqid, ns;
	size_t i;
	int rc = result_number(&seqid, result_word(&rest), 1, (int64_t)c->n_frames, why);

	if (rc)
		return rc;
	if (seqid <= *last)
		return why_fail(why, EINVAL, "frame %" PRId64 " comes after frame %" PRId64, seqid, *last);
	*last = seqid;
	for (i = 0; i < c->n_hops; i++) {
		struct result_hop *h = &c->hop[i];

		if (!(w = result_word(&rest)))
			return why_fail(why, EINVAL, "has %zu hops, not %zu", i, c->n_hops);
		if (!strcmp(w, "-"))
			continue;
		if ((rc = result_number(&ns, w, -RESULT_NS_MAX, RESULT_NS_MAX, why)))
			return rc;
		if (c->frame[seqid - 1].bad_clock)
			continue;
		h->seqid[h->n] = (uint32_t)seqid;
		h->ns[h->n++] = ns;
	}
	return rest ? why_fail(why, EINVAL, "has more than %zu hops", c->n_hops) : 0;
}

struct hops {
	struct result_cell *c;
	int64_t last;		/* frame of the line before */
};

static int hops_take(void *ctx, size_t line, char *text, struct why *why)
{
	struct hops *h = ctx;

	return line == 1 ? names_read(h->c, text, why) : row_read(h->c, text, &h->last, why);
}

int result_hops_read(struct result_cell *c, const char *path, struct why *why)
{
	return result_lines(path, hops_take, &(struct hops){.c = c}, why);
}
