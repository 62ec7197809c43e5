/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ctl_cmds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/out.h"
#include "vnet/ctl_cbs.h"
#include "vnet/ctl_clock.h"
#include "vnet/ctl_dump.h"
#include "vnet/ctl_police.h"
#include "vnet/ctl_port.h"
#include "vnet/yml.h"

/* -- commands ------------------------------------------------------------------------------------------------ */

/* Print the members of the answer, or refuse: what was printed is then thrown away. */
typedef int (*ctl_run_fn)(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
			  struct why *why);

static int find_port(const struct ctl_house *h, const struct yml_node *req, uint32_t *port, struct why *why)
{
	const struct yml_node *n = yml_find(req, "port");
	int i;

	if (!n || n->kind != YML_SCALAR)
		return why_fail(why, EINVAL, "port is missing: name one of the ports that `takt show` lists");
	i = bridge_port_find(h->bridge, n->text);
	if (i < 0)
		return why_fail(why, EINVAL, "no port is named %.64s: name one of the ports that `takt show` lists",
				n->text);
	*port = (uint32_t)i;
	return 0;
}

static int run_show(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
		    struct why *why)
{
	struct stat_worker w;
	struct bridge_port p;
	uint32_t i;

	(void)req;
	(void)text;
	(void)why;
	bridge_worker_get(h->bridge, &w);
	out_str(o, "instance", bridge_conf(h->bridge)->name, NULL);
	out_int(o, "pid", getpid(), NULL);
	out_str(o, "rev", TAKT_REV, NULL);
	out_int(o, "uptime_ns", h->uptime_ns, NULL);
	ctl_put_clock(o, h->bridge);
	out_object(o, "worker");
	out_int(o, "tid", bridge_worker_tid(h->bridge), NULL);
	if (bridge_conf(h->bridge)->cpu >= 0)
		out_int(o, "cpu", bridge_conf(h->bridge)->cpu, NULL);
	else
		out_null(o, "cpu", NULL);
#define X(id, help) out_uint(o, #id, w.id, NULL);
	STAT_WORKER(X)
#undef X
	out_end(o);
	out_array(o, "ports");
	for (i = 0; i < bridge_ports(h->bridge); i++) {
		bridge_port_get(h->bridge, i, &p);
		ctl_put_port(o, &p);
	}
	out_end(o);
	return 0;
}

static int run_gate_show(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
			 struct why *why)
{
	struct bridge_port p;
	uint32_t port;
	int err = find_port(h, req, &port, why);

	(void)text;
	if (err)
		return err;
	bridge_port_get(h->bridge, port, &p);
	out_str(o, "port", p.conf->name, NULL);
	out_int(o, "t_now", bridge_now(h->bridge), NULL);
	out_int(o, "link-speed", p.conf->link_bps, NULL);
	ctl_put_gate(o, &p);
	return 0;
}

static int run_gate_set(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
			struct why *why)
{
	struct gcl_conf gate;
	struct bridge_port p;
	int64_t t_change;
	uint32_t port;
	int err = find_port(h, req, &port, why);

	if (err)
		return err;
	if (!yml_find(req, "gate-parameters"))
		return why_fail(why, EINVAL, "gate-parameters is missing: give the schedule");
	err = conf_parse_gate(&gate, text, "request", NULL, why);
	if (err)
		return err;
	err = bridge_gate_set(h->bridge, port, &gate, &t_change, why);
	free(gate.entries);
	if (err)
		return err;
	bridge_port_get(h->bridge, port, &p);
	log_info("port %s: schedule set by the control socket", p.conf->name);
	out_str(o, "port", p.conf->name, NULL);
	ctl_put_change(o, h->bridge, t_change);
	return 0;
}

static int run_police_show(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
			   struct why *why)
{
	const struct conf_port *c;
	uint32_t port;
	int err = find_port(h, req, &port, why);

	(void)text;
	if (err)
		return err;
	c = &bridge_conf(h->bridge)->port[port];
	out_str(o, "port", c->name, NULL);
	out_int(o, "t_now", bridge_now(h->bridge), NULL);
	out_int(o, "link-speed", c->link_bps, NULL);
	ctl_put_police(o, &c->police, bridge_police(h->bridge, port), bridge_now(h->bridge));
	return 0;
}

static int run_police_set(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
			  struct why *why)
{
	const struct yml_node *id = yml_find(req, "gate");
	struct conf_stream_gate gate;
	int64_t t_change;
	uint32_t port;
	int err = find_port(h, req, &port, why);

