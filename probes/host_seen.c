/* SPDX-License-Identifier: BSD-3-Clause */
/* What was seen so far, copied out of the kernel's maps. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/printable.h"
#include "probes/host.h"
#include "probes/host.skel.h"
#include "probes/host_name.h"
#include "probes/host_pvt.h"
#include "probes/host_wakes.h"
#include "ptp/now.h"

#define MAX_SUMS (HOST_SUMS + 1024)	/* with those of waits that go on */

/* -- threads ----------------------------------------------------------------------------------------------------------------- */

/* Of a wait that is not over. */
static void add_to_sums(struct host_seen *out, const struct event *e)
{
	struct host_sum_row *r = out->sums, *end = out->sums + out->n_sums;
	uint64_t ns = e->t_end - e->t;

	while (r < end && (r->key.tid != e->tid || r->key.kind != e->kind || r->key.by != e->by || r->key.cpu != HOST_NO_CPU))
		r++;
	if (r == end) {
		if (out->n_sums == MAX_SUMS)
			return;
		out->n_sums++;
		r->key = (struct host_key){.tid = e->tid, .kind = e->kind, .cpu = HOST_NO_CPU, .by = e->by};
		memcpy(r->sum.who, e->who, EVENT_WHO);
	}
	if (e->flags & EV_MORE)
		r->sum.more++;
	else
		r->sum.n++;
	r->sum.ns += ns;
	r->sum.max_ns = ns > r->sum.max_ns ? ns : r->sum.max_ns;
}

static void count(uint64_t *n, uint64_t *sum, uint64_t *max, uint64_t ns)
{
	++*n;
	*sum += ns;
	*max = ns > *max ? ns : *max;
}

/* The time since its last switch belongs to the totals too. */
static void up_to_now(struct host *h, struct host_seen *out, const struct host_watched *w, struct host_thread *th, int64_t now)
{
	int i, n = w->gone ? 0 : host_open_spans(h, w, th, now);
	uint64_t ns;

	if (!n) {
		if (!w->gone && th->state == HOST_ON && now > (int64_t)th->t_on)
			th->ran_ns += now - th->t_on;
		return;
	}
	ns = now - (th->state == HOST_ON ? th->t_on : th->t_wait);
	if (h->open[0].kind == EV_PREEMPTED)
		count(&th->preempted, &th->preempted_ns, &th->preempted_max_ns, ns);
	else if (h->open[0].kind == EV_WAKEUP)
		th->wakeup_max_ns = ns > th->wakeup_max_ns ? ns : th->wakeup_max_ns;
	else if (h->open[0].kind == EV_STOPPED)
		count(&th->stops, &th->stopped_ns, &th->stopped_max_ns, ns);
	for (i = 0; i < n; i++)
		if (h->open[i].kind == EV_PREEMPTED || h->open[i].kind == EV_WAKEUP)
			add_to_sums(out, &h->open[i]);
}

static int read_threads(struct host *h, struct host_seen *out, int64_t now)
{
	struct host_wakes *wakes = malloc(sizeof(*wakes));
	int i;

	out->threads = calloc(h->n_watched + 1, sizeof(*out->threads));
	if (!out->threads || !wakes) {
		free(wakes);
		return -ENOMEM;
	}
	for (i = 0; i < h->n_watched; i++) {
		const struct host_watched *w = &h->watched[i];
		struct host_thread_row *r = &out->threads[out->n_threads];
		uint32_t tid = w->who.tid;

		if (!host_thread_get(h, w, &r->at))
			continue;
		*wakes = w->wakes;
		if (!w->gone)
			bpf_map__lookup_elem(h->skel->maps.wakes, &tid, sizeof(tid), wakes, sizeof(*wakes), 0);
		r->pid = w->who.pid;
		r->tid = w->who.tid;
		r->role = w->who.role;
		r->gone = w->gone;
		memcpy(r->name, w->who.name, sizeof(r->name));
		up_to_now(h, out, w, &r->at, now);
		r->wakeup_p50_ns = host_wakes_quantile(wakes, 0.5);
		r->wakeup_p99_ns = host_wakes_quantile(wakes, 0.99);
		out->n_threads++;
	}
	free(wakes);
	return 0;
}

