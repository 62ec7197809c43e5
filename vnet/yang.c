/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/yang.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"

/* -- places -------------------------------------------------------------------------------------------------- */

int yang_refuse(const struct yang_at *at, int line, const char *fmt, ...)
{
	struct why why;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why.text, sizeof(why.text), fmt, ap);
	va_end(ap);
	return why_fail(at->why, EINVAL, "%s:%d: %s%s%s", at->where, line, at->path, *at->path ? ": " : "", why.text);
}

size_t yang_enter(struct yang_at *at, const char *name, int64_t index)
{
	size_t mark = strlen(at->path), room = sizeof(at->path) - mark;

	snprintf(at->path + mark, room, "%s%.64s", mark ? "/" : "", name);
	if (index >= 0) {
		room = sizeof(at->path) - strlen(at->path);
		snprintf(at->path + strlen(at->path), room, "[%" PRId64 "]", index);
	}
	return mark;
}

void yang_leave(struct yang_at *at, size_t mark)
{
	at->path[mark] = '\0';
}

const char *yang_local(const char *key, size_t *module_len)
{
	const char *colon = strchr(key, ':');

	*module_len = colon ? (size_t)(colon - key) : 0;
	return colon ? colon + 1 : key;
}

const struct yml_node *yang_find(const struct yml_node *map, const char *name)
{
	const struct yml_node *n;
	size_t len;

	if (!map || map->kind != YML_MAP)
		return NULL;
	for (n = map->child; n; n = n->next)
		if (!strcmp(yang_local(n->key, &len), name))
			return n;
	return NULL;
}

/* -- leaves -------------------------------------------------------------------------------------------------- */

