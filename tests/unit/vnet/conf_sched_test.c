/* SPDX-License-Identifier: BSD-3-Clause */
/* Three notations of the same schedules: what each says, what it cannot say, and where in a file it stands. */
#include "vnet/conf_sched.h"

#include <errno.h>

#include "tests/unit/vnet/conf_sched_text.h"

static int64_t sum_of(const struct gcl_conf *g)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < g->n_entries; i++)
		sum += g->entries[i].interval_ns;
	return sum;
}

/* The same schedule, an unsaid cycle being the sum of its entries. */
static void same(const struct gcl_conf *a, const struct gcl_conf *b)
{
	uint32_t i;

	assert_int_equal(a->enabled, b->enabled);
	assert_int_equal(a->initial_gates, b->initial_gates);
	assert_true(a->t_base == b->t_base);
	assert_true((a->cycle_ns ? a->cycle_ns : sum_of(a)) == (b->cycle_ns ? b->cycle_ns : sum_of(b)));
	assert_true((uint64_t)a->cycle_frac_num * (b->cycle_frac_den ? b->cycle_frac_den : 1) ==
		    (uint64_t)b->cycle_frac_num * (a->cycle_frac_den ? a->cycle_frac_den : 1));
	assert_true(a->extension_ns == b->extension_ns);
	assert_memory_equal(a->max_sdu, b->max_sdu, sizeof(a->max_sdu));
	assert_int_equal(a->n_entries, b->n_entries);
	for (i = 0; i < a->n_entries; i++) {
		assert_int_equal(a->entries[i].gates, b->entries[i].gates);
		assert_true(a->entries[i].interval_ns == b->entries[i].interval_ns);
	}
}

/* From one notation into another, and back what was there. */
static void hop(struct conf_sched *s, enum conf_format to)
{
	struct gcl_conf before = s->gate;
	struct cbs_conf cbs = s->cbs;
	char *text = print(s, to);

	assert_int_equal(s->n_notes, 0); /* nothing is lost */
	read_as(s, to, text);
	assert_int_equal(s->n_notes, 0);
	same(&before, &s->gate);
	assert_memory_equal(&cbs, &s->cbs, sizeof(cbs));
	free(before.entries);
	free(text);
}

#define PICK(seed, n) ((int64_t)((test_random(seed) >> 16) % (uint64_t)(n)))

static void random_schedule(struct conf_sched *s, uint64_t *seed)
{
	struct gcl_conf *g = &s->gate;
	uint32_t i;

	*s = (struct conf_sched){.link_bps = NS_PER_SEC};
	g->enabled = true;
	g->initial_gates = UINT8_MAX;
	g->t_base = PICK(seed, 3) ? PICK(seed, INT64_C(2000000000000000000)) : 0;
	g->n_entries = 1 + (uint32_t)PICK(seed, 40);
	g->entries = calloc(g->n_entries, sizeof(*g->entries));
	for (i = 0; i < g->n_entries; i++)
		g->entries[i] = (struct gcl_entry){(uint8_t)PICK(seed, 256), 20000 + PICK(seed, 4000000)};
	g->cycle_ns = PICK(seed, 3) == 0 ? sum_of(g) : PICK(seed, 2) ? 0 : sum_of(g) - PICK(seed, 20000);
	g->extension_ns = PICK(seed, 2) * PICK(seed, 1000000);
	for (i = 0; i < TSN_CLASSES; i++)
		g->max_sdu[i] = (uint32_t)(PICK(seed, 4) ? 0 : 46 + PICK(seed, 1400));
	if (!PICK(seed, 3))
		s->cbs.idle_bps[PICK(seed, 4)] = 1000 * (1 + PICK(seed, 100000));
	if (!PICK(seed, 3))
		s->cbs.idle_bps[4 + PICK(seed, 4)] = 1000 * (1 + PICK(seed, 100000));
}

