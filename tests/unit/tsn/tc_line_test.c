/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tsn/qdisc.h"

/* Words from `from` to before `to` as text, /n and /c as what they stand for. */
static void join(const struct test_row *row, int from, int to, char *text, size_t size)
{
	size_t n = 0;
	int i;

	text[0] = '\0';
	for (i = from; i < to; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%s", !strcmp(row->word[i], "/n") ? "\n" : !strcmp(row->word[i], "/c") ? "\\\n" : row->word[i],
				      i + 1 < to ? " " : "");
	assert_true(n < size);
}

static int bad_row(const struct test_row *row, struct why *why)
{
	const char *says = row->word[row->n - 1];
	struct why got = {""};
	char text[2048], list[256], *word, *save = NULL, *p;
	struct qdisc q;
	int err;

	if (strncmp(says, "says=", 5))
		fail_msg("%s:%d: says= is missing", row->path, row->line);
	join(row, 1, row->n - 1, text, sizeof(text));
	err = qdisc_parse_tc(&q, NULL, text, &got);
	if (!err) {
		qdisc_fini(&q);
		return why_fail(why, EINVAL, "not refused");
	}
	if (err != -EINVAL)
		return why_fail(why, EINVAL, "returned %d, not -EINVAL", err);
	snprintf(list, sizeof(list), "%s", says + 5);
	for (word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		for (p = word; (p = strchr(p, '~')); )
			*p = ' ';
		if (!strstr(got.text, word))
			return why_fail(why, EINVAL, "\"%s\" does not name \"%s\"", got.text, word);
	}
	if (!strchr(got.text, ':') || strlen(got.text) > WHY_LEN - 20)
		return why_fail(why, EINVAL, "\"%s\" does not say how to mend it, or is cut off", got.text);
	return 0;
}

static int tc_row(const struct test_row *row, struct why *why)
{
	char text[2048], want[2048], *got, *again, *said;
	struct qdisc q;
	int i, err;

	if (!strcmp(row->word[0], "bad"))
		return bad_row(row, why);
	for (i = 1; i < row->n && strcmp(row->word[i], "->"); i++)
		;
	join(row, 1, i, text, sizeof(text));
	join(row, i + 1, row->n, want, sizeof(want));
	err = qdisc_parse_tc(&q, NULL, text, why);
	if (err)
		return err;
	got = qdisc_print_tc(&q, NULL);
	qdisc_fini(&q);
	said = strstr(got, " dev DEV ");
	assert_non_null(said);
	if (strcmp(said + strlen(" dev DEV "), want))
		err = why_fail(why, EINVAL, "got %.250s", got);
	/* And it is stable: read again it prints the same. */
	assert_int_equal(qdisc_parse_tc(&q, NULL, got, NULL), 0);
	again = qdisc_print_tc(&q, NULL);
	qdisc_fini(&q);
	assert_string_equal(got, again);
	free(got);
	free(again);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/tc_line.vec", tc_row);
}

static void test_every_field_gets_its_number(void **state)
{
	struct qdisc q;
	char dev[16];

	(void)state;
	assert_int_equal(qdisc_parse_tc(&q, dev, "tc qdisc replace dev eth7 parent 8001:8 handle ffff taprio num_tc 3 map 2 1 0 queues 1@0 2@1 3@3 "
					"base-time -7 cycle-time 6000 cycle-time-extension 9 clockid TAI flags 0x1 txtime-delay 12 "
					"max-sdu 1 2 3 fp P E P sched-entry R 04 1000 sched-entry S 03 5000", NULL), 0);
	assert_string_equal(dev, "eth7");
	assert_int_equal(q.kind, QDISC_TAPRIO);
	assert_int_equal(q.parent, 0x80010008);
	assert_int_equal(q.handle, 0xffff0000);
	assert_int_equal(q.taprio.map.num_tc, 3);
	assert_memory_equal(q.taprio.map.prio_tc, ((uint8_t[]){2, 1, 0, 0}), 4);
	assert_memory_equal(q.taprio.map.count, ((uint16_t[]){1, 2, 3, 0}), 8);
	assert_memory_equal(q.taprio.map.offset, ((uint16_t[]){0, 1, 3, 0}), 8);
	assert_true(q.taprio.gate.enabled);
	assert_int_equal(q.taprio.gate.initial_gates, 0xff);
	assert_int_equal(q.taprio.gate.t_base, -7);
	assert_int_equal(q.taprio.gate.cycle_ns, 6000);
	assert_int_equal(q.taprio.gate.extension_ns, 9);
	assert_int_equal(q.taprio.gate.max_sdu[2], 3);
	assert_int_equal(q.taprio.gate.n_entries, 2);
	assert_int_equal(q.taprio.gate.entries[0].gates, 4);
	assert_int_equal(q.taprio.gate.entries[1].interval_ns, 5000);
	assert_int_equal(q.taprio.commands[0], 'R');
	assert_int_equal(q.taprio.clockid, CLOCK_TAI);
	assert_int_equal(q.taprio.flags, QDISC_TXTIME_ASSIST);
	assert_int_equal(q.taprio.txtime_delay_ns, 12);
	assert_int_equal(q.taprio.fp_preemptible, 5);
	qdisc_fini(&q);
	qdisc_fini(&q);
	qdisc_fini(NULL);
}

