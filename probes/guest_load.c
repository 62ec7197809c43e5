/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_load.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ask.h"
#include "probes/event_ring.h"
#include "probes/guest_bpf.h"
#include "probes/guest_btf.h"
#include "probes/guest.skel.h"
#include "probes/refusal.h"

static_assert(GUEST_ASK_ETHERTYPE == ASK_ETHERTYPE, "as the agent asks");

#define POINTS_MAX  32
#define PROGRAMS_MAX 64

struct guest_load {
	struct guest_load_conf conf;
	struct guest_bpf *skel;
	struct event_ring ring;
	struct guest_live live[POINTS_MAX];
	struct guest_btf btf;
	int n_cpus;
	int stats_fd;
};

/* -- what this kernel has ------------------------------------------------------------------------------------------------ */

/* Is the word in the list, which has commas between its words? */
static bool listed(const char *list, const char *word)
{
	size_t n = strlen(word), k;

	for (; list && *list; list += k + (list[k] == ',')) {
		k = strcspn(list, ",");
		if (k == n && !strncmp(list, word, n))
			return true;
	}
	return false;
}

static bool possible(const struct guest_load *g, const struct guest_how *h, char why[static 160])
{
	bool tp = !strcmp(h->how, "tp_btf");
	int n;

	if (listed(g->conf.without, h->how)) {
		snprintf(why, 160, "--without %s", h->how);
		return false;
	}
	n = tp ? guest_btf_tracepoint(&g->btf, h->target) : guest_btf_function(&g->btf, h->target);

	if (n == -ENOENT && !strcmp(h->how, "kprobe") && guest_btf_symbol(h->target))
		return true;	/* not in BTF, but there */
	if (n < 0)
		snprintf(why, 160, "this kernel has no %s %s (or its compiler merged or renamed it)", tp ? "tracepoint" : "function", h->target);
	else if (n < h->args)
		snprintf(why, 160, "%s %s has %d arguments here, %d are needed", tp ? "tracepoint" : "function", h->target, n, h->args);
	return n >= h->args;
}

/* The next way of a point that may do, from `from` on. */
static void choose(struct guest_load *g, int point, int from)
{
	struct guest_live *l = &g->live[point];

	for (l->way = from; l->way < GUEST_HOWS && guest_points[point].way[l->way].how; l->way++)
		if (possible(g, &guest_points[point].way[l->way], l->why))
			return;
	l->way = -1;
}

/* -- loading ------------------------------------------------------------------------------------------------------------- */

static int point_of(const struct guest_load *g, const char *program)
{
	for (int i = 0; i < guest_points_count; i++)
		for (int k = 0; k < 2 && g->live[i].way >= 0; k++) {
			const char *name = guest_points[i].way[g->live[i].way].program[k];

			if (name && !strcmp(name, program))
				return i;
		}
	return -1;
}

static bool live(const struct guest_load *g, const char *name)
{
	for (int i = 0; i < guest_points_count; i++)
		if (!strcmp(guest_points[i].name, name))
			return g->live[i].way >= 0;
	return false;
}

static void configure(struct guest_load *g)
{
	struct guest_bpf *s = g->skel;
	struct bpf_program *p;

	bpf_object__for_each_program(p, s->obj)
		bpf_program__set_autoload(p, point_of(g, bpf_program__name(p)) >= 0);
	bpf_map__set_max_entries(s->maps.cpus, (uint32_t)g->n_cpus);
	s->rodata->want_ifindex = g->conf.ifindex;
	s->rodata->own_tgid = (uint32_t)getpid();
	s->rodata->min_span_ns = g->conf.min_span_ns;
	s->rodata->has_poll = live(g, "poll");
	s->rodata->has_kick = live(g, "kick");
	s->rodata->has_recv_done = live(g, "callback");
	memcpy((char *)s->rodata->virtio_name, g->conf.virtio, strnlen(g->conf.virtio, 15));
}

/* The program that libbpf named last is the one that does not do: its point goes another way. */
static bool give_way(struct guest_load *g, const char *program, const char *reason)
{
	int point = point_of(g, program), way;

	if (point < 0)
		return false;
	way = g->live[point].way;
	snprintf(g->live[point].why, sizeof(g->live[point].why), "%s %s: %.100s", guest_points[point].way[way].how,
		 guest_points[point].way[way].target, reason);
	choose(g, point, way + 1);
	return true;
}

static int attach(struct guest_load *g)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, g->skel->obj) {
		struct bpf_link *link;
		int i = 0;

		if (!bpf_program__autoload(p))
			continue;
		link = bpf_program__attach(p);
		if (!link) {
			int err = errno;

			give_way(g, bpf_program__name(p), strerror(err));
			return -EAGAIN;
		}
		while (i < g->skel->skeleton->prog_cnt && *g->skel->skeleton->progs[i].prog != p)
			i++;
		*g->skel->skeleton->progs[i].link = link;	/* it goes with the skeleton */
	}
	return 0;
}

