/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of a port, and what two ports must not share.
 */
#include "vnet/conf_type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tsn/gcl.h"
#include "vnet/conf.h"

static const struct conf_type type_mem, type_vlans, type_class_map, type_port_gates;
static const char *const roles[] = {[GUEST_SERVER] = "server", [GUEST_CLIENT] = "client", NULL};
static const char *const classifiers[] = {[CLASSIFY_PCP] = "pcp", [CLASSIFY_QUEUE] = "queue", NULL};

#define AT(field) .offset = offsetof(struct conf_port, field)
#define TEXT(field) AT(field), .max = sizeof(((struct conf_port *)0)->field)

const struct conf_key conf_port_keys[] = {
	{.key = "name", .type = &conf_type_name, TEXT(name), .flags = CONF_MUST, .help = "Name of the port, unique."},
	{.key = "guest", .type = &conf_type_path, TEXT(guest), .flags = CONF_GUEST, .help = "Path of the vhost-user socket, unique."},
	{.key = "wire", .type = &conf_type_text, TEXT(wire), .flags = CONF_WIRE,
	 .help = "DPDK device arguments, such as `net_af_xdp0,iface=veth0` or a PCI address."},
	{.key = "mem", .type = &type_mem, AT(kind), .flags = CONF_MEM, .help = "A port in memory, for tests: swallows what it is sent."},
	{.key = "role", .type = &conf_type_choice, AT(role), .words = roles, .def = "server", .flags = CONF_GUEST,
	 .help = "Whether taktd listens on the socket or connects to it."},
	{.key = "packed", .type = &conf_type_bool, AT(packed), .def = "false", .flags = CONF_GUEST,
	 .help = "Offer the packed ring. User-mode Linux does not work with it."},
	{.key = "queues", .type = &conf_type_int, AT(queues), .min = 1, .max = 8, .def = "1", .flags = CONF_GUEST,
	 .help = "Queue pairs offered to the guest."},
	{.key = "link-speed", .type = &conf_type_speed, AT(link_bps), .min = WIRE_MIN_BPS, .max = WIRE_MAX_BPS, .def = "1Gb/s",
	 .help = "Speed of the link that egress is timed for, 1Mb/s to 400Gb/s; a bare number is bit/s. Of a guest: the slower, the more often it is woken, as frames come one by one."},
	{.key = "mtu", .type = &conf_type_int, AT(mtu), .min = 68, .max = 9000, .def = "1500",
	 .help = "Longest payload in bytes; longer frames are dropped (verdicts oversize, over-mtu)."},
	{.key = "pvid", .type = &conf_type_int, AT(pvid), .min = 1, .max = 4094, .def = "1", .help = "VLAN of untagged frames."},
	{.key = "priority", .type = &conf_type_int, AT(pcp), .min = 0, .max = 7, .def = "0", .help = "Priority of untagged frames."},
	{.key = "vlans", .type = &type_vlans, .help = "Further VLANs, tagged on egress: `[10, \"20-29\"]`, at most 64."},
	{.key = "traffic-class-table", .type = &type_class_map, AT(class_map), .min = 0, .max = 7, .def = "[1, 0, 2, 3, 4, 5, 6, 7]",
	 .help = "Traffic class of priority 0, 1, ... 7 (default: IEEE 802.1Q Table 8-5)."},
	{.key = "classify", .type = &conf_type_choice, AT(classify), .words = classifiers, .def = "pcp", .flags = CONF_GUEST,
	 .help = "Class by priority, or by the number of the guest's queue pair."},
	{.key = "queue-depth", .type = &conf_type_int, AT(queue_depth), .min = 2, .max = 65536, .def = "512", .flags = CONF_POW2,
	 .help = "Frames that each class queue of the port holds."},
	{.key = "credit-based-shaper", .type = &conf_type_cbs, .sub = conf_cbs_keys,
	 .help = "Classes that get a rate, and no more (802.1Q 8.6.8.2): `{6: 75Mb/s}`. Under a schedule the rate holds over the whole cycle."},
	{.key = "launch-time", .type = &conf_type_launch, .sub = conf_launch_keys,
	 .help = "Classes whose frames say when they are to start: `{7: {mode: strict}}`."},
	{.key = "asynchronous-shaper", .type = &conf_type_ats,
	 .help = "Classes whose frames go by the eligibility times that ingress policing gave them (802.1Q 8.6.8.5): `[4]`."},
	{.key = "ptp", .type = &conf_type_ptp, AT(ptp), .sub = conf_ptp_keys,
	 .help = "Who may say what in PTP here, how often, and what is known of the link: `{role: client-only}`."},
	{.key = "time-answer", .type = &conf_type_bool, AT(time_answer), .def = "true", .flags = CONF_GUEST,
	 .help = "Answer the guest that asks taktd for the time at its virtqueue, at most 1,000 times a second. Wires are never answered."},
	{.key = "stream-filters", .type = &conf_type_police, .sub = conf_filter_keys,
	 .help = "What may come in, in this order: the first filter that a frame matches polices it; one that matches none is not policed."},
	{.key = "stream-gates", .type = &conf_type_police, .sub = conf_stream_gate_keys, .help = "Gates that stream filters refer to."},
	{.key = "flow-meters", .type = &conf_type_police, .sub = conf_meter_keys, .help = "Meters that stream filters refer to."},
	{.key = "schedulers", .type = &conf_type_police, .sub = conf_scheduler_keys,
	 .help = "ATS schedulers that stream filters refer to: they say from when on a frame may leave."},
	{.key = "scheduler-groups", .type = &conf_type_police, .sub = conf_group_keys, .help = "Groups that schedulers refer to."},
	{.key = "cqf", .type = &conf_type_cqf, .sub = conf_cqf_keys,
	 .help = "Cyclic queuing and forwarding (802.1Q Annex T): what comes in during one cycle leaves in the next. Makes the gate-parameters, "
		 "stream gate and stream filters that do it. All ports that have it have the same."},
	{.key = "gate-parameters", .type = &type_port_gates, .help = "Schedule of the port's gates. Without it, all gates are open."},
	{.key = NULL},
};

