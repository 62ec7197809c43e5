/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/campaign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain_file.h"
#include "bench/campaign_keys.h"
#include "bench/hosts.h"

#define MAX_BYTES (256 << 10)	/* of a file: its longest parts are schedules */

struct book {
	struct campaign c;
	struct yml *yml;
	char *text;
	char *made[CAMPAIGN_SCHEDULES];		/* schedules' lines */
	const char *schedule[CAMPAIGN_SCHEDULES + 1];	/* their names, NULL behind them */
	struct campaign_place at;
};

static int want_map(struct book *b, const struct yml_node *n)
{
	return n->kind == YML_MAP ? 0 : campaign_refuse(&b->at, n, "%s is %s: write {KEY: VALUE, ...}", n->key, yml_kind_name(n));
}

static int read_map(struct book *b, const struct yml_node *n, const struct campaign_key *keys)
{
	const char *names[16] = {NULL};
	const struct yml_node *child;
	int i, rc = want_map(b, n);

	for (i = 0; keys[i].name; i++)
		names[i] = keys[i].name;
	for (child = n->child; !rc && child; child = child->next)
		rc = campaign_key_find(keys, child->key) ? campaign_take(&b->at, campaign_key_find(keys, child->key), child, &b->c) : campaign_refuse_name(&b->at, child, child->key, "key here", names);
	return rc;
}

static int read_traffic(struct book *b, const struct yml_node *n)
{
	return read_map(b, n, campaign_traffic);
}

static int read_hosts(struct book *b, const struct yml_node *n)
{
	int rc = read_map(b, n, campaign_hosts);

	if (!rc && (!b->c.hosts.inventory || !b->c.hosts.talker || !b->c.hosts.listener))
		return campaign_refuse(&b->at, n, "hosts wants all three of inventory, talker and listener");
	return rc;
}

static int read_schedules(struct book *b, const struct yml_node *n)
{
	const struct yml_node *s;
	size_t size;
	FILE *f;
	int i, rc = want_map(b, n);

	for (s = n->child; !rc && s; s = s->next) {
		i = b->c.n_schedules;
		if (i == CAMPAIGN_SCHEDULES)
			return campaign_refuse(&b->at, s, "more than %d schedules: drop some", CAMPAIGN_SCHEDULES);
		if (!campaign_is_name(s->key) || !strcmp(s->key, "none"))
			return campaign_refuse(&b->at, s, "\"%.60s\" is no name for a schedule: give letters, digits, - and _, and not none", s->key);
		if (s->kind != YML_MAP)
			return campaign_refuse(&b->at, s, "%s is %s: write {gate-parameters: {...}}, keys of a port as in taktd's file", s->key, yml_kind_name(s));
		f = open_memstream(&b->made[i], &size);
		if (!f)
			return why_fail(b->at.why, ENOMEM, "%s: out of memory", b->at.where);
		campaign_one_line(f, s);
		if (fclose(f))
			return why_fail(b->at.why, ENOMEM, "%s: out of memory", b->at.where);
		b->c.schedule[i].name = b->schedule[i] = s->key;
		b->c.schedule[i].yaml = b->made[i];
		b->c.schedule[i].line = s->line;
		b->c.n_schedules++;
	}
	return rc;
}

static int find_axis(struct book *b, const struct yml_node *n)
{
	const char *names[AXES + 1] = {NULL};
	int i, axis = axis_find(n->key);

	if (axis >= 0)
		return axis;
	for (i = 0; i < AXES; i++)
		names[i] = axes[i].name;
	return campaign_refuse_name(&b->at, n, n->key, "axis", names);
}

/* A list of words, or one word: calls `each` with every one. */
static int words(struct book *b, const struct yml_node *n, int axis, int (*each)(struct book *b, const struct yml_node *word, int axis))
{
	const struct yml_node *w;
	int rc = 0;

	if (n->kind == YML_SCALAR)
		return each(b, n, axis);
	if (n->kind != YML_LIST || !n->n)
		return campaign_refuse(&b->at, n, "%s is %s: list values, [a, b]", n->key, n->kind == YML_LIST ? "empty" : yml_kind_name(n));
	for (w = n->child; !rc && w; w = w->next)
		rc = w->kind == YML_SCALAR ? each(b, w, axis) : campaign_refuse(&b->at, w, "%s: %s is no value", n->key, yml_kind_name(w));
	return rc;
}

static int value_of(const struct campaign_axis *a, const char *word, size_t len)
{
	int i;

	for (i = 0; i < a->n; i++)
		if (strlen(a->value[i]) == len && !strncmp(a->value[i], word, len))
			return i;
	return -1;
}

