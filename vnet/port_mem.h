/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port_mem: a port in plain memory, for simulation and tests. What is sent is shown to a callback and freed;
 * what is to be received is put in by the test. In taktd a "mem" port is a quiet place: nothing comes from it, whatever is sent to it is gone.
 */
#ifndef TAKT_VNET_PORT_MEM_H
#define TAKT_VNET_PORT_MEM_H

#include "vnet/pktbuf.h"
#include "vnet/port.h"

#define PORT_MEM_RX 1024 /* frames that may wait to be received, a power of two */

struct port_mem {
	struct pktbuf buf;
	bool up;
	uint32_t head, tail;
	struct pkt *rx[PORT_MEM_RX];

	/* Sees each frame that is sent, before it is freed. Returning false refuses it: the caller keeps it. NULL takes all. */
	bool (*sent)(void *ctx, struct port *port, struct pkt *p);
	void *ctx;
};

/* Makes `port` a memory port; `mem` outlives it. */
void port_mem_open(struct port *port, struct port_mem *mem, const struct pktbuf *buf);

/* False when full. The frame comes from the same buffers. */
bool port_mem_put(struct port_mem *mem, struct pkt *p);

/* Buffers from the heap, for use without DPDK: frames of up to `size` bytes. */
#define PORT_MEM_FRAME 2048
extern const struct pktbuf_ops port_mem_heap; /* ctx: int64_t *, counts buffers in use */
struct pkt *port_mem_frame(const struct pktbuf *buf, const void *data, uint32_t len); /* NULL: out of memory */

#endif
