/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of policing: leaves of ieee802-dot1q-stream-filters-gates, -psfp and -ats. Those of stream gates are in
 * conf_stream_gate.c.
 */
#include "vnet/conf_police_keys.h"

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
int conf_read_digit(const struct yml_node *n)
{
	int i;

	if (n->kind != YML_SCALAR)
		return -1;
	for (i = 0; i < 8; i++)
		if (!strcmp(n->text, digits[i]) || (n->text[0] == '0' + i && !n->text[1]))
			return i;
	return -1;
}

bool conf_is_word(const struct yml_node *n, const char *word)
{
	return n->kind == YML_SCALAR && !strcmp(n->text, word);
}

static int read_priority(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int digit = conf_read_digit(n);

	if (digit < 0 && !conf_is_word(n, "wildcard"))
		return conf_refuse(at, n->line, k->key, "\"%.32s\" is no priority: give 0 to 7, or wildcard", n->text);
	*(int32_t *)field = digit < 0 ? POLICE_ANY : digit;
	return 0;
}

void conf_print_number_or(int32_t v, int32_t other, const char *word, FILE *f, int indent)
{
	if (v != other)
		fprintf(f, "%d", v);
	else
		fprintf(f, indent == CONF_JSON ? "\"%s\"" : "%s", word);
}

static void print_priority(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_print_number_or(*(const int32_t *)field, POLICE_ANY, "wildcard", f, indent);
}

static int read_vlan(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	int64_t v = POLICE_ANY;
	int err = conf_is_word(n, "wildcard") ? 0 : conf_read_int(at, k, n, &v);

	if (!err)
		*(int32_t *)field = (int32_t)v;
	return err;
}

/* Six bytes in hexadecimal, joined by : or -. */
static int read_mac(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct police_filter_conf *c = field;
	unsigned int b[6];
	int end = 0, i;

	c->any_dst = conf_is_word(n, "wildcard");
	if (c->any_dst)
		return 0;
	if (n->kind == YML_SCALAR && strlen(n->text) == 17 && !strpbrk(n->text, " +xX"))
		sscanf(n->text, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%n", &b[0], &b[1], &b[2], &b[3],
		       &b[4], &b[5], &end);
	if (end != 17)
		return conf_refuse(at, n->line, k->key,
				   "\"%.32s\" is no address: give six bytes such as 02:00:00:00:00:01, or wildcard",
				   n->text);
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
		return conf_refuse(at, n->line, k->key,
				   "\"%.32s\" is no rate up to 400Gb/s%s: give one such as 10Mb/s, 500kb/s or 2000000",
				   n->text,
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
		if (conf_is_word(n, k->words[i]) || conf_is_word(n, i ? "1" : "0")) {
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

static const struct conf_type type_priority = {.name = "0 to 7, or `wildcard`", .read = read_priority,
					       .print = print_priority};
static const struct conf_type type_vlan = {.name = "1 to 4094, or `wildcard`", .read = read_vlan,
					   .print = print_priority};
static const struct conf_type type_mac = {.name = "address, or `wildcard`", .read = read_mac, .print = print_mac};
static const struct conf_type type_rate = {.name = "rate; a bare number is bit/s", .read = read_rate,
					   .print = print_rate};
static const struct conf_type type_two = {.name = "choice", .read = read_two, .print = print_two};
static const struct conf_type type_ref = {.name = "id of a row", .read = read_ref, .print = print_ref,
					  .absent = no_ref};
static const struct conf_type type_enable = {.name = "yes or no", .read = read_enable, .print = print_enable,
					     .absent = is_enabled};

/* -- the tables ------------------------------------------------------------------------------------------------ */

#define AT(field) .offset = offsetof(struct conf_filter, field)
#define REF(field) .type = &type_ref, AT(field), .max = CONF_ID_LEN

const struct conf_key conf_filter_keys[] = {
	{.key = "stream-filter-instance-id", CONF_ID("filter")},
	{.key = "destination-mac", .type = &type_mac, AT(filter), .def = "wildcard", .help = "Destination address of the stream's frames."},
	{.key = "vlan", .type = &type_vlan, AT(filter.vid), .min = 1, .max = 4094, .def = "wildcard",
	 .help = "VLAN that they are forwarded in: the tag's, or the port's `pvid`."},
	{.key = "priority-spec", .type = &type_priority, AT(filter.pcp), .def = "wildcard", .help = "Their priority: the tag's, or the port's `priority`."},
	{.key = "max-sdu-size", .type = &conf_type_octets, AT(filter.max_sdu), .min = 0, .max = UINT32_MAX, .def = "0",
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
#define AT(field) .offset = offsetof(struct conf_meter, meter.field)
#define RATE .type = &type_rate, .min = 0, .max = METER_MAX_BPS
#define BURST .type = &conf_type_int, .min = 0, .max = METER_MAX_BURST

static const char *const couplings[] = {"zero", "one", NULL};
static const char *const modes[] = {"color-blind", "color-aware", NULL};

const struct conf_key conf_meter_keys[] = {
	{.key = "flow-meter-instance-id", CONF_ID("meter")},
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
	{.key = "scheduler-instance-id", CONF_ID("scheduler")},
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
	{.key = "scheduler-group-instance-id", CONF_ID("group")},
	{.key = "max-residence-time", .type = &conf_type_ns, .offset = offsetof(struct conf_group, residence_ns), .min = 1,
	 .max = POLICE_MAX_RESIDENCE_NS, .flags = CONF_MUST,
	 .help = "Frames that would have to wait longer are dropped (verdict ats-late)."},
	{.key = NULL},
};
