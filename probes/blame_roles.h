/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_roles: who is who: taktd's worker and its CPU, the vCPUs of the guest at each port, which classes have launch times.
 *
 * From the answer of taktd's `show`; vCPU threads from /proc, by their names. What is not told stays not known.
 */
#ifndef TAKT_PROBES_BLAME_ROLES_H
#define TAKT_PROBES_BLAME_ROLES_H

#include <jansson.h>

#include "probes/blame_frame.h"

void blame_roles_read(struct blame_roles *r, const json_t *show);

#endif
