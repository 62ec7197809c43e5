/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/bridge_pvt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "vnet/ctl_proto.h"
#include "vnet/eal.h"
#include "vnet/pkt_pool.h"
#include "vnet/port_guest.h"
#include "vnet/port_wire.h"
#include "vnet/sigbus.h"

#define NICE (-20) /* of all threads: a control or vhost thread that gets no CPU is a guest that does not come up */

/* -- ports --------------------------------------------------------------------------------------------------------------- */

static int open_port(struct bridge *b, uint32_t i, struct why *why)
{
	const struct conf_port *conf = &b->conf.port[i];
	struct port *port = &b->port[i];
	struct gcl *gcl;
	int err;

	err = port_init(port, (uint8_t)i, conf, why);
	if (err)
		return err;
	switch (conf->kind) {
	case PORT_GUEST:
		err = port_guest_open(port, conf, why);
		break;
	case PORT_WIRE:
		err = port_wire_open(port, conf, &b->worker.clk, why);
		break;
	case PORT_MEM:
		port_mem_open(port, &b->mem[i], &b->buf);
		break;
	}
	if (err)
		goto fail;
	err = port_police(port, conf, b->worker.t_now, why);
	if (!err && b->holding)
		err = bridge_hold_stream_gates(b, i, why);
	if (err)
		goto close;
	if (conf->has_gate) {
		err = bridge_make_gcl(b, i, &conf->gate, &gcl, why);
		if (err)
			goto close;
		if (b->holding && conf->gate.enabled)
			err = bridge_hold_port(b, i, gcl, why);
		else
			egress_set(&port->egress, gcl, b->worker.t_now);
		if (err)
			goto close;
		atomic_store(&b->worker.view[i].admin, port->egress.gate.admin);
		atomic_store(&b->worker.view[i].t_change, port->egress.gate.t_change);
		atomic_store(&b->worker.view[i].t_last, port->egress.gate.t_last);
	}
	recw_name_port(&b->worker.rec, i, port->name);
	worker_add_port(&b->worker, port);
	return 0;
close:
	if (conf->kind == PORT_GUEST)
		port_guest_release(port);
	port->ops->close(port);
fail:
	port_fini(port);
	return err;
}

/* A port's buffers, in equal parts for frames that wait at each of the others. */
static void share_buffers(struct bridge *b)
{
	uint32_t i;

	for (i = 0; i < b->n_ports && b->n_ports > 1; i++)
		b->port[i].share = b->port[i].buffers / (b->n_ports - 1);
}

static void close_port(struct port *port)
{
	gcl_destroy((struct gcl *)port->egress.gate.oper);
	gcl_destroy((struct gcl *)port->egress.gate.admin);
	port->ops->close(port);
	port_fini(port);
}

/* -- the worker's thread --------------------------------------------------------------------------------------------------- */

static void *worker_main(void *arg)
{
	struct bridge *b = arg;

	b->worker_tid = gettid();
	b->start_error = eal_thread_enter((int)b->conf.cpu, &b->start_why);
	sem_post(&b->started);
	if (b->start_error)
		return NULL;
	while (!atomic_load_explicit(&b->stop, memory_order_relaxed))
		worker_poll(&b->worker);
	worker_flush(&b->worker);
	eal_thread_leave();
	return NULL;
}

int bridge_start(struct bridge *b, struct why *why)
{
	int err = pthread_create(&b->thread, NULL, worker_main, b);

	if (err)
		return why_fail(why, err, "worker: cannot start its thread: %s", strerror(err));
	sem_wait(&b->started);
	if (b->start_error) {
		pthread_join(b->thread, NULL);
		*why = b->start_why;
		return b->start_error;
	}
	b->running = true;
	return 0;
}

/* -- life ------------------------------------------------------------------------------------------------------------------ */

static int open_worker(struct bridge *b, struct why *why)
{
	struct clk clk = {.map = timebase_map(b->timebase)};
	char path[128];
	int err;

	b->buf = (struct pktbuf){.ops = &pkt_mbuf_ops};
	err = worker_init(&b->worker, &clk, &b->buf, b->conf.ageing_ns, b->conf.poll_gap_ns);
	if (err)
		return why_fail(why, -err, "worker: out of memory");
	snprintf(path, sizeof(path), CTL_REC_PATH, b->conf.name);
	err = recw_open(&b->worker.rec, path, (uint32_t)b->conf.records, b->worker.t_now, b->conf.poll_gap_ns, why);
	if (err)
		worker_fini(&b->worker);
	return err;
}

