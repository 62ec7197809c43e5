/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of a port's PTP, and which two ports are peers.
 */
#include "vnet/conf_type.h"

#include <string.h>

#include "base/ns.h"
#include "vnet/conf.h"

#define RATE_GUEST  128	 /* 2^7: who asks for the time more often than logMinDelayReqInterval -7 says gains nothing */
#define RATE_OTHERS 1000 /* a link's whole traffic: Sync, Follow_Up and answers for a few clients */

#define AT(field) .offset = offsetof(struct conf_ptp, field)

const struct conf_key conf_ptp_keys[] = {
	{.key = "role", .type = &conf_type_choice, AT(role), .words = role_name,
	 .help = "What PTP may come in and go out here, see below. Without it: `deny` for a guest, `transparent` for other ports."},
	{.key = "message-rate", .type = &conf_type_int, AT(message_rate), .min = 1, .max = 1000000,
	 .help = "PTP messages per second that may come in here, in bursts of an eighth of a second's, at least 8; others are dropped (verdict ptp-rate). "
		 "Without it: 128 for a guest, 1000 for other ports."},
	{.key = "peer", .type = &conf_type_name, AT(peer), .max = CONF_NAME_LEN,
	 .help = "The port at the other end, which names this one: PTP to the link-local address 01-80-C2-00-00-0E (802.1AS, Pdelay) is exchanged "
		 "between the two as on a wire. It goes nowhere else."},
	{.key = "correction", .type = &conf_type_bool, AT(correction), .def = "true",
	 .help = "Correct event messages that come in here by the time they stay. `false` is for comparisons."},
	{.key = "delay-asymmetry", .type = &conf_type_ns, AT(asymmetry_ns), .min = -NS_PER_SEC, .max = NS_PER_SEC, .def = "0",
	 .help = "How much later than half of the link's delay to and fro a message comes in here: linuxptp's delayAsymmetry (IEEE 1588 11.6)."},
	{.key = "ingress-latency", .type = &conf_type_ns, AT(ingress_latency_ns), .min = -NS_PER_SEC, .max = NS_PER_SEC, .def = "0",
	 .help = "Time from the link to where a frame that comes in is stamped: linuxptp's ingressLatency."},
	{.key = "egress-latency", .type = &conf_type_ns, AT(egress_latency_ns), .min = -NS_PER_SEC, .max = NS_PER_SEC, .def = "0",
	 .help = "Time from where a frame that goes out is stamped to the link: linuxptp's egressLatency."},
	{.key = NULL},
};

int conf_ptp_default(const struct conf_at *at, struct conf_port *p)
{
	bool guest = p->kind == PORT_GUEST;

	p->ptp.role = guest ? ROLE_DENY : ROLE_TRANSPARENT;
	p->ptp.message_rate = guest ? RATE_GUEST : RATE_OTHERS;
	return conf_keys_default(conf_ptp_keys, &p->ptp, at->why);
}

static int read_ptp(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_ptp *c = field;
	const struct yml_node *peer = yml_find(n, "peer");

	(void)k;
	if (peer)
		c->peer_line = peer->line;
	return conf_keys_read(at, conf_ptp_keys, n, 0, c);
}

static void print_ptp(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct conf_ptp *c = field;
	const struct conf_key *row;
	const char *comma = "";

	(void)k;
	fputc('{', f);
	for (row = conf_ptp_keys; row->key; row++) {
		if (!strcmp(row->key, "peer") && !c->peer[0])
			continue;
		fprintf(f, indent == CONF_JSON ? "%s\"%s\": " : "%s%s: ", comma, row->key);
		row->type->print(row, (const char *)c + row->offset, f, indent);
		comma = ", ";
	}
	fputc('}', f);
}

const struct conf_type conf_type_ptp = {.name = "mapping, see below", .read = read_ptp, .print = print_ptp};

/* -- peers ----------------------------------------------------------------------------------------------------- */

