/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evsink: where a stream of events goes to.
 *
 *	PATH			a file, written anew (./PATH where it would be read as one of the others)	-	standard output
 *	serial:NAME		the virtio-serial port of this name: the host has its other end
 *	vsock:PORT		the host (CID 2), over vsock
 *	udp:ADDR:PORT		datagrams, a block each; [ADDR]:PORT for IPv6
 *
 * A sink that does not take a block within EVSINK_WAIT_MS loses it: what feeds it must not stall (standard output is waited for). A block is written whole or not at all:
 * of one that was begun the rest goes out first. A stream socket that broke is connected again, once a second. One thread.
 */
#ifndef TAKT_PROBES_EVSINK_H
#define TAKT_PROBES_EVSINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define EVSINK_WAIT_MS 50
#define EVSINK_SERIAL  "takt.0"		/* the port that is looked for when none is named */
#define EVSINK_VSOCK   7117		/* and the vsock port */

struct evsink;

/* spec NULL: serial:takt.0 if there is such a port, else vsock:7117, else -ENODEV. */
int evsink_open(struct evsink **out, const char *spec, struct why *why);
void evsink_close(struct evsink *s);		/* waits for nothing */

int evsink_write(void *sink, const void *block, size_t bytes);	/* an evfile_write_fn */
uint32_t evsink_block_max(const struct evsink *s);	/* for evwriter_init() */
const char *evsink_name(const struct evsink *s);	/* for people: "serial:takt.0 (/dev/vport1p1)" */

#endif
