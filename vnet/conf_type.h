/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_type: the kinds of value a configuration is made of, and the rows of a schema.
 *
 * A type reads one node of a document into a field and prints a field so that it reads back the same. What it prints is YAML
 * and, with CONF_JSON as indent, JSON. A key is a row that names its type; reading, range errors, dump and reference come from the rows.
 */
#ifndef TAKT_VNET_CONF_TYPE_H
#define TAKT_VNET_CONF_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"
#include "vnet/yml.h"

#define CONF_JSON (-1)	/* as indent: print JSON on one line */

/* Where messages point to. */
struct conf_at {
	const char *where;	/* file */
	struct why *why;
};

struct conf_key;

struct conf_type {
	const char *name;	/* for the reference: "duration" */
	int (*read)(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field);
	void (*print)(const struct conf_key *k, const void *field, FILE *f, int indent);
	bool block;		/* prints what follows "KEY:" itself, beginning with a blank or a newline (but not in JSON) */
	bool (*absent)(const struct conf_key *k, const void *field);	/* nothing there to print, not even the key; NULL: never */
};

enum conf_key_flags {
	CONF_GUEST = 1 << 0,	/* only ports of this kind have the key; none of the three: all have it */
	CONF_WIRE  = 1 << 1,
	CONF_MEM   = 1 << 2,
	CONF_POW2  = 1 << 3,	/* a power of two */
	CONF_MUST  = 1 << 4,	/* has no default and must be given */
	CONF_OR_0  = 1 << 5,	/* or 0, outside of the range: none of it */
	CONF_KINDS = CONF_GUEST | CONF_WIRE | CONF_MEM,
};

struct conf_key {
	const char *key;		/* NULL ends the table */
	const struct conf_type *type;
	size_t offset;			/* of the field; types with several fields point at their struct */
	int64_t min, max;		/* numbers: range; text: max is the room with its NUL */
	const char *def;		/* default, as YAML; NULL: the field is zero */
	unsigned int flags;		/* enum conf_key_flags */
	const char *const *words;	/* of a choice, NULL at the end; the field is the index */
	const struct conf_key *sub;	/* keys of a nested mapping, for the reference */
	const char *help;		/* one sentence */
};

extern const struct conf_type conf_type_name;	/* char[max]: letters, digits, - _ . */
extern const struct conf_type conf_type_path;	/* char[max]: a path that begins with / */
extern const struct conf_type conf_type_text;	/* char[max] */
extern const struct conf_type conf_type_bool;	/* bool */
extern const struct conf_type conf_type_int;	/* int64_t */
extern const struct conf_type conf_type_ns;	/* int64_t */
extern const struct conf_type conf_type_speed;	/* int64_t, bit/s */
extern const struct conf_type conf_type_choice;	/* an enum: unsigned int */
extern const struct conf_type conf_type_gates;	/* struct gcl_conf: all keys of gate-parameters (conf_gate.c) */

extern const struct conf_type conf_type_cbs;	/* struct conf_port: credit-based-shaper (conf_shape.c) */
extern const struct conf_type conf_type_launch;	/* struct conf_port: launch-time */
extern const struct conf_type conf_type_ats;	/* struct conf_port: asynchronous-shaper */

extern const struct conf_type conf_type_instant;	/* int64_t, TAI ns */
extern const struct conf_type conf_type_cycle;	/* at cycle_ns of a struct gcl_conf, with its fraction; "auto" is 0 */

extern const struct conf_type conf_type_police;	/* struct conf_port: one of the tables of conf_police.h, by the row's key */
extern const struct conf_type conf_type_cqf;	/* struct conf_port: cqf */

extern const struct conf_type conf_type_ptp;	/* struct conf_ptp (conf_ptp.c) */
extern const struct conf_type conf_type_clock;	/* struct conf_clock (conf_clock.c) */

extern const struct conf_type conf_type_ports;	/* struct conf: its ports (conf_port.c) */

