/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * client: the other end of the control socket and of the records, for commands.
 */
#ifndef TAKT_VNET_CLIENT_H
#define TAKT_VNET_CLIENT_H

#include <jansson.h>

#include "base/why.h"
#include "vnet/rec.h"

/*
 * Send one request to the instance called `name` (NULL: CTL_NAME; one with a slash in it is the path of a control socket) and
 * wait for the answer (5 s at most). `req` is stolen. On success *reply is the whole answer, owned by the caller.
 * -ECONNREFUSED/-ENOENT and a sentence when no such taktd runs; the refusing side's errno and sentence when it refused.
 */
int client_request(const char *name, json_t *req, json_t **reply, struct why *why);

/* Does somebody listen at its control socket? Also of one that is stopped, and answers nothing. */
bool client_is_there(const char *name);

/* Map an instance's records read-only. */
int client_map(const struct rec_shm **out, const char *name, struct why *why);
void client_unmap(const struct rec_shm *shm);	/* NULL is legal */

#endif
