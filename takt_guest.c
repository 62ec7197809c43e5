/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt-guest: `takt guest` alone, in one static binary.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "probes/guest.h"

static const struct cmd self = { "takt-guest", "", "tell the host when each frame was where in this guest", guest_opts, guest_examples, guest_run, NULL };

int main(int argc, char **argv)
{
	log_init("takt-guest", LOG_INFO);
	if (argc > 1 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))) {
		printf("takt-guest %s\n", TAKT_REV);
		return CMD_OK;
	}
	return guest_run(&self, argc, argv);
}
