/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/pmc.h"

#include <errno.h>
#include <string.h>

#include "ptp/be.h"

/* Offsets in a management message: the header of 13.3, then 15.4.1, then one TLV of 15.5.2. */
#define AT_LENGTH   2
#define AT_DOMAIN   4
#define AT_SOURCE   20
#define AT_SEQUENCE 30
#define AT_CONTROL  32
#define AT_INTERVAL 33
#define AT_TARGET   34
#define AT_ACTION   46
#define AT_TLV	    48
#define AT_DATA	    54 /* behind the TLV's type and length and the managementId */

#define TYPE_MANAGEMENT 0x0d
#define VERSION		0x02
#define CONTROL		4    /* Table 23; ignored by version 2 */
#define INTERVAL	0x7f /* Table 24 */
#define ACTION_GET	0
#define ACTION_RESPONSE 2
#define TLV_MANAGEMENT	0x0001
#define TLV_ERROR	0x0002
#define ERROR_LEN	8 /* bytes of an error TLV without its text */

#define TIME_LEAP61	    0x01 /* flagField[1], Table 20 */
#define TIME_LEAP59	    0x02
#define TIME_UTC_VALID	    0x04
#define TIME_PTP	    0x08
#define TIME_TIME_TRACEABLE 0x10
#define TIME_FREQ_TRACEABLE 0x20

/* -- one reader per data set: `p` has the row's length, and what follows it for the one that ends in a text ----- */

static struct pmc_clock_id clock_id(const uint8_t *p)
{
	struct pmc_clock_id id;

	memcpy(id.byte, p, sizeof(id.byte));
	return id;
}

static struct pmc_port_id port_id(const uint8_t *p)
{
	return (struct pmc_port_id){.clock = clock_id(p), .number = be_get16(p + 8)};
}

static struct pmc_quality quality(const uint8_t *p)
{
	return (struct pmc_quality){.clock_class = p[0], .accuracy = p[1], .variance = be_get16(p + 2)};
}

/* A TimeInterval (5.3.2): 2^-16 ns. Rounded to the nearest ns. */
static int64_t interval_ns(const uint8_t *p)
{
	int64_t v = (int64_t)be_get64(p);

	return (v >> 16) + (v >> 15 & 1);
}

static void read_default(struct pmc_reply *r, const uint8_t *p)
{
	r->default_ds = (struct pmc_default){
		.two_step = p[0] & 1,
		.client_only = p[0] & 2,
		.ports = be_get16(p + 2),
		.priority1 = p[4],
		.quality = quality(p + 5),
		.priority2 = p[9],
		.identity = clock_id(p + 10),
		.domain = p[18],
	};
}

static void read_current(struct pmc_reply *r, const uint8_t *p)
{
	r->current = (struct pmc_current){
		.steps_removed = be_get16(p),
		.offset_ns = interval_ns(p + 2),
		.path_delay_ns = interval_ns(p + 10),
	};
}

static void read_parent(struct pmc_reply *r, const uint8_t *p)
{
	r->parent = (struct pmc_parent){
		.port = port_id(p),
		.gm_priority1 = p[18],
		.gm_quality = quality(p + 19),
		.gm_priority2 = p[23],
		.gm_identity = clock_id(p + 24),
	};
}

static struct pmc_time_properties time_properties(const uint8_t *p)
{
	return (struct pmc_time_properties){
		.utc_offset = (int16_t)be_get16(p),
		.leap61 = p[2] & TIME_LEAP61,
		.leap59 = p[2] & TIME_LEAP59,
		.utc_offset_valid = p[2] & TIME_UTC_VALID,
		.ptp_timescale = p[2] & TIME_PTP,
		.time_traceable = p[2] & TIME_TIME_TRACEABLE,
		.freq_traceable = p[2] & TIME_FREQ_TRACEABLE,
		.time_source = p[3],
	};
}

static void read_time_properties(struct pmc_reply *r, const uint8_t *p)
{
	r->time_properties = time_properties(p);
}

