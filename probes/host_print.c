/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "probes/evfile.h"

#define TOP 3	/* of those that preempted a thread */

static const char *text_ns(char buf[static NS_STR_LEN], uint64_t ns)
{
	return ns_str(buf, (int64_t)ns);
}

/* Nothing is a dash, so that what happened stands out. */
static const char *text_count(char buf[static NS_STR_LEN], uint64_t n)
{
	snprintf(buf, NS_STR_LEN, "%" PRIu64, n);
	return n ? buf : "-";
}

static const char *text_if(char buf[static NS_STR_LEN], uint64_t n, uint64_t ns)
{
	return n ? text_ns(buf, ns) : "-";
}

static void head(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void head(struct out *o, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	out_text(o, "%s%s%s\n", out_style(o, OUT_BOLD), line, out_style(o, OUT_PLAIN));
}

/* -- threads ----------------------------------------------------------------------------------------------------------------- */

static void print_by(struct out *o, const struct host_seen *s, uint32_t tid, enum event_kind kind, const char *key, const char *label)
{
	char buf[NS_STR_LEN];
	int i, shown = 0;

	out_array(o, key);
	for (i = 0; i < s->n_sums; i++) {
		const struct host_sum_row *r = &s->sums[i];

		if (r->key.tid != tid || r->key.kind != kind)
			continue;
		if (!o->json && shown == TOP) {
			out_text(o, ", ...");
			break;
		}
		out_text(o, shown++ ? ", " : "  %s ", label);
		out_object(o, NULL);
		out_uint(o, "tid", r->key.by, NULL);
		out_str(o, "name", r->sum.who, "%s", r->sum.who);
		out_text(o, r->key.by ? " %u" : "", r->key.by);
		out_uint(o, "n", r->sum.n, " (%" PRIu64 ",", r->sum.n);
		out_uint(o, "more", r->sum.more, NULL);
		out_uint(o, "total_ns", r->sum.ns, " %s)", text_ns(buf, r->sum.ns));
		out_uint(o, "max_ns", r->sum.max_ns, NULL);
		out_end(o);
	}
	out_text(o, shown ? "\n" : "");
	out_end(o);
}

static void print_waits(struct out *o, const struct host_thread *at)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN];

	out_object(o, "preempted");
	out_uint(o, "n", at->preempted, " %8s", text_count(a, at->preempted));
	out_uint(o, "total_ns", at->preempted_ns, " %9s", text_if(b, at->preempted, at->preempted_ns));
	out_uint(o, "max_ns", at->preempted_max_ns, " %9s", text_if(c, at->preempted, at->preempted_max_ns));
	out_end(o);
}

static void print_wakeups(struct out *o, const struct host_thread_row *r)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN], d[NS_STR_LEN];

	out_object(o, "wakeup");
	out_uint(o, "n", r->at.wakeups, " %8s", text_count(a, r->at.wakeups));
	out_uint(o, "total_ns", r->at.wakeup_ns, NULL);
	if (r->wakeup_p50_ns)
		out_uint(o, "p50_ns", r->wakeup_p50_ns, " %9s", text_ns(b, r->wakeup_p50_ns));
	else
		out_null(o, "p50_ns", " %9s", "-");
	if (r->wakeup_p99_ns)
		out_uint(o, "p99_ns", r->wakeup_p99_ns, " %9s", text_ns(c, r->wakeup_p99_ns));
	else
		out_null(o, "p99_ns", " %9s", "-");
	out_uint(o, "max_ns", r->at.wakeup_max_ns, " %9s", text_if(d, r->at.wakeup_max_ns, r->at.wakeup_max_ns));
	out_end(o);
}

static void print_thread(struct out *o, const struct host_seen *s, const struct host_thread_row *r)
{
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN];
	double share = s->duration_ns ? 100.0 * (double)r->at.ran_ns / (double)s->duration_ns : 0;

	out_object(o, NULL);
	out_str(o, "name", r->name, "%-15s", r->name);
	out_int(o, "tid", r->tid, " %7d", r->tid);
	out_int(o, "pid", r->pid, NULL);
	out_str(o, "role", host_role_names[r->role], " %-6s", host_role_names[r->role]);
	out_bool(o, "ended", r->gone, NULL);
	out_int(o, "cpu", r->at.cpu, NULL);
	out_uint(o, "runs", r->at.runs, NULL);
	out_uint(o, "ran_ns", r->at.ran_ns, " %5.1f%%", share);
	print_waits(o, &r->at);
	print_wakeups(o, r);
	out_uint(o, "migrations", r->at.migrations, " %6s", text_count(a, r->at.migrations));
	out_object(o, "stopped");
	out_uint(o, "n", r->at.stops, " %6s", text_count(b, r->at.stops));
	out_uint(o, "total_ns", r->at.stopped_ns, NULL);
	out_uint(o, "max_ns", r->at.stopped_max_ns, " %9s", text_if(c, r->at.stops, r->at.stopped_max_ns));
	out_end(o);
	out_uint(o, "halt_poll_changes", r->at.halt_polls, NULL);
	out_text(o, r->gone ? "  ended\n" : "\n");
	print_by(o, s, r->tid, EV_PREEMPTED, "preempted_by", "preempted by");
	print_by(o, s, r->tid, EV_WAKEUP, "waited_behind", "woken behind");
	out_end(o);
}

