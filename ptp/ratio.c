/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/ratio.h"

#include <string.h>

#include "ptp/be.h"
#include "ptp/resid.h"

#define ORIGIN	     34 /* originTimestamp, preciseOriginTimestamp: 48 bits of seconds, 32 of ns (13.6, 13.7) */
#define NS_PER_S     INT64_C(1000000000)
#define INTERVAL_ONE 65536 /* 1 ns as a TimeInterval */
#define RATIO_MEAN   8	   /* windows that the mean is over */
#define MAX_S	     (INT64_C(1) << 33) /* a time of day beyond this is none: 272 years */

static bool is_of(const struct ratio_master *m, const uint8_t *id, const struct msg *msg)
{
	return m->used && m->domain == msg->domain && m->sdo == msg->sdo && !memcmp(m->id, id, RATIO_ID_LEN);
}

static struct ratio_master *find(struct ratio *r, const uint8_t *id, const struct msg *msg)
{
	uint32_t i;

	for (i = 0; i < RATIO_MASTERS; i++)
		if (is_of(&r->master[i], id, msg))
			return &r->master[i];
	return NULL;
}

/* A new master takes the place of the one that was not heard for the longest time. */
static struct ratio_master *row_of(struct ratio *r, const uint8_t *id, const struct msg *msg)
{
	struct ratio_master *row = find(r, id, msg), *old = &r->master[0];
	uint32_t i;

	if (row)
		return row;
	for (i = 0; i < RATIO_MASTERS; i++)
		if (!r->master[i].used || (old->used && r->master[i].t_sync < old->t_sync))
			old = &r->master[i];
	*old = (struct ratio_master){.used = true, .domain = msg->domain, .sdo = msg->sdo};
	memcpy(old->id, id, RATIO_ID_LEN);
	return old;
}

/* A point of the master's clock beside ours. */
static void add(struct ratio_master *m, int64_t t, int64_t master)
{
	int64_t ours = t - m->t0, theirs = master - m->master0;
	__int128 rate;

	if (m->begun && ours >= 0 && ours < RATIO_WINDOW_NS)
		return;
	if (m->begun && ours > 0 && ours < RATIO_STALE_NS) {
		rate = (((__int128)theirs - ours) * ((__int128)1 << RESID_RATE_BITS)) / ours;
		if (rate > RATIO_MAX || rate < -RATIO_MAX) {
			m->windows = 0; /* a step, or no clock at all */
			m->rate = 0;
		} else {
			m->windows += m->windows < RATIO_MEAN;
			m->rate += ((int32_t)rate - (int64_t)m->rate) / m->windows;
		}
	}
	m->begun = true;
	m->t0 = t;
	m->master0 = master;
}

/* When the master says it sent message m, with this correction besides. False: it says nothing of use. */
static bool origin(const uint8_t *p, int64_t correction, int64_t *out)
{
	int64_t s = (int64_t)((uint64_t)be_get16(p + ORIGIN) << 32 | be_get32(p + ORIGIN + 2));
	int64_t ns = be_get32(p + ORIGIN + 6);

	if (s >= MAX_S || ns >= NS_PER_S || (!s && !ns) || correction == RESID_TOO_LARGE)
		return false;
	*out = s * NS_PER_S + ns + correction / INTERVAL_ONE;
	return true;
}

void ratio_take(struct ratio *r, const uint8_t *frame, const struct msg *m, int64_t t_arrival)
{
	const uint8_t *p = frame + m->at;
	struct ratio_master *row;
	int64_t master;

	if (m->event && m->type == MSG_SYNC) {
		row = row_of(r, p + MSG_SOURCE_ID, m);
		row->t_sync = t_arrival;
		row->sequence = m->sequence;
		row->correction = (int64_t)be_get64(p + MSG_CORRECTION);
		row->waiting = m->two_step;
		if (!m->two_step && origin(p, row->correction, &master))
			add(row, t_arrival, master);
		return;
	}
	row = m->event ? NULL : find(r, p + MSG_SOURCE_ID, m);
	if (!row)
		return;
	if (m->type == MSG_DELAY_RESP) {
		row->t_answered = t_arrival;
	} else if (m->type == MSG_FOLLOW_UP && row->waiting && row->sequence == m->sequence) {
		row->waiting = false;
		if (origin(p, resid_sum(row->correction, (int64_t)be_get64(p + MSG_CORRECTION)), &master))
			add(row, row->t_sync, master);
	}
}

/* The master that answers in this domain. */
static const struct ratio_master *answering(const struct ratio *r, const struct msg *msg)
{
	const struct ratio_master *best = NULL, *m;

	for (m = r->master; m < r->master + RATIO_MASTERS; m++)
		if (m->used && m->domain == msg->domain && m->sdo == msg->sdo && (!best || m->t_answered > best->t_answered))
			best = m;
	return best;
}

int32_t ratio_get(const struct ratio *r, const uint8_t *frame, const struct msg *m, int64_t now)
{
	const struct ratio_master *row = m->type == MSG_SYNC ? find((struct ratio *)r, frame + m->at + MSG_SOURCE_ID, m) : answering(r, m);

	return row && row->windows && now - row->t_sync < RATIO_STALE_NS ? row->rate : 0;
}

void ratio_shift(struct ratio *r, int64_t delta)
{
	struct ratio_master *m;

	for (m = r->master; m < r->master + RATIO_MASTERS; m++) {
		m->begun = m->waiting = false;
		m->t_sync += delta;
		m->t_answered += delta;
	}
}
