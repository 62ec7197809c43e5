/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_sock: where a kernel allows no BPF: frames as a packet socket sees them, with the kernel's own stamps.
 *
 * A frame that goes out is stamped just before the driver has it (EV_TX, edge driver), one that comes in when the stack has it (EV_RX); both
 * are flagged EV_COARSE, and no other edge is known, but for numbered frames (base/stamp.h) when their sender woke up. The stamps are
 * CLOCK_REALTIME's; on CLOCK_MONOTONIC they are laid so that they keep their side: EV_TX never after, EV_RX never before the truth.
 */
#ifndef TAKT_PROBES_GUEST_SOCK_H
#define TAKT_PROBES_GUEST_SOCK_H

#include <stdint.h>

#include "base/why.h"
#include "probes/event.h"
#include "probes/guest_dev.h"
#include "probes/guest_time.h"

struct guest_sock {
	int fd;
	struct guest_time real, tai;
	struct guest_time before;	/* real, before its last step */
	int64_t t_step;			/* CLOCK_MONOTONIC: when that was seen; 0: never */
	int64_t t_last;			/* CLOCK_MONOTONIC: of the look before */
	uint64_t events, lost;		/* lost: dropped by the kernel, or stamped while the clock was stepped */
	uint64_t ask_id;		/* the last question and answer that passed, and when */
	uint64_t answer_id;
	int64_t t_asked, t_answered;
};

int guest_sock_open(struct guest_sock *s, const struct guest_dev *d, struct why *why);
void guest_sock_close(struct guest_sock *s);
void guest_sock_drain(struct guest_sock *s, event_fn *fn, void *ctx);

/* One frame of len bytes, the first n of which are at frame, stamped t of CLOCK_REALTIME. False: it is not told of. */
bool guest_sock_event(struct guest_sock *s, struct event *e, const uint8_t *frame, uint32_t n, bool outgoing, int64_t t, int64_t now);

#endif
