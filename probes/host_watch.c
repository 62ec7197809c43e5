/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probes/host.skel.h"
#include "ptp/now.h"

void host_watch_cpu(struct host *h, int cpu)
{
	if (cpu < h->n_cpus && host_cpu_get(h, cpu, h->cpu) && !h->cpu->watched) {
		h->cpu->watched = 1;
		bpf_map__update_elem(h->skel->maps.cpus, &cpu, sizeof(cpu), h->cpu, sizeof(*h->cpu), BPF_ANY);
	}
}

/* The state that it is in from here on, as far as /proc tells: its next switch tells the rest. */
static int watch_thread(struct host *h, const struct host_who *who)
{
	struct host_thread th = {.cpu = (uint16_t)who->cpu, .t_on = now_mono()};
	struct host_wakes none = {{0}};
	uint32_t tid = who->tid;
	int err;

	th.t = th.t_wait = th.t_piece = th.t_on;
	th.state = who->state == 'R' ? HOST_ON : who->state == 'T' || who->state == 't' ? HOST_STOPPED : HOST_SLEEPING;
	th.slept = th.state == HOST_STOPPED ? HOST_STOPPED : HOST_SLEEPING;
	bpf_map__update_elem(h->skel->maps.wakes, &tid, sizeof(tid), &none, sizeof(none), BPF_ANY);
	err = bpf_map__update_elem(h->skel->maps.threads, &tid, sizeof(tid), &th, sizeof(th), BPF_ANY);
	if (!err && th.state == HOST_ON)
		host_watch_cpu(h, who->cpu);
	return err;
}

static struct host_watched *find(struct host *h, int tid)
{
	int i;

	for (i = 0; i < h->n_watched; i++)
		if (h->watched[i].who.tid == tid && !h->watched[i].gone)
			return &h->watched[i];
	return NULL;
}

static int add(struct host *h, const struct host_who *who)
{
	struct host_watched *more;
	int err;

	if (find(h, who->tid))
		return 0;
	more = realloc(h->watched, (h->n_watched + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	h->watched = more;
	err = watch_thread(h, who);
	if (err)
		return err == -E2BIG ? 0 : err; /* no room: threads that are gone make some */
	h->watched[h->n_watched++] = (struct host_watched){.who = *who};
	return 0;
}

void host_watch_drop(struct host *h)
{
	struct host_who now;
	uint32_t tid;
	int i;

	for (i = 0; i < h->n_watched; i++) {
		struct host_watched *w = &h->watched[i];

		if (w->gone || host_who_read(&now, w->who.pid, w->who.tid))
			continue;
		tid = w->who.tid;
		host_thread_get(h, w, &w->last);
		bpf_map__lookup_elem(h->skel->maps.wakes, &tid, sizeof(tid), &w->wakes, sizeof(w->wakes), 0);
		bpf_map__delete_elem(h->skel->maps.threads, &tid, sizeof(tid), 0);
		bpf_map__delete_elem(h->skel->maps.wakes, &tid, sizeof(tid), 0);
		w->gone = true;
	}
}

int host_watch_look(struct host *h, struct why *why)
{
	int i, err = host_who_look(&h->found, &h->conf, why), added = 0;

	for (i = 0; i < h->found.n && !added; i++)
		added = add(h, &h->found.who[i]);
	return err ? err : added ? why_fail(why, -added, "cannot watch thread %d: %s", h->found.who[i - 1].tid, strerror(-added)) : 0;
}
