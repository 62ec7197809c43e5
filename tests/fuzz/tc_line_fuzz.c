/* SPDX-License-Identifier: BSD-3-Clause */
/* A tc line: what is read prints, and what was printed is read as the same line; then as a schedule. */
#include "tests/fuzz/sched.h"
#include "tsn/qdisc.h"

static char *print_again(const char *line)
{
	struct why why = {""};
	struct qdisc q;
	char dev[16], *text;

	must(!qdisc_parse_tc(&q, dev, line, &why));
	text = qdisc_print_tc(&q, *dev ? dev : NULL);
	must(text);
	qdisc_fini(&q);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *line, *again, dev[16];
	struct why why = {""};
	struct qdisc q;

	if (!text)
		return 0;
	if (qdisc_parse_tc(&q, dev, text, &why)) {
		fuzz_sentence(&why);
	} else {
		line = qdisc_print_tc(&q, *dev ? dev : NULL);
		must(line);
		qdisc_fini(&q);
		again = print_again(line);
		must(!strcmp(line, again));
		free(again);
		free(line);
	}
	free(text);
	sched_try(data, size, CONF_TC);
	return 0;
}
