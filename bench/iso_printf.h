/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iso_printf: isochron's language for a line per frame: `--printf-format "%u %d\n" --printf-args qr`.
 *
 * Each conversion takes the next letter. %d signed, %u unsigned, %x hexadecimal, %T seconds.nanoseconds, %% a percent sign; \n \t \r \\ \" and \a \b \f \v as in C. No newline is added.
 */
#ifndef TAKT_BENCH_ISO_PRINTF_H
#define TAKT_BENCH_ISO_PRINTF_H

#include <stdint.h>
#include <stdio.h>

#include "base/opt.h"
#include "base/out.h"
#include "base/why.h"
#include "bench/iso.h"

#define ISO_PRINTF_MAX 256	/* conversions */
#define ISO_PRINTF_LEN 4096	/* bytes of text between them */

struct iso_printf {
	int n;				/* conversions */
	struct {
		uint16_t text;		/* what is printed before it: from here, so many bytes */
		uint16_t len;
		char code, letter;	/* 0 of the last one: no conversion, just text */
	} part[ISO_PRINTF_MAX + 1];
	char text[ISO_PRINTF_LEN];
};

/* -EINVAL and a sentence: an unknown code, letter or escape, a code that does not go with its letter, a letter too many or too few. */
int iso_printf_parse(struct iso_printf *p, const char *format, const char *args, struct why *why);

/* The line of the frame with record i (from 0). */
void iso_printf_frame(const struct iso_printf *p, const struct iso *iso, uint32_t i, FILE *f);


#endif
