/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/pkt_mbuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf_dyn.h>
#include <rte_mbuf_pool_ops.h>

#include "vnet/pkt_pool.h"

#define POOL_CACHE 128
#define PLAIN_ROOM 2048	 /* bytes of a buffer for frames of the usual length */
#define PAGE	   4096u /* AF_XDP allows no larger buffer */
#define XDP_ROOM   256u	 /* that the kernel keeps before each frame for XDP programs (XDP_PACKET_HEADROOM) */
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

static void no_memory(const char *name, uint32_t n, uint32_t size, int err, struct why *why)
{
	why_fail(why, err, "%s: no memory for %u frame buffers of %u bytes (%s): raise `memory`, or lower queue-depth", name, n, size, rte_strerror(err));
}

struct rte_mempool *pkt_pool_create(const char *name, uint32_t n, uint32_t max_len, struct why *why)
{
	uint16_t room = (uint16_t)(RTE_PKTMBUF_HEADROOM + (max_len < PLAIN_ROOM - RTE_PKTMBUF_HEADROOM ? PLAIN_ROOM : RTE_ALIGN_CEIL(max_len + 64, 64)));
	struct rte_mempool *pool;

	if (reserve_key(why))
		return NULL;
	pool = rte_pktmbuf_pool_create(name, n, POOL_CACHE, sizeof(struct pkt), room, SOCKET_ID_ANY);
	if (!pool)
		no_memory(name, n, room, rte_errno, why);
	return pool;
}

/* Where in memory the driver of an AF_XDP socket takes the pool to be: n buffers side by side, from the first one on (DPDK 22.11). */
static bool within(const struct rte_mempool *pool, const void *obj, size_t size)
{
	uintptr_t first = (uintptr_t)STAILQ_FIRST(&pool->mem_list)->addr;
	uintptr_t at = (uintptr_t)obj - pool->header_size;

	return at >= first && at - first + size <= pool->size * size;
}

/* Takes buffers that are not there out of the pool, for good. Their number, or -errno. */
static int withdraw(struct rte_mempool *pool)
{
	size_t size = rte_mempool_calc_obj_size(pool->elt_size, pool->flags, NULL);
	uint32_t n = pool->populated_size, good = 0, i;
	void **obj = malloc(n * sizeof(*obj));
	int err = obj ? rte_mempool_generic_get(pool, obj, n, NULL) : -ENOMEM;

	for (i = 0; i < n && !err; i++)
		if (within(pool, obj[i], size))
			obj[good++] = obj[i];
	if (!err)
		rte_mempool_generic_put(pool, obj, good, NULL);
	free(obj);
	return err ? err : (int)(n - good);
}

/* Each buffer a page: there are no gaps, and nothing crosses a page. */
static struct rte_mempool *create_paged(const char *name, uint32_t n, uint32_t max_len, struct why *why)
{
	const unsigned int flags = RTE_MEMPOOL_F_NO_SPREAD; /* or DPDK makes each a cache line longer, and that is more than a page */
	struct rte_pktmbuf_pool_private priv = {.mbuf_priv_size = sizeof(struct pkt)};
	struct rte_mempool_objsz size;
	struct rte_mempool *pool;
	uint32_t elt, most;
	int err;

	if (reserve_key(why))
		return NULL;
	rte_mempool_calc_obj_size(PAGE / 2, flags, &size);
	elt = PAGE - size.header_size - size.trailer_size;
	priv.mbuf_data_room_size = (uint16_t)(elt - sizeof(struct rte_mbuf) - sizeof(struct pkt));
	most = priv.mbuf_data_room_size - RTE_PKTMBUF_HEADROOM - XDP_ROOM;
	if (max_len > most) {
		why_fail(why, EINVAL, "port %s: mtu: AF_XDP has a page for a frame and what goes with it: lower it by %u, or take net_af_packet", name,
			 max_len - most);
		return NULL;
	}
	pool = rte_mempool_create_empty(name, n, elt, POOL_CACHE, sizeof(priv), SOCKET_ID_ANY, flags);
	err = pool ? rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), NULL) : -rte_errno;
	if (!err) {
		rte_pktmbuf_pool_init(pool, &priv);
		err = rte_mempool_populate_default(pool);
	}
	if (err < 0) {
		no_memory(name, n, PAGE, -err, why);
		rte_mempool_free(pool);
		return NULL;
	}
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}

struct rte_mempool *pkt_pool_create_xdp(const char *name, uint32_t n, uint32_t max_len, struct why *why)
{
	bool paged = !rte_eal_has_hugepages() || max_len > PLAIN_ROOM - XDP_ROOM;
	struct rte_mempool *pool = paged ? create_paged(name, n, max_len, why) : pkt_pool_create(name, n, max_len, why);
	int astray = pool ? withdraw(pool) : 0;

	if (astray >= 0 && (uint32_t)astray <= n / 64)
		return pool;
	why_fail(why, ENOMEM, "port %s: AF_XDP wants %u frame buffers in one piece of memory, and there is none: raise `memory`, or lower queue-depth", name, n);
	rte_mempool_free(pool);
	return NULL;
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
