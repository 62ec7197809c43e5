/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/event_ring.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#define AT_ONCE (EVENT_RING_BYTES / (sizeof(struct event) + 8))	/* with the kernel's header of each: as many as it holds */

/* Below 0 it stops behind this one (ring_buffer__consume_n() is of a later libbpf). */
static int on_sample(void *ctx, void *data, size_t size)
{
	struct event_ring *r = ctx;

	if (size == sizeof(struct event))
		r->fn(r->ctx, data);
	return --r->left ? 0 : -EAGAIN;
}

int event_ring_open(struct event_ring *r, int map_fd, struct why *why)
{
	r->ring = ring_buffer__new(map_fd, on_sample, r, NULL);
	return r->ring ? 0 : why_fail(why, errno, "the buffer of events: %s", strerror(errno));
}

void event_ring_close(struct event_ring *r)
{
	ring_buffer__free(r->ring);
	r->ring = NULL;
}

int event_ring_fd(const struct event_ring *r)
{
	return ring_buffer__epoll_fd(r->ring);
}

void event_ring_take(struct event_ring *r, event_fn *fn, void *ctx)
{
	r->fn = fn;
	r->ctx = ctx;
	r->left = AT_ONCE;
	ring_buffer__consume(r->ring);
}
