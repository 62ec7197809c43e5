/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench: what the front door needs of the commands here: a function and, for leaves, options and examples.
 */
#ifndef TAKT_BENCH_BENCH_H
#define TAKT_BENCH_BENCH_H

#include "base/cmd.h"

/* takt send: cyclic or flooding layer-2 talker */
extern const struct opt send_opts[];
extern const char send_examples[];
int send_run(const struct cmd *self, int argc, char **argv);

/* takt recv: listener that counts what was lost, doubled or reordered */
extern const struct opt recv_opts[];
extern const char recv_examples[];
int recv_run(const struct cmd *self, int argc, char **argv);

/* takt reflect: answers numbered frames */
extern const struct opt reflect_opts[];
extern const char reflect_examples[];
int reflect_run(const struct cmd *self, int argc, char **argv);

/* takt report: what is in an isochron.dat; the two halves of one, joined */
extern const struct opt iso_opts[];
extern const char iso_examples[];
int iso_run(const struct cmd *self, int argc, char **argv);

/* takt bench demo: the main job, end to end, with a report */
extern const struct opt demo_opts[];
extern const char demo_examples[];
int demo_run(const struct cmd *self, int argc, char **argv);

/* takt bench pvp64: frames a second from a guest to nowhere, beside a peer */
extern const struct opt pvp64_opts[];
extern const char pvp64_examples[];
int pvp64_run(const struct cmd *self, int argc, char **argv);

/* takt bench gate: every frame in its window, by its send stamp and by an independent receiver */
extern const struct opt gate_opts[];
extern const char gate_examples[];
int gate_bench_run(const struct cmd *self, int argc, char **argv);

/* takt bench cbs: credit-based shapers: rate and bursts */
extern const struct opt cbs_opts[];
extern const char cbs_examples[];
int cbs_run(const struct cmd *self, int argc, char **argv);

/* takt bench ptp: the transparent clock, beside no correction, linuxptp's, and none in between */
extern const struct opt ptp_opts[];
extern const char ptp_examples[];
int ptp_bench_run(const struct cmd *self, int argc, char **argv);

/* takt bench blame: what was injected is what is named? */
extern const struct opt blame_bench_opts[];
extern const char blame_bench_examples[];
int blame_bench_run(const struct cmd *self, int argc, char **argv);

/* takt bench overhead: what records and probes cost */
extern const struct opt overhead_opts[];
extern const char overhead_examples[];
int overhead_run(const struct cmd *self, int argc, char **argv);

/* takt bench join: does the bound of a guest's clock hold? */
extern const struct opt join_opts[];
extern const char join_examples[];
int join_bench_run(const struct cmd *self, int argc, char **argv);

/* takt bench run, takt bench rerun: a campaign's cells; a result's once more */
extern const struct opt campaign_opts[], rerun_opts[];
extern const char campaign_examples[], rerun_examples[];
int campaign_run(const struct cmd *self, int argc, char **argv);
int rerun_run(const struct cmd *self, int argc, char **argv);

/* takt bench axes: what a campaign may vary */
extern const struct opt axes_opts[];
extern const char axes_examples[];
int axes_run(const struct cmd *self, int argc, char **argv);

/* takt bench cell: one cell of a campaign; takt bench looks, relay: what cells run. Hidden */
extern const struct opt cell_opts[];
extern const char cell_examples[];
int cell_run(const struct cmd *self, int argc, char **argv);
int looks_run(const struct cmd *self, int argc, char **argv);
int relay_run(const struct cmd *self, int argc, char **argv);

/* takt bench report: what came out of a campaign, as pages and figures */
extern const struct opt campaign_report_opts[];
extern const char campaign_report_examples[];
int campaign_report_run(const struct cmd *self, int argc, char **argv);

/* takt bench compare: two runs of one campaign */
extern const struct opt compare_opts[];
extern const char compare_examples[];
int compare_run(const struct cmd *self, int argc, char **argv);

extern const struct cmd bench_cmds[];	/* the verbs of `takt bench` */

#endif
