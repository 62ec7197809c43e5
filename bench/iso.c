/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/iso.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 4096	/* records */

void iso_fini(struct iso *iso)
{
	free(iso->send);
	free(iso->recv);
	memset(iso, 0, sizeof(*iso));
}

static int widen(void **array, size_t size, uint32_t from, uint32_t to)
{
	uint8_t *p = realloc(*array, size * to);

	if (!p)
		return -ENOMEM;
	memset(p + size * from, 0, size * (to - from));
	*array = p;
	return 0;
}

int iso_reserve(struct iso *iso, uint32_t n)
{
	void *send = iso->send, *recv = iso->recv;
	int rc;

	if (n <= iso->room)
		return 0;
	if (n > ISO_FRAMES_MAX)
		return -EFBIG;
	rc = widen(&send, sizeof(*iso->send), iso->room, n);
	iso->send = send;
	if (rc)
		return rc;
	rc = widen(&recv, sizeof(*iso->recv), iso->room, n);
	iso->recv = recv;
	if (!rc)
		iso->room = n;
	return rc;
}

/* Twice the room each time: a long run copies each record a few times, not often. */
static bool reach(struct iso *iso, uint32_t seqid)
{
	uint64_t room = iso->room < ROOM_MIN ? ROOM_MIN : iso->room;

	if (!seqid || seqid > ISO_FRAMES_MAX)
		return false;
	while (room < seqid)
		room *= 2;
	if (seqid > iso->room && iso_reserve(iso, room < ISO_FRAMES_MAX ? (uint32_t)room : ISO_FRAMES_MAX))
		return false;
	if (seqid > iso->packets)
		iso->packets = seqid;
	return true;
}

struct iso_send *iso_send_of(struct iso *iso, uint32_t seqid)
{
	return reach(iso, seqid) ? &iso->send[seqid - 1] : NULL;
}

struct iso_recv *iso_recv_of(struct iso *iso, uint32_t seqid)
{
	return reach(iso, seqid) ? &iso->recv[seqid - 1] : NULL;
}

static bool is_due(const struct iso_send *s)
{
	return s->seqid || s->t_due || s->t_wakeup || s->t_sent_hw || s->t_sent || s->t_sched;
}

struct half {
	uint32_t n;	/* records that are not all zeros */
	uint32_t last;	/* seqid of the last of them; 0: none */
};

static struct half half_of(const struct iso *iso, bool send)
{
	struct half h = {0};
	uint32_t i;

	for (i = 0; i < iso->packets; i++) {
		if (send ? is_due(&iso->send[i]) : iso_is_received(&iso->recv[i])) {
			h.n++;
			h.last = i + 1;
		}
	}
	return h;
}

enum iso_half iso_halves(const struct iso *iso)
{
	return (half_of(iso, true).n ? ISO_SENT : ISO_NEITHER) + (half_of(iso, false).n ? ISO_CAME : ISO_NEITHER);
}

/* The head says what its sender meant to do: it goes with the send records. */
static void take_head(struct iso *into, const struct iso *from)
{
	into->frame_size = from->frame_size;
	into->flags = from->flags;
	into->reserved = from->reserved;
	into->reserved2 = from->reserved2;
	into->t_base = from->t_base;
	into->advance_ns = from->advance_ns;
	into->shift_ns = from->shift_ns;
	into->cycle_ns = from->cycle_ns;
	into->window_ns = from->window_ns;
}

int iso_join(struct iso *into, const struct iso *from, struct why *why)
{
	struct half a_sent = half_of(into, true), a_came = half_of(into, false), b_sent = half_of(from, true), b_came = half_of(from, false);
	uint32_t due = a_sent.n ? into->packets : from->packets, last = a_came.n ? a_came.last : b_came.last;
	int rc;

	if ((a_sent.n && b_sent.n) || (a_came.n && b_came.n))
		return why_fail(why, EINVAL, "both files have records of frames that were %s: join one of a sender with one of a receiver",
				a_sent.n && b_sent.n ? "sent" : "received");
	if (!a_sent.n && !b_sent.n)
		return why_fail(why, EINVAL, "neither file has records of frames that were sent: join one of a sender with one of a receiver");
	if (last > due)
		return why_fail(why, EINVAL, "frame %u was received, but only %u were sent: these two files are not of the same run", last, due);
	rc = iso_reserve(into, due);
	if (rc)
		return why_fail(why, -rc, "%u frames: %s", due, strerror(-rc));
	if (b_sent.n) {
		memcpy(into->send, from->send, due * sizeof(*into->send));
		take_head(into, from);
	}
	if (b_came.n)
		memcpy(into->recv, from->recv, b_came.last * sizeof(*into->recv));
	into->packets = due;
	return 0;
}
