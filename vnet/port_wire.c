/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/port_wire.h"

#include <errno.h>
#include <net/if.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf_dyn.h>

#include "base/log.h"
#include "vnet/eal.h"
#include "vnet/nic_time.h"
#include "vnet/pkt_mbuf.h"
#include "vnet/wire_stamp.h"

#define WIRE_DESCRIPTORS 1024
#define WIRE_POOL	 8192 /* buffers: an AF_XDP socket alone keeps 2,048 to receive into and 2,048 on their way out */

#define WIRE_WAITING	 2048 /* of them, that may wait at other ports */

struct port_wire {
	uint16_t id; /* of the ethdev */
	struct rte_mempool *pool;
	_Atomic bool up;
	struct wire_stamp *stamps; /* the kernel's, of PTP event messages; NULL: it tells none here */

	/* Launch times in hardware, if `launch`. The control thread fills in the line that is not in use. */
	bool launch;
	int at;		/* of the time stamp in an mbuf */
	uint64_t flag;	/* of an mbuf that has one */
	const struct clk *clk;
	struct nic_time_pair pair; /* the last one */
	struct nic_time line[2];
	_Atomic uint32_t line_now;
	bool stepped; /* one of the clocks, since the last pair */
};

static uint16_t wire_rx(struct port *port, struct pkt **p, uint16_t n)
{
	struct port_wire *w = port->priv;
	struct rte_mbuf *m[PORT_BURST];
	uint16_t got = rte_eth_rx_burst(w->id, 0, m, n);
	uint16_t i;

	for (i = 0; i < got; i++) {
		p[i] = pkt_wrap(m[i]);
		p[i]->tc = 0;
	}
	return got;
}

/* When hardware is to start it, if it is to. */
static void stamp(const struct port_wire *w, struct rte_mbuf *m, const struct pkt *p)
{
	const struct nic_time *line = &w->line[atomic_load_explicit(&w->line_now, memory_order_acquire)];

	m->ol_flags &= ~w->flag;
	if (!p->hop_ns[HOP_SEND])
		return;
	*RTE_MBUF_DYNFIELD(m, w->at, uint64_t *) = nic_time_count(line, pkt_eligible(p));
	m->ol_flags |= w->flag;
}

static uint16_t wire_tx(struct port *port, struct pkt **p, uint16_t n)
{
	struct port_wire *w = port->priv;
	struct rte_mbuf *m[EGRESS_BURST];
	uint16_t i;

	if (w->stamps && p[0]->flags & PKT_PTP_EVENT && n == 1) {
		int err = wire_stamp_send(w->stamps, p[0]->data, p[0]->len);

		if (err == -EAGAIN || err == -ENOBUFS)
			return 0; /* next turn */
		if (!err) {
			rte_pktmbuf_free(pkt_mbuf(p[0]));
			return 1;
		}
		/* What can never be sent, as it is too long for the interface, is the driver's to drop, like any other. */
	}
	for (i = 0; i < n; i++) {
		m[i] = pkt_unwrap(p[i]);
		if (w->launch)
			stamp(w, m[i], p[i]);
	}
	return rte_eth_tx_burst(w->id, 0, m, n);
}

/*
 * The kernel's t_real by our clock. False: this CPU was lost between the two reads. Beside a step of a clock it is of no
 * use; the caller looks whether it makes sense.
 */
static bool dated(const struct port_wire *w, int64_t t_real, int64_t *t)
{
	int64_t stepped, before = clk_now(w->clk, &stepped), age_ns = wire_stamp_age(t_real), after = clk_now(w->clk, &stepped);

	*t = after - age_ns;
	return after - before <= PORT_PTP_DOUBT_NS;
}

static bool wire_arrived(struct port *port, const uint8_t *frame, const struct msg *m, int64_t *t)
{
	const struct port_wire *w = port->priv;
	int64_t t_real;

	return w->stamps && wire_stamp_received(w->stamps, frame, m, &t_real) && dated(w, t_real, t);
}

static bool wire_departed(struct port *port, int64_t *t)
{
	const struct port_wire *w = port->priv;
	int64_t t_real;

	return w->stamps && wire_stamp_sent(w->stamps, &t_real) && dated(w, t_real, t);
}

static bool wire_up(struct port *port)
{
	return atomic_load_explicit(&((struct port_wire *)port->priv)->up, memory_order_relaxed);
}

static const char *wire_ring(const struct port *port)
{
	(void)port;
	return "";
}

static void wire_close(struct port *port)
{
	struct port_wire *w = port->priv;
	struct rte_eth_dev_info info;

	if (!w)
		return;
	rte_eth_promiscuous_disable(w->id); /* the interface may be the kernel's, and stays */
	rte_eth_dev_stop(w->id);
	if (!rte_eth_dev_info_get(w->id, &info) && info.device)
		rte_dev_remove(info.device);
	wire_stamp_close(w->stamps);
	rte_mempool_free(w->pool);
	free(w);
	port->priv = NULL;
}

