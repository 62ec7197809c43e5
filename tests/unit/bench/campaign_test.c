/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/campaign.h"

static int reading(struct campaign **c, const char *text, struct why *why)
{
	char path[] = "/tmp/takt-campaign-XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	*why = (struct why){""};
	rc = campaign_read(c, path, why);
	unlink(path);
	return rc;
}

static void test_all_keys(void **state)
{
	const char *text =
		"campaign: some\n"
		"title: What is asked\n"
		"matrix:\n"
		"  schedule: [none, gates]\n"
		"  backend: [veth, taktd]\n"
		"  load: flood\n"
		"except:\n"
		"  - {backend: veth, schedule: gates}\n"
		"traffic: {cycle: 500us, size: 256, priority: 5, vlan: 3, duration: 2s, warm-up: 100ms, deadline: 750us}\n"
		"schedules:\n"
		"  gates:\n"
		"    admin-cycle-time: 1ms\n"
		"    admin-control-list: [S 80 300us, \"S 7f: 700us\"]\n"
		"repetitions: 5\ntimeout: 90s\nretries: 0\norder: as-written\n";
	struct campaign *c;
	struct why why;

	(void)state;
	assert_int_equal(reading(&c, text, &why), 0);
	assert_string_equal(c->name, "some");
	assert_string_equal(c->title, "What is asked");
	assert_int_equal(c->axis[AXIS_BACKEND].n, 2);
	assert_string_equal(c->axis[AXIS_BACKEND].value[1], "taktd");
	assert_int_equal(c->axis[AXIS_LOAD].n, 1);
	assert_string_equal(c->axis[AXIS_LOAD].value[0], "flood");
	assert_string_equal(c->axis[AXIS_GUEST].value[0], axes[AXIS_GUEST].value);
	assert_int_equal(c->n_excepts, 1);
	assert_int_equal(c->except[0].of[AXIS_BACKEND], 1);
	assert_int_equal(c->except[0].of[AXIS_SCHEDULE], 2);
	assert_int_equal(c->except[0].of[AXIS_LOAD], 0);
	assert_int_equal(c->traffic.cycle_ns, 500 * NS_PER_US);
	assert_int_equal(c->traffic.size, 256);
	assert_int_equal(c->traffic.priority, 5);
	assert_int_equal(c->traffic.vlan, 3);
	assert_int_equal(c->traffic.duration_ns, 2 * NS_PER_SEC);
	assert_int_equal(c->traffic.warm_up_ns, 100 * NS_PER_MS);
	assert_int_equal(c->traffic.deadline_ns, 750 * NS_PER_US);
	assert_string_equal(campaign_schedule(c, "gates"), "{admin-cycle-time: 1ms, admin-control-list: [S 80 300us, \"S 7f: 700us\"]}");
	assert_null(campaign_schedule(c, "none"));
	assert_int_equal(c->repetitions, 5);
	assert_int_equal(c->retries, 0);
	assert_int_equal(c->timeout_ns, 90 * NS_PER_SEC);
	assert_false(c->shuffled);
	assert_int_equal(c->len, strlen(text));
	assert_memory_equal(c->text, text, c->len);
	campaign_free(c);
}

