/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of gate-parameters. Names are the leaves of ieee802-dot1q-sched (IEEE Std 802.1Qcw); entries may also be written
 * as tc-taprio(8) has them.
 */
#include "vnet/conf_type.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/ns.h"
#include "tsn/gcl.h"

#define AUTO  "auto"
#define T_MAX INT64_C(4000000000000000000)	/* an instant in 2096: sums of instants and cycles stay in range */

/* -- values -------------------------------------------------------------------------------------------------- */

static int read_states(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int64_t v;
	int err = conf_read_int(at, k, n, &v);

	if (err)
		return err;
	*(uint8_t *)field = (uint8_t)v;
	/* Programs' requests and answers have it in decimal, as YANG; a person who has written "S 80" before may mean something else. */
	if (v >= 10 && v <= 99 && !strpbrk(n->text, "xX") && strcmp(at->where, "request") && strcmp(at->where, "answer"))
		log_warn("%s:%d: %s: %s is decimal, 0x%02x; tc would read 0x%s: write it with 0x", at->where, n->line, k->key, n->text,
			 (unsigned int)v, n->text);
	return 0;
}

static void print_states(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	fprintf(f, indent == CONF_JSON ? "%u" : "0x%02x", *(const uint8_t *)field);
}

static const struct conf_type type_states = {.name = "gate states, 0x00 to 0xff: bit n opens class n", .read = read_states, .print = print_states};

/* Two named integers: {seconds: S, nanoseconds: N}. */
static int read_pair(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n,
		     const char *a_key, const char *b_key, int64_t *a, int64_t *b)
{
	const struct yml_node *an = yml_find(n, a_key), *bn = yml_find(n, b_key);

	if (n->n != 2 || !an || !bn || yml_int(an, a) || yml_int(bn, b) || *a < 0 || *b < 0)
		return conf_refuse(at, n->line, k->key,
				   "is a mapping that is not {%s: N, %s: N}: give that, a duration or nanoseconds",
				   a_key, b_key);
	return 0;
}

static int read_instant(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int64_t s, ns;
	int err;

	if (n->kind != YML_MAP)
		return conf_read_ns(at, k, n, field);
	err = read_pair(at, k, n, "seconds", "nanoseconds", &s, &ns);
	if (err)
		return err;
	if (ns >= NS_PER_SEC || s >= T_MAX / NS_PER_SEC)
		return conf_refuse(
			at, n->line, k->key,
			"seconds or nanoseconds are too large: give less than 4000000000 s and 1000000000 ns");
	*(int64_t *)field = s * NS_PER_SEC + ns;
	return 0;
}

static void print_instant(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	(void)indent;
	fprintf(f, "%" PRId64, *(const int64_t *)field);
}

const struct conf_type conf_type_instant = {.name = "TAI nanoseconds, a duration since 1970, or `{seconds: S, nanoseconds: N}`", .read = read_instant,
					      .print = print_instant};

/* {numerator: N, denominator: D} in seconds; what is no whole number of ns keeps its fraction. */
static int read_ratio(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, struct gcl_conf *conf)
{
	int64_t num, den;
	int err = read_pair(at, k, n, "numerator", "denominator", &num, &den);

	if (err)
		return err;
	if (!den || num > UINT32_MAX || den > UINT32_MAX || num > den || num * NS_PER_SEC < den)
		return conf_refuse(at, n->line, k->key,
				   "%" PRId64 "/%" PRId64 " s is out of range: give 1 ns up to 1 s, as numbers of up to 4294967295", num, den);
	gcl_cycle_set(conf, num, den);
	return 0;
}

/* The row names cycle_ns; the fraction stands beside it. */
static struct gcl_conf *cycle_conf(const void *field)
{
	return (struct gcl_conf *)((uintptr_t)field - offsetof(struct gcl_conf, cycle_ns));
}

/* A cycle of zero is a mistake; a cycle as long as its entries has a word of its own. */
static int read_cycle_time(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct gcl_conf *conf = cycle_conf(field);

	conf->cycle_ns = 0;
	conf->cycle_frac_num = 0;
	conf->cycle_frac_den = 0;
	if (n->kind == YML_SCALAR && !strcmp(n->text, AUTO))
		return 0;
	return n->kind == YML_MAP ? read_ratio(at, k, n, conf) : conf_read_ns(at, k, n, &conf->cycle_ns);
}

static void print_cycle_time(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct gcl_conf *conf = cycle_conf(field);
	int64_t num, den;

	(void)k;
	if (!conf->cycle_ns) {
		fputs(indent == CONF_JSON ? "\"" AUTO "\"" : AUTO, f);
	} else if (!conf->cycle_frac_num) {
		conf_print_ns(conf->cycle_ns, f, indent);
	} else {
		gcl_cycle_seconds(conf->cycle_ns, conf->cycle_frac_num, conf->cycle_frac_den, &num, &den);
		fprintf(f, indent == CONF_JSON ? "{\"numerator\": %" PRId64 ", \"denominator\": %" PRId64 "}" :
			"{numerator: %" PRId64 ", denominator: %" PRId64 "}", num, den);
	}
}