/* -- types of these keys --------------------------------------------------------------------------------------- */

static int read_mem(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	bool mem;

	if (yml_bool(n, &mem) || !mem)
		return conf_refuse(at, n->line, k->key, "can only be yes: give one of guest, wire or mem");
	*(enum port_kind *)field = PORT_MEM;
	return 0;
}

static void print_mem(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	(void)field;
	(void)indent;
	fputs("true", f);
}

static const struct conf_type type_mem = {.name = "yes", .read = read_mem, .print = print_mem};

static int add_vlans(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, struct conf_port *p)
{
	int first, last, end = 0;
	uint32_t i;

	if (n->kind != YML_SCALAR || sscanf(n->text, "%5d%n-%5d%n", &first, &end, &last, &end) < 1 || n->text[end])
		return conf_refuse(at, n->line, k->key,
				   "\"%.32s\" is no VLAN: give a number or a range such as \"10-12\"", n->text);
	if (!strchr(n->text, '-'))
		last = first;
	if (first < 1 || last > 4094 || last < first)
		return conf_refuse(at, n->line, k->key,
				   "\"%.32s\" is out of range: give VLANs 1 to 4094, the lower one first", n->text);
	for (; first <= last; first++) {
		for (i = 0; i < p->n_vlans; i++)
			if (p->vlans[i] == first)
				return conf_refuse(at, n->line, k->key, "VLAN %d is given twice: keep one", first);
		if (p->n_vlans == CONF_MAX_VLANS)
			return conf_refuse(at, n->line, k->key, "has more than %d VLANs: give fewer", CONF_MAX_VLANS);
		p->vlans[p->n_vlans++] = (uint16_t)first;
	}
	return 0;
}

static int read_vlans(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	const struct yml_node *c;
	int err = 0;

	if (n->kind != YML_LIST)
		return conf_refuse(at, n->line, k->key, "is %s: give a list such as [10, \"20-29\"]", yml_kind_name(n));
	for (c = n->child; c && !err; c = c->next)
		err = add_vlans(at, k, c, field);
	return err;
}

static void print_vlans(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct conf_port *p = field;
	uint32_t i;

	(void)k;
	(void)indent;
	fputc('[', f);
	for (i = 0; i < p->n_vlans; i++)
		fprintf(f, "%s%u", i ? ", " : "", p->vlans[i]);
	fputc(']', f);
}

static const struct conf_type type_vlans = {.name = "list of VLANs and ranges", .read = read_vlans, .print = print_vlans};

