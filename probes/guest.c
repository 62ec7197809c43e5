/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt guest: an agent inside a guest that tells its host when each frame was where in the guest's kernel.
 */
#include "probes/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/term.h"
#include "probes/guest_agent.h"
#include "probes/host_name.h"
#include "ptp/now.h"

#define TICK_NS	   (50 * NS_PER_MS)	/* how long an event may lie here */
#define META_NS	   NS_PER_SEC
#define FIRST_NS   (200 * NS_PER_MS)	/* how long the first answer is waited for, so that the first table is right */
#define NAME_MAX_LEN 64
#define COST_EVERY 8			/* in one second of so many, the kernel measures our programs */

#define AT(field) offsetof(struct guest_conf, field)
const struct opt guest_opts[] = {
	{ "out", 'o', OPT_STR, AT(out), "SINK", NULL, 0, 0, "where events go: FILE, -, serial:NAME, vsock:PORT, udp:ADDR:PORT" },
	{ "dev", 'i', OPT_STR, AT(dev), "INTERFACE", NULL, 0, 0, "the network card to watch (the only one)" },
	{ "name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "what this guest is called on its host (its host name)" },
	{ "duration", 'd', OPT_NS, AT(duration_ns), "TIME", "0", 0, NS_NEVER, "end after TIME; 0: at Ctrl-C" },
	{ "ask", 0, OPT_NS, AT(ask_ns), "TIME", "100ms", 0, 3600 * NS_PER_SEC, "ask taktd for the time every TIME, through the card; 0: never" },
	{ "min-span", 0, OPT_NS, AT(min_span_ns), "TIME", "10us", 0, NS_PER_SEC, "tell of interrupts and waits from TIME on; 0: of all" },
	{ "without", 0, OPT_STR, AT(without), "WAY,...", NULL, 0, 0, "ways into the kernel not to take: fentry, kprobe, tp_btf" },
	{ "no-bpf", 0, OPT_FLAG, AT(no_bpf), NULL, NULL, 0, 0, "do with what a socket tells" },
	{ "test-clock", 0, OPT_STR, AT(test_clock), "NS,PPB", NULL, 0, 0, NULL },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print coverage and summary as JSON, an object a line" },
	OPT_END
};
#undef AT

const char guest_examples[] =
	"  takt guest                              # to the host: virtio-serial port takt.0, else vsock\n"
	"  takt guest -o serial:probe -i eth1\n"
	"  takt guest -o udp:10.0.0.1:7117 --name plc\n"
	"  takt guest -o events.tak -d 10s --json\n";

/* -- what is told -------------------------------------------------------------------------------------------------------- */

/* As a clock that is that far off would have it: for the test of the join, which knows the truth then. */
static int64_t told_time(const struct guest *g, int64_t t)
{
	return t + g->test_ns + (int64_t)((__int128)t * g->test_ppb / NS_PER_SEC);
}

static void put(struct guest *g, const struct event *e)
{
	struct event told = *e;

	told.t = told_time(g, e->t);
	told.t_end = told_time(g, e->t_end);
	evwriter_add(g->writer, &told);
}

static void on_event(void *ctx, const struct event *e)
{
	struct event named = *e;

	if (e->kind == EV_SOFTIRQ || e->kind == EV_IPI)
		host_name(named.who, e->kind, e->by, 0);
	put(ctx, &named);
}

static void write_meta(struct guest *g)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct out o;

	if (!f)
		return;
	out_init(&o, f, true);
	guest_agent_print(g, &o);
	out_fini(&o);
	fclose(f);
	if (text)
		evwriter_meta(g->writer, text);
	free(text);
}

/* -- a turn -------------------------------------------------------------------------------------------------------------- */

static void tell_losses(struct guest *g, int64_t t)
{
	struct event e = { .t = g->t_drain, .t_end = t, .kind = EV_LOST };
	uint64_t lost = guest_agent_cost(g).lost;

	if (lost == g->told_lost)
		return;
	e.arg = lost - g->told_lost;
	g->told_lost = lost;
	put(g, &e);
}

