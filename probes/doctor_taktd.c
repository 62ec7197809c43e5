/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/doctor_taktd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/doctor_look.h"
#include "vnet/client.h"

#define DUMP_MAX (1 << 20)

/* -- show: ports and their schedules ------------------------------------------------------------------------------- */

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void text_of(char *out, size_t size, const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	snprintf(out, size, "%s", s ? s : "");
}

/* "net_af_xdp0,iface=eth0,...": what stands behind iface= */
static void interface_of(char *out, size_t size, const json_t *port)
{
	const char *device = json_string_value(json_object_get(port, "device"));
	const char *iface = device ? strstr(device, ",iface=") : NULL;

	out[0] = '\0';
	if (iface) {
		iface += strlen(",iface=");
		snprintf(out, size, "%.*s", (int)strcspn(iface, ","), iface);
	}
}

static int64_t cycle_of(const json_t *profile)
{
	const json_t *cycle = json_object_get(profile, "admin-cycle-time");
	int64_t den;

	if (!json_is_object(cycle))
		return json_integer_value(cycle);
	den = number(cycle, "denominator");
	return den > 0 ? (int64_t)((double)number(cycle, "numerator") * 1e9 / (double)den) : 0;
}

/*
 * Shut time of one class. The last entry's states last to the end of the cycle, and a stretch may go on over it: the list is walked twice,
 * which finds it; one that never ends is a whole cycle.
 */
static void count_shut(struct doctor_port *p, const json_t *list, int tc)
{
	size_t i, n = json_array_size(list);
	int64_t t = 0, run = 0, len;

	for (i = 0; i < 2 * n; i++) {
		const json_t *entry = json_array_get(list, i % n);

		if (i == n)
			t = 0;
		len = i % n == n - 1 ? p->cycle_ns - t : number(entry, "time-interval-value");
		if (len < 0 || t > p->cycle_ns)
			len = 0;
		t += len;
		if (number(entry, "gate-states-value") >> tc & 1) {
			run = 0;
			continue;
		}
		run += len;
		if (i < n)
			p->shut_ns[tc] += len;
		if (run > p->stretch_ns[tc])
			p->stretch_ns[tc] = run;
	}
	if (p->stretch_ns[tc] > p->cycle_ns)
		p->stretch_ns[tc] = p->cycle_ns;
}

static void look_at_gates(struct doctor_port *p, const json_t *port)
{
	const json_t *gate = json_object_get(port, "gate"), *oper = json_object_get(gate, "oper"), *list;
	int tc;

	if (!json_is_object(oper))
		oper = json_object_get(gate, "admin"); /* the one that begins soon */
	list = json_object_get(oper, "admin-control-list");
	if (!json_is_true(json_object_get(oper, "gate-enabled")) || !json_array_size(list))
		return;
	p->cycle_ns = cycle_of(oper);
	for (tc = 0; tc < TAKTD_CLASSES; tc++)
		count_shut(p, list, tc);
}

static void look_at_show(struct doctor_taktd *t, const json_t *show)
{
	const json_t *port, *clock = json_object_get(show, "clock");
	size_t i;

	t->tells_clock = json_object_get(clock, "good") != NULL;
	t->good = json_is_true(json_object_get(clock, "good"));
	text_of(t->why_not, sizeof(t->why_not), clock, "why_not");
	json_array_foreach(json_object_get(show, "ports"), i, port) {
		struct doctor_port *p = &t->port[t->ports];
		int k;

		if (t->ports == TAKTD_PORTS)
			break;
		*p = (struct doctor_port){.correction = true, .link_bps = number(port, "link-speed")};
		text_of(p->name, sizeof(p->name), port, "name");
		text_of(p->kind, sizeof(p->kind), port, "kind");
		interface_of(p->interface, sizeof(p->interface), port);
		for (k = 0; k < 8; k++)
			p->class_of[k] = k < 2 ? 1 - k : k; /* 802.1Q Table 8-5 */
		look_at_gates(p, port);
		t->ports++;
	}
}

