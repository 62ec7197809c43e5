/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_sched: one port's schedule, in three notations.
 *
 *	yaml	gate-parameters alone or under that key beside a port's shapers and tables of policing, or a whole taktd file
 *	tc	a line "tc qdisc replace ... taprio ..." (tsn/qdisc.h)
 *	yang	RFC 7951 JSON of ieee802-dot1q-sched, -cbsa and -psfp: interfaces with gate-parameter-table and cbsa, a bridge's component or a
 *		system with stream-filters, stream-gates and flow-meters, or all those bare
 *
 * Each is read into the same struct and printed from it. What a notation does not say, or cannot carry, becomes a note: a sentence for the
 * person who asked, never an error. taktd itself reads yaml only (conf.h); the commands translate. docs/schedules.md is the user's page.
 */
#ifndef TAKT_VNET_CONF_SCHED_H
#define TAKT_VNET_CONF_SCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"
#include "tsn/cbs.h"
#include "tsn/gcl.h"
#include "tsn/qdisc.h"
#include "vnet/conf.h"

#define CONF_MAX_NOTES 16
#define CONF_NOTE_LEN  240

enum conf_format { CONF_AUTO, CONF_YAML, CONF_TC, CONF_YANG };

/* What becomes of PTP that waits for this port's gates. */
enum conf_ptp_way {
	CONF_PTP_UNKNOWN,	/* a schedule without its port */
	CONF_PTP_CORRECTED,	/* by taktd */
	CONF_PTP_UNCORRECTED,	/* what comes in at a port that lets it in and has "correction: false" */
	CONF_PTP_DENIED,	/* none goes out here */
};

struct conf_sched {
	/* asked for */
	const char *port;		/* whose schedule, in a file of several; NULL: the only one */
	enum conf_format format;	/* CONF_AUTO: find out; afterwards what it is */
	bool gates;			/* a port of a whole file is refused that has shapers or policing and no gates */
	int64_t link_bps;		/* 0: the file's, else 1 Gb/s; afterwards what holds */
	/* found */
	struct gcl_conf gate;		/* entries owned by this struct */
	struct cbs_conf cbs;		/* all 0: no class is shaped */
	struct conf_police police;	/* of what comes in there; owned by this struct */
	struct launch_conf launch[TSN_CLASSES];	/* those that are enabled */
	uint8_t ats;			/* bit n: class n waits for eligibility times */
	int64_t file_bps;		/* link-speed of its port in a whole file; 0: there is none */
	bool has_map;
	uint8_t map[8];			/* traffic-class-table: class of PCP 0..7 */
	int64_t pcp;			/* priority of untagged frames */
	struct qdisc_map tc_map;	/* of a tc line: num_tc, all 16 priorities, queues; num_tc 0: none */
	int32_t tc_overhead;		/* likewise, stab; 0: not said */
	char name[CONF_NAME_LEN];	/* port or interface it was written for, "" */
	int line;			/* where the schedule begins; 0: unknown */
	enum conf_ptp_way ptp;
	char ptp_from[CONF_NAME_LEN];	/* CONF_PTP_UNCORRECTED: a port that it comes in at */
	uint32_t n_notes;
	char note[CONF_MAX_NOTES][CONF_NOTE_LEN];
};

/* "yaml", "tc" or "yang". -EINVAL and a sentence. */
int conf_format_parse(enum conf_format *out, const char *text, struct why *why);
const char *conf_format_name(enum conf_format format);

/* Read a text in the notation it is in, or has to be in. -EINVAL and "WHERE:LINE: sentence"; conf_sched_fini() after success. */
int conf_sched_read(struct conf_sched *s, const char *text, const char *where, struct why *why);
void conf_sched_fini(struct conf_sched *s);

/* Is more than a gate list in it: shapers, policing? */
bool conf_sched_more(const struct conf_sched *s);

/* Would it run on its link? -EINVAL, and the sentence of gcl_create() or cbs_limits() with its place. */
int conf_sched_check(const struct conf_sched *s, const char *where, struct why *why);

/* The four numbers of each shaped class, for the longest frames that the schedule lets it carry; and the link. As conf_sched_check(). */
int conf_sched_limits(struct cbs_limits out[TSN_CLASSES], struct wire *wire, const struct conf_sched *s, struct why *why);

/*
 * Print in a notation (not CONF_AUTO). `dev` names the kernel's device or the interface; NULL: the name it was read for, else a placeholder.
 * What is lost is added to the notes. -EINVAL and a sentence when the notation has no words for it at all.
 */
int conf_sched_print(struct conf_sched *s, enum conf_format to, const char *dev, FILE *f, struct why *why);

/* A note of what traffic-class-table should be set on the port, where a schedule goes without it; none when that is the default anyway. */
void conf_sched_note_map(struct conf_sched *s);

void conf_sched_note(struct conf_sched *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The notations' own parts, for conf_sched.c. */
struct yml_node;
bool conf_yang_is(const struct yml_node *root);
int conf_yang_read(struct conf_sched *s, const struct yml_node *root, const char *where, struct why *why);
int conf_yang_read_police(struct conf_sched *s, const struct yml_node *root, const char *where, struct why *why);
int conf_yang_print(struct conf_sched *s, const char *dev, FILE *f, struct why *why);
bool conf_tc_is(const char *text);

/*
 * Take the first command out of a text of tc lines: up to the next line that begins one; what stands before the first is part of it.
 * Comments become blank lines, so that lines keep their numbers within a command. *line grows by its lines. free() it; NULL: out of memory.
 */
char *conf_tc_next(const char **text, int *line);
int conf_tc_read(struct conf_sched *s, const char *text, const char *where, struct why *why);
/* The last entry goes on until the end of the cycle, as it does not in the kernel by itself. By how much was it lengthened? */
int64_t conf_tc_hold_last(struct gcl_conf *g);
void conf_tc_note_lost(struct conf_sched *s);	/* what a tc line said and no other notation can */
int conf_tc_print(struct conf_sched *s, const char *dev, FILE *f, struct why *why);

#endif
