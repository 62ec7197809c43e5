/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_replay FILE: run takt host's programs in the kernel with made arguments (BPF_PROG_TEST_RUN, on this thread, attached to nothing), and compare
 * what they write with what FILE wants. The file says how. Prints how many programs ran; exit status 1 and FILE:LINE at the first difference.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probes/event.h"
#include "probes/host_bpf.h"
#include "probes/host.skel.h"

/* As `takt host` links them: names of numbers are part of what is played. */
#include "probes/host_name.c"

#define NEWS 64

struct replay {
	struct host_bpf *skel;
	struct ring_buffer *ring;
	uint32_t tid;
	struct event news[NEWS];	/* that nobody has wanted yet */
	int n_news, runs;
	const char *path;
	int line;
};

static const char *const kinds[EV_COUNT] = {
#define X(id, name, family, who, help) [EV_##id] = name,
	EVENT_KINDS(X)
#undef X
};

#define DIFFERS(r, ...)                                                  \
	do {                                                             \
		fprintf(stderr, "%s:%d: ", (r)->path, (r)->line);        \
		fprintf(stderr, __VA_ARGS__);                            \
		fprintf(stderr, "\n");                                   \
		exit(1);                                                 \
	} while (0)

static int on_event(void *ctx, void *data, size_t size)
{
	struct replay *r = ctx;

	(void)size;
	if (r->n_news == NEWS)
		DIFFERS(r, "more than %d events that nobody wants", NEWS);
	memcpy(&r->news[r->n_news], data, sizeof(struct event));
	host_name(r->news[r->n_news].who, r->news[r->n_news].kind, r->news[r->n_news].by, r->skel->bss->kvm_isa);
	r->n_news++;
	return 0;
}

static void run(struct replay *r, struct bpf_program *prog, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t args[4] = {a, b, c, d};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));
	int err = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);

	if (err)
		DIFFERS(r, "%s does not run: %s", bpf_program__name(prog), strerror(-err));
	r->runs++;
	ring_buffer__consume(r->ring);
}

static int kind_of(struct replay *r, const char *name)
{
	int i;

	for (i = 0; i < EV_COUNT; i++)
		if (!strcmp(kinds[i], name))
			return i;
	DIFFERS(r, "no kind of event is called %s", name);
}

static uint64_t number(struct replay *r, char **word, int i)
{
	char *end;
	uint64_t v = word[i] ? strtoull(word[i], &end, 10) : 0;

	if (!word[i] || *end)
		DIFFERS(r, "word %d is no number", i);
	return v;
}

static void want(struct replay *r, char **w)
{
	struct event e = r->news[0];
	char *p;

	if (!r->n_news)
		DIFFERS(r, "no event was written");
	memmove(r->news, r->news + 1, --r->n_news * sizeof(e));
	for (p = e.who; *p; p++)
		*p = *p == ' ' ? '_' : *p;
	if (e.kind != kind_of(r, w[1]) || e.by != number(r, w, 2) || strcmp(e.who, w[3]) || e.flags != number(r, w, 4) || e.arg != number(r, w, 5))
		DIFFERS(r, "is %s %u %s %u %" PRIu64, kinds[e.kind], e.by, e.who, e.flags, e.arg);
	if (e.t_end - e.t < (int64_t)number(r, w, 6))
		DIFFERS(r, "lasts %" PRId64 " ns only", e.t_end - e.t);
	if (e.tid != (e.flags & EV_BY_APIC ? 0 : r->tid))
		DIFFERS(r, "is of thread %u", e.tid);
}

static void sum(struct replay *r, char **w)
{
	struct host_key key = {.tid = r->tid, .kind = (uint16_t)kind_of(r, w[1]), .cpu = HOST_NO_CPU, .by = (uint32_t)number(r, w, 2)};
	struct host_sum s = {0};

	bpf_map_lookup_elem(bpf_map__fd(r->skel->maps.sums), &key, &s);
	if (s.n != number(r, w, 3) || s.ns < number(r, w, 4))
		DIFFERS(r, "the sum is %" PRIu64 " of %" PRIu64 " ns", s.n, s.ns);
}