const struct conf_type conf_type_cycle = {
	.name = "duration, or `{numerator: N, denominator: D}` in seconds; `auto`: the sum of the entries",
	.read = read_cycle_time, .print = print_cycle_time};

static int read_sdu(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	uint32_t *sdu = field;
	const struct yml_node *c;
	unsigned int tc = 0;
	int64_t v;
	int err;

	if (n->kind == YML_SCALAR || (n->kind == YML_LIST && n->n != TSN_CLASSES))
		return conf_refuse(at, n->line, k->key,
				   "wants one number for each class: give a list of 8, or a mapping {7: 128}");
	for (c = n->child; c; c = c->next, tc++) {
		if (c->key && (c->key[0] < '0' || c->key[0] > '7' || c->key[1]))
			return conf_refuse(at, c->line, k->key, "\"%.32s\" is no class: give 0 to 7", c->key);
		if (c->key)
			tc = (unsigned int)(c->key[0] - '0');
		err = conf_read_int(at, k, c, &v);
		if (err)
			return err;
		sdu[tc] = (uint32_t)v;
	}
	return 0;
}

static void print_sdu(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const uint32_t *sdu = field;
	int i;

	(void)k;
	(void)indent;
	for (i = 0; i < TSN_CLASSES; i++)
		fprintf(f, "%s%u", i ? ", " : "[", sdu[i]);
	fputc(']', f);
}

static const struct conf_type type_sdu = {.name = "list of 8, or `{CLASS: BYTES}`; 0: no limit", .read = read_sdu, .print = print_sdu};

/* -- entries ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	char letter;
	bool preempts;	/* asks for frame preemption, which no port here does */
} operations[] = {
	{"set-gate-states", 'S', false},
	{"set-and-hold-mac", 'H', true},
	{"set-and-release-mac", 'R', true},
};

static int find_operation(const char *text, bool *preempts)
{
	const char *colon = strchr(text, ':'); /* a YANG identity may carry its module's name */
	size_t i;

	if (colon)
		text = colon + 1;
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(text, operations[i].name) || (text[0] == operations[i].letter && !text[1])) {
			*preempts |= operations[i].preempts;
			return 0;
		}
	return -EINVAL;
}

static int read_operation(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	(void)field;
	if (n->kind != YML_SCALAR || find_operation(n->text, &(bool){false}))
		return conf_refuse(at, n->line, k->key, "\"%.64s\" is no operation: give set-gate-states", n->text);
	return 0;
}

static void print_operation(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	(void)field;
	conf_print_text(operations[0].name, f, indent);
}

static int read_interval(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	return conf_read_ns(at, k, n, field);
}

static void print_interval(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_print_ns(*(const int64_t *)field, f, indent);
}

static const struct conf_type type_operation = {.name = "`set-gate-states`", .read = read_operation, .print = print_operation};
static const struct conf_type type_interval = {.name = "duration, or nanoseconds", .read = read_interval, .print = print_interval};

/* The range of the interval is the link's business: gcl_create() knows it. */
static const struct conf_key entry_keys[] = {
	{.key = "operation-name", .type = &type_operation, .help = "`set-and-hold-mac` and `set-and-release-mac` are taken as `set-gate-states`."},
	{.key = "time-interval-value", .type = &type_interval, .offset = offsetof(struct gcl_entry, interval_ns), .min = 0, .max = NS_PER_SEC,
	 .flags = CONF_MUST, .help = "How long the states hold; at least one shortest frame at the link's speed."},
	{.key = "gate-states-value", .type = &type_states, .offset = offsetof(struct gcl_entry, gates), .min = 0, .max = 255,
	 .flags = CONF_MUST, .help = "Which gates are open."},
	{.key = NULL},
};

/* tc's form: [sched-entry] S MASK INTERVAL, the mask in hexadecimal without 0x, the interval in ns. */
static int read_tc_entry(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n,
			 struct gcl_entry *e, bool *preempts)
{
	char command[24], rest[2];
	const char *text = n->text;
	unsigned int mask;
	int64_t ns;

	if (!strncmp(text, "sched-entry ", 12))
		text += 12;
	if (sscanf(text, " %23s %8x %" SCNd64 " %1s", command, &mask, &ns, rest) != 3 ||
	    find_operation(command, preempts) || ns < 0 || ns > NS_PER_SEC)
		return conf_refuse(
			at, n->line, k->key,
			"\"%.64s\" is no entry: give \"sched-entry S 80 300000\" (mask in hexadecimal, interval "
			"in ns)",
			n->text);
	if (mask > UINT8_MAX)
		return conf_refuse(at, n->line, k->key, "\"%.64s\": the mask is hexadecimal, and 0x%x names classes beyond 7: give 00 to ff, bit n for class n",
				   n->text, mask);
	e->gates = (uint8_t)mask;
	e->interval_ns = ns;
	return 0;
}

