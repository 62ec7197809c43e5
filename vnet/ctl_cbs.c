/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ctl_cbs.h"

#include <errno.h>
#include <inttypes.h>

#include "base/log.h"
#include "tsn/cls.h"

/* loCredit under the slope that the running schedule makes of it, away from zero; a scaled slope may be over the link's rate: no debt then. */
static int64_t lo_bits(const struct conf_port *c, int64_t idle_bps)
{
	int64_t bits = 8 * (int64_t)wire_bytes((uint32_t)c->mtu + CLS_ETH_HLEN + CLS_VLAN_HLEN);
	__int128 lack = (__int128)(c->link_bps - idle_bps) * bits;

	return lack <= 0 ? 0 : -(int64_t)((lack + c->link_bps - 1) / c->link_bps);
}

int ctl_put_cbs(struct out *o, struct bridge *b, uint32_t port, struct why *why)
{
	const struct conf_port *c = &bridge_conf(b)->port[port];
	struct cbs cbs[TSN_CLASSES];
	int tc, err = bridge_cbs_get(b, port, cbs, why);

	if (err)
		return err;
	out_int(o, "link-speed", c->link_bps, NULL);
	out_array(o, "classes");
	for (tc = TSN_CLASSES - 1; tc >= 0; tc--) {
		if (!cbs[tc].admin_bps)
			continue;
		out_object(o, NULL);
		out_int(o, "tc", tc, NULL);
		out_int(o, "admin-idle-slope", cbs[tc].admin_bps, NULL);
		out_int(o, "oper-idle-slope", cbs[tc].idle_bps, NULL);
		out_int(o, "credit_bits", cbs[tc].credit / CBS_BIT, NULL);
		out_int(o, "hi_bits", (cbs[tc].hi + CBS_BIT - 1) / CBS_BIT, NULL);
		out_int(o, "lo_bits", lo_bits(c, cbs[tc].idle_bps), NULL);
		out_uint(o, "over_hi", cbs[tc].over_hi, NULL);
		out_end(o);
	}
	out_end(o);
	return 0;
}

int ctl_set_cbs(struct bridge *b, uint32_t port, const struct yml_node *req, struct why *why)
{
	const struct yml_node *tc_node = yml_find(req, "class"), *bps_node = yml_find(req, "admin-idle-slope");
	int64_t tc, bps;
	int err;

	if (!tc_node || yml_int(tc_node, &tc) || tc < 0 || tc >= TSN_CLASSES)
		return why_fail(why, EINVAL, "class is missing or wrong: give a number from 0 to %d", TSN_CLASSES - 1);
	if (!bps_node || yml_int(bps_node, &bps) || bps < 0)
		return why_fail(why, EINVAL, "admin-idle-slope is missing or wrong: give bit/s, 0 for no shaper");
	err = bridge_cbs_set(b, port, (uint8_t)tc, bps, why);
	if (!err)
		log_info("port %s: idle slope of class %" PRId64 " set to %" PRId64 " bit/s by the control socket", bridge_conf(b)->port[port].name, tc,
			 bps);
	return err;
}
