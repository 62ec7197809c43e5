/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sel: transmission selection under gates (802.1Q-2022 8.6.8).
 *
 * Strict priority, class 7 first (8.6.8.1). A class may send when its gate is open and the whole frame, with preamble,
 * FCS and gap, is over before that gate's next close (8.6.8.4); when it has credit (8.6.8.2), when its head's eligibility
 * time (8.6.8.5) or launch time has come; and when the link is free. A class that waits for credit or time leaves the
 * link to lower ones. The answer is one of: send this class's head; nothing before an instant; nothing at all.
 *
 * Credit, eligibility and launch time are one number here, t_ready: the instant from which on the head may start if its
 * gate stays open until then. Credit stands still while the gate is shut, so for a shaped class behind a shut gate
 * t_ready is a lower bound; nothing more is asked of it.
 */
#ifndef TAKT_TSN_SEL_H
#define TAKT_TSN_SEL_H

#include <stdint.h>

#include "tsn/gate.h"
#include "tsn/wire.h"

struct sel_in {
	const struct gate *gate;	/* advanced to now */
	const struct wire *wire;
	int64_t now;
	int64_t t_free;			/* end of the frame on the wire, as modelled; <= now when idle */
	int64_t ahead_ns;		/* how long before t_free the next frame may be handed over */
	int64_t margin_ns[TSN_CLASSES];	/* time kept free before the class's close for the hand-over itself */
	uint8_t backlog;		/* bit n: class n has a frame */
	uint32_t len[TSN_CLASSES];	/* head of each class, bytes in memory */
	uint8_t timed;			/* bit n: t_ready of class n holds; else its head is ready */
	uint8_t prompt;			/* bit n: nor is class n's head to be handed over before, however busy the link */
	uint8_t early;			/* bit n: class n's head may be handed over early_ns before t_ready: hardware starts it then */
	int64_t early_ns;
	int64_t t_ready[TSN_CLASSES];	/* the head is not to start before; in the past: ready */
};

enum sel_kind {
	SEL_SEND,	/* tc: its head may start at t_start and is over at t_end */
	SEL_WAIT,	/* nothing before t_next */
	SEL_IDLE,	/* no frame, or none that any gate will ever let go: t_next is NS_NEVER */
};

struct sel_out {
	enum sel_kind kind;
	uint8_t tc;
	uint8_t held;			/* bit n: gate n is open and its head ready, but too long to be over before the close */
	int64_t t_start, t_end;		/* SEL_SEND */
	int64_t t_close;		/* SEL_SEND: the close that the frame must beat; NS_NEVER if none */
	int64_t t_next;			/* SEL_WAIT: the earliest instant that can change the answer */
};

void sel_next(struct sel_out *out, const struct sel_in *in);

#endif
