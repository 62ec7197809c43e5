/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * floor: the machine's noise beside what is measured of a running taktd: ptp/noise_run.h's quick look, on CPUs where it keeps nobody
 * from working.
 *
 *	floor_look(&floor, name, &why);		before, 100 ms
 *	...measure, add the worker's gaps...
 *	floor_look(&floor, name, &why);		after
 *	noise_floor_print(&floor, &worker, &o);
 */
#ifndef TAKT_PROBES_FLOOR_H
#define TAKT_PROBES_FLOOR_H

#include "base/noise.h"
#include "base/why.h"

/*
 * `name`: the instance, as client_map() takes it. CPUs that this process may use, without the worker's: the one it is pinned to, or is
 * running on. -errno and a sentence when taktd does not answer; then nothing is measured.
 */
int floor_look(struct noise_result *r, const char *name, struct why *why);

#endif
