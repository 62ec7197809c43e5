/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli_gate: what the files of `takt gate` share: reading a schedule file, warnings, the drawing for paper.
 */
#ifndef TAKT_VNET_CLI_GATE_H
#define TAKT_VNET_CLI_GATE_H

#include "base/cmd.h"
#include "base/out.h"
#include "vnet/conf_sched.h"

#define CLI_LONG_FRAME 1514	/* bytes in memory of the longest untagged frame at the default MTU: 1518 with FCS */
#define CLI_EVENT_FRAME 90	/* of a PTP event message over UDP with a tag: what has to fit beside others */

/* The schedule in a file ("-": standard input), checked for its link; format, port and link_bps of *s are asked for. free(*where) never. */
int cli_load_sched(struct conf_sched *s, const char *path, const char **where, struct why *why);

/* To standard output in a notation, as a whole or, when refused, not at all; notes are added to *s. */
int cli_print_sched(struct conf_sched *s, enum conf_format to, const char *dev, struct why *why);

/* The notes of a schedule on standard error, a line each. */
void cli_say_notes(const struct conf_sched *s);

/* Option texts: format (NULL: find out) and link-speed (NULL: the file's). */
int cli_sched_options(struct conf_sched *s, const char *format, const char *speed, struct why *why);

/* Longest frame that a class is expected to carry: by its queue-max-sdu, else CLI_LONG_FRAME. Bytes in memory. */
uint32_t cli_longest(const struct gcl *gcl, unsigned int tc);

/* Does any priority lead to this class? */
bool cli_used(const struct conf_sched *s, unsigned int tc);

/* The sentence about classes that are never open, into text; false: there are none. */
bool cli_never_open(char text[static CONF_NOTE_LEN], const struct conf_sched *s, const struct gcl *gcl);

/* The sentence about a class whose idle slope, scaled by its gate's open share (percent), is over the link. */
void cli_over_link(char text[static CONF_NOTE_LEN], unsigned int tc, double percent, int64_t idle_bps, double oper_bps);

/* What is legal and will hurt, as items of an open array; returns how many. ptp_priority -1: do not speak of PTP. */
uint32_t cli_warn(struct out *o, const struct conf_sched *s, const struct gcl *gcl, const struct wire *wire, int ptp_priority);

/* A drawing of one cycle as SVG: a row per class, guard bands hatched. 0 or -errno. */
int cli_svg(FILE *f, const char *title, const struct conf_sched *s, const struct gcl *gcl, const struct wire *wire);

int cli_gate_check(const struct cmd *self, int argc, char **argv);
int cli_gate_export(const struct cmd *self, int argc, char **argv);
extern const struct opt cli_gate_check_opts[], cli_gate_export_opts[];

#endif
