/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_agent.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/ns.h"
#include "ptp/now.h"

#define ANSWER_NS (3 * NS_PER_SEC)	/* without an answer for so long, nobody answers */

struct guest_cost guest_agent_cost(const struct guest *g)
{
	struct guest_cost c = { .events = g->sock.events, .lost = g->sock.lost };

	if (g->load)
		guest_load_cost(g->load, &c);
	return c;
}

static void cover(const struct guest *g, struct guest_cover *c)
{
	bool answered = g->ask.t_answered && now_of(CLOCK_MONOTONIC) - g->ask.t_answered < ANSWER_NS;
	const char *no = g->no_ask.text;

	guest_cover_bpf(c, g->load, g->no_bpf.text);
	if (!g->load) {
		guest_cover_add(c, "socket-out", "driver", "a packet socket sees a frame on its way to the driver", "socket", true, "");
		guest_cover_add(c, "socket-in", "irq", "a packet socket sees a frame that came up", "socket", true, "");
	}
	if (!*no)
		no = !g->ask.asks ? "not asked yet" : "nobody answers: the port is not taktd's, or its time-answer is false";
	guest_cover_add(c, "time", "clock", "taktd is asked for the time", "socket", answered, answered ? "" : no);
}

void guest_agent_cost_print(const struct guest *g, struct out *o)
{
	struct guest_cost c = guest_agent_cost(g);
	double s = (double)(now_of(CLOCK_MONOTONIC) - g->t_begin) / NS_PER_SEC;

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
	out_uint(o, "asks", g->ask.asks, "  taktd was asked for the time %" PRIu64 " times", g->ask.asks);
	out_uint(o, "answers", g->ask.answers, ", and answered %" PRIu64 " times\n", g->ask.answers);
	out_end(o);
}

void guest_agent_print(const struct guest *g, struct out *o)
{
	struct guest_cover c = { .n = 0 };
	char mac[18];

	cover(g, &c);
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
	if (!g->load)
		out_text(o, "  no BPF: %s\n", g->no_bpf.text);
	guest_cover_print(&c, o);
	guest_agent_cost_print(g, o);
	out_end(o);
}
