/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A result's folder may be from anywhere: what its meta.json and campaign.yaml are, and what stands there, is not believed.
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/run_meta.h"

#define HANGS_S 20	/* whoever waits for a FIFO's writer is ended by SIGALRM */

static void test_no_plain_file(void **state)
{
	char dir[] = "/tmp/takt-meta-XXXXXX", meta[64];
	struct why why = {""};
	json_t *doc;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(meta, sizeof(meta), "%s/meta.json", dir);
	alarm(HANGS_S);
	assert_int_equal(run_meta_read(&doc, dir, &why), -EINVAL);
	assert_non_null(strstr(why.text, "No such file"));
	assert_int_equal(mkfifo(meta, 0600), 0);
	assert_int_equal(run_meta_read(&doc, dir, &why), -EINVAL);
	assert_null(doc);
	assert_non_null(strstr(why.text, "is no plain file: give a result's folder"));
	unlink(meta);
	assert_int_equal(symlink("/dev/zero", meta), 0);
	assert_int_equal(run_meta_read(&doc, dir, &why), -EINVAL);
	assert_non_null(strstr(why.text, "is no plain file"));
	alarm(0);
	unlink(meta);
	rmdir(dir);
}

static bool always(const char *path)
{
	(void)path;
	return true;
}

/* Each run looks for an unfinished one of the same file. */
static void test_no_plain_campaign(void **state)
{
	char dir[] = "/tmp/takt-meta-XXXXXX", above[64], run[96], yaml[128], found[PATH_MAX];
	struct why why = {""};

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(above, sizeof(above), "%s/some", dir);
	snprintf(run, sizeof(run), "%s/2026-01-01", above);
	snprintf(yaml, sizeof(yaml), "%s/campaign.yaml", run);
	assert_int_equal(mkdir(above, 0700), 0);
	assert_int_equal(mkdir(run, 0700), 0);
	assert_int_equal(mkfifo(yaml, 0600), 0);
	alarm(HANGS_S);
	assert_int_equal(folder_find(found, dir, "some", "x", 1, always, &why), -ENOENT);
	alarm(0);
	unlink(yaml);
	rmdir(run);
	rmdir(above);
	rmdir(dir);
}

static int asked(struct run_asked *a, json_int_t repetitions, json_int_t duration_ns, json_int_t cpu)
{
	json_t *doc = json_pack("{s:{s:I, s:I, s:I, s:I, s:[]}}", "asked", "repetitions", repetitions, "duration_ns", duration_ns, "seed", (json_int_t)1,
				"cpu", cpu, "only");
	struct why why;
	int rc = run_meta_asked(doc, a, &why);

	json_decref(doc);
	return rc;
}

static void test_asked_ranges(void **state)
{
	const int64_t day = 24 * 3600 * NS_PER_SEC;
	struct run_asked a;

	(void)state;
	assert_int_equal(asked(&a, 1000, day, 1023), 0);
	assert_int_equal(a.repetitions, 1000);
	assert_int_equal(a.duration_ns, day);
	assert_int_equal(asked(&a, 0, 0, 0), 0);
	assert_int_equal(asked(&a, 1001, 0, 0), -EINVAL);
	assert_int_equal(asked(&a, INT64_C(1) << 62, 0, 0), -EINVAL);
	assert_int_equal(asked(&a, -1, 0, 0), -EINVAL);
	assert_int_equal(asked(&a, 0, day + 1, 0), -EINVAL);
	assert_int_equal(asked(&a, 0, INT64_MAX, 0), -EINVAL);
	assert_int_equal(asked(&a, 0, 0, 1024), -EINVAL);
}

TEST_GROUP("bench/run_meta",
	cmocka_unit_test(test_no_plain_file),
	cmocka_unit_test(test_no_plain_campaign),
	cmocka_unit_test(test_asked_ranges),
)
