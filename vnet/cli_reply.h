/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli_reply: reading taktd's answers. A member that is missing reads as 0 or "".
 */
#ifndef TAKT_VNET_CLI_REPLY_H
#define TAKT_VNET_CLI_REPLY_H

#include <jansson.h>

#include "base/out.h"
#include "base/why.h"
#include "tsn/gcl.h"

static inline json_int_t reply_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static inline const char *reply_text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/*
 * When what was set takes over, for people: ": pending, takes over in N s (TAI T)", ": waits, ..." while it is held back, or "" when it does within a
 * second or so; returns buf.
 */
#define REPLY_CHANGE_LEN (WHY_LEN + 80)
const char *reply_change(char buf[static REPLY_CHANGE_LEN], const json_t *reply);

/* The same for programs: t_change, or null, and what holds it back. */
void reply_put_change(struct out *o, const json_t *reply);

/* A schedule in an answer as a profile; gcl_destroy() it. */
int reply_profile(struct gcl **out, const json_t *profile, int64_t link_bps, struct why *why);

/*
 * The "gate" object of a port as pictures of its oper and admin schedule, or of the one that is held, and what its gates do until then;
 * nothing when it has none. `see`: where it is said why the clock is not good.
 */
void reply_draw_gate(struct out *o, const char *port, const json_t *gate, int64_t link_bps, int64_t t_now, const char *see);

/* All is said: let go of the answer. The exit status, CMD_OK or what a lost output is. */
int reply_end(struct out *o, json_t *reply);

#endif