static void test_defaults(void **state)
{
	struct campaign *c;
	struct why why;
	int a;

	(void)state;
	assert_int_equal(reading(&c, "campaign: x\n", &why), 0);
	for (a = 0; a < AXES; a++) {
		assert_int_equal(c->axis[a].n, 1);
		assert_string_equal(c->axis[a].value[0], axes[a].value);
	}
	assert_string_equal(c->title, "x");
	assert_true(c->shuffled);
	assert_true(c->repetitions > 0 && c->timeout_ns > 0 && c->traffic.cycle_ns > 0 && c->traffic.duration_ns > 0);
	campaign_free(c);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *place, *word, *mend;
	} rows[] = {
		{"campaign: x\nrepetition: 3\n", ":2:", "repetition", "repetitions"},
		{"matrix: {}\n", ":1:", "name", "campaign: NAME"},
		{"campaign: ../x\n", ":1:", "../x", "letters"},
		{"campaign: .x\n", ":1:", ".x", "letters"},
		{"campaign: x\nmatrix:\n  backnd: [veth]\n", ":3:", "backnd", "backend"},
		{"campaign: x\nmatrix:\n  backend: [veht]\n", ":3:", "veht", "veth"},
		{"campaign: x\nmatrix:\n  backend: [veth, veth]\n", ":3:", "veth", "twice"},
		{"campaign: x\nmatrix:\n  backend: []\n", ":3:", "backend", "empty"},
		{"campaign: x\nmatrix: [veth]\n", ":2:", "matrix", "KEY: VALUE"},
		{"campaign: x\nmatrix: {schedule: gates}\n", ":2:", "gates", "none"},
		{"campaign: x\nmatrix: {backend: veth}\nexcept:\n  - {backend: taktd}\n", ":4:", "taktd", "matrix"},
		{"campaign: x\nexcept: {backend: taktd}\n", ":2:", "except", "rows"},
		{"campaign: x\ntraffic: {cycle: 1}\n", ":2:", "cycle", "unit"},
		{"campaign: x\ntraffic: {cycle: 1us}\n", ":2:", "cycle", "50us"},
		{"campaign: x\ntraffic: {cycle: soon}\n", ":2:", "cycle", "soon"},
		{"campaign: x\ntraffic: {cylce: 1ms}\n", ":2:", "cylce", "cycle"},
		{"campaign: x\ntraffic: {size: 9000}\n", ":2:", "size", "1518"},
		{"campaign: x\ntraffic: {size: big}\n", ":2:", "size", "whole number"},
		{"campaign: x\nmatrix: {backend: taktd}\nhosts: {inventory: i, talker: a, listener: b}\n", ":3:", "no cell", "backend: [hosts]"},
		{"campaign: x\nmatrix:\n  guest: none\n  backend: [veth, hosts]\n", ":4:", "between which", "hosts: {inventory"},
		{"campaign: x\nrepetitions: 0\n", ":2:", "repetitions", "1 to 1000"},
		{"campaign: x\nrepetitions:\n", ":2:", "repetitions", "one value"},
		{"campaign: x\norder: random\n", ":2:", "random", "shuffled"},
		{"campaign: x\nschedules: {none: {}}\n", ":2:", "none", "name"},
		{"campaign: x\nschedules: {g: [S 80 1ms]}\n", ":2:", "g", "gate-parameters"},
		{"campaign: x\nhosts: {talker: a}\n", ":2:", "hosts", "inventory"},
		{"- x\n", ":1:", "mapping", "campaign: NAME"},
	};
	struct campaign *c;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(reading(&c, rows[i].text, &why), -EINVAL);
		test_why_names(&why, rows[i].place, rows[i].word, rows[i].mend, NULL);
	}
	assert_int_equal(campaign_read(&c, "/nonexistent", &why), -ENOENT);
	test_why_names(&why, "/nonexistent", NULL);
}

static void test_only(void **state)
{
	struct campaign *c;
	struct why why;

	(void)state;
	assert_int_equal(reading(&c, "campaign: x\nmatrix: {backend: [veth, taktd, testpmd], load: [none, flood]}\n", &why), 0);
	assert_int_equal(campaign_only(c, "backend=taktd,veth", &why), 0);
	assert_false(c->axis[AXIS_BACKEND].left_out[0]);
	assert_false(c->axis[AXIS_BACKEND].left_out[1]);
	assert_true(c->axis[AXIS_BACKEND].left_out[2]);
	assert_false(c->axis[AXIS_LOAD].left_out[0]);
	assert_int_equal(campaign_only(c, "backend", &why), -EINVAL);
	assert_int_equal(campaign_only(c, "backnd=veth", &why), -EINVAL);
	test_why_names(&why, "backnd", "takt bench axes", NULL);
	assert_int_equal(campaign_only(c, "load=cpu", &why), -EINVAL);
	test_why_names(&why, "load=cpu", "none, flood", NULL);
	campaign_free(c);
}

TEST_GROUP("bench/campaign",
	cmocka_unit_test(test_all_keys),
	cmocka_unit_test(test_defaults),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_only),
)
