/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which files have schedules, and by which clock these may go.
 */
#include "vnet/conf.h"

#include <errno.h>

#include "ptp/follow.h"
#include "tests/unit/vnet/conf_text.h"

#define PORT(keys) "ports:\n- {name: first, mem: yes}\n- {name: a, mem: yes, " keys "}\n"

static void test_scheduled(void **state)
{
	static const struct {
		const char *text;
		bool scheduled;
	} rows[] = {
		{PORT("mtu: 1500"), false},
		{PORT("credit-based-shaper: {6: 75Mb/s}, asynchronous-shaper: [5]"), false},
		{PORT("gate-parameters: {gate-enabled: no}"), false},
		{PORT("gate-parameters: {admin-control-list: [S ff 100000]}"), true},
		{PORT("launch-time: {7: {}}"), true},
		{PORT("cqf: {cycle-time: 500us, classes: [5, 4]}"), true},
		{PORT("stream-filters: [{stream-filter-instance-id: f, stream-gate-ref: g}], "
		      "stream-gates: [{stream-gate-instance-id: g, admin-control-list: [open 1000000]}]"), true},
		{PORT("stream-filters: [{stream-filter-instance-id: f, stream-gate-ref: g}], "
		      "stream-gates: [{stream-gate-instance-id: g, gate-enable: no}]"), false},
	};
	struct conf *c = malloc(sizeof(*c));
	const struct conf_port *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		load_good(c, rows[i].text);
		p = conf_scheduled(c);
		if (!p != !rows[i].scheduled)
			fail_msg("%s: %s", rows[i].text, p ? "scheduled" : "not scheduled");
		if (p)
			assert_string_equal(p->name, "a");
		conf_fini(c);
	}
	free(c);
}

static void test_permitted(void **state)
{
	static const struct {
		struct conf_clock clock;
		int kernel;
		bool may;
	} rows[] = {
		{{.tai_offset = FOLLOW_TAI_KERNEL}, 37, true},
		{{.tai_offset = FOLLOW_TAI_KERNEL}, 0, false},
		{{.tai_offset = 37}, 0, true},
		{{.tai_offset = 0}, 0, true},
		{{.tai_offset = 0}, 37, true},
		{{.tai_offset = FOLLOW_TAI_KERNEL, .device = "/dev/ptp0"}, 0, true},
	};
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why.text[0] = '\0';
		assert_int_equal(conf_clock_check(&rows[i].clock, rows[i].kernel, &why), rows[i].may ? 0 : -EINVAL);
		if (!rows[i].may)
			test_why_names(&why, "37 s", "ptp4l", "chrony", "tai-offset: 37", "0: UTC on purpose", NULL);
	}
}

TEST_GROUP("vnet/conf_clock",
	cmocka_unit_test(test_scheduled),
	cmocka_unit_test(test_permitted),
)
