/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/recw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

static void test_a_file_has_one_writer(void **state)
{
	struct recw first, second;
	struct why why = {""};
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/takt-unit-%d.rec", (int)getpid());
	assert_int_equal(recw_open(&first, path, 1024, 1, 20000, &why), 0);
	assert_int_equal(recw_open(&second, path, 1024, 2, 20000, &why), -EADDRINUSE);
	assert_non_null(strstr(why.text, path));
	assert_int_equal(access(path, F_OK), 0);
	recw_close(&first);
	assert_int_equal(access(path, F_OK), -1);
}

/* One that was killed leaves its file; the next one takes its place. */
static void test_what_a_dead_one_left_is_replaced(void **state)
{
	struct why why = {""};
	struct recw r;
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/takt-unit-%d.rec", (int)getpid());
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(recw_open(&r, path, 1024, 1, 20000, &why), 0);
	recw_close(&r);
}

TEST_GROUP("vnet/recw",
	cmocka_unit_test(test_a_file_has_one_writer),
	cmocka_unit_test(test_what_a_dead_one_left_is_replaced),
)