static int add_value(struct book *b, const struct yml_node *w, int axis)
{
	struct campaign_axis *a = &b->c.axis[axis];
	struct why why = {""};

	if (!w->text[0])
		return campaign_refuse(&b->at, w, "%s has an empty value: take it out", axes[axis].name);
	if (value_of(a, w->text, strlen(w->text)) >= 0)
		return campaign_refuse(&b->at, w, "%s: %.60s is listed twice: keep one", axes[axis].name, w->text);
	if (a->n == CAMPAIGN_VALUES)
		return campaign_refuse(&b->at, w, "%s: more than %d values: drop some", axes[axis].name, CAMPAIGN_VALUES);
	if (axis_check(axis, w->text, b->schedule, &why))
		return campaign_refuse(&b->at, w, "%s", why.text);
	a->value[a->n++] = w->text;
	return 0;
}

static int read_matrix(struct book *b, const struct yml_node *n)
{
	const struct yml_node *row;
	int axis, rc = want_map(b, n);

	for (row = n->child; !rc && row; row = row->next) {
		axis = find_axis(b, row);
		rc = axis < 0 ? axis : words(b, row, axis, add_value);
	}
	return rc;
}

static int add_except(struct book *b, const struct yml_node *w, int axis)
{
	int i = value_of(&b->c.axis[axis], w->text, strlen(w->text));

	if (i < 0)
		return campaign_refuse(&b->at, w, "%s: %.60s is not in the matrix: there is nothing to leave out", axes[axis].name, w->text);
	b->c.except[b->c.n_excepts].of[axis] |= UINT32_C(1) << i;
	return 0;
}

static int read_except(struct book *b, const struct yml_node *n)
{
	const struct yml_node *row, *w;
	int axis, rc = 0;

	if (n->kind != YML_LIST)
		return campaign_refuse(&b->at, n, "except is %s: list rows, - {AXIS: VALUE, ...}", yml_kind_name(n));
	for (row = n->child; !rc && row; row = row->next) {
		if (row->kind != YML_MAP || !row->n)
			return campaign_refuse(&b->at, row, "a row of except is {AXIS: VALUE, ...}");
		if (b->c.n_excepts == CAMPAIGN_EXCEPTS)
			return campaign_refuse(&b->at, row, "more than %d rows in except: use lists of values", CAMPAIGN_EXCEPTS);
		for (w = row->child; !rc && w; w = w->next) {
			axis = find_axis(b, w);
			rc = axis < 0 ? axis : words(b, w, axis, add_except);
		}
		b->c.n_excepts++;
	}
	return rc;
}

