/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/yml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

/* Nodes and text are carved from chunks and freed together. */
struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(16) char data[];
};

struct yml {
	struct chunk *chunks;
	struct yml_node *root;
	uint32_t n_nodes;
};

/* An open list or mapping. */
struct level {
	struct yml_node *node;
	struct yml_node *last;	/* child */
	const char *key;	/* read, its value is next */
	int key_line;
};

struct builder {
	yaml_parser_t parser;
	struct yml *y;
	const char *where;
	bool json;		/* it looks like it, so errors call it so */
	struct why *why;
	struct level level[YML_MAX_DEPTH];
	int depth;
};

static void *carve(struct yml *y, size_t size)
{
	struct chunk *c = y->chunks;
	size_t room = 16384;
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (!c || c->size - c->used < size) {
		if (room < size)
			room = size;
		c = malloc(sizeof(*c) + room);
		if (!c)
			return NULL;
		c->next = y->chunks;
		c->used = 0;
		c->size = room;
		y->chunks = c;
	}
	p = c->data + c->used;
	c->used += size;
	return p;
}

static const char *carve_text(struct yml *y, const char *text, size_t len)
{
	char *p = carve(y, len + 1);

	if (!p)
		return NULL;
	memcpy(p, text, len);
	p[len] = '\0';
	return p;
}

static int no_memory(struct builder *b)
{
	return why_fail(b->why, ENOMEM, "%s: out of memory", b->where);
}

static int refuse(struct builder *b, int line, const char *sentence)
{
	return why_fail(b->why, EINVAL, "%s:%d: %s", b->where, line, sentence);
}

/* Keys of one mapping are few, and long lists have none: a walk is enough, but a hostile mapping must not make it quadratic. */
#define MAX_KEYS 256

static int add_key(struct builder *b, struct level *l, const yaml_event_t *e, int line)
{
	const char *text = (const char *)e->data.scalar.value;
	const struct yml_node *n;

	if (e->data.scalar.length == 0 || strlen(text) != e->data.scalar.length)
		return refuse(b, line, "a key is empty or has a NUL in it: write KEY: VALUE");
	if (l->node->n == MAX_KEYS)
		return refuse(b, line, "more than 256 keys in one mapping: no mapping here has that many");
	for (n = l->node->child; n; n = n->next)
		if (!strcmp(n->key, text))
			return why_fail(b->why, EINVAL,
					"%s:%d: %.64s: given twice (first on line %d): keep one of them", b->where,
					line, text, n->line);
	l->key = carve_text(b->y, text, e->data.scalar.length);
	l->key_line = line;
	return l->key ? 0 : no_memory(b);
}

static int add_node(struct builder *b, enum yml_kind kind, int line, struct yml_node **out)
{
	struct level *l = b->depth ? &b->level[b->depth - 1] : NULL;
	struct yml_node *n;

	if (++b->y->n_nodes > YML_MAX_NODES)
		return refuse(b, line, "the document has more than 65536 values: shorten it");
	n = carve(b->y, sizeof(*n));
	if (!n)
		return no_memory(b);
	*n = (struct yml_node){.kind = kind, .line = line, .text = ""};
	if (!l) {
		b->y->root = n;
	} else {
		if (l->node->kind == YML_MAP) {
			n->key = l->key;
			n->line = l->key_line;
			l->key = NULL;
		}
		if (l->last)
			l->last->next = n;
		else
			l->node->child = n;
		l->last = n;
		l->node->n++;
	}
	*out = n;
	return 0;
}

static int on_scalar(struct builder *b, const yaml_event_t *e, int line)
{
	struct level *l = b->depth ? &b->level[b->depth - 1] : NULL;
	const char *text = (const char *)e->data.scalar.value;
	struct yml_node *n;
	int err;

	if (l && l->node->kind == YML_MAP && !l->key)
		return add_key(b, l, e, line);
	if (strlen(text) != e->data.scalar.length)
		return refuse(b, line, "a value has a NUL in it: take it out");
	err = add_node(b, YML_SCALAR, line, &n);
	if (err)
		return err;
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (!n->quoted && (!strcmp(text, "~") || !strcmp(text, "null")))
		text = "";
	n->text = carve_text(b->y, text, strlen(text));
	return n->text ? 0 : no_memory(b);
}

static int on_open(struct builder *b, enum yml_kind kind, int line)
{
	struct level *l = b->depth ? &b->level[b->depth - 1] : NULL;
	struct yml_node *n;
	int err;

	if (l && l->node->kind == YML_MAP && !l->key)
		return refuse(b, line, "a key is a list or a mapping: write KEY: VALUE with a plain word as the key");
	if (b->depth == YML_MAX_DEPTH)
		return refuse(b, line, "nested more than 16 deep: nothing here needs that");
	err = add_node(b, kind, line, &n);
	if (err)
		return err;
	b->level[b->depth++] = (struct level){.node = n};
	return 0;
}

