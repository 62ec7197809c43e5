/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evsource: where a stream of events comes from: the other end of evsink.
 *
 *	PATH		a file; a FIFO
 *	unix:PATH	a socket that somebody else listens at: QEMU's, `-chardev socket,path=PATH,server=on,wait=off` of a virtio-serial port
 *	udp:PORT	datagrams to any address of ours, udp:ADDR:PORT to one
 *	vsock:PORT	we listen; one guest, its newest connection
 *
 * Of udp and vsock only who spoke first is heard, by its address or CID: another guest that finds the port does not speak in its name.
 *
 * A connection that broke is made again (unix, ten times a second) or waited for (vsock); what was cut off is told as damage by the reader.
 * Nothing here waits: who uses it calls evsource_work() now and then, 10 times a second or more. One thread.
 */
#ifndef TAKT_PROBES_EVSOURCE_H
#define TAKT_PROBES_EVSOURCE_H

#include <stdbool.h>

#include "base/why.h"
#include "probes/evfile.h"

struct evsource;

/* follow: the end of a file is not the end, it may grow. -errno and a sentence; a unix socket that nobody listens at yet is no failure. */
int evsource_open(struct evsource **out, const char *spec, bool follow, const struct evreader_conf *conf, struct why *why);
void evsource_close(struct evsource *s);

/* Deliver what is there, for a twentieth of a second at most. 1: there was something, 0: nothing now, -ENODATA: the end (a file's, not followed), -errno: it cannot be read. */
int evsource_work(struct evsource *s);

const struct evreader_stat *evsource_stat(const struct evsource *s);
const char *evsource_name(const struct evsource *s);	/* as it was given */

#endif