/* A cycle that is no whole number of ns goes through the two notations that have fractions. */
static void test_rational_cycles(void **state)
{
	struct conf_sched s;
	struct why why;
	uint64_t seed = 3;
	unsigned int n, done = 0;
	int64_t den;

	(void)state;
	for (n = 0; n < 500; n++) {
		random_schedule(&s, &seed);
		den = 1 + PICK(&seed, 100000);
		gcl_cycle_set(&s.gate, 1 + PICK(&seed, 2 + den / 20), den);
		if (s.gate.cycle_ns >= 25000 && s.gate.cycle_ns <= NS_PER_SEC && !conf_sched_check(&s, "f", &why)) {
			hop(&s, CONF_YANG);
			hop(&s, CONF_YAML);
			hop(&s, CONF_YANG);
			done += s.gate.cycle_frac_num != 0;
		}
		conf_sched_fini(&s);
	}
	assert_true(done > 200);
}

static void test_three_places(void **state)
{
	struct conf_sched s;
	uint64_t seed = 11;
	struct why why;
	unsigned int n, done = 0;

	(void)state;
	for (n = 0; n < 1500; n++) {
		random_schedule(&s, &seed);
		if (conf_sched_check(&s, "f", &why)) { /* a window cut too short */
			conf_sched_fini(&s);
			continue;
		}
		hop(&s, CONF_YAML);
		hop(&s, CONF_TC);
		hop(&s, CONF_YANG);
		hop(&s, CONF_YAML);
		hop(&s, CONF_YANG);
		hop(&s, CONF_TC);
		conf_sched_fini(&s);
		done++;
	}
	assert_true(done > 1000);
}

/* What YANG carries and tc does not. */
static void test_what_is_lost(void **state)
{
	struct conf_sched s, t;
	struct why why;
	char *text;
	FILE *f;

	(void)state;
	read_as(&s, CONF_YAML, "admin-gate-states: 0x0f\nadmin-cycle-time: 1ms\nadmin-control-list: [S 80 100000, S 7f 400000]");
	hop(&s, CONF_YANG);
	hop(&s, CONF_YAML);
	text = print(&s, CONF_TC);
	assert_int_equal(s.n_notes, 2);
	assert_non_null(strstr(s.note[0], "lengthened by 500000 ns"));
	assert_non_null(strstr(s.note[1], "admin-gate-states 0x0f"));
	read_as(&t, CONF_TC, text);
	assert_int_equal(t.gate.initial_gates, 0xff);
	assert_int_equal(t.gate.entries[1].interval_ns, 900000);
	conf_sched_fini(&t);
	free(text);
	s.n_notes = 0;
	s.gate.cycle_frac_num = 1;
	s.gate.cycle_frac_den = 3;
	text = print(&s, CONF_YANG);
	assert_non_null(strstr(text, "\"numerator\": 3000001, \"denominator\": 3000000000"));
	free(text);
	text = print(&s, CONF_TC);
	assert_non_null(strstr(s.note[s.n_notes - 1], "1/3 ns"));
	free(text);
	s.gate.cycle_frac_den = 4000000007u;
	s.n_notes = 0;
	text = print(&s, CONF_YANG);
	assert_int_equal(s.n_notes, 1);
	assert_non_null(strstr(text, "\"numerator\": 1, \"denominator\": 1000}"));
	free(text);
	s.gate.enabled = false;
	f = fopen("/dev/null", "w");
	assert_int_equal(conf_sched_print(&s, CONF_TC, NULL, f, &why), -EINVAL);
	assert_non_null(strstr(why.text, "gate-enabled: true"));
	fclose(f);
	conf_sched_fini(&s);
}

/* -- tc ------------------------------------------------------------------------------------------------------ */