/* -EAGAIN: another way was chosen for a point, try again. */
static int load(struct guest_load *g, struct why *why)
{
	const struct refusal *said = refusal_heard();
	int rc;

	refusal_listen();
	g->skel = guest_bpf__open();
	if (!g->skel)
		return why_fail(why, errno, "BPF programs do not open: %s", strerror(errno));
	configure(g);
	rc = guest_bpf__load(g->skel);
	if (rc && give_way(g, said->program, said->why))
		rc = -EAGAIN;
	else if (rc)
		rc = why_fail(why, ENOTSUP, "this kernel loads no BPF programs: %s%s%s", strerror(-rc), said->why[0] ? ": " : "", said->why);
	if (!rc)
		rc = attach(g);
	if (rc) {
		guest_bpf__destroy(g->skel);
		g->skel = NULL;
	}
	return rc;
}

int guest_load_open(struct guest_load **out, const struct guest_load_conf *conf, struct why *why)
{
	struct guest_load *g;
	int rc, tries, n_live = 0;

	if (access(GUEST_BTF_DIR "/vmlinux", R_OK))
		return why_fail(why, ENOTSUP, "this kernel describes no types of its own (" GUEST_BTF_DIR "/vmlinux: %s)", strerror(errno));
	g = calloc(1, sizeof(*g));
	if (!g)
		return why_fail(why, ENOMEM, "out of memory");
	g->conf = *conf;
	g->stats_fd = -1;
	g->n_cpus = libbpf_num_possible_cpus();
	refusal_listen();
	if (guest_btf_open(&g->btf) || g->n_cpus < 1) {
		rc = why_fail(why, ENOTSUP, GUEST_BTF_DIR "/vmlinux cannot be read: %s", strerror(errno));
		goto fail;
	}
	for (int i = 0; i < guest_points_count; i++)
		choose(g, i, 0);
	for (tries = 0, rc = -EAGAIN; rc == -EAGAIN && tries < PROGRAMS_MAX; tries++)
		rc = load(g, why);
	if (rc == -EAGAIN)
		rc = why_fail(why, ENOTSUP, "this kernel loads none of our BPF programs");
	if (rc)
		goto fail;
	for (int i = 0; i < guest_points_count; i++)
		n_live += g->live[i].way >= 0;
	if (!n_live) {
		rc = why_fail(why, ENOTSUP, "this kernel loads none of our BPF programs: %s", g->live[0].why);
		goto fail;
	}
	rc = event_ring_open(&g->ring, bpf_map__fd(g->skel->maps.events), why);
	if (rc)
		goto fail;
	*out = g;
	return 0;
fail:
	guest_load_close(g);
	return rc;
}

void guest_load_close(struct guest_load *g)
{
	if (!g)
		return;
	event_ring_close(&g->ring);
	guest_bpf__destroy(g->skel);
	guest_btf_close(&g->btf);
	if (g->stats_fd >= 0)
		close(g->stats_fd);
	free(g);
}

/* -- running ------------------------------------------------------------------------------------------------------------- */

const struct guest_live *guest_load_live(const struct guest_load *g)
{
	return g->live;
}

void guest_load_irqs(struct guest_load *g, const int *irq, int n)
{
	uint8_t set[GUEST_IRQS] = { 0 };

	for (int i = 0; i < n; i++)
		if (irq[i] >= 0 && irq[i] < GUEST_IRQS)
			set[irq[i]] = 1;
	memcpy(g->skel->bss->device_irq, set, sizeof(set));
}

void guest_load_track(struct guest_load *g, int tid)
{
	struct guest_thread th = { .tracked = GUEST_SOFTIRQD };
	uint32_t key = (uint32_t)tid;

	bpf_map_update_elem(bpf_map__fd(g->skel->maps.threads), &key, &th, BPF_NOEXIST);
}

int guest_load_fd(const struct guest_load *g)
{
	return event_ring_fd(&g->ring);
}

void guest_load_drain(struct guest_load *g, event_fn *fn, void *ctx)
{
	event_ring_take(&g->ring, fn, ctx);
}

void guest_load_asked(const struct guest_load *g, uint64_t id, int64_t *t_asked, int64_t *t_answered)
{
	const volatile struct guest_bpf__bss *b = g->skel->bss;

	*t_asked = b->ask_id == htobe64(id) ? b->t_asked : 0;
	*t_answered = b->answer_id == htobe64(id) ? b->t_answered : 0;
}

void guest_load_cost(const struct guest_load *g, struct guest_cost *cost)
{
	int fd = bpf_map__fd(g->skel->maps.cpus);
	struct bpf_program *p;

	*cost = (struct guest_cost){ 0 };
	for (uint32_t i = 0; i < (uint32_t)g->n_cpus; i++) {
		struct guest_cpu c;

		if (bpf_map_lookup_elem(fd, &i, &c))
			continue;
		cost->events += c.events;
		cost->lost += c.lost;
		cost->unkeyed += c.unkeyed;
	}
	bpf_object__for_each_program(p, g->skel->obj) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);

		if (bpf_program__fd(p) < 0 || bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size))
			continue;
		cost->runs += info.run_cnt;
		cost->run_ns += info.run_time_ns;
	}
}

int guest_load_measure(struct guest_load *g, bool on)
{
	if (!on && g->stats_fd >= 0) {
		close(g->stats_fd);
		g->stats_fd = -1;
	}
	if (on && g->stats_fd < 0) {
		g->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (g->stats_fd < 0) {
			int rc = -errno;

			g->stats_fd = -1;
			return rc;
		}
	}
	return 0;
}
