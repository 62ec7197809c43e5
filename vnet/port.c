/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/port.h"

#include <errno.h>
#include <string.h>

#include "base/ask.h"
#include "tsn/cls.h"

static void join(struct port *port, uint16_t vid)
{
	port->member[vid / 64] |= UINT64_C(1) << (vid % 64);
}

static int order_classes(struct port *port, const struct conf_port *conf)
{
	int err = 0;
	uint8_t tc;

	for (tc = 0; tc < TSN_CLASSES && !err; tc++)
		if (conf->launch[tc].enabled)
			err = egress_order(&port->egress, tc, &conf->launch[tc]);
		else if (conf->ats >> tc & 1)
			err = egress_order(&port->egress, tc, NULL);
	return err;
}

static_assert(ASK_BURST == ASK_RATE / 8 && ASK_BURST >= ROLE_MIN_BURST, "as role_meter_burst() has it");

static void answer_time(struct port *port, const struct conf_port *conf)
{
	uint8_t tc = TSN_CLASSES - 1;

	while (tc && conf->launch[tc].enabled)
		tc--;
	port->time = (struct port_time){.on = conf->kind == PORT_GUEST && conf->time_answer, .tc = tc};
	role_meter_init(&port->time.meter, ASK_RATE);
}

int port_init(struct port *port, uint8_t index, const struct conf_port *conf, struct why *why)
{
	struct cbs_limits limits[TSN_CLASSES];
	struct wire wire;
	uint32_t i;
	int err;

	memset(port, 0, sizeof(*port));
	memcpy(port->name, conf->name, sizeof(port->name));
	port->index = index;
	port->burst = PORT_BURST;
	port->pvid = (uint16_t)conf->pvid;
	port->pcp = (uint8_t)conf->pcp;
	port->classify = conf->classify;
	port->max_len = (uint32_t)conf->mtu + CLS_ETH_HLEN + CLS_VLAN_HLEN;
	memcpy(port->class_map, conf->class_map, sizeof(port->class_map));
	port->ptp = (struct port_ptp){
		.role = conf->ptp.role, .correction = conf->ptp.correction, .peer = conf->ptp.peer[0] ? conf->ptp.peer_port : PKT_NO_PORT,
		.asymmetry_ns = conf->ptp.asymmetry_ns, .ingress_latency_ns = conf->ptp.ingress_latency_ns,
		.egress_latency_ns = conf->ptp.egress_latency_ns,
	};
	role_meter_init(&port->ptp.meter, conf->ptp.message_rate);
	answer_time(port, conf);
	join(port, port->pvid);
	for (i = 0; i < conf->n_vlans; i++)
		join(port, conf->vlans[i]);
	err = wire_init(&wire, conf->link_bps, why);
	if (err)
		return err;
	err = conf_cbs_limits(limits, &conf->cbs, conf, why);
	if (err) {
		why_at(why, "port %s: credit-based-shaper", conf->name);
		return err;
	}
	err = egress_init(&port->egress, &wire, (uint32_t)conf->queue_depth);
	if (err)
		return why_fail(why, -err, "port %s: no memory for its class queues", conf->name);
	egress_shape(&port->egress, limits);
	err = order_classes(port, conf);
	if (err) {
		egress_fini(&port->egress);
		return why_fail(why, -err, "port %s: no memory for its ordered queues", conf->name);
	}
	return 0;
}

int port_police(struct port *port, const struct conf_port *conf, int64_t now, struct why *why)
{
	int err = conf_police_create(&port->police, &conf->police, &port->egress.wire, now, why);

	if (err)
		why_at(why, "port %s", port->name);
	return err;
}

void port_fini(struct port *port)
{
	police_destroy(port->police);
	egress_fini(&port->egress);
}
