/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/conf.h"

#include <errno.h>

#include "tests/unit/vnet/conf_text.h"

static const char four[] =
	"ports:\n- {name: g, guest: /x}\n"
	"- {name: w, wire: x, ptp: {peer: h, delay-asymmetry: -25us, ingress-latency: 1.5us, egress-latency: 250}}\n"
	"- {name: h, guest: /y, ptp: {role: client-only, message-rate: 16, peer: w, correction: no}}\n- {name: m, mem: yes, ptp: {}}\n";

static void look(const struct conf *c)
{
	const struct conf_ptp *g = &c->port[0].ptp, *w = &c->port[1].ptp, *h = &c->port[2].ptp, *m = &c->port[3].ptp;

	assert_int_equal(g->role, ROLE_DENY); /* what a guest gets that says nothing */
	assert_int_equal(g->message_rate, 128);
	assert_string_equal(g->peer, "");
	assert_true(g->correction);
	assert_int_equal(w->role, ROLE_TRANSPARENT);
	assert_int_equal(w->message_rate, 1000);
	assert_int_equal(w->peer_port, 2);
	assert_int_equal(w->asymmetry_ns, -25000);
	assert_int_equal(w->ingress_latency_ns, 1500);
	assert_int_equal(w->egress_latency_ns, 250);
	assert_int_equal(h->role, ROLE_CLIENT_ONLY);
	assert_int_equal(h->message_rate, 16);
	assert_int_equal(h->peer_port, 1);
	assert_false(h->correction);
	assert_int_equal(m->role, ROLE_TRANSPARENT);
	assert_int_equal(m->message_rate, 1000);
}

static void test_values_and_round_trip(void **state)
{
	struct conf *c = malloc(sizeof(*c));
	struct why why = {""};
	char *text, *again;

	(void)state;
	load_good(c, four);
	look(c);
	text = dump(c);
	conf_fini(c);
	if (load(c, text, &why))
		fail_msg("%s in\n%s", why.text, text);
	look(c);
	again = dump(c);
	assert_string_equal(text, again);
	conf_fini(c);
	free(text);
	free(again);
	free(c);
}

#define ONE(keys) "ports:\n- {name: a, mem: yes, " keys "}\n"
#define TWO(a, b) ONE(a) "- {name: b, mem: yes, " b "}\n"

static void test_refusals(void **state)
{
	static const struct refusal rows[] = {
		{ONE("ptp: deny"), ":2: ptp: is a single value: give a mapping of KEY: VALUE (first key: role)"},
		{ONE("ptp: {roll: deny}"), ":2: roll: no such key: did you mean role?"},
		{ONE("ptp: {role: master}"), "role: \"master\" is wrong: give deny or client-only or server-allowed or transparent"},
		{ONE("ptp: {message-rate: 0}"), "message-rate: 0 is out of range: give 1 to 1000000"},
		{ONE("ptp: {correction: maybe}"), "give yes or no"},
		{ONE("ptp: {delay-asymmetry: 2s}"), "delay-asymmetry: 2s is out of range: give -1s to 1s"},
		{ONE("ptp: {peer: b}"), ":2: peer: there is no port b"},
		{ONE("ptp: {peer: a}"), ":2: peer: a port is not its own peer"},
		{ONE("ptp: {peer: \"\"}"), ":2: peer: \"\" is wrong: give a name"},
		{TWO("mtu: 1500", "ptp: {peer: a}"), ":3: peer: port a (line 2) names no peer: give it \"peer: b\""},
		{TWO("ptp: {peer: b}", "ptp: {peer: a}") "- {name: c, mem: yes,\n   ptp: {peer: a}}\n",
		 ":5: peer: port a names b as its peer (line 2): two peers name each other"},
		{TWO("ptp: {peer: b}", "ptp: {peer: a}, pvid: 5"), ":2: peer: the pvid of port a is 1 and that of port b 5"},
		{TWO("ptp: {peer: b}", "ptp: {peer: a, role: deny}"), ":3: peer: role deny lets no PTP through to port a"},
	};

	(void)state;
	refuse_all(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST_GROUP("vnet/conf_ptp",
	cmocka_unit_test(test_values_and_round_trip),
	cmocka_unit_test(test_refusals),
)
