/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_stamp: when the kernel received and sent PTP event messages on an interface that a wire port has by AF_PACKET.
 *
 * A ring that is polled tells when a frame was found, not when it came: under load that is a turn later, tens of
 * microseconds; and a send returns when it returns. The kernel knows. So two more packet sockets are opened on the
 * interface: one lets event messages in and nothing else, and is asked for its stamp of each; the other sends them, in
 * the driver's place, and is asked when that was.
 *
 * One or two system calls for an event message that comes in (WIRE_STAMP_READS when others are heard that do not), and
 * two for one that goes out where the driver needs one. Their number is bounded by the ports' message-rate.
 *
 * A stamp is CLOCK_REALTIME, from which only its age is taken: by a read of the same clock now, so that neither the TAI
 * offset nor the reference that taktd follows matters.
 *
 * Opened and closed by the control thread, used by the worker. Not for AF_XDP: its frames never reach a socket.
 */
#ifndef TAKT_VNET_WIRE_STAMP_H
#define TAKT_VNET_WIRE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "ptp/msg.h"

#define WIRE_STAMP_READS 8 /* at most, for one question */

struct wire_stamp;

/* Begin to listen on an interface of this network namespace. -errno and a sentence. */
int wire_stamp_open(struct wire_stamp **out, const char *iface, struct why *why);
void wire_stamp_close(struct wire_stamp *s); /* NULL is legal */

/*
 * When event message m of this frame was received; its stamp is used up. False: not known. Never blocks. Whoever sends
 * the same name twice, or where the port does not listen, can leave an old stamp here: the caller bounds what it is told.
 */
bool wire_stamp_received(struct wire_stamp *s, const uint8_t *frame, const struct msg *m, int64_t *t_real);

/* Send a frame. 0, or -errno. Then, at once, when it was sent. False: not known. */
int wire_stamp_send(struct wire_stamp *s, const uint8_t *frame, uint16_t len);
bool wire_stamp_sent(struct wire_stamp *s, int64_t *t_real);

/* How long ago that was, ns. */
int64_t wire_stamp_age(int64_t t_real);

#endif
