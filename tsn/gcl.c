/* SPDX-License-Identifier: BSD-3-Clause */
#include "tsn/gcl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

#define ALL_OPEN    0xff
#define HEADER	    18			  /* bytes before the MSDU: addresses, one tag, EtherType */
#define DISABLED_NS NS_PER_SEC		  /* a cycle for a list that is switched off */

static int64_t sum_ns(const struct gcl_conf *conf)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < conf->n_entries; i++)
		sum += conf->entries[i].interval_ns;
	return sum;
}

/* A link's rate as people say it: "2.5 Gb/s". */
static const char *rate_str(char buf[static NS_STR_LEN], const struct wire *wire)
{
	bool giga = wire->rate_bps >= 1000000000;

	snprintf(buf, NS_STR_LEN, "%g %cb/s", (double)wire->rate_bps / (giga ? 1e9 : 1e6), giga ? 'G' : 'M');
	return buf;
}

static int check_entries(const struct gcl_conf *conf, const struct wire *wire, struct why *why)
{
	int64_t least = wire_ns(wire, WIRE_MIN_FRAME);
	char rate[NS_STR_LEN];
	uint32_t i;

	if (!conf->n_entries)
		return why_fail(why, EINVAL, "admin-control-list has no entries: give at least one, e.g. \"sched-entry S ff 1000000\"");
	if (conf->n_entries > GCL_MAX_ENTRIES)
		return why_fail(why, EINVAL, "admin-control-list has %u entries: give at most %d", conf->n_entries, GCL_MAX_ENTRIES);
	for (i = 0; i < conf->n_entries; i++) {
		if (conf->entries[i].interval_ns < least)
			return why_fail(why, EINVAL,
					"admin-control-list entry %u: time-interval-value %" PRId64 " ns is shorter than one minimum frame (%" PRId64
					" ns at %s): make it at least %" PRId64 " ns",
					i, conf->entries[i].interval_ns, least, rate_str(rate, wire), least);
		if (conf->entries[i].interval_ns > GCL_MAX_CYCLE_NS)
			return why_fail(why, EINVAL,
					"admin-control-list entry %u: time-interval-value %" PRId64 " ns is longer than the longest cycle: make it at most %"
					PRId64 " ns", i, conf->entries[i].interval_ns, GCL_MAX_CYCLE_NS);
	}
	return 0;
}

static int check_cycle(const struct gcl_conf *conf, struct why *why)
{
	const char *what = conf->cycle_ns ? "admin-cycle-time" : "the sum of the entries";
	int64_t cycle_ns = conf->cycle_ns ? conf->cycle_ns : sum_ns(conf);

	if (cycle_ns <= 0)
		return why_fail(why, EINVAL, "admin-cycle-time %" PRId64 " ns is not positive: give a duration, e.g. 1ms, or leave it out to use "
				"the sum of the entries", cycle_ns);
	if (conf->cycle_frac_num && (conf->cycle_frac_num >= conf->cycle_frac_den || !conf->cycle_ns))
		return why_fail(why, EINVAL, "admin-cycle-time %" PRId64 " %u/%u ns: the fraction is none, or has no cycle to go with: give less "
				"than 1 ns beside at least one", conf->cycle_ns, conf->cycle_frac_num, conf->cycle_frac_den);
	if (cycle_ns + !!conf->cycle_frac_num > GCL_MAX_CYCLE_NS)
		return why_fail(why, EINVAL, "%s %" PRId64 "%s ns is over the limit: make it at most %" PRId64 " ns", what, cycle_ns,
				conf->cycle_frac_num ? " and a fraction" : "", GCL_MAX_CYCLE_NS);
	return 0;
}

