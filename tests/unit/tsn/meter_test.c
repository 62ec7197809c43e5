/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/meter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tests/unit/test.h"

static const char *const colours[] = {[METER_GREEN] = "green", [METER_YELLOW] = "yellow", [METER_RED] = "red"};

struct history {
	struct meter_conf conf;
	struct meter meter;
	bool made;
	int64_t now;
};

static int offer(struct history *h, const char *word, struct why *why)
{
	bool dei = word[0] == 'd';
	uint32_t len = (uint32_t)strtoul(word + dei, NULL, 10);
	const char *want = strchr(word, ':') + 1;
	enum meter_colour got;

	if (!h->made && meter_init(&h->meter, &h->conf, h->now, why))
		return -EINVAL;
	h->made = true;
	got = meter_frame(&h->meter, len, dei, h->now);
	return strcmp(colours[got], want) ? why_fail(why, EINVAL, "%s: got %s", word, colours[got]) : 0;
}

static void step(struct history *h, int64_t t)
{
	meter_shift(&h->meter, t - h->now);
	h->now = t;
}

static int compare(const char *word, uint64_t tokens, int64_t want, struct why *why)
{
	int64_t got = (int64_t)(tokens / (8 * (uint64_t)NS_PER_SEC));

	return got == want ? 0 : why_fail(why, EINVAL, "%s: got %" PRId64, word, got);
}

static int play(struct history *h, const char *word, struct why *why)
{
	static const struct {
		const char *key;
		size_t offset;
	} numbers[] = {
		{"cir=", offsetof(struct meter_conf, cir_bps)}, {"eir=", offsetof(struct meter_conf, eir_bps)},
		{"cbs=", offsetof(struct meter_conf, cbs_bytes)}, {"ebs=", offsetof(struct meter_conf, ebs_bytes)},
	};
	const char *value = strchr(word, '=');
	int64_t n = value ? strtoll(value + 1, NULL, 10) : 0;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strncmp(word, numbers[i].key, 4)) {
			*(int64_t *)((char *)&h->conf + numbers[i].offset) = n;
			return 0;
		}
	if (strchr(word, ':'))
		return offer(h, word, why);
	if (!strcmp(word, "open"))
		h->meter.all_red = false;
	else if (!strcmp(word, "cf=1"))
		h->conf.coupling = true;
	else if (!strcmp(word, "cm=aware"))
		h->conf.colour_aware = true;
	else if (!strcmp(word, "yellow=drop"))
		h->conf.drop_yellow = true;
	else if (!strcmp(word, "red=all"))
		h->conf.mark_all_red = true;
	else if (!strncmp(word, "start=", 6) || !strncmp(word, "now=", 4))
		h->now = n;
	else if (!strncmp(word, "step=", 5))
		step(h, n);
	else if (!strncmp(word, "c=", 2))
		return compare(word, h->meter.committed, n, why);
	else if (!strncmp(word, "e=", 2))
		return compare(word, h->meter.excess, n, why);
	else
		return why_fail(why, EINVAL, "\"%s\" is no word of these rows", word);
	return 0;
}

static int meter_row(const struct test_row *row, struct why *why)
{
	struct history h = {.now = 0};
	int err = 0;
	int i;

	for (i = 0; i < row->n && !err; i++)
		err = play(&h, row->word[i], why);
	return err;
}

static void test_vectors_hold(void **state)
{
	(void)state;
	test_vectors("tests/vectors/meter.vec", meter_row);
}

