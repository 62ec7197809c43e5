/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp.tsv: each offset that counts, as cell.json said how many there are.
 */
#include "bench/result_pvt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int take(void *ctx, size_t line, char *text, struct why *why)
{
	static const char head[] = "t_ingress\toffset_ns\tdelay_ns";
	struct result_cell *c = ctx;
	struct ptp_sample *s = &c->ptp.sample[c->ptp.n];
	int64_t *const to[] = {&s->t_ingress, &s->offset_ns, &s->delay_ns};
	const int64_t min[] = {0, -RESULT_NS_MAX, -RESULT_NS_MAX};
	char *rest = text, *w;
	size_t i;
	int rc = 0;

	if (line == 1)
		return strcmp(text, head) ? why_fail(why, EINVAL, "begins with \"%.40s\", not with t_ingress, offset_ns, delay_ns", text) : 0;
	if (c->ptp.n == c->ptp.samples)
		return why_fail(why, EINVAL, "has more than the %" PRIu64 " samples that cell.json speaks of", c->ptp.samples);
	for (i = 0; i < 3 && !rc; i++) {
		w = result_word(&rest);
		rc = w ? result_number(to[i], w, min[i], RESULT_NS_MAX, why) : why_fail(why, EINVAL, "has %zu words, not 3", i);
	}
	if (!rc && rest)
		rc = why_fail(why, EINVAL, "has more than 3 words");
	c->ptp.n += !rc;
	return rc;
}

int result_ptp_read(struct result_cell *c, const char *path, struct why *why)
{
	int rc;

	c->ptp.sample = calloc((size_t)c->ptp.samples + 1, sizeof(*c->ptp.sample));
	if (!c->ptp.sample)
		return why_fail(why, ENOMEM, "no memory for %" PRIu64 " samples", c->ptp.samples);
	rc = result_lines(path, take, c, why);
	if (rc == -ENOENT)
		return why_fail(why, EINVAL, "%s: is not there, and cell.json says that PTP was measured", path);
	if (!rc && c->ptp.n != c->ptp.samples)
		return why_fail(why, EINVAL, "%s: has %zu samples, and cell.json says %" PRIu64, path, c->ptp.n, c->ptp.samples);
	return rc;
}
