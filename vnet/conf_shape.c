/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of a port's shapers: credit-based-shaper (leaves of ieee802-dot1q-cbsa), launch-time, asynchronous-shaper.
 * Each names classes; a class is in at most one of them.
 */
#include "vnet/conf_type.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/cls.h"
#include "vnet/conf.h"

#define LEN_MAX	 9018	/* bytes of a frame in memory at the largest MTU */

/* -- values -------------------------------------------------------------------------------------------------- */

int conf_parse_rate(int64_t *out, const char *text, struct why *why)
{
	int64_t bps = conf_speed(text);

	if (bps < CBS_MIN_BPS || bps > WIRE_MAX_BPS)
		return why_fail(why, EINVAL, "\"%.32s\" is wrong: give a rate from 1kb/s to 400Gb/s, such as 75Mb/s or 20000000", text);
	*out = bps;
	return 0;
}

int conf_parse_stream(int64_t *bps, const char *text, struct why *why)
{
	const char *interval = strchr(text, ',');
	char *end;
	unsigned long len = strtoul(text, &end, 10);
	int64_t interval_ns = 0;
	struct why sub = {""};

	if (!interval || end != interval || text[0] < '0' || text[0] > '9' || len < CLS_ETH_HLEN || len > LEN_MAX)
		return why_fail(why, EINVAL, "\"%.64s\" is no stream: give BYTES,INTERVAL such as \"1514,1ms\": %d to %d bytes of a frame in memory",
				text, CLS_ETH_HLEN, LEN_MAX);
	if (ns_parse(&interval_ns, interval + 1, &sub))
		return why_fail(why, EINVAL, "%s", sub.text);
	if (interval_ns < NS_PER_US || interval_ns > NS_PER_SEC)
		return why_fail(why, EINVAL, "\"%.64s\": the interval is out of range: give 1us to 1s", text);
	*bps = cbs_stream_bps((uint32_t)len, interval_ns);
	return 0;
}

/* The number of a class; a mapping's key is a text. */
static int read_class(const struct conf_at *at, const struct conf_key *k, int line, const char *text, uint8_t *tc)
{
	if (!text || text[0] < '0' || text[0] > '7' || text[1])
		return conf_refuse(at, line, k->key, "\"%.32s\" is no class: give 0 to 7", text ? text : "");
	*tc = (uint8_t)(text[0] - '0');
	return 0;
}

/* -- which classes --------------------------------------------------------------------------------------------- */

static bool shapes(const struct conf_type *type, const struct conf_port *p, int tc)
{
	if (type == &conf_type_cbs)
		return p->cbs.idle_bps[tc];
	return type == &conf_type_launch ? p->launch[tc].enabled : p->ats >> tc & 1;
}

/* A mapping without classes need not be printed. */
static bool shapes_none(const struct conf_key *k, const void *port)
{
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (shapes(k->type, port, tc))
			return false;
	return true;
}

/* -- credit-based-shaper --------------------------------------------------------------------------------------- */

static int read_rate(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct why why = {""};
	int64_t bps = 0;

	if (n->kind != YML_SCALAR)
		return conf_refuse(at, n->line, k->key, "is %s: give a rate such as 75Mb/s", yml_kind_name(n));
	if (conf_parse_rate(&bps, n->text, &why))
		return conf_refuse(at, n->line, k->key, "%s", why.text);
	*(int64_t *)field += bps;
	return 0;
}

static int read_streams(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	const struct yml_node *c;
	struct why why = {""};
	int64_t bps = 0;

	if (n->kind != YML_LIST || !n->n)
		return conf_refuse(at, n->line, k->key, "is %s: give a list such as [\"1514,1ms\"]", n->n ? yml_kind_name(n) : "empty");
	for (c = n->child; c; c = c->next) {
		if (conf_parse_stream(&bps, c->kind == YML_SCALAR ? c->text : "", &why))
			return conf_refuse(at, c->line, k->key, "%s", why.text);
		*(int64_t *)field += bps;
		if (*(int64_t *)field > WIRE_MAX_BPS)
			return conf_refuse(at, c->line, k->key, "the streams need more than 400Gb/s: give fewer");
	}
	return 0;
}

static const struct conf_type type_rate = {.name = "rate", .read = read_rate};
static const struct conf_type type_streams = {.name = "list of `BYTES,INTERVAL`", .read = read_streams};