static void print_threads(struct out *o, const struct host_seen *s)
{
	int i;

	if (s->n_threads)
		head(o, "%-15s %7s %-6s %6s %8s %9s %9s %8s %9s %9s %9s %6s %6s %9s", "THREAD", "TID", "ROLE", "RAN", "PREEMPTD", "TOTAL",
		     "LONGEST", "WAKEUPS", "P50", "P99", "LONGEST", "MOVED", "STOPS", "LONGEST");
	out_array(o, "threads");
	for (i = 0; i < s->n_threads; i++)
		print_thread(o, s, &s->threads[i]);
	out_end(o);
}

/* -- KVM --------------------------------------------------------------------------------------------------------------------- */

static const struct host_thread_row *thread_of(const struct host_seen *s, uint32_t tid)
{
	int i;

	for (i = 0; i < s->n_threads; i++)
		if (s->threads[i].tid == (int)tid)
			return &s->threads[i];
	return NULL;
}

static bool is_kvm(uint16_t kind)
{
	return kind == EV_EXIT || kind == EV_HALT || kind == EV_INJECT;
}

/* Its length is not known, or it has none. */
static bool is_mark(const struct host_sum_row *r)
{
	return r->key.kind == EV_INJECT || (r->key.kind == EV_EXIT && r->key.by >= HOST_TO_USER && r->key.by != HOST_NO_REASON);
}

static void print_kvm(struct out *o, const struct host_seen *s)
{
	char buf[NS_STR_LEN];
	bool any = false;
	int i;

	out_array(o, "kvm");
	for (i = 0; i < s->n_sums; i++) {
		const struct host_sum_row *r = &s->sums[i];
		const struct host_thread_row *th = thread_of(s, r->key.tid);

		if (!is_kvm(r->key.kind))
			continue;
		if (!any)
			head(o, "\n%-15s %7s %-8s %-16s %8s %9s %9s", "VCPU", "TID", "KVM", "WHY", "N", "TOTAL", "LONGEST");
		any = true;
		out_object(o, NULL);
		out_text(o, "%-15s", th ? th->name : "?");
		out_uint(o, "tid", r->key.tid, " %7" PRIu32, r->key.tid);
		out_str(o, "kind", event_names[r->key.kind], " %-8s", event_names[r->key.kind]);
		out_uint(o, "number", r->key.by, NULL);
		out_str(o, "name", r->sum.who, " %-16s", r->sum.who);
		out_uint(o, "n", r->sum.n, " %8" PRIu64, r->sum.n);
		out_uint(o, "total_ns", r->sum.ns, " %9s", is_mark(r) ? "" : text_ns(buf, r->sum.ns));
		out_uint(o, "max_ns", r->sum.max_ns, " %9s\n", is_mark(r) ? "" : text_ns(buf, r->sum.max_ns));
		out_end(o);
	}
	out_end(o);
}

/* -- CPUs -------------------------------------------------------------------------------------------------------------------- */

static bool is_of_cpu(uint16_t kind)
{
	return kind == EV_IRQ || kind == EV_SOFTIRQ || kind == EV_IPI || kind == EV_NMI;
}

static void print_interrupts(struct out *o, const struct host_seen *s, int cpu)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	int i;

	out_array(o, "interrupts");
	for (i = 0; i < s->n_sums; i++) {
		const struct host_sum_row *r = &s->sums[i];

		if (!is_of_cpu(r->key.kind) || r->key.cpu != cpu)
			continue;
		out_object(o, NULL);
		out_text(o, "%3d", cpu);
		out_str(o, "kind", event_names[r->key.kind], " %-8s", event_names[r->key.kind]);
		out_uint(o, "number", r->key.by, NULL);
		out_str(o, "name", r->sum.who, " %-16s", r->sum.who);
		out_uint(o, "n", r->sum.n, " %8" PRIu64, r->sum.n);
		out_uint(o, "total_ns", r->sum.ns, " %9s", text_ns(a, r->sum.ns));
		out_uint(o, "max_ns", r->sum.max_ns, " %9s\n", text_ns(b, r->sum.max_ns));
		out_end(o);
	}
	out_end(o);
}

