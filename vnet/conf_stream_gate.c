/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of a stream gate: leaves of ieee802-dot1q-stream-filters-gates and -psfp. Its entries may also be written as
 * tc's gate action has them.
 */
#include "vnet/conf_police_keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/conf.h"

/* -- values ------------------------------------------------------------------------------------------------------ */

static int read_ipv(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int digit = conf_read_digit(n);

	if (digit < 0 && !conf_is_word(n, "null") && !conf_is_word(n, ""))
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no internal priority value: give 0 to 7, or null",
				   n->text);
	*(int8_t *)field = (int8_t)(digit < 0 ? POLICE_NONE : digit);
	return 0;
}

static void print_ipv(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_print_number_or(*(const int8_t *)field, POLICE_NONE, "null", f, indent);
}

static int read_state(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	if (!conf_is_word(n, "open") && !conf_is_word(n, "closed"))
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no state: give open or closed", n->text);
	*(bool *)field = conf_is_word(n, "open");
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

static const struct conf_type type_ipv = {.name = "0 to 7, or `null`", .read = read_ipv, .print = print_ipv};
static const struct conf_type type_state = {.name = "`open` or `closed`", .read = read_state, .print = print_state};
const struct conf_type conf_type_octets = {.name = "bytes", .read = read_u32, .print = print_u32};

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
	{.key = "interval-octet-max", .type = &conf_type_octets, AT(octets_max), .min = 0, .max = UINT32_MAX, .def = "0",
	 .help = "Most bytes of payload that pass while the entry holds; 0: no limit."},
	{.key = NULL},
};
#undef AT

/* tc's form: [sched-entry] open|close INTERVAL [IPV [MAXOCTETS]], -1 for none. */
static int read_tc_entry(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n,
			 struct police_gate_entry *e)
{
	const char *text = n->text;
	char state[8], rest[2] = "";
	int64_t ns = -1, ipv = -1, octets = -1;
	int words;

	if (!strncmp(text, "sched-entry ", 12))
		text += 12;
	words = sscanf(text, " %7s %" SCNd64 " %" SCNd64 " %" SCNd64 " %1s", state, &ns, &ipv, &octets, rest);
	if (words < 2 || rest[0] || (strcmp(state, "open") && strcmp(state, "close") && strcmp(state, "closed")) ||
	    ns < 0 || ns > NS_PER_SEC ||
	    ipv < -1 || ipv > 7 || octets < -1 || octets > UINT32_MAX)
		return conf_refuse(at, n->line, k->key,
				   "\"%.64s\" is no entry: give \"sched-entry open 200000 -1 -1\" (state, interval in ns, IPV, octets; -1: none)",
				   n->text);
	*e = (struct police_gate_entry){.open = state[0] == 'o', .ipv = (int8_t)ipv, .interval_ns = ns,
					.octets_max = octets < 0 ? 0 : (uint32_t)octets};
	return 0;
}

static int read_entry(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n,
		      struct police_gate_entry *e)
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
		return conf_refuse(at, n->line, k->key, "is %s: give a list of entries (lines that begin with -)",
				   yml_kind_name(n));
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
			fprintf(f, indent == CONF_JSON ? "%s\"%s\": " : "%s%s: ",
				row == conf_stream_entry_keys + 1 ? "" : ", ", row->key);
			row->type->print(row, (const char *)&g->entries[i] + row->offset, f, indent);
		}
		fputc('}', f);
	}
	if (indent == CONF_JSON || !g->n_entries)
		fputc(']', f);
}

static const struct conf_type type_entries = {.name = "list of entries, see below", .read = read_entries,
					      .print = print_entries, .block = true};

/* -- the table --------------------------------------------------------------------------------------------------- */

#define AT(field) .offset = offsetof(struct conf_stream_gate, field)

const struct conf_key conf_stream_gate_keys[] = {
	{.key = "stream-gate-instance-id", CONF_ID("gate")},
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
