/* SPDX-License-Identifier: BSD-3-Clause */
/* pkt_pool: frames held in mbufs, for those who need not know what an mbuf is. */
#ifndef TAKT_VNET_PKT_POOL_H
#define TAKT_VNET_PKT_POOL_H

#include "vnet/pktbuf.h"

extern const struct pktbuf_ops pkt_mbuf_ops; /* needs no ctx */

#endif
