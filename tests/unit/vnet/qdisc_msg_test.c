/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnet/qdisc_msg.h"

static char *buf;

static int get_buf(void **state)
{
	(void)state;
	buf = malloc(QDISC_MSG_SIZE);
	return buf ? 0 : -1;
}

static int free_buf(void **state)
{
	(void)state;
	free(buf);
	return 0;
}

static void print_said(void *arg, const char *sentence)
{
	(void)arg;
	print_error("%s\n", sentence);
}

/* A request and an answer have the same attributes: what was put comes back. */
static int there_and_back(const struct test_row *row, struct why *why)
{
	struct qdisc_seen seen;
	struct nlmsghdr *nlh;
	char text[2048] = "";
	struct qdisc q;
	unsigned int differences;
	size_t n = 0;
	int i, err;

	if (strcmp(row->word[0], "line"))
		return 0;
	for (i = 1; i < row->n && strcmp(row->word[i], "->"); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ", row->word[i][0] == '/' ? "" : row->word[i]);
	err = qdisc_parse_tc(&q, NULL, text, why);
	if (err)
		return err;
	if (q.kind == QDISC_TAPRIO && q.taprio.map.num_tc > QDISC_MAX_TC) {	/* no kernel says so: test_map_beyond_class_15() */
		qdisc_fini(&q);
		return 0;
	}
	assert_int_equal(qdisc_msg_put(&nlh, buf, 7, &q, why), 0);
	assert_int_equal(qdisc_msg_get(&seen, nlh, why), 0);
	assert_int_equal(seen.ifindex, 7);
	assert_true(seen.known);
	differences = qdisc_diff(&q, &seen.q, print_said, NULL);
	qdisc_seen_fini(&seen);
	qdisc_fini(&q);
	return differences ? why_fail(why, EINVAL, "%u differences", differences) : 0;
}

static void test_what_is_put_comes_back(void **state)
{
	(void)state;
	test_vectors("tests/vectors/tc_line.vec", there_and_back);
}

static void fill(struct qdisc *q, uint32_t n)
{
	uint32_t i;

	*q = (struct qdisc){.kind = QDISC_TAPRIO, .parent = QDISC_ROOT};
	q->taprio.clockid = CLOCK_TAI;
	q->taprio.gate.n_entries = n;
	q->taprio.gate.entries = calloc(n, sizeof(struct gcl_entry));
	assert_non_null(q->taprio.gate.entries);
	for (i = 0; i < n; i++)
		q->taprio.gate.entries[i] = (struct gcl_entry){.gates = (uint8_t)i, .interval_ns = 100000 + i};
}

/* tc stops at 30. The interface itself stops where the length of an attribute does not fit 16 bits. */
static void test_many_entries(void **state)
{
	struct qdisc_seen seen;
	struct why why = {""};
	struct nlmsghdr *nlh;
	struct qdisc q;

	(void)state;
	fill(&q, 2300);
	assert_int_equal(qdisc_msg_put(&nlh, buf, 1, &q, &why), 0);
	assert_true(nlh->nlmsg_len > 64000);
	assert_int_equal(qdisc_msg_get(&seen, nlh, &why), 0);
	assert_int_equal(qdisc_diff(&q, &seen.q, print_said, NULL), 0);
	qdisc_seen_fini(&seen);
	qdisc_fini(&q);
	fill(&q, 2340);
	assert_int_equal(qdisc_msg_put(&nlh, buf, 1, &q, &why), -E2BIG);
	test_why_names(&why, "2340 entries", "at most 23", NULL);
	qdisc_fini(&q);
}

/* An answer as Linux 6.1 gives it while a schedule waits. */
static struct nlmsghdr *pending(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	struct nlattr *options, *admin, *list, *entry;
	int i;

	nlh->nlmsg_type = RTM_NEWQDISC;
	tc->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(nlh, TCA_KIND, "taprio");
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u32(nlh, TCA_TAPRIO_ATTR_SCHED_CLOCKID, CLOCK_TAI);
	mnl_attr_put_u64(nlh, TCA_TAPRIO_ATTR_SCHED_BASE_TIME, (uint64_t)INT64_C(-5));
	for (i = 0; i < 2; i++) {
		admin = i ? mnl_attr_nest_start(nlh, TCA_TAPRIO_ATTR_ADMIN_SCHED) : NULL;
		if (i)
			mnl_attr_put_u64(nlh, TCA_TAPRIO_ATTR_SCHED_BASE_TIME, 77);
		mnl_attr_put_u64(nlh, TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME, i ? 400000 : 300000);
		list = mnl_attr_nest_start(nlh, TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST);
		entry = mnl_attr_nest_start(nlh, TCA_TAPRIO_SCHED_ENTRY);
		mnl_attr_put_u32(nlh, TCA_TAPRIO_SCHED_ENTRY_INDEX, 0);
		mnl_attr_put_u8(nlh, TCA_TAPRIO_SCHED_ENTRY_CMD, (uint8_t)i);
		mnl_attr_put_u32(nlh, TCA_TAPRIO_SCHED_ENTRY_GATE_MASK, i ? 2 : 1);
		mnl_attr_put_u32(nlh, TCA_TAPRIO_SCHED_ENTRY_INTERVAL, i ? 400000 : 300000);
		mnl_attr_nest_end(nlh, entry);
		mnl_attr_nest_end(nlh, list);
		if (i)
			mnl_attr_nest_end(nlh, admin);
	}
	mnl_attr_nest_end(nlh, options);
	return nlh;
}

static void test_waiting_schedule(void **state)
{
	struct qdisc_seen seen;

	(void)state;
	assert_int_equal(qdisc_msg_get(&seen, pending(), NULL), 0);
	assert_true(seen.has_admin);
	assert_int_equal(seen.q.taprio.gate.t_base, -5);
	assert_int_equal(seen.q.taprio.gate.entries[0].interval_ns, 300000);
	assert_int_equal(seen.admin.t_base, 77);
	qdisc_seen_swap(&seen);
	assert_int_equal(seen.q.taprio.gate.t_base, 77);
	assert_int_equal(seen.q.taprio.gate.cycle_ns, 400000);
	assert_int_equal(seen.q.taprio.gate.entries[0].gates, 2);
	assert_int_equal(seen.q.taprio.commands[0], 'H');
	assert_int_equal(seen.admin.entries[0].gates, 1);
	qdisc_seen_fini(&seen);
	qdisc_seen_fini(NULL);
}

static void test_mask_beyond_class_7_is_not_cut_off(void **state)
{
	struct nlmsghdr *nlh = pending();
	struct qdisc_seen seen;
	struct why why = {""};
	char *p;

	(void)state;
	/* The first mask: 1 becomes 0x101. */
	for (p = buf; p < buf + nlh->nlmsg_len; p += 4)
		if (((struct nlattr *)p)->nla_type == TCA_TAPRIO_SCHED_ENTRY_GATE_MASK && ((struct nlattr *)p)->nla_len == 8 && p[4] == 1)
			p[5] = 1;
	assert_int_equal(qdisc_msg_get(&seen, nlh, &why), -EPROTO);
	test_why_names(&why, "entry 0", "0x101", NULL);
}

/* No kernel says so; but loops go by it. */
static void test_map_beyond_class_15(void **state)
{
	static const char *const lines[] = {"taprio num_tc 17 map 0 queues 1@0 sched-entry S 1 300000 clockid TAI", "mqprio num_tc 255 map 0 fp P"};
	struct why why = {""};
	struct qdisc_seen seen;
	struct nlmsghdr *nlh;
	struct qdisc q;
	char *line;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(qdisc_parse_tc(&q, NULL, lines[i], &why), 0);
		line = qdisc_print_tc(&q, NULL);
		assert_non_null(line);
		free(line);
		assert_int_equal(qdisc_msg_put(&nlh, buf, 7, &q, &why), 0);
		assert_int_equal(qdisc_msg_get(&seen, nlh, &why), -EPROTO);
		test_why_names(&why, i ? "255 classes" : "17 classes", NULL);
		qdisc_fini(&q);
	}
}