/* In one second of COST_EVERY the kernel measures what our programs take: doing so is a cost of its own. */
static void measure(struct guest *g)
{
	struct guest_cost c;

	if (g->measuring) {
		guest_load_measure(g->load, false);
		guest_load_cost(g->load, &c);
		g->cost_events += c.events - g->cost_at.events;
		g->cost_ns += c.run_ns - g->cost_at.run_ns;
		g->measuring = false;
	} else if (g->seconds % COST_EVERY == 1 && !guest_load_measure(g->load, true)) {
		guest_load_cost(g->load, &g->cost_at);
		g->measuring = true;
	}
	g->seconds++;
}

static void find_irqs(struct guest *g)
{
	int irq[GUEST_DEV_IRQS];

	guest_load_irqs(g->load, irq, guest_dev_irqs(&g->dev, irq));
}

static void saw(void *ctx, uint64_t id, int64_t *t_sent, int64_t *t_got)
{
	struct guest *g = ctx;

	if (g->load) {
		guest_load_asked(g->load, id, t_sent, t_got);
		return;
	}
	guest_sock_drain(&g->sock, on_event, g);	/* it may not have seen them yet */
	*t_sent = g->sock.ask_id == id ? g->sock.t_asked : 0;
	*t_got = g->sock.answer_id == id ? g->sock.t_answered : 0;
}

static void turn(struct guest *g)
{
	int64_t t = now_of(CLOCK_MONOTONIC);
	struct event e;

	if (guest_ask_work(&g->ask, &e, saw, g))
		put(g, &e);
	if (g->load)
		guest_load_drain(g->load, on_event, g);
	else
		guest_sock_drain(&g->sock, on_event, g);
	tell_losses(g, t);
	g->t_drain = t;
	guest_watch_look(&g->watch, on_event, g);
	if (t >= g->t_meta) {
		g->t_meta = t + META_NS;
		if (g->load) {
			measure(g);
			find_irqs(g);
		}
		write_meta(g);
	}
	evwriter_flush(g->writer);
}

/* Turn until t_stop; or, `first`, until taktd has answered. */
static void run(struct guest *g, int64_t t_stop, bool first)
{
	int64_t t = now_of(CLOCK_MONOTONIC);

	while (!term_stopped() && t < t_stop && !(first && (g->ask.fd < 0 || g->ask.answers))) {
		int64_t left_ns = t_stop - t < TICK_NS ? t_stop - t : TICK_NS;
		struct epoll_event woken;

		if (g->ask.fd >= 0 && g->ask.t_next - t < left_ns)
			left_ns = g->ask.t_next > t ? g->ask.t_next - t : 0;
		epoll_wait(g->epoll_fd, &woken, 1, (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS));
		turn(g);
		t = now_of(CLOCK_MONOTONIC);
	}
}

/* -- begin and end ------------------------------------------------------------------------------------------------------- */

static void track(void *ctx, int tid)
{
	guest_load_track(((struct guest *)ctx)->load, tid);
}

static void watch(struct guest *g, int fd)
{
	struct epoll_event e = { .events = EPOLLIN };

	epoll_ctl(g->epoll_fd, EPOLL_CTL_ADD, fd, &e);
}

/* BPF where it can be had, else a packet socket. The socket of frames wakes nobody: they are drained in batches. */
static int open_probes(struct guest *g, struct why *why)
{
	struct guest_load_conf conf = { .ifindex = g->dev.ifindex, .min_span_ns = g->conf.min_span_ns, .virtio = g->dev.virtio,
					.without = g->conf.without };

	if (g->conf.no_bpf)
		why_fail(&g->no_bpf, ENOTSUP, "--no-bpf");
	else
		guest_load_open(&g->load, &conf, &g->no_bpf);
	if (!g->load)
		return guest_sock_open(&g->sock, &g->dev, why);
	find_irqs(g);
	guest_dev_softirq_threads(track, g);
	watch(g, guest_load_fd(g->load));
	return 0;
}