static int read_class_map(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	const struct yml_node *c;
	uint8_t *map = field;
	int64_t v;
	int err;

	if (n->kind != YML_LIST || n->n != 8)
		return conf_refuse(at, n->line, k->key,
				   "wants a class for each of 8 priorities: give a list such as %s", k->def);
	for (c = n->child; c; c = c->next) {
		err = conf_read_int(at, k, c, &v);
		if (err)
			return err;
		*map++ = (uint8_t)v;
	}
	return 0;
}

static void print_class_map(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const uint8_t *map = field;
	int i;

	(void)k;
	(void)indent;
	for (i = 0; i < 8; i++)
		fprintf(f, "%s%u", i ? ", " : "[", map[i]);
	fputc(']', f);
}

static const struct conf_type type_class_map = {.name = "list of 8 classes, 0 to 7", .read = read_class_map, .print = print_class_map};

static int read_port_gates(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_port *p = field;

	p->has_gate = true;
	return conf_type_gates.read(at, k, n, &p->gate);
}

static void print_port_gates(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	conf_type_gates.print(k, &((const struct conf_port *)field)->gate, f, indent);
}

/* An absent schedule is not an empty one. */
static bool no_port_gates(const struct conf_key *k, const void *field)
{
	(void)k;
	return !((const struct conf_port *)field)->has_gate || ((const struct conf_port *)field)->has_cqf;
}

static const struct conf_type type_port_gates = {.name = "mapping, see below", .read = read_port_gates, .print = print_port_gates, .block = true,
						 .absent = no_port_gates};

/* -- ports --------------------------------------------------------------------------------------------------- */

static const unsigned int kind_flag[] = {[PORT_GUEST] = CONF_GUEST, [PORT_WIRE] = CONF_WIRE, [PORT_MEM] = CONF_MEM};

static int find_kind(const struct conf_at *at, const struct yml_node *n, enum port_kind *kind)
{
	static const char *const names[] = {[PORT_GUEST] = "guest", [PORT_WIRE] = "wire", [PORT_MEM] = "mem"};
	unsigned int i, given = 0;

	for (i = 0; i < 3; i++)
		if (yml_find(n, names[i])) {
			*kind = (enum port_kind)i;
			given++;
		}
	if (given == 1)
		return 0;
	return conf_refuse(at, n->line, "ports", "a port has %s guest, wire, mem: give exactly one of them",
			   given ? "several of" : "none of");
}

int conf_check_link(const struct gcl_conf *gate, int64_t link_bps, struct why *why)
{
	struct gcl *gcl = NULL;
	struct wire wire;
	int err = wire_init(&wire, link_bps, why);

	if (!err)
		err = gcl_create(&gcl, gate, &wire, why);
	gcl_destroy(gcl);
	return err;
}

/* The line to blame for a schedule. */
int conf_gate_line(const struct yml_node *gate)
{
	const struct yml_node *list = yml_find(gate, "admin-control-list");

	return list ? list->line : gate->line;
}

static int read_port(const struct conf_at *at, const struct yml_node *n, struct conf_port *p)
{
	int err;

	p->line = n->line;
	if (n->kind != YML_MAP)
		return conf_refuse(at, n->line, "ports",
				   "an item is %s: give a mapping that has a name and one of guest, wire, mem",
				   yml_kind_name(n));
	err = find_kind(at, n, &p->kind);
	if (!err)
		err = conf_keys_default(conf_port_keys, p, at->why);
	if (!err)
		err = conf_ptp_default(at, p);
	if (!err)
		err = conf_keys_read(at, conf_port_keys, n, kind_flag[p->kind], p);
	if (!err)
		err = conf_check_police(at, n, p);
	if (!err && p->has_gate) {
		err = conf_check_link(&p->gate, p->link_bps, at->why);
		if (err)
			why_at(at->why, "%s:%d: gate-parameters", at->where,
			       conf_gate_line(yml_find(n, p->has_cqf ? "cqf" : "gate-parameters")));
	}
	return err ? err : conf_check_shapers(at, n, p);
}

/* -- what a schedule file may have of a port ------------------------------------------------------------------- */

static const char *const part_keys[] = {"traffic-class-table", "credit-based-shaper", "launch-time", "asynchronous-shaper", "stream-filters",
					"stream-gates", "flow-meters", "schedulers", "scheduler-groups", "cqf", "gate-parameters"};
#define PARTS (sizeof(part_keys) / sizeof(part_keys[0]))

