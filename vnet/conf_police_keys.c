/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of policing: leaves of ieee802-dot1q-stream-filters-gates, -psfp and -ats. A stream gate's entries may also be written as tc's gate
 * action has them.
 */
#include "vnet/conf_type.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/conf.h"

/* -- values -------------------------------------------------------------------------------------------------- */

static const char *const digits[] = {"zero", "one", "two", "three", "four", "five", "six", "seven"};

/* 0 to 7, or as the YANG enumerations spell them. -1 when it is neither. */
static int read_digit(const struct yml_node *n)
{
	int i;

	if (n->kind != YML_SCALAR)
		return -1;
	for (i = 0; i < 8; i++)
		if (!strcmp(n->text, digits[i]) || (n->text[0] == '0' + i && !n->text[1]))
			return i;
	return -1;
}

static bool is_word(const struct yml_node *n, const char *word)
{
	return n->kind == YML_SCALAR && !strcmp(n->text, word);
}

static int read_priority(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int digit = read_digit(n);

	if (digit < 0 && !is_word(n, "wildcard"))
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no priority: give 0 to 7, or wildcard", n->text);
	*(int32_t *)field = digit < 0 ? POLICE_ANY : digit;
	return 0;
}

static void print_number_or(int32_t v, int32_t other, const char *word, FILE *f, int indent)
{
	if (v != other)
		fprintf(f, "%d", v);
	else
		fprintf(f, indent == CONF_JSON ? "\"%s\"" : "%s", word);
}

static void print_priority(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	print_number_or(*(const int32_t *)field, POLICE_ANY, "wildcard", f, indent);
}

static int read_vlan(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int64_t v = POLICE_ANY;
	int err = is_word(n, "wildcard") ? 0 : conf_read_int(at, k, n, &v);

	if (!err)
		*(int32_t *)field = (int32_t)v;
	return err;
}

static int read_ipv(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int digit = read_digit(n);

	if (digit < 0 && !is_word(n, "null") && !is_word(n, ""))
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no internal priority value: give 0 to 7, or null", n->text);
	*(int8_t *)field = (int8_t)(digit < 0 ? POLICE_NONE : digit);
	return 0;
}

static void print_ipv(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	print_number_or(*(const int8_t *)field, POLICE_NONE, "null", f, indent);
}

static int read_state(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	if (!is_word(n, "open") && !is_word(n, "closed"))
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no state: give open or closed", n->text);
	*(bool *)field = is_word(n, "open");
	return 0;
}

static void print_state(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_print_text(*(const bool *)field ? "open" : "closed", f, indent);
}

static int read_u32(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int64_t v;
	int err = conf_read_int(at, k, n, &v);

	if (!err)
		*(uint32_t *)field = (uint32_t)v;
	return err;
}

static void print_u32(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	(void)indent;
	fprintf(f, "%" PRIu32, *(const uint32_t *)field);
}

/* Six bytes in hexadecimal, joined by : or -. */
static int read_mac(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct police_filter_conf *c = field;
	unsigned int b[6];
	int end = 0, i;

	c->any_dst = is_word(n, "wildcard");
	if (c->any_dst)
		return 0;
	if (n->kind == YML_SCALAR && strlen(n->text) == 17 && !strpbrk(n->text, " +xX"))
		sscanf(n->text, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &end);
	if (end != 17)
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no address: give six bytes such as 02:00:00:00:00:01, or wildcard", n->text);
	for (i = 0; i < 6; i++)
		c->dst[i] = (uint8_t)b[i];
	return 0;
}

static void print_mac(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct police_filter_conf *c = field;
	const uint8_t *a = c->dst;

	(void)k;
	if (c->any_dst)
		conf_print_text("wildcard", f, indent);
	else
		fprintf(f, "\"%02x:%02x:%02x:%02x:%02x:%02x\"", a[0], a[1], a[2], a[3], a[4], a[5]);
}