static void test_tc(void **state)
{
	/* the LS1028A's regression schedule; comments, continued lines, two commands */
	static const char text[] =
		"# a comment\n\n"
		"sudo tc qdisc replace dev swp0 parent root handle 100 taprio num_tc 8 map 0 1 2 3 4 5 6 7 \\\n"
		"  queues 1@0 1@1 1@2 1@3 1@4 1@5 1@6 1@7 base-time 0 \\\n"
		"  sched-entry S 20 300000 sched-entry S 10 200000 sched-entry S 20 300000 sched-entry S 48 200000 \\\n"
		"  sched-entry S 20 300000 sched-entry S 83 200000 sched-entry S 40 300000 sched-entry S 00 200000 flags 0x2\n"
		"# and a shaper\n"
		"tc qdisc replace dev swp0 parent 100:6 cbs idleslope 98688 sendslope -901312 hicredit 153 locredit -1389\n";
	struct conf_sched s;

	(void)state;
	read_as(&s, CONF_TC, text);
	assert_int_equal(s.gate.n_entries, 8);
	assert_int_equal(sum_of(&s.gate), 2000000);
	assert_int_equal(s.gate.entries[3].gates, 0x48);
	assert_int_equal(s.gate.initial_gates, 0xff);
	assert_true(s.gate.enabled);
	assert_true(s.cbs.idle_bps[5] == 98688000);
	assert_string_equal(s.name, "swp0");
	assert_int_equal(s.n_notes, 1); /* flags */
	conf_sched_fini(&s);
	read_as(&s, CONF_TC, "taprio num_tc 3 map 2 2 1 0 2 2 2 2 2 2 2 2 2 2 2 2 queues 1@0 1@1 2@2 sched-entry S 1 300000 sched-entry R 6 300000");
	assert_int_equal(s.n_notes, 1);
	assert_non_null(strstr(s.note[0], "frame preemption"));
	conf_sched_fini(&s);
}

/* A tc line's map comes out of it as it went in, with the overhead of a wire; elsewhere a note says what is gone. */
static void test_tc_map(void **state)
{
	static const char map[] = "num_tc 3 map 2 2 1 0 2 2 2 2 2 2 2 2 2 2 2 2 queues 1@0 1@1 2@2";
	char line[200], *text;
	struct conf_sched s;

	(void)state;
	snprintf(line, sizeof(line), "taprio %s sched-entry S 1 300000 sched-entry S 6 300000\ntc qdisc add dev e parent 1:2 cbs idleslope 9000", map);
	read_as(&s, CONF_TC, line);
	text = print(&s, CONF_TC);
	assert_int_equal(s.n_notes, 0);
	assert_non_null(strstr(text, map));
	assert_non_null(strstr(text, "handle 100: stab overhead 24 taprio"));
	assert_non_null(strstr(text, "parent 100:2 cbs"));
	free(text);
	text = print(&s, CONF_YAML);
	assert_int_equal(s.n_notes, 1); /* the table is there */
	assert_non_null(strstr(text, "traffic-class-table: [2, 2, 1, 0, 2, 2, 2, 2]"));
	assert_non_null(strstr(s.note[0], "num_tc 3, the queues"));
	free(text);
	s.n_notes = 0;
	free(print(&s, CONF_YANG));
	assert_int_equal(s.n_notes, 2);
	assert_non_null(strstr(s.note[1], "traffic-class-table: [2, 2, 1, 0, 2, 2, 2, 2]"));
	conf_sched_fini(&s);
	read_as(&s, CONF_TC, "tc qdisc add dev e root stab overhead 30 taprio sched-entry S 1 300000 clockid CLOCK_MONOTONIC");
	assert_int_equal(s.n_notes, 1);
	assert_non_null(strstr(s.note[0], "clockid"));
	text = print(&s, CONF_TC);
	assert_non_null(strstr(text, "stab overhead 30"));
	assert_int_equal(s.n_notes, 1);
	free(text);
	free(print(&s, CONF_YAML));
	assert_non_null(strstr(s.note[1], "overhead 30 is lost"));
	conf_sched_fini(&s);
}

