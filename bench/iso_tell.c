/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/iso_tell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "bench/iso_metric.h"
#include "bench/quant.h"

struct tally {
	uint64_t due, stamped, received, lost, hardware, tx_misses, missed;
};

static struct tally count(const struct iso *iso, const struct iso_tell *t)
{
	struct tally c = {0};
	uint32_t i;

	for (i = t->first - 1; i < t->last; i++)
		c.hardware += iso->send[i].t_sent_hw != 0;
	for (i = t->first - 1; i < t->last; i++) {
		const struct iso_send *s = &iso->send[i];
		const struct iso_recv *r = &iso->recv[i];

		c.due += s->seqid != 0;
		c.stamped += s->t_sched && s->t_sent && (!c.hardware || s->t_sent_hw);
		c.received += iso_is_received(r);
		c.lost += s->seqid && !iso_is_received(r);
		c.tx_misses += s->t_sent_hw && s->t_sent_hw > s->t_due;
		c.missed += s->seqid && iso_is_received(r) && r->t_arrival - s->t_due > t->deadline_ns;
	}
	return c;
}

static double percent(uint64_t n, uint64_t of)
{
	return of ? 100.0 * (double)n / (double)of : 0;
}

static void tell_share(struct out *o, const char *key, const char *what, uint64_t k, uint64_t n)
{
	struct quant_share s;

	quant_share(&s, k, n, QUANT_CONFIDENCE);
	out_object(o, key);
	out_uint(o, "count", k, "%s: %" PRIu64, what, k);
	out_uint(o, "of", n, NULL);
	out_real(o, "share", s.share, " (%.3f%%", 100 * s.share);
	out_real(o, "lower", s.lower, ", 95 %% bounds %.3f%%", 100 * s.lower);
	out_real(o, "upper", s.upper, " to %.3f%%)\n", 100 * s.upper);
	out_end(o);
}

/* What one half of a pair cannot say, and where the other is. */
static void tell_half(const struct iso_tell *t, struct out *o)
{
	if (t->halves == ISO_SENT)
		out_str(o, "half", "sent", "Packets not received: not available: this is what the sender logged, one half of a pair, or no frame came at all.\n"
			"  The other half is what `takt recv --log FILE` wrote there: takt report THIS FILE\n");
	else
		out_str(o, "half", "received", "Packets not received: not available: this is what the receiver logged, one half of a pair.\n"
			"  The other half is what `takt send --log FILE` wrote there: takt report FILE THIS\n");
	out_null(o, "lost", NULL);
}

static void tell_counts(const struct iso *iso, const struct iso_tell *t, struct out *o)
{
	struct tally c = count(iso, t);
	bool half = t->halves == ISO_SENT || t->halves == ISO_CAME, held = iso->flags & (ISO_TAPRIO | ISO_TXTIME);

	out_uint(o, "due", c.due, "frames due: %" PRIu64 "\n", c.due);
	out_uint(o, "received", c.received, "frames received: %" PRIu64 "\n", c.received);
	if (t->halves != ISO_CAME)
		out_uint(o, "not_stamped", c.due - c.stamped, "Packets not completely TX timestamped: %" PRIu64 " (%.3f%%)\n", c.due - c.stamped, percent(c.due - c.stamped, c.due));
	if (half)
		tell_half(t, o);
	else
		out_uint(o, "lost", c.lost, "Packets not received: %" PRIu64 " (%.3f%%)\n", c.lost, percent(c.lost, c.due));
	if (!held && c.hardware)
		tell_share(o, "tx_deadline_misses", "HW TX deadline misses", c.tx_misses, c.due);
	else if (!held)
		out_null(o, "tx_deadline_misses", "HW TX deadline misses: not available: no frame has a hardware stamp of its sender\n");
	if (t->deadline_ns && half)
		out_null(o, "deadline_misses", "deadline misses: not available: that takes both halves\n");
	else if (t->deadline_ns)
		tell_share(o, "deadline_misses", "deadline misses, frames lost apart", c.missed, c.received);
}

/* A ladder of quantiles; of those that cannot be told, text names the first, and what it would take. Sorts the values. */
static void tell_ladder(struct out *o, const char *key, const char *name, int64_t *v, size_t n)
{
	struct quant q[QUANT_STEPS];
	bool told = false;
	int i;

	quant_sort(v, n);
	quant_ladder(q, v, n, QUANT_CONFIDENCE);
	out_array(o, key);
	out_text(o, "  %s:", name);
	for (i = 0; i < QUANT_STEPS; i++) {
		out_object(o, NULL);
		out_str(o, "quantile", quant_steps[i].name, told ? NULL : " %s", quant_steps[i].name);
		if (q[i].known) {
			out_int(o, "ns", q[i].ns, " %" PRId64, q[i].ns);
			out_int(o, "lower_ns", q[i].lower_ns, " [%" PRId64, q[i].lower_ns);
			out_int(o, "upper_ns", q[i].upper_ns, " to %" PRId64 "]", q[i].upper_ns);
		} else {
			out_null(o, "ns", NULL);
			out_uint(o, "needs", q[i].needs, told ? NULL : " takes %" PRIu64 " frames", q[i].needs);
			told = true;
		}
		out_end(o);
	}
	out_text(o, "\n");
	out_end(o);
}

