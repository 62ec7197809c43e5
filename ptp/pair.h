/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pair: what is learnt about an event message after it was sent, kept for the message that completes it.
 *
 * A transparent clock writes an event's residence before it hands it over, by the clock read just before. Once it is
 * gone, more may be known: when the kernel or the hardware really sent it, or that we lost the CPU meanwhile and nobody
 * knows. That goes with the message that completes it, as a two-step clock would have it (IEEE 1588-2008 11.5.2):
 *
 *	event		sent by port	completed by			which passes
 *	Sync		P		Follow_Up			out by P
 *	Delay_Req	P		Delay_Resp			in by P
 *	Pdelay_Req	P		Pdelay_Resp_Follow_Up		in by P
 *	Pdelay_Resp	P		Pdelay_Resp_Follow_Up		out by P
 *
 * A ring of PAIR_NOTES: the oldest note is overwritten; what completes an event without a note is left alone.
 * Pure, allocates nothing. One thread.
 */
#ifndef TAKT_PTP_PAIR_H
#define TAKT_PTP_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "ptp/msg.h"

#define PAIR_NOTES    64
#define PAIR_ID_LEN   10 /* PortIdentity (5.3.5) */

struct pair_note {
	uint8_t id[PAIR_ID_LEN]; /* sourcePortIdentity of the event; of a Pdelay_Resp: its requestingPortIdentity */
	uint16_t sequence;
	uint8_t type;		 /* enum msg_type of the event */
	uint8_t domain, sdo;
	uint8_t port;		 /* that sent the event */
	bool used;
	bool doubt;		 /* nobody knows when it was sent */
	int64_t interval;	 /* to be added to the correction, 2^-16 ns */
};

struct pair {
	uint32_t next;
	struct pair_note note[PAIR_NOTES];
};

/* Event message m of this frame was sent by `port`: the rest of its correction, or doubt. */
void pair_put(struct pair *pair, const uint8_t *frame, const struct msg *m, uint8_t port, int64_t interval, bool doubt);

/*
 * Message m comes in by `port` (way PAIR_IN), or goes out by it: the note of an event that it completes, if that passes
 * this way; NULL: none. Whoever uses it clears note->used. Once for each message: what passes in before copies are made,
 * what passes out for each port's own copy.
 */
enum pair_way { PAIR_IN, PAIR_OUT };
struct pair_note *pair_find(struct pair *pair, const uint8_t *frame, const struct msg *m, enum pair_way way, uint8_t port);

#endif