static int read_rate(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int64_t bps = n->kind == YML_SCALAR ? conf_speed(n->text) : -1;

	if (bps < k->min || bps > k->max)
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no rate up to 400Gb/s%s: give one such as 10Mb/s, 500kb/s or 2000000", n->text,
				   k->min ? " from 1kb/s on" : "");
	*(int64_t *)field = bps;
	return 0;
}

static void print_rate(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	if (*(const int64_t *)field)
		conf_type_speed.print(k, field, f, indent);
	else
		fputc('0', f);
}

/* coupling-flag and color-mode are enumerations of two, by name or by value. */
static int read_two(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	unsigned int i;

	for (i = 0; k->words[i]; i++)
		if (is_word(n, k->words[i]) || is_word(n, i ? "1" : "0")) {
			*(bool *)field = i;
			return 0;
		}
	return conf_refuse(at, n->line, k->key, "\"%.32s\" is wrong: give %s or %s", n->text, k->words[0], k->words[1]);
}

static void print_two(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	conf_print_text(k->words[*(const bool *)field], f, indent);
}

static int read_ref(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	return conf_type_name.read(at, k, n, field);
}

static void print_ref(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	conf_type_name.print(k, field, f, indent);
}

static bool no_ref(const struct conf_key *k, const void *field)
{
	(void)k;
	return !*(const char *)field;
}

static int read_enable(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	return conf_type_bool.read(at, k, n, field);
}

static void print_enable(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	conf_type_bool.print(k, field, f, indent);
}

static bool is_enabled(const struct conf_key *k, const void *field)
{
	(void)k;
	return *(const bool *)field;
}

static const struct conf_type type_priority = {.name = "0 to 7, or `wildcard`", .read = read_priority, .print = print_priority};
static const struct conf_type type_vlan = {.name = "1 to 4094, or `wildcard`", .read = read_vlan, .print = print_priority};
static const struct conf_type type_ipv = {.name = "0 to 7, or `null`", .read = read_ipv, .print = print_ipv};
static const struct conf_type type_state = {.name = "`open` or `closed`", .read = read_state, .print = print_state};
static const struct conf_type type_octets = {.name = "bytes", .read = read_u32, .print = print_u32};
static const struct conf_type type_mac = {.name = "address, or `wildcard`", .read = read_mac, .print = print_mac};
static const struct conf_type type_rate = {.name = "rate; a bare number is bit/s", .read = read_rate, .print = print_rate};
static const struct conf_type type_two = {.name = "choice", .read = read_two, .print = print_two};
static const struct conf_type type_ref = {.name = "id of a row", .read = read_ref, .print = print_ref, .absent = no_ref};
static const struct conf_type type_enable = {.name = "yes or no", .read = read_enable, .print = print_enable, .absent = is_enabled};

/* -- a stream gate's list -------------------------------------------------------------------------------------- */

static int read_operation(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	const char *colon = n->kind == YML_SCALAR ? strchr(n->text, ':') : NULL; /* a YANG identity may carry its module's name */

	(void)field;
	if (n->kind != YML_SCALAR || strcmp(colon ? colon + 1 : n->text, "set-gate-and-ipv"))
		return conf_refuse(at, n->line, k->key, "\"%.64s\" is no operation: give set-gate-and-ipv", n->text);
	return 0;
}

static const struct conf_type type_operation = {.name = "`set-gate-and-ipv`", .read = read_operation};

#define AT(field) .offset = offsetof(struct police_gate_entry, field)

const struct conf_key conf_stream_entry_keys[] = {
	{.key = "operation-name", .type = &type_operation, .help = "There is one."},
	{.key = "time-interval-value", .type = &conf_type_ns, AT(interval_ns), .min = 0, .max = NS_PER_SEC, .flags = CONF_MUST,
	 .help = "How long the entry holds; at least one shortest frame at the link's speed."},
	{.key = "gate-state-value", .type = &type_state, AT(open), .flags = CONF_MUST, .help = "Whether frames pass."},
	{.key = "ipv-spec", .type = &type_ipv, AT(ipv), .def = "\"null\"", .help = "Priority by which frames that pass are queued; null: their own."},
	{.key = "interval-octet-max", .type = &type_octets, AT(octets_max), .min = 0, .max = UINT32_MAX, .def = "0",
	 .help = "Most bytes of payload that pass while the entry holds; 0: no limit."},
	{.key = NULL},
};
#undef AT

