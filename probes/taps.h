/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * taps: frames' ways as a capture, with one interface per edge (docs/formats.md, "pcapng").
 *
 * A frame is one packet at each edge that it was seen at, all with the same epb_packetid; its hops stand in a comment that share/takt.lua reads:
 *
 *	takt: edge=handed hop=send ns=812 bound=0 seq=17 key=0x... seqid=3 in=plc out=wire tc=7 vid=0 verdict=sent stay=1200 h.copy=120 ...
 *
 * Bytes are the caller's, from a capture beside it; without them the packet is a placeholder: an Ethernet header of zeros with the frame's
 * tag and TAPS_ETHERTYPE, cut off there, `bytes=none` in its comment. Packets of one call of taps_write() are in order of time.
 */
#ifndef TAKT_PROBES_TAPS_H
#define TAKT_PROBES_TAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/pcapng.h"
#include "probes/port_names.h"
#include "probes/way.h"

#define TAPS_ETHERTYPE 0x88b6	/* IEEE 802: Local Experimental EtherType 2 */

/* id, name, hop that begins or ends there, which of both is the edge, what the time since the edge before is called, direction as seen from the
 * port or guest it passes, what it is. */
#define TAPS_EDGES(X)                                                                                                             \
	X(APP,       "app",       WAY_APP,     BEGIN, "",        OUT,     "a guest's sendmsg()")                                    \
	X(DRIVER,    "driver",    WAY_DRIVER,  BEGIN, "app",     OUT,     "a guest's driver got it")                                \
	X(PUBLISHED, "published", WAY_RING,    BEGIN, "driver",  OUT,     "its descriptor was in the guest's ring")                 \
	X(FAR,       "far",       WAY_RX,      BEGIN, "",        OUT,     "left the far end of a wire")                             \
	X(SEEN,      "seen",      WAY_COPY,    BEGIN, "ring",    IN,      "taktd's worker saw it")                                  \
	X(COPIED,    "copied",    WAY_CLASS,   BEGIN, "copy",    IN,      "in taktd's buffer")                                      \
	X(QUEUED,    "queued",    WAY_QUEUE,   BEGIN, "class",   UNKNOWN, "in a class queue of its egress port")                    \
	X(CHOSEN,    "chosen",    WAY_SEND,    BEGIN, "wait",    OUT,     "chosen to go now: its gate was checked for this instant") \
	X(HANDED,    "handed",    WAY_SEND,    END,   "send",    OUT,     "handed to the egress port's driver or ring")             \
	X(DROPPED,   "dropped",   WAY_SEND,    END,   "wait",    UNKNOWN, "dropped by taktd")                                       \
	X(WIRE,      "wire",      WAY_WIRE,    END,   "wire",    IN,      "at the far end of the wire")                             \
	X(IRQ,       "irq",       WAY_CALL,    END,   "call",    IN,      "a guest's interrupt, or its poll")                       \
	X(STACK,     "stack",     WAY_IRQ,     END,   "irq",     IN,      "handed to a guest's network stack")                      \
	X(READ,      "read",      WAY_DELIVER, END,   "deliver", IN,      "read from a guest's socket")

enum taps_edge {
#define X(id, name, hop, end, since, direction, help) TAPS_##id,
	TAPS_EDGES(X)
#undef X
	TAPS_COUNT
};

struct taps {
	struct pcapng *file;
	const struct port_names *ports;
	int interface[TAPS_COUNT];	/* its number, -1: none */
	uint64_t packets, placeholders;
};

/*
 * Declare an interface for each edge: of taktd, and of guests and far ends too where `guests`. `clock`: a sentence on what the stamps are.
 * `file` and `ports` are the caller's and outlive the taps.
 */
void taps_init(struct taps *t, struct pcapng *file, const struct port_names *ports, bool guests, const char *clock);

/* data: caplen bytes of the frame as captured; NULL: none. */
void taps_write(struct taps *t, const struct way *w, const uint8_t *data, uint32_t caplen);

/* What all packets of a frame have as epb_packetid: its key, or taktd's number + 1 where a taktd publishes no keys. */
static inline uint64_t taps_packetid(const struct way *w)
{
	return w->key ? w->key : w->rec.seq + 1;
}

#endif
