/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectors: rows of text, read for test_vectors().
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

/* Cut a line into words, in place. */
static void split(struct test_row *row, char *line)
{
	char *save = NULL, *word;

	line[strcspn(line, "#\n")] = '\0';
	row->n = 0;
	for (word = strtok_r(line, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (row->n == TEST_WORDS)
			fail_msg("%s:%d: more than %d words", row->path, row->line, TEST_WORDS);
		row->word[row->n++] = word;
	}
}

void test_vectors(const char *path, int (*row_fn)(const struct test_row *row, struct why *why))
{
	struct test_row row = {.path = path};
	int rows = 0, failed = 0;
	struct why why;
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		fail_msg("%s: %s: run the tests from the top of the tree", path, strerror(errno));
	while (getline(&line, &size, f) >= 0) {
		row.line++;
		split(&row, line);
		if (!row.n)
			continue;
		rows++;
		why.text[0] = '\0';
		if (!row_fn(&row, &why))
			continue;
		print_error("%s:%d: %s\n", path, row.line, why.text);
		failed++;
	}
	free(line);
	fclose(f);
	if (failed || !rows)
		fail_msg("%s: %d of %d rows do not hold", path, failed, rows);
}

static const char *word_at(const struct test_row *row, int i)
{
	if (i >= row->n)
		fail_msg("%s:%d: word %d is missing", row->path, row->line, i + 1);
	return row->word[i];
}

int64_t test_row_int(const struct test_row *row, int i)
{
	const char *word = word_at(row, i);
	char *end;
	int64_t v;

	errno = 0;
	v = strtoll(word, &end, 0);
	if (errno || end == word || *end)
		fail_msg("%s:%d: \"%s\" is no whole number", row->path, row->line, word);
	return v;
}

int64_t test_row_begin(const struct test_row *row, char **text)
{
	char *end;
	int64_t v;

	errno = 0;
	v = strtoll(*text, &end, 10);
	if (end == *text || errno)
		fail_msg("%s:%d: \"%s\" does not begin with a number", row->path, row->line, *text);
	*text = end + (*end && strchr(",@=/", *end));
	return v;
}

int64_t test_row_ns(const struct test_row *row, int i)
{
	struct why why = {""};
	int64_t v = 0;

	if (ns_parse(&v, word_at(row, i), &why))
		fail_msg("%s:%d: %s", row->path, row->line, why.text);
	return v;
}

void test_why_names(const struct why *why, ...)
{
	const char *word;
	va_list ap;

	va_start(ap, why);
	for (word = va_arg(ap, const char *); word; word = va_arg(ap, const char *))
		if (!strstr(why->text, word))
			fail_msg("\"%s\" does not name \"%s\"", why->text, word);
	va_end(ap);
}
