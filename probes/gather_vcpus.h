/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gather_vcpus: the vCPU threads of the guests at taktd's ports, while they are there.
 *
 * A guest may come, go and come again while others look: what is known of it is kept with its port in the answer of `show`, as "vcpus": threads in the
 * order of the guest's CPUs, 0 for one that is not known. Of a guest that left they stay, until another comes.
 */
#ifndef TAKT_PROBES_GATHER_VCPUS_H
#define TAKT_PROBES_GATHER_VCPUS_H

#include <jansson.h>

/* Look in /proc for those of the processes that `now`, a later answer or the same, tells of; into `show`. */
void gather_vcpus_look(json_t *show, const json_t *now);

#endif
