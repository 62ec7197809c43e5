/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/pmc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ptp/ptp_bytes.h"
#include "tests/unit/test.h"

#define VECTORS "tests/vectors/pmc.vec"

static int put_quality(char *s, const struct pmc_quality *q)
{
	return sprintf(s, " class=%u accuracy=0x%02x variance=0x%04x", q->clock_class, q->accuracy, q->variance);
}

static int put_time(char *s, const struct pmc_time_properties *t)
{
	return sprintf(s, " utc=%d flags=%c%c%c%c%c%c source=0x%02x", t->utc_offset, t->leap61 ? '6' : '-',
		       t->leap59 ? '9' : '-', t->utc_offset_valid ? 'u' : '-', t->ptp_timescale ? 'p' : '-',
		       t->time_traceable ? 't' : '-', t->freq_traceable ? 'f' : '-', t->time_source);
}

static int put_set(char *s, const struct pmc_reply *r)
{
	char a[PMC_ID_STR_LEN];
	int n;

	switch (r->id) {
	case PMC_DEFAULT_DS:
		n = sprintf(s, " two-step=%d client-only=%d ports=%u priority=%u/%u", r->default_ds.two_step,
			    r->default_ds.client_only, r->default_ds.ports, r->default_ds.priority1, r->default_ds.priority2);
		n += put_quality(s + n, &r->default_ds.quality);
		return n + sprintf(s + n, " id=%s own-domain=%u", pmc_clock_str(a, &r->default_ds.identity), r->default_ds.domain);
	case PMC_CURRENT_DS:
		return sprintf(s, " steps=%u offset=%" PRId64 " delay=%" PRId64, r->current.steps_removed, r->current.offset_ns,
			       r->current.path_delay_ns);
	case PMC_PARENT_DS:
		n = sprintf(s, " port=%s priority=%u/%u", pmc_port_str(a, &r->parent.port), r->parent.gm_priority1,
			    r->parent.gm_priority2);
		n += put_quality(s + n, &r->parent.gm_quality);
		return n + sprintf(s + n, " gm=%s", pmc_clock_str(a, &r->parent.gm_identity));
	case PMC_TIME_PROPERTIES_DS:
		return put_time(s, &r->time_properties);
	case PMC_PORT_DS:
		return sprintf(s,
			       " port=%s state=%s delay-req=%d peer-delay=%" PRId64
			       " announce=%d/%u sync=%d mechanism=%u pdelay-req=%d version=%u",
			       pmc_port_str(a, &r->port.identity), pmc_port_state(r->port.state), r->port.log_min_delay_req_interval,
			       r->port.peer_delay_ns, r->port.log_announce_interval, r->port.announce_receipt_timeout,
			       r->port.log_sync_interval, r->port.delay_mechanism, r->port.log_min_pdelay_req_interval, r->port.version);
	case PMC_TIME_STATUS_NP:
		return sprintf(s, " offset=%" PRId64 " ingress=%" PRId64 " rate=%d present=%d gm=%s", r->time_status.offset_ns,
			       r->time_status.t_ingress, r->time_status.scaled_rate_offset, r->time_status.gm_present,
			       pmc_clock_str(a, &r->time_status.gm_identity));
	case PMC_GRANDMASTER_NP:
		n = put_quality(s, &r->grandmaster.quality);
		return n + put_time(s + n, &r->grandmaster.time);
	case PMC_PORT_PROPERTIES_NP:
		return sprintf(s, " port=%s state=%s stamps=%s interface=%s", pmc_port_str(a, &r->port_properties.identity),
			       pmc_port_state(r->port_properties.state), pmc_timestamping(r->port_properties.timestamping),
			       r->port_properties.interface);
	}
	return sprintf(s, " ?");
}

/* All of an answer as words. */
static void describe(char *s, const struct pmc_reply *r)
{
	char a[PMC_ID_STR_LEN];

	if (r->error)
		s += sprintf(s, "error=%s/0x%04x", pmc_error(r->error), r->id);
	else
		s += sprintf(s, "%s", pmc_name(r->id));
	s += sprintf(s, " from=%s to=%u seq=%u domain=%u sdo=%u", pmc_port_str(a, &r->from), r->to.number, r->sequence,
		     r->domain, r->sdo);
	if (!r->error)
		put_set(s, r);
}

