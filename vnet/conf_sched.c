/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/conf_sched.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
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

/* -- yaml ---------------------------------------------------------------------------------------------------- */

/* Which port's gate-parameters are meant? */
static int choose_port(const struct conf_at *at, const struct conf *conf, const char *port, uint32_t *out)
{
	uint32_t i, n = 0;

	for (i = 0; i < conf->n_ports; i++) {
		if (port ? strcmp(conf->port[i].name, port) != 0 : !conf->port[i].has_gate)
			continue;
		*out = i;
		n++;
	}
	if (n == 1 && conf->port[*out].has_gate)
		return 0;
	if (n == 1)
		return conf_refuse(at, conf->port[*out].line, port, "this port has no gate-parameters: add them, or name another port");
	if (port)
		return why_fail(at->why, EINVAL, "%s: no port is named %s: name one that is", at->where, port);
	return why_fail(at->why, EINVAL, "%s: %s: %s", at->where,
			n ? "several ports have gate-parameters" : "no port has gate-parameters",
			n ? "name the port" : "add them to one");
}

static void take_port(struct conf_sched *s, struct conf_port *p)
{
	s->gate = p->gate;
	p->gate.entries = NULL;
	s->cbs = p->cbs;
	s->line = p->line;
	if (!s->link_bps)
		s->link_bps = p->link_bps;
	s->has_map = true;
	memcpy(s->map, p->class_map, sizeof(s->map));
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
	err = choose_port(at, conf, s->port, &i);
	if (!err)
		take_port(s, &conf->port[i]);
	conf_fini(conf);
out:
	free(conf);
	return err;
}

static int read_yaml(struct conf_sched *s, const struct yml_node *root, const char *where, struct why *why)
{
	struct conf_at at = {.where = where, .why = why};
	const struct yml_node *gate = yml_find(root, "gate-parameters");

	if (conf_is_file(root))
		return read_file(s, &at, root);
	if (!gate)
		gate = root;
	s->line = conf_gate_line(gate);
	return conf_type_gates.read(&at, NULL, gate, &s->gate);
}

/* The shapers are the port's in a taktd file, and a schedule alone has no port. */
static void note_slopes(struct conf_sched *s)
{
	char list[TSN_CLASSES * 24] = "";
	unsigned int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (s->cbs.idle_bps[tc])
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%u: %" PRId64, *list ? ", " : "", tc, s->cbs.idle_bps[tc]);
	if (*list)
		conf_sched_note(s, "idle slopes belong to the port, beside gate-parameters: \"credit-based-shaper: {%s}\"", list);
}

static int print_yaml(struct conf_sched *s, FILE *f)
{
	note_slopes(s);
	fputs("gate-parameters:", f);
	conf_type_gates.print(NULL, &s->gate, f, 0);
	fputc('\n', f);
	return 0;
}

/* -- all ----------------------------------------------------------------------------------------------------- */

static int read_tree(struct conf_sched *s, const char *text, const char *where, struct why *why)
{
	struct yml *y;
	int err = yml_parse(&y, text, strlen(text), where, why);

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
	s->has_map = false;
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
}

static int check_cbs(const struct conf_sched *s, struct why *why)
{
	struct cbs_limits limits[TSN_CLASSES];
	uint32_t max_len[TSN_CLASSES];
	struct wire wire;
	struct gcl *gcl;
	unsigned int tc;
	int err = wire_init(&wire, s->link_bps, why);

	if (!err)
		err = gcl_create(&gcl, &s->gate, &wire, why);
	if (err)
		return err;
	for (tc = 0; tc < TSN_CLASSES; tc++)
		max_len[tc] = gcl->class[tc].max_len;
	gcl_destroy(gcl);
	return cbs_limits(limits, &s->cbs, max_len, &wire, why);
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

int conf_sched_print(struct conf_sched *s, enum conf_format to, const char *dev, FILE *f, struct why *why)
{
	if (to == CONF_YANG)
		return conf_yang_print(s, dev, f, why);
	if (to == CONF_TC)
		return conf_tc_print(s, dev, f, why);
	return print_yaml(s, f);
}

int conf_parse_gate(struct gcl_conf *out, const char *text, const char *where, const char *port, struct why *why)
{
	struct conf_sched s = {.format = CONF_YAML, .port = port};
	int err = conf_sched_read(&s, text, where, why);

	memset(out, 0, sizeof(*out));
	if (!err)
		*out = s.gate;
	return err;
}

void conf_print_gate(const struct gcl_conf *gate, FILE *f)
{
	conf_type_gates.print(NULL, gate, f, CONF_JSON);
}
