/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/iso_printf.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/ns.h"

enum home { HEAD, SEND, RECV };

static const struct letter {
	char letter;
	enum home home;
	size_t offset;
	const char *codes;	/* of 64 bits, but for q, which has 32 */
	const char *help;
} letters[] = {
	{ 'A', HEAD, offsetof(struct iso, advance_ns), "duxT", "advance time: so long before a frame is due its sender wakes up" },
	{ 'B', HEAD, offsetof(struct iso, t_base), "duxT", "base time: the first frame is due" },
	{ 'C', HEAD, offsetof(struct iso, cycle_ns), "duxT", "cycle time" },
	{ 'H', HEAD, offsetof(struct iso, shift_ns), "duxT", "shift time: from a cycle's start" },
	{ 'W', HEAD, offsetof(struct iso, window_ns), "duxT", "window size" },
	{ 'q', SEND, offsetof(struct iso_send, seqid), "ux", "the frame's number, from 1 on" },
	{ 'S', SEND, offsetof(struct iso_send, t_due), "duxT", "it was due" },
	{ 'w', SEND, offsetof(struct iso_send, t_wakeup), "duxT", "its sender woke up" },
	{ 's', SEND, offsetof(struct iso_send, t_sched), "duxT", "before the queueing discipline" },
	{ 't', SEND, offsetof(struct iso_send, t_sent), "duxT", "at the sender's driver, software stamp" },
	{ 'T', SEND, offsetof(struct iso_send, t_sent_hw), "duxT", "sent, hardware stamp" },
	{ 'R', RECV, offsetof(struct iso_recv, t_received_hw), "duxT", "received, hardware stamp" },
	{ 'r', RECV, offsetof(struct iso_recv, t_received), "duxT", "in the receiver's kernel, software stamp" },
	{ 'a', RECV, offsetof(struct iso_recv, t_arrival), "duxT", "the receiving program has it" },
};
#define LETTERS (sizeof(letters) / sizeof(letters[0]))

static const char escapes[][2] = { { 'n', '\n' }, { 't', '\t' }, { 'r', '\r' }, { '\\', '\\' }, { '"', '"' }, { 'a', '\a' }, { 'b', '\b' }, { 'f', '\f' }, { 'v', '\v' } };

static const struct letter *find(char c)
{
	size_t i;

	for (i = 0; i < LETTERS; i++)
		if (letters[i].letter == c)
			return &letters[i];
	return NULL;
}


static int unescape(char c, char *out, struct why *why)
{
	size_t i;

	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (escapes[i][0] == c) {
			*out = escapes[i][1];
			return 0;
		}
	}
	return c ? why_fail(why, EINVAL, "--printf-format: \\%c is no escape: there are \\n \\t \\r \\\\ \\\" \\a \\b \\f \\v", c)
		 : why_fail(why, EINVAL, "--printf-format ends in a backslash: \\\\ prints one");
}

static int convert(char code, char letter, struct why *why)
{
	const struct letter *l = find(letter);

	if (!code)
		return why_fail(why, EINVAL, "--printf-format ends in a percent sign: %%%% prints one");
	if (!strchr("duxT", code))
		return why_fail(why, EINVAL, "--printf-format: %%%c is none of %%d %%u %%x %%T and %%%%", code);
	if (!letter)
		return why_fail(why, EINVAL, "--printf-args has no letter left for %%%c: one for each conversion", code);
	if (!l)
		return why_fail(why, EINVAL, "--printf-args: there is no '%c': there are A B C H W q S w s t T R r a", letter);
	if (!strchr(l->codes, code))
		return why_fail(why, EINVAL, "--printf-args: '%c' cannot be printed by %%%c: it is a number without a sign, give %%u or %%x", letter, code);
	return 0;
}

int iso_printf_parse(struct iso_printf *p, const char *format, const char *args, struct why *why)
{
	uint16_t at = 0, begin = 0;
	int rc;

	p->n = 0;
	for (;; format++) {
		bool code = *format == '%' && format[1] != '%';

		if (code || !*format) {
			p->part[p->n].text = begin;
			p->part[p->n].len = (uint16_t)(at - begin);
			p->part[p->n].code = p->part[p->n].letter = 0;
			begin = at;
		}
		if (!*format)
			break;
		if (code) {
			if (p->n == ISO_PRINTF_MAX)
				return why_fail(why, EINVAL, "--printf-format has more than %d conversions", ISO_PRINTF_MAX);
			rc = convert(*++format, *args, why);
			if (rc)
				return rc;
			p->part[p->n].code = *format;
			p->part[p->n++].letter = *args++;
			continue;
		}
		if (at == ISO_PRINTF_LEN)
			return why_fail(why, EINVAL, "--printf-format is longer than %d bytes", ISO_PRINTF_LEN);
		p->text[at] = *format;
		format += *format == '%';	/* the second of two */
		if (p->text[at] == '\\' && (rc = unescape(*++format, &p->text[at], why)))
			return rc;
		at++;
	}
	if (*args)
		return why_fail(why, EINVAL, "--printf-args: \"%s\" is left over: --printf-format has %d conversions", args, p->n);
	return 0;
}

static int64_t value_of(const struct iso *iso, uint32_t i, const struct letter *l)
{
	const char *home[] = { [HEAD] = (const char *)iso, [SEND] = (const char *)&iso->send[i], [RECV] = (const char *)&iso->recv[i] };
	const char *p = home[l->home] + l->offset;

	/* Of what a receiver alone logged only it knows the number. */
	return l->letter == 'q' ? iso->send[i].seqid ?: iso->recv[i].seqid : *(const int64_t *)p;
}

void iso_printf_frame(const struct iso_printf *p, const struct iso *iso, uint32_t i, FILE *f)
{
	int k;

	for (k = 0; k <= p->n; k++) {
		const struct letter *l;
		int64_t v;

		fwrite(p->text + p->part[k].text, 1, p->part[k].len, f);
		if (!p->part[k].code)
			continue;
		l = find(p->part[k].letter);
		v = value_of(iso, i, l);
		if (p->part[k].code == 'd')
			fprintf(f, "%" PRId64, v);
		else if (p->part[k].code == 'u')
			fprintf(f, "%" PRIu64, (uint64_t)v);
		else if (p->part[k].code == 'x')
			fprintf(f, "%" PRIx64, (uint64_t)v);
		else
			fprintf(f, "%s%" PRIu64 ".%09" PRIu64, v < 0 ? "-" : "", (v < 0 ? -(uint64_t)v : (uint64_t)v) / NS_PER_SEC, (v < 0 ? -(uint64_t)v : (uint64_t)v) % NS_PER_SEC);
	}
}
