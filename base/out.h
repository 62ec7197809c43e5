/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * out: one print call, two readers.
 *
 * A command describes its result once as objects, arrays and named values; `out` writes it as text for people or
 * as JSON for programs. JSON numbers that are times are integers in nanoseconds and their keys end in _ns (or start with t_).
 * Text comes from the `text` argument of each call, or from tables.
 *
 *	out_init(&o, stdout, json);
 *	out_object(&o, NULL);                                    {
 *	out_int(&o, "rx", n, "rx %" PRId64 " frames\n", n);        "rx": 12        rx 12 frames
 *	out_array(&o, "ports");                                    "ports": [
 *	...
 *	out_end(&o); out_end(&o);                                ]}
 *	return out_fini(&o);                                     0, or -errno when the stream failed (full disk, closed pipe)
 *
 * A NULL text prints nothing in text mode. out_text() prints in text mode only.
 * The JSON is valid whatever the values: bytes that are no UTF-8 become U+FFFD, NaN and infinities null; each outermost
 * value stands on a line of its own, so a stream of objects can be read line by line.
 */
#ifndef TAKT_BASE_OUT_H
#define TAKT_BASE_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_DEPTH 16

struct out {
	FILE *f;
	bool json;
	bool colour;		/* text on a terminal, NO_COLOR unset */
	int depth;
	char close[OUT_DEPTH];	/* '}' or ']' per level */
	bool first[OUT_DEPTH];
	int err;		/* of the first write that failed, positive; 0 */
};

void out_init(struct out *o, FILE *f, bool json);
void out_object(struct out *o, const char *key);	/* key NULL inside arrays and at the top */
void out_array(struct out *o, const char *key);
void out_end(struct out *o);				/* closes the innermost object or array */
void out_int(struct out *o, const char *key, int64_t v, const char *text, ...) __attribute__((format(printf, 4, 5)));
void out_uint(struct out *o, const char *key, uint64_t v, const char *text, ...) __attribute__((format(printf, 4, 5)));
void out_real(struct out *o, const char *key, double v, const char *text, ...) __attribute__((format(printf, 4, 5)));
void out_bool(struct out *o, const char *key, bool v, const char *text, ...) __attribute__((format(printf, 4, 5)));
void out_str(struct out *o, const char *key, const char *v, const char *text, ...) __attribute__((format(printf, 4, 5)));
void out_null(struct out *o, const char *key, const char *text, ...) __attribute__((format(printf, 3, 4)));
void out_text(struct out *o, const char *text, ...) __attribute__((format(printf, 2, 3)));
int out_fini(struct out *o);

/* Escape sequences for text mode, "" without colour: out_style(o, OUT_BOLD) ... out_style(o, OUT_PLAIN). */
enum out_style { OUT_PLAIN, OUT_BOLD, OUT_DIM, OUT_RED, OUT_GREEN, OUT_YELLOW };
const char *out_style(const struct out *o, enum out_style style);

#endif