static int on_event(struct builder *b, const yaml_event_t *e)
{
	int line = (int)e->start_mark.line + 1;

	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return refuse(b, line, "aliases (*name) are not taken: write the value out");
	case YAML_SCALAR_EVENT:
		return on_scalar(b, e, line);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(b, YML_LIST, line);
	case YAML_MAPPING_START_EVENT:
		return on_open(b, YML_MAP, line);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	case YAML_DOCUMENT_START_EVENT:
		if (b->y->root)
			return refuse(b, line, "a second document begins: put one document into a file");
		return 0;
	default:
		return 0;
	}
}

static int broken(struct builder *b)
{
	const yaml_parser_t *p = &b->parser;
	size_t line = p->problem_mark.line + 1;

	if (p->error == YAML_MEMORY_ERROR)
		return no_memory(b);
	if (p->error == YAML_READER_ERROR)
		return why_fail(b->why, EINVAL, "%s: not text at byte %zu (%s): save the file as UTF-8", b->where,
				p->problem_offset, p->problem);
	return why_fail(b->why, EINVAL, "%s:%zu: not %s: %s%s%s (column %zu): mend the %s there", b->where,
			line, b->json ? "JSON" : "YAML", p->context ? p->context : "", p->context ? ", " : "",
			p->problem ? p->problem : "cannot be read", p->problem_mark.column + 1,
			b->json ? "comma, quote or bracket" : "indentation or quoting");
}

static int build(struct builder *b)
{
	yaml_event_t e;
	bool end = false;
	int err = 0;

	while (!err && !end) {
		if (!yaml_parser_parse(&b->parser, &e))
			return broken(b);
		end = e.type == YAML_STREAM_END_EVENT;
		err = on_event(b, &e);
		yaml_event_delete(&e);
	}
	if (!err && !b->y->root) {
		b->y->root = carve(b->y, sizeof(*b->y->root));
		if (!b->y->root)
			return no_memory(b);
		*b->y->root = (struct yml_node){.kind = YML_MAP, .line = 1, .text = ""};
	}
	return err;
}

static bool looks_like_json(const char *text, size_t len)
{
	while (len && strchr(" \t\r\n", *text) && *text)
		text++, len--;
	return len && (*text == '{' || *text == '[');
}

int yml_parse(struct yml **out, const char *text, size_t len, const char *where, struct why *why)
{
	struct builder b = {.where = where, .why = why};
	int err;

	if (len > YML_MAX_BYTES)
		return why_fail(why, EINVAL, "%s: longer than 1 MiB: no configuration needs that", where);
	b.y = calloc(1, sizeof(*b.y));
	if (!b.y || !yaml_parser_initialize(&b.parser)) {
		free(b.y);
		return no_memory(&b);
	}
	b.json = looks_like_json(text, len);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, len);
	err = build(&b);
	yaml_parser_delete(&b.parser);
	if (err)
		yml_free(b.y);
	else
		*out = b.y;
	return err;
}

void yml_free(struct yml *y)
{
	struct chunk *c, *next;

	if (!y)
		return;
	for (c = y->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(y);
}

const struct yml_node *yml_root(const struct yml *y)
{
	return y->root;
}

const struct yml_node *yml_find(const struct yml_node *map, const char *key)
{
	const struct yml_node *n;

	if (!map || map->kind != YML_MAP)
		return NULL;
	for (n = map->child; n; n = n->next)
		if (!strcmp(n->key, key))
			return n;
	return NULL;
}

const char *yml_kind_name(const struct yml_node *n)
{
	static const char *const names[] = {
		[YML_SCALAR] = "a single value", [YML_LIST] = "a list", [YML_MAP] = "a mapping"};

	return names[n->kind];
}

int yml_bool(const struct yml_node *n, bool *out)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false}, {"on", true}, {"off", false}};
	size_t i;

	if (n->kind != YML_SCALAR || n->quoted)
		return -EINVAL;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(n->text, words[i].text)) {
			*out = words[i].value;
			return 0;
		}
	return -EINVAL;
}

int yml_int(const struct yml_node *n, int64_t *out)
{
	const char *s = n->text;
	const char *digits = s + (*s == '-' || *s == '+');
	bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	long long v;
	char *end;

	if (n->kind != YML_SCALAR || !(*digits >= '0' && *digits <= '9') || (digits[0] == '0' && digits[1] && !hex))
		return -EINVAL;
	errno = 0;
	v = strtoll(s, &end, hex ? 16 : 10);
	if (errno || *end || end == digits)
		return -EINVAL;
	*out = v;
	return 0;
}
