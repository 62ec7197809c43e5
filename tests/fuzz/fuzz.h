/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz: what the libFuzzer targets share. A target is tests/fuzz/X_fuzz.c with LLVMFuzzerTestOneInput(); its seeds are the files of
 * tests/fuzz/seeds/X/. Sanitizers find what is not memory-safe; must() holds what else has to be true, whatever came in.
 */
#ifndef TAKT_TESTS_FUZZ_FUZZ_H
#define TAKT_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                        \
	do {                                                                              \
		if (!(what)) {                                                            \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                          \
		}                                                                         \
	} while (0)

/* A NUL-terminated copy, as files and requests are handed on: they have no NUL inside. NULL: it has. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text;

	if (memchr(data, 0, size))
		return NULL;
	text = malloc(size + 1);
	must(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* A refusal is one sentence of printable text. */
static inline void fuzz_sentence(const struct why *why)
{
	must(why->text[0] && !strchr(why->text, '\n'));
}

#endif
