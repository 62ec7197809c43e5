/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * yang: instance data of a YANG module as JSON (RFC 7951), read into structs and printed from them by one table of rows.
 *
 * A row is a node of the module: its name, its type, where its value goes. Strict about what it reads: a member that is no row is refused,
 * and so is a value of another type than the module's (RFC 7951: up to 32 bits a number, 64 bits a string in quotes, an identity with its
 * module's name). State (config false) is skipped and counted, since a dump of a running device has it. Reading refuses with
 * "FILE:LINE: PATH: sentence".
 *
 * Every value's field is a uint64_t: the number, 0 or 1, or the index of the word. A struct read by rows begins with a uint64_t of bits:
 * bit i says that row i was given; what is printed is what has its bit. Text that came from outside is bounded by yml.
 */
#ifndef TAKT_VNET_YANG_H
#define TAKT_VNET_YANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"
#include "vnet/yml.h"

#define YANG_PATH_LEN 160

enum yang_kind {
	YANG_END,	/* of the table */
	YANG_UINT,	/* uint8 to uint32: 0..max */
	YANG_UINT64,	/* 0..max, a string in JSON */
	YANG_BOOL,
	YANG_ENUM,	/* one of words */
	YANG_IDENTITY,	/* one of words, which carry the module's name */
	YANG_EMPTY,	/* [null] */
	YANG_STRING,	/* const char *, points into the document */
	YANG_BOX,	/* container: a struct read by sub */
	YANG_TABLE,	/* list: a struct yang_list of structs read by sub, at most max */
	YANG_STATE,	/* config false: not read */
	YANG_UNUSED,	/* config, without a meaning here: not read */
};

struct yang_row {
	const char *name;
	enum yang_kind kind;
	size_t offset;			/* of the field in the struct of this table */
	uint64_t max;
	bool must;			/* mandatory, or a key */
	const char *const *words;	/* NULL at the end */
	const struct yang_row *sub;
	size_t size;			/* of a list's struct */
	const char *module;		/* in print: the name carries this module; NULL: the parent's */
};

struct yang_list {
	void *items;	/* calloc'ed; yang_free() */
	uint32_t n;
};

/* Where we are in a document, and what was passed over in it. */
struct yang_at {
	const char *where;	/* file */
	struct why *why;
	char path[YANG_PATH_LEN];
	uint32_t n_state;	/* state leaves skipped */
	char state[64];		/* the first of them */
};

/* Read a mapping into base, which is zeroed. -EINVAL and a sentence, -ENOMEM; yang_free() in any case. */
int yang_read(struct yang_at *at, const struct yang_row *rows, const struct yml_node *map, void *base);
void yang_free(const struct yang_row *rows, void *base);

/* Was this field's row given? */
bool yang_given(const struct yang_row *rows, const void *base, const char *name);
void yang_give(const struct yang_row *rows, void *base, const char *name);
void yang_take(const struct yang_row *rows, void *base, const char *name);	/* back: it is not printed */

/* Print a struct as a JSON object; lists of leaves only take a line per item. */
void yang_print(const struct yang_row *rows, const void *base, FILE *f, int indent);

/* "WHERE:LINE: PATH: sentence", -EINVAL. */
int yang_refuse(const struct yang_at *at, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The path grows by a name ("NAME[index]" with one >= 0); returns what yang_leave() wants. */
size_t yang_enter(struct yang_at *at, const char *name, int64_t index);
void yang_leave(struct yang_at *at, size_t mark);

/* The name of a member without its module; *module_len is the length of the module's name, 0 without one. */
const char *yang_local(const char *key, size_t *module_len);

/* A member by its name, with whatever module's name before it. NULL: none, or not a mapping. */
const struct yml_node *yang_find(const struct yml_node *map, const char *name);

#endif