static void test_refused(void **state)
{
	static const struct {
		struct meter_conf conf;
		const char *names;
	} bad[] = {
		{{.cir_bps = -1}, "committed-information-rate"},
		{{.cir_bps = METER_MAX_BPS + 1, .cbs_bytes = 1500}, "committed-information-rate"},
		{{.cir_bps = 1000, .cbs_bytes = 63}, "committed-burst-size"},
		{{.cir_bps = 1000, .cbs_bytes = METER_MAX_BURST + 1}, "committed-burst-size"},
		{{.eir_bps = METER_MAX_BPS + 1, .ebs_bytes = 1500}, "excess-information-rate"},
		{{.eir_bps = 1000, .ebs_bytes = 0}, "excess-burst-size"},
		{{.ebs_bytes = -1}, "excess-burst-size"},
	};
	struct meter m;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(meter_init(&m, &bad[i].conf, 0, &why), -EINVAL);
		test_why_names(&why, bad[i].names, "give", NULL);
	}
}

/*
 * The reference: nanosecond after nanosecond, each bucket gets its rate, and what is over goes over or is lost. Slow
 * and obvious.
 */
struct slow {
	uint64_t c, e;
};

static void slow_ns(struct slow *s, const struct meter_conf *conf)
{
	uint64_t cmax = (uint64_t)conf->cbs_bytes * 8000000000, emax = (uint64_t)conf->ebs_bytes * 8000000000;

	s->c += (uint64_t)conf->cir_bps;
	s->e += (uint64_t)conf->eir_bps;
	if (s->c > cmax) {
		if (conf->coupling)
			s->e += s->c - cmax;
		s->c = cmax;
	}
	if (s->e > emax)
		s->e = emax;
}

static enum meter_colour slow_frame(struct slow *s, const struct meter_conf *conf, uint32_t len, bool dei)
{
	uint64_t need = (uint64_t)len * 8000000000;

	if (!(dei && conf->colour_aware) && s->c >= need) {
		s->c -= need;
		return METER_GREEN;
	}
	if (s->e < need)
		return METER_RED;
	s->e -= need;
	return conf->drop_yellow ? METER_RED : METER_YELLOW;
}

static void random_history(uint64_t *seed)
{
	struct meter_conf conf = {
		.cir_bps = (int64_t)(test_random(seed) % 4) * (int64_t)(test_random(seed) % 2500000000),
		.eir_bps = (int64_t)(test_random(seed) % 3) * (int64_t)(test_random(seed) % 2500000000),
		.cbs_bytes = 64 + (int64_t)(test_random(seed) % 4000),
		.ebs_bytes = 64 + (int64_t)(test_random(seed) % 4000),
		.coupling = test_random(seed) & 1, .colour_aware = test_random(seed) & 1,
		.drop_yellow = !(test_random(seed) % 4),
	};
	int64_t t0 = (int64_t)(test_random(seed) >> 2), t = t0, t_next;
	struct slow slow = {(uint64_t)conf.cbs_bytes * 8000000000, (uint64_t)conf.ebs_bytes * 8000000000};
	enum meter_colour got, want;
	struct meter m;
	uint32_t len;
	bool dei;
	int i;

	assert_int_equal(meter_init(&m, &conf, t0, NULL), 0);
	for (i = 0; i < 40; i++) {
		t_next = t + (int64_t)(test_random(seed) % (test_random(seed) % 8 ? 1000 : 20000));
		for (; t < t_next; t++)
			slow_ns(&slow, &conf);
		len = 64 + (uint32_t)(test_random(seed) % 1459);
		dei = test_random(seed) & 1;
		if (!(test_random(seed) % 50)) {
			meter_shift(&m, 12345 - t);
			t = 12345;
		}
		got = meter_frame(&m, len, dei, t);
		want = slow_frame(&slow, &conf, len, dei);
		if (got != want || m.committed != slow.c || m.excess != slow.e)
			fail_msg("frame %d of %u bytes at %" PRId64 ": got %s, want %s", i, len, t, colours[got],
				 colours[want]);
	}
}

static void test_as_the_reference_does(void **state)
{
	uint64_t seed = 1;
	int i;

	(void)state;
	for (i = 0; i < 1500; i++)
		random_history(&seed);
}

TEST_GROUP("tsn/meter",
	cmocka_unit_test(test_vectors_hold),
	cmocka_unit_test(test_refused),
	cmocka_unit_test(test_as_the_reference_does),
)
