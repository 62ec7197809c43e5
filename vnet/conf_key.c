/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of keys: defaults, reading, printing, reference.
 */
#include "vnet/conf_type.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/ns.h"

int conf_keys_default(const struct conf_key *rows, void *base, struct why *why)
{
	struct conf_at at = {.where = "default", .why = why};
	const struct conf_key *k;
	struct yml *y;
	int err = 0;

	for (k = rows; k->key && !err; k++) {
		if (!k->def)
			continue;
		err = yml_parse(&y, k->def, strlen(k->def), at.where, why);
		if (err)
			return err;
		err = k->type->read(&at, k, yml_root(y), (char *)base + k->offset);
		yml_free(y);
	}
	return err;
}

static int unknown_key(const struct conf_at *at, const struct conf_key *rows, const struct yml_node *n)
{
	const struct conf_key *k;
	char known[200] = "";
	struct near near;

	near_init(&near, n->key);
	for (k = rows; k->key; k++) {
		near_try(&near, k->key);
		if (strlen(known) + strlen(k->key) + 3 < sizeof(known))
			snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
				 k == rows ? "" : ", ", k->key);
	}
	if (near.best)
		return conf_refuse(at, n->line, NULL, "%.64s: no such key: did you mean %s?", n->key, near.best);
	return conf_refuse(at, n->line, NULL, "%.64s: no such key: use one of %s", n->key, known);
}

static const char *kind_name(unsigned int kinds)
{
	return kinds & CONF_GUEST ? "guest" : kinds & CONF_WIRE ? "wire" : "mem";
}

int conf_keys_read(const struct conf_at *at, const struct conf_key *rows, const struct yml_node *map,
		   unsigned int kind, void *base)
{
	const struct yml_node *n;
	const struct conf_key *k;
	int err;

	if (map->kind != YML_MAP)
		return conf_refuse(at, map->line, map->key, "is %s: give a mapping of KEY: VALUE (first key: %s)",
				   yml_kind_name(map), rows->key);
	for (n = map->child; n; n = n->next) {
		for (k = rows; k->key && strcmp(k->key, n->key); k++)
			;
		if (!k->key)
			return unknown_key(at, rows, n);
		if (kind && (k->flags & CONF_KINDS) && !(k->flags & kind))
			return conf_refuse(at, n->line, k->key, "only a %s port has this key: take it out",
					   kind_name(k->flags));
		err = k->type->read(at, k, n, (char *)base + k->offset);
		if (err)
			return err;
	}
	for (k = rows; k->key; k++)
		if ((k->flags & CONF_MUST) && !yml_find(map, k->key))
			return conf_refuse(at, map->line, k->key, "is missing: %s", k->help);
	return 0;
}

void conf_keys_print(const struct conf_key *rows, const void *base, unsigned int kind, FILE *f, int indent)
{
	const struct conf_key *k;
	bool first = true;

	for (k = rows; k->key; k++) {
		if (kind && (k->flags & CONF_KINDS) && !(k->flags & kind))
			continue;
		if (!k->type->print || (k->type->absent && k->type->absent(k, (const char *)base + k->offset)))
			continue;
		if (indent == CONF_JSON)
			fprintf(f, "%s\"%s\": ", first ? "" : ", ", k->key);
		else
			fprintf(f, "%s%*s%s:%s", first ? "" : "\n", first ? 0 : indent, "", k->key,
				k->type->block ? "" : " ");
		k->type->print(k, (const char *)base + k->offset, f, indent);
		first = false;
	}
}

void conf_keys_print_block(const struct conf_key *rows, const void *base, FILE *f, int indent)
{
	if (indent == CONF_JSON)
		fputc('{', f);
	else
		fprintf(f, "\n%*s", indent + 2, "");
	conf_keys_print(rows, base, 0, f, indent == CONF_JSON ? CONF_JSON : indent + 2);
	if (indent == CONF_JSON)
		fputc('}', f);
}

static void doc_value(const struct conf_key *k, FILE *f)
{
	char low[NS_STR_LEN], high[NS_STR_LEN];
	const char *const *w;

	if (k->words) {
		for (w = k->words; *w; w++)
			fprintf(f, "%s`%s`", w == k->words ? "" : " or ", *w);
	} else if (k->type == &conf_type_int) {
		fprintf(f, "%" PRId64 " to %" PRId64 "%s%s", k->min, k->max,
			k->flags & CONF_POW2 ? ", a power of two" : "", k->flags & CONF_OR_0 ? ", or 0" : "");
	} else if (k->type == &conf_type_ns) {
		fprintf(f, "duration, %s to %s", ns_exact(low, k->min), ns_exact(high, k->max));
	} else if (k->type == &conf_type_text || k->type == &conf_type_name || k->type == &conf_type_path) {
		fprintf(f, "%s, up to %" PRId64 " characters", k->type->name, k->max - 1);
	} else {
		fputs(k->type->name, f);
	}
}

void conf_keys_doc(const struct conf_key *rows, FILE *f)
{
	const struct conf_key *k;

	fputs("| key | value | default | meaning |\n|---|---|---|---|\n", f);
	for (k = rows; k->key; k++) {
		fprintf(f, "| `%s` | ", k->key);
		doc_value(k, f);
		fprintf(f, k->def ? " | `%s` | " : " | | ", k->def);
		if (k->flags & CONF_MUST)
			fputs("*Must be given.* ", f);
		if (k->flags & CONF_KINDS)
			fprintf(f, "*Only %s ports.* ", kind_name(k->flags));
		fprintf(f, "%s |\n", k->help);
	}
}

/* Text that roff takes literally; backquotes of the help become bold. */
void conf_put_roff(const char *s, FILE *f)
{
	bool bold = false;

	for (; *s; s++) {
		if (*s == '`') {
			bold = !bold;
			fputs(bold ? "\\fB" : "\\fR", f);
		} else {
			fputs(*s == '\\' ? "\\e" : *s == '-' ? "\\-" : (char[]){*s, '\0'}, f);
		}
	}
}

void conf_keys_man(const struct conf_key *rows, FILE *f)
{
	const struct conf_key *k;
	char *value;
	size_t len;
	FILE *m;

	for (k = rows; k->key; k++) {
		fputs(".TP\n\\fB", f);
		conf_put_roff(k->key, f);
		fputs("\\fR (", f);
		m = open_memstream(&value, &len);
		if (!m)
			return;
		doc_value(k, m);
		fclose(m);
		conf_put_roff(value, f);
		free(value);
		if (k->flags & CONF_MUST)
			fputs("; must be given", f);
		if (k->def) {
			fputs("; default ", f);
			conf_put_roff(k->def, f);
		}
		fputs(")\n", f);
		if (k->flags & CONF_KINDS)
			fprintf(f, "Only %s ports. ", kind_name(k->flags));
		conf_put_roff(k->help, f);
		fputc('\n', f);
	}
}
