/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_ring: this end of the buffer through which BPF programs tell of events (event.bpf.h).
 *
 * One thread.
 */
#ifndef TAKT_PROBES_EVENT_RING_H
#define TAKT_PROBES_EVENT_RING_H

#include <stdint.h>

#include "base/why.h"
#include "probes/event.h"

struct ring_buffer;

struct event_ring {
	struct ring_buffer *ring;
	event_fn *fn;		/* of the call that goes on */
	void *ctx;
	uint32_t left;		/* events that it may still take */
};

int event_ring_open(struct event_ring *r, int map_fd, struct why *why);	/* at an address that stays */
void event_ring_close(struct event_ring *r);				/* also one that is zeroed */

int event_ring_fd(const struct event_ring *r);	/* readable when a program asked to wake somebody */

/* Hand what waits to fn: a whole buffer at most, so that a flood keeps nobody from the rest of his work. */
void event_ring_take(struct event_ring *r, event_fn *fn, void *ctx);

#endif
