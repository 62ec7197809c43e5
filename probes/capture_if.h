/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capture_if: one interface of a capture, by libpcap, with nanosecond stamps.
 */
#ifndef TAKT_PROBES_CAPTURE_IF_H
#define TAKT_PROBES_CAPTURE_IF_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

#define CAPTURE_BLOCK_MS 50	/* the kernel hands frames over in blocks, at least this often */

struct capture_if {
	char name[64];
	pcap_t *pcap;
	int id;			/* of the interface in the file */
	void *owner;		/* whoever the frames are for */
};

struct capture_if_conf {
	const char *filter;	/* or NULL */
	int64_t snaplen, buffer_mib;
	bool immediate;
};

/* ci->name is set; zeroed otherwise. */
int capture_if_open(struct capture_if *ci, const struct capture_if_conf *conf, struct why *why);
void capture_if_close(struct capture_if *ci);

/* What the kernel has now, to on_frame(ci, ...); stamps' tv_usec holds nanoseconds. Frames, or -EIO and a sentence. */
int capture_if_read(struct capture_if *ci, pcap_handler on_frame, struct why *why);

#endif