/* Decimal digits without a leading zero, 0..max: what JSON and YANG have in common. */
static int parse_number(const char *text, uint64_t max, uint64_t *out)
{
	size_t len = strspn(text, "0123456789");
	unsigned long long v;

	if (!len || text[len] || (len > 1 && text[0] == '0'))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, NULL, 10);
	if (errno || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

static int read_number(const struct yang_at *at, const struct yang_row *r, const struct yml_node *n, uint64_t *out)
{
	bool wide = r->kind == YANG_UINT64;
	int err;

	if (n->kind != YML_SCALAR || (wide ? !n->quoted : n->quoted))
		return yang_refuse(at, n->line, wide ? "is not a string: RFC 7951 writes 64-bit integers in quotes, e.g. \"%.20s\""
						     : "is not a number: RFC 7951 writes integers of up to 32 bits without quotes, e.g. %.20s",
				   n->kind == YML_SCALAR && *n->text ? n->text : "0");
	err = parse_number(n->text, r->max, out);
	if (err == -ERANGE)
		return yang_refuse(at, n->line, "%.32s is out of range: give 0 to %" PRIu64, n->text, r->max);
	if (err)
		return yang_refuse(at, n->line, "\"%.32s\" is no number: give decimal digits, 0 to %" PRIu64, n->text, r->max);
	return 0;
}

static int read_bool(const struct yang_at *at, const struct yml_node *n, uint64_t *out)
{
	if (n->kind != YML_SCALAR || n->quoted || (strcmp(n->text, "true") && strcmp(n->text, "false")))
		return yang_refuse(at, n->line, "is no boolean: give true or false, without quotes");
	*out = n->text[0] == 't';
	return 0;
}

static int read_word(const struct yang_at *at, const struct yang_row *r, const struct yml_node *n, uint64_t *out)
{
	const char *const *w;
	char known[160] = "";
	size_t len;

	for (w = r->words; n->kind == YML_SCALAR && n->quoted && *w; w++)
		if (!strcmp(*w, n->text)) {
			*out = (uint64_t)(w - r->words);
			return 0;
		}
	for (w = r->words; *w; w++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s\"%s\"", w == r->words ? "" : ", ", *w);
	for (w = r->words; r->kind == YANG_IDENTITY && n->kind == YML_SCALAR && *w; w++)
		if (!strcmp(yang_local(*w, &len), n->text))
			return yang_refuse(at, n->line, "\"%.64s\" lacks its module's name: give \"%s\"", n->text, *w);
	return yang_refuse(at, n->line, "%s%.64s%s is none of its values: give %s", n->kind == YML_SCALAR ? "\"" : "",
			   n->kind == YML_SCALAR ? n->text : yml_kind_name(n), n->kind == YML_SCALAR ? "\"" : "", known);
}

static int read_empty(const struct yang_at *at, const struct yml_node *n)
{
	const struct yml_node *c = n->child;

	if (n->kind != YML_LIST || n->n != 1 || c->kind != YML_SCALAR || *c->text || c->quoted)
		return yang_refuse(at, n->line, "is not of type empty: RFC 7951 writes it [null]");
	return 0;
}

static int read_string(const struct yang_at *at, const struct yml_node *n, const char **out)
{
	if (n->kind != YML_SCALAR || !n->quoted)
		return yang_refuse(at, n->line, "is not a string: put it in quotes");
	*out = n->text;
	return 0;
}

/* -- containers and lists ------------------------------------------------------------------------------------ */

static int read_table(struct yang_at *at, const struct yang_row *r, const struct yml_node *n, struct yang_list *out)
{
	const struct yml_node *c;
	size_t mark;
	int err = 0;
	char *item;

	if (n->kind != YML_LIST)
		return yang_refuse(at, n->line, "is %s: give a list, [{...}]", yml_kind_name(n));
	if (n->n > r->max)
		return yang_refuse(at, n->line, "has %u entries: give at most %" PRIu64, n->n, r->max);
	if (!n->n)
		return 0;
	out->items = calloc(n->n, r->size);
	if (!out->items)
		return why_fail(at->why, ENOMEM, "%s: out of memory", at->where);
	mark = strlen(at->path);
	for (c = n->child, item = out->items; c && !err; c = c->next, item += r->size) {
		snprintf(at->path + mark, sizeof(at->path) - mark, "[%u]", out->n++);
		err = yang_read(at, r->sub, c, item);
	}
	yang_leave(at, mark);
	return err;
}

static int read_row(struct yang_at *at, const struct yang_row *r, const struct yml_node *n, void *field)
{
	switch (r->kind) {
	case YANG_UINT:
	case YANG_UINT64:
		return read_number(at, r, n, field);
	case YANG_BOOL:
		return read_bool(at, n, field);
	case YANG_ENUM:
	case YANG_IDENTITY:
		return read_word(at, r, n, field);
	case YANG_EMPTY:
		return read_empty(at, n);
	case YANG_STRING:
		return read_string(at, n, field);
	case YANG_BOX:
		return yang_read(at, r->sub, n, field);
	case YANG_TABLE:
		return read_table(at, r, n, field);
	case YANG_STATE:
		if (!at->n_state++)
			snprintf(at->state, sizeof(at->state), "%s", r->name);
		return 0;
	default:
		return 0;
	}
}

static int unknown(const struct yang_at *at, const struct yang_row *rows, const struct yml_node *n, const char *name)
{
	const struct yang_row *r;
	struct near near;

	near_init(&near, name);
	for (r = rows; r->kind != YANG_END; r++)
		near_try(&near, r->name);
	if (near.best)
		return yang_refuse(at, n->line, "%.64s: no such leaf: did you mean %s?", n->key, near.best);
	return yang_refuse(at, n->line, "%.64s: no such leaf in the IEEE module: take it out", n->key);
}

static int read_member(struct yang_at *at, const struct yang_row *rows, const struct yml_node *n, void *base)
{
	const struct yang_row *r;
	uint64_t *given = base;
	size_t mark, len;
	const char *name = yang_local(n->key, &len);
	int err;

	if (n->key[0] == '@')
		return 0; /* an annotation, RFC 7952 */
	if (len && strncmp(n->key, "ieee802-dot1", 12))
		return yang_refuse(at, n->line, "%.64s: of a module that has nothing here: take it out", n->key);
	for (r = rows; r->kind != YANG_END && strcmp(r->name, name); r++)
		;
	if (r->kind == YANG_END)
		return unknown(at, rows, n, name);
	if (*given >> (r - rows) & 1)
		return yang_refuse(at, n->line, "%.64s: given twice: keep one of them", n->key);
	*given |= UINT64_C(1) << (r - rows);
	mark = yang_enter(at, name, -1);
	err = read_row(at, r, n, (char *)base + r->offset);
	yang_leave(at, mark);
	return err;
}

int yang_read(struct yang_at *at, const struct yang_row *rows, const struct yml_node *map, void *base)
{
	const struct yml_node *n;
	const struct yang_row *r;
	int err;

	if (map->kind != YML_MAP)
		return yang_refuse(at, map->line, "is %s: give an object, {\"%s\": ...}", yml_kind_name(map), rows->name);
	for (n = map->child; n; n = n->next) {
		err = read_member(at, rows, n, base);
		if (err)
			return err;
	}
	for (r = rows; r->kind != YANG_END; r++)
		if (r->must && !yang_given(rows, base, r->name))
			return yang_refuse(at, map->line, "%s is missing: add it, the module has no default for it", r->name);
	return 0;
}

void yang_free(const struct yang_row *rows, void *base)
{
	const struct yang_row *r;
	struct yang_list *list;
	uint32_t i;

	for (r = rows; r->kind != YANG_END; r++) {
		if (r->kind == YANG_BOX)
			yang_free(r->sub, (char *)base + r->offset);
		if (r->kind != YANG_TABLE)
			continue;
		list = (void *)((char *)base + r->offset);
		for (i = 0; i < list->n; i++)
			yang_free(r->sub, (char *)list->items + i * r->size);
		free(list->items);
		*list = (struct yang_list){NULL, 0};
	}
}

static uint64_t bit_of(const struct yang_row *rows, const char *name)
{
	const struct yang_row *r = rows;

	while (r->kind != YANG_END && strcmp(r->name, name))
		r++;
	return r->kind == YANG_END ? 0 : UINT64_C(1) << (r - rows);
}

bool yang_given(const struct yang_row *rows, const void *base, const char *name)
{
	return *(const uint64_t *)base & bit_of(rows, name);
}

void yang_give(const struct yang_row *rows, void *base, const char *name)
{
	*(uint64_t *)base |= bit_of(rows, name);
}

void yang_take(const struct yang_row *rows, void *base, const char *name)
{
	*(uint64_t *)base &= ~bit_of(rows, name);
}

/* -- print --------------------------------------------------------------------------------------------------- */

static bool flat(const struct yang_row *rows)
{
	for (; rows->kind != YANG_END; rows++)
		if (rows->kind == YANG_BOX || rows->kind == YANG_TABLE)
			return false;
	return true;
}

static void print_object(const struct yang_row *rows, const void *base, FILE *f, int indent)
{
	if (flat(rows))
		yang_print(rows, base, f, -1);
	else
		yang_print(rows, base, f, indent);
}

static void print_table(const struct yang_row *r, const struct yang_list *list, FILE *f, int indent)
{
	uint32_t i;

	fputc('[', f);
	for (i = 0; i < list->n; i++) {
		fprintf(f, "%s\n%*s", i ? "," : "", indent + 2, "");
		print_object(r->sub, (const char *)list->items + i * r->size, f, indent + 2);
	}
	if (list->n)
		fprintf(f, "\n%*s", indent, "");
	fputc(']', f);
}

/* Names and words are plain ASCII here; what a user named is not. */
static void print_string(const char *s, FILE *f)
{
	fputc('"', f);
	for (; *s; s++)
		if ((unsigned char)*s < 0x20)
			fprintf(f, "\\u%04x", (unsigned int)*s);
		else
			fprintf(f, "%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
	fputc('"', f);
}

static void print_row(const struct yang_row *r, const void *field, FILE *f, int indent)
{
	switch (r->kind) {
	case YANG_UINT:
		fprintf(f, "%" PRIu64, *(const uint64_t *)field);
		return;
	case YANG_UINT64:
		fprintf(f, "\"%" PRIu64 "\"", *(const uint64_t *)field);
		return;
	case YANG_BOOL:
		fputs(*(const uint64_t *)field ? "true" : "false", f);
		return;
	case YANG_ENUM:
	case YANG_IDENTITY:
		print_string(r->words[*(const uint64_t *)field], f);
		return;
	case YANG_STRING:
		print_string(*(const char *const *)field, f);
		return;
	case YANG_BOX:
		print_object(r->sub, field, f, indent);
		return;
	case YANG_TABLE:
		print_table(r, field, f, indent);
		return;
	default:
		fputs("[null]", f);
	}
}

void yang_print(const struct yang_row *rows, const void *base, FILE *f, int indent)
{
	const uint64_t *given = base;
	const struct yang_row *r;
	bool first = true;

	fputc('{', f);
	for (r = rows; r->kind != YANG_END; r++) {
		if (!(*given >> (r - rows) & 1) || r->kind == YANG_STATE || r->kind == YANG_UNUSED)
			continue;
		if (indent < 0)
			fputs(first ? "" : ", ", f);
		else
			fprintf(f, "%s\n%*s", first ? "" : ",", indent + 2, "");
		fprintf(f, "\"%s%s%s\": ", r->module ? r->module : "", r->module ? ":" : "", r->name);
		print_row(r, (const char *)base + r->offset, f, indent < 0 ? -1 : indent + 2);
		first = false;
	}
	if (indent >= 0 && !first)
		fprintf(f, "\n%*s", indent, "");
	fputc('}', f);
}
