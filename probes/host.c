/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/ns.h"
#include "base/printable.h"
#include "probes/host.skel.h"
#include "probes/host_name.h"
#include "probes/host_pvt.h"
#include "probes/host_watch.h"
#include "probes/refusal.h"
#include "ptp/now.h"

#define TICK_NS (100 * NS_PER_MS)	/* between looks at clock and stolen time */
#define LOOK_NS NS_PER_SEC		/* between looks for new threads */
#define MIN_SPAN_NS (5 * NS_PER_US)

/* -- opening ----------------------------------------------------------------------------------------------------------------- */

/* Once: 0 when it is loaded, -EAGAIN when a program was refused and shall be left out. */
static int load_once(struct host *h, struct why *why)
{
	int err;

	h->skel = host_bpf__open();
	if (!h->skel)
		return why_fail(why, errno, "the BPF object does not open: %s", strerror(errno));
	err = host_attach_choose(&h->points, h->skel->obj, why);
	if (err)
		return err;
	h->skel->rodata->min_span_ns = h->conf.min_span_ns;
	err = bpf_map__set_max_entries(h->skel->maps.cpus, h->n_cpus);
	if (err)
		return why_fail(why, -err, "the map of CPUs: %s", strerror(-err));
	refusal_listen();
	err = host_bpf__load(h->skel);
	if (!err)
		return 0;
	if (err != -EPERM && err != -ENOMEM && host_points_refuse(&h->points, refusal_heard()->program, refusal_heard()->why)) {
		host_bpf__destroy(h->skel);
		h->skel = NULL;
		return -EAGAIN;
	}
	return why_fail(why, -err, err == -EPERM ? "the kernel refuses BPF programs (%s): run it as root, or with CAP_BPF and CAP_PERFMON" :
						   "the kernel does not take the BPF programs: %s", strerror(-err));
}

static int load(struct host *h, struct why *why)
{
	int err;

	do
		err = load_once(h, why);
	while (err == -EAGAIN);
	return err;
}

static void on_event(void *ctx, const struct event *told)
{
	struct host *h = ctx;
	struct event e = *told;

	host_name(e.who, e.kind, e.by, h->skel->bss->kvm_isa);
	e.who[EVENT_WHO - 1] = '\0';
	printable(e.who);
	h->events++;
	h->fn(h->ctx, &e);
}

/* When all programs are there: from then on no switch is missed. */
static int first_look(struct host *h, struct why *why)
{
	int cpu, err = host_watch_look(h, why);

	if (err && !(h->conf.optional && h->conf.taktd && err != -ENOMEM))
		return err;
	for (cpu = 0; cpu < h->n_cpus; cpu++)
		if (cpu_list_has(&h->conf.cpus, cpu))
			host_watch_cpu(h, cpu);
	if (!h->n_watched && cpu_list_empty(&h->conf.cpus) && !h->conf.optional)
		return why_fail(why, ESRCH, "nothing to watch: this taktd has no worker thread that can be seen; give --pid, --tid or --cpu");
	return 0;
}

static int set_up(struct host *h, struct why *why)
{
	int cpu, err;

	h->n_cpus = libbpf_num_possible_cpus();
	if (h->n_cpus <= 0)
		return why_fail(why, EIO, "the number of CPUs is not to be had");
	if (h->n_cpus > CPU_LIST_MAX)
		h->n_cpus = CPU_LIST_MAX;
	for (cpu = h->n_cpus; cpu < CPU_LIST_MAX; cpu++)
		if (cpu_list_has(&h->conf.cpus, cpu))
			return why_fail(why, EINVAL, "CPU %d: there is no CPU of that number here, the last is %d", cpu, h->n_cpus - 1);
	err = load(h, why);
	if (err)
		return err;
	err = event_ring_open(&h->ring, bpf_map__fd(h->skel->maps.events), why);
	if (err)
		return err;
	h->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	err = host_attach(&h->links, &h->points, h->skel->obj, why);
	if (err)
		return err;
	h->t_open = now_mono();
	return first_look(h, why);
}

int host_open(struct host **out, const struct host_conf *conf, struct why *why)
{
	struct host *h = calloc(1, sizeof(*h));
	int err = -ENOMEM;

	if (!h || !(h->cpu = malloc(sizeof(*h->cpu)))) {
		free(h);
		return why_fail(why, ENOMEM, "no memory");
	}
	h->conf = *conf;
	h->conf.min_span_ns = conf->min_span_ns ? conf->min_span_ns : MIN_SPAN_NS;
	h->stats_fd = -1;
	refusal_listen();
	err = set_up(h, why);
	if (err) {
		host_close(h);
		return err;
	}
	h->t_lost = h->t_look = h->t_open;
	*out = h;
	return 0;
}