static int check_get(const struct test_row *row, struct why *why)
{
	static const uint16_t ids[] = {PMC_DEFAULT_DS, PMC_CURRENT_DS, PMC_PARENT_DS, PMC_TIME_PROPERTIES_DS, PMC_PORT_DS,
				       PMC_TIME_STATUS_NP, PMC_GRANDMASTER_NP, PMC_PORT_PROPERTIES_NP};
	struct pmc_question q = {.domain = (uint8_t)test_row_int(row, 2), .sdo = (uint8_t)test_row_int(row, 3),
				 .sequence = (uint16_t)test_row_int(row, 4), .asker = (uint16_t)test_row_int(row, 5)};
	char got[257] = "";
	uint8_t buf[128];
	size_t i;
	int n;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (!strcmp(pmc_name(ids[i]), row->word[1]))
			q.id = ids[i];
	n = pmc_get(buf, sizeof(buf), &q);
	if (n < 0)
		return why_fail(why, EINVAL, "refused with %d", n);
	for (i = 0; i < (size_t)n; i++)
		sprintf(got + 2 * i, "%02x", buf[i]);
	if (strcmp(got, row->word[6]))
		return why_fail(why, EINVAL, "got %s", got);
	if (pmc_get(buf, (size_t)n - 1, &q) != -ENOSPC)
		return why_fail(why, EINVAL, "written into a buffer that is too short");
	return 0;
}

static int check_row(const struct test_row *row, struct why *why)
{
	struct why sentence = {""};
	char got[512], want[512] = "";
	struct pmc_reply r;
	uint8_t *msg;
	size_t len;
	int i, err, want_err;

	if (!strcmp(row->word[0], "get"))
		return check_get(row, why);
	msg = ptp_bytes(row->word[1], &len);
	err = pmc_parse(&r, msg, len, &sentence);
	free(msg);
	want_err = !strcmp(row->word[0], "answer") ? 0 : !strcmp(row->word[0], "bad") ? -EBADMSG : -ENOMSG;
	if (err != want_err)
		return why_fail(why, EINVAL, "got %d (%s), want %d", err, sentence.text, want_err);
	if (err)
		return sentence.text[0] ? 0 : why_fail(why, EINVAL, "refused without a sentence");
	describe(got, &r);
	for (i = 2; i < row->n; i++)
		sprintf(want + strlen(want), "%s%s", i > 2 ? " " : "", row->word[i]);
	if (strcmp(got, want))
		return why_fail(why, EINVAL, "got %s", got);
	return 0;
}

static void test_messages(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_row);
}

/* No beginning of an answer is an answer, whether its length says so or not. */
static int check_cut(const struct test_row *row, struct why *why)
{
	struct pmc_reply r;
	uint8_t *msg, *part;
	size_t len, cut, total;

	if (strcmp(row->word[0], "answer"))
		return 0;
	msg = ptp_bytes(row->word[1], &len);
	total = (size_t)(msg[2] << 8 | msg[3]);
	for (cut = 0; cut < total; cut++) {
		part = malloc(cut ? cut : 1);
		assert_non_null(part);
		memcpy(part, msg, cut);
		assert_int_equal(pmc_parse(&r, part, cut, NULL), -EBADMSG);
		if (cut >= 4) {
			part[2] = (uint8_t)(cut >> 8);
			part[3] = (uint8_t)cut;
			if (pmc_parse(&r, part, cut, NULL) != -EBADMSG) {
				free(part);
				free(msg);
				return why_fail(why, EINVAL, "taken when cut off after %zu bytes", cut);
			}
		}
		free(part);
	}
	free(msg);
	return 0;
}

static void test_cut_off(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_cut);
}

/* Of all lengths that the message and its TLV could give, only the true one is taken. */
static int check_lengths(const struct test_row *row, struct why *why)
{
	static const size_t fields[] = {2, 50};
	uint8_t *msg, true_high, true_low;
	struct pmc_reply r;
	size_t len, i;
	uint32_t v;
	int taken;

	if (strcmp(row->word[0], "answer"))
		return 0;
	for (i = 0; i < 2; i++) {
		msg = ptp_bytes(row->word[1], &len);
		true_high = msg[fields[i]];
		true_low = msg[fields[i] + 1];
		taken = 0;
		for (v = 0; v <= UINT16_MAX; v++) {
			msg[fields[i]] = (uint8_t)(v >> 8);
			msg[fields[i] + 1] = (uint8_t)v;
			if (pmc_parse(&r, msg, len, NULL))
				continue;
			taken++;
			/* Bytes behind the TLV may be the message's (another TLV), or not. */
			if (fields[i] == 50 && (msg[50] != true_high || msg[51] != true_low))
				taken = 1000;
		}
		if (taken != 1 + (int)(fields[i] == 2) * (int)(len - (size_t)(true_high << 8 | true_low))) {
			free(msg);
			return why_fail(why, EINVAL, "%d lengths at byte %zu are taken", taken, fields[i]);
		}
		free(msg);
	}
	return 0;
}

