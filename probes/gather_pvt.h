/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gather_pvt: what gather's files share and nobody else sees.
 */
#ifndef TAKT_PROBES_GATHER_PVT_H
#define TAKT_PROBES_GATHER_PVT_H

#include "probes/evsource.h"
#include "probes/gather.h"
#include "probes/host.h"
#include "probes/records.h"
#include "probes/wire_watch.h"

#define GATHER_MARKS 64

/* How one source is read, and how its array grows. */
struct gather_feed {
	struct gather *g;
	struct gather_source *s;
	struct evsource *stream;
	struct wire_watch *wire;
	struct host *host;
	size_t room;
	/* What was there when: so that old events go, whatever instants they claim. A ring. */
	struct {
		int64_t t_mono;
		size_t n;
	} mark[GATHER_MARKS];
	int n_marks;
	int err;
};

struct gather_io {
	struct gather_conf conf;
	struct records records;
	char file[512];		/* of records, instead of a taktd */
	bool live;
	size_t rec_room, gap_room;
	int64_t t_now;		/* newest instant of the axis that was read */
	int64_t t_trim, t_renew;	/* CLOCK_MONOTONIC: next time */
	struct gather_feed feed[GATHER_SOURCES];
};

/* A source more; NULL when there are too many. */
struct gather_source *gather_source_add(struct gather *g, enum gather_kind kind, const char *name, uint8_t port);

/* What others wrote reaches terminals: all strings in it become printable. */
void gather_printable(json_t *j);

/* Append; -ENOMEM. */
int gather_add_rec(struct gather *g, const struct pkt *p, uint64_t key);
int gather_add_gap(struct gather *g, const struct rec_gap *gap);

/* What the readers call. Errors are kept in the feed. */
void gather_on_event(void *feed, const struct event *e);
void gather_on_meta(void *feed, const char *json);
void gather_on_trouble(void *feed, uint64_t offset, const char *sentence);
void gather_on_restart(void *feed);

/* gather_live.c: open everything that is asked for. */
int gather_open_live(struct gather *g, struct why *why);
int gather_poll_live(struct gather *g, struct why *why);
void gather_close_live(struct gather *g);

/* gather_save.c and gather_load.c: a recording's folder. */
#define GATHER_DIR_VERSION 1
#define GATHER_DIR_RECORDS "records.bin"
#define GATHER_DIR_META	   "meta.json"
#define GATHER_DIR_PATH	   512

extern const char *const gather_kinds[GATHER_WIRE + 1];	/* as meta.json names them */
void gather_dir_path(char path[GATHER_DIR_PATH], const char *dir, const char *file);
int gather_load(struct gather *g, const char *dir, struct why *why);

#endif
