/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/conf_sched.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/cls.h"
#include "vnet/conf_type.h"

static const char *const names[] = {[CONF_AUTO] = "auto", [CONF_YAML] = "yaml", [CONF_TC] = "tc", [CONF_YANG] = "yang"};

int conf_format_parse(enum conf_format *out, const char *text, struct why *why)
{
	unsigned int i;

	for (i = CONF_YAML; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i])) {
			*out = (enum conf_format)i;
			return 0;
		}
	return why_fail(why, EINVAL, "\"%.32s\" is no notation of schedules: give yaml, tc or yang", text);
}

const char *conf_format_name(enum conf_format format)
{
	return names[format];
}

void conf_sched_note(struct conf_sched *s, const char *fmt, ...)
{
	char text[CONF_NOTE_LEN];
	struct why why;
	va_list ap;

	if (s->n_notes == CONF_MAX_NOTES)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	why_fail(&why, 0, "%s", text); /* as a refusal it may quote a name from outside */
	snprintf(s->note[s->n_notes++], CONF_NOTE_LEN, "%.*s", CONF_NOTE_LEN - 1, why.text);
}

void conf_sched_note_map(struct conf_sched *s)
{
	const uint8_t *m = s->map;

	if (s->has_map && memcmp(m, cls_default_map, sizeof(s->map)))
		conf_sched_note(s, "the map of priorities is the port's, not the schedule's: set \"traffic-class-table: [%u, %u, %u, %u, %u, %u, "
				"%u, %u]\" on it", m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]);
}

static bool has_more(const struct cbs_conf *cbs, const struct launch_conf *launch, uint8_t ats, const struct conf_police *p)
{
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (cbs->idle_bps[tc] || launch[tc].enabled)
			return true;
	return ats || p->n_filters || p->n_gates || p->n_meters || p->n_schedulers || p->n_groups;
}

bool conf_sched_more(const struct conf_sched *s)
{
	return has_more(&s->cbs, s->launch, s->ats, &s->police);
}

/* -- yaml ---------------------------------------------------------------------------------------------------- */

/* Which port's gate-parameters are meant? One that is named may do without. */
static int choose_port(const struct conf_sched *s, const struct conf_at *at, const struct conf *conf, uint32_t *out)
{
	const char *port = s->port;
	const struct conf_port *p;
	char ports[120] = "";
	uint32_t i, n = 0;

	for (i = 0; i < conf->n_ports; i++) {
		if (port ? strcmp(conf->port[i].name, port) != 0 : !conf->port[i].has_gate)
			continue;
		snprintf(ports + strlen(ports), sizeof(ports) - strlen(ports), "%s%s", n ? ", " : "", conf->port[i].name);
		*out = i;
		n++;
	}
	p = &conf->port[*out]; /* the first, where none fits */
	if (n == 1 && (p->has_gate || (!s->gates && has_more(&p->cbs, p->launch, p->ats, &p->police))))
		return 0;
	if (n == 1)
		return conf_refuse(at, p->line, port, "this port has no gate-parameters: add them, or name another port");
	if (port)
		return why_fail(at->why, EINVAL, "%s: no port is named %s: name one that is", at->where, port);
	if (n)
		return why_fail(at->why, EINVAL, "%s: several ports have gate-parameters (%s): choose one, with --port %s", at->where, ports,
				conf->port[*out].name);
	return why_fail(at->why, EINVAL, "%s: no port has gate-parameters: add them to one, or name a port that has shapers or filters", at->where);
}

/* The port where a message comes in says whether it is corrected, the other one whether it goes out. */
static void find_ptp(struct conf_sched *s, const struct conf *conf, uint32_t out)
{
	const struct conf_port *p;
	uint32_t i;

	s->ptp = role_lets_out(conf->port[out].ptp.role, MSG_FOUND, MSG_SYNC) ? CONF_PTP_CORRECTED : CONF_PTP_DENIED;
	for (i = 0; i < conf->n_ports && s->ptp == CONF_PTP_CORRECTED; i++) {
		p = &conf->port[i];
		if (i == out || p->ptp.correction || !role_lets_in(p->ptp.role, false, MSG_FOUND, MSG_DELAY_REQ))
			continue;
		s->ptp = CONF_PTP_UNCORRECTED;
		memcpy(s->ptp_from, p->name, sizeof(s->ptp_from));
	}
}

