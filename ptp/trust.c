/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/trust.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"

#define SLAVE 9 /* Table 8 */

static const struct chain_port *slave(const struct chain_ptp *p)
{
	int i;

	for (i = 0; i < p->ports; i++)
		if (p->port[i].ds.state == SLAVE)
			return &p->port[i];
	return NULL;
}

static bool known_grandmaster(const struct chain_ptp *p)
{
	static const struct pmc_clock_id none;

	return !pmc_clock_same(&p->parent.gm_identity, &none);
}

const struct pmc_clock_id *trust_grandmaster(const struct chain_ptp *p)
{
	if (!p->known || !known_grandmaster(p) || !(chain_follows(p) || chain_is_grandmaster(p)))
		return NULL;
	return &p->parent.gm_identity;
}

bool trust_held(const struct chain_ptp *p)
{
	return p->known && known_grandmaster(p) && (slave(p) || chain_is_grandmaster(p));
}

static enum trust judge_port(const struct chain_ptp *p, struct why *why)
{
	const struct chain_port *port = &p->port[0];
	char name[PMC_NAME_LEN + 4] = "";

	if (!p->ports) {
		why_fail(why, 0, "ptp4l has no port");
	} else {
		if (port->properties)
			snprintf(name, sizeof(name), " (%s)", port->interface);
		why_fail(why, 0, "ptp4l's port %u%s is %s, not SLAVE%s", port->ds.identity.number, name, pmc_port_state(port->ds.state),
			 port->ds.state == 6 ? ", and it is not the grandmaster" : "");
	}
	return TRUST_PORT;
}

static enum trust judge_time_scale(const struct trust_facts *f, struct why *why)
{
	const struct pmc_time_properties *t = &f->ptp->time;

	if (f->by_phc && !t->ptp_timescale) {
		why_fail(why, 0, "the grandmaster does not announce the PTP time scale, so that the hardware clock does not show TAI");
		return TRUST_TIME_SCALE;
	}
	if (!f->by_phc && !f->utc && t->ptp_timescale && t->utc_offset_valid && t->utc_offset != f->tai_offset) {
		why_fail(why, 0, "the grandmaster says that TAI - UTC is %d s, and %d s are used here", t->utc_offset, f->tai_offset);
		return TRUST_TIME_SCALE;
	}
	return TRUST_GOOD;
}

static enum trust judge_bound(const struct trust_facts *f, struct why *why)
{
	char bound[NS_STR_LEN], max[NS_STR_LEN];

	if (f->bound_ns > f->max_error_ns)
		why_fail(why, 0, "its error bound is %s, max-error is %s%s", ns_str(bound, f->bound_ns), ns_str(max, f->max_error_ns),
			 f->holding ? ", and its reference gives no time" : "");
	else if (f->over)
		why_fail(why, 0, "a look found it further off than max-error, %s", ns_str(max, f->max_error_ns));
	else
		return TRUST_GOOD;
	return TRUST_BOUND;
}

enum trust trust_judge(const struct trust_facts *f, struct why *why)
{
	enum trust t = TRUST_GOOD;

	why->text[0] = '\0';
	if (f->had_tai && !f->by_phc && !f->utc && !f->tai_offset) {
		why_fail(why, 0, "the kernel's TAI offset was taken back to 0, so CLOCK_TAI shows UTC now, 37 s off: let ptp4l or chrony set it again, or write "
				 "`clock: {tai-offset: 37}` into taktd's file");
		return TRUST_TIME_SCALE;
	}
	if (f->ptp && !f->ptp->known) {
		why_fail(why, 0, "%s", f->ptp->missing.text);
		return TRUST_SILENT;
	}
	if (f->ptp && !trust_held(f->ptp))
		return judge_port(f->ptp, why);
	if (f->ptp)
		t = judge_time_scale(f, why);
	return t ? t : judge_bound(f, why);
}

unsigned int trust_changes(const struct chain_ptp *old, const struct chain_ptp *new)
{
	unsigned int changes = 0;

	if (!new->known)
		return old->known ? TRUST_LOST : 0;
	if (!old->known)
		changes |= TRUST_BACK;
	else if (trust_held(old) && !trust_held(new))
		changes |= TRUST_LEFT;
	return changes;
}
