/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gather: all that is known of some seconds, from every source, on one axis: taktd's records and poll gaps, the events of guests, of the host and of wires.
 *
 * Live, it is filled by gather_poll() and keeps what is younger than keep_ns, so that memory is bounded; what was forgotten, lost or damaged is counted.
 * A recording is a folder that gather_save() writes and gather_open() reads (docs/formats.md):
 *
 *	meta.json	versions, ports, what taktd's `show` and `dump` said, the sources, what was lost, and what the caller adds
 *	records.bin	struct rec_shm, poll gaps, records and keys, as taktd publishes them (vnet/rec.h)
 *	*.ev		a source's events (evfile.h), its last META first
 *
 * The axis is taktd's: TAI ns as its worker reads them. Host and wire clocks are the same machine's, so they differ from it by axis_error_ns at most.
 * A guest's clock is joined to it by causes (join.h): those of its exchanges are told here, those of frames by ways.h.
 *
 * One thread.
 */
#ifndef TAKT_PROBES_GATHER_H
#define TAKT_PROBES_GATHER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "base/why.h"
#include "probes/evfile.h"
#include "probes/event.h"
#include "probes/join.h"
#include "vnet/rec.h"

#define GATHER_SOURCES (OPT_LIST_MAX + 1)

enum gather_kind { GATHER_GUEST, GATHER_HOST, GATHER_WIRE };

/* The row of all commands that join a guest's clock: `field` is where gather_conf.wander_ppb comes from. */
#define GATHER_WANDER(field) {"wander", 0, OPT_INT, field, "PPB", "1000", 1, 1000000, \
	"a guest's clock changes its rate by PPB at most within 4 s: more where somebody steers it (10000 for a servo at rest), and the bound grows"}

struct gather_conf {
	const char *name;	/* taktd: instance or path of its control socket, as client_map(); NULL: the default one */
	const char *input;	/* a recording's folder: then nothing else is read. Or a (copied) file of records, instead of a taktd */
	struct opt_list guests;	/* PORT=SRC: the guest at taktd's PORT; SRC as evsource.h, or a file of events */
	struct opt_list wires;	/* PORT=IFACE[@NETNS]: watched at the far end of that wire; or PORT=FILE.pcapng */
	const char *host;	/* "live", or a file of events; NULL: no host */
	int64_t keep_ns;	/* 0: all */
	int64_t wander_ppb;	/* join_conf */
};

struct gather_rec {
	struct pkt p;
	uint64_t key;		/* base/key.h; 0: a taktd that publishes none */
};

/* Of a guest: its own time. Of the host: likewise. Of a wire: the axis already. */
struct gather_source {
	enum gather_kind kind;
	char name[64];		/* SRC, IFACE, ... as it was given */
	uint8_t port;		/* index of taktd's port; PKT_NO_PORT of the host */
	struct event *event;	/* in the order in which they came; nearly that of t */
	size_t n_events;
	uint64_t forgotten;	/* events older than keep_ns */
	json_t *meta;		/* the last META of its stream; NULL: none so far */
	struct evreader_stat stat;
	char trouble[WHY_LEN];	/* the first one: what is damaged, and where; "" */
	uint64_t troubles;
	struct join *join;	/* to the axis; of a wire NULL. May be without data */
	struct join *exchange;	/* of a guest: by its exchanges alone, what frames are checked against */
	bool ended;		/* nothing more will come */
};

struct gather {
	/* taktd */
	char instance[64];
	uint32_t n_ports;
	char port_name[PKT_MAX_PORTS][REC_NAME];
	bool port_guest[PKT_MAX_PORTS];	/* by its records so far */
	json_t *show, *dump;	/* what it answered at the beginning, with the vCPUs of guests that came since (gather_vcpus.h); NULL: it did not */
	int tai_offset_s;	/* the axis minus UTC: taktd's, which may not be the kernel's */
	bool tai_offset_known;	/* false: of a bare file of records, whose taktd said nothing */
	int64_t axis_error_ns;	/* taktd's own bound of its clock */
	uint32_t gap_ns;	/* shortest poll gap that it publishes */
	uint64_t restarts;
	bool ended;		/* taktd has ended, or the recording is at its end */

	/* in order of t_out, nearly: a burst of one port is in order */
	struct gather_rec *rec;
	size_t n_recs;
	uint64_t recs_lost, recs_forgotten;
	struct rec_gap *gap;
	size_t n_gaps;
	uint64_t gaps_lost;

	struct gather_source source[GATHER_SOURCES];
	int n_sources;
	json_t *meta;		/* of a recording: meta.json. Live: NULL */

	struct gather_io *io;	/* how it is read */
};

/*
 * -errno and a sentence: no such taktd, port, file or interface, no rights. Sources that are streams need not have begun.
 * A file that is damaged is no error: what is whole is used, and the source says what was not (trouble).
 */
int gather_open(struct gather **out, const struct gather_conf *conf, struct why *why);
void gather_close(struct gather *g);	/* NULL is legal */

/* Take in what there is, waiting for wait_ns at most if there is nothing. -ENOMEM, -EIO with a sentence. */
int gather_poll(struct gather *g, int64_t wait_ns, struct why *why);

/* Poll for so long, or until Ctrl-C (base/term.h) or the end of everything. A recording is whole at once. */
int gather_run(struct gather *g, int64_t ns, struct why *why);

/* Work out the joins from what was told so far. 0 even if one has no data: join_map() says so. -ENOMEM. */
int gather_fit(struct gather *g);

/* Where an instant of this source is on the axis. bound_ns is INT64_MAX when nothing is known; t is then 0. */
struct join_point gather_map(const struct gather *g, const struct gather_source *s, int64_t t);

/* The newest instant of the axis up to which records have been read, 0: none; a live one's sources may be behind it by half a second. */
int64_t gather_now(const struct gather *g);

/* The coverage table of a source: is this point live? 1, 0, or -1 when its table does not have it, or has not come. *why_not: its reason, or NULL. */
int gather_point(const struct gather_source *s, const char *point, const char **why_not);

/* A guest without probes: its events are a packet socket's (EV_COARSE), see way.h. */
bool gather_is_coarse(const struct gather_source *s);

/* The source of this kind at this port; NULL. */
const struct gather_source *gather_at(const struct gather *g, enum gather_kind kind, uint8_t port);

/* "?" for a port without a name. PKT_MAX_PORTS for a name without a port. */
const char *gather_port(const struct gather *g, uint8_t port);
uint8_t gather_port_index(const struct gather *g, const char *name);

/* Is there a folder that `dir` could be made in? To be asked before something is recorded for it. 0, or -errno and a sentence. */
int gather_save_check(const char *dir, struct why *why);

/* Write what is there as a folder that does not exist yet; `extra` (stolen, may be NULL) becomes meta.json's "extra". Nothing is left behind on failure. */
int gather_save(const struct gather *g, const char *dir, json_t *extra, struct why *why);

#endif