/* -- dump: what show does not tell, as taktd prints it: a key a line, "- name: X" begins a port ---------------------------- */

static bool starts(const char *line, const char *word, const char **rest)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n))
		return false;
	*rest = line + n;
	return true;
}

/* The value of a key in a flow mapping: "role: deny, ..." */
static bool flow(const char *line, const char *key, char *out, size_t size)
{
	const char *s = strstr(line, key);

	if (!s)
		return false;
	s += strlen(key);
	snprintf(out, size, "%.*s", (int)strcspn(s, ",} \n"), s);
	return true;
}

static struct doctor_port *find(struct doctor_taktd *t, const char *name)
{
	size_t len = strcspn(name, "\n");
	int i;

	if (len > 1 && strchr("\"'", name[0])) {
		name++;
		len -= 2;
	}
	for (i = 0; i < t->ports; i++)
		if (strlen(t->port[i].name) == len && !strncmp(t->port[i].name, name, len))
			return &t->port[i];
	return NULL;
}

static void look_at_line(struct doctor_port *p, const char *line)
{
	const char *rest;
	char word[16];
	int c[8], k;

	if (starts(line, "  priority: ", &rest))
		p->priority = atoi(rest) & 7;
	else if (starts(line, "  ptp: {", &rest)) {
		flow(rest, "role: ", p->role, sizeof(p->role));
		if (flow(rest, "correction: ", word, sizeof(word)))
			p->correction = strcmp(word, "false") != 0;
	} else if (starts(line, "  traffic-class-table: [", &rest) &&
		   sscanf(rest, "%d, %d, %d, %d, %d, %d, %d, %d", &c[0], &c[1], &c[2], &c[3], &c[4], &c[5], &c[6], &c[7]) == 8) {
		for (k = 0; k < 8; k++)
			p->class_of[k] = c[k] & 7;
	}
}

static void look_at_dump(struct doctor_taktd *t, const char *yaml)
{
	struct doctor_port *port = NULL;
	const char *line, *rest;

	for (line = yaml; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (starts(line, "cpu: ", &rest))
			t->cpu = atoi(rest);
		else if (starts(line, "- name: ", &rest))
			port = find(t, rest);
		else if (port)
			look_at_line(port, line);
	}
}

/* -- asking -------------------------------------------------------------------------------------------------------- */

static void look_at_root(struct doctor_taktd *t, const char *root)
{
	char path[LOOK_PATH], *yaml;
	json_t *show;

	snprintf(path, sizeof(path), "%.480s/answers/show.json", root);
	show = json_load_file(path, 0, NULL);
	if (!show) {
		why_fail(&t->missing, ENOENT, "no taktd answers");
		return;
	}
	look_at_show(t, show);
	json_decref(show);
	yaml = malloc(DUMP_MAX);
	t->known = yaml && look_text(root, yaml, DUMP_MAX, "/answers/dump.yaml") >= 0;
	if (t->known)
		look_at_dump(t, yaml);
	else
		why_fail(&t->missing, ENOENT, "taktd tells no configuration");
	free(yaml);
}

void taktd_look(struct doctor_taktd *t, const char *root, const char *name)
{
	const char *yaml;
	json_t *reply;
	int err;

	memset(t, 0, sizeof(*t));
	t->cpu = -1;
	if (root[0]) {
		look_at_root(t, root);
		return;
	}
	err = client_request(name, json_pack("{s:s}", "cmd", "show"), &reply, &t->missing);
	if (err == -ENOENT || err == -ECONNREFUSED)
		why_fail(&t->missing, 0, "no taktd answers: start one, or name it with --name");
	if (err)
		return;
	look_at_show(t, reply);
	json_decref(reply);
	if (client_request(name, json_pack("{s:s}", "cmd", "dump"), &reply, &t->missing))
		return;
	yaml = json_string_value(json_object_get(reply, "yaml"));
	look_at_dump(t, yaml ? yaml : "");
	json_decref(reply);
	t->known = true;
}
