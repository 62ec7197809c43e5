/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * linuxptp_cmd: `takt clock --linuxptp DIR`: what the user asked for and what this machine has, made into files.
 *
 * Interfaces and the worker's CPU come from options, else from the running taktd over its control socket.
 */
#ifndef TAKT_PROBES_LINUXPTP_CMD_H
#define TAKT_PROBES_LINUXPTP_CMD_H

#include <stdbool.h>
#include <stdint.h>

/* Options of `takt clock` that go with --linuxptp; NULL, false, -1: not given. */
struct linuxptp_opts {
	const char *dir;
	const char *interfaces, *cpus, *profile, *role, *transport, *stamps;
	int64_t steer;
	bool traceable, dry_run, force;
};

/* The first option that was given, "--interface"; NULL for none. For a command line that lacks --linuxptp. */
const char *linuxptp_stray(const struct linuxptp_opts *o);

/*
 * Write the files and say what to do next. `uds`: ptp4l's socket, NULL for the usual one. `taktd`: instance, NULL for the default one.
 * Returns cmd_exit: CMD_USAGE with one sentence and nothing written when something does not fit.
 */
int linuxptp_cmd(const struct linuxptp_opts *o, const char *uds, int domain, const char *taktd, bool json);

#endif