/* tc's form: [sched-entry] open|close INTERVAL [IPV [MAXOCTETS]], -1 for none. */
static int read_tc_entry(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, struct police_gate_entry *e)
{
	const char *text = n->text;
	char state[8], rest[2] = "";
	int64_t ns = -1, ipv = -1, octets = -1;
	int words;

	if (!strncmp(text, "sched-entry ", 12))
		text += 12;
	words = sscanf(text, " %7s %" SCNd64 " %" SCNd64 " %" SCNd64 " %1s", state, &ns, &ipv, &octets, rest);
	if (words < 2 || rest[0] || (strcmp(state, "open") && strcmp(state, "close") && strcmp(state, "closed")) || ns < 0 || ns > NS_PER_SEC ||
	    ipv < -1 || ipv > 7 || octets < -1 || octets > UINT32_MAX)
		return conf_refuse(at, n->line, k->key,
				   "\"%.64s\" is no entry: give \"sched-entry open 200000 -1 -1\" (state, interval in ns, IPV, octets; -1: none)",
				   n->text);
	*e = (struct police_gate_entry){.open = state[0] == 'o', .ipv = (int8_t)ipv, .interval_ns = ns,
					.octets_max = octets < 0 ? 0 : (uint32_t)octets};
	return 0;
}

static int read_entry(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, struct police_gate_entry *e)
{
	int err;

	if (n->kind == YML_SCALAR)
		return read_tc_entry(at, k, n, e);
	err = conf_keys_default(conf_stream_entry_keys, e, at->why);
	return err ? err : conf_keys_read(at, conf_stream_entry_keys, n, 0, e);
}

static int read_entries(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct police_gate_conf *g = field;
	const struct yml_node *c;
	uint32_t i = 0;
	int err = 0;

	if (n->kind != YML_LIST)
		return conf_refuse(at, n->line, k->key, "is %s: give a list of entries (lines that begin with -)", yml_kind_name(n));
	if (n->n > GCL_MAX_ENTRIES)
		return conf_refuse(at, n->line, k->key, "has %u entries: give at most %d", n->n, GCL_MAX_ENTRIES);
	if (!n->n)
		return 0;
	g->entries = calloc(n->n, sizeof(*g->entries));
	if (!g->entries)
		return why_fail(at->why, ENOMEM, "%s:%d: out of memory", at->where, n->line);
	g->n_entries = n->n;
	for (c = n->child; c && !err; c = c->next)
		err = read_entry(at, k, c, &g->entries[i++]);
	return err;
}

static void print_entries(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct police_gate_conf *g = field;
	const struct conf_key *row;
	uint32_t i;

	(void)k;
	if (indent == CONF_JSON || !g->n_entries)
		fputs(indent == CONF_JSON ? "[" : " [", f);
	for (i = 0; i < g->n_entries; i++) {
		if (indent == CONF_JSON)
			fputs(i ? ", {" : "{", f);
		else
			fprintf(f, "\n%*s- {", indent + 2, "");
		for (row = conf_stream_entry_keys + 1; row->key; row++) {
			fprintf(f, indent == CONF_JSON ? "%s\"%s\": " : "%s%s: ", row == conf_stream_entry_keys + 1 ? "" : ", ", row->key);
			row->type->print(row, (const char *)&g->entries[i] + row->offset, f, indent);
		}
		fputc('}', f);
	}
	if (indent == CONF_JSON || !g->n_entries)
		fputc(']', f);
}

static const struct conf_type type_entries = {.name = "list of entries, see below", .read = read_entries, .print = print_entries, .block = true};

