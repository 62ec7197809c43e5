/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/key.h"
#include "base/ns.h"
#include "probes/guest_time.h"
#include "ptp/now.h"

#define FRAME_LEN 60u			/* the shortest of Ethernet, FCS excluded */
#define HEADER	  14u
#define GIVE_UP	  NS_PER_SEC		/* an answer that comes later is none */

int guest_ask_open(struct guest_ask *a, const struct guest_dev *d, int64_t every_ns, struct why *why)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ASK_ETHERTYPE), .sll_ifindex = d->ifindex };
	int rc;

	memset(a, 0, sizeof(*a));
	a->fd = -1;
	if (!every_ns)
		return 0;
	a->every_ns = every_ns;
	memcpy(a->mac, d->mac, sizeof(a->mac));
	if (getrandom(&a->id, sizeof(a->id), 0) != sizeof(a->id))
		a->id = (uint64_t)now_of(CLOCK_REALTIME);
	a->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ASK_ETHERTYPE));
	if (a->fd >= 0 && !bind(a->fd, (struct sockaddr *)&to, sizeof(to)))
		return 0;
	rc = why_fail(why, errno, "no packet socket on %s to ask for the time: %s", d->name, strerror(errno));
	guest_ask_close(a);
	return rc;
}

void guest_ask_close(struct guest_ask *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

static void ask(struct guest_ask *a, int64_t t)
{
	uint8_t frame[FRAME_LEN] = { 0 };

	memcpy(frame, ASK_ADDRESS, 6);
	memcpy(frame + 6, a->mac, 6);
	frame[12] = ASK_ETHERTYPE >> 8;
	frame[13] = ASK_ETHERTYPE & 0xff;
	a->t_next = t + a->every_ns;
	a->asked = (struct ask){ .op = ASK_ASKS, .id = ++a->id, .t_guest = now_of(CLOCK_MONOTONIC) };
	ask_put(frame + HEADER, &a->asked);
	if (send(a->fd, frame, sizeof(frame), 0) != (ssize_t)sizeof(frame)) {
		a->asked.op = 0;	/* the interface is down: later, perhaps */
		return;
	}
	a->asks++;
}

/* The answer to the question that waits: it has its number and its stamp, and comes from nobody else. */
static bool is_answer(const struct guest_ask *a, struct ask *got, const uint8_t *frame, ssize_t n)
{
	if (n < (ssize_t)(HEADER + ASK_LEN) || memcmp(frame + 6, ASK_ADDRESS, 6) || memcmp(frame, a->mac, 6))
		return false;
	return ask_get(got, frame + HEADER, (uint32_t)n - HEADER) && got->op == ASK_ANSWERS && a->asked.op == ASK_ASKS &&
	       got->id == a->asked.id && got->t_guest == a->asked.t_guest;
}

bool guest_ask_work(struct guest_ask *a, struct event *e, guest_ask_saw_fn *saw, void *ctx)
{
	int64_t t, t_sent = 0, t_got = 0;
	uint8_t frame[256];
	bool told = false;
	struct ask got;
	ssize_t n;

	if (a->fd < 0)
		return false;
	while (!told && (n = recv(a->fd, frame, sizeof(frame), 0)) >= 0) {
		t = now_of(CLOCK_MONOTONIC);
		if (!is_answer(a, &got, frame, n))
			continue;
		*e = (struct event){ .t = got.t_guest, .t_end = t, .key = key_of(frame, (uint32_t)n), .kind = EV_SYNC, .arg = (uint64_t)got.t_seen };
		if (saw)
			saw(ctx, got.id, &t_sent, &t_got);
		if (t_sent > e->t && t_sent < e->t_end)
			e->t = t_sent;
		if (t_got > e->t && t_got < e->t_end)
			e->t_end = t_got;
		a->asked.op = 0;
		a->answers++;
		a->t_answered = t;
		told = true;
	}
	t = now_of(CLOCK_MONOTONIC);
	if (t >= a->t_next && (a->asked.op == 0 || t - a->asked.t_guest > GIVE_UP))
		ask(a, t);
	return told;
}
