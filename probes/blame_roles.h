/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_roles: who is who: taktd's worker and its CPU, the vCPUs of the guest at each port, which classes have launch times.
 *
 * From the answer of taktd's `show`; vCPU threads as gather_vcpus.h found them. What is not told stays not known.
 */
#ifndef TAKT_PROBES_BLAME_ROLES_H
#define TAKT_PROBES_BLAME_ROLES_H

#include <jansson.h>

#include "probes/blame_frame.h"

void blame_roles_read(struct blame_roles *r, const json_t *show);

/* vCPUs as JSON, [{"port": INDEX, "vcpus": [THREAD, ...]}], for a recording; the caller's. And back, over what is there. */
json_t *blame_roles_save(const struct blame_roles *r);
void blame_roles_load(struct blame_roles *r, const json_t *guests);

#endif
