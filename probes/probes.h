/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probes: what the front door needs of the commands here: a function, options and examples.
 */
#ifndef TAKT_PROBES_PROBES_H
#define TAKT_PROBES_PROBES_H

#include "base/cmd.h"

/* takt capture: frames of an interface into a pcapng file, with nanosecond stamps */
extern const struct opt capture_opts[];
extern const char capture_examples[];
int capture_run(const struct cmd *self, int argc, char **argv);

/* takt export: frames' ways in the formats of other tools */
extern const struct opt export_opts[];
extern const char export_examples[];
int export_run(const struct cmd *self, int argc, char **argv);

/* takt noise: what each CPU takes from whoever runs on it */
extern const struct opt noise_opts[];
extern const char noise_examples[];
int noise_cmd(const struct cmd *self, int argc, char **argv);

/* takt clock: from the grandmaster to taktd, link by link, with offsets and bounds */
extern const struct opt clock_opts[];
extern const char clock_examples[];
int clock_run(const struct cmd *self, int argc, char **argv);

/* takt clock guest: how a guest's clock lies to taktd's */
extern const struct opt clock_guest_opts[];
extern const char clock_guest_examples[];
int clock_guest_run(const struct cmd *self, int argc, char **argv);

/* takt record: some seconds of everything, as a folder */
extern const struct opt record_opts[];
extern const char record_examples[];
int record_run(const struct cmd *self, int argc, char **argv);

/* takt host: what keeps taktd's worker and the guests' vCPUs from running */
extern const struct opt host_opts[];
extern const char host_examples[];
int host_run(const struct cmd *self, int argc, char **argv);

/* takt doctor guest|host: known traps, and how to mend them */
extern const struct cmd doctor_cmds[];

#endif
