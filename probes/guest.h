/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest: the command `takt guest`, which is also a program of its own (takt-guest, static): it runs in any guest, without libraries.
 */
#ifndef TAKT_PROBES_GUEST_H
#define TAKT_PROBES_GUEST_H

#include "base/cmd.h"

extern const struct opt guest_opts[];
extern const char guest_examples[];
int guest_run(const struct cmd *self, int argc, char **argv);

#endif