static int check_conf(const struct gcl_conf *conf, const struct wire *wire, struct why *why)
{
	int tc, err;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (conf->max_sdu[tc] > GCL_MAX_SDU)
			return why_fail(why, EINVAL, "queue-max-sdu of class %d: %u bytes is over the limit: give at most %d, or 0 for none of its own", tc,
					conf->max_sdu[tc], GCL_MAX_SDU);
	if (!conf->enabled)
		return 0;
	err = check_entries(conf, wire, why);
	if (err)
		return err;
	err = check_cycle(conf, why);
	if (err)
		return err;
	if (conf->extension_ns < 0 || conf->extension_ns > GCL_MAX_CYCLE_NS)
		return why_fail(why, EINVAL, "admin-cycle-time-extension %" PRId64 " ns is out of range: give 0 to %" PRId64 " ns",
				conf->extension_ns, GCL_MAX_CYCLE_NS);
	if (conf->t_base < -GCL_MAX_BASE_NS || conf->t_base > GCL_MAX_BASE_NS)
		return why_fail(why, EINVAL, "admin-base-time %" PRId64 " ns is out of range: give at most %" PRId64 " ns either way", conf->t_base,
				GCL_MAX_BASE_NS);
	return 0;
}

static int64_t gcd(int64_t a, int64_t b)
{
	int64_t r;

	for (; b; b = r) {
		r = a % b;
		a = b;
	}
	return a;
}

void gcl_cycle_set(struct gcl_conf *conf, int64_t num, int64_t den)
{
	int64_t rest = num * NS_PER_SEC % den;
	int64_t div = gcd(rest, den);

	conf->cycle_ns = num * NS_PER_SEC / den;
	conf->cycle_frac_num = (uint32_t)(rest / div);
	conf->cycle_frac_den = rest ? (uint32_t)(den / div) : 0;
}

void gcl_cycle_seconds(int64_t cycle_ns, uint32_t frac_num, uint32_t frac_den, int64_t *num, int64_t *den)
{
	int64_t div;

	if (!frac_num)
		frac_den = 1;
	*num = cycle_ns * frac_den + frac_num;
	*den = NS_PER_SEC * frac_den;
	div = gcd(*num, *den);
	*num /= div;
	*den /= div;
}

static void take_cycle(struct gcl *g, const struct gcl_conf *conf)
{
	int64_t div = conf->cycle_frac_num ? gcd(conf->cycle_frac_num, conf->cycle_frac_den) : 1;

	g->cycle_ns = conf->cycle_ns ? conf->cycle_ns : sum_ns(conf);
	g->frac_num = (uint32_t)(conf->cycle_frac_num / div);
	g->frac_den = conf->cycle_frac_num ? (uint32_t)(conf->cycle_frac_den / div) : 1;
}

/* The list as it runs: cut off at the end of the cycle, or its last entry held until then. */
static void lay_out(struct gcl *g, struct gcl_entry *run, const struct gcl_conf *conf)
{
	int64_t at = 0;
	uint32_t i;

	for (i = 0; i < conf->n_entries && at < g->cycle_ns; i++) {
		run[i] = conf->entries[i];
		if (run[i].interval_ns > g->cycle_ns - at || i + 1 == conf->n_entries)
			run[i].interval_ns = g->cycle_ns - at;
		at += run[i].interval_ns;
	}
	g->n_entries = i;
	g->entries = run;
}

/* The windows of one class; returns how many. Adjacent open entries are one window, across the end of the cycle too. */
static void find_windows(struct gcl *g, unsigned int tc, struct gcl_window *w)
{
	struct gcl_class *c = &g->class[tc];
	int64_t at = 0;
	uint32_t n = 0;
	uint32_t i;

	for (i = 0; i < g->n_entries; at += g->entries[i++].interval_ns) {
		if (!(g->entries[i].gates >> tc & 1))
			continue;
		if (n && w[n - 1].close_ns == at)
			w[n - 1].close_ns += g->entries[i].interval_ns;
		else
			w[n++] = (struct gcl_window){at, at + g->entries[i].interval_ns, .before_ns = c->open_ns};
		c->open_ns += g->entries[i].interval_ns;
	}
	c->always = c->open_ns == g->cycle_ns;
	c->at_end = g->entries[g->n_entries - 1].gates >> tc & 1;
	if (n > 1 && !w[0].open_ns && w[n - 1].close_ns == g->cycle_ns) {
		c->tail_ns = w[0].close_ns;
		w[n - 1].close_ns += c->tail_ns;
		memmove(w, w + 1, --n * sizeof(*w));
	}
	c->windows = w;
	c->n_windows = n;
	for (i = 0; i < n; i++)
		if (w[i].close_ns - w[i].open_ns > c->longest_ns)
			c->longest_ns = w[i].close_ns - w[i].open_ns;
	if (c->always)
		c->longest_ns = INT64_MAX;
}