static const struct port_ops wire_ops = {
	.kind = "wire",
	.rx = wire_rx,
	.tx = wire_tx,
	.arrived = wire_arrived,
	.departed = wire_departed,
	.up = wire_up,
	.ring = wire_ring,
	.close = wire_close,
};

/* TAI and the NIC's clock at about the same time. */
static int read_pair(const struct port_wire *w, struct nic_time_pair *pair)
{
	int64_t stepped, before = clk_now(w->clk, &stepped);
	int err = rte_eth_read_clock(w->id, &pair->count);

	pair->t = before + (clk_now(w->clk, &stepped) - before) / 2;
	return err;
}

/* Another pair: the line follows. A clock that was stepped starts it anew with the next pair. */
static int follow(struct port_wire *w, bool anew)
{
	uint32_t now = atomic_load(&w->line_now);
	struct nic_time_pair pair;
	int err = read_pair(w, &pair);

	if (!err)
		err = nic_time_learn(&w->line[!now], &w->pair, &pair, anew ? NULL : &w->line[now]);
	if (err == -EAGAIN)
		return err;
	w->pair = pair;
	w->stepped = false;
	if (!err)
		atomic_store_explicit(&w->line_now, !now, memory_order_release);
	else
		w->stepped = true; /* nothing to compare the next one with */
	return err;
}

void port_wire_tick(struct port *port)
{
	struct port_wire *w = port->priv;
	struct rte_eth_link link = {0};

	/* A driver that cannot tell has its link up. */
	if (rte_eth_link_get_nowait(w->id, &link))
		link.link_status = RTE_ETH_LINK_UP;
	atomic_store(&w->up, link.link_status == RTE_ETH_LINK_UP);
	if (w->launch)
		follow(w, w->stepped);
}

/* "iface=veth0" in devargs: the kernel interface that is meant. */
static bool iface_of(const char *devargs, char iface[static IF_NAMESIZE])
{
	const char *at = strstr(devargs, ",iface=");

	iface[0] = '\0';
	return at && sscanf(at + 7, "%15[^,]", iface) == 1;
}

/*
 * Ask for the kernel's receive stamps, where frames pass it. After the driver's own socket was bound: the younger one
 * is served first, so that a frame's stamp is there when the frame is.
 */
static void begin_stamps(struct port_wire *w, const struct conf_port *conf)
{
	char iface[IF_NAMESIZE];
	struct why why;

	if (strncmp(conf->wire, "net_af_packet", 13) || !iface_of(conf->wire, iface))
		return;
	if (wire_stamp_open(&w->stamps, iface, &why))
		log_warn("port %s: PTP is stamped when it is polled: %s", conf->name, why.text);
}

/* What DPDK said, or what its error number means. */
static const char *reason(int err)
{
	const char *said = eal_first_error();

	return said[0] ? said : rte_strerror(-err);
}

/* Say so when it is not there, before a driver says something else. */
static int check_iface(const char *devargs, const char *name, struct why *why)
{
	char iface[IF_NAMESIZE];

	if (!strstr(devargs, ",iface=") || !strncmp(devargs, "net_tap", 7)) /* a tap is made, not found */
		return 0;
	if (iface_of(devargs, iface) && if_nametoindex(iface))
		return 0;
	return why_fail(why, ENODEV, "port %s: wire: interface \"%s\" does not exist (`ip link` lists those that do)", name, iface);
}

/* The name DPDK gives the device: devargs up to the first comma. */
static int probe(const char *devargs, uint16_t *id, struct rte_device **dev, struct why *why, const char *name)
{
	struct rte_dev_iterator it;
	uint16_t found;
	int err = rte_dev_probe(devargs);

	*id = RTE_MAX_ETHPORTS;
	if (err)
		return why_fail(why, EINVAL, "port %s: wire: \"%s\" is refused by DPDK: %s%s", name, devargs, reason(err),
				strstr(reason(err), "PACKET_FANOUT") ? " (its number is taken, by chance, by another process: start again)" : "");
	RTE_ETH_FOREACH_MATCHING_DEV(found, devargs, &it)
	{
		*id = found;
		rte_eth_iterator_cleanup(&it);
		break;
	}
	if (*id == RTE_MAX_ETHPORTS) {
		char dev_name[64];

		snprintf(dev_name, sizeof(dev_name), "%.*s", (int)strcspn(devargs, ","), devargs);
		if (rte_eth_dev_get_port_by_name(dev_name, id))
			return why_fail(why, ENODEV, "port %s: wire: \"%s\" is no Ethernet device", name, devargs);
	}
	*dev = NULL;
	struct rte_eth_dev_info info;

	if (!rte_eth_dev_info_get(*id, &info))
		*dev = (struct rte_device *)(uintptr_t)info.device;
	return 0;
}