static void step(struct replay *r, char **w)
{
	struct timespec ts = {0};

#define N(i) number(r, w, i)
#define IS(name) !strcmp(w[0], name)
#define PLAY(prog, a, b, c, d) run(r, r->skel->progs.prog, a, b, c, d)
	if (IS("exit"))
		PLAY(on_exit_reason, N(1), 0, N(2), 0);
	else if (IS("exit-bare"))
		PLAY(on_exit_bare, 0, N(1), 0, 0);
	else if (IS("user"))
		PLAY(on_user, N(1), 0, 0, 0);
	else if (IS("fast_mmio"))
		PLAY(on_fast_mmio, 0xfebd0000, 0, 0, 0);
	else if (IS("entry"))
		PLAY(on_entry, 0, 0, 0, 0);
	else if (IS("poll"))
		PLAY(on_poll, 1, 0, 20000, 10000);
	else if (IS("halt"))
		PLAY(on_halt, N(1), N(2), 1, 0);
	else if (IS("virq"))
		PLAY(on_virq, N(1), N(2), 0, 0);
	else if (IS("virq-old"))
		PLAY(on_virq_old, N(1), 0, 0, 0);
	else if (IS("msi"))
		PLAY(on_msi, N(1), N(2), 0, 0);
	else if (IS("accept"))
		PLAY(on_accept, N(1), 0, 0, N(2));
	else if (IS("want"))
		want(r, w);
	else if (IS("sum"))
		sum(r, w);
	else if (IS("want-none") && r->n_news)
		DIFFERS(r, "there is one: %s %u", kinds[r->news[0].kind], r->news[0].by);
	else if (IS("wait")) {
		ts.tv_nsec = (long)N(1);
		nanosleep(&ts, NULL);
	} else if (!IS("want-none"))
		DIFFERS(r, "%s is nothing that can be played", w[0]);
}

static void play(struct replay *r, FILE *f)
{
	char line[256], *w[8], *save;
	int n;

	while (fgets(line, sizeof(line), f)) {
		r->line++;
		if (line[0] == '#')
			continue;
		memset(w, 0, sizeof(w));
		n = 0;
		for (char *p = strtok_r(line, " \n", &save); p && n < 7; p = strtok_r(NULL, " \n", &save))
			w[n++] = p;
		if (n)
			step(r, w);
	}
}

/* Only the raw programs: those of types are attached to live points, and there they are tested. */
static int load(struct replay *r)
{
	struct host_thread th = {.state = HOST_ON};
	struct bpf_program *p;

	r->skel = host_bpf__open();
	if (!r->skel)
		return -errno;
	r->skel->rodata->min_span_ns = 20000000; /* what shall be too short is so on a busy machine too */
	bpf_object__for_each_program(p, r->skel->obj)
		bpf_program__set_autoload(p, bpf_program__type(p) == BPF_PROG_TYPE_RAW_TRACEPOINT);
	bpf_map__set_max_entries(r->skel->maps.cpus, libbpf_num_possible_cpus());
	if (host_bpf__load(r->skel))
		return -errno;
	r->tid = (uint32_t)syscall(SYS_gettid);
	r->ring = ring_buffer__new(bpf_map__fd(r->skel->maps.events), on_event, r, NULL);
	return r->ring ? bpf_map__update_elem(r->skel->maps.threads, &r->tid, sizeof(r->tid), &th, sizeof(th), BPF_ANY) : -ENOMEM;
}

int main(int argc, char **argv)
{
	static struct replay r;
	FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;
	int err;

	if (!f)
		return 2;
	r.path = argv[1];
	err = load(&r);
	if (err) {
		fprintf(stderr, "host_replay: the programs do not load: %s\n", strerror(-err));
		return 1;
	}
	play(&r, f);
	printf("%d runs\n", r.runs);
	ring_buffer__free(r.ring);
	host_bpf__destroy(r.skel);
	fclose(f);
	return r.runs ? 0 : 1;
}
