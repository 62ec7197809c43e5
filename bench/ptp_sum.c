/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ptp_sum.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/lines.h"

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void add_records(struct ptp_sum *w, const struct ptp_arm_result *r)
{
	const struct ptp_check *c = &r->check;

	w->stay_min_ns = w->sent && w->stay_min_ns < c->stay_ns[0] ? w->stay_min_ns : c->stay_ns[0];
	w->stay_max_ns = most(w->stay_max_ns, c->stay_ns[c->sent - 1]);
	w->gate_max_ns = most(w->gate_max_ns, c->gate_ns[c->sent - 1]);
	w->stay_ns[w->rounds] = (double)c->stay_ns[c->sent / 2];
	w->sent += c->sent;
	w->outside += c->outside;
	w->overruns += c->overruns;
	w->dropped += c->dropped;
	w->doubtful += c->doubtful;
	w->bad_sums += c->bad_sums;
	w->lost += r->lost;
	w->others += c->others;
	w->others_dropped += c->others_dropped;
	w->seconds += (double)(c->t_last - c->t_first) / 1e9;
	w->gaps.count += r->gaps.count;
	w->gaps.lost_ns += r->gaps.lost_ns;
	w->gaps.longest_ns = most(w->gaps.longest_ns, r->gaps.longest_ns);
}

int ptp_sum_add(struct ptp_sum *w, const struct ptp_arm_result *r, const struct ptp_stat *s)
{
	struct ptp_sample *v = realloc(w->sample, (w->n + r->n_sample + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	w->sample = v;
	memcpy(v + w->n, r->sample, r->n_sample * sizeof(*v));
	w->n += r->n_sample;
	w->low_ns = w->rounds && w->low_ns < s->rms_ns ? w->low_ns : s->rms_ns;
	w->high_ns = w->high_ns > s->rms_ns ? w->high_ns : s->rms_ns;
	w->all.left_out += s->left_out;
	w->all.missing += s->missing;
	w->trouble += r->trouble;
	w->unpolled += r->unpolled;
	if (r->check.sent)
		add_records(w, r);
	w->rounds++;
	return 0;
}

int ptp_sum_make(struct ptp_sum *w)
{
	return ptp_stat_make(&w->all, w->sample, w->n);
}

static void put(struct out *o, const char *prefix, const char *what, double value, const char *unit)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", prefix, what);
	lines_value(o, name, value, unit);
}

void ptp_sum_offsets(struct out *o, const char *prefix, const struct ptp_sum *w, const struct ptp_sum *peer)
{
	double beside = peer ? peer->all.rms_ns : 0, ratio = beside > 0 ? w->all.rms_ns / beside : 0;
	char name[64];

	snprintf(name, sizeof(name), "%s_rms_ns", prefix);
	lines_put(o, name, w->all.rms_ns, "ns", peer ? &beside : NULL, beside > 0 ? &ratio : NULL);
	put(o, prefix, "rms_lowest_ns", w->low_ns, "ns");
	put(o, prefix, "rms_highest_ns", w->high_ns, "ns");
	put(o, prefix, "mean_ns", w->all.mean_ns, "ns");
	put(o, prefix, "median_ns", (double)w->all.median_ns, "ns");
	put(o, prefix, "p99_ns", (double)w->all.p99_ns, "ns");
	put(o, prefix, "max_ns", (double)w->all.max_ns, "ns");
	put(o, prefix, "delay_ns", (double)w->all.delay_ns, "ns");
	put(o, prefix, "samples", (double)w->all.samples, "offsets");
	put(o, prefix, "left_out", (double)w->all.left_out, "offsets");
	put(o, prefix, "missing", (double)w->all.missing, "Syncs");
	put(o, prefix, "unpolled", (double)w->unpolled, "offsets");
	put(o, prefix, "trouble", (double)w->trouble, "lines");
}

double ptp_sum_away(const struct ptp_sum *w)
{
	return w->seconds > 0 ? (double)w->gaps.lost_ns / w->seconds / 1e7 : 0;
}

bool ptp_sum_records(struct out *o, const char *prefix, struct ptp_sum *w)
{
	double s = w->seconds > 0 ? w->seconds : 1;

	put(o, prefix, "stay_min_us", (double)w->stay_min_ns / 1e3, "us");
	put(o, prefix, "stay_median_us", lines_median(w->stay_ns, w->rounds) / 1e3, "us");
	put(o, prefix, "stay_max_us", (double)w->stay_max_ns / 1e3, "us");
	put(o, prefix, "gate_max_us", (double)w->gate_max_ns / 1e3, "us");
	put(o, prefix, "frames", (double)w->sent, "frames");
	put(o, prefix, "outside", (double)w->outside, "frames");
	put(o, prefix, "overruns", (double)w->overruns, "frames");
	put(o, prefix, "dropped", (double)w->dropped, "frames");
	put(o, prefix, "doubtful", (double)w->doubtful, "messages");
	put(o, prefix, "bad_sums", (double)w->bad_sums, "records");
	put(o, prefix, "lost", (double)w->lost, "records");
	put(o, prefix, "flood", (double)w->others / s, "frames/s");
	put(o, prefix, "flood_dropped", (double)w->others_dropped, "frames");
	put(o, prefix, "poll_gaps", (double)w->gaps.count / s, "1/s");
	put(o, prefix, "poll_gap_share", ptp_sum_away(w), "%");
	put(o, prefix, "poll_gap_longest_us", (double)w->gaps.longest_ns / 1e3, "us");
	return !w->outside && !w->bad_sums && !w->lost;
}

void ptp_sum_fini(struct ptp_sum *w)
{
	free(w->sample);
	*w = (struct ptp_sum){0};
}
