/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/noise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"

#define BAR 40

static const struct {
	const char *key;
	double quantile;
} quantiles[] = {{"p50_ns", 0.5}, {"p99_ns", 0.99}, {"p99_9_ns", 0.999}};

#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

void noise_poll_init(struct noise_poll *p, struct noise_cpu *cpu, uint64_t tsc, double ticks_per_ns, int64_t period_ns, int64_t gap_ns)
{
	p->last = tsc;
	p->period = (uint64_t)((double)period_ns * ticks_per_ns);
	p->next = tsc + p->period;
	p->gap = (uint64_t)((double)gap_ns * ticks_per_ns);
	p->ticks_per_ns = ticks_per_ns;
	p->cpu = cpu;
	cpu->gap_ns = gap_ns;
}

bool noise_poll_note(struct noise_poll *p, uint64_t tsc)
{
	struct noise_cpu *c = p->cpu;
	uint64_t passed;

	if (tsc - p->last >= p->gap)
		hist_add(&c->away, (int64_t)((double)(tsc - p->last) / p->ticks_per_ns));
	p->last = tsc;
	if (tsc >= p->next) {
		hist_add(&c->notice.late, (int64_t)((double)(tsc - p->next) / p->ticks_per_ns));
		passed = (tsc - p->next) / p->period;
		c->notice.missed += passed;
		p->next += (passed + 1) * p->period;
	}
	return true;
}

void noise_late_at(struct noise_late *l, int64_t *t_next, int64_t period_ns, int64_t now)
{
	int64_t passed = now > *t_next ? (now - *t_next) / period_ns : 0;

	hist_add(&l->late, now - *t_next);
	l->missed += (uint64_t)passed;
	*t_next += (passed + 1) * period_ns;
}

int64_t noise_lost_ppm(const struct noise_cpu *c)
{
	return c->poll_ns > 0 ? (int64_t)(c->away.sum * 1e6 / (double)c->poll_ns) : 0;
}

