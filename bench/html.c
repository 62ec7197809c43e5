/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/html.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/plain_file.h"

__asm__(".pushsection .rodata\n.globl html_css\nhtml_css: .incbin \"bench/plots/report.css\"\n.byte 0\n.popsection\n");

const char *html_char(const char **s, size_t *len)
{
	static const char unknown[] = "\xef\xbf\xbd";
	const uint8_t *p = (const uint8_t *)*s;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0, i;
	const char *at = *s;

	if (!p[0]) {
		*len = 0;
		return at;
	}
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			n = 0;
	if (n == 3 && ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)))	/* longer than need be; half of a pair */
		n = 0;
	if (n == 4 && ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)))
		n = 0;
	*s += n ? n : 1;
	if (!n || (n == 1 && (p[0] == 0x7f || (p[0] < ' ' && p[0] != '\n' && p[0] != '\t'))) || (n == 2 && p[0] == 0xc2 && p[1] < 0xa0)) {
		*len = sizeof(unknown) - 1;
		return unknown;
	}
	*len = n;
	return at;
}

void html_text(FILE *f, const char *s)
{
	const char *c;
	size_t len;

	for (c = html_char(&s, &len); len; c = html_char(&s, &len))
		switch (*c) {
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '&': fputs("&amp;", f); break;
		case '"': fputs("&quot;", f); break;
		case '\'': fputs("&#39;", f); break;
		default: fwrite(c, 1, len, f);
		}
}

int html_data_url(FILE *f, const char *path, const char *type)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	FILE *in = plain_file_open(path, NULL);
	uint8_t b[3];
	size_t n;
	int err;

	if (!in)
		return -errno;
	fprintf(f, "data:%s;base64,", type);
	while ((n = fread(b, 1, 3, in)) > 0) {
		memset(b + n, 0, 3 - n);
		fputc(digits[b[0] >> 2], f);
		fputc(digits[(b[0] & 3) << 4 | b[1] >> 4], f);
		fputc(n > 1 ? digits[(b[1] & 15) << 2 | b[2] >> 6] : '=', f);
		fputc(n > 2 ? digits[b[2] & 63] : '=', f);
	}
	err = ferror(in) ? EIO : 0;
	fclose(in);
	return -err;
}
