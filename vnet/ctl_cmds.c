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
#include "vnet/yml.h"

/* -- parts of answers ---------------------------------------------------------------------------------------- */

static void put_cycle(struct out *o, const struct gcl *gcl)
{
	int64_t num, den;

	if (!gcl->frac_num) {
		out_int(o, "admin-cycle-time", gcl->cycle_ns, NULL);
		return;
	}
	gcl_cycle_seconds(gcl->cycle_ns, gcl->frac_num, gcl->frac_den, &num, &den);
	out_object(o, "admin-cycle-time");
	out_int(o, "numerator", num, NULL);
	out_int(o, "denominator", den, NULL);
	out_end(o);
}

/* As conf_parse_gate() reads it. */
static void put_profile(struct out *o, const char *key, const struct gcl *gcl)
{
	uint32_t i;

	if (!gcl) {
		out_null(o, key, NULL);
		return;
	}
	out_object(o, key);
	out_bool(o, "gate-enabled", gcl->enabled, NULL);
	out_uint(o, "admin-gate-states", gcl->initial_gates, NULL);
	out_int(o, "admin-base-time", gcl->t_base, NULL);
	put_cycle(o, gcl);
	out_int(o, "admin-cycle-time-extension", gcl->extension_ns, NULL);
	out_array(o, "queue-max-sdu");
	for (i = 0; i < TSN_CLASSES; i++)
		out_uint(o, NULL, gcl->max_sdu[i], NULL);
	out_end(o);
	out_array(o, "admin-control-list");
	for (i = 0; i < gcl->n_entries; i++) {
		out_object(o, NULL);
		out_int(o, "time-interval-value", gcl->entries[i].interval_ns, NULL);
		out_uint(o, "gate-states-value", gcl->entries[i].gates, NULL);
		out_end(o);
	}
	out_end(o);
	out_end(o);
}

static void put_gate(struct out *o, const struct bridge_port *p)
{
	out_object(o, "gate");
	out_uint(o, "states", p->gate_states, NULL);
	out_uint(o, "oper-generation", p->oper ? p->oper->generation : 0, NULL);
	put_profile(o, "oper", p->oper);
	out_uint(o, "admin-generation", p->admin ? p->admin->generation : 0, NULL);
	put_profile(o, "admin", p->admin);
	put_profile(o, "held", p->held);
	if (p->admin)
		out_int(o, "t_change", p->t_change, NULL);
	else
		out_null(o, "t_change", NULL);
	out_end(o);
}

/* What orders or shapes a class, if anything does. */
static void put_shaper(struct out *o, const struct conf_port *c, int tc)
{
	const char *kind = c->cbs.idle_bps[tc] ? "credit-based" : c->launch[tc].enabled ? "launch-time" : c->ats >> tc & 1 ? "asynchronous" : "";

	out_str(o, "shaper", kind, NULL);
	out_int(o, "admin-idle-slope", c->cbs.idle_bps[tc], NULL);
}

static void put_counters(struct out *o, const struct stat_port *s, const struct conf_port *c)
{
	static const char *const verdicts[] = {
#define X(id, name, help) name,
		PKT_VERDICTS(X)
#undef X
	};
	int i;

	out_object(o, "counters");
#define X(id, help) out_uint(o, #id, s->id, NULL);
	STAT_PORT(X)
#undef X
	out_end(o);
	out_object(o, "verdicts");
	for (i = 0; i < VERDICT_COUNT; i++)
		out_uint(o, verdicts[i], s->verdict[i], NULL);
	out_end(o);
	out_array(o, "classes");
	for (i = 0; i < TSN_CLASSES; i++) {
		out_object(o, NULL);
		out_int(o, "tc", i, NULL);
		put_shaper(o, c, i);
		out_uint(o, "sent", s->class_tx[i], NULL);
		out_uint(o, "overruns", s->class_overruns[i], NULL);
		out_uint(o, "over_hi", s->class_over_hi[i], NULL);
		out_uint(o, "queued", s->class_queued[i], NULL);
		out_end(o);
	}
	out_end(o);
}

static void put_port(struct out *o, const struct bridge_port *p)
{
	static const char *const kinds[] = {[PORT_GUEST] = "guest", [PORT_WIRE] = "wire", [PORT_MEM] = "mem"};
	const struct conf_port *c = p->conf;
	uint32_t i;

	out_object(o, NULL);
	out_str(o, "name", c->name, NULL);
	out_str(o, "kind", kinds[c->kind], NULL);
	out_str(o, "device", c->kind == PORT_GUEST ? c->guest : c->wire, NULL);
	out_bool(o, "up", p->up, NULL);
	out_str(o, "ring", p->ring, NULL);
	if (p->peer_pid)
		out_int(o, "peer_pid", p->peer_pid, NULL);
	else
		out_null(o, "peer_pid", NULL);
	out_int(o, "link-speed", c->link_bps, NULL);
	out_int(o, "mtu", c->mtu, NULL);
	out_int(o, "pvid", c->pvid, NULL);
	out_array(o, "vlans");
	for (i = 0; i < c->n_vlans; i++)
		out_uint(o, NULL, c->vlans[i], NULL);
	out_end(o);
	out_str(o, "ptp-role", role_name[c->ptp.role], NULL);
	put_counters(o, &p->stat, c);
	put_gate(o, p);
	out_end(o);
}

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
		put_port(o, &p);
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
	put_gate(o, &p);
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
