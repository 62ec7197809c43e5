/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_cmds: what a running taktd can be asked. One request in, one line of JSON out; see vnet/ctl_proto.h.
 * Control thread only.
 */
#ifndef TAKT_VNET_CTL_CMDS_H
#define TAKT_VNET_CTL_CMDS_H

#include <stddef.h>
#include <stdint.h>

#include "vnet/bridge.h"

struct ctl_house {
	struct bridge *bridge;
	int64_t uptime_ns;
};

/*
 * Answer one request (text without its newline, NUL-terminated). *reply is one line with its newline, free() it. Every request has an answer,
 * also one that cannot be read; only -ENOMEM fails.
 */
int ctl_answer(const struct ctl_house *h, const char *request, char **reply, size_t *len);

#endif
