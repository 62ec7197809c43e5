/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/cli_gate.h"

static void load(struct conf_sched *s, struct gcl **gcl, struct wire *wire, const char *text)
{
	struct why why = {""};

	*s = (struct conf_sched){.format = CONF_AUTO};
	if (conf_sched_read(s, text, "f", &why) || conf_sched_check(s, "f", &why))
		fail_msg("%s\n%s", why.text, text);
	assert_int_equal(wire_init(wire, s->link_bps, &why), 0);
	assert_int_equal(gcl_create(gcl, &s->gate, wire, &why), 0);
}

/* Everything that is said, as text. */
static char *said_of(const char *schedule, int ptp_priority, uint32_t *n)
{
	struct conf_sched s;
	struct wire wire;
	struct gcl *gcl;
	struct out o;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	load(&s, &gcl, &wire, schedule);
	out_init(&o, f, false);
	*n = cli_warn(&o, &s, gcl, &wire, ptp_priority);
	assert_int_equal(out_fini(&o), 0);
	fclose(f);
	gcl_destroy(gcl);
	conf_sched_fini(&s);
	return text;
}

/* Class 0 may go for 300 us of 1 ms, the others of REST for the rest; class 1 is never used. */
#define PTP_FILE(in, out, rest) \
	"ports:\n" \
	"  - {name: in, wire: net_a, ptp: {" in "}}\n" \
	"  - {name: out, wire: net_b, traffic-class-table: [0, 0, 2, 3, 4, 5, 6, 7], ptp: {" out "},\n" \
	"     gate-parameters: {admin-control-list: [S 01 300000, S " rest " 700000]}}\n"

/* One warning that has these words, or none at all. The list is open for all unless the row is about that. */
static const struct {
	const char *schedule;
	int ptp;
	const char *says[3];
} rows[] = {
	{"admin-control-list: [S ff 1000000]", 0, {NULL}},
	{"admin-control-list: [S 80 500000, S 7f 500000]", -1, {NULL}},
	{"gate-enabled: no", 0, {NULL}},
	{"admin-control-list: [S f3 1000000]", 0, {"classes 3, 2 are never open", "map no priority to them"}},
	{"admin-control-list: [S fb 1000000]", 0, {"class 2 is never open", "open it in an entry"}},
	{"admin-control-list: [S ff 10000, S fe 990000]", -1, {"class 0: the longest window, 10.0 us, is shorter than a 1518-byte frame (12.3 us)", "set queue-max-sdu"}},
	{"admin-control-list: [S ff 20000, S fe 980000]", -1, {"class 0: 1518-byte frames (12.3 us) must not start in the last 62 %"}},
	{"queue-max-sdu: {0: 46}\nadmin-control-list: [S ff 20000, S fe 980000]", -1, {NULL}},
	{"admin-control-list: [S ff 500000, S 00 500000]", -1, {"no gate at all is open for 500 us"}},
	/* PTP: the class of its priority, the longest wait in a row and across the end of the cycle */
	{"admin-control-list: [S 80 300000, S 7f 700000]", 0, {"priority 0 (untagged) are in class 1 and wait up to 301 us"}},
	{"admin-control-list: [S 80 300000, S 7f 700000]", 7, {"priority 7 are in class 7 and wait up to 701 us"}},
	{"admin-control-list: [S 7f 100000, S ff 500000, S 7f 400000]", 7, {"wait up to 501 us"}},
	{"admin-control-list: [S fe 1000000]", 1, {"class 0 is never open", "priority 1 are in class 0, which is never open: no clock"}},
	{"traffic-class-table: [3, 3, 3, 3, 4, 5, 6, 7]\ngate-parameters: {admin-control-list: [S 08 300000, S f0 700000]}", 0, {"in class 3 and wait up to 701 us"}},
	/* in a whole file: by the port where it comes in, unless none goes out; PTP_FILE(in, out) */
	{PTP_FILE("role: transparent", "role: transparent", "fe"), 0, {NULL}},
	{PTP_FILE("correction: false", "role: transparent", "fe"), 0, {"wait up to 701 us for its gate; those from port in are not corrected"}},
	{PTP_FILE("role: transparent", "correction: false", "fe"), 0, {NULL}},
	{PTP_FILE("role: deny, correction: false", "role: transparent", "fe"), 0, {NULL}},
	{PTP_FILE("correction: false", "role: deny", "fe"), 0, {NULL}},
	{PTP_FILE("role: transparent", "role: transparent", "7e"), 0, {"class 7 is never open"}},
	/* sum and cycle */
	{"admin-cycle-time: 1ms\nadmin-control-list: [S ff 400000]", 0, {"the entries last 400us of a cycle of 1ms: the last one holds"}},
	{"admin-cycle-time: 1ms\nadmin-control-list: [S ff 600000, S ff 600000]", 0, {"the entries last 1200us, the cycle only 1ms: the last one is cut"}},
	{"admin-cycle-time: 1ms\nadmin-control-list: [S ff 1000000, S ff 600000]", 0, {"entries from number 1 on never run"}},
	/* phase */
	{"admin-cycle-time: 300us\nadmin-control-list: [S ff 300000]", 0, {"a cycle of 300us does not divide 1 s", "37 s is 100 us out of phase"}},
	{"admin-cycle-time: {numerator: 1, denominator: 3000}\nadmin-control-list: [S ff 333333]", 0, {NULL}},
	{"admin-cycle-time: {numerator: 2, denominator: 3001}\nadmin-control-list: [S ff 666444]", 0, {"a cycle of 666444 1556/3001 ns does not divide"}},
	{"admin-base-time: 1000250\nadmin-control-list: [S ff 1000000]", 0, {"begin 250 ns after those", "give 1000000 if"}},
	{"admin-cycle-time-extension: 2ms\nadmin-control-list: [S ff 1000000]", 0, {"extension is longer than a cycle"}},
	/* shapers: 8.6.8.2, idle slope * cycle / open */
	{"taprio num_tc 8 map 1 0 2 3 4 5 6 7 queues 1@0 1@1 1@2 1@3 1@4 1@5 1@6 1@7 sched-entry S ff 1000000\n"
	 "tc qdisc add dev e parent 100:8 cbs idleslope 500000", -1, {NULL}},
	{"taprio num_tc 2 map 0 1 queues 1@0 1@1 sched-entry S 1 600000 sched-entry S 2 400000\ntc qdisc add dev e parent 100:2 cbs idleslope 500000", -1,
	 {"class 1: its gate is open 40.0 % of the time", "needs 1250000000 bit/s"}},
	{"taprio num_tc 2 map 0 1 queues 1@0 1@1 sched-entry S 3 1000000\ntc qdisc add dev e parent 100:1 cbs idleslope 500000", -1,
	 {"class 1 is not shaped and stands above class 0"}},
	{"credit-based-shaper: {6: 10Mb/s}\ngate-parameters: {admin-control-list: [S 80 500000, S 7f 500000]}", -1, {NULL}},
};