/* What a class is given may be written in two ways; both together add up. */
const struct conf_key conf_cbs_keys[] = {
	{.key = "admin-idle-slope", .type = &type_rate, .help = "Rate that the class gets, bit/s on the wire (preamble, FCS and gap included)."},
	{.key = "streams", .type = &type_streams,
	 .help = "The same, worked out: one frame of so many bytes (in memory, without FCS) in each interval, for each stream: `[\"1514,1ms\"]`."},
	{.key = NULL},
};

static int read_cbs(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_port *p = field;
	const struct yml_node *c;
	uint8_t tc = 0;
	int err = 0;

	if (n->kind != YML_MAP)
		return conf_refuse(at, n->line, k->key, "is %s: give a mapping such as {6: 75Mb/s}", yml_kind_name(n));
	for (c = n->child; c && !err; c = c->next) {
		err = read_class(at, k, c->line, c->key, &tc);
		if (err)
			return err;
		if (c->kind == YML_MAP)
			err = conf_keys_read(at, conf_cbs_keys, c, 0, &p->cbs.idle_bps[tc]);
		else
			err = read_rate(at, k, c, &p->cbs.idle_bps[tc]);
		if (!err && !p->cbs.idle_bps[tc])
			err = conf_refuse(at, c->line, k->key, "class %u has no rate: give admin-idle-slope or streams", tc);
	}
	return err;
}

/* Printed as the slope, however it was given: it is that which counts. */
static void print_cbs(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct conf_port *p = field;
	const char *comma = "";
	int tc;

	(void)k;
	fputc('{', f);
	for (tc = TSN_CLASSES - 1; tc >= 0; tc--) {
		if (!p->cbs.idle_bps[tc])
			continue;
		fprintf(f, indent == CONF_JSON ? "%s\"%d\": " : "%s%d: ", comma, tc);
		conf_type_speed.print(k, &p->cbs.idle_bps[tc], f, indent);
		comma = ", ";
	}
	fputc('}', f);
}

const struct conf_type conf_type_cbs = {.name = "`{CLASS: RATE}`, or see below", .read = read_cbs, .print = print_cbs, .absent = shapes_none};

int conf_cbs_limits(struct cbs_limits out[TSN_CLASSES], const struct cbs_conf *cbs, const struct conf_port *port, struct why *why)
{
	uint32_t max_len[TSN_CLASSES];
	struct wire wire;
	int err = wire_init(&wire, port->link_bps, why);
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++)
		max_len[tc] = (uint32_t)port->mtu + CLS_ETH_HLEN + CLS_VLAN_HLEN;
	return err ? err : cbs_limits(out, cbs, max_len, &wire, why);
}

/* -- launch-time ----------------------------------------------------------------------------------------------- */

static const char *const modes[] = {[LAUNCH_STRICT] = "strict", [LAUNCH_DEADLINE] = "deadline", NULL};
static const char *const sources[] = {[LAUNCH_FROM_AVTP] = "avtp", [LAUNCH_FROM_TRAILER] = "trailer", NULL};

#define AT(field) .offset = offsetof(struct launch_conf, field)

const struct conf_key conf_launch_keys[] = {
	{.key = "mode", .type = &conf_type_choice, AT(mode), .words = modes, .def = "strict",
	 .help = "`strict`: a frame starts at its launch time, not before. `deadline`: it starts as soon as it can, at the latest then."},
	{.key = "source", .type = &conf_type_choice, AT(source), .words = sources, .def = "trailer",
	 .help = "Where a frame has its launch time: `avtp`: the presentation time of IEEE 1722; `trailer`: 12 bytes behind the frame, which are taken off."},
	{.key = "offset", .type = &conf_type_ns, AT(offset_ns), .min = -NS_PER_SEC, .max = NS_PER_SEC, .def = "0",
	 .help = "Added to what the frame says; for `avtp` less than zero: the presentation time is that much after the launch."},
	{.key = "late", .type = &conf_type_ns, AT(late_ns), .min = 0, .max = NS_PER_SEC, .def = "50us",
	 .help = "How long after its launch time a frame of mode `strict` may still start; then it is dropped (verdict launch-missed)."},
	{.key = NULL},
};

