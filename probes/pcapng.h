/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng: a writer for one section of Ethernet interfaces with nanosecond stamps (draft-ietf-opsawg-pcapng).
 *
 * libpcap reads pcapng but does not write it. docs/formats.md says what we put into which option.
 *
 *	pcapng_open(&p, path, &why);
 *	id = pcapng_interface(&p, &conf);	any time before its first frame; numbers count from 0
 *	pcapng_write(&p, &frame); ...
 *	pcapng_flush(&p);			for a reader that looks on; without it, whole buffers go out
 *	pcapng_stats(&p, id, &stats);		after an interface's last frame
 *	err = pcapng_close(&p);
 *
 * Output is buffered by stdio; the first error is kept and returned by pcapng_close(). One thread. Who writes into a pipe ignores SIGPIPE:
 * error is -EPIPE when its reader has gone.
 */
#ifndef TAKT_PROBES_PCAPNG_H
#define TAKT_PROBES_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"

struct pcapng {
	FILE *f;
	bool borrowed;	/* the caller's: not closed here */
	int interfaces;
	int error;	/* -errno of the first failed write, 0 so far */
};

struct pcapng_conf {
	const char *name;		/* if_name */
	const char *description;	/* if_description, or NULL */
	const char *filter;		/* if_filter, or NULL */
	const char *comment;		/* of the interface: what clock the stamps are */
	uint32_t snaplen;
};

enum pcapng_direction { PCAPNG_UNKNOWN, PCAPNG_IN, PCAPNG_OUT };	/* as in epb_flags */
#define PCAPNG_NO_QUEUE UINT32_MAX

struct pcapng_frame {
	int interface;			/* its number */
	int64_t t;			/* ns of the clock that the interface's comment names */
	const uint8_t *data;
	uint32_t caplen, len;
	uint64_t packetid;		/* epb_packetid; 0: none */
	enum pcapng_direction direction;
	uint32_t queue;			/* epb_queue, or PCAPNG_NO_QUEUE */
	const char *comment;		/* or NULL; at most some 4,000 bytes, UTF-8 */
};

struct pcapng_stats {
	int64_t t_begin, t_end;		/* ns, same clock */
	uint64_t received, dropped, os_dropped;
};

/* "-" is standard output. -errno and a sentence when the file cannot be made; -EINTR: a signal came while a FIFO had no reader yet. */
int pcapng_open(struct pcapng *p, const char *path, struct why *why);

/* The same into a stream that stays the caller's: pcapng_close() does not close it. */
void pcapng_attach(struct pcapng *p, FILE *f);

int pcapng_interface(struct pcapng *p, const struct pcapng_conf *conf);
void pcapng_write(struct pcapng *p, const struct pcapng_frame *frame);
void pcapng_flush(struct pcapng *p);
void pcapng_stats(struct pcapng *p, int interface, const struct pcapng_stats *stats);
int pcapng_close(struct pcapng *p);	/* also one that was never opened, if it is zeroed */

#endif