/* RFC 5481's two forms of delay variation. */
static int tell_variation(struct out *o, const struct iso_metric *m)
{
	int64_t *v = malloc(m->n * sizeof(*v));
	size_t n;

	if (!v)
		return -ENOMEM;
	quant_pdv(v, m->ns, m->n);
	tell_ladder(o, "pdv", "PDV (each less the least, RFC 5481)", v, m->n);
	n = quant_ipdv(v, m->ns, m->seqid, m->n);
	tell_ladder(o, "ipdv", "IPDV (each less the one before)", v, n);
	free(v);
	return 0;
}

static int tell_metric(const struct iso *iso, const struct iso_tell *t, enum iso_metric_id id, struct out *o)
{
	struct iso_extremes e;
	struct iso_metric m;
	int rc = iso_metric_get(&m, iso, id, t->first, t->last);

	if (rc || !m.n) {
		if (!rc)
			iso_metric_fini(&m);
		return rc;
	}
	iso_metric_extremes(&m, &e);
	out_object(o, NULL);
	out_str(o, "name", m.name, "%s: ", m.name);
	out_int(o, "min_ns", e.min, "min %" PRId64, e.min);
	out_int(o, "max_ns", e.max, " max %" PRId64, e.max);
	out_real(o, "mean_ns", e.mean, " mean %.3f", e.mean);
	out_real(o, "stddev_ns", e.stddev, " stddev %.3f", e.stddev);
	out_uint(o, "min_seqid", e.seqid_min, ", min at seqid %" PRIu32, e.seqid_min);
	out_uint(o, "max_seqid", e.seqid_max, ", max at seqid %" PRIu32 "\n", e.seqid_max);
	out_uint(o, "frames", m.n, "  of %zu frames", m.n);
	out_str(o, "stamps", m.stamps, *m.stamps ? ", by %s stamps" : "%s", m.stamps);
	out_text(o, "\n");
	if (id == ISO_PATH_DELAY || id == ISO_END_TO_END)
		rc = tell_variation(o, &m);
	if (!rc)
		tell_ladder(o, "quantiles", "with bounds of 95 %", m.ns, m.n);
	out_end(o);
	iso_metric_fini(&m);
	return rc;
}

int iso_tell(const struct iso *iso, const struct iso_tell *t, struct out *o)
{
	int id, rc = 0;

	out_object(o, NULL);
	tell_counts(iso, t, o);
	out_array(o, "metrics");
	out_text(o, "Summary, all in ns:\n");
	for (id = 0; id < ISO_METRICS && !rc; id++)
		rc = tell_metric(iso, t, id, o);
	out_end(o);
	out_end(o);
	return rc;
}

static int csv_metric(const struct iso *iso, const struct iso_tell *t, enum iso_metric_id id, FILE *f)
{
	struct quant q[QUANT_STEPS];
	struct iso_extremes e;
	struct iso_metric m;
	int i, rc = iso_metric_get(&m, iso, id, t->first, t->last);

	if (rc)
		return rc;
	if (m.n) {
		iso_metric_extremes(&m, &e);
		fprintf(f, "%s,%s,%zu,%" PRId64 ",%" PRId64 ",%.3f,%.3f,%" PRIu32 ",%" PRIu32, m.key, m.stamps, m.n, e.min, e.max, e.mean, e.stddev, e.seqid_min, e.seqid_max);
		quant_sort(m.ns, m.n);
		quant_ladder(q, m.ns, m.n, QUANT_CONFIDENCE);
		for (i = 0; i < QUANT_STEPS; i++) {
			if (q[i].known)
				fprintf(f, ",%" PRId64 ",%" PRId64 ",%" PRId64, q[i].ns, q[i].lower_ns, q[i].upper_ns);
			else
				fputs(",,,", f);
		}
		fputc('\n', f);
	}
	iso_metric_fini(&m);
	return 0;
}

int iso_tell_csv(const struct iso *iso, const struct iso_tell *t, FILE *f)
{
	int i, rc = 0;

	fputs("metric,stamps,frames,min_ns,max_ns,mean_ns,stddev_ns,min_seqid,max_seqid", f);
	for (i = 0; i < QUANT_STEPS; i++)
		fprintf(f, ",%s_ns,%s_lower_ns,%s_upper_ns", quant_steps[i].name, quant_steps[i].name, quant_steps[i].name);
	fputc('\n', f);
	for (i = 0; i < ISO_METRICS && !rc; i++)
		rc = csv_metric(iso, t, i, f);
	return rc;
}
