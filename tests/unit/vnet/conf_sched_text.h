/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_sched_text: schedules as texts of a notation, read and printed, and pieces of instance data: what conf_sched*_test.c have in common.
 */
#ifndef TAKT_TESTS_CONF_SCHED_TEXT_H
#define TAKT_TESTS_CONF_SCHED_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"
#include "vnet/conf_sched.h"

#define TABLE(body) "{\"gate-parameter-table\": {\"gate-enabled\": true, " body "}}"
#define LIST(entry) TABLE("\"admin-control-list\": {\"gate-control-entry\": [" entry "]}")
#define ENTRY(i) "{\"index\": " #i ", \"operation-name\": \"ieee802-dot1q-sched:set-gate-states\", \"time-interval-value\": 5000, \"gate-states-value\": 1}"

/* As that notation; free() it. */
static inline char *print(struct conf_sched *s, enum conf_format to)
{
	struct why why = {""};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int err = conf_sched_print(s, to, "eth0", f, &why);

	fclose(f);
	if (err)
		fail_msg("%s", why.text);
	return text;
}

/* It is good, and found to be of this notation. */
static inline void read_as(struct conf_sched *s, enum conf_format format, const char *text)
{
	struct why why = {""};

	*s = (struct conf_sched){.format = CONF_AUTO, .link_bps = NS_PER_SEC};
	if (conf_sched_read(s, text, "f", &why))
		fail_msg("%s\n%s", why.text, text);
	assert_int_equal(s->format, format);
	if (conf_sched_check(s, "f", &why))
		fail_msg("%s\n%s", why.text, text);
}

#endif
