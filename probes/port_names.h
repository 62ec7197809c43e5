/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port_names: names of a taktd's ports, copied out of the shared memory: cut to REC_NAME bytes, whatever stands there.
 */
#ifndef TAKT_PROBES_PORT_NAMES_H
#define TAKT_PROBES_PORT_NAMES_H

#include "probes/records.h"

struct port_names {
	char name[PKT_MAX_PORTS][REC_NAME + 1];
};

void port_names_read(struct port_names *names, const struct records *r);
const char *port_name(const struct port_names *names, uint8_t port);	/* "-": PKT_NO_PORT; "?": without a name */

#endif