static void print_cpus(struct out *o, const struct host_seen *s)
{
	char buf[NS_STR_LEN];
	int i;

	if (s->n_cpus)
		head(o, "\n%-3s %-8s %-16s %8s %9s %9s", "CPU", "KIND", "WHO", "N", "TOTAL", "LONGEST");
	out_array(o, "cpus");
	for (i = 0; i < s->n_cpus; i++) {
		const struct host_cpu_row *c = &s->cpus[i];

		out_object(o, NULL);
		out_int(o, "cpu", c->cpu, NULL);
		print_interrupts(o, s, c->cpu);
		out_int(o, "stolen_ns", c->stolen_ns, c->stolen_ns ? "%3d stolen by its hypervisor %21s\n" : "", c->cpu,
			ns_str(buf, c->stolen_ns));
		out_real(o, "probe_share", c->share, NULL);
		out_end(o);
	}
	out_end(o);
}

/* -- coverage, cost ---------------------------------------------------------------------------------------------------------- */

static void print_coverage(struct out *o, const struct host *h)
{
	const struct host_point *p;
	int i, n;

	p = host_coverage(h, &n);
	out_array(o, "coverage");
	for (i = 0; i < n; i++) {
		const char *state = !p[i].live ? "NO" : p[i].why[0] ? "partly" : "live";

		out_object(o, NULL);
		out_str(o, "name", p[i].name, "%-21s", p[i].name);
		out_bool(o, "live", p[i].live, " %s%-6s%s", out_style(o, p[i].live ? OUT_GREEN : OUT_YELLOW), state, out_style(o, OUT_PLAIN));
		out_str(o, "hop", p[i].gives, " %s", p[i].gives);
		out_str(o, "why", p[i].why, p[i].why[0] ? ": %s\n" : "\n", p[i].why);
		out_end(o);
	}
	out_end(o);
}

static void print_cost(struct out *o, const struct host_seen *s)
{
	double seconds = (double)s->duration_ns / NS_PER_SEC;
	uint64_t runs = 0;
	int i;

	for (i = 0; i < s->n_progs; i++)
		runs += s->progs[i].runs;
	head(o, "\nCOST OF LOOKING");
	out_object(o, "cost");
	out_uint(o, "events", s->events, "%" PRIu64 " events", s->events);
	out_text(o, " (%.0f/s),", seconds > 0 ? (double)s->events / seconds : 0);
	out_uint(o, "lost", s->lost, s->lost ? " %" PRIu64 " LOST: the buffer was full;" : " none lost;", s->lost);
	out_uint(o, "runs", runs, " programs ran %" PRIu64 " times,", runs);
	out_uint(o, "total_ns", s->overhead_ns, " %.0f ns each", runs ? (double)s->overhead_ns / (double)runs : 0);
	for (i = 0; i < s->n_cpus; i++)
		out_text(o, "%s %.3f %% of CPU %d", i ? "," : ":", 100 * s->cpus[i].share, s->cpus[i].cpu);
	out_uint(o, "missed", s->missed, s->missed ? "\n%" PRIu64 " runs MISSED: a program ran already" : "", s->missed);
	out_uint(o, "unsummed", s->unsummed, s->unsummed ? "\n%" PRIu64 " spans in no sum: too many different ones" : "", s->unsummed);
	out_uint(o, "untold", s->untold, s->untold ? "\n%" PRIu64 " switches and wake-ups UNTOLD: this kernel passed no tracepoint for them" : "", s->untold);
	out_text(o, "\n");
	out_array(o, "programs");
	for (i = 0; o->json && i < s->n_progs; i++) {
		out_object(o, NULL);
		out_str(o, "name", s->progs[i].name, NULL);
		out_uint(o, "runs", s->progs[i].runs, NULL);
		out_uint(o, "total_ns", s->progs[i].ns, NULL);
		out_uint(o, "missed", s->progs[i].missed, NULL);
		out_end(o);
	}
	out_end(o);
	out_end(o);
}

void host_print(struct out *o, const struct host_seen *s, const struct host *h)
{
	char buf[NS_STR_LEN];

	out_object(o, NULL);
	out_int(o, "duration_ns", s->duration_ns, "watched for %s\n", ns_str(buf, s->duration_ns));
	print_threads(o, s);
	print_kvm(o, s);
	print_cpus(o, s);
	head(o, "\n%-21s %-6s %s", "POINT", "STATE", "TELLS");
	print_coverage(o, h);
	print_cost(o, s);
	out_end(o);
}