static void pick_part(struct conf_key rows[PARTS + 1])
{
	const struct conf_key *k;
	size_t i;

	for (i = 0; i < PARTS; i++) {
		for (k = conf_port_keys; strcmp(k->key, part_keys[i]); k++)
			;
		rows[i] = *k;
	}
	rows[PARTS] = (struct conf_key){.key = NULL};
}

bool conf_is_part(const struct yml_node *root)
{
	size_t i;

	for (i = 0; i < PARTS; i++)
		if (yml_find(root, part_keys[i]))
			return true;
	return false;
}

int conf_read_part(const struct conf_at *at, const struct yml_node *n, struct conf_port *p)
{
	struct conf_key rows[PARTS + 1];
	int err;

	pick_part(rows);
	p->line = n->line;
	err = conf_keys_default(conf_port_keys, p, at->why);
	if (!err)
		err = conf_keys_read(at, rows, n, 0, p);
	if (!err)
		err = conf_check_police(at, n, p);
	return err ? err : conf_check_shaped_once(at, n, p);
}

void conf_print_part(const struct conf_port *p, bool map, FILE *f)
{
	struct conf_key rows[PARTS + 1];

	pick_part(rows);
	conf_keys_print(map ? rows : rows + 1, p, 0, f, 0);
	fputc('\n', f);
}

/* -- ports ----------------------------------------------------------------------------------------------------- */

/* What two ports must not share. */
static int check_pair(const struct conf_at *at, const struct conf_port *a, const struct conf_port *b)
{
	if (!strcmp(a->name, b->name))
		return conf_refuse(at, b->line, "name",
				   "\"%s\" is the name of two ports (the other on line %d): rename one", b->name,
				   a->line);
	if (b->guest[0] && !strcmp(a->guest, b->guest))
		return conf_refuse(at, b->line, "guest",
				   "%s is the socket of two ports (the other on line %d): give each its own",
				   b->guest, a->line);
	if (b->wire[0] && !strcmp(a->wire, b->wire))
		return conf_refuse(at, b->line, "wire",
				   "%s is the wire of two ports (the other on line %d): give each its own", b->wire,
				   a->line);
	if (a->has_cqf && b->has_cqf && memcmp(&a->cqf, &b->cqf, sizeof(a->cqf)))
		return conf_refuse(at, b->line, "cqf",
				   "is another one than that of port %s (line %d): frames go from cycle to cycle between ports, so give all the same",
				   a->name, a->line);
	return 0;
}

/* Eligibility times are of no use where nobody goes by them. */
static void warn_of_schedulers(const struct conf_at *at, const struct conf *conf)
{
	const struct conf_port *p, *with = NULL;

	for (p = conf->port; p < conf->port + conf->n_ports; p++) {
		if (p->ats)
			return;
		if (p->police.n_schedulers)
			with = p;
	}
	if (with)
		log_warn("%s:%d: schedulers: no port has an asynchronous-shaper: frames do not wait until they are eligible", at->where, with->line);
}

static int read_ports(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf *conf = field;
	const struct yml_node *c;
	struct conf_port *p;
	uint32_t i;
	int err;

	if (n->kind != YML_LIST)
		return conf_refuse(at, n->line, k->key, "is %s: give a list of ports (lines that begin with -)",
				   yml_kind_name(n));
	if (n->n > PKT_MAX_PORTS)
		return conf_refuse(at, n->line, k->key, "has %u ports: give at most %d", n->n, PKT_MAX_PORTS);
	for (c = n->child; c; c = c->next) {
		p = &conf->port[conf->n_ports++];
		err = read_port(at, c, p);
		for (i = 0; !err && i + 1 < conf->n_ports; i++)
			err = check_pair(at, &conf->port[i], p);
		if (err)
			return err;
	}
	warn_of_schedulers(at, conf);
	return conf_check_peers(at, conf);
}

static void print_ports(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct conf *conf = field;
	uint32_t i;

	(void)k;
	if (!conf->n_ports)
		fputs(" []", f);
	for (i = 0; i < conf->n_ports; i++) {
		const struct conf_port *p = &conf->port[i];
		fprintf(f, "\n%*s- ", indent, "");
		conf_keys_print(conf_port_keys, p, kind_flag[p->kind], f, indent + 2);
	}
}

const struct conf_type conf_type_ports = {
	.name = "list of mappings, see below", .read = read_ports, .print = print_ports, .block = true};
