/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/tx_stamps.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ns.h"
#include "bench/kstamp.h"
#include "ptp/now.h"

#define BUFFER_LEN (16 << 20)		/* of the socket: stamps that wait in its error queue are charged to it */
#define REST_NS	   (200 * NS_PER_MS)	/* a stamp that has not come by then does not come */

int tx_stamps_open(struct tx_stamps *t, int fd, const char *interface, uint32_t len, uint32_t payload, uint64_t frames, struct why *why)
{
	int size = BUFFER_LEN, rc;

	if (frames > ISO_FRAMES_MAX)
		return why_fail(why, EFBIG, "--log: a file holds %u frames at most, not %llu: give a smaller --count or --duration", ISO_FRAMES_MAX,
				(unsigned long long)frames);
	rc = iso_reserve(&t->iso, (uint32_t)frames);
	if (rc)
		return why_fail(why, -rc, "--log: room for %llu frames: %s", (unsigned long long)frames, strerror(-rc));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	t->hardware = interface && !kstamp_hardware_on(fd, interface, 0, 1);
	rc = kstamp_on(fd, 0, 1);
	if (rc)
		return why_fail(why, -rc, "--log: the kernel gives no stamps: %s", strerror(-rc));
	t->tai_offset_ns = kstamp_tai_offset();
	t->tail = len - payload;
	return 0;
}

void tx_stamps_due(struct tx_stamps *t, const struct stamp *s)
{
	struct iso_send *r;

	if (!t->tail)	/* nobody asked for a log */
		return;
	r = iso_send_of(&t->iso, s->seqid);
	if (!r) {
		t->unkept++;
		return;
	}
	r->seqid = s->seqid;
	r->t_due = s->t_scheduled;
	r->t_wakeup = s->t_wakeup;
}

static void keep(struct tx_stamps *t, const struct kstamp_tx *k, uint32_t seqid)
{
	struct iso_send *r = seqid <= t->iso.packets ? iso_send_of(&t->iso, seqid) : NULL;

	if (!r)		/* of the warm-up */
		return;
	if (k->kind == KSTAMP_SCHED && k->at.t_software) {
		r->t_sched = k->at.t_software;
		t->sched++;
	} else if (k->kind == KSTAMP_SENT && k->at.t_hardware) {
		r->t_sent_hw = k->at.t_hardware;
		t->sent_hw++;
	} else if (k->kind == KSTAMP_SENT && k->at.t_software) {
		r->t_sent = k->at.t_software;
		t->sent++;
	}
}

static void take(struct tx_stamps *t, const struct kstamp_tx *k)
{
	struct stamp s;

	t->txtime_late += k->kind == KSTAMP_LATE;
	t->txtime_invalid += k->kind == KSTAMP_INVALID;
	if (k->len < t->tail || t->tail < STAMP_LEN)
		return;
	stamp_get(&s, k->frame + k->len - t->tail);
	keep(t, k, s.seqid);
}

unsigned int tx_stamps_fetch(struct tx_stamps *t, int fd)
{
	unsigned int all = 0;
	int i, n;

	do {
		n = kstamp_fetch(fd, t->tai_offset_ns, t->batch, TX_STAMPS_BATCH);
		for (i = 0; i < n; i++)
			take(t, &t->batch[i]);
		all += (unsigned int)n;
	} while (n == TX_STAMPS_BATCH);
	return all;
}

static bool is_whole(const struct tx_stamps *t, uint64_t left)
{
	return t->tail && t->sched >= left && t->sent >= left && (!t->hardware || t->sent_hw >= left);
}

void tx_stamps_end(struct tx_stamps *t, int fd, uint64_t frames)
{
	struct pollfd pfd = { .fd = fd };	/* errors are told unasked */
	int64_t t_stop = now_mono() + REST_NS;
	uint32_t i;

	while (tx_stamps_fetch(t, fd), !is_whole(t, frames) && now_mono() < t_stop)
		poll(&pfd, 1, 10);
	t->missing = 0;
	for (i = 0; i < t->iso.packets; i++)
		t->missing += t->iso.send[i].seqid && !t->iso.send[i].t_sent && !t->iso.send[i].t_sent_hw;
}
