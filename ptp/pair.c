/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/pair.h"

#include <string.h>

#include "ptp/resid.h"

#define SOURCE_ID     20 /* sourcePortIdentity in the header (13.3) */
#define REQUESTING_ID 44 /* requestingPortIdentity in Delay_Resp, Pdelay_Resp and Pdelay_Resp_Follow_Up (13.8, 13.10, 13.11) */

static uint32_t id_of(uint8_t type)
{
	return type == MSG_DELAY_RESP || type == MSG_PDELAY_RESP || type == MSG_PDELAY_RESP_FOLLOW_UP ? REQUESTING_ID
												     : SOURCE_ID;
}

void pair_put(struct pair *pair, const uint8_t *frame, const struct msg *m, uint8_t port, int64_t interval, bool doubt)
{
	struct pair_note *note = &pair->note[pair->next++ % PAIR_NOTES];

	*note = (struct pair_note){.sequence = m->sequence, .type = m->type, .domain = m->domain, .sdo = m->sdo,
				   .port = port, .used = true, .doubt = doubt, .interval = interval};
	memcpy(note->id, frame + m->at + id_of(m->type), PAIR_ID_LEN);
}

/* The events that a message of this type may complete, and whether its own way out, or in, is theirs. */
static bool completes(const struct pair_note *note, const struct msg *m, uint8_t in_port, uint8_t out_port)
{
	switch (m->type) {
	case MSG_FOLLOW_UP:
		return note->type == MSG_SYNC && note->port == out_port;
	case MSG_DELAY_RESP:
		return note->type == MSG_DELAY_REQ && note->port == in_port;
	case MSG_PDELAY_RESP_FOLLOW_UP:
		return (note->type == MSG_PDELAY_REQ && note->port == in_port) ||
		       (note->type == MSG_PDELAY_RESP && note->port == out_port);
	default:
		return false;
	}
}

static bool fits(const struct pair_note *note, const uint8_t *frame, const struct msg *m, uint8_t in_port, uint8_t out_port)
{
	return note->used && note->sequence == m->sequence && note->domain == m->domain && note->sdo == m->sdo &&
	       completes(note, m, in_port, out_port) && !memcmp(note->id, frame + m->at + id_of(m->type), PAIR_ID_LEN);
}

bool pair_find(const struct pair *pair, const uint8_t *frame, const struct msg *m, uint8_t in_port, uint8_t out_port,
	       int64_t *interval, bool *doubt)
{
	bool found = false;
	uint32_t i;

	*interval = 0;
	*doubt = false;
	if (m->event)
		return false;
	for (i = 0; i < PAIR_NOTES; i++) {
		if (!fits(&pair->note[i], frame, m, in_port, out_port))
			continue;
		found = true;
		*interval = resid_sum(*interval, pair->note[i].interval);
		*doubt |= pair->note[i].doubt;
	}
	return found;
}

void pair_done(struct pair *pair, const uint8_t *frame, const struct msg *m, uint8_t in_port, uint8_t out_port)
{
	uint32_t i;

	for (i = 0; i < PAIR_NOTES; i++)
		if (fits(&pair->note[i], frame, m, in_port, out_port))
			pair->note[i].used = false;
}
