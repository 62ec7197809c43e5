/* SPDX-License-Identifier: BSD-3-Clause */
/* Fixtures: folders as KVM's debugfs has them. No guest with KVM runs in these tests, and the last line says so. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/kvm_tsc.h"

static char root[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/kvm_tsc-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void put(const char *path, const char *text)
{
	char full[256], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_an_offset(void **state)
{
	struct kvm_tsc t;
	struct why why = {""};

	(void)state;
	put("4711-12/vcpu0/tsc-offset", "-123456789012\n");
	put("4711-12/vcpu1/tsc-offset", "-123456789012\n");
	put("471-12/vcpu0/tsc-offset", "5\n");
	assert_int_equal(kvm_tsc_read(&t, root, 4711, &why), 0);
	assert_true(t.offset == INT64_C(-123456789012) && !t.ratio);
	assert_true(kvm_tsc_host(&t, 1000) == UINT64_C(123456790012));
}

static void test_a_ratio(void **state)
{
	struct kvm_tsc t;
	struct why why = {""};

	(void)state;
	put("9-3/vcpu0/tsc-offset", "1000\n");
	put("9-3/vcpu0/tsc-scaling-ratio", "422212465065984\n"); /* 1.5 * 2^48 */
	put("9-3/vcpu0/tsc-scaling-ratio-frac-bits", "48\n");
	assert_int_equal(kvm_tsc_read(&t, root, 9, &why), 0);
	assert_true(kvm_tsc_host(&t, 1000 + 3000000000000) == UINT64_C(2000000000000));
	put("9-3/vcpu0/tsc-scaling-ratio", "281474976710656\n"); /* 1 */
	assert_int_equal(kvm_tsc_read(&t, root, 9, &why), 0);
	assert_true(!t.ratio);
}

static void test_refusals(void **state)
{
	struct kvm_tsc t;
	struct why why = {""};

	(void)state;
	assert_int_equal(kvm_tsc_read(&t, root, 1, &why), -ENOENT);
	assert_non_null(strstr(why.text, "knows no guest of process 1"));
	put("2-3/vcpu0/tsc-offset", "12\n");
	put("2-3/vcpu1/tsc-offset", "13\n");
	assert_int_equal(kvm_tsc_read(&t, root, 2, &why), -EINVAL);
	assert_non_null(strstr(why.text, "different TSC offsets"));
	put("3-3/vcpu0/tsc-offset", "twelve\n");
	assert_int_equal(kvm_tsc_read(&t, root, 3, &why), -EINVAL);
	put("4-3/stats", "");
	assert_int_equal(kvm_tsc_read(&t, root, 4, &why), -ENOENT);
	put("5-3/vcpu0/tsc-offset", "12\n");
	put("5-3/vcpu0/tsc-scaling-ratio", "12\n");
	put("5-3/vcpu0/tsc-scaling-ratio-frac-bits", "64\n");
	assert_int_equal(kvm_tsc_read(&t, root, 5, &why), -EINVAL);
}

static void test_what_is_not_exercised(void **state)
{
	(void)state;
	print_message("NOT EXERCISED HERE: KVM's TSC offset of a real guest: fixtures only\n");
}

TEST_GROUP("probes/kvm_tsc",
	cmocka_unit_test_setup_teardown(test_an_offset, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_ratio, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	cmocka_unit_test(test_what_is_not_exercised),
)