static void release(struct bridge *b)
{
	uint32_t i;

	for (i = 0; i < b->n_ports; i++)
		if (b->conf.port[i].kind == PORT_GUEST)
			port_guest_release(&b->port[i]);
	while (b->n_ports)
		close_port(&b->port[--b->n_ports]);
}

/* A schedule by a clock that is 37 s off is worse than none. */
static int check_clock(const struct conf *conf, struct why *why)
{
	const struct conf_port *port = conf_scheduled(conf);
	int err = port ? conf_clock_check(&conf->clock, follow_tai_offset(), why) : 0;

	if (err)
		why_at(why, "port %s", port->name);
	return err;
}

/*
 * Where the kernel shares CPUs out among sessions first (CONFIG_SCHED_AUTOGROUP), a nice value counts only within ours.
 * If the session is ours, as a service manager makes it, raise that too.
 */
static void raise_priority(void)
{
	FILE *f;

	if (setpriority(PRIO_PROCESS, 0, NICE))
		log_warn("cannot raise the priority to nice %d: %s", NICE, strerror(errno));
	if (getsid(0) != getpid())
		return;
	f = fopen("/proc/self/autogroup", "w");
	if (!f)
		return;
	fprintf(f, "%d", NICE);
	fclose(f);
}

int bridge_create(struct bridge **out, struct conf *conf, struct why *why)
{
	struct bridge *b = aligned_alloc(64, (sizeof(*b) + 63) / 64 * 64);
	int err;

	if (!b)
		return why_fail(why, ENOMEM, "bridge: out of memory");
	err = check_clock(conf, why);
	if (err) {
		free(b);
		return err;
	}
	memset(b, 0, sizeof(*b));
	b->conf = *conf;
	raise_priority();
	sem_init(&b->started, 0, 0);
	err = eal_init(&b->conf, why);
	if (err)
		goto free_bridge;
	err = sigbus_install(why);
	if (err)
		goto fini_eal;
	err = timebase_open(&b->timebase, &b->conf.clock, why);
	if (err)
		goto remove_handler;
	b->holding = b->conf.clock.hold != HOLD_NO;
	err = open_worker(b, why);
	if (err)
		goto close_timebase;
	for (b->n_ports = 0; b->n_ports < b->conf.n_ports; b->n_ports++) {
		err = open_port(b, b->n_ports, why);
		if (err)
			goto close_ports;
	}
	share_buffers(b);
	memset(conf, 0, sizeof(*conf)); /* taken over */
	*out = b;
	return 0;
close_ports:
	release(b);
	bridge_drop_held(b);
	recw_close(&b->worker.rec);
	worker_fini(&b->worker);
close_timebase:
	timebase_close(b->timebase);
remove_handler:
	sigbus_remove();
fini_eal:
	eal_fini();
free_bridge:
	sem_destroy(&b->started);
	free(b);
	return err;
}

void bridge_destroy(struct bridge *b)
{
	struct worker_mail *m;

	if (!b)
		return;
	if (b->running) {
		atomic_store(&b->stop, true);
		pthread_join(b->thread, NULL);
	}
	bridge_reclaim(b, NULL);
	while ((m = spsc_pop(&b->worker.mail)))
		bridge_mail_free(m, false);
	while (b->worker.n_retired)
		gcl_destroy((struct gcl *)b->worker.retired[--b->worker.n_retired]);
	release(b);
	bridge_drop_held(b);
	recw_close(&b->worker.rec);
	worker_fini(&b->worker);
	timebase_close(b->timebase);
	sigbus_remove();
	eal_fini();
	sem_destroy(&b->started);
	conf_fini(&b->conf);
	free(b);
}

/* -- housekeeping ------------------------------------------------------------------------------------------------------------ */

/* The clock thread told what was stepped, the worker has moved along. */
static void note_steps(struct bridge *b)
{
	uint64_t steps = stat_get(b->worker.stat.clock_steps);

	if (steps != b->clock_steps)
		log_info("the worker took the step over: frames and schedules are on the new time (%llu in all)", (unsigned long long)steps);
	b->clock_steps = steps;
}

void bridge_tick(struct bridge *b)
{
	uint32_t i;

	bridge_reclaim(b, NULL);
	note_steps(b);
	timebase_tick(b->timebase);
	bridge_hold_tick(b);
	for (i = 0; i < b->n_ports; i++)
		if (b->conf.port[i].kind == PORT_WIRE)
			port_wire_tick(&b->port[i]);
}
