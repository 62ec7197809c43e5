/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_watch: a witness at the far end of a wire: each frame that passes an interface there, as EV_WIRE.
 *
 * Live, a packet socket of its own, in another network namespace if need be (IFACE@NETNS, a name of `ip netns` or a path). Stamps are the kernel's:
 * of a frame that is received, when the stack was given it; of one that is sent, before the driver is given it. They are CLOCK_REALTIME, and
 * tai_offset_ns is added. Of a file (pcap, pcapng) nobody tells the direction: each frame is told twice, once as sent and once as received.
 *
 * One thread, which is in its own network namespace again when a function returns.
 */
#ifndef TAKT_PROBES_WIRE_WATCH_H
#define TAKT_PROBES_WIRE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "probes/event.h"

struct wire_watch;

/* spec: IFACE[@NETNS], or a file if it has a slash or ends in .pcapng or .pcap. -errno and a sentence. */
int wire_watch_open(struct wire_watch **out, const char *spec, int64_t tai_offset_ns, struct why *why);
void wire_watch_close(struct wire_watch *w);	/* NULL is legal */

/* Deliver what is there, up to some thousand frames. 1: there was something, 0: nothing now, -ENODATA: a file's end, -errno: it cannot be read. */
int wire_watch_work(struct wire_watch *w, event_fn *fn, void *ctx);

bool wire_watch_ends(const struct wire_watch *w);	/* it is a file */
uint64_t wire_watch_lost(struct wire_watch *w);		/* that the kernel dropped: its buffer was full; of a file, whose stamps cannot be */
const char *wire_watch_error(const struct wire_watch *w);	/* the sentence to the last -errno of a file; "" */

#endif