/* -- sums -------------------------------------------------------------------------------------------------------------------- */

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_total(const void *pa, const void *pb)
{
	const struct host_sum_row *a = pa, *b = pb;
	int d = order(a->key.kind, b->key.kind);

	d = d ? d : order(a->key.tid, b->key.tid);
	d = d ? d : order(a->key.cpu, b->key.cpu);
	d = d ? d : order(b->sum.ns, a->sum.ns);
	d = d ? d : order(b->sum.n, a->sum.n);
	return d ? d : order(a->key.by, b->key.by);
}

static int read_sums(const struct host *h, struct host_seen *out)
{
	int fd = bpf_map__fd(h->skel->maps.sums);
	struct host_key key, *before = NULL;
	int n = 0;

	out->sums = calloc(MAX_SUMS, sizeof(*out->sums));
	if (!out->sums)
		return -ENOMEM;
	while (n < (int)HOST_SUMS && !bpf_map_get_next_key(fd, before, &key)) {
		struct host_sum_row *r = &out->sums[n];

		r->key = key;
		before = &r->key;
		if (bpf_map_lookup_elem(fd, &key, &r->sum))
			memset(&r->sum, 0, sizeof(r->sum));
		host_name(r->sum.who, key.kind, key.by, h->skel->bss->kvm_isa);
		r->sum.who[EVENT_WHO - 1] = '\0';
		printable(r->sum.who);
		n++;
	}
	out->n_sums = n;
	return 0;
}

/* -- what it costs ----------------------------------------------------------------------------------------------------------- */

static void read_progs(const struct host *h, struct host_seen *out, double mean[HOST_PROG_COUNT])
{
	static const char *const names[HOST_PROG_COUNT] = {
#define X(name) #name,
		HOST_PROGS(X)
#undef X
	};
	int i, fd;

	for (i = 0; i < HOST_PROG_COUNT; i++) {
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);

		mean[i] = 0;
		fd = bpf_program__fd(bpf_object__find_program_by_name(h->skel->obj, names[i]));
		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		out->progs[out->n_progs++] = (struct host_prog_cost){names[i], info.run_cnt, info.run_time_ns, info.recursion_misses};
		mean[i] = info.run_cnt ? (double)info.run_time_ns / info.run_cnt : 0;
		out->overhead_ns += info.run_time_ns;
		out->missed += info.recursion_misses;
	}
}

static int read_cpus(const struct host *h, struct host_seen *out)
{
	double mean[HOST_PROG_COUNT], ns;
	int cpu, i;

	read_progs(h, out, mean);
	out->cpus = calloc(h->n_cpus, sizeof(*out->cpus));
	if (!out->cpus)
		return -ENOMEM;
	for (cpu = 0; cpu < h->n_cpus; cpu++) {
		if (!host_cpu_get(h, cpu, h->cpu))
			continue;
		out->lost += h->cpu->lost;
		out->unsummed += h->cpu->unsummed;
		out->untold += h->cpu->untold;
		if (!h->cpu->watched)
			continue;
		for (i = 0, ns = 0; i < HOST_PROG_COUNT; i++)
			ns += h->cpu->hits[i] * mean[i];
		out->cpus[out->n_cpus++] = (struct host_cpu_row){cpu, h->steal.stolen_ns[cpu], out->duration_ns ? ns / out->duration_ns : 0};
	}
	return 0;
}

int host_seen(struct host *h, struct host_seen *out)
{
	int64_t now = now_mono();
	int err;

	memset(out, 0, sizeof(*out));
	out->duration_ns = now - h->t_open;
	out->events = h->events;
	err = read_sums(h, out);
	err = err ? err : read_threads(h, out, now);
	err = err ? err : read_cpus(h, out);
	if (!err)
		qsort(out->sums, out->n_sums, sizeof(*out->sums), by_total);
	if (err)
		host_seen_free(out);
	return err;
}

void host_seen_free(struct host_seen *s)
{
	free(s->threads);
	free(s->sums);
	free(s->cpus);
	memset(s, 0, sizeof(*s));
}
