/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pktbuf: where frames live, without saying how.
 *
 * Modules between receive and send see struct pkt only. What holds it (an mbuf's private area, or plain memory in a simulation)
 * is behind these three calls; all belong to the worker thread. The eight bytes before struct pkt belong to the frame too: its key.
 */
#ifndef TAKT_VNET_PKTBUF_H
#define TAKT_VNET_PKTBUF_H

#include "vnet/pkt.h"

#define PKTBUF_HEADROOM 32 /* bytes before a received frame's first that may be used, at least */

struct pktbuf_ops {
	/* A frame with the same bytes, the same key and the same struct pkt but for `data`; NULL when there is no buffer. */
	struct pkt *(*copy)(void *ctx, const struct pkt *p);
	void (*free)(void *ctx, struct pkt *p);
};

struct pktbuf {
	const struct pktbuf_ops *ops;
	void *ctx;
};

/* What the frame is known by (base/key.h), as it came in: whatever tags it is given, however far its bytes are moved. */
static inline uint64_t *pktbuf_key(const struct pkt *p)
{
	return (uint64_t *)(uintptr_t)p - 1;
}

static inline struct pkt *pktbuf_copy(const struct pktbuf *b, const struct pkt *p)
{
	return b->ops->copy(b->ctx, p);
}

static inline void pktbuf_free(const struct pktbuf *b, struct pkt *p)
{
	b->ops->free(b->ctx, p);
}

#endif