/* Shapers that only taktd knows stay in yaml, and are told of elsewhere. */
static void test_more_shapers(void **state)
{
	static const char conf[] = "asynchronous-shaper: [4]\nlaunch-time: {7: {mode: deadline, source: avtp, offset: -1us}}\n"
				   "gate-parameters: {admin-control-list: [S ff 100000]}";
	enum conf_format to[] = {CONF_TC, CONF_YANG};
	struct conf_sched s, t;
	struct why why;
	char *text;
	size_t i;

	(void)state;
	read_as(&s, CONF_YAML, conf);
	assert_true(conf_sched_more(&s));
	text = print(&s, CONF_YAML);
	assert_int_equal(s.n_notes, 0);
	read_as(&t, CONF_YAML, text);
	free(text);
	assert_memory_equal(s.launch, t.launch, sizeof(s.launch));
	assert_true(t.launch[7].enabled && t.launch[7].offset_ns == -1000);
	assert_int_equal(t.ats, 0x10);
	conf_sched_fini(&t);
	for (i = 0; i < 2; i++) {
		s.n_notes = 0;
		free(print(&s, to[i]));
		assert_int_equal(s.n_notes, 2);
		assert_non_null(strstr(s.note[0], "launch-time is lost"));
		assert_non_null(strstr(s.note[1], "asynchronous-shaper is lost"));
	}
	conf_sched_fini(&s);
	assert_int_equal(conf_sched_read(&t, "asynchronous-shaper: [6]\ncredit-based-shaper: {6: 1Mb/s}", "f", &why), -EINVAL);
	test_why_names(&why, "f:", "class 6", "already", NULL);
}

/* -- what is around it --------------------------------------------------------------------------------------- */

#define BODY "{\"gate-enabled\": true, \"admin-control-list\": {\"gate-control-entry\": [" ENTRY(7) ", " ENTRY(3) "]}, \"oper-gate-states\": 3, " \
	"\"@admin-gate-states\": {}, \"config-pending\": 7}"

static void test_wrappers(void **state)
{
	static const char *const wraps[] = {
		"{\"ieee802-dot1q-sched:gate-parameter-table\": %s}",
		"{\"ietf-interfaces:interfaces\": {\"interface\": [{\"name\": \"x\"}, {\"name\": \"eth7\", \"ieee802-dot1dc-sched-if:gate-parameter-table\": %s}]}}",
		"{\"ietf-restconf:data\": {\"ietf-interfaces:interfaces\": {\"interface\": [{\"name\": \"eth7\", \"type\": \"iana-if-type:ethernetCsmacd\", "
		"\"ieee802-dot1q-bridge:bridge-port\": {\"pvid\": 1, \"ieee802-dot1q-sched-bridge:gate-parameter-table\": %s}}]}}}",
		"{\"ietf-interfaces:interface\": [{\"name\": \"eth7\", \"gate-parameter-table\": %s}]}",
	};
	struct conf_sched s;
	char text[2000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++) {
		snprintf(text, sizeof(text), wraps[i], BODY);
		read_as(&s, CONF_YANG, text);
		assert_string_equal(s.name, i ? "eth7" : "");
		assert_int_equal(s.gate.n_entries, 2);
		assert_int_equal(s.n_notes, 2);
		assert_non_null(strstr(s.note[0], "admin-cycle-time is not given"));
		assert_non_null(strstr(s.note[1], "oper-gate-states and other leaves"));
		conf_sched_fini(&s);
	}
}

