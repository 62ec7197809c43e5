/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * owner: at which port a PTP clock is, so that nobody speaks in another's name.
 *
 * A guest that may ask for the time could ask as if it were the host's own ptp4l: the master answers whoever is named
 * in the request, and the answer reaches the one whose name it was. So a clock (the clockIdentity of a message's
 * sourcePortIdentity) belongs to the port at which it was heard, until it has been silent for OWNER_STALE_NS:
 *
 *	a trusted port	may name any clock, and takes it over from another port; the OWNER_TRUSTED heard last are known
 *	another port	may name clocks that are nobody else's, OWNER_PER_PORT of them
 *
 * A clock that was not heard yet can still be named by a guest until a trusted port speaks for it. A trusted port is also
 * heard for the clocks that it answers (requestingPortIdentity of a Delay_Resp), if they are nobody's.
 *
 * Pure, allocates nothing. One thread. Instants are ns of the caller's clock.
 */
#ifndef TAKT_PTP_OWNER_H
#define TAKT_PTP_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "ptp/msg.h"

#define OWNER_PORTS    32
#define OWNER_PER_PORT 4
#define OWNER_TRUSTED  256
#define OWNER_STALE_NS INT64_C(10000000000)

struct owner_row {
	uint64_t clock; /* as it stands in the message */
	int64_t t_heard;
	uint8_t port;
	bool used;
};

struct owner {
	struct owner_row trusted[OWNER_TRUSTED];
	struct owner_row other[OWNER_PORTS][OWNER_PER_PORT];
};

/* Message m of this frame came in at `port` (0 to OWNER_PORTS - 1): may it? If so, its clock is heard there now. */
bool owner_hear(struct owner *o, const uint8_t *frame, const struct msg *m, uint8_t port, bool trusted, int64_t now);

/* The port's link went down, or the clock was stepped. */
void owner_forget(struct owner *o, uint8_t port);
void owner_shift(struct owner *o, int64_t delta);

#endif
