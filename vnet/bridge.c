/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/bridge_pvt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/ns.h"
#include "tsn/police_list.h"
#include "vnet/ctl_proto.h"
#include "vnet/eal.h"
#include "vnet/pkt_pool.h"
#include "vnet/port_guest.h"
#include "vnet/port_wire.h"
#include "vnet/sigbus.h"

#define NICE (-20) /* of all threads: a control or vhost thread that gets no CPU is a guest that does not come up */

/* -- schedules ----------------------------------------------------------------------------------------------------------- */

static int make_gcl(struct bridge *b, uint32_t port, const struct gcl_conf *conf, struct gcl **out, struct why *why)
{
	int err = gcl_create(out, conf, &b->port[port].egress.wire, why);

	if (err) {
		why_at(why, "port %s: gate-parameters", b->port[port].name);
		return err;
	}
	b->generation = (uint16_t)(b->generation == UINT16_MAX ? 1 : b->generation + 1);
	(*out)->generation = b->generation;
	return 0;
}

static int copy_gate(struct gcl_conf *copy, const struct gcl_conf *conf)
{
	*copy = *conf;
	copy->entries = NULL;
	if (!conf->n_entries)
		return 0;
	copy->entries = calloc(conf->n_entries, sizeof(*copy->entries));
	if (!copy->entries)
		return -ENOMEM;
	memcpy(copy->entries, conf->entries, conf->n_entries * sizeof(*copy->entries));
	return 0;
}

/* The running configuration follows: dump tells what is, not what was in the file. `gate` is taken over. */
static void remember_gate(struct conf_port *port, const struct gcl_conf *gate)
{
	free(port->gate.entries);
	port->gate = *gate;
	port->has_gate = true;
}

/* What the worker is done with. */
static void reclaim(struct bridge *b)
{
	struct worker_mail *m;
	struct gcl *gcl;
	int i;

	while ((m = spsc_pop(&b->worker.done))) {
		gcl_destroy((struct gcl *)m->dropped);
		for (i = 0; i < 3; i++)
			police_list_destroy(m->police_back[i]);
		free(m);
	}
	while ((gcl = spsc_pop(&b->worker.spent)))
		gcl_destroy(gcl);
}

/* Send a copy of this message about a port's policing. */
static int mail_police(struct bridge *b, const struct worker_mail *mail, struct why *why)
{
	struct worker_mail *m = calloc(1, sizeof(*m));
	const char *name = b->port[mail->port].name;

	reclaim(b);
	if (!m)
		return why_fail(why, ENOMEM, "port %s: out of memory", name);
	*m = *mail;
	if (spsc_push(&b->worker.mail, m))
		return 0;
	free(m);
	return why_fail(why, EBUSY, "port %s: the worker has not taken up the last %d messages yet: try again", name, SPSC_SIZE);
}

int bridge_police_reset(struct bridge *b, uint32_t port, struct why *why)
{
	if (!b->port[port].police)
		return why_fail(why, EINVAL, "port %s: has no stream-filters: there is nothing to reset", b->port[port].name);
	return mail_police(b, &(struct worker_mail){.port = (uint8_t)port, .police_reset = true}, why);
}

int bridge_police_set(struct bridge *b, uint32_t port, const char *id, struct conf_stream_gate *gate, struct why *why)
{
	struct conf_port *conf = &b->conf.port[port];
	struct worker_mail mail = {.port = (uint8_t)port};
	struct conf_stream_gate *old;
	int i = conf_police_gate(&conf->police, id), err;

	if (conf->has_cqf)
		return why_fail(why, EINVAL, "port %s: its stream gate is made by cqf: change that in the file, or take it out there", conf->name);
	if (i < 0 || !b->port[port].police)
		return why_fail(why, EINVAL, "port %s: no stream gate is named %.32s: name one that `takt police show %s` lists", conf->name, id,
				conf->name);
	err = conf_police_list(&mail.police_list, gate, &b->port[port].egress.wire, why);
	if (err)
		return err;
	mail.police_gate = (uint8_t)i;
	err = mail_police(b, &mail, why);
	if (err) {
		police_list_destroy(mail.police_list);
		return err;
	}
	old = &conf->police.gates[i];
	free(old->gate.entries);
	gate->row = old->row;
	*old = *gate;
	return 0;
}