/* The order of a list is its key's; the default of gate-enabled is the module's; the port chooses. */
static void test_meaning(void **state)
{
	static const char two[] =
		"{\"interfaces\": {\"interface\": [{\"name\": \"a\", \"gate-parameter-table\": {\"admin-gate-states\": 1}}, "
		"{\"name\": \"b\", \"gate-parameter-table\": {\"admin-gate-states\": 2}}]}}";
	struct conf_sched s;
	struct why why;

	(void)state;
	read_as(&s, CONF_YANG, LIST("{\"index\": 9, \"operation-name\": \"ieee802-dot1q-sched:set-and-hold-mac\", \"time-interval-value\": 2000, "
				    "\"gate-states-value\": 2}, {\"index\": 4, \"operation-name\": \"ieee802-dot1q-sched:set-gate-states\", "
				    "\"time-interval-value\": 1000, \"gate-states-value\": 4}"));
	assert_int_equal(s.gate.entries[0].gates, 4);
	assert_int_equal(s.gate.entries[1].interval_ns, 2000);
	assert_non_null(strstr(s.note[1], "frame preemption is not done"));
	conf_sched_fini(&s);
	s = (struct conf_sched){.port = "b"};
	assert_int_equal(conf_sched_read(&s, two, "f", &why), 0);
	assert_int_equal(s.gate.initial_gates, 2);
	assert_false(s.gate.enabled);
	assert_non_null(strstr(s.note[0], "gate-enabled is not given"));
	s = (struct conf_sched){.port = "c"};
	assert_int_equal(conf_sched_read(&s, two, "f", &why), -EINVAL);
	assert_non_null(strstr(why.text, "none is named c"));
	s = (struct conf_sched){.port = "wire"};
	assert_int_equal(conf_sched_read(&s, "{\"interface\": [{\"name\": \"a\", \"cbsa\": {\"cbsa-parameter-table\": [{\"traffic-class\": 6, "
					     "\"admin-idle-slope\": \"20000000\"}]}}]}", "f", &why), 0);
	assert_true(s.cbs.idle_bps[6] == 20000000);
	assert_non_null(strstr(s.note[0], "interface a and is taken for wire"));
}

/* A file's port gives link, map and name; the check names the line. */
static void test_whole_file(void **state)
{
	static const char file[] =
		"ports:\n- {name: a, mem: yes}\n- {name: b, mem: yes, link-speed: 100Mb/s, gate-parameters: "
		"{admin-control-list: [S 1 100000]}}\n";
	struct conf_sched s = {.format = CONF_AUTO};
	struct why why;

	(void)state;
	assert_int_equal(conf_sched_read(&s, file, "f", &why), 0);
	assert_true(s.link_bps == 100000000);
	assert_string_equal(s.name, "b");
	assert_true(s.has_map && s.map[7] == 7 && s.map[1] == 0);
	conf_sched_fini(&s);
	s = (struct conf_sched){.format = CONF_AUTO, .port = "a"}; /* nothing in it */
	assert_int_equal(conf_sched_read(&s, file, "f", &why), -EINVAL);
	s = (struct conf_sched){.format = CONF_AUTO, .port = "a"}; /* no schedule, but a shaper */
	assert_int_equal(conf_sched_read(&s, "ports: [{name: a, mem: yes, credit-based-shaper: {6: 1Mb/s}}]", "f", &why), 0);
	assert_int_equal(s.gate.initial_gates, 0xff);
	assert_true(!s.gate.enabled && s.cbs.idle_bps[6] == 1000000);
	conf_sched_fini(&s);
	s = (struct conf_sched){.format = CONF_AUTO, .port = "a", .gates = true};
	assert_int_equal(conf_sched_read(&s, "ports: [{name: a, mem: yes, credit-based-shaper: {6: 1Mb/s}}]", "f", &why), -EINVAL);
	test_why_names(&why, "a: this port has no gate-parameters", NULL);
	s = (struct conf_sched){.format = CONF_AUTO};
	assert_int_equal(conf_sched_read(&s, "\nadmin-control-list: [S 1 100]", "f", &why), 0);
	assert_true(s.link_bps == NS_PER_SEC);
	assert_int_equal(conf_sched_check(&s, "f", &why), -EINVAL);
	assert_non_null(strstr(why.text, "f:2: gate-parameters: "));
	conf_sched_fini(&s);
}

TEST_GROUP("vnet/conf_sched",
	cmocka_unit_test(test_rational_cycles),
	cmocka_unit_test(test_three_places),
	cmocka_unit_test(test_what_is_lost),
	cmocka_unit_test(test_tc),
	cmocka_unit_test(test_tc_map),
	cmocka_unit_test(test_more_shapers),
	cmocka_unit_test(test_wrappers),
	cmocka_unit_test(test_meaning),
	cmocka_unit_test(test_whole_file),
)