/* -- the tables ------------------------------------------------------------------------------------------------ */

#define ID(what) .type = &conf_type_name, .offset = offsetof(struct conf_row, id), .max = CONF_ID_LEN, .flags = CONF_MUST, \
		 .help = "Name or number of the " what ", unique in the table."
#define AT(field) .offset = offsetof(struct conf_filter, field)
#define REF(field) .type = &type_ref, AT(field), .max = CONF_ID_LEN

const struct conf_key conf_filter_keys[] = {
	{.key = "stream-filter-instance-id", ID("filter")},
	{.key = "destination-mac", .type = &type_mac, AT(filter), .def = "wildcard", .help = "Destination address of the stream's frames."},
	{.key = "vlan", .type = &type_vlan, AT(filter.vid), .min = 1, .max = 4094, .def = "wildcard",
	 .help = "VLAN that they are forwarded in: the tag's, or the port's `pvid`."},
	{.key = "priority-spec", .type = &type_priority, AT(filter.pcp), .def = "wildcard", .help = "Their priority: the tag's, or the port's `priority`."},
	{.key = "max-sdu-size", .type = &type_octets, AT(filter.max_sdu), .min = 0, .max = UINT32_MAX, .def = "0",
	 .help = "Longest payload in bytes (behind EtherType and tag), 0: any. Longer frames are dropped (verdict stream-sdu)."},
	{.key = "stream-blocked-due-to-oversize-frame-enabled", .type = &conf_type_bool, AT(filter.block_oversize), .def = "false",
	 .help = "Once a frame was too long, drop all of this filter, until `takt police reset`."},
	{.key = "stream-gate-ref", REF(gate), .help = "Row of `stream-gates` that they pass; without it, none."},
	{.key = "flow-meter-ref", REF(meter), .help = "Row of `flow-meters` that measures them; without it, none."},
	{.key = "flow-meter-enable", .type = &type_enable, AT(meter_enable), .def = "true", .help = "No: the meter is not asked."},
	{.key = "scheduler-ref", REF(scheduler), .help = "Row of `schedulers` that shapes them; without it, none."},
	{.key = "scheduler-enable", .type = &type_enable, AT(scheduler_enable), .def = "true", .help = "No: the scheduler is not asked."},
	{.key = NULL},
};
#undef AT
#define AT(field) .offset = offsetof(struct conf_stream_gate, field)

const struct conf_key conf_stream_gate_keys[] = {
	{.key = "stream-gate-instance-id", ID("gate")},
	{.key = "gate-enable", .type = &conf_type_bool, AT(gate.enabled), .def = "true",
	 .help = "No: the list does not run, `admin-gate-states` and `admin-ipv` hold."},
	{.key = "admin-gate-states", .type = &type_state, AT(gate.initial_open), .def = "open", .help = "The gate before the list's first cycle."},
	{.key = "admin-ipv", .type = &type_ipv, AT(gate.initial_ipv), .def = "\"null\"", .help = "Internal priority value until then."},
	{.key = "admin-base-time", .type = &conf_type_instant, AT(time.t_base), .min = 0, .max = GCL_MAX_BASE_NS, .def = "0",
	 .help = "When a cycle begins. In the past: at the next begin of a cycle counted from there."},
	{.key = "admin-cycle-time", .type = &conf_type_cycle, AT(time.cycle_ns), .min = 1, .max = GCL_MAX_CYCLE_NS, .def = "auto",
	 .help = "Length of the cycle, up to 1 s. Shorter than the entries: they are cut; longer: the last one holds."},
	{.key = "admin-cycle-time-extension", .type = &conf_type_ns, AT(time.extension_ns), .min = 0, .max = GCL_MAX_CYCLE_NS, .def = "0",
	 .help = "How much the last cycle may be stretched before a new list takes over."},
	{.key = "gate-closed-due-to-invalid-rx-enable", .type = &conf_type_bool, AT(gate.invalid_rx), .def = "false",
	 .help = "Once a frame came while the gate was closed, keep it closed, until `takt police reset`."},
	{.key = "gate-closed-due-octets-exceeded-enable", .type = &conf_type_bool, AT(gate.octets_exceeded), .def = "false",
	 .help = "Once a frame was over the octets of its interval, keep the gate closed, until `takt police reset`."},
	{.key = "admin-control-list", .type = &type_entries, AT(gate), .sub = conf_stream_entry_keys,
	 .help = "The entries of the cycle, in order; also as tc's gate action has them: `sched-entry open 200000 -1 -1`."},
	{.key = NULL},
};
#undef AT
#define AT(field) .offset = offsetof(struct conf_meter, meter.field)
#define RATE .type = &type_rate, .min = 0, .max = METER_MAX_BPS
#define BURST .type = &conf_type_int, .min = 0, .max = METER_MAX_BURST