static void take_port(struct conf_sched *s, struct conf_port *p)
{
	s->gate = p->gate;
	p->gate.entries = NULL;
	if (!p->has_gate)
		s->gate.initial_gates = UINT8_MAX;
	s->cbs = p->cbs;
	memcpy(s->launch, p->launch, sizeof(s->launch));
	s->ats = p->ats;
	s->police = p->police;
	memset(&p->police, 0, sizeof(p->police));
	s->pcp = p->pcp;
	memcpy(s->map, p->class_map, sizeof(s->map));
}

static void take_file(struct conf_sched *s, struct conf_port *p)
{
	take_port(s, p);
	s->line = p->line;
	s->file_bps = p->link_bps;
	if (!s->link_bps)
		s->link_bps = p->link_bps;
	s->has_map = true;
	memcpy(s->name, p->name, sizeof(s->name));
}

static int read_file(struct conf_sched *s, const struct conf_at *at, const struct yml_node *root)
{
	struct conf *conf = malloc(sizeof(*conf));
	uint32_t i = 0;
	int err;

	if (!conf)
		return why_fail(at->why, ENOMEM, "%s: out of memory", at->where);
	err = conf_read_root(conf, at, root);
	if (err)
		goto out;
	err = choose_port(s, at, conf, &i);
	if (!err) {
		find_ptp(s, conf, i);
		take_file(s, &conf->port[i]);
	}
	conf_fini(conf);
out:
	free(conf);
	return err;
}

/* Keys of a port without a port. Without gate-parameters among them, all gates are open. */
static int read_part(struct conf_sched *s, const struct conf_at *at, const struct yml_node *root)
{
	const struct yml_node *gate = yml_find(root, "gate-parameters");
	struct conf_port *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return why_fail(at->why, ENOMEM, "%s: out of memory", at->where);
	err = conf_read_part(at, root, p);
	s->line = conf_gate_line(gate ? gate : root);
	s->has_map = yml_find(root, "traffic-class-table");
	take_port(s, p);
	free(p);
	return err;
}

static int read_gate(struct conf_sched *s, const struct conf_at *at, const struct yml_node *gate)
{
	s->line = conf_gate_line(gate);
	return conf_type_gates.read(at, NULL, gate, &s->gate);
}

static int read_yaml(struct conf_sched *s, const struct yml_node *root, const char *where, struct why *why)
{
	struct conf_at at = {.where = where, .why = why};

	if (conf_is_file(root))
		return read_file(s, &at, root);
	return conf_is_part(root) ? read_part(s, &at, root) : read_gate(s, &at, root);
}

static int print_yaml(const struct conf_sched *s, FILE *f)
{
	struct conf_port p = {.gate = s->gate, .cbs = s->cbs, .police = s->police, .ats = s->ats};

	memcpy(p.launch, s->launch, sizeof(p.launch));
	p.has_gate = s->gate.enabled || s->gate.n_entries || !conf_sched_more(s);
	memcpy(p.class_map, s->map, sizeof(p.class_map));
	conf_print_part(&p, s->has_map, f);
	return 0;
}

/* -- all ----------------------------------------------------------------------------------------------------- */

static int read_tree(struct conf_sched *s, const char *text, const char *where, struct why *why)
{
	struct yml *y;
	int err;

	if (s->format == CONF_YANG && text[strspn(text, " \t\r\n")] != '{')
		return why_fail(why, EINVAL, "%s: not JSON: instance data begin with {", where);
	err = yml_parse(&y, text, strlen(text), where, why);
	if (err)
		return err;
	if (s->format == CONF_AUTO)
		s->format = conf_yang_is(yml_root(y)) ? CONF_YANG : CONF_YAML;
	if (s->format == CONF_YANG)
		err = conf_yang_read(s, yml_root(y), where, why);
	else
		err = read_yaml(s, yml_root(y), where, why);
	yml_free(y);
	return err;
}