static int read_entries(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct gcl_conf *conf = field;
	const struct yml_node *c;
	const struct yml_node *op;
	struct gcl_entry *e;
	bool preempts = false;
	int err = 0;

	if (n->kind != YML_LIST)
		return conf_refuse(at, n->line, k->key, "is %s: give a list of entries (lines that begin with -)",
				   yml_kind_name(n));
	if (n->n > GCL_MAX_ENTRIES)
		return conf_refuse(at, n->line, k->key, "has %u entries: give at most %d", n->n, GCL_MAX_ENTRIES);
	if (!n->n)
		return 0;
	e = calloc(n->n, sizeof(*e));
	if (!e)
		return why_fail(at->why, ENOMEM, "%s:%d: out of memory", at->where, n->line);
	conf->entries = e;
	conf->n_entries = n->n;
	for (c = n->child; c && !err; c = c->next, e++) {
		if (c->kind == YML_SCALAR) {
			err = read_tc_entry(at, k, c, e, &preempts);
			continue;
		}
		err = conf_keys_read(at, entry_keys, c, 0, e);
		op = yml_find(c, "operation-name");
		if (!err && op)
			find_operation(op->text, &preempts);
	}
	if (!err && preempts)
		log_warn("%s:%d: %s: frame preemption is not done: hold and release entries only set gate states",
			 at->where, n->line, k->key);
	return err;
}

static void print_entries(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct gcl_conf *conf = field;
	uint32_t i;

	(void)k;
	if (indent == CONF_JSON || !conf->n_entries)
		fputs(indent == CONF_JSON ? "[" : " [", f);
	for (i = 0; i < conf->n_entries; i++) {
		const struct gcl_entry *e = &conf->entries[i];

		if (indent == CONF_JSON) {
			fputs(i ? ", {" : "{", f);
			conf_keys_print(entry_keys, e, 0, f, indent);
			fputc('}', f);
			continue;
		}
		fprintf(f, "\n%*s- {time-interval-value: ", indent + 2, "");
		conf_print_ns(e->interval_ns, f, indent);
		fprintf(f, ", gate-states-value: 0x%02x}", e->gates);
	}
	if (indent == CONF_JSON || !conf->n_entries)
		fputc(']', f);
}

static const struct conf_type type_entries = {.name = "list of entries, see below", .read = read_entries, .print = print_entries, .block = true};

/* -- gate-parameters ----------------------------------------------------------------------------------------- */

const struct conf_key conf_gate_keys[] = {
	{.key = "gate-enabled", .type = &conf_type_bool, .offset = offsetof(struct gcl_conf, enabled), .def = "true",
	 .help = "No: all gates stay open and the rest is not looked at."},
	{.key = "admin-gate-states", .type = &type_states, .offset = offsetof(struct gcl_conf, initial_gates), .min = 0, .max = 255,
	 .def = "0xff", .help = "Gates before the first cycle begins."},
	{.key = "admin-base-time", .type = &conf_type_instant, .offset = offsetof(struct gcl_conf, t_base), .min = 0, .max = T_MAX, .def = "0",
	 .help = "When a cycle begins. In the past: the schedule starts at the next begin of a cycle counted from there."},
	{.key = "admin-cycle-time", .type = &conf_type_cycle, .offset = offsetof(struct gcl_conf, cycle_ns), .min = 1, .max = GCL_MAX_CYCLE_NS,
	 .def = AUTO, .help = "Length of the cycle, up to 1 s; a fraction need not be whole nanoseconds. Shorter than the entries: they are cut; longer: the last one holds."},
	{.key = "admin-cycle-time-extension", .type = &conf_type_ns, .offset = offsetof(struct gcl_conf, extension_ns), .min = 0,
	 .max = GCL_MAX_CYCLE_NS, .def = "0", .help = "How much the last cycle may be stretched, its last states held, before a new schedule takes over."},
	{.key = "queue-max-sdu", .type = &type_sdu, .offset = offsetof(struct gcl_conf, max_sdu), .min = 0, .max = GCL_MAX_SDU,
	 .help = "Longest payload of each class, bytes. Longer frames are dropped (verdict max-sdu)."},
	{.key = "admin-control-list", .type = &type_entries, .sub = entry_keys,
	 .help = "The entries of the cycle, in order; also as tc writes them: `sched-entry S 80 300000`."},
	{.key = NULL},
};

static int read_gates(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int err;

	(void)k;
	err = conf_keys_default(conf_gate_keys, field, at->why);
	return err ? err : conf_keys_read(at, conf_gate_keys, n, 0, field);
}

static void print_gates(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_keys_print_block(conf_gate_keys, field, f, indent);
}

const struct conf_type conf_type_gates = {
	.name = "mapping, see below", .read = read_gates, .print = print_gates, .block = true};