static const char *const couplings[] = {"zero", "one", NULL};
static const char *const modes[] = {"color-blind", "color-aware", NULL};

const struct conf_key conf_meter_keys[] = {
	{.key = "flow-meter-instance-id", ID("meter")},
	{.key = "committed-information-rate", RATE, AT(cir_bps), .def = "0",
	 .help = "Rate of green frames, counted with their FCS but without preamble and gap."},
	{.key = "committed-burst-size", BURST, AT(cbs_bytes), .def = "0", .help = "Bytes that may be green at once."},
	{.key = "excess-information-rate", RATE, AT(eir_bps), .def = "0", .help = "Rate of yellow frames beyond that."},
	{.key = "excess-burst-size", BURST, AT(ebs_bytes), .def = "0", .help = "Bytes that may be yellow at once."},
	{.key = "coupling-flag", .type = &type_two, AT(coupling), .words = couplings, .def = "zero",
	 .help = "One: what the committed bucket has no room for goes into the excess bucket."},
	{.key = "color-mode", .type = &type_two, AT(colour_aware), .words = modes, .def = "color-blind",
	 .help = "Color-aware: frames that come in with DEI set are yellow at best."},
	{.key = "drop-on-yellow", .type = &conf_type_bool, AT(drop_yellow), .def = "false",
	 .help = "Drop yellow frames (verdict meter-red); no: they leave with DEI set, if they leave tagged."},
	{.key = "mark-all-frames-red-enable", .type = &conf_type_bool, AT(mark_all_red), .def = "false",
	 .help = "Once a frame was dropped here, drop all, until `takt police reset`."},
	{.key = NULL},
};
#undef AT
#define AT(field) .offset = offsetof(struct conf_scheduler, field)

const struct conf_key conf_scheduler_keys[] = {
	{.key = "scheduler-instance-id", ID("scheduler")},
	{.key = "committed-information-rate", .type = &type_rate, AT(ats.cir_bps), .min = ATS_MIN_BPS, .max = ATS_MAX_BPS, .flags = CONF_MUST,
	 .help = "Rate at which frames become eligible, counted with their FCS but without preamble and gap."},
	{.key = "committed-burst-size", .type = &conf_type_int, AT(ats.cbs_bits), .min = 1, .max = ATS_MAX_BURST, .flags = CONF_MUST,
	 .help = "Bits that may be eligible at once: at least the longest frame."},
	{.key = "scheduler-group-ref", .type = &type_ref, AT(group), .max = CONF_ID_LEN, .flags = CONF_MUST,
	 .help = "Row of `scheduler-groups`, whose frames keep their order."},
	{.key = NULL},
};
#undef AT

const struct conf_key conf_group_keys[] = {
	{.key = "scheduler-group-instance-id", ID("group")},
	{.key = "max-residence-time", .type = &conf_type_ns, .offset = offsetof(struct conf_group, residence_ns), .min = 1,
	 .max = POLICE_MAX_RESIDENCE_NS, .flags = CONF_MUST, .help = "Frames that would have to wait longer are dropped (verdict ats-late)."},
	{.key = NULL},
};
