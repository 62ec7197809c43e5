/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/role.h"

#include "base/ns.h"

const char *const role_name[ROLE_COUNT + 1] = {
#define X(id, name, in, peer, out, help) [ROLE_##id] = name,
	ROLES(X)
#undef X
};

const char *const role_help[ROLE_COUNT] = {
#define X(id, name, in, peer, out, help) [ROLE_##id] = help,
	ROLES(X)
#undef X
};

static const struct {
	uint32_t in, peer, out; /* bit n: messageType n */
} lets[ROLE_COUNT] = {
#define X(id, name, in, peer, out, help) [ROLE_##id] = {in, (in) | (peer), out},
	ROLES(X)
#undef X
};

static uint32_t bit(enum msg_found found, uint8_t type)
{
	return found == MSG_FOUND ? ROLE_BIT(type) : ROLE_UNREAD;
}

bool role_lets_in(enum role role, bool has_peer, enum msg_found found, uint8_t type)
{
	return found == MSG_NOT_PTP || (has_peer ? lets[role].peer : lets[role].in) & bit(found, type);
}

bool role_lets_out(enum role role, enum msg_found found, uint8_t type)
{
	return found == MSG_NOT_PTP || lets[role].out & bit(found, type);
}

int64_t role_meter_burst(int64_t rate)
{
	return rate / 8 > ROLE_MIN_BURST ? rate / 8 : ROLE_MIN_BURST;
}

void role_meter_init(struct role_meter *m, int64_t rate)
{
	if (rate < 1)
		rate = 1;
	m->t_full = INT64_MIN / 2;
	m->interval_ns = (NS_PER_SEC + rate - 1) / rate;
	m->depth_ns = (role_meter_burst(rate) - 1) * m->interval_ns;
}

bool role_meter_take(struct role_meter *m, int64_t now)
{
	int64_t t_full = m->t_full > now ? m->t_full : now;

	if (t_full - now > m->depth_ns)
		return false;
	m->t_full = t_full + m->interval_ns;
	return true;
}

void role_meter_step(struct role_meter *m, int64_t delta_ns)
{
	m->t_full += delta_ns;
}