int64_t noise_steal(const char *proc_stat, int cpu)
{
	const char *line = proc_stat;
	char name[16];
	int64_t steal;
	size_t len;

	len = (size_t)snprintf(name, sizeof(name), cpu < 0 ? "cpu " : "cpu%d ", cpu);
	while (line && strncmp(line, name, len)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	/* user nice system idle iowait irq softirq steal */
	if (!line || sscanf(line, "%*s %*d %*d %*d %*d %*d %*d %*d %" SCNd64, &steal) != 1)
		return -1;
	return steal;
}

bool noise_beyond(const struct noise_cpu *c, int64_t limit_ns)
{
	return c->away.max > limit_ns || c->notice.late.max > limit_ns || c->wake.late.max > limit_ns || c->timer.late.max > limit_ns;
}

/* -- to read ------------------------------------------------------------------------------------------------------- */

static void print_values(const struct hist *h, struct out *o)
{
	char buf[NS_STR_LEN];
	size_t i;

	out_uint(o, "count", h->count, " %9" PRIu64, h->count);
	for (i = 0; i < QUANTILES; i++) {
		int64_t v = hist_quantile(h, quantiles[i].quantile);

		if (hist_knows(h, quantiles[i].quantile))
			out_int(o, quantiles[i].key, v, " %10s", ns_str(buf, v));
		else
			out_null(o, quantiles[i].key, " %10s", "-");
	}
	out_int(o, "max_ns", h->max, " %10s", h->count ? ns_str(buf, h->max) : "-");
}

static void print_late(const char *key, const char *name, const struct noise_late *l, struct out *o)
{
	out_object(o, key);
	out_text(o, "  %-12s", name);
	print_values(&l->late, o);
	out_uint(o, "missed", l->missed, l->missed ? "  %" PRIu64 " more passed meanwhile\n" : "\n", l->missed);
	out_end(o);
}

/* A row for each power of two. */
static void print_histogram(const struct hist *h, struct out *o)
{
	uint64_t count[64] = {0}, most = 0;
	char from[NS_STR_LEN], to[NS_STR_LEN];
	unsigned int i, k;
	int first = 64, last = -1;

	for (i = 0; i < HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		k = hist_lower(i) ? 63 - (unsigned int)__builtin_clzll((uint64_t)hist_lower(i)) : 0;
		count[k] += h->bucket[i];
		most = count[k] > most ? count[k] : most;
		first = (int)k < first ? (int)k : first;
		last = (int)k;
	}
	out_array(o, "histogram");
	for (int row = first; row <= last; row++) {
		int64_t low = INT64_C(1) << row, high = row < 62 ? INT64_C(2) << row : INT64_MAX;

		out_object(o, NULL);
		out_int(o, "from_ns", low, "    %8s", ns_str(from, low));
		out_int(o, "to_ns", high, " to %8s", ns_str(to, high));
		out_uint(o, "count", count[row], " %9" PRIu64 "  ", count[row]);
		for (uint64_t dot = 0; dot < (count[row] * BAR + most - 1) / most; dot++)
			out_text(o, "#");
		out_text(o, "\n");
		out_end(o);
	}
	out_end(o);
}

static void print_away(const struct noise_cpu *c, struct out *o)
{
	char buf[NS_STR_LEN];
	int64_t ppm = noise_lost_ppm(c);

	out_object(o, "away");
	out_text(o, "  %-12s", "away");
	print_values(&c->away, o);
	out_int(o, "from_ns", c->gap_ns, "  from %s on", ns_str(buf, c->gap_ns));
	out_int(o, "lost_ns", (int64_t)c->away.sum, ": %s", ns_str(buf, (int64_t)c->away.sum));
	out_int(o, "of_ns", c->poll_ns, " of %s", ns_str(buf, c->poll_ns));
	out_int(o, "lost_ppm", ppm, ", %.4f %%\n", (double)ppm / 1e4);
	print_histogram(&c->away, o);
	out_end(o);
}

void noise_cpu_print(const struct noise_cpu *c, struct out *o)
{
	char buf[NS_STR_LEN];

	out_object(o, NULL);
	out_int(o, "cpu", c->cpu, "%sCPU %d%s", out_style(o, OUT_BOLD), c->cpu, out_style(o, OUT_PLAIN));
	out_int(o, "span_ns", c->span_ns, NULL);
	if (c->steal_ns == NOISE_NO_STEAL)
		out_null(o, "steal_ns", ", steal: /proc/stat does not say\n");
	else
		out_int(o, "steal_ns", c->steal_ns, ", steal %s\n", ns_str(buf, c->steal_ns));
	out_bool(o, "fifo", c->fifo, NULL);
	out_bool(o, "locked", c->locked, NULL);
	out_text(o, "  %-12s %9s %10s %10s %10s %10s\n", "", "count", "p50", "p99", "p99.9", "max");
	print_late("notice", "notice", &c->notice, o);
	print_late("wake", c->fifo ? "wake (fifo)" : "wake", &c->wake, o);
	print_late("timer", "timer", &c->timer, o);
	print_away(c, o);
	out_end(o);
}

static void print_wake(const struct noise_result *r, struct out *o)
{
	static const char *const name[QUANTILES] = {"p50", "p99", "p99.9"};
	char cpus[CPU_LIST_STR_LEN], buf[NS_STR_LEN];
	const struct hist *h = &r->wake.late;
	size_t i;

	out_object(o, "wake");
	out_str(o, "cpus", cpu_list_str(cpus, &r->cpus), "wake-up on CPU %s%s", cpu_list_str(cpus, &r->cpus),
		r->fifo ? "" : " (without SCHED_FIFO)");
	out_bool(o, "fifo", r->fifo, NULL);
	out_uint(o, "count", h->count, NULL);
	for (i = 0; i < QUANTILES; i++) {
		int64_t v = hist_quantile(h, quantiles[i].quantile);

		if (hist_knows(h, quantiles[i].quantile))
			out_int(o, quantiles[i].key, v, " %s %s,", name[i], ns_str(buf, v));
		else
			out_null(o, quantiles[i].key, NULL);
	}
	out_int(o, "max_ns", h->max, " max %s", ns_str(buf, h->max));
	out_uint(o, "missed", r->wake.missed, NULL);
	out_end(o);
}

static void print_worker(const struct noise_worker *w, struct out *o)
{
	double share = w->span_ns > 0 ? (double)w->lost_ns / (double)w->span_ns : 0;
	char buf[NS_STR_LEN];

	out_object(o, "worker");
	out_uint(o, "gaps", w->count, "worker away %" PRIu64 " times", w->count);
	out_int(o, "longest_ns", w->longest_ns, w->count ? ", longest %s" : NULL, ns_str(buf, w->longest_ns));
	out_int(o, "lost_ns", w->lost_ns, w->count ? ", %.4f %% of the time" : NULL, 100 * share);
	out_int(o, "span_ns", w->span_ns, NULL);
	out_end(o);
}

void noise_floor_print(const struct noise_result *r, const struct noise_worker *w, struct out *o)
{
	char buf[NS_STR_LEN];

	if (!r->t_first && !(w && w->known)) {
		out_null(o, "floor", "floor: not measured\n");
		return;
	}
	out_object(o, "floor");
	out_text(o, "floor: ");
	if (w && w->known)
		print_worker(w, o);
	else
		out_null(o, "worker", NULL);
	out_text(o, w && w->known ? "; " : "");
	if (r->wake.late.count)
		print_wake(r, o);
	else
		out_null(o, "wake", "wake-up not measured: no CPU but the worker's");
	out_uint(o, "runs", r->runs, r->runs > 1 ? " before and after" : "");
	if (!r->t_first || r->steal_ns == NOISE_NO_STEAL)
		out_null(o, "steal_ns", NULL);
	else
		out_int(o, "steal_ns", r->steal_ns, "; steal %s", ns_str(buf, r->steal_ns));
	out_int(o, "span_ns", r->span_ns, "\n");
	out_end(o);
}
