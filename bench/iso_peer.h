/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iso_peer: `isochron rcv` somewhere, which keeps the stamps of frames only for who tells it how many will come, and has to be asked for them.
 *
 * Its management protocol, version 2, over TCP. A message is version (8 bits), action (8), 16 reserved, bytes that follow (32); then type 0 (16), what it is about (16), bytes of that (32); all big-endian.
 */
#ifndef TAKT_BENCH_ISO_PEER_H
#define TAKT_BENCH_ISO_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "bench/iso.h"

#define ISO_PEER_PORT 5000

/*
 * Tell the one at "ADDRESS[:PORT]" that `frames` will come, in UDP or not; `mac` is that which it listens for. Returns the descriptor, which the caller closes, or
 * -errno and a sentence: nobody there, or nobody who speaks it.
 */
int iso_peer_open(const char *address, bool udp, uint32_t frames, uint8_t mac[static 6], struct why *why);

/* Its receive records, into `iso`. It waits for frames that have not come, for 5 seconds. 0, or -errno and a sentence. */
int iso_peer_fetch(int fd, struct iso *iso, struct why *why);

#endif
