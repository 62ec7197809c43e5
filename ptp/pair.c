/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/pair.h"

#include <string.h>

static uint32_t id_of(uint8_t type)
{
	return type == MSG_DELAY_RESP || type == MSG_PDELAY_RESP || type == MSG_PDELAY_RESP_FOLLOW_UP ? MSG_REQUESTING
												     : MSG_SOURCE_ID;
}

void pair_put(struct pair *pair, const uint8_t *frame, const struct msg *m, uint8_t port, int64_t interval, bool doubt)
{
	struct pair_note *note = &pair->note[pair->next++ % PAIR_NOTES];

	*note = (struct pair_note){.sequence = m->sequence, .type = m->type, .domain = m->domain, .sdo = m->sdo,
				   .port = port, .used = true, .doubt = doubt, .interval = interval};
	memcpy(note->id, frame + m->at + id_of(m->type), PAIR_ID_LEN);
}

/* Which event a message of this type completes, if it passes this way by the port that sent the event; -1: none. */
static int completes(const struct msg *m, enum pair_way way)
{
	switch (m->type) {
	case MSG_FOLLOW_UP:
		return way == PAIR_OUT ? MSG_SYNC : -1;
	case MSG_DELAY_RESP:
		return way == PAIR_IN ? MSG_DELAY_REQ : -1;
	case MSG_PDELAY_RESP_FOLLOW_UP:
		return way == PAIR_IN ? MSG_PDELAY_REQ : MSG_PDELAY_RESP;
	default:
		return -1;
	}
}

struct pair_note *pair_find(struct pair *pair, const uint8_t *frame, const struct msg *m, enum pair_way way, uint8_t port)
{
	int type = m->event ? -1 : completes(m, way);
	struct pair_note *note;

	for (note = pair->note; type >= 0 && note < pair->note + PAIR_NOTES; note++)
		if (note->used && note->type == type && note->port == port && note->sequence == m->sequence && note->domain == m->domain &&
		    note->sdo == m->sdo && !memcmp(note->id, frame + m->at + id_of(m->type), PAIR_ID_LEN))
			return note;
	return NULL;
}
