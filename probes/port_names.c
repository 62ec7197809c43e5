/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/port_names.h"

#include <stdio.h>

void port_names_read(struct port_names *names, const struct records *r)
{
	int i;

	for (i = 0; i < PKT_MAX_PORTS; i++)
		snprintf(names->name[i], sizeof(names->name[i]), "%.*s", REC_NAME, r->shm->port_name[i]);
}

const char *port_name(const struct port_names *names, uint8_t port)
{
	if (port == PKT_NO_PORT)
		return "-";
	return port < PKT_MAX_PORTS && names->name[port][0] ? names->name[port] : "?";
}