/* Parts with an inside of their own, in the order in which they are read: the matrix names schedules, exceptions name the matrix. */
static const struct {
	const char *name;
	int (*read)(struct book *b, const struct yml_node *n);
	const char *help;
} parts[] = {
	{"traffic", read_traffic, "{cycle, size, priority, vlan, duration, warm-up, deadline}"},
	{"schedules", read_schedules, "{NAME: {KEY: VALUE, ...}, ...}: what the axis schedule may name, keys of the port that frames leave by"},
	{"matrix", read_matrix, "{AXIS: [VALUE, ...], ...}"},
	{"except", read_except, "[{AXIS: VALUE, ...}, ...]: cells that are left out"},
	{"hosts", read_hosts, "{inventory, talker, listener}"},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static bool is_part(const char *name)
{
	size_t i;

	for (i = 0; i < PARTS && strcmp(parts[i].name, name); i++)
		;
	return i < PARTS;
}

/* Who measures between hosts says which; who says which measures between them. */
static int check_hosts(struct book *b, const struct yml_node *root)
{
	const struct yml_node *hosts = yml_find(root, "hosts"), *matrix = yml_find(root, "matrix"), *backend = matrix ? yml_find(matrix, "backend") : NULL;
	bool wanted = value_of(&b->c.axis[AXIS_BACKEND], HOSTS_BACKEND, strlen(HOSTS_BACKEND)) >= 0;

	if (hosts && !wanted)
		return campaign_refuse(&b->at, hosts, "hosts: no cell is between them, since the matrix has no backend " HOSTS_BACKEND ": give backend: [" HOSTS_BACKEND "], or take hosts out");
	if (!hosts && wanted)
		return campaign_refuse(&b->at, backend ?: root, "backend " HOSTS_BACKEND ": between which? Give hosts: {inventory: FILE, talker: NAME, listener: NAME}, or take it out");
	return 0;
}

static int read_top(struct book *b)
{
	const char *names[PARTS + 16];
	const struct yml_node *root = yml_root(b->yml), *n;
	size_t i, k;
	int rc = 0;

	if (root->kind != YML_MAP)
		return campaign_refuse(&b->at, root, "a campaign is a mapping: begin with campaign: NAME");
	for (i = 0; i < PARTS; i++)
		names[i] = parts[i].name;
	for (k = 0; campaign_top[k].name; k++)
		names[i++] = campaign_top[k].name;
	names[i] = NULL;
	for (n = root->child; !rc && n; n = n->next)
		if (!is_part(n->key))
			rc = campaign_key_find(campaign_top, n->key) ? campaign_take(&b->at, campaign_key_find(campaign_top, n->key), n, &b->c) : campaign_refuse_name(&b->at, n, n->key, "key here", names);
	for (i = 0; !rc && i < PARTS; i++) {
		n = yml_find(root, parts[i].name);
		rc = n ? parts[i].read(b, n) : 0;
	}
	if (!rc && !b->c.name)
		return campaign_refuse(&b->at, root, "it has no name: give campaign: NAME");
	if (!rc && !b->c.title)
		b->c.title = b->c.name;
	if (!rc && !b->c.note)
		b->c.note = "";
	for (i = 0; !rc && i < AXES; i++)
		if (!b->c.axis[i].n)
			b->c.axis[i].value[b->c.axis[i].n++] = axes[i].value;
	return rc ?: check_hosts(b, root);
}

static int load(struct book *b, const char *path, struct why *why)
{
	FILE *f = plain_file_open(path, why);
	bool bad;

	if (!f)
		return -errno;
	b->text = malloc(MAX_BYTES + 1);
	if (b->text)
		b->c.len = fread(b->text, 1, MAX_BYTES + 1, f);
	bad = ferror(f);
	fclose(f);
	if (!b->text || bad)
		return why_fail(why, b->text ? EIO : ENOMEM, "%s: cannot be read", path);
	if (b->c.len > MAX_BYTES)
		return why_fail(why, EINVAL, "%s: longer than %d KiB: no campaign needs that", path, MAX_BYTES >> 10);
	b->c.text = b->text;
	return yml_parse(&b->yml, b->text, b->c.len, path, why);
}

int campaign_read(struct campaign **out, const char *path, struct why *why)
{
	struct book *b = calloc(1, sizeof(*b));
	int rc;

	if (!b)
		return why_fail(why, ENOMEM, "out of memory");
	b->at.where = path;
	b->at.why = why;
	campaign_preset(&b->c, campaign_top);
	campaign_preset(&b->c, campaign_traffic);
	rc = load(b, path, why) ?: read_top(b);
	if (rc)
		campaign_free(&b->c);
	else
		*out = &b->c;
	return rc;
}

void campaign_free(struct campaign *c)
{
	struct book *b = (struct book *)c;
	int i;

	if (!b)
		return;
	for (i = 0; i < CAMPAIGN_SCHEDULES; i++)
		free(b->made[i]);
	yml_free(b->yml);
	free(b->text);
	free(b);
}

static int only_unknown(const struct campaign_axis *a, int axis, const char *word, int len, struct why *why)
{
	char all[160] = "";
	int i;

	for (i = 0; i < a->n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "", a->value[i]);
	return why_fail(why, EINVAL, "--only: the matrix has no %s=%.*s: choose from %s", axes[axis].name, len, word, all);
}

int campaign_only(struct campaign *c, const char *text, struct why *why)
{
	bool wanted[CAMPAIGN_VALUES] = {false};
	const char *eq = strchr(text, '='), *w;
	struct campaign_axis *a;
	char name[32];
	int axis, i, len;

	if (!eq || eq == text || !eq[1])
		return why_fail(why, EINVAL, "--only %.60s: write AXIS=VALUE, or AXIS=VALUE,VALUE", text);
	snprintf(name, sizeof(name), "%.*s", (int)(eq - text), text);
	axis = axis_find(name);
	if (axis < 0)
		return why_fail(why, EINVAL, "--only: %s is no axis: takt bench axes lists them", name);
	a = &c->axis[axis];
	for (w = eq + 1; *w; w += len + (w[len] == ',')) {
		len = (int)strcspn(w, ",");
		i = value_of(a, w, (size_t)len);
		if (i < 0)
			return only_unknown(a, axis, w, len, why);
		wanted[i] = true;
	}
	for (i = 0; i < a->n; i++)
		a->left_out[i] |= !wanted[i];
	return 0;
}

const char *campaign_schedule(const struct campaign *c, const char *name)
{
	int i;

	for (i = 0; i < c->n_schedules; i++)
		if (!strcmp(c->schedule[i].name, name))
			return c->schedule[i].yaml;
	return NULL;
}

static void print_key(struct out *o, const char *prefix, const char *name, const char *def, const char *help)
{
	char full[48];

	snprintf(full, sizeof(full), "%s%s", prefix, name);
	out_object(o, NULL);
	out_str(o, "key", full, "  %-18s", full);
	if (def)
		out_str(o, "default", def, "%-12s", def);
	else
		out_null(o, "default", "%-12s", "");
	out_str(o, "help", help, "%s\n", help);
	out_end(o);
}

void campaign_keys_print(struct out *o)
{
	const struct campaign_key *k;
	size_t i;

	out_array(o, NULL);
	for (k = campaign_top; k->name; k++)
		print_key(o, "", k->name, k->def, k->help);
	for (i = 0; i < PARTS; i++)
		print_key(o, "", parts[i].name, NULL, parts[i].help);
	for (k = campaign_traffic; k->name; k++)
		print_key(o, "traffic.", k->name, k->def, k->help);
	out_end(o);
}