static int read_launch(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_port *p = field;
	const struct yml_node *c;
	uint8_t tc = 0;
	int err = 0;

	if (n->kind != YML_MAP)
		return conf_refuse(at, n->line, k->key, "is %s: give a mapping such as {7: {mode: strict}}", yml_kind_name(n));
	for (c = n->child; c && !err; c = c->next) {
		err = read_class(at, k, c->line, c->key, &tc);
		if (!err)
			err = conf_keys_default(conf_launch_keys, &p->launch[tc], at->why);
		if (!err)
			err = conf_keys_read(at, conf_launch_keys, c, 0, &p->launch[tc]);
		if (!err)
			p->launch[tc].enabled = true;
	}
	return err;
}

static void print_launch(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct launch_conf *l = ((const struct conf_port *)field)->launch;
	const char *comma = "";
	int tc;

	(void)k;
	fputc('{', f);
	for (tc = TSN_CLASSES - 1; tc >= 0; tc--) {
		if (!l[tc].enabled)
			continue;
		fprintf(f, indent == CONF_JSON ? "%s\"%d\": {" : "%s%d: {", comma, tc);
		conf_keys_print(conf_launch_keys, &l[tc], 0, f, CONF_JSON);
		fputc('}', f);
		comma = ", ";
	}
	fputc('}', f);
}

const struct conf_type conf_type_launch = {.name = "`{CLASS: {...}}`, see below", .read = read_launch, .print = print_launch, .absent = shapes_none};

/* -- asynchronous-shaper --------------------------------------------------------------------------------------- */

static int read_ats(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_port *p = field;
	const struct yml_node *c;
	uint8_t tc = 0;
	int err = 0;

	if (n->kind != YML_LIST)
		return conf_refuse(at, n->line, k->key, "is %s: give a list of classes such as [4]", yml_kind_name(n));
	for (c = n->child; c && !err; c = c->next) {
		err = read_class(at, k, c->line, c->kind == YML_SCALAR ? c->text : NULL, &tc);
		if (!err)
			p->ats |= (uint8_t)(1u << tc);
	}
	return err;
}

static void print_ats(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const struct conf_port *p = field;
	const char *comma = "";
	int tc;

	(void)k;
	(void)indent;
	fputc('[', f);
	for (tc = 0; tc < TSN_CLASSES; tc++)
		if (p->ats >> tc & 1) {
			fprintf(f, "%s%d", comma, tc);
			comma = ", ";
		}
	fputc(']', f);
}

const struct conf_type conf_type_ats = {.name = "list of classes, 0 to 7", .read = read_ats, .print = print_ats, .absent = shapes_none};

/* -- together ---------------------------------------------------------------------------------------------------- */

static const struct conf_type *const shapers[] = {&conf_type_cbs, &conf_type_launch, &conf_type_ats};

static const struct conf_key *key_of(const struct conf_type *type)
{
	const struct conf_key *k = conf_port_keys;

	while (k->type != type)
		k++;
	return k;
}

int conf_check_shaped_once(const struct conf_at *at, const struct yml_node *port, const struct conf_port *p)
{
	const struct conf_type *first;
	size_t i;
	int tc;

	for (tc = 0; tc < TSN_CLASSES; tc++) {
		first = NULL;
		for (i = 0; i < sizeof(shapers) / sizeof(shapers[0]); i++) {
			if (!shapes(shapers[i], p, tc))
				continue;
			if (first)
				return conf_refuse(at, yml_find(port, key_of(shapers[i])->key)->line, key_of(shapers[i])->key,
						   "class %d is in %s already: take it out of one of them", tc, key_of(first)->key);
			first = shapers[i];
		}
	}
	return 0;
}

int conf_check_shapers(const struct conf_at *at, const struct yml_node *port, const struct conf_port *p)
{
	struct cbs_limits limits[TSN_CLASSES];
	struct why why = {""};
	int err = conf_check_shaped_once(at, port, p);

	if (err)
		return err;
	if (!shapes_none(key_of(&conf_type_cbs), p) && conf_cbs_limits(limits, &p->cbs, p, &why))
		return conf_refuse(at, yml_find(port, key_of(&conf_type_cbs)->key)->line, key_of(&conf_type_cbs)->key, "%s", why.text);
	return 0;
}
