/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/port_mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* One frame on the heap: its key, its struct pkt, then room in front, then bytes. */
struct cell {
	uint64_t key;
	struct pkt pkt;
	uint8_t room[PKTBUF_HEADROOM + PORT_MEM_FRAME];
};

static_assert(offsetof(struct cell, pkt) == sizeof(uint64_t), "pktbuf_key()");

struct pkt *port_mem_frame(const struct pktbuf *buf, const void *data, uint32_t len)
{
	struct cell *c;

	if (len > PORT_MEM_FRAME)
		return NULL;
	c = malloc(sizeof(*c));
	if (!c)
		return NULL;
	c->key = 0;
	memset(&c->pkt, 0, sizeof(c->pkt));
	c->pkt.data = c->room + PKTBUF_HEADROOM;
	c->pkt.len = (uint16_t)len;
	memcpy(c->pkt.data, data, len);
	++*(int64_t *)buf->ctx;
	return &c->pkt;
}

static struct pkt *heap_copy(void *ctx, const struct pkt *p)
{
	struct pktbuf buf = {.ops = &port_mem_heap, .ctx = ctx};
	struct pkt *q = port_mem_frame(&buf, p->data, p->len);
	uint8_t *data;

	if (!q)
		return NULL;
	data = q->data;
	*q = *p;
	q->data = data;
	*pktbuf_key(q) = *pktbuf_key(p);
	return q;
}

static void heap_free(void *ctx, struct pkt *p)
{
	free(pktbuf_key(p));
	--*(int64_t *)ctx;
}

const struct pktbuf_ops port_mem_heap = {.copy = heap_copy, .free = heap_free};

bool port_mem_put(struct port_mem *mem, struct pkt *p)
{
	if (mem->head - mem->tail == PORT_MEM_RX)
		return false;
	mem->rx[mem->head++ % PORT_MEM_RX] = p;
	return true;
}

static uint16_t mem_rx(struct port *port, struct pkt **p, uint16_t n)
{
	struct port_mem *mem = port->priv;
	uint16_t i;

	for (i = 0; i < n && mem->tail != mem->head; i++)
		p[i] = mem->rx[mem->tail++ % PORT_MEM_RX];
	return i;
}

static uint16_t mem_tx(struct port *port, struct pkt **p, uint16_t n)
{
	struct port_mem *mem = port->priv;
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (mem->sent && !mem->sent(mem->ctx, port, p[i]))
			break;
		pktbuf_free(&mem->buf, p[i]);
	}
	return i;
}

static bool mem_up(struct port *port)
{
	return ((struct port_mem *)port->priv)->up;
}

static const char *mem_ring(const struct port *port)
{
	(void)port;
	return "";
}

static void mem_close(struct port *port)
{
	struct port_mem *mem = port->priv;

	for (; mem->tail != mem->head; mem->tail++)
		pktbuf_free(&mem->buf, mem->rx[mem->tail % PORT_MEM_RX]);
}

static const struct port_ops mem_ops = {
	.kind = "mem",
	.rx = mem_rx,
	.tx = mem_tx,
	.up = mem_up,
	.ring = mem_ring,
	.close = mem_close,
};

void port_mem_open(struct port *port, struct port_mem *mem, const struct pktbuf *buf)
{
	mem->buf = *buf;
	mem->up = true;
	port->ops = &mem_ops;
	port->priv = mem;
}
