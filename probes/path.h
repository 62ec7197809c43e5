/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * path: `takt path`, where frames spend their time inside taktd, hop by hop.
 */
#ifndef TAKT_PROBES_PATH_H
#define TAKT_PROBES_PATH_H

#include "base/cmd.h"

extern const struct opt path_opts[];
extern const char path_examples[];
int path_run(const struct cmd *self, int argc, char **argv);

#endif
