/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cause_span: what happened, by whom it happened to, on the TAI axis: an index for "what overlaps this interval".
 *
 * Spans of a source (the host, or a guest) are kept by thread (preempted, wakeup, stopped, slept, exit, halt) or by CPU (irq, softirq, ipi, nmi,
 * steal, lost; and what kept the thread that does its softirqs). Spans are added in any order, then cause_spans_sort(), then asked. Pure; one thread.
 */
#ifndef TAKT_PROBES_CAUSE_SPAN_H
#define TAKT_PROBES_CAUSE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/event.h"

#define CAUSE_HOST  (-1)	/* source: the host; 0 on: guests, as struct way numbers them */
#define CAUSE_TAKTD (-2)	/* source: taktd's own poll gaps, of "thread" 0 */

struct cause_span {
	int64_t t, t_end;	/* TAI ns */
	int64_t t_last;		/* the latest end of those of this owner up to here: sort() fills it */
	uint64_t arg;
	uint32_t owner;		/* thread, or CPU */
	uint32_t by;
	int16_t source;
	uint16_t kind;		/* enum event_kind; EV_NONE: a poll gap, whose enum rec_where is `by` */
	bool of_cpu;
	char who[EVENT_WHO];
};

struct cause_spans {
	struct cause_span *span;
	size_t n, room;
	bool sorted;
};

void cause_spans_fini(struct cause_spans *s);

/* An event of a kind that is no span, or no cause, is left out: 0. t and t_end are where it lies on the axis. -ENOMEM. */
int cause_spans_add(struct cause_spans *s, int source, const struct event *e, int64_t t, int64_t t_end);
int cause_spans_gap(struct cause_spans *s, int64_t t, int64_t t_end, uint32_t where);

/* Forget those that ended before t. */
void cause_spans_forget(struct cause_spans *s, int64_t t);

void cause_spans_sort(struct cause_spans *s);

/*
 * Spans of this owner that overlap [t, t_end) (by more than nothing): begin with *at = SIZE_MAX, call until NULL.
 */
const struct cause_span *cause_spans_next(const struct cause_spans *s, int source, bool of_cpu, uint32_t owner, int64_t t, int64_t t_end,
					  size_t *at);

#endif
