/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng: a writer for one section with one Ethernet interface and nanosecond stamps (draft-ietf-opsawg-pcapng).
 *
 * libpcap reads pcapng but does not write it. Output is buffered by stdio; the first error is kept and returned by pcapng_close().
 * One thread.
 */
#ifndef TAKT_PROBES_PCAPNG_H
#define TAKT_PROBES_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

#include "base/why.h"

struct pcapng {
	FILE *f;
	int error;	/* -errno of the first failed write, 0 so far */
};

struct pcapng_conf {
	const char *interface;		/* if_name */
	const char *filter;		/* if_filter, or NULL */
	const char *comment;		/* of the interface: what clock the stamps are */
	uint32_t snaplen;
};

struct pcapng_frame {
	int64_t t;			/* ns of the clock that the comment names */
	const uint8_t *data;
	uint32_t caplen, len;
	uint64_t packetid;		/* epb_packetid; 0: none */
};

struct pcapng_stats {
	int64_t t_begin, t_end;		/* ns, same clock */
	uint64_t received, dropped, os_dropped;
};

/* -errno and a sentence when the file cannot be made. */
int pcapng_open(struct pcapng *p, const char *path, const struct pcapng_conf *conf, struct why *why);
void pcapng_write(struct pcapng *p, const struct pcapng_frame *frame);
int pcapng_close(struct pcapng *p, const struct pcapng_stats *stats);	/* stats may be NULL */

#endif
