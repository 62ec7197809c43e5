/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/taps.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/key.h"

#define COMMENT_LEN 2048	/* 15 hops of some 40 bytes, and two names of 3 * REC_NAME */
#define SNAPLEN	    65535

enum { BEGIN, END };

static const struct edge {
	const char *name, *since, *help;
	enum way_hop hop;
	int end;
	enum pcapng_direction direction;
} edges[TAPS_COUNT] = {
#define X(id, name, hop, end, since, direction, help) { name, since, help, hop, end, PCAPNG_##direction },
	TAPS_EDGES(X)
#undef X
};

static bool is_ours(enum taps_edge e)
{
	return e >= TAPS_SEEN && e <= TAPS_DROPPED;
}

void taps_init(struct taps *t, struct pcapng *file, const struct port_names *ports, bool guests, const char *clock)
{
	struct pcapng_conf conf = { .comment = clock, .snaplen = SNAPLEN };
	char name[32];
	int i;

	memset(t, 0, sizeof(*t));
	t->file = file;
	t->ports = ports;
	for (i = 0; i < TAPS_COUNT; i++) {
		t->interface[i] = -1;
		if (!guests && !is_ours((enum taps_edge)i))
			continue;
		snprintf(name, sizeof(name), "takt:%s", edges[i].name);
		conf.name = name;
		conf.description = edges[i].help;
		t->interface[i] = pcapng_interface(file, &conf);
	}
}

/* -- the comment ------------------------------------------------------------------------------------------------------- */

struct text {
	char s[COMMENT_LEN];
	size_t len;
};

__attribute__((format(printf, 2, 3)))
static void say(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->s + t->len, sizeof(t->s) - t->len, format, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < sizeof(t->s) - t->len ? (size_t)n : sizeof(t->s) - t->len - 1;
}

/* A value has no blank: what is not printable ASCII, a blank, '%' and '=' are %XX. */
static void say_name(struct text *t, const char *name)
{
	for (; *name; name++) {
		if (*name > 0x20 && *name < 0x7f && *name != '%' && *name != '=')
			say(t, "%c", *name);
		else
			say(t, "%%%02x", (unsigned char)*name);
	}
}

/* The part that is the same at each edge. */
static void describe(const struct taps *t, const struct way *w, bool bytes, struct text *x)
{
	int i;

	say(x, " seq=%" PRIu64, w->rec.seq);
	if (w->key)
		say(x, " key=0x%016" PRIx64, w->key);
	if (key_is_numbered(w->key))
		say(x, " seqid=%" PRIu32, key_seqid(w->key));
	say(x, " in=");
	say_name(x, port_name(t->ports, w->rec.in_port));
	say(x, " out=");
	say_name(x, port_name(t->ports, w->rec.out_port));
	say(x, " tc=%d vid=%d verdict=%s stay=%" PRId64 "%s", w->rec.tc, w->rec.vid, pkt_verdict_name(w->rec.verdict), w->rec.t_out - w->rec.t_seen,
	    w->ambiguous ? " ambiguous=1" : "");
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		if (!way_has(w, (enum way_hop)i))
			continue;
		say(x, " h.%s=%" PRId64, way_names[i], way_ns(w, (enum way_hop)i));
		if (way_bound(w, (enum way_hop)i))
			say(x, "+-%" PRId64, way_bound(w, (enum way_hop)i));
	}
	if (!bytes)
		say(x, " bytes=none");
}

static const struct way_edge *edge_of(const struct way *w, const struct edge *e)
{
	return e->end == BEGIN ? &w->begin[e->hop] : &w->end[e->hop];
}

/* Two edges of one clock share their error. */
static void say_since(struct text *x, const struct way *w, const struct edge *e, const struct edge *before)
{
	const struct way_edge *now = edge_of(w, e), *then = edge_of(w, before);

	say(x, " hop=%s ns=%" PRId64 " bound=%" PRId64, e->hop == WAY_COPY && way_has(w, WAY_RX) ? "rx" : e->since, now->t - then->t,
	    now->bound_ns && then->bound_ns ? 0 : now->bound_ns + then->bound_ns);
}

/* -- packets ----------------------------------------------------------------------------------------------------------- */

static uint32_t placeholder(uint8_t data[18], const struct pkt *p)
{
	uint32_t n = 12;

	memset(data, 0, 18);
	if (p->flags & PKT_TAGGED) {
		data[n++] = 0x81;
		data[n++] = 0x00;
		data[n++] = (uint8_t)(pkt_pcp(p) << 5 | (p->vid >> 8 & 0xf));
		data[n++] = (uint8_t)p->vid;
	}
	data[n++] = TAPS_ETHERTYPE >> 8;
	data[n++] = TAPS_ETHERTYPE & 0xff;
	return n;
}

static bool passed(const struct way *w, enum taps_edge e)
{
	bool sent = w->rec.verdict == VERDICT_SENT;

	if (!way_has(w, edges[e].hop) || (e == TAPS_DROPPED && sent))
		return false;
	if (sent)
		return true;
	if (e == TAPS_QUEUED)	/* dropped before it had a queue, or out of one */
		return w->rec.hop_ns[HOP_QUEUE] || w->rec.hop_ns[HOP_GATE] || w->rec.hop_ns[HOP_SHAPE] || w->rec.hop_ns[HOP_PORT];
	return e != TAPS_CHOSEN && e != TAPS_HANDED;
}

void taps_write(struct taps *t, const struct way *w, const uint8_t *data, uint32_t caplen)
{
	struct text common = { .len = 0 };
	struct pcapng_frame f = { .packetid = taps_packetid(w), .queue = w->rec.tc, .data = data, .caplen = caplen };
	const struct edge *before = NULL;
	uint8_t header[18];
	int i;

	describe(t, w, data, &common);
	if (!data) {
		f.data = header;
		f.caplen = placeholder(header, &w->rec);
	}
	if (!data && w->rec.len && w->rec.len < f.caplen)
		f.caplen = w->rec.len;
	f.len = w->rec.len > f.caplen ? w->rec.len : f.caplen;
	for (i = 0; i < TAPS_COUNT; i++) {
		const struct edge *e = &edges[i];
		struct text x = { .len = 0 };

		if (t->interface[i] < 0 || !passed(w, (enum taps_edge)i))
			continue;
		say(&x, "takt: edge=%s", e->name);
		if (before)
			say_since(&x, w, e, before);
		say(&x, "%s", common.s);
		before = e;
		f.t = edge_of(w, e)->t;
		f.interface = t->interface[i];
		f.direction = e->direction;
		f.comment = x.s;
		pcapng_write(t->file, &f);
		t->packets++;
		t->placeholders += !data;
	}
}
