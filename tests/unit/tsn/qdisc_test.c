/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/tsn/list.h"
#include "tsn/qdisc.h"

#define MAP "taprio num_tc 2 map 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 queues 1@0 1@1"

/* Words from `from` to before `to`, $T and $M as what they stand for. */
static void join(const struct test_row *row, int from, int to, char *text, size_t size)
{
	size_t n = 0;
	int i;

	text[0] = '\0';
	for (i = from; i < to; i++) {
		const char *w = row->word[i];

		n += (size_t)snprintf(text + n, size - n, "%s ", !strcmp(w, "$M") ? MAP : !strcmp(w, "$T") ? MAP " clockid CLOCK_TAI" : w);
	}
	assert_true(n < size);
}

static void read_line(const struct test_row *row, int from, int to, struct qdisc *q)
{
	struct why why = {""};
	char text[2048];

	join(row, from, to, text, sizeof(text));
	if (qdisc_parse_tc(q, NULL, text, &why))
		fail_msg("%s:%d: %s", row->path, row->line, why.text);
}

/* Leading NAME=VALUE words; the index of the first other one. */
static int read_dev(const struct test_row *row, struct qdisc_dev *dev)
{
	int i;

	*dev = (struct qdisc_dev){.queues = 8, .link_bps = NS_PER_SEC, .max_mtu = 1500};
	for (i = 1; i < row->n && strchr(row->word[i], '='); i++) {
		const char *value = strchr(row->word[i], '=') + 1;

		if (!strncmp(row->word[i], "queues=", 7))
			dev->queues = (uint32_t)atoi(value);
		else if (!strncmp(row->word[i], "mtu=", 4))
			dev->max_mtu = (uint32_t)atoi(value);
		else if (!strncmp(row->word[i], "speed=", 6))
			dev->link_bps = atoi(value) ? list_rate(row, value) : 0;
		else
			fail_msg("%s:%d: %s", row->path, row->line, row->word[i]);
	}
	return i;
}

/* Does the text name all of says=? */
static int names(const struct test_row *row, const char *text, struct why *why)
{
	char list[256], *word, *save = NULL, *p;

	snprintf(list, sizeof(list), "%s", row->word[row->n - 1] + strlen("says="));
	for (word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		for (p = word; (p = strchr(p, '~')); )
			*p = ' ';
		if (!strstr(text, word))
			return why_fail(why, EINVAL, "\"%s\" does not name \"%s\"", text, word);
	}
	return 0;
}

struct said {
	unsigned int n;
	char text[2048];
};

static void keep(void *arg, const char *sentence)
{
	struct said *s = arg;

	s->n++;
	strncat(s->text, sentence, sizeof(s->text) - strlen(s->text) - 1);
	strncat(s->text, "\n", sizeof(s->text) - strlen(s->text) - 1);
}

static int diff_row(const struct test_row *row, struct why *why)
{
	struct said said = {0};
	struct qdisc a, b;
	unsigned int n;
	int i, err = 0;

	for (i = 1; i < row->n && strcmp(row->word[i], "->"); i++)
		;
	read_line(row, 1, i, &a);
	read_line(row, i + 1, row->n - 1, &b);
	n = qdisc_diff(&a, &b, keep, &said);
	assert_int_equal(n, said.n);
	assert_int_equal(n, qdisc_diff(&a, &b, NULL, NULL));
	assert_int_equal(qdisc_diff(&a, &a, NULL, NULL), 0);
	qdisc_fini(&a);
	qdisc_fini(&b);
	if (!strcmp(row->word[row->n - 1], "says=nothing"))
		return n ? why_fail(why, EINVAL, "said %s", said.text) : 0;
	if (n != 1)
		err = why_fail(why, EINVAL, "%u differences: %s", n, said.text);
	return err ?: names(row, said.text, why);
}

static int qdisc_row(const struct test_row *row, struct why *why)
{
	const char *verb = row->word[0];
	bool says = !strncmp(row->word[row->n - 1], "says=", 5);
	struct said said = {0};
	struct why got = {""};
	struct qdisc_dev dev;
	struct qdisc q;
	int err, forced;

	if (!strcmp(verb, "diff"))
		return diff_row(row, why);
	read_line(row, read_dev(row, &dev), row->n - says, &q);
	err = qdisc_check(&q, &dev, false, &got);
	forced = qdisc_check(&q, &dev, true, NULL);
	qdisc_warn(&q, &dev, keep, &said);
	qdisc_fini(&q);
	if (!strcmp(verb, "ok") || !strcmp(verb, "warn")) {
		if (err)
			return why_fail(why, EINVAL, "refused: %s", got.text);
		if (!strcmp(verb, "ok"))
			return said.n && dev.link_bps ? why_fail(why, EINVAL, "warned: %s", said.text) : 0;
		return names(row, said.text, why);
	}
	if (err != -EINVAL)
		return why_fail(why, EINVAL, "returned %d, not -EINVAL", err);
	if (!strchr(got.text, ':') || strlen(got.text) > WHY_LEN - 20)
		return why_fail(why, EINVAL, "\"%s\" does not say how to mend it, or is cut off", got.text);
	if (forced != (!strcmp(verb, "never") ? -EINVAL : 0))
		return why_fail(why, EINVAL, "forced it returned %d", forced);
	return names(row, got.text, why);
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/qdisc.vec", qdisc_row);
}

/* A long list that differs everywhere does not fill the screen. */
static void test_few_sentences_for_many_entries(void **state)
{
	struct gcl_entry a[100], b[100];
	struct qdisc x = {.kind = QDISC_TAPRIO, .taprio.gate = {.n_entries = 100, .entries = a}}, y = x;
	struct said said = {0};
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		a[i] = (struct gcl_entry){.gates = 1, .interval_ns = 1000};
		b[i] = (struct gcl_entry){.gates = 2, .interval_ns = 1000};
	}
	y.taprio.gate.entries = b;
	assert_true(qdisc_diff(&x, &y, keep, &said) < 12);
	assert_non_null(strstr(said.text, "entry 8 and maybe more"));
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(qdisc_kind_find("etf"), QDISC_ETF);
	assert_int_equal(qdisc_kind_find("fq_codel"), -1);
	assert_string_equal(qdisc_kind_name(QDISC_MQPRIO), "mqprio");
	assert_string_equal(qdisc_clock_name(qdisc_clock_find("tai")), "CLOCK_TAI");
	assert_int_equal(qdisc_clock_find("CLOCK_"), QDISC_NO_CLOCK);
	assert_null(qdisc_clock_name(QDISC_NO_CLOCK));
}

TEST_GROUP("tsn/qdisc",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_few_sentences_for_many_entries),
	cmocka_unit_test(test_names),
)
