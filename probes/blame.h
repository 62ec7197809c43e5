/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame: `takt blame`, who made late frames late.
 */
#ifndef TAKT_PROBES_BLAME_H
#define TAKT_PROBES_BLAME_H

#include "base/cmd.h"

#define BLAME_HIT 3	/* exit status: --on-threshold, and a frame took longer */

extern const struct opt blame_opts[];
extern const char blame_examples[];
int blame_run(const struct cmd *self, int argc, char **argv);

#endif
