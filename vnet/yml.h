/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yml: a YAML (or JSON) document as a tree whose every node knows its line.
 *
 * What a configuration has no use for is refused with "WHERE:LINE: sentence": aliases, anchors used twice, a second document,
 * the same key twice in one mapping, keys that are not plain text, nesting over YML_MAX_DEPTH, more than YML_MAX_NODES nodes.
 * Trees come from outside (a file, a socket): depth and size are bounded before anything is built on them.
 * A tree and all text in it live until yml_free(). No thread of its own.
 */
#ifndef TAKT_VNET_YML_H
#define TAKT_VNET_YML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define YML_MAX_DEPTH 16
#define YML_MAX_NODES 65536
#define YML_MAX_BYTES (1 << 20)	/* of text */

enum yml_kind { YML_SCALAR, YML_LIST, YML_MAP };

struct yml_node {
	enum yml_kind kind;
	int line;			/* 1.. */
	const char *key;		/* in a mapping; NULL else */
	const char *text;		/* a scalar's, "" for others and for null */
	bool quoted;			/* a scalar in quotes: never a boolean or null */
	uint32_t n;			/* children */
	struct yml_node *child;		/* the first */
	struct yml_node *next;		/* sibling */
};

struct yml;

/* `where` names the text in messages. -EINVAL and a sentence, -ENOMEM. An empty text is an empty mapping. */
int yml_parse(struct yml **out, const char *text, size_t len, const char *where, struct why *why);
void yml_free(struct yml *y);	/* NULL is legal */

const struct yml_node *yml_root(const struct yml *y);
const struct yml_node *yml_find(const struct yml_node *map, const char *key);	/* NULL: not there, or no mapping */

/* "a scalar", "a list", "a mapping": for sentences. */
const char *yml_kind_name(const struct yml_node *n);

/* Scalars as values: 0, or -EINVAL when the text is no such thing (the caller knows the sentence). */
int yml_bool(const struct yml_node *n, bool *out);	/* yes/no, on/off, true/false */
int yml_int(const struct yml_node *n, int64_t *out);	/* decimal or 0x, with a sign; 1e3 and 010 are refused */

#endif
