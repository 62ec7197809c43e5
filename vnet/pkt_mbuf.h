/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pkt_mbuf: struct pkt in the private area of an mbuf. For the DPDK files only.
 *
 * Each port has a pool of its own, so that a guest which sends as fast as it can, or whose frames wait behind a shut gate, uses up nobody's
 * buffers but its own.
 */
#ifndef TAKT_VNET_PKT_MBUF_H
#define TAKT_VNET_PKT_MBUF_H

#include <rte_mbuf.h>

#include "base/why.h"
#include "vnet/pktbuf.h"

/* A pool of n buffers for frames up to max_len bytes. NULL and a sentence when memory does not suffice. */
struct rte_mempool *pkt_pool_create(const char *name, uint32_t n, uint32_t max_len, struct why *why);

/*
 * The same for an AF_XDP socket. Its driver (DPDK 22.11) tells the kernel of memory for n buffers side by side, but DPDK leaves a gap where one would
 * cross a page: the last ones lie beyond. Those the kernel takes out of the fill ring and keeps, without a count that can be read; when it has as many as
 * the ring was given, nothing is received any more. So there are no gaps (small pages: a page for each), or what lies beyond is never used (huge pages:
 * a buffer or two in each thousand). An mtu that does not fit is refused too.
 */
struct rte_mempool *pkt_pool_create_xdp(const char *name, uint32_t n, uint32_t max_len, struct why *why);

static inline struct pkt *pkt_of(struct rte_mbuf *m)
{
	return rte_mbuf_to_priv(m);
}

static inline struct rte_mbuf *pkt_mbuf(struct pkt *p)
{
	return (struct rte_mbuf *)((char *)p - sizeof(struct rte_mbuf));
}

/* A received mbuf as a frame; one in several segments keeps its true length and only its first bytes, and is oversize by definition. */
static inline struct pkt *pkt_wrap(struct rte_mbuf *m)
{
	struct pkt *p = pkt_of(m);
	uint32_t len = rte_pktmbuf_pkt_len(m);

	p->data = rte_pktmbuf_mtod(m, uint8_t *);
	p->len = len > UINT16_MAX ? UINT16_MAX : (uint16_t)len;
	return p;
}

/* A frame as the mbuf that a driver wants: tags may have moved its first byte. */
static inline struct rte_mbuf *pkt_unwrap(struct pkt *p)
{
	struct rte_mbuf *m = pkt_mbuf(p);

	m->data_off = (uint16_t)(p->data - (uint8_t *)m->buf_addr);
	m->data_len = p->len;
	m->pkt_len = p->len;
	return m;
}

#endif
