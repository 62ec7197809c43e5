/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bridge_pvt: what the bridge is made of; for bridge.c, which makes and ends it, and bridge_view.c, which answers questions.
 */
#ifndef TAKT_VNET_BRIDGE_PVT_H
#define TAKT_VNET_BRIDGE_PVT_H

#include <pthread.h>
#include <semaphore.h>

#include "ptp/follow.h"
#include "vnet/bridge.h"
#include "vnet/port_mem.h"
#include "vnet/worker.h"

struct bridge {
	struct worker worker;
	struct conf conf;
	struct follow *follow;
	struct pktbuf buf;
	struct port port[PKT_MAX_PORTS];
	struct port_mem mem[PKT_MAX_PORTS]; /* state of the ports that are in memory */
	uint32_t n_ports;		    /* opened */
	uint16_t generation;		    /* of the last schedule made */
	pthread_t thread;
	bool running;
	_Atomic bool stop;
	sem_t started;
	int start_error;
	struct why start_why;
};

#endif
