/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_text: a configuration as text, read and printed: what conf_*_test.c have in common.
 */
#ifndef TAKT_TESTS_CONF_TEXT_H
#define TAKT_TESTS_CONF_TEXT_H

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