static void test_rows(void **state)
{
	uint32_t n;
	size_t i, k;
	char *said;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said = said_of(rows[i].schedule, rows[i].ptp, &n);
		for (k = 0; k < 3 && rows[i].says[k]; k++)
			if (!strstr(said, rows[i].says[k]))
				fail_msg("row %zu: no \"%s\" in\n%s", i, rows[i].says[k], said);
		if (!rows[i].says[0] && n)
			fail_msg("row %zu: nothing is wrong, yet\n%s", i, said);
		free(said);
	}
}

/* A class that no priority leads to is nobody's loss. */
static void test_unused_class(void **state)
{
	uint32_t n;
	char *said;

	(void)state;
	said = said_of("taprio num_tc 2 map 0 1 1 1 1 1 1 1 queues 1@0 1@1 sched-entry S 3 1000000", 0, &n);
	assert_null(strstr(said, "never open"));
	free(said);
}

/* Well-formed, every window once (two bars when it runs on), and a name that tries to be markup is none. */
static void test_svg(void **state)
{
	struct conf_sched s;
	struct wire wire;
	struct gcl *gcl;
	char *text = NULL, *p;
	unsigned int solid = 0, hatched = 0;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	load(&s, &gcl, &wire, "admin-control-list: [S 81 100000, S 7e 300000, S 80 100000]");
	assert_int_equal(cli_svg(f, "dir/<a>&\"b\".yaml", &s, gcl, &wire), 0);
	fclose(f);
	assert_null(strstr(text, "<a>"));
	assert_non_null(strstr(text, ">&#60;a&#62;&#38;&#34;b&#34;.yaml<"));
	assert_non_null(strstr(text, "class 7"));
	assert_non_null(strstr(text, "us into a cycle of 500us"));
	assert_string_equal(text + len - 7, "</svg>\n");
	for (p = text; (p = strstr(p, "height=\"20\" fill=\"#1f4e79\"")); p++)
		solid++;
	for (p = text; (p = strstr(p, "height=\"20\" fill=\"url(#guard)\"")); p++)
		hatched++;
	assert_int_equal(solid, 9); /* class 7 twice: its window runs on over the end */
	assert_int_equal(hatched, 8);
	free(text);
	gcl_destroy(gcl);
	conf_sched_fini(&s);
}

TEST_GROUP("vnet/cli_gate_warn",
	cmocka_unit_test(test_rows),
	cmocka_unit_test(test_unused_class),
	cmocka_unit_test(test_svg),
)
