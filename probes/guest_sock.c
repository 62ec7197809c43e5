/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ask.h"
#include "base/key.h"
#include "base/ns.h"
#include "base/stamp.h"
#include "ptp/now.h"

#define BATCH	 64
#define SNAP	 128u			/* bytes of a frame: its key, its stamp, an ask */
#define ROOM	 (8 << 20)		/* bytes in the socket */
#define APP_MAX	 (10 * NS_PER_SEC)	/* a sender's wake-up that is longer ago is not this frame's, or of another clock */
#define STEP_NS	 NS_PER_SEC		/* so long after a step a stamp may be older than it */
#define SLACK_NS (10 * NS_PER_MS)	/* how long before the last look what is read now may have been stamped */

int guest_sock_open(struct guest_sock *s, const struct guest_dev *d, struct why *why)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = d->ifindex };
	int on = 1, room = ROOM, rc;

	memset(s, 0, sizeof(*s));
	s->real.clock = CLOCK_REALTIME;
	s->tai.clock = CLOCK_TAI;
	guest_time_read(&s->real);
	guest_time_read(&s->tai);
	s->before = s->real;
	s->t_last = now_of(CLOCK_MONOTONIC);
	/* No protocol before it is bound: else frames of other devices come first. */
	s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd >= 0 && !setsockopt(s->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) && !bind(s->fd, (struct sockaddr *)&at, sizeof(at))) {
		if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
			setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
		return 0;
	}
	rc = why_fail(why, errno, "no packet socket on %s: %s (CAP_NET_RAW, and the module af_packet, are needed)", d->name, strerror(errno));
	guest_sock_close(s);
	return rc;
}

void guest_sock_close(struct guest_sock *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* The clock's relation that held when this was stamped: the present one, or that before a step; NULL: neither makes sense. */
static const struct guest_time *held(const struct guest_sock *s, int64_t t, int64_t now)
{
	const struct guest_time *g[2] = { &s->real, &s->before };

	if (!s->t_step || now - s->t_step > STEP_NS)
		return g[0];
	for (int i = 0; i < 2; i++)
		if (guest_time_not_before(g[i], t) >= s->t_last - SLACK_NS && guest_time_not_after(g[i], t) <= now)
			return g[i];
	return NULL;
}

/* A question for the time or its answer: not told of, but when. */
static bool is_ask(struct guest_sock *s, const uint8_t *frame, uint32_t n, bool outgoing, int64_t t)
{
	struct ask a;

	if (n < 14 || (frame[12] << 8 | frame[13]) != ASK_ETHERTYPE)
		return false;
	if (!ask_get(&a, frame + 14, n - 14))
		return true;
	if (outgoing && a.op == ASK_ASKS) {
		s->ask_id = a.id;
		s->t_asked = t;
	}
	if (!outgoing && a.op == ASK_ANSWERS) {
		s->answer_id = a.id;
		s->t_answered = t;
	}
	return true;
}

bool guest_sock_event(struct guest_sock *s, struct event *e, const uint8_t *frame, uint32_t n, bool outgoing, int64_t t, int64_t now)
{
	const struct guest_time *g = held(s, t, now);
	struct stamp stamp;
	int64_t t_app;

	if (!g) {
		s->lost++;
		return false;
	}
	t = outgoing ? guest_time_not_after(g, t) : guest_time_not_before(g, t);
	if (is_ask(s, frame, n, outgoing, t))
		return false;
	*e = (struct event){ .t = t, .t_end = t, .key = key_of(frame, n), .kind = outgoing ? EV_TX : EV_RX, .flags = EV_COARSE };
	if (!outgoing)
		return true;
	e->flags |= EV_NO_APP;
	e->edge_ns[EV_TX_DRIVER] = 1;	/* 0 would be: not seen */
	if (!stamp_find(&stamp, frame, n, STAMP_ETHERTYPE))
		return true;
	t_app = guest_time_not_after(&s->tai, stamp.t_wakeup);
	if (t_app >= t || t - t_app > APP_MAX || t - t_app > UINT32_MAX)
		return true;
	e->t = t_app;
	e->edge_ns[EV_TX_DRIVER] = (uint32_t)(t - t_app);
	e->flags = EV_COARSE;
	return true;
}

static int64_t stamp_of(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct timespec t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		return t.tv_sec * NS_PER_SEC + t.tv_nsec;
	}
	return 0;
}

static int batch(struct guest_sock *s, int64_t now, event_fn *fn, void *ctx)
{
	uint8_t frame[BATCH][SNAP], control[BATCH][64];
	struct mmsghdr m[BATCH] = { 0 };
	struct sockaddr_ll from[BATCH];
	struct iovec iov[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ frame[i], SNAP };
		m[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &iov[i], .msg_iovlen = 1,
						.msg_control = control[i], .msg_controllen = sizeof(control[i]) };
	}
	n = recvmmsg(s->fd, m, BATCH, 0, NULL);
	for (int i = 0; i < n; i++) {
		bool outgoing = from[i].sll_pkttype == PACKET_OUTGOING;
		struct event e;

		if (guest_sock_event(s, &e, frame[i], m[i].msg_len < SNAP ? m[i].msg_len : SNAP, outgoing, stamp_of(&m[i].msg_hdr), now)) {
			s->events++;
			fn(ctx, &e);
		}
	}
	return n;
}

void guest_sock_drain(struct guest_sock *s, event_fn *fn, void *ctx)
{
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof(stats);
	struct guest_time was = s->real;
	int64_t now;

	now = now_of(CLOCK_MONOTONIC);
	if (guest_time_read(&s->real)) {
		s->before = was;
		s->t_step = now;
	}
	guest_time_read(&s->tai);
	while (batch(s, now_of(CLOCK_MONOTONIC), fn, ctx) == BATCH)
		;
	s->t_last = now;
	if (!getsockopt(s->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		s->lost += stats.tp_drops;
}