/* A way that does not exist would silently exclude nothing. */
static int ways_check(const char *list, struct why *why)
{
	static const char *const ways[] = { "fentry", "kprobe", "tp_btf" };
	size_t n, i;

	for (; list && *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		for (i = 0; i < 3 && (n != strlen(ways[i]) || strncmp(list, ways[i], n)); i++)
			;
		if (i == 3)
			return why_fail(why, EINVAL, "--without: \"%.*s\" is no way: fentry, kprobe, tp_btf", (int)n, list);
	}
	return 0;
}

static int begin(struct guest *g, struct why *why)
{
	int rc;

	uname(&g->uts);
	if (!g->conf.name)
		g->conf.name = g->uts.nodename;
	if (strlen(g->conf.name) > NAME_MAX_LEN)
		return why_fail(why, EINVAL, "--name is %zu bytes long: give at most %d", strlen(g->conf.name), NAME_MAX_LEN);
	rc = ways_check(g->conf.without, why) ?: guest_dev_find(&g->dev, g->conf.dev, why) ?: evsink_open(&g->sink, g->conf.out, why);
	if (rc)
		return rc;
	g->writer = malloc(sizeof(*g->writer));
	g->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!g->writer || g->epoll_fd < 0)
		return why_fail(why, ENOMEM, "out of memory");
	evwriter_init(g->writer, evsink_write, g->sink, (uint16_t)(now_of(CLOCK_REALTIME) / 1000 ^ getpid()), evsink_block_max(g->sink));
	rc = open_probes(g, why);
	if (rc)
		return rc;
	if (!g->conf.ask_ns)
		why_fail(&g->no_ask, ENOTSUP, "--ask 0");
	if (!guest_ask_open(&g->ask, &g->dev, g->conf.ask_ns, &g->no_ask) && g->ask.fd >= 0)
		watch(g, g->ask.fd);
	g->t_begin = g->t_drain = now_of(CLOCK_MONOTONIC);
	g->t_meta = g->t_begin + META_NS;
	write_meta(g);	/* before any event, of which many may wait already */
	return 0;
}

static int finish(struct guest *g, FILE *text)
{
	int rc = evwriter_end(g->writer);
	struct out o;

	out_init(&o, text, g->conf.json);
	out_object(&o, NULL);
	out_str(&o, "out", evsink_name(g->sink), "%s:\n", evsink_name(g->sink));
	guest_agent_cost_print(g, &o);
	out_end(&o);
	out_fini(&o);
	if (rc)
		log_warn("%s did not take everything: %" PRIu64 " events are not in it (%s)", evsink_name(g->sink), g->writer->lost, strerror(-rc));
	return rc ? CMD_FAILED : CMD_OK;
}

int guest_run(const struct cmd *self, int argc, char **argv)
{
	struct guest g = { .epoll_fd = -1, .ask = { .fd = -1 }, .sock = { .fd = -1 } };
	struct why why = { "" };
	struct term term;
	struct out o;
	FILE *text;
	int status = CMD_OK, rc;

	if (cmd_options(self, &g.conf, argc, argv, 0, 0, &status) < 0)
		return status;
	if (g.conf.test_clock && sscanf(g.conf.test_clock, "%" SCNd64 ",%" SCNd64, &g.test_ns, &g.test_ppb) != 2)
		return cmd_refuse(why_fail(&why, EINVAL, "--test-clock %.40s: give NS,PPB", g.conf.test_clock), &why);
	text = g.conf.out && !strcmp(g.conf.out, "-") ? stderr : stdout;
	term_open(&term, false);
	rc = begin(&g, &why);
	if (rc) {
		status = cmd_refuse(rc, &why);
		goto out;
	}
	run(&g, g.t_begin + FIRST_NS, true);
	out_init(&o, text, g.conf.json);
	guest_agent_print(&g, &o);
	out_fini(&o);
	fflush(text);
	run(&g, g.conf.duration_ns ? g.t_begin + g.conf.duration_ns : NS_NEVER, false);
	if (g.measuring)
		measure(&g);
	turn(&g);
	status = finish(&g, text);
out:
	term_close(&term);
	guest_load_close(g.load);
	guest_sock_close(&g.sock);
	guest_ask_close(&g.ask);
	evsink_close(g.sink);
	if (g.epoll_fd >= 0)
		close(g.epoll_fd);
	free(g.writer);
	return status;
}
