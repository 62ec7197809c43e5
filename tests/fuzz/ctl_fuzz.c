/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A request on the control socket. The bridge behind it is of cardboard: one port that takes any schedule that its link can carry. A function of
 * vnet/bridge.h that a request begins to use needs one here, else the linker takes the real bridge, and complains of what is twice.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "base/ns.h"
#include "vnet/bridge.h"
#include "vnet/ctl_cmds.h"

static struct conf conf = {.name = "fuzz", .run_dir = "/run", .n_ports = 1, .port = {{.name = "wire", .kind = PORT_MEM, .link_bps = 1000000000}}};

const struct conf *bridge_conf(const struct bridge *b)
{
	(void)b;
	return &conf;
}

uint32_t bridge_ports(const struct bridge *b)
{
	(void)b;
	return conf.n_ports;
}

int bridge_port_find(const struct bridge *b, const char *name)
{
	(void)b;
	return strcmp(name, "wire") ? -ENOENT : 0;
}

void bridge_port_get(struct bridge *b, uint32_t i, struct bridge_port *out)
{
	(void)b;
	must(i < conf.n_ports);
	*out = (struct bridge_port){.conf = &conf.port[i], .ring = ""};
}

void bridge_worker_get(struct bridge *b, struct stat_worker *out)
{
	(void)b;
	memset(out, 0, sizeof(*out));
}

int bridge_worker_tid(const struct bridge *b)
{
	(void)b;
	return 0;
}

int64_t bridge_now(struct bridge *b)
{
	(void)b;
	return 1700000000 * NS_PER_SEC;
}

void bridge_clock_get(struct bridge *b, struct timebase_state *out)
{
	(void)b;
	memset(out, 0, sizeof(*out));
	out->bound_ns = 100;
	out->good = true;
}

const char *bridge_held(const struct bridge *b)
{
	(void)b;
	return NULL;
}

int bridge_gate_set(struct bridge *b, uint32_t port, const struct gcl_conf *gate, int64_t *t_change, struct why *why)
{
	*t_change = 0;
	struct wire wire;
	struct gcl *gcl;
	int err;

	(void)b;
	must(port == 0 && !wire_init(&wire, conf.port[0].link_bps, why));
	err = gcl_create(&gcl, gate, &wire, why);
	if (!err)
		gcl_destroy(gcl);
	return err;
}

const struct police *bridge_police(const struct bridge *b, uint32_t port)
{
	(void)b;
	must(port == 0);
	return NULL;
}

int bridge_police_set(struct bridge *b, uint32_t port, const char *id, struct conf_stream_gate *gate, int64_t *t_change, struct why *why)
{
	*t_change = 0;
	(void)b;
	must(port == 0 && id);
	(void)gate; /* refused: its entries stay the caller's */
	return why_fail(why, EINVAL, "wire: no stream gate is named so");
}

int bridge_cbs_set(struct bridge *b, uint32_t port, uint8_t tc, int64_t idle_bps, struct why *why)
{
	(void)b;
	must(port == 0 && tc < TSN_CLASSES && idle_bps >= 0);
	return why_fail(why, EINVAL, "wire: its shapers stay");
}

int bridge_cbs_get(struct bridge *b, uint32_t port, struct cbs out[TSN_CLASSES], struct why *why)
{
	(void)b;
	(void)why;
	must(port == 0);
	memset(out, 0, TSN_CLASSES * sizeof(*out));
	return 0;
}

int bridge_police_reset(struct bridge *b, uint32_t port, struct why *why)
{
	(void)b;
	must(port == 0);
	return why_fail(why, EINVAL, "wire: nothing polices it");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctl_house house = {.bridge = NULL};
	char *text = fuzz_text(data, size), *reply = NULL;
	size_t len = 0;

	if (!text)
		return 0;
	must(!ctl_answer(&house, text, &reply, &len)); /* every request has an answer, of one line */
	must(len > 2 && strlen(reply) == len && strchr(reply, '\n') == reply + len - 1);
	free(reply);
	free(text);
	return 0;
}
