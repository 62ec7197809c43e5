/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/tsn/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define ROOM (GCL_MAX_ENTRIES + 2)

const char *list_key(const struct test_row *row, const char *key)
{
	size_t len = strlen(key);
	int i;

	for (i = 0; i < row->n; i++)
		if (!strncmp(row->word[i], key, len) && row->word[i][len] == '=')
			return row->word[i] + len + 1;
	return NULL;
}

static int64_t number(const struct test_row *row, const char *text, char **end, int base)
{
	int64_t v;

	errno = 0;
	v = strtoll(text, end, base);
	if (*end == text || errno)
		fail_msg("%s:%d: \"%s\" does not begin with a number", row->path, row->line, text);
	return v;
}

int64_t list_time(const struct test_row *row, const char *key, int64_t def)
{
	const char *text = list_key(row, key);
	int64_t v;
	char *end;

	if (!text)
		return def;
	if (!strcmp(text, "never"))
		return NS_NEVER;
	v = number(row, text, &end, 0);
	if (*end)
		fail_msg("%s:%d: \"%s\" is no time", row->path, row->line, text);
	return v;
}

int64_t list_rate(const struct test_row *row, const char *text)
{
	char *end;
	double v = strtod(text, &end);

	v *= *end == 'G' ? 1e9 : *end == 'M' ? 1e6 : 1;
	if (end == text || (*end && end[1]))
		fail_msg("%s:%d: \"%s\" is no rate", row->path, row->line, text);
	return (int64_t)v;
}

void list_read(const struct test_row *row, const char *text, struct gcl_conf *conf)
{
	struct gcl_entry entry;
	int64_t times;
	char *end;

	*conf = (struct gcl_conf){.enabled = strcmp(text, "off"), .initial_gates = 0xff};
	conf->entries = calloc(ROOM, sizeof(*conf->entries));
	assert_non_null(conf->entries);
	if (!strcmp(text, "off") || !strcmp(text, "none"))
		return;
	for (;; text = end + 1) {
		times = 1;
		if (strcspn(text, "*") < strcspn(text, ",@")) {
			times = number(row, text, &end, 10);
			text = end + 1;
		}
		entry.gates = (uint8_t)number(row, text, &end, 16);
		if (*end != ':')
			fail_msg("%s:%d: \"%s\" is no list", row->path, row->line, text);
		entry.interval_ns = number(row, end + 1, &end, 10);
		while (times-- && conf->n_entries < ROOM)
			conf->entries[conf->n_entries++] = entry;
		if (*end != ',')
			break;
	}
	if (*end == '@')
		conf->t_base = number(row, end + 1, &end, 10);
	if (*end)
		fail_msg("%s:%d: \"%s\" is left over behind the list", row->path, row->line, end);
}

void list_cycle(const struct test_row *row, const char *text, struct gcl_conf *conf)
{
	char *end;

	conf->cycle_ns = number(row, text, &end, 10);
	if (*end == '+') {
		conf->cycle_frac_num = (uint32_t)number(row, end + 1, &end, 10);
		if (*end == '/')
			conf->cycle_frac_den = (uint32_t)number(row, end + 1, &end, 10);
	}
	if (*end)
		fail_msg("%s:%d: \"%s\" is no cycle", row->path, row->line, text);
}
