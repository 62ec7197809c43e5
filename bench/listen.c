/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/listen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "ptp/now.h"

#define LOOKS 64	/* frames between two looks at the clock; when none comes it is looked at, too */
#define ROOM  65536	/* frames, where nobody said how many */

int listen_open(struct listen *l, bool log, const char *interface, uint64_t frames, struct why *why)
{
	int rc;

	l->log = log;
	l->tai_offset_ns = kstamp_tai_offset();
	if (!log)
		return 0;
	if (interface)
		kstamp_hardware_on(l->lane->fd, interface, 1, 0);	/* most have none: then there are software's */
	rc = kstamp_on(l->lane->fd, 1, 0);
	if (rc)
		return why_fail(why, -rc, "--log: the kernel gives no stamps: %s", strerror(-rc));
	rc = iso_reserve(&l->iso, frames && frames < ISO_FRAMES_MAX ? (uint32_t)frames : ROOM);
	return rc ? why_fail(why, -rc, "--log: room for %" PRIu64 " frames: %s", frames, strerror(-rc)) : 0;
}

static struct listen_sender *find(struct listen *l, const struct lane_who *who)
{
	uint32_t i;

	for (i = 0; i < l->n_senders; i++)
		if (lane_same(l->lane, &l->sender[i].who, who))
			return &l->sender[i];
	if (l->n_senders == LISTEN_SENDERS)
		return NULL;
	l->sender[l->n_senders].who = *who;
	return &l->sender[l->n_senders++];
}

static void keep(struct listen *l, const struct lane_heard *h)
{
	bool near = h->stamp.seqid <= l->iso.room || h->stamp.seqid <= LISTEN_AHEAD + LISTEN_TIMES * l->sender->seqs.received;
	struct iso_recv *r = near ? iso_recv_of(&l->iso, h->stamp.seqid) : NULL;

	if (!r) {
		l->unkept++;
	} else if (!r->seqid) {
		*r = (struct iso_recv){ .seqid = h->stamp.seqid, .t_arrival = h->t_arrival, .t_received_hw = h->at.t_hardware, .t_received = h->at.t_software };
		l->stamps_missing += !h->at.t_software && !h->at.t_hardware;
	}
}

static void take(struct listen *l, const struct lane_heard *h)
{
	struct listen_sender *s;
	uint64_t copies;

	if (l->asked && !(h->for_us_alone && h->numbered && talk_is_of(l->asked, &h->stamp)))
		return;
	if (h->numbered && !h->stamp.seqid) {
		l->warm_up++;
		return;
	}
	s = h->numbered ? find(l, &h->who) : NULL;
	if (!s) {
		l->crowded += h->numbered;
		l->unknown += !h->numbered;
		return;
	}
	l->received++;
	l->drops = h->drops;
	copies = s->seqs.duplicate;
	seqs_add(&s->seqs, h->stamp.seqid);
	/* Of copies the first one counts. What a stranger says is due may be any number. */
	if (l->deadline_ns && s->seqs.duplicate == copies && h->stamp.t_scheduled < h->t_arrival - l->deadline_ns)
		s->missed++;
	if (s == l->sender)
		atomic_store_explicit(&l->different, s->seqs.received - s->seqs.duplicate, memory_order_relaxed);
	if (l->log && s == l->sender)
		keep(l, h);
}

/* Where a clock is a system call that costs as much as a frame, it is read when a frame's arrival is asked for, and now and then. */
int listen_run(struct listen *l, uint64_t count, int64_t t_stop, bool (*stopped)(void))
{
	struct lane_heard heard = {0};
	int64_t now, t_last = 0;
	bool came = false;
	int rc;

	while (!l->ended && !(stopped && stopped()) && !(count && l->received >= count)) {
		rc = lane_hear(l->lane, l->tai_offset_ns, l->bytes, sizeof(l->bytes), &heard);
		if (rc < 0)
			return rc;
		if (rc) {
			heard.t_arrival = l->log || l->deadline_ns ? now_of(CLOCK_TAI) : 0;
			take(l, &heard);
			came = true;
		}
		if (rc && ++l->looks % LOOKS)
			continue;
		now = now_mono();
		t_last = came ? now : t_last;
		came = false;
		if (now >= t_stop || (t_last && l->idle_ns && now - t_last >= l->idle_ns))
			break;
	}
	return 0;
}

uint64_t listen_different(const struct listen *l)
{
	return atomic_load_explicit(&l->different, memory_order_relaxed);
}

void listen_end(struct listen *l)
{
	l->ended = true;
}

bool listen_print(const struct listen *l, struct out *o)
{
	char name[LANE_NAME_LEN], tag[32];
	bool good = !l->crowded;
	uint32_t i;

	out_array(o, "senders");
	for (i = 0; i < l->n_senders; i++) {
		const struct listen_sender *s = &l->sender[i];
		const struct lane_who *w = &s->who;
		const struct seqs *q = &s->seqs;

		if (l->lane->udp)
			snprintf(tag, sizeof(tag), "priority %d", w->pcp);
		else
			snprintf(tag, sizeof(tag), w->vid < 0 ? "untagged" : "VLAN %d PCP %d", w->vid, w->pcp);
		out_object(o, NULL);
		out_str(o, "source", lane_name(l->lane, w, name), "%s %s:", name, tag);
		if (w->vid >= 0)
			out_int(o, "vid", w->vid, NULL);
		if (w->pcp >= 0)
			out_int(o, "pcp", w->pcp, NULL);
		out_uint(o, "received", q->received, " received %" PRIu64, q->received);
		out_uint(o, "first", q->first, " (numbers %u", q->first);
		out_uint(o, "last", q->last, " to %u)", q->last);
		out_uint(o, "lost", q->lost, ", lost %" PRIu64, q->lost);
		out_uint(o, "duplicate", q->duplicate, ", duplicate %" PRIu64, q->duplicate);
		out_uint(o, "reordered", q->reordered, ", reordered %" PRIu64, q->reordered);
		out_uint(o, "restarts", q->restarts, ", restarts %" PRIu64, q->restarts);
		if (l->deadline_ns)
			out_uint(o, "deadline_misses", s->missed, ", later than the deadline %" PRIu64, s->missed);
		out_text(o, "\n");
		out_end(o);
		if (q->lost + (q->first - 1) || q->duplicate || q->reordered || q->restarts || s->missed)
			good = false;
	}
	out_end(o);
	return good;
}