void host_close(struct host *h)
{
	if (!h)
		return;
	host_detach(&h->links);
	event_ring_close(&h->ring);
	if (h->skel)
		host_bpf__destroy(h->skel);
	if (h->stats_fd >= 0)
		close(h->stats_fd);
	free(h->watched);
	free(h->cpu);
	free(h);
}

const struct host_point *host_coverage(const struct host *h, int *n)
{
	*n = h->points.n;
	return h->points.point;
}

/* -- reading ----------------------------------------------------------------------------------------------------------------- */

bool host_thread_get(const struct host *h, const struct host_watched *w, struct host_thread *out)
{
	uint32_t tid = w->who.tid;

	if (w->gone) {
		*out = w->last;
		return true;
	}
	return !bpf_map__lookup_elem(h->skel->maps.threads, &tid, sizeof(tid), out, sizeof(*out), 0);
}

bool host_cpu_get(const struct host *h, int cpu, struct host_cpu *out)
{
	uint32_t key = cpu;

	return !bpf_map__lookup_elem(h->skel->maps.cpus, &key, sizeof(key), out, sizeof(*out), 0);
}

static void look_at_counts(struct host *h, int64_t now)
{
	uint64_t lost = 0, untold = 0, switches = 0, runs[HOST_PROG_COUNT] = {0};
	int cpu, i;

	for (cpu = 0; cpu < h->n_cpus; cpu++) {
		if (!host_cpu_get(h, cpu, h->cpu))
			continue;
		lost += h->cpu->lost;
		untold += h->cpu->untold;
		switches += h->cpu->n;
		for (i = 0; i < HOST_PROG_COUNT; i++)
			runs[i] += h->cpu->hits[i];
	}
	host_points_silent(&h->points, runs);
	host_points_untold(&h->points, untold, switches);
	if (lost > h->lost) {
		struct event e = {.kind = EV_LOST, .t = h->t_lost, .t_end = now, .arg = lost - h->lost};

		h->fn(h->ctx, &e);
		h->lost = lost;
	}
	h->t_lost = now;
}

static void watched_cpus(struct host *h, struct cpu_list *out)
{
	int cpu;

	memset(out, 0, sizeof(*out));
	for (cpu = 0; cpu < h->n_cpus; cpu++)
		if (host_cpu_get(h, cpu, h->cpu) && h->cpu->watched)
			cpu_list_add(out, cpu);
}

void host_poll(struct host *h, event_fn *fn, void *ctx)
{
	int64_t now = now_mono();
	struct cpu_list cpus;

	h->fn = fn;
	h->ctx = ctx;
	event_ring_take(&h->ring, on_event, h);
	if (now - h->t_tick >= TICK_NS) {
		h->t_tick = now;
		host_clock_look(&h->clock, fn, ctx);
		watched_cpus(h, &cpus);
		steal_look(&h->steal, &cpus, fn, ctx);
		look_at_counts(h, now);
	}
	if (now - h->t_look >= LOOK_NS) {
		h->t_look = now;
		host_watch_drop(h);
		host_watch_look(h, NULL);
	}
	h->fn = NULL;
}

void host_end(struct host *h, event_fn *fn, void *ctx)
{
	struct host_thread th;
	struct event e;
	int64_t now;
	int i, k, n;

	host_detach(&h->links);
	h->t_look = INT64_MAX / 2; /* nobody new any more */
	h->t_tick = 0;
	host_poll(h, fn, ctx);
	now = now_mono();
	for (i = 0; i < h->n_watched; i++) {
		if (h->watched[i].gone || !host_thread_get(h, &h->watched[i], &th))
			continue;
		n = host_open_spans(h, &h->watched[i], &th, now);
		for (k = 0; k < n; k++)
			if (now - h->open[n - 1].t >= h->conf.min_span_ns) /* of the whole, whose first piece is last */
				fn(ctx, &h->open[k]);
		if (th.t_exit && (int64_t)(now - th.t_exit) >= h->conf.min_span_ns) {
			e = (struct event){.kind = EV_EXIT, .t = th.t_exit, .t_end = now, .cpu = th.cpu, .tid = h->watched[i].who.tid,
					   .by = th.reason, .flags = th.exit_flags | EV_OPEN, .arg = th.user_reason};
			host_name(e.who, EV_EXIT, e.by, h->skel->bss->kvm_isa);
			fn(ctx, &e);
		}
	}
}