/* The entry in which the class's longest window begins, for a refusal to name. */
static uint32_t longest_begins(const struct gcl *g, unsigned int tc)
{
	const struct gcl_window *w = g->class[tc].windows;
	int64_t at = 0;
	uint32_t i;

	while (w->close_ns - w->open_ns != g->class[tc].longest_ns)
		w++;
	for (i = 0; at < w->open_ns; i++)
		at += g->entries[i].interval_ns;
	return i;
}

/* How long a frame may the class carry? Refused when that is none although its gate opens. */
static int find_limits(struct gcl *g, unsigned int tc, const struct wire *wire, struct why *why)
{
	struct gcl_class *c = &g->class[tc];
	uint32_t sdu = g->max_sdu[tc];
	uint32_t fit = wire_fit(wire, c->longest_ns);
	char rate[NS_STR_LEN];
	uint32_t min_len;

	if (!c->n_windows) {
		c->max_len = 0;
		return 0;
	}
	c->max_len = (sdu ? sdu : GCL_MAX_SDU) + HEADER;
	min_len = sdu ? c->max_len : WIRE_MIN_FRAME;
	if (fit < min_len)
		return why_fail(why, EINVAL,
				"admin-control-list entry %u: the longest window of class %u begins here and lasts %" PRId64 " ns, %s takes %" PRId64
				" ns at %s: make it at least that%s", longest_begins(g, tc), tc, c->longest_ns,
				sdu ? "a frame of its queue-max-sdu" : "a minimum frame", wire_ns(wire, min_len), rate_str(rate, wire),
				sdu ? ", or lower queue-max-sdu" : "");
	if (fit < c->max_len)
		c->max_len = fit;
	return 0;
}

int gcl_create(struct gcl **out, const struct gcl_conf *conf, const struct wire *wire, struct why *why)
{
	struct gcl_entry open_always = {.gates = ALL_OPEN, .interval_ns = DISABLED_NS};
	struct gcl_conf off = {.max_sdu = {0}, .n_entries = 1, .entries = &open_always, .cycle_ns = DISABLED_NS};
	struct gcl_window *windows;
	unsigned int tc;
	struct gcl *g;
	int err;

	err = check_conf(conf, wire, why);
	if (err)
		return err;
	if (!conf->enabled) {
		memcpy(off.max_sdu, conf->max_sdu, sizeof(off.max_sdu));
		off.initial_gates = ALL_OPEN;
		off.t_base = conf->t_base;
		conf = &off;
	}
	g = calloc(1, sizeof(*g) + conf->n_entries * (sizeof(struct gcl_entry) + TSN_CLASSES * sizeof(*windows)));
	if (!g)
		return why_fail(why, ENOMEM, "gate list: out of memory");
	g->t_base = conf->t_base;
	take_cycle(g, conf);
	g->extension_ns = conf->extension_ns;
	g->initial_gates = conf->initial_gates;
	g->enabled = conf->enabled;
	memcpy(g->max_sdu, conf->max_sdu, sizeof(g->max_sdu));
	windows = (struct gcl_window *)(g + 1);
	lay_out(g, (struct gcl_entry *)(windows + (size_t)conf->n_entries * TSN_CLASSES), conf);
	for (tc = 0; tc < TSN_CLASSES && !err; tc++) {
		find_windows(g, tc, windows + (size_t)tc * conf->n_entries);
		err = find_limits(g, tc, wire, why);
	}
	if (err) {
		free(g);
		return err;
	}
	*out = g;
	return 0;
}

void gcl_destroy(struct gcl *gcl)
{
	free(gcl);
}

bool gcl_open_at_offset(const struct gcl *gcl, unsigned int tc, int64_t offset_ns)
{
	uint32_t i;

	for (i = 0; i + 1 < gcl->n_entries && offset_ns >= gcl->entries[i].interval_ns; i++)
		offset_ns -= gcl->entries[i].interval_ns;
	return gcl->entries[i].gates >> tc & 1;
}
