/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/pkt_mbuf.h"

#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf_dyn.h>

#include "vnet/pkt_pool.h"

#define POOL_CACHE 128
#define KEY_AT	   (sizeof(struct rte_mbuf) - sizeof(uint64_t)) /* right before the private area, in a line that a free touches anyway */

static_assert(KEY_AT >= offsetof(struct rte_mbuf, dynfield1), "the end of an mbuf is room for fields of others");

/* The same field each time: registering it again is legal. */
static int reserve_key(struct why *why)
{
	static const struct rte_mbuf_dynfield field = {.name = "takt_key", .size = sizeof(uint64_t), .align = sizeof(uint64_t)};

	if (rte_mbuf_dynfield_register_offset(&field, KEY_AT) == (int)KEY_AT)
		return 0;
	return why_fail(why, rte_errno, "DPDK has given the room for frames' keys to somebody else (%s)", rte_strerror(rte_errno));
}

struct rte_mempool *pkt_pool_create(const char *name, uint32_t n, uint32_t max_len, struct why *why)
{
	uint16_t room = (uint16_t)(RTE_PKTMBUF_HEADROOM + (max_len < 2048 - RTE_PKTMBUF_HEADROOM ? 2048 : RTE_ALIGN_CEIL(max_len + 64, 64)));
	struct rte_mempool *pool;

	if (reserve_key(why))
		return NULL;
	pool = rte_pktmbuf_pool_create(name, n, POOL_CACHE, sizeof(struct pkt), room, SOCKET_ID_ANY);
	if (!pool)
		why_fail(why, rte_errno, "%s: no memory for %u frame buffers of %u bytes (%s): raise `memory`, or lower queue-depth", name, n,
			 room, rte_strerror(rte_errno));
	return pool;
}

/* A copy comes from the pool of the original: flooding is paid for by who floods. */
static struct pkt *mbuf_copy(void *ctx, const struct pkt *p)
{
	struct rte_mbuf *from = pkt_mbuf((struct pkt *)p);
	struct rte_mbuf *m = rte_pktmbuf_alloc(from->pool);
	struct pkt *q;
	uint8_t *data;

	(void)ctx;
	if (!m)
		return NULL;
	q = pkt_of(m);
	data = rte_pktmbuf_mtod(m, uint8_t *);
	memcpy(data, p->data, p->len);
	*q = *p;
	q->data = data;
	*pktbuf_key(q) = *pktbuf_key(p);
	return q;
}

static void mbuf_free(void *ctx, struct pkt *p)
{
	(void)ctx;
	rte_pktmbuf_free(pkt_mbuf(p));
}

const struct pktbuf_ops pkt_mbuf_ops = {.copy = mbuf_copy, .free = mbuf_free};
