/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ingress_time: asks for the time (base/ask.h), answered out of their own frames.
 *
 * An ask is turned where it came in, and goes through the egress of its own port: in_port and out_port of its record are the same, which they are
 * of no other frame. Its record's key is that of the answer. Before all policing: an ask is nobody's stream.
 *
 * What bounds a guest that asks for ever: a bucket per port, no copy, no buffer but the one it came in, and the class queue.
 */
#ifndef TAKT_VNET_INGRESS_TIME_H
#define TAKT_VNET_INGRESS_TIME_H

#include <string.h>

#include "base/ask.h"
#include "tsn/cls.h"
#include "vnet/port.h"

/* Is this frame between a guest and taktd itself, or in taktd's name? Such a frame is never forwarded. */
static inline bool ingress_time_is(const struct pkt *p, const struct cls_frame *f)
{
	return !memcmp(p->data + 6, ASK_ADDRESS, 6) || (f->ethertype == ASK_ETHERTYPE && !memcmp(p->data, ASK_ADDRESS, 6));
}

/*
 * Turn an ask into its answer. SENT: it is to leave by `from`, in class from->time.tc; else why it is dropped. now: a clock read after the frame was
 * taken out of the ring.
 */
enum pkt_verdict ingress_time_turn(struct port *from, struct pkt *p, const struct cls_frame *f, int64_t now);

/* Right before an answer is handed over: if the clock was stepped since, its time and key follow. */
void ingress_time_stamp(struct pkt *p);

#endif
