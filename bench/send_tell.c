/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/send_tell.h"

#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "base/out.h"

static void print_stamps(const struct send_told *k, struct out *o)
{
	const struct tx_stamps *s = k->stamps;

	if (k->logged) {
		out_uint(o, "stamps_missing", s->missing, "frames without a stamp of the driver: %" PRIu64, s->missing);
		out_uint(o, "stamps_sched", s->sched, " (stamps before the queueing discipline: %" PRIu64, s->sched);
		out_uint(o, "stamps_driver", s->sent, ", of the driver: %" PRIu64, s->sent);
		out_uint(o, "stamps_hardware", s->sent_hw, ", of hardware: %" PRIu64 ")", s->sent_hw);
		out_uint(o, "not_logged", s->unkept, ", not in the log, as their number is beyond what it holds: %" PRIu64 "\n", s->unkept);
	}
	if (k->talk->conf.txtime) {
		out_uint(o, "txtime_missed", s->txtime_late, "not launched by the kernel: too late %" PRIu64, s->txtime_late);
		out_uint(o, "txtime_invalid", s->txtime_invalid, ", launch time refused %" PRIu64 "\n", s->txtime_invalid);
	}
}

static uint64_t lost(const struct talk *t, const struct listen *l)
{
	uint64_t came = listen_different(l);

	return came < t->sent ? t->sent - came : 0;
}

bool send_all_back(const struct talk *t, const struct listen *l)
{
	const struct listen_sender *s = l->sender;

	return !lost(t, l) && !s->seqs.duplicate && !s->seqs.reordered && !s->missed;
}

static void print_back(const struct send_told *k, struct out *o)
{
	const struct listen *l = k->back;
	const struct seqs *q = &l->sender->seqs;
	uint64_t drops = lane_drops(l->lane, l->drops);

	out_uint(o, "received", q->received, "came back %" PRIu64, q->received);
	out_uint(o, "lost", lost(k->talk, l), ", lost %" PRIu64, lost(k->talk, l));
	out_uint(o, "duplicate", q->duplicate, ", duplicate %" PRIu64, q->duplicate);
	out_uint(o, "reordered", q->reordered, ", reordered %" PRIu64, q->reordered);
	if (l->deadline_ns)
		out_uint(o, "deadline_misses", l->sender->missed, ", later than the deadline %" PRIu64, l->sender->missed);
	out_uint(o, "socket_drops", drops, ", dropped by our own socket %" PRIu64 "\n", drops);
	if (!q->received && k->talk->sent)
		out_text(o, "nothing came back: does `takt reflect` run at the far end, and do frames of this VLAN get there and back?\n");
	if (k->logged)
		out_uint(o, "answer_stamps_missing", l->stamps_missing, "answers without a stamp of the kernel: %" PRIu64 "\n", l->stamps_missing);
}

static void print_wakeups(const struct talk *t, struct out *o)
{
	const struct hist *h = &t->wakeup;
	char a[NS_STR_LEN], b[NS_STR_LEN];

	if (!h->count)
		return;
	out_uint(o, "late", t->late, "wake-ups later than the next frame was due: %" PRIu64 "\n", t->late);
	out_int(o, "wakeup_min_ns", h->min, "wake-up latency: min %s", ns_str(a, h->min));
	out_int(o, "wakeup_p50_ns", hist_quantile(h, .5), ", p50 %s", ns_str(b, hist_quantile(h, .5)));
	if (hist_knows(h, .99))
		out_int(o, "wakeup_p99_ns", hist_quantile(h, .99), ", p99 %s", ns_str(a, hist_quantile(h, .99)));
	out_int(o, "wakeup_max_ns", h->max, ", max %s\n", ns_str(a, h->max));
}

int send_tell(const struct send_told *k, FILE *f, bool json)
{
	const struct talk *t = k->talk;
	double seconds = (double)k->took_ns / 1e9, rate = seconds > 0 ? (double)t->sent / seconds : 0;
	char a[NS_STR_LEN];
	struct out o;

	out_init(&o, f, json);
	out_object(&o, NULL);
	out_uint(&o, "due", t->tried, NULL);
	out_uint(&o, "sent", t->sent, "sent %" PRIu64 " frames", t->sent);
	out_int(&o, "took_ns", k->took_ns, " in %s", ns_str(a, k->took_ns));
	out_real(&o, "rate_pps", rate, " (%.1f/s)", rate);
	out_uint(&o, "refused", t->refused, "; refused %" PRIu64 " (no buffer)", t->refused);
	out_uint(&o, "failed", t->failed, ", failed %" PRIu64 "\n", t->failed);
	if (t->failed)
		out_str(&o, "last_error", strerror(t->last_error), "last error: %s\n", strerror(t->last_error));
	if (k->back)
		print_back(k, &o);
	if (k->stamps)
		print_stamps(k, &o);
	print_wakeups(t, &o);
	out_end(&o);
	return out_fini(&o);
}