extern const struct conf_key conf_gate_keys[];	/* of gate-parameters, for the reference */
extern const struct conf_key conf_port_keys[];	/* of a port, for the reference */
extern const struct conf_key conf_clock_keys[];	/* of clock */
extern const struct conf_key conf_cbs_keys[];	/* of a class of credit-based-shaper */
extern const struct conf_key conf_launch_keys[];	/* of a class of launch-time */
extern const struct conf_key conf_filter_keys[], conf_stream_gate_keys[], conf_stream_entry_keys[], conf_meter_keys[],
			     conf_scheduler_keys[], conf_group_keys[], conf_cqf_keys[], conf_ptp_keys[];

/* "WHERE:LINE: KEY: sentence", -EINVAL. A NULL key is left out. */
int conf_refuse(const struct conf_at *at, int line, const char *key, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Set all fields to their defaults. */
int conf_keys_default(const struct conf_key *rows, void *base, struct why *why);

/* Read a mapping by its rows. Keys for other kinds of port than `kind` (one of CONF_KINDS, 0: all) are refused. */
int conf_keys_read(const struct conf_at *at, const struct conf_key *rows, const struct yml_node *map, unsigned int kind, void *base);

/* Print all keys of a mapping: as lines at `indent` (the first line's indentation is the caller's), or CONF_JSON. */
void conf_keys_print(const struct conf_key *rows, const void *base, unsigned int kind, FILE *f, int indent);

/* The same as the value of a key, which is at `indent`: {...}, or lines below it. */
void conf_keys_print_block(const struct conf_key *rows, const void *base, FILE *f, int indent);

/* The rows as a Markdown table, and as the paragraphs of a manual page. */
void conf_keys_doc(const struct conf_key *rows, FILE *f);
void conf_keys_man(const struct conf_key *rows, FILE *f);
void conf_put_roff(const char *s, FILE *f);	/* text that roff takes literally; what is in backquotes bold */

/* Would this schedule run on a link of that speed? Else as gcl_create(). */
struct gcl_conf;
int conf_check_link(const struct gcl_conf *gate, int64_t link_bps, struct why *why);
int conf_gate_line(const struct yml_node *gate);	/* the line to blame for a schedule */

/* A whole taktd file: has it a key of one? Read one, conf_fini() after success. */
struct conf;
bool conf_is_file(const struct yml_node *root);
int conf_read_root(struct conf *conf, const struct conf_at *at, const struct yml_node *root);

/* What the keys of shapers forbid each other, and the link forbids them; port: the node that was read into p. */
struct conf_port;
int conf_check_shaped_once(const struct conf_at *at, const struct yml_node *port, const struct conf_port *p); /* the former alone */
int conf_check_shapers(const struct conf_at *at, const struct yml_node *port, const struct conf_port *p);

/* What the tables of policing refer to, and whether each row of them can run; cqf, if given, is expanded first. port: the node read into p. */
int conf_check_police(const struct conf_at *at, const struct yml_node *port, struct conf_port *p);
int conf_cqf_make(const struct conf_at *at, const struct yml_node *cqf, struct conf_port *p);	/* fill in what cqf stands for */

/* ptp: defaults, which depend on the kind of port; that peers name each other, once all ports are read; the roles, for the reference. */
struct conf;
int conf_ptp_default(const struct conf_at *at, struct conf_port *p);
int conf_check_peers(const struct conf_at *at, struct conf *conf);
void conf_ptp_doc(FILE *f);
void conf_ptp_man(FILE *f);

/*
 * Those keys of a port that are a schedule's business, as a mapping of their own: is one there? Read and print them. conf_read_part() leaves p with
 * what it owns also when it fails: free(p->gate.entries), conf_police_fini().
 */
struct conf_port;
bool conf_is_part(const struct yml_node *root);
int conf_read_part(const struct conf_at *at, const struct yml_node *n, struct conf_port *p);
void conf_print_part(const struct conf_port *p, bool map, FILE *f);

/* The parts types are made of: an integer within the row's range; a duration (text or integer ns) within it. */
int conf_read_int(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, int64_t *out);
int conf_read_ns(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, int64_t *out);
void conf_print_text(const char *text, FILE *f, int indent);
void conf_print_ns(int64_t ns, FILE *f, int indent);
int64_t conf_speed(const char *text);	/* bit/s, or -1 when it is no speed */

#endif
