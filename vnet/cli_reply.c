/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli_reply.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/ns.h"
#include "vnet/cli.h"
#include "vnet/conf.h"

#define SOON_NS (3 * NS_PER_SEC / 2)	/* nobody waits for what takes over by then */

const char *reply_change(char buf[static REPLY_CHANGE_LEN], const json_t *reply)
{
	int64_t t_change = reply_int(reply, "t_change"), wait_ns = t_change - reply_int(reply, "t_now");

	buf[0] = '\0';
	if (reply_text(reply, "held")[0])
		snprintf(buf, REPLY_CHANGE_LEN, ": waits, gates held %s, until the clock is good: %s", reply_text(reply, "held"), reply_text(reply, "why_held"));
	else if (wait_ns > SOON_NS)
		snprintf(buf, REPLY_CHANGE_LEN, ": pending, takes over in %" PRId64 " s (TAI %" PRId64 ".%09" PRId64 ")", wait_ns / NS_PER_SEC,
			 t_change / NS_PER_SEC, t_change % NS_PER_SEC);
	return buf;
}

void reply_put_change(struct out *o, const json_t *reply)
{
	if (!reply_text(reply, "held")[0]) {
		out_int(o, "t_change", reply_int(reply, "t_change"), NULL);
		return;
	}
	out_null(o, "t_change", NULL);
	out_str(o, "held", reply_text(reply, "held"), NULL);
	out_str(o, "why_held", reply_text(reply, "why_held"), NULL);
}

int reply_profile(struct gcl **out, const json_t *profile, int64_t link_bps, struct why *why)
{
	struct gcl_conf conf;
	struct wire wire;
	char *text = json_dumps(profile, JSON_COMPACT);
	int err;

	if (!text)
		return why_fail(why, ENOMEM, "out of memory");
	err = conf_parse_gate(&conf, text, "answer", NULL, why);
	free(text);
	if (err)
		return err;
	err = wire_init(&wire, link_bps, why);
	if (!err)
		err = gcl_create(out, &conf, &wire, why);
	free(conf.entries);
	return err;
}

static void draw(struct out *o, const char *port, const char *what, const json_t *profile, json_int_t generation,
		 int64_t link_bps, int64_t t_now)
{
	struct why why = {""};
	struct gcl *gcl;

	out_text(o, "\n%s%s%s: %s schedule", out_style(o, OUT_BOLD), port, out_style(o, OUT_PLAIN), what);
	if (generation)
		out_text(o, " %d", (int)generation);
	out_text(o, "\n");
	if (reply_profile(&gcl, profile, link_bps, &why)) {
		out_text(o, "  cannot be drawn: %s\n", why.text);
		return;
	}
	cli_draw_schedule(o, gcl, t_now);
	gcl_destroy(gcl);
}

void reply_draw_gate(struct out *o, const char *port, const json_t *gate, int64_t link_bps, int64_t t_now, const char *see)
{
	const json_t *oper = json_object_get(gate, "oper"), *admin = json_object_get(gate, "admin"), *held = json_object_get(gate, "held");
	char buf[NS_STR_LEN];

	if (json_is_object(oper))
		draw(o, port, "running", oper, reply_int(gate, "oper-generation"), link_bps, t_now);
	if (json_is_object(admin)) {
		draw(o, port, "pending", admin, reply_int(gate, "admin-generation"), link_bps, NS_NEVER);
		out_text(o, "  takes over in %s\n", ns_str(buf, reply_int(gate, "t_change") - t_now));
	}
	if (json_is_object(held)) {
		out_text(o, "\n%s%s%s: all gates are held %s: the schedule waits until the clock is good (%s)\n", out_style(o, OUT_BOLD), port,
			 out_style(o, OUT_PLAIN), reply_int(gate, "states") ? "open" : "shut", see);
		draw(o, port, "waiting", held, 0, link_bps, NS_NEVER);
	}
}

int reply_end(struct out *o, json_t *reply)
{
	struct why why = {""};
	int err;

	json_decref(reply);
	err = out_fini(o);
	return err ? cmd_refuse(why_fail(&why, -err, "cannot write the output: %s", strerror(-err)), &why) : CMD_OK;
}