int bridge_gate_set(struct bridge *b, uint32_t port, const struct gcl_conf *conf, struct why *why)
{
	struct worker_mail *m;
	struct gcl *gcl = NULL;
	struct gcl_conf copy;
	int err;

	if (b->conf.port[port].has_cqf)
		return why_fail(why, EINVAL, "port %s: its schedule is made by cqf: change that in the file, or take it out there", b->port[port].name);
	m = calloc(1, sizeof(*m));
	if (!m)
		return why_fail(why, ENOMEM, "port %s: out of memory", b->port[port].name);
	reclaim(b);
	err = make_gcl(b, port, conf, &gcl, why);
	if (err)
		goto fail;
	err = copy_gate(&copy, conf);
	if (err) {
		why_fail(why, -err, "port %s: out of memory", b->port[port].name);
		goto fail;
	}
	m->port = (uint8_t)port;
	m->gcl = gcl;
	if (spsc_push(&b->worker.mail, m)) {
		remember_gate(&b->conf.port[port], &copy);
		return 0;
	}
	err = why_fail(why, EBUSY, "port %s: the worker has not taken up the last %d schedules yet: try again", b->port[port].name, SPSC_SIZE);
	free(copy.entries);
fail:
	gcl_destroy(gcl);
	free(m);
	return err;
}

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
		err = port_wire_open(port, conf, why);
		break;
	case PORT_MEM:
		port_mem_open(port, &b->mem[i], &b->buf);
		break;
	}
	if (err)
		goto fail;
	err = port_police(port, conf, b->worker.t_now, why);
	if (err)
		goto close;
	if (conf->has_gate) {
		err = make_gcl(b, i, &conf->gate, &gcl, why);
		if (err)
			goto close;
		egress_set(&port->egress, gcl, b->worker.t_now);
		atomic_store(&b->worker.view[i].admin, gcl);
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
	struct clk clk = {.map = follow_map(b->follow)};
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

int bridge_create(struct bridge **out, struct conf *conf, struct why *why)
{
	struct bridge *b = aligned_alloc(64, (sizeof(*b) + 63) / 64 * 64);
	int err;

	if (!b)
		return why_fail(why, ENOMEM, "bridge: out of memory");
	memset(b, 0, sizeof(*b));
	b->conf = *conf;
	if (setpriority(PRIO_PROCESS, 0, NICE))
		log_warn("cannot raise the priority to nice %d: %s", NICE, strerror(errno));
	sem_init(&b->started, 0, 0);
	err = eal_init(&b->conf, why);
	if (err)
		goto free_bridge;
	err = sigbus_install(why);
	if (err)
		goto fini_eal;
	err = follow_start(&b->follow, why);
	if (err)
		goto remove_handler;
	err = open_worker(b, why);
	if (err)
		goto stop_follow;
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
	recw_close(&b->worker.rec);
	worker_fini(&b->worker);
stop_follow:
	follow_stop(b->follow);
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
	reclaim(b);
	while ((m = spsc_pop(&b->worker.mail))) {
		gcl_destroy((struct gcl *)m->gcl);
		police_list_destroy(m->police_list);
		free(m);
	}
	while (b->worker.n_retired)
		gcl_destroy((struct gcl *)b->worker.retired[--b->worker.n_retired]);
	release(b);
	recw_close(&b->worker.rec);
	worker_fini(&b->worker);
	follow_stop(b->follow);
	sigbus_remove();
	eal_fini();
	sem_destroy(&b->started);
	conf_fini(&b->conf);
	free(b);
}

/* -- housekeeping ------------------------------------------------------------------------------------------------------------ */

void bridge_tick(struct bridge *b)
{
	uint32_t i;

	reclaim(b);
	for (i = 0; i < b->n_ports; i++)
		if (b->conf.port[i].kind == PORT_WIRE)
			port_wire_tick(&b->port[i]);
}
