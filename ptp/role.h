/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * role: who may say what in PTP, and how often. Pure, allocates nothing.
 *
 * A port has a role. It says of every PTP message whether it may come in there, and whether it may go out there; both have to
 * agree. What is PTP by its EtherType or UDP port but is no message that can be read (cut off, another version, a reserved type, a
 * fragment) passes only where everything does: a receiver may read more into it than we can.
 *
 * The table below is the only place where this is said; docs/config.md is made from it.
 */
#ifndef TAKT_PTP_ROLE_H
#define TAKT_PTP_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "ptp/msg.h"

#define ROLE_BIT(type)	 (1u << (type))
#define ROLE_UNREAD	 ROLE_BIT(16) /* behind the 16 messageTypes: what is PTP and cannot be read */
#define ROLE_NOTHING	 0u
#define ROLE_EVERYTHING	 (ROLE_UNREAD | 0xffffu)
#define ROLE_ASK	 ROLE_BIT(MSG_DELAY_REQ)
#define ROLE_PDELAY	 (ROLE_BIT(MSG_PDELAY_REQ) | ROLE_BIT(MSG_PDELAY_RESP) | ROLE_BIT(MSG_PDELAY_RESP_FOLLOW_UP))
#define ROLE_TELL	 (ROLE_BIT(MSG_ANNOUNCE) | ROLE_BIT(MSG_SYNC) | ROLE_BIT(MSG_FOLLOW_UP) | ROLE_BIT(MSG_DELAY_RESP))

/*  identifier, name in files, what may come in; that too if the port has a peer; what may go out; help            */
#define ROLES(X)                                                                                                              \
	X(DENY, "deny", ROLE_NOTHING, ROLE_NOTHING, ROLE_NOTHING,                                                             \
	  "no PTP at all, neither in nor out")                                                                                \
	X(CLIENT_ONLY, "client-only", ROLE_ASK, ROLE_PDELAY, ROLE_EVERYTHING,                                                 \
	  "may ask for the time, not tell it")                                                 \
	X(SERVER_ALLOWED, "server-allowed", ROLE_ASK | ROLE_TELL, ROLE_PDELAY, ROLE_EVERYTHING,                               \
	  "may tell the time too, and become the master; it cannot manage others")                                            \
	X(TRANSPARENT, "transparent", ROLE_EVERYTHING, ROLE_EVERYTHING, ROLE_EVERYTHING,                                      \
	  "all PTP passes, also management")

enum role {
#define X(id, name, in, peer, out, help) ROLE_##id,
	ROLES(X)
#undef X
	ROLE_COUNT
};

extern const char *const role_name[ROLE_COUNT + 1]; /* NULL ends it */
extern const char *const role_help[ROLE_COUNT];

/*
 * May what msg_find() said `found` of, with messageType `type` if it is MSG_FOUND, come in at a port of this role, or go out there?
 * MSG_NOT_PTP: always.
 */
bool role_lets_in(enum role role, bool has_peer, enum msg_found found, uint8_t type);
bool role_lets_out(enum role role, enum msg_found found, uint8_t type);

/*
 * How often: a bucket of `burst` messages that fills at `rate` messages a second, kept as the instant from which on it is full
 * (ITU-T I.371, generic cell rate algorithm): taking one compares and adds. In any interval of w ns it lets at most
 * burst + w * rate / 1e9 messages through. One owner.
 */
struct role_meter {
	int64_t t_full;	     /* TAI ns; the bucket is full from then on */
	int64_t interval_ns; /* for one message, rounded up */
	int64_t depth_ns;    /* all but one of the burst's intervals */
};

#define ROLE_MIN_BURST 8 /* a client that starts asks a few times at once */

/* rate: messages per second, 1 to 1e9; the burst is what an eighth of a second brings, at least ROLE_MIN_BURST. Full at first. */
void role_meter_init(struct role_meter *m, int64_t rate);
int64_t role_meter_burst(int64_t rate);

/* A message at `now` (TAI ns, never less than the last one): may it pass? The clock was stepped by delta_ns: time did not pass. */
bool role_meter_take(struct role_meter *m, int64_t now);
void role_meter_step(struct role_meter *m, int64_t delta_ns);

#endif
