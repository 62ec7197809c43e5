/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_text: a configuration as text, read and printed: what conf_*_test.c have in common.
 */
#ifndef TAKT_TESTS_CONF_TEXT_H
#define TAKT_TESTS_CONF_TEXT_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"
#include "vnet/conf.h"

/* conf_load() reads files: give it one. As it returns. */
static inline int load(struct conf *conf, const char *text, struct why *why)
{
	char path[] = "/tmp/takt-conf-test-XXXXXX";
	int fd = mkstemp(path), err;
	size_t len = strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (int)len);
	close(fd);
	err = conf_load(conf, path, why);
	unlink(path);
	return err;
}

/* Good, or the test fails with what is wrong. */
static inline void load_good(struct conf *conf, const char *text)
{
	struct why why = {""};

	if (load(conf, text, &why))
		fail_msg("%s", why.text);
}

/* A text that is refused, and what the sentence says beside where. */
struct refusal {
	const char *text, *says;
};

/* Each is refused, and says where (file:line) and what; nothing is left behind (the sanitizer looks). */
static inline void refuse_all(const struct refusal *row, size_t n)
{
	struct conf *c = malloc(sizeof(*c));
	struct why why;
	size_t i;

	for (i = 0; i < n; i++) {
		why.text[0] = '\0';
		if (load(c, row[i].text, &why) != -EINVAL)
			fail_msg("taken: %s", row[i].text);
		if (!strstr(why.text, row[i].says) || strncmp(why.text, "/tmp/takt-conf-test-", 20) != 0)
			fail_msg("\"%s\" does not say \"%s\"", why.text, row[i].says);
	}
	free(c);
}

/* free() it. */
static inline char *dump(const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(conf_dump(conf, f), 0);
	fclose(f);
	return text;
}

#endif
