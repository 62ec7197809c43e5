/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worker_ptp: the worker's part of a transparent clock (IEEE 1588-2008 10, 11.5).
 *
 * An event message's correction is written when it is handed over, behind gates, shapers and queues: by the same clock
 * read that its gate is checked against, so that of every record of a corrected message without receive stamp
 *
 *	correction added == (t_out - hop_ns[SEND] - t_seen) * rate + what the ports' latencies and asymmetry say
 *
 * It goes alone: nothing is handed over between that read and it. If the driver refuses it, the correction is taken
 * back. If the hand-over took longer than twice PORT_PTP_DOUBT_NS, nobody knows when it left: what completes it (ptp/pair.h)
 * is dropped, so that its receiver forgets it. A lost message is nothing to a clock servo; a wrong one is.
 */
#ifndef TAKT_VNET_WORKER_PTP_H
#define TAKT_VNET_WORKER_PTP_H

#include "vnet/worker_pvt.h"

#define WORKER_PTP_HEAD 54 /* bytes of a message that pair.h looks at */

/* An event message on its way out. */
struct worker_ptp_out {
	bool event;			/* the rest holds */
	struct msg m;			/* of `head` */
	uint8_t head[WORKER_PTP_HEAD];	/* as it was before: the driver may reuse the buffer at once */
	uint16_t checksum;		/* UDP's, as it was before */
};

/*
 * How many of these n picks may be handed over as they are: up to the first event message, or that alone. A message
 * that completes one with more to say about is corrected; 0: the first was dropped, choose again.
 */
uint32_t worker_ptp_cut(struct worker *w, struct port *port, const struct egress_pick *picks, uint32_t n);

/* The only pick, if it is an event message, is to start at t_start: write its correction. */
void worker_ptp_write(struct worker *w, struct port *port, struct pkt *p, int64_t t_start, struct worker_ptp_out *out);

/* The driver refused it: as if it had not been written. */
void worker_ptp_undo(struct pkt *p, const struct worker_ptp_out *out);

/* It was handed over, between t_hand and t_out. */
void worker_ptp_sent(struct worker *w, struct port *port, const struct worker_ptp_out *out, int64_t t_hand, int64_t t_out);

#endif