static void test_verbs(void **state)
{
	static const char *const verbs[] = {"add", "replace", "change"};
	char text[64], *line;
	struct qdisc q;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "tc qdisc %s dev eth0 root cbs", verbs[i]);
		assert_int_equal(qdisc_parse_tc(&q, NULL, text, NULL), 0);
		line = qdisc_print_tc(&q, "eth0");
		assert_memory_equal(line, text, strlen(text));
		free(line);
	}
}

/* tc itself stops at 30 entries: its message is 1024 bytes. */
static void test_as_many_entries_as_there_may_be(void **state)
{
	struct why why = {""};
	char *text = NULL, *printed;
	struct qdisc q;
	size_t len;
	int i, more;

	(void)state;
	for (more = 0; more < 2; more++) {
		FILE *f = open_memstream(&text, &len);

		fputs("taprio", f);
		for (i = 0; i < GCL_MAX_ENTRIES + more; i++)
			fprintf(f, " sched-entry S %02x %d", i & 0xff, 1000 + i);
		fclose(f);
		if (more) {
			assert_int_equal(qdisc_parse_tc(&q, NULL, text, &why), -EINVAL);
			test_why_names(&why, "4096", NULL);
		} else {
			assert_int_equal(qdisc_parse_tc(&q, NULL, text, &why), 0);
			assert_int_equal(q.taprio.gate.n_entries, GCL_MAX_ENTRIES);
			assert_int_equal(q.taprio.gate.entries[4095].interval_ns, 5095);
			assert_null(q.taprio.commands);
			printed = qdisc_print_tc(&q, "eth0");
			assert_non_null(strstr(printed, " sched-entry S ff 5095"));
			free(printed);
			qdisc_fini(&q);
		}
		free(text);
	}
}

/* Whatever the words, an answer comes, and what was read prints and reads again as the same. */
static void test_random_words(void **state)
{
	static const char *const words[] = {
		"taprio", "mqprio", "cbs", "etf", "num_tc", "map", "queues", "sched-entry", "S", "H", "01", "ff", "255", "1000", "base-time", "-5", "clockid",
		"TAI", "flags", "0x2", "max-sdu", "fp", "E", "P", "1@0", "2@1", "dev", "eth0", "root", "parent", "1:1", "handle", "100:", "stab", "overhead",
		"24", "hw", "0", "mode", "dcb", "min_rate", "1Gbit", "idleslope", "delta", "offload", "\n", "\\\n", "\\", "@", "0x", "cycle-time",
	};
	uint64_t seed = 11;
	char text[512], *a, *b;
	int n, i, read = 0;
	struct qdisc q;
	size_t len;

	(void)state;
	for (n = 0; n < 50000; n++) {
		len = (size_t)snprintf(text, sizeof(text), "%s", words[test_random(&seed) % 4]);
		for (i = (int)(test_random(&seed) % 12); i > 0; i--)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", words[test_random(&seed) % (sizeof(words) / sizeof(words[0]))]);
		if (qdisc_parse_tc(&q, NULL, text, NULL))
			continue;
		read++;
		a = qdisc_print_tc(&q, NULL);
		qdisc_fini(&q);
		assert_int_equal(qdisc_parse_tc(&q, NULL, a, NULL), 0);
		b = qdisc_print_tc(&q, NULL);
		qdisc_fini(&q);
		assert_string_equal(a, b);
		free(a);
		free(b);
	}
	assert_true(read > 1000);
}

TEST_GROUP("tsn/tc_line",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_every_field_gets_its_number),
	cmocka_unit_test(test_verbs),
	cmocka_unit_test(test_as_many_entries_as_there_may_be),
	cmocka_unit_test(test_random_words),
)