static void read_port(struct pmc_reply *r, const uint8_t *p)
{
	r->port = (struct pmc_port){
		.identity = port_id(p),
		.state = p[10],
		.log_min_delay_req_interval = (int8_t)p[11],
		.peer_delay_ns = interval_ns(p + 12),
		.log_announce_interval = (int8_t)p[20],
		.announce_receipt_timeout = p[21],
		.log_sync_interval = (int8_t)p[22],
		.delay_mechanism = p[23],
		.log_min_pdelay_req_interval = (int8_t)p[24],
		.version = p[25] & 0x0f,
	};
}

/* The time base and the phase changes of the grandmaster are left out: nothing here follows them. */
static void read_time_status(struct pmc_reply *r, const uint8_t *p)
{
	r->time_status = (struct pmc_time_status){
		.offset_ns = (int64_t)be_get64(p),
		.t_ingress = (int64_t)be_get64(p + 8),
		.scaled_rate_offset = (int32_t)be_get32(p + 16),
		.gm_present = be_get32(p + 38) != 0,
		.gm_identity = clock_id(p + 42),
	};
}

static void read_grandmaster(struct pmc_reply *r, const uint8_t *p)
{
	r->grandmaster = (struct pmc_grandmaster){.quality = quality(p), .time = time_properties(p + 4)};
}

static void read_port_properties(struct pmc_reply *r, const uint8_t *p)
{
	struct pmc_port_properties *out = &r->port_properties;
	size_t text = p[12], i;

	*out = (struct pmc_port_properties){.identity = port_id(p), .state = p[10], .timestamping = p[11]};
	for (i = 0; i < text && i < sizeof(out->interface) - 1; i++)
		out->interface[i] = p[13 + i] > ' ' && p[13 + i] < 0x7f ? (char)p[13 + i] : '?';
}

struct data_set {
	uint16_t id;
	const char *name;
	size_t len;	 /* bytes; of one that ends in a text: up to and with the text's length byte */
	bool text;
	bool per_port;
	void (*read)(struct pmc_reply *r, const uint8_t *p);
};

static const struct data_set data_sets[] = {
	{PMC_DEFAULT_DS, "DEFAULT_DATA_SET", 20, false, false, read_default},
	{PMC_CURRENT_DS, "CURRENT_DATA_SET", 18, false, false, read_current},
	{PMC_PARENT_DS, "PARENT_DATA_SET", 32, false, false, read_parent},
	{PMC_TIME_PROPERTIES_DS, "TIME_PROPERTIES_DATA_SET", 4, false, false, read_time_properties},
	{PMC_PORT_DS, "PORT_DATA_SET", 26, false, true, read_port},
	{PMC_TIME_STATUS_NP, "TIME_STATUS_NP", 50, false, false, read_time_status},
	{PMC_GRANDMASTER_NP, "GRANDMASTER_SETTINGS_NP", 8, false, false, read_grandmaster},
	{PMC_PORT_PROPERTIES_NP, "PORT_PROPERTIES_NP", 13, true, true, read_port_properties},
};

static const struct data_set *find(uint16_t id)
{
	size_t i;

	for (i = 0; i < sizeof(data_sets) / sizeof(data_sets[0]); i++)
		if (data_sets[i].id == id)
			return &data_sets[i];
	return NULL;
}

/* -- questions -------------------------------------------------------------------------------------------------- */

int pmc_get(uint8_t *buf, size_t size, const struct pmc_question *q)
{
	const struct data_set *set = find(q->id);
	size_t data, len;

	if (!set)
		return -EINVAL;
	data = set->text ? 0 : set->len;	/* as pmc does it: nobody knows how long the text will be */
	len = AT_DATA + data;
	if (len > size)
		return -ENOSPC;
	memset(buf, 0, len);
	buf[0] = (uint8_t)(q->sdo << 4 | TYPE_MANAGEMENT);
	buf[1] = VERSION;
	be_put16(buf + AT_LENGTH, (uint16_t)len);
	buf[AT_DOMAIN] = q->domain;
	be_put16(buf + AT_SOURCE + 8, q->asker);
	be_put16(buf + AT_SEQUENCE, q->sequence);
	buf[AT_CONTROL] = CONTROL;
	buf[AT_INTERVAL] = INTERVAL;
	memset(buf + AT_TARGET, 0xff, 10);
	buf[AT_ACTION] = ACTION_GET;
	be_put16(buf + AT_TLV, TLV_MANAGEMENT);
	be_put16(buf + AT_TLV + 2, (uint16_t)(2 + data));
	be_put16(buf + AT_TLV + 4, set->id);
	return (int)len;
}

