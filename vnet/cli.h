/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli: the commands of `takt` that talk to taktd, know its configuration or bring it into the kernel, or use tsn: options,
 * examples and function of each, for the front door's rows. They link no DPDK.
 */
#ifndef TAKT_VNET_CLI_H
#define TAKT_VNET_CLI_H

#include "base/cmd.h"
#include "base/out.h"
#include "tsn/gcl.h"

extern const struct opt cli_show_opts[];
extern const char cli_show_examples[];
int cli_show(const struct cmd *self, int argc, char **argv);

extern const struct cmd cli_gate_cmds[];	/* set, show, check */

extern const struct cmd cli_cbs_cmds[];		/* calc; set and show are in cli_cbs_set.c */
extern const struct opt cli_cbs_set_opts[], cli_cbs_show_opts[];
extern const char cli_cbs_set_examples[], cli_cbs_show_examples[];
int cli_cbs_set(const struct cmd *self, int argc, char **argv);
int cli_cbs_show(const struct cmd *self, int argc, char **argv);
extern const struct cmd cli_qdisc_cmds[];	/* apply, show, diff, delete: the kernel's queueing disciplines */
extern const struct cmd cli_police_cmds[];	/* show, set, reset */

extern const struct opt cli_dump_opts[];
extern const char cli_dump_examples[];
int cli_dump(const struct cmd *self, int argc, char **argv);

/* Hidden: prints docs/config.md. */
int cli_config_doc(const struct cmd *self, int argc, char **argv);

/*
 * A schedule as a picture: the cycle of each class (equal neighbours on one line), the instant t_now marked in it (NS_NEVER: no
 * mark), open time and longest frame. Text mode only.
 */
void cli_draw_schedule(struct out *o, const struct gcl *gcl, int64_t t_now);

/* Its cycle time, with the fraction of a rational one: "1ms", "333333 1/3 ns"; returns buf. */
#define CLI_CYCLE_LEN 64
const char *cli_cycle_str(char buf[static CLI_CYCLE_LEN], const struct gcl *gcl);

/* The members of an object that tell the same to a program: classes with their windows. JSON mode only. */
void cli_put_windows(struct out *o, const struct gcl *gcl);

#endif