int conf_sched_read(struct conf_sched *s, const char *text, const char *where, struct why *why)
{
	int err;

	memset(&s->gate, 0, sizeof(s->gate));
	memset(&s->cbs, 0, sizeof(s->cbs));
	memset(&s->police, 0, sizeof(s->police));
	memset(s->launch, 0, sizeof(s->launch));
	memset(&s->tc_map, 0, sizeof(s->tc_map));
	s->tc_overhead = 0;
	s->ats = 0;
	s->pcp = 0;
	s->has_map = false;
	memcpy(s->map, cls_default_map, sizeof(s->map));
	s->name[0] = '\0';
	s->n_notes = 0;
	s->line = 0;
	if (s->format == CONF_AUTO && conf_tc_is(text))
		s->format = CONF_TC;
	err = s->format == CONF_TC ? conf_tc_read(s, text, where, why) : read_tree(s, text, where, why);
	if (!s->link_bps)
		s->link_bps = NS_PER_SEC; /* 1 Gb/s */
	if (err)
		conf_sched_fini(s);
	return err;
}

void conf_sched_fini(struct conf_sched *s)
{
	free(s->gate.entries);
	s->gate.entries = NULL;
	s->gate.n_entries = 0;
	conf_police_fini(&s->police);
}

int conf_sched_limits(struct cbs_limits out[TSN_CLASSES], struct wire *wire, const struct conf_sched *s, struct why *why)
{
	uint32_t max_len[TSN_CLASSES];
	struct gcl *gcl;
	unsigned int tc;
	int err = wire_init(wire, s->link_bps, why);

	if (!err)
		err = gcl_create(&gcl, &s->gate, wire, why);
	if (err)
		return err;
	for (tc = 0; tc < TSN_CLASSES; tc++)
		max_len[tc] = gcl->class[tc].max_len;
	gcl_destroy(gcl);
	return cbs_limits(out, &s->cbs, max_len, wire, why);
}

static int check_cbs(const struct conf_sched *s, struct why *why)
{
	struct cbs_limits limits[TSN_CLASSES];
	struct wire wire;

	return conf_sched_limits(limits, &wire, s, why);
}

int conf_sched_check(const struct conf_sched *s, const char *where, struct why *why)
{
	int err = conf_check_link(&s->gate, s->link_bps, why);

	if (!err)
		err = check_cbs(s, why);
	if (err && s->line)
		why_at(why, "%s:%d: gate-parameters", where, s->line);
	else if (err)
		why_at(why, "%s: gate-parameters", where);
	return err;
}

/* What only taktd's own file says. */
static void note_lost(struct conf_sched *s, enum conf_format to)
{
	bool launch = false;
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		launch |= s->launch[tc].enabled;
	if (launch)
		conf_sched_note(s, "launch-time is lost: %s", to == CONF_TC ? "the kernel has it as etf (tc-etf(8)), below txtime-assist or mqprio" :
				"no published module has it");
	if (s->ats)
		conf_sched_note(s, "asynchronous-shaper is lost: %s", to == CONF_TC ? "the kernel has none" :
				"a bridge's model selects it elsewhere, in the transmission-selection-algorithm-table");
}

int conf_sched_print(struct conf_sched *s, enum conf_format to, const char *dev, FILE *f, struct why *why)
{
	if (to != CONF_YAML)
		note_lost(s, to);
	if (to != CONF_TC)
		conf_tc_note_lost(s);
	if (to == CONF_YANG)
		conf_sched_note_map(s);
	if (to == CONF_YANG)
		return conf_yang_print(s, dev, f, why);
	if (to == CONF_TC)
		return conf_tc_print(s, dev, f, why);
	return print_yaml(s, f);
}

/* A request has keys of its own beside gate-parameters. */
int conf_parse_gate(struct gcl_conf *out, const char *text, const char *where, const char *port, struct why *why)
{
	struct conf_at at = {.where = where, .why = why};
	struct conf_sched s = {.port = port, .gates = true};
	const struct yml_node *gate;
	struct yml *y;
	int err = yml_parse(&y, text, strlen(text), where, why);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	gate = yml_find(yml_root(y), "gate-parameters");
	if (!gate && conf_is_file(yml_root(y)))
		err = read_file(&s, &at, yml_root(y));
	else
		err = read_gate(&s, &at, gate ? gate : yml_root(y));
	yml_free(y);
	if (!err) {
		*out = s.gate;
		s.gate.entries = NULL;
	}
	conf_sched_fini(&s);
	return err;
}

void conf_print_gate(const struct gcl_conf *gate, FILE *f)
{
	conf_type_gates.print(NULL, gate, f, CONF_JSON);
}
