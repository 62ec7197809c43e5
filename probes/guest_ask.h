/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_ask: asks taktd for the time through the device itself (base/ask.h), and makes an EV_SYNC of each answer.
 *
 * t is before the question could be seen, t_end after the answer was: by our own clock reads around the calls, or narrower where somebody saw
 * the frames nearer to the ring (guest_ask_saw()). One question at a time. Its key is that of the answer as it came: taktd's record has it too.
 */
#ifndef TAKT_PROBES_GUEST_ASK_H
#define TAKT_PROBES_GUEST_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ask.h"
#include "base/why.h"
#include "probes/event.h"
#include "probes/guest_dev.h"

struct guest_ask {
	int fd;			/* readable when an answer came; -1: asks nothing */
	int64_t every_ns;
	int64_t t_next;		/* CLOCK_MONOTONIC: when the next question is due */
	struct ask asked;	/* the question that waits for its answer; op 0: none */
	uint64_t id;
	int64_t t_answered;	/* when the last answer came; 0: never */
	uint64_t asks, answers;
	uint8_t mac[6];
};

/* every_ns 0: asks nothing, and that is no failure. */
int guest_ask_open(struct guest_ask *a, const struct guest_dev *d, int64_t every_ns, struct why *why);
void guest_ask_close(struct guest_ask *a);

/* When somebody saw the question with this id go, and its answer come; 0: did not. Asked by guest_ask_work(). */
typedef void guest_ask_saw_fn(void *ctx, uint64_t id, int64_t *t_sent, int64_t *t_got);

/* Take answers, ask if it is time to. `saw` may be NULL. Returns true and fills e when there was an answer. */
bool guest_ask_work(struct guest_ask *a, struct event *e, guest_ask_saw_fn *saw, void *ctx);

#endif