/* Whatever the bytes, nothing is read beyond them: the sanitizers watch. */
static void test_broken_answers(void **state)
{
	uint64_t seed = 5;
	struct qdisc_seen seen;
	struct nlmsghdr *nlh;
	uint32_t len;
	int n, i;
	char *exact;

	(void)state;
	for (n = 0; n < 20000; n++) {
		nlh = pending();
		len = nlh->nlmsg_len;
		for (i = 0; i < 1 + n % 3; i++)
			buf[MNL_NLMSG_HDRLEN + test_random(&seed) % (len - MNL_NLMSG_HDRLEN)] = (char)(test_random(&seed) >> 40);
		if (n % 4 == 0)
			len = MNL_NLMSG_HDRLEN + (uint32_t)(test_random(&seed) % (len - MNL_NLMSG_HDRLEN));
		exact = calloc(1, MNL_ALIGN(len));	/* messages are padded, and libmnl counts on it */
		assert_non_null(exact);
		memcpy(exact, buf, len);
		((struct nlmsghdr *)exact)->nlmsg_len = len;
		if (!qdisc_msg_get(&seen, (struct nlmsghdr *)exact, NULL))
			qdisc_seen_fini(&seen);
		free(exact);
	}
}

TEST_GROUP("vnet/qdisc_msg",
	cmocka_unit_test_setup_teardown(test_what_is_put_comes_back, get_buf, free_buf),
	cmocka_unit_test_setup_teardown(test_many_entries, get_buf, free_buf),
	cmocka_unit_test_setup_teardown(test_waiting_schedule, get_buf, free_buf),
	cmocka_unit_test_setup_teardown(test_mask_beyond_class_7_is_not_cut_off, get_buf, free_buf),
	cmocka_unit_test_setup_teardown(test_map_beyond_class_15, get_buf, free_buf),
	cmocka_unit_test_setup_teardown(test_broken_answers, get_buf, free_buf),
)