	if (err)
		return err;
	if (!id || id->kind != YML_SCALAR || !yml_find(req, "stream-gate"))
		return why_fail(why, EINVAL, "gate or stream-gate is missing: give the gate's id and what is asked of it");
	err = conf_parse_stream_gate(&gate, text, "request", why);
	if (err)
		return err;
	err = bridge_police_set(h->bridge, port, id->text, &gate, &t_change, why);
	if (err) {
		free(gate.gate.entries);
		return err;
	}
	log_info("port %s: stream gate %s set by the control socket", bridge_conf(h->bridge)->port[port].name, id->text);
	out_str(o, "port", bridge_conf(h->bridge)->port[port].name, NULL);
	ctl_put_change(o, h->bridge, t_change);
	return 0;
}

static int run_police_reset(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
			    struct why *why)
{
	uint32_t port;
	int err = find_port(h, req, &port, why);

	(void)text;
	if (!err)
		err = bridge_police_reset(h->bridge, port, why);
	if (!err)
		out_str(o, "port", bridge_conf(h->bridge)->port[port].name, NULL);
	return err;
}

static int run_cbs(const struct ctl_house *h, const struct yml_node *req, struct out *o, bool set, struct why *why)
{
	uint32_t port;
	int err = find_port(h, req, &port, why);

	if (err)
		return err;
	out_str(o, "port", bridge_conf(h->bridge)->port[port].name, NULL);
	return set ? ctl_set_cbs(h->bridge, port, req, why) : ctl_put_cbs(o, h->bridge, port, why);
}

static int run_cbs_show(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
			struct why *why)
{
	(void)text;
	return run_cbs(h, req, o, false, why);
}

static int run_cbs_set(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
		       struct why *why)
{
	(void)text;
	return run_cbs(h, req, o, true, why);
}

static int run_dump(const struct ctl_house *h, const struct yml_node *req, const char *text, struct out *o,
		    struct why *why)
{
	(void)req;
	(void)text;
	return ctl_put_dump(o, h->bridge, why);
}

static const struct {
	const char *name;
	ctl_run_fn run;
} commands[] = {
	{"show", run_show},
	{"gate-show", run_gate_show},
	{"gate-set", run_gate_set},
	{"police-show", run_police_show},
	{"police-set", run_police_set},
	{"police-reset", run_police_reset},
	{"cbs-show", run_cbs_show},
	{"cbs-set", run_cbs_set},
	{"dump", run_dump},
};

/* -- requests ------------------------------------------------------------------------------------------------ */

static int dispatch(const struct ctl_house *h, const char *request, struct out *o, struct why *why)
{
	const struct yml_node *cmd;
	struct yml *y;
	size_t i;
	int err = yml_parse(&y, request, strlen(request), "request", why);

	if (err)
		return err;
	cmd = yml_find(yml_root(y), "cmd");
	if (!cmd || cmd->kind != YML_SCALAR) {
		err = why_fail(why, EINVAL, "a request is {\"cmd\": NAME, ...}: give that on one line");
		goto out;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(cmd->text, commands[i].name)) {
			err = commands[i].run(h, yml_root(y), request, o, why);
			goto out;
		}
	err = why_fail(why, EINVAL, "no command is named %.64s: this taktd may be older than your takt", cmd->text);
out:
	yml_free(y);
	return err;
}

/* -errno of the command; -ENOMEM also when the answer cannot be written down. */
static int render(const struct ctl_house *h, const char *request, int refused, struct why *why, char **reply,
		  size_t *len)
{
	FILE *f = open_memstream(reply, len);
	struct out o;
	int err = 0;

	if (!f)
		return -ENOMEM;
	out_init(&o, f, true);
	out_object(&o, NULL);
	out_bool(&o, "ok", !refused, NULL);
	if (refused) {
		out_int(&o, "errno", -refused, NULL);
		out_str(&o, "error", why->text, NULL);
	} else {
		err = dispatch(h, request, &o, why);
	}
	if (!err) {
		out_end(&o);
		err = out_fini(&o);
	}
	if (fclose(f))
		err = -ENOMEM;
	if (err) {
		free(*reply);
		return err;
	}
	return 0;
}

int ctl_answer(const struct ctl_house *h, const char *request, char **reply, size_t *len)
{
	struct why why = {""};
	int err = render(h, request, 0, &why, reply, len);

	return err ? render(h, request, err, &why, reply, len) : 0;
}
