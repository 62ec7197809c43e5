/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_agent: what `takt guest` has while it runs, and what it says of itself.
 */
#ifndef TAKT_PROBES_GUEST_AGENT_H
#define TAKT_PROBES_GUEST_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "base/out.h"
#include "base/why.h"
#include "probes/evwriter.h"
#include "probes/evsink.h"
#include "probes/guest_ask.h"
#include "probes/guest_cover.h"
#include "probes/guest_dev.h"
#include "probes/guest_load.h"
#include "probes/guest_sock.h"
#include "probes/guest_watch.h"

struct guest_conf {
	const char *out, *dev, *name, *without;
	int64_t duration_ns, min_span_ns, ask_ns;
	const char *test_clock;	/* tests: "NS,PPB": all instants as if the clock were that far off, and that much faster; NULL */
	bool no_bpf, json;
};

struct guest {
	struct guest_conf conf;
	struct guest_dev dev;
	struct guest_load *load;	/* NULL: no BPF, then sock */
	struct guest_sock sock;
	struct why no_bpf;		/* why not */
	struct guest_ask ask;
	struct why no_ask;
	struct guest_watch watch;
	struct evsink *sink;
	struct evwriter *writer;
	struct utsname uts;
	int epoll_fd;
	int64_t t_begin, t_meta, t_drain;
	uint64_t told_lost;		/* of the losses, those that an event tells of */
	uint32_t seconds;
	struct guest_cost cost_at;	/* when the kernel began to measure */
	bool measuring;
	uint64_t cost_events, cost_ns;	/* while it did */
	int64_t test_ns, test_ppb;	/* --test-clock */
};

/* Events and losses of whichever way is taken. */
struct guest_cost guest_agent_cost(const struct guest *g);

/* One object: who, where, the coverage table, the cost so far. As META, and to the user. */
void guest_agent_print(const struct guest *g, struct out *o);
void guest_agent_cost_print(const struct guest *g, struct out *o);

#endif
