/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/tsn/list.h"
#include "tsn/sel.h"

/* Make the list of `key`, if the row has one, and let it be pending; NULL else. */
static struct gcl *set(const struct test_row *row, const char *key, struct gate *gate, const struct wire *wire)
{
	const char *text = list_key(row, key);
	struct gcl_conf conf;
	struct gcl *gcl;
	struct why why;

	if (!text)
		return NULL;
	list_read(row, text, &conf);
	if (gcl_create(&gcl, &conf, wire, &why))
		fail_msg("%s:%d: %s", row->path, row->line, why.text);
	free(conf.entries);
	gate_set(gate, gcl, gate->t_now);
	return gcl;
}

static void read_backlog(const struct test_row *row, struct sel_in *in)
{
	const char *text = list_key(row, "q");
	unsigned int tc, len;
	int n;

	for (; text && sscanf(text, "%u:%u%n", &tc, &len, &n) == 2; text += n + (text[n] == ',')) {
		assert_in_range(tc, 0, 7);
		in->backlog |= (uint8_t)(1u << tc);
		in->len[tc] = len;
	}
}

static void read_ready(const struct test_row *row, struct sel_in *in)
{
	const char *text = list_key(row, "ready");
	unsigned int tc;
	long long t;
	int n;

	for (; text && sscanf(text, "%u:%lld%n", &tc, &t, &n) == 2; text += n + (text[n] == ',')) {
		assert_in_range(tc, 0, 7);
		in->t_ready[tc] = t;
		in->timed |= (uint8_t)(1u << tc);
	}
	text = list_key(row, "early");
	if (text && sscanf(text, "%x:%lld", &tc, &t) == 2) {
		in->early = (uint8_t)tc;
		in->early_ns = t;
	}
	text = list_key(row, "prompt");
	in->prompt = text ? (uint8_t)strtoul(text, NULL, 16) : 0;
}

static int compare(const struct test_row *row, const struct sel_out *out, struct why *why)
{
	const char *held = list_key(row, "held");
	const char *kind = out->kind == SEL_SEND ? "send" : "wait";
	char got[160];

	if (out->kind == SEL_SEND)
		snprintf(got, sizeof(got), "send=%u start=%" PRId64 " end=%" PRId64 " close=%" PRId64, out->tc, out->t_start, out->t_end,
			 out->t_close);
	else if (out->kind == SEL_WAIT)
		snprintf(got, sizeof(got), "wait=%" PRId64, out->t_next);
	else
		snprintf(got, sizeof(got), "idle%s", out->t_next == NS_NEVER ? "" : ", but not for ever");
	if (out->held != (held ? strtoul(held, NULL, 16) : 0))
		return why_fail(why, EINVAL, "held is %02x", out->held);
	if (out->kind == SEL_IDLE && !strcmp(got, "idle"))
		return !list_key(row, "send") && !list_key(row, "wait") ? 0 : why_fail(why, EINVAL, "got idle");
	if (!list_key(row, kind))
		return why_fail(why, EINVAL, "got %s", got);
	if (out->kind == SEL_SEND && list_time(row, "send", -1) == out->tc && list_time(row, "start", -1) == out->t_start &&
	    list_time(row, "end", -1) == out->t_end && list_time(row, "close", -1) == out->t_close)
		return 0;
	if (out->kind == SEL_WAIT && list_time(row, "wait", -1) == out->t_next)
		return 0;
	return why_fail(why, EINVAL, "got %s", got);
}

static int sel_row(const struct test_row *row, struct why *why)
{
	const char *rate = list_key(row, "rate");
	struct gcl *oper, *admin;
	struct sel_out out;
	struct gate gate;
	struct wire wire;
	struct sel_in in = {
		.gate = &gate,
		.wire = &wire,
		.now = list_time(row, "now", 0),
		.t_free = list_time(row, "free", 0),
		.ahead_ns = list_time(row, "ahead", 0),
	};
	unsigned int tc;
	int err;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		in.margin_ns[tc] = list_time(row, "margin", 0);
	assert_int_equal(wire_init(&wire, list_rate(row, rate ? rate : "1G"), NULL), 0);
	read_backlog(row, &in);
	read_ready(row, &in);
	gate_init(&gate, 0);
	oper = set(row, "set", &gate, &wire);
	gate_advance(&gate, in.now);
	admin = set(row, "then", &gate, &wire);
	gate_advance(&gate, in.now);
	sel_next(&out, &in);
	err = compare(row, &out, why);
	gcl_destroy(oper);
	gcl_destroy(admin);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/sel.vec", sel_row);
}

TEST_GROUP("tsn/sel",
	cmocka_unit_test(test_vectors_hold),
)