static void test_wrong_lengths(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_lengths);
}

/* Bytes changed at random: taken or refused, nothing read outside (the sanitizer's part), texts ended. */
static int check_changed(const struct test_row *row, struct why *why)
{
	uint64_t seed = 0x9e3779b9 + (uint64_t)row->line;
	uint8_t *msg, *copy;
	struct pmc_reply r;
	size_t len, i;
	int round;

	(void)why;
	if (strcmp(row->word[0], "answer"))
		return 0;
	msg = ptp_bytes(row->word[1], &len);
	copy = malloc(len);
	assert_non_null(copy);
	for (round = 0; round < 2000; round++) {
		memcpy(copy, msg, len);
		for (i = 0; i < 1 + round % 4u; i++)
			copy[test_random(&seed) % len] = (uint8_t)test_random(&seed);
		if (!pmc_parse(&r, copy, len, NULL) && !r.error && r.id == PMC_PORT_PROPERTIES_NP)
			assert_true(memchr(r.port_properties.interface, 0, PMC_NAME_LEN) != NULL);
	}
	free(copy);
	free(msg);
	return 0;
}

static void test_changed_bytes(void **state)
{
	(void)state;
	test_vectors(VECTORS, check_changed);
}

/* A name longer than is kept is cut, and ended. */
static void test_long_name(void **state)
{
	uint8_t msg[54 + 13 + 255] = {0x0d, 2, sizeof(msg) >> 8, (uint8_t)sizeof(msg)};
	struct why why = {""};
	struct pmc_reply r;

	(void)state;
	msg[46] = 2;
	msg[49] = 1;
	msg[50] = (2 + 13 + 255) >> 8;
	msg[51] = (uint8_t)(2 + 13 + 255);
	msg[52] = 0xc0;
	msg[53] = 4;
	msg[66] = 255;
	memset(msg + 67, 'e', 255);
	assert_int_equal(pmc_parse(&r, msg, sizeof(msg), &why), 0);
	assert_int_equal(strlen(r.port_properties.interface), PMC_NAME_LEN - 1);
	assert_int_equal(strspn(r.port_properties.interface, "e"), PMC_NAME_LEN - 1);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(pmc_port_state(9), "SLAVE");
	assert_string_equal(pmc_port_state(0), "unknown state");
	assert_string_equal(pmc_port_state(255), "unknown state");
	assert_string_equal(pmc_time_source(0x20), "GPS");
	assert_string_equal(pmc_error(6), "NOT_SUPPORTED");
	assert_string_equal(pmc_name(0x2001), "CURRENT_DATA_SET");
	assert_true(pmc_per_port(PMC_PORT_DS) && pmc_per_port(PMC_PORT_PROPERTIES_NP) && !pmc_per_port(PMC_TIME_STATUS_NP));
	assert_int_equal(pmc_accuracy_ns(0x16), -1);	/* Table 6 */
	assert_int_equal(pmc_accuracy_ns(0x17), 1);
	assert_int_equal(pmc_accuracy_ns(0x20), 25);
	assert_int_equal(pmc_accuracy_ns(0x23), 1000);
	assert_int_equal(pmc_accuracy_ns(0x29), 1000000);
	assert_int_equal(pmc_accuracy_ns(0x2f), 1000000000);
	assert_int_equal(pmc_accuracy_ns(0x30), INT64_C(10000000000));
	assert_int_equal(pmc_accuracy_ns(0x31), -1);	/* more than 10 s: no bound */
	assert_int_equal(pmc_accuracy_ns(0xfe), -1);
}

TEST_GROUP("ptp/pmc",
	cmocka_unit_test(test_messages),
	cmocka_unit_test(test_cut_off),
	cmocka_unit_test(test_wrong_lengths),
	cmocka_unit_test(test_changed_bytes),
	cmocka_unit_test(test_long_name),
	cmocka_unit_test(test_names),
)