/* -- answers ---------------------------------------------------------------------------------------------------- */

static int parse_error(struct pmc_reply *out, const uint8_t *tlv, size_t len, struct why *why)
{
	if (len < ERROR_LEN)
		return why_fail(why, EBADMSG, "an error of %zu bytes: it has at least %d", len, ERROR_LEN);
	out->error = be_get16(tlv + 4);
	out->id = be_get16(tlv + 6);
	if (!out->error)
		return why_fail(why, EBADMSG, "an error without a number");
	return 0;
}

static int parse_data(struct pmc_reply *out, const uint8_t *tlv, size_t len, struct why *why)
{
	const struct data_set *set;
	size_t want;

	if (len < 2)
		return why_fail(why, EBADMSG, "a management TLV of %zu bytes: it has at least 2", len);
	out->id = be_get16(tlv + 4);
	set = find(out->id);
	if (!set)
		return why_fail(why, ENOMSG, "data set 0x%04x is none that was asked for", out->id);
	len -= 2;
	want = set->len;
	if (set->text && len >= want) {
		want += tlv[6 + want - 1];
		want += want % 2; /* padded to whole pairs (15.5.2.3) */
	}
	if (len != want)
		return why_fail(why, EBADMSG, "%s of %zu bytes: it has %zu", set->name, len, want);
	set->read(out, tlv + 6);
	return 0;
}

int pmc_parse(struct pmc_reply *out, const uint8_t *msg, size_t len, struct why *why)
{
	size_t total, tlv_len;

	memset(out, 0, sizeof(*out));
	if (len < AT_DATA)
		return why_fail(why, EBADMSG, "%zu bytes are no management message: it has at least %d", len, AT_DATA);
	if ((msg[0] & 0x0f) != TYPE_MANAGEMENT)
		return why_fail(why, EBADMSG, "a message of type %d is no management message", msg[0] & 0x0f);
	if ((msg[1] & 0x0f) != VERSION)
		return why_fail(why, EBADMSG, "version %d of PTP is not spoken here", msg[1] & 0x0f);
	total = be_get16(msg + AT_LENGTH);
	if (total < AT_DATA || total > len)
		return why_fail(why, EBADMSG, "a message that says it has %zu bytes has %zu", total, len);
	tlv_len = be_get16(msg + AT_TLV + 2);
	if (tlv_len % 2 || AT_TLV + 4 + tlv_len > total)
		return why_fail(why, EBADMSG, "a TLV of %zu bytes does not fit into a message of %zu", tlv_len, total);
	if ((msg[AT_ACTION] & 0x0f) != ACTION_RESPONSE)
		return why_fail(why, ENOMSG, "action %d is no answer", msg[AT_ACTION] & 0x0f);
	out->sdo = msg[0] >> 4;
	out->domain = msg[AT_DOMAIN];
	out->sequence = be_get16(msg + AT_SEQUENCE);
	out->from = port_id(msg + AT_SOURCE);
	out->to = port_id(msg + AT_TARGET);
	switch (be_get16(msg + AT_TLV)) {
	case TLV_MANAGEMENT:
		return parse_data(out, msg + AT_TLV, tlv_len, why);
	case TLV_ERROR:
		return parse_error(out, msg + AT_TLV, tlv_len, why);
	default:
		return why_fail(why, ENOMSG, "TLV 0x%04x is no answer", be_get16(msg + AT_TLV));
	}
}

const char *pmc_name(uint16_t id)
{
	const struct data_set *set = find(id);

	return set ? set->name : "unknown data set";
}

bool pmc_per_port(uint16_t id)
{
	const struct data_set *set = find(id);

	return set && set->per_port;
}