static int check_peer(const struct conf_at *at, struct conf *conf, uint32_t i)
{
	struct conf_port *p = &conf->port[i];
	const struct conf_port *peer;
	uint32_t other = 0;

	while (other < conf->n_ports && strcmp(conf->port[other].name, p->ptp.peer))
		other++;
	if (other == conf->n_ports)
		return conf_refuse(at, p->ptp.peer_line, "peer", "there is no port %s: name another port of this file", p->ptp.peer);
	if (other == i)
		return conf_refuse(at, p->ptp.peer_line, "peer", "a port is not its own peer: name another port");
	peer = &conf->port[other];
	if (!peer->ptp.peer[0])
		return conf_refuse(at, p->ptp.peer_line, "peer", "port %s (line %d) names no peer: give it \"peer: %s\"", peer->name, peer->line,
				   p->name);
	if (strcmp(peer->ptp.peer, p->name))
		return conf_refuse(at, p->ptp.peer_line, "peer", "port %s names %s as its peer (line %d): two peers name each other", peer->name,
				   peer->ptp.peer, peer->ptp.peer_line);
	if (peer->pvid != p->pvid)
		return conf_refuse(at, p->ptp.peer_line, "peer", "the pvid of port %s is %d and that of port %s %d: such PTP has no tag on either "
				   "side, so give both the same", p->name, (int)p->pvid, peer->name, (int)peer->pvid);
	if (p->ptp.role == ROLE_DENY)
		return conf_refuse(at, p->ptp.peer_line, "peer", "role deny lets no PTP through to port %s: give another role, or no peer", peer->name);
	p->ptp.peer_port = (uint8_t)other;
	return 0;
}

int conf_check_peers(const struct conf_at *at, struct conf *conf)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < conf->n_ports && !err; i++)
		if (conf->port[i].ptp.peer[0])
			err = check_peer(at, conf, i);
	return err;
}

/* -- the roles, for the reference ------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum msg_found found;
	uint8_t type;
} messages[] = {
	{"Announce", MSG_FOUND, MSG_ANNOUNCE},
	{"Sync", MSG_FOUND, MSG_SYNC},
	{"Follow_Up", MSG_FOUND, MSG_FOLLOW_UP},
	{"Delay_Req", MSG_FOUND, MSG_DELAY_REQ},
	{"Delay_Resp", MSG_FOUND, MSG_DELAY_RESP},
	{"Pdelay_Req, Pdelay_Resp, Pdelay_Resp_Follow_Up", MSG_FOUND, MSG_PDELAY_REQ},
	{"Signaling", MSG_FOUND, MSG_SIGNALING},
	{"Management", MSG_FOUND, MSG_MANAGEMENT},
	{"cut off, a fragment, another version than 2, a reserved type", MSG_BAD_VERSION, 0},
};

static const char *ways(enum role role, enum msg_found found, uint8_t type)
{
	static const char *const names[2][2] = {{"", "out"}, {"in", "in, out"}};
	bool in = role_lets_in(role, false, found, type), out = role_lets_out(role, found, type);

	if (!in && role_lets_in(role, true, found, type))
		return out ? "out; in with a `peer`" : "in with a `peer`";
	return names[in][out];
}

void conf_ptp_doc(FILE *f)
{
	size_t i;
	int r;

	fputs("\nThe roles. A message passes if it may come in at the one port and go out at the other; else it is dropped (verdict ptp-role).\n\n", f);
	for (r = 0; r < ROLE_COUNT; r++)
		fprintf(f, "- `%s`: %s.\n", role_name[r], role_help[r]);
	fputs("\n| message |", f);
	for (r = 0; r < ROLE_COUNT; r++)
		fprintf(f, " `%s` |", role_name[r]);
	fputs("\n|---|---|---|---|---|\n", f);
	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		fprintf(f, "| %s |", messages[i].name);
		for (r = 0; r < ROLE_COUNT; r++)
			fprintf(f, " %s |", ways((enum role)r, messages[i].found, messages[i].type));
		fputc('\n', f);
	}
}

void conf_ptp_man(FILE *f)
{
	int r;

	fputs("Roles:\n", f);
	for (r = 0; r < ROLE_COUNT; r++) {
		fputs(".TP\n\\fB", f);
		conf_put_roff(role_name[r], f);
		fputs("\\fR\n", f);
		conf_put_roff(role_help[r], f);
		fputs(".\n", f);
	}
}