static bool has_strict(const struct conf_port *conf)
{
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (conf->launch[tc].enabled && conf->launch[tc].mode == LAUNCH_STRICT)
			return true;
	return false;
}

/* Can the driver keep launch times? Ask it to. */
static void offer_launch(struct port_wire *w, const struct conf_port *conf, struct rte_eth_conf *eth)
{
	struct rte_eth_dev_info info;

	if (!has_strict(conf) || rte_eth_dev_info_get(w->id, &info))
		return;
	if (!(info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_SEND_ON_TIMESTAMP) || rte_mbuf_dyn_tx_timestamp_register(&w->at, &w->flag)) {
		log_info("port %s: launch times are waited for in software: driver %s has no send-on-timestamp", conf->name, info.driver_name);
		return;
	}
	eth->txmode.offloads |= RTE_ETH_TX_OFFLOAD_SEND_ON_TIMESTAMP;
	w->launch = true;
}

/* The NIC runs: its clock against ours, before the first frame. */
static void begin_launch(struct port *port, struct port_wire *w)
{
	bool can = !read_pair(w, &w->pair);

	rte_delay_us_sleep(2 * NIC_TIME_APART_NS / 1000);
	if (!can || follow(w, true)) {
		log_warn("port %s: launch times are waited for in software: the NIC's clock cannot be read", port->name);
		w->launch = false;
		return;
	}
	port->egress.early_ns = WIRE_EARLY_NS;
	log_warn("port %s: the NIC keeps launch times (send-on-timestamp): no test of takt has been run on such hardware yet", port->name);
}

static int start(struct port_wire *w, const struct conf_port *conf, struct why *why)
{
	struct rte_eth_conf eth = {0};
	uint16_t rxd = WIRE_DESCRIPTORS;
	uint16_t txd = WIRE_DESCRIPTORS;
	int err;

	offer_launch(w, conf, &eth);
	err = rte_eth_dev_configure(w->id, 1, 1, &eth);
	if (!err)
		err = rte_eth_dev_adjust_nb_rx_tx_desc(w->id, &rxd, &txd);
	if (!err)
		err = rte_eth_rx_queue_setup(w->id, 0, rxd, (unsigned int)rte_eth_dev_socket_id(w->id), NULL, w->pool);
	if (!err)
		err = rte_eth_tx_queue_setup(w->id, 0, txd, (unsigned int)rte_eth_dev_socket_id(w->id), NULL);
	if (!err && conf->mtu != 1500)
		err = rte_eth_dev_set_mtu(w->id, (uint16_t)conf->mtu);
	if (err == -ENOTSUP)
		err = 0; /* a driver without an MTU of its own */
	if (!err)
		err = rte_eth_dev_start(w->id);
	if (err)
		return why_fail(why, -err, "port %s: wire: \"%s\" does not start: %s", conf->name, conf->wire,
				reason(err));
	rte_eth_promiscuous_enable(w->id); /* a bridge listens to all; a driver that cannot hears all anyway */
	return 0;
}

static struct rte_mempool *create_pool(const struct conf_port *conf, uint32_t n, uint32_t max_len, struct why *why)
{
	if (!strncmp(conf->wire, "net_af_xdp", 10))
		return pkt_pool_create_xdp(conf->name, n, max_len, why);
	return pkt_pool_create(conf->name, n, max_len, why);
}

int port_wire_open(struct port *port, const struct conf_port *conf, const struct clk *clk, struct why *why)
{
	struct rte_device *dev = NULL;
	struct port_wire *w;
	int err;

	err = check_iface(conf->wire, conf->name, why);
	if (err)
		return err;
	w = calloc(1, sizeof(*w));
	if (!w)
		return why_fail(why, ENOMEM, "port %s: out of memory", conf->name);
	w->clk = clk;
	port->buffers = WIRE_WAITING + (uint32_t)conf->queue_depth * 2;
	w->pool = create_pool(conf, WIRE_POOL - WIRE_WAITING + port->buffers, port->max_len, why);
	err = w->pool ? 0 : -ENOMEM;
	if (err)
		goto free_wire;
	err = probe(conf->wire, &w->id, &dev, why, conf->name);
	if (err)
		goto free_pool;
	err = start(w, conf, why);
	if (err)
		goto remove;
	if (w->launch)
		begin_launch(port, w);
	begin_stamps(w, conf);
	port->ops = &wire_ops;
	port->priv = w;
	port_wire_tick(port);
	return 0;
remove:
	if (dev)
		rte_dev_remove(dev);
free_pool:
	rte_mempool_free(w->pool);
free_wire:
	free(w);
	return err;
}
