/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/talk.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "base/term.h"
#include "ptp/now.h"

#define SLEEP_MIN (20 * NS_PER_US)	/* a shorter wait is not worth a sleep: the frame goes now */
#define LEAD_NS	  (2 * NS_PER_MS)	/* the first cycle begins at least this long after the start */

static uint64_t step_num(const struct talk_conf *c)
{
	return c->rate ? (uint64_t)(NS_PER_SEC * c->burst) : (uint64_t)c->cycle_ns;
}

static uint64_t step_den(const struct talk_conf *c)
{
	return c->rate ? (uint64_t)c->rate : 1;
}

int64_t talk_step_ns(const struct talk_conf *c)
{
	return (int64_t)(step_num(c) / step_den(c));
}

uint64_t talk_frames(const struct talk_conf *c)
{
	uint64_t bursts;

	if (c->count || !c->duration_ns || c->flood)
		return (uint64_t)c->count;
	bursts = (uint64_t)((unsigned __int128)(uint64_t)c->duration_ns * step_den(c) / step_num(c)) + 1;
	return bursts > UINT32_MAX ? UINT32_MAX : bursts * (uint64_t)c->burst;
}

void talk_init(struct talk *t)
{
	int i;

	t->step_num = step_num(&t->conf);
	t->step_den = step_den(&t->conf);
	hist_init(&t->wakeup);
	for (i = 0; i < TALK_BATCH; i++) {
		memcpy(t->frame[i], t->lane->head, t->lane->head_len);
		t->iov[i] = (struct iovec){ t->frame[i], t->lane->len };
		t->msg[i].msg_hdr = (struct msghdr){ .msg_iov = &t->iov[i], .msg_iovlen = 1 };
	}
}

static void count_error(struct talk *t, int err)
{
	if (err == ENOBUFS || err == EAGAIN) {
		t->refused++;
	} else {
		t->failed++;
		t->last_error = err;
	}
}

static int64_t due(const struct talk *t, uint64_t i)
{
	return t->t_first + (int64_t)((unsigned __int128)i * t->step_num / t->step_den);
}

bool talk_is_of(const struct talk *t, const struct stamp *s)
{
	if (t->conf.count && s->seqid > (uint64_t)t->conf.count)
		return false;
	return t->conf.flood || !s->seqid || s->t_scheduled == due(t, (s->seqid - 1) / (uint64_t)t->conf.burst);
}

static void ask_launch(struct talk *t, unsigned int i, int64_t t_launch)
{
	struct msghdr *m = &t->msg[i].msg_hdr;
	uint64_t value = (uint64_t)t_launch;
	struct cmsghdr *c;

	m->msg_control = t->control[i];
	m->msg_controllen = CMSG_SPACE(sizeof(value));
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_TXTIME;
	c->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(c), &value, sizeof(value));
}

/* What is in frame i alone: its stamp and, if asked for, when it is to be launched. */
static void mark(struct talk *t, unsigned int i, const struct stamp *s)
{
	stamp_put(t->frame[i] + t->lane->head_len, s);
	if (t->conf.launch_ns)
		trailer_put(t->frame[i], (uint32_t)t->size, s->t_scheduled + t->conf.launch_ns);
	if (t->conf.txtime)
		ask_launch(t, i, s->t_scheduled);
}

static bool is_over(const struct talk *t, int64_t now)
{
	return term_stopped() || (!t->warming && t->conf.count && t->tried >= (uint64_t)t->conf.count) || now >= t->t_stop;
}

static void sleep_until(int64_t t)
{
	struct timespec ts = { .tv_sec = t / NS_PER_SEC, .tv_nsec = t % NS_PER_SEC };

	clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, &ts, NULL);
}

/*
 * The next `n` frames, with one stamp's times, or as many as --count leaves. Returns how many are done with. A frame that the kernel refuses has spent its number. In UDP the
 * kernel tells of an earlier one that nobody took, once, and of this one nothing.
 */
static unsigned int send_batch(struct talk *t, unsigned int n, struct stamp s)
{
	unsigned int i;
	int done;

	if (!t->warming && t->conf.count && n > (uint64_t)t->conf.count - t->tried)
		n = (unsigned int)((uint64_t)t->conf.count - t->tried);
	for (i = 0; i < n; i++) {
		s.seqid = t->warming ? 0 : (uint32_t)(t->tried + i) + 1;
		mark(t, i, &s);
	}
	do
		done = sendmmsg(t->lane->fd, t->msg, n, 0);
	while (done < 0 && (errno == EINTR || errno == ECONNREFUSED) && !term_stopped());
	if (t->warming)
		return n;
	if (done > 0) {
		t->sent += (unsigned int)done;
	} else if (errno == EINTR || errno == ECONNREFUSED) {
		return 0;
	} else {
		count_error(t, errno);
		done = 1;
	}
	for (i = 0; t->stamps && i < (unsigned int)done; i++) {
		s.seqid = (uint32_t)(t->tried + i) + 1;
		tx_stamps_due(t->stamps, &s);
	}
	t->tried += (unsigned int)done;
	return (unsigned int)done;
}

/* Until a burst's wake-up; meanwhile the kernel's stamps are fetched. Returns the instant. */
static int64_t await(struct talk *t, int64_t t_wake)
{
	int64_t now;

	if (t->stamps)
		tx_stamps_fetch(t->stamps, t->lane->fd);
	while (now = now_of(CLOCK_TAI), !term_stopped() && now + SLEEP_MIN < t_wake)
		sleep_until(t_wake);
	return now;
}

/* Bursts from `t_first` on: so many of them, or until it is over. */
static void talk_paced(struct talk *t, uint64_t bursts)
{
	uint64_t i;

	for (i = 0; i < bursts; i++) {
		struct stamp s = { .t_scheduled = due(t, i) };
		int64_t t_wake = s.t_scheduled - t->conf.advance_ns;
		unsigned int left = (unsigned int)t->conf.burst;

		if (is_over(t, s.t_scheduled))
			return;
		s.t_wakeup = await(t, t_wake);
		if (term_stopped())
			return;
		if (!t->warming) {
			hist_add(&t->wakeup, s.t_wakeup > t_wake ? s.t_wakeup - t_wake : 0);
			if (s.t_wakeup >= due(t, i + 1) - t->conf.advance_ns)
				t->late++;
		}
		while (left && !is_over(t, s.t_scheduled))
			left -= send_batch(t, left, s);
	}
}

static void talk_flood(struct talk *t)
{
	int64_t now;

	while (now = now_of(CLOCK_TAI), !is_over(t, now)) {
		if (t->stamps)
			tx_stamps_fetch(t->stamps, t->lane->fd);
		send_batch(t, TALK_BATCH, (struct stamp){ .t_scheduled = now, .t_wakeup = now });
	}
}

void talk_run(struct talk *t)
{
	const struct talk_conf *c = &t->conf;
	uint64_t warm = ((uint64_t)c->warm_up_ns * t->step_den + t->step_num - 1) / t->step_num;

	t->t_first = now_of(CLOCK_TAI) + LEAD_NS + c->advance_ns;
	if (!c->rate && !c->flood)
		t->t_first += c->cycle_ns - t->t_first % c->cycle_ns + c->phase_ns;
	t->t_stop = NS_NEVER;
	if (warm) {
		t->warming = true;
		talk_paced(t, warm);
		t->warming = false;
		t->t_first = due(t, warm);
	}
	if (c->duration_ns)
		t->t_stop = t->t_first + c->duration_ns;
	if (c->flood)
		talk_flood(t);
	else
		talk_paced(t, UINT64_MAX);
}
