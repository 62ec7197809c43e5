/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * export: frames' ways in the formats of other tools. A format is a row of `formats` (export.c) with the functions below; docs/formats.md has
 * what each of them writes.
 *
 *	begin, (frame | gap | event)..., tick..., end
 *
 * Formats know nothing of where frames come from, sources nothing of what is written. One thread.
 */
#ifndef TAKT_PROBES_EXPORT_H
#define TAKT_PROBES_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/opt.h"
#include "base/why.h"
#include "probes/event.h"
#include "probes/port_names.h"
#include "probes/sink.h"
#include "probes/way.h"

struct export_conf {
	const char *name, *input, *output, *port, *host;
	struct opt_list guests, wires;
	int64_t tc;
	int64_t duration_ns, interval_ns;
	int64_t count, worst, threshold_ns;
};

struct export {
	const struct export_conf *conf;
	struct sink sink;
	FILE *f;			/* the sink's */
	struct port_names ports;
	const char *instance;
	int64_t t_first, t_last;	/* TAI ns: t_seen of the first frame, t_out of the last; 0: no frame */
	int64_t t_tick;			/* TAI ns: when this interval began */
	uint64_t frames, lost;
	int tai_offset_s;		/* TAI - UTC */
	void *state;			/* the format's */
};

/* Functions return 0 or -errno; a sentence in why, or -ENOMEM, or the stream's error. Any may be NULL. */
struct export_format {
	const char *name;
	const char *help;	/* one line */
	bool guests;		/* shows edges outside taktd too, where they are known */
	bool own;		/* opens what --output names itself: begin() gets no stream */
	bool stream;		/* can be read while it is written: flushed whenever something came */
	int (*begin)(struct export *x, struct why *why);
	int (*frame)(struct export *x, const struct way *w);
	int (*gap)(struct export *x, const struct rec_gap *g);
	int (*event)(struct export *x, const char *source, int64_t t, int64_t t_end, const struct event *e);	/* spans; TAI ns */
	int (*tick)(struct export *x, int64_t t_end, struct why *why);	/* an interval is over */
	int (*refresh)(struct export *x, struct why *why);	/* every --interval of a live source, whether frames come or not */
	int (*end)(struct export *x, struct why *why);
	void (*fini)(struct export *x);	/* always, also after an error */
};

extern const struct export_format export_pcapng, export_jsonl, export_csv, export_trace, export_hgrm, export_hlog, export_openmetrics;

/* 0, or why the last write into the stream failed; to be asked right after it. */
int export_error(const struct export *x);

/* %XX for what has a meaning in a file's name or a tag: all but letters, digits, '-', '_' and, not in front, '.'. buf: 3 * strlen + 1. */
void export_safe(char *buf, size_t size, const char *name);

#endif
