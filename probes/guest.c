/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt guest: an agent inside a guest that tells its host when each frame was where in the guest's kernel.
 */
#include "probes/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/evfile.h"
#include "probes/evsink.h"
#include "probes/guest_cover.h"
#include "probes/guest_dev.h"
#include "probes/guest_load.h"
#include "probes/guest_watch.h"

#define TICK_NS	   (50 * NS_PER_MS)	/* how long an event may lie here */
#define META_NS	   NS_PER_SEC
#define COST_EVERY 10			/* in one second of so many, the kernel measures our programs */

struct conf {
	const char *out, *dev, *name;
	int64_t duration_ns, min_span_ns;
	bool no_bpf, json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt guest_opts[] = {
	{ "out", 'o', OPT_STR, AT(out), "SINK", NULL, 0, 0, "where events go: FILE, -, serial:NAME, vsock:PORT, udp:ADDR:PORT" },
	{ "dev", 'i', OPT_STR, AT(dev), "INTERFACE", NULL, 0, 0, "the network card to watch (the only one)" },
	{ "name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "what this guest is called on its host (its host name)" },
	{ "duration", 'd', OPT_NS, AT(duration_ns), "TIME", "0", 0, NS_NEVER, "end after TIME; 0: at Ctrl-C" },
	{ "min-span", 0, OPT_NS, AT(min_span_ns), "TIME", "10us", 0, NS_PER_SEC, "tell of interrupts and waits from TIME on; 0: of all" },
	{ "no-bpf", 0, OPT_FLAG, AT(no_bpf), NULL, NULL, 0, 0, "do with what a socket tells" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print coverage and summary as JSON, an object a line" },
	OPT_END
};
#undef AT

const char guest_examples[] =
	"  takt guest                              # to the host: virtio-serial port takt.0, else vsock\n"
	"  takt guest -o serial:probe -i eth1\n"
	"  takt guest -o udp:10.0.0.1:7117 --name plc\n"
	"  takt guest -o events.tak -d 10s --json\n";

struct guest {
	struct conf conf;
	struct guest_dev dev;
	struct guest_load *load;	/* NULL: no BPF */
	char no_bpf[WHY_LEN];		/* why not */
	struct guest_watch watch;
	struct guest_cover cover;
	struct evsink *sink;
	struct evwriter *writer;
	struct utsname uts;
	int64_t t_begin, t_meta, t_drain;
	uint64_t told_lost;		/* of the buffer's losses, those that an event tells of */
	uint32_t seconds;
	struct guest_cost cost_at;	/* when the kernel began to measure */
	bool measuring;
	uint64_t cost_events, cost_ns;	/* while it did */
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

/* -- what is told -------------------------------------------------------------------------------------------------------- */

static const char *const softirqs[] = { "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU" };

static void on_event(void *ctx, struct event *e)
{
	struct guest *g = ctx;

	if (e->kind == EV_SOFTIRQ && e->by < sizeof(softirqs) / sizeof(softirqs[0])) {
		struct event named = *e;

		snprintf(named.who, sizeof(named.who), "%s", softirqs[e->by]);
		evwriter_add(g->writer, &named);
		return;
	}
	evwriter_add(g->writer, e);
}

static void cost_print(const struct guest *g, struct out *o)
{
	struct guest_cost c = { 0 };
	double s = (double)(now_ns() - g->t_begin) / NS_PER_SEC;

	if (g->load)
		guest_load_cost(g->load, &c);
	out_object(o, "cost");
	out_uint(o, "events", c.events, "  %" PRIu64 " events", c.events);
	out_real(o, "events_per_s", s > 0 ? (double)c.events / s : 0, ", %.0f a second", s > 0 ? (double)c.events / s : 0);
	if (g->cost_events)
		out_uint(o, "ns_per_event", g->cost_ns / g->cost_events, ", each for %" PRIu64 " ns of all programs' time",
			 g->cost_ns / g->cost_events);
	else
		out_null(o, "ns_per_event", ", at a cost that was not measured");
	out_uint(o, "lost", c.lost, "; lost in the kernel: %" PRIu64, c.lost);
	out_uint(o, "unkeyed", c.unkeyed, ", frames in pieces: %" PRIu64, c.unkeyed);
	out_uint(o, "unsent", g->writer->lost, ", not taken by the sink: %" PRIu64 "\n", g->writer->lost);
	out_end(o);
}

static void meta_print(const struct guest *g, struct out *o)
{
	char mac[18];

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", g->dev.mac[0], g->dev.mac[1], g->dev.mac[2], g->dev.mac[3],
		 g->dev.mac[4], g->dev.mac[5]);
	out_object(o, NULL);
	out_str(o, "source", "guest", NULL);
	out_str(o, "name", g->conf.name, "guest %s", g->conf.name);
	out_str(o, "kernel", g->uts.release, ", Linux %s", g->uts.release);
	out_str(o, "device", g->dev.name, ": %s", g->dev.name);
	out_str(o, "driver", g->dev.driver, " (%s)", g->dev.driver[0] ? g->dev.driver : "no driver of its own");
	out_str(o, "mac", mac, ", %s", mac);
	out_str(o, "out", evsink_name(g->sink), ", to %s\n", evsink_name(g->sink));
	out_str(o, "clock", "CLOCK_MONOTONIC", NULL);
	out_str(o, "version", TAKT_REV, NULL);
	out_int(o, "min_span_ns", g->conf.min_span_ns, NULL);
	guest_cover_print(&g->cover, o);
	cost_print(g, o);
	out_end(o);
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
	meta_print(g, &o);
	out_fini(&o);
	fclose(f);
	if (text)
		evwriter_meta(g->writer, text);
	free(text);
}

/* -- a turn -------------------------------------------------------------------------------------------------------------- */

static void tell_losses(struct guest *g, int64_t t)
{
	struct guest_cost c;
	struct event e = { .t = g->t_drain, .t_end = t, .kind = EV_LOST };

	guest_load_cost(g->load, &c);
	if (c.lost == g->told_lost)
		return;
	e.arg = c.lost - g->told_lost;
	g->told_lost = c.lost;
	evwriter_add(g->writer, &e);
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
	} else if (g->seconds % COST_EVERY == 0 && !guest_load_measure(g->load, true)) {
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

static void turn(struct guest *g)
{
	int64_t t = now_ns();

	if (g->load) {
		guest_load_drain(g->load, on_event, g);
		tell_losses(g, t);
	}
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

static void run(struct guest *g)
{
	int64_t t_stop = g->conf.duration_ns ? g->t_begin + g->conf.duration_ns : NS_NEVER, t = g->t_begin;

	while (!term_stopped() && t < t_stop) {
		int64_t left_ns = t_stop - t < TICK_NS ? t_stop - t : TICK_NS;
		struct pollfd p = { .fd = g->load ? guest_load_fd(g->load) : -1, .events = POLLIN };

		poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1);
		turn(g);
		t = now_ns();
	}
	if (g->measuring)
		measure(g);
	turn(g);
}

/* -- begin and end ------------------------------------------------------------------------------------------------------- */

static void track(void *ctx, int tid)
{
	guest_load_track(((struct guest *)ctx)->load, tid);
}

static int begin(struct guest *g, struct why *why)
{
	struct guest_load_conf conf = { .min_span_ns = g->conf.min_span_ns };
	struct why no = { "--no-bpf" };
	int rc;

	uname(&g->uts);
	if (!g->conf.name)
		g->conf.name = g->uts.nodename;
	rc = guest_dev_find(&g->dev, g->conf.dev, why) ?: evsink_open(&g->sink, g->conf.out, why);
	if (rc)
		return rc;
	g->writer = malloc(sizeof(*g->writer));
	if (!g->writer)
		return why_fail(why, ENOMEM, "out of memory");
	evwriter_init(g->writer, evsink_write, g->sink, (uint16_t)(now_ns() / 1000 ^ getpid()), evsink_block_max(g->sink));
	conf.ifindex = g->dev.ifindex;
	conf.virtio = g->dev.virtio;
	if (!g->conf.no_bpf)
		guest_load_open(&g->load, &conf, &no);
	guest_cover_bpf(&g->cover, g->load, no.text);
	if (g->load) {
		find_irqs(g);
		guest_dev_softirq_threads(track, g);
	}
	return 0;
}

static int finish(struct guest *g, FILE *text)
{
	int rc = evwriter_end(g->writer);
	struct out o;

	out_init(&o, text, g->conf.json);
	out_object(&o, NULL);
	out_str(&o, "out", evsink_name(g->sink), "%s:\n", evsink_name(g->sink));
	cost_print(g, &o);
	out_end(&o);
	out_fini(&o);
	if (rc)
		log_warn("%s did not take everything: %" PRIu64 " events are not in it (%s)", evsink_name(g->sink), g->writer->lost, strerror(-rc));
	return rc ? CMD_FAILED : CMD_OK;
}

int guest_run(const struct cmd *self, int argc, char **argv)
{
	struct guest g = { 0 };
	struct why why = { "" };
	struct term term;
	struct out o;
	FILE *text;
	int status = CMD_OK, rc;

	if (cmd_options(self, &g.conf, argc, argv, 0, 0, &status) < 0)
		return status;
	text = g.conf.out && !strcmp(g.conf.out, "-") ? stderr : stdout;
	term_open(&term, false);
	rc = begin(&g, &why);
	if (rc) {
		status = cmd_refuse(rc, &why);
		goto out;
	}
	out_init(&o, text, g.conf.json);
	g.t_begin = g.t_drain = now_ns();
	meta_print(&g, &o);
	out_fini(&o);
	fflush(text);
	run(&g);
	status = finish(&g, text);
out:
	term_close(&term);
	guest_load_close(g.load);
	evsink_close(g.sink);
	free(g.writer);
	return status;
}
