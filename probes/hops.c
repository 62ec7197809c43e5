/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/hops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/ns.h"

static const struct {
	unsigned int flag;
	const char *name;
} flags[] = {
	{PKT_TAGGED, "tagged"},	      {PKT_COPY, "copy"},     {PKT_FLOODED, "flooded"}, {PKT_FROM_GUEST, "from-guest"},
	{PKT_TO_GUEST, "to-guest"},   {PKT_STEPPED, "clock-stepped"}, {PKT_OVERRUN, "overrun"}, {PKT_LATE, "late"},
	{PKT_RETRIED, "retried"},     {PKT_NO_CALL, "no-interrupt"},
};

static const struct {
	const char *title, *key;
	double quantile;
} quantiles[] = {{"p50", "p50_ns", 0.5}, {"p99", "p99_ns", 0.99}, {"p99.9", "p99_9_ns", 0.999}};

int hops_adds_up(const struct pkt *p)
{
	int64_t sum = 0;
	int i;

	for (i = 0; i < HOP_COUNT; i++)
		sum += p->hop_ns[i];
	return sum == p->t_out - p->t_seen;
}

int hops_add(struct hops *h, const struct pkt *p)
{
	struct hops_row **row, *r;
	int i;

	if (!hops_adds_up(p))
		h->bad_sums++;
	if (!h->t_first)
		h->t_first = p->t_out;
	h->t_last = p->t_out;
	if (p->verdict != VERDICT_SENT || p->out_port >= PKT_MAX_PORTS) {
		h->dropped[p->verdict < VERDICT_COUNT ? p->verdict : 0]++;
		return 0;
	}
	h->frames++;
	h->overruns += !!(p->flags & PKT_OVERRUN);
	row = &h->row[p->out_port][p->tc % HOPS_CLASSES];
	if (!*row) {
		*row = malloc(sizeof(**row));
		if (!*row)
			return -ENOMEM;
		for (i = 0; i < HOP_COUNT; i++)
			hist_init(&(*row)->hop[i]);
		hist_init(&(*row)->total);
	}
	r = *row;
	for (i = 0; i < HOP_COUNT; i++)
		hist_add(&r->hop[i], p->hop_ns[i]);
	hist_add(&r->total, p->t_out - p->t_seen);
	return 0;
}

void hops_add_gap(struct hops *h, const struct rec_gap *g)
{
	h->gaps++;
	h->gap_ns += g->t_end - g->t_begin;
	if (g->t_end - g->t_begin > h->gap_longest_ns)
		h->gap_longest_ns = g->t_end - g->t_begin;
}

void hops_fini(struct hops *h)
{
	int i, tc;

	for (i = 0; i < PKT_MAX_PORTS; i++)
		for (tc = 0; tc < HOPS_CLASSES; tc++)
			free(h->row[i][tc]);
	memset(h, 0, sizeof(*h));
}

/* -- tables -------------------------------------------------------------------------------------------------- */

static void print_hop(struct out *o, const char *port, int tc, const char *name, const struct hist *x)
{
	char buf[NS_STR_LEN];
	bool quiet = !x->max && !x->negative;
	size_t i;

	out_object(o, NULL);
	out_str(o, "port", port, NULL);
	out_int(o, "class", tc, NULL);
	out_str(o, "hop", name, "%s  %-6s", quiet ? out_style(o, OUT_DIM) : "", name);
	out_uint(o, "count", x->count, " %9" PRIu64, x->count);
	out_int(o, "min_ns", x->min, " %10s", ns_str(buf, x->min));
	for (i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		int64_t v = hist_quantile(x, quantiles[i].quantile);

		if (hist_knows(x, quantiles[i].quantile))
			out_int(o, quantiles[i].key, v, " %10s", ns_str(buf, v));
		else
			out_null(o, quantiles[i].key, " %10s", "-");
	}
	out_int(o, "max_ns", x->max, " %10s", ns_str(buf, x->max));
	out_uint(o, "negative", x->negative, NULL);
	if (x->negative)
		out_text(o, "  %s%" PRIu64 " negative%s", out_style(o, OUT_RED), x->negative, out_style(o, OUT_PLAIN));
	out_text(o, "%s\n", quiet ? out_style(o, OUT_PLAIN) : "");
	out_end(o);
}

static void print_row(struct out *o, const char *port, int tc, const struct hops_row *row)
{
	size_t q;
	int i;

	out_text(o, "\n%s%s, class %d%s\n  %-6s %9s %10s", out_style(o, OUT_BOLD), port, tc,
		 out_style(o, OUT_PLAIN), "hop", "count", "min");
	for (q = 0; q < sizeof(quantiles) / sizeof(quantiles[0]); q++)
		out_text(o, " %10s", quantiles[q].title);
	out_text(o, " %10s\n", "max");
	for (i = 0; i < HOP_COUNT; i++)
		print_hop(o, port, tc, pkt_hop_name(i), &row->hop[i]);
	print_hop(o, port, tc, "total", &row->total);
}

static void print_drops(const struct hops *h, struct out *o)
{
	int i;

	out_object(o, "dropped");
	for (i = VERDICT_SENT + 1; i < VERDICT_COUNT; i++) {
		out_uint(o, pkt_verdict_name(i), h->dropped[i], NULL);
		if (h->dropped[i])
			out_text(o, ", %" PRIu64 " dropped (%s)", h->dropped[i], pkt_verdict_name(i));
	}
	out_end(o);
}

void hops_print(const struct hops *h, const struct records *r, struct out *o)
{
	char buf[NS_STR_LEN];
	int i, tc;

	out_int(o, "duration_ns", h->t_last - h->t_first, NULL);
	out_uint(o, "frames", h->frames, "%" PRIu64 " frames sent", h->frames);
	if (h->frames)
		out_text(o, " in %s", ns_str(buf, h->t_last - h->t_first));
	print_drops(h, o);
	out_uint(o, "lost", r->lost, ", %s%" PRIu64 " records lost%s", r->lost ? out_style(o, OUT_YELLOW) : "", r->lost,
		 r->lost ? out_style(o, OUT_PLAIN) : "");
	out_uint(o, "gaps", h->gaps, ", %" PRIu64 " poll gaps", h->gaps);
	out_int(o, "gap_ns", h->gap_ns, h->gaps ? " (%s)" : "", ns_str(buf, h->gap_ns));
	out_uint(o, "gaps_lost", r->gaps_lost, NULL);
	out_uint(o, "restarts", r->restarts, r->restarts ? ", taktd restarted %" PRIu64 " times" : "", r->restarts);
	out_bool(o, "ended", r->shm->closed, r->shm->closed ? ", taktd has ended" : "");
	out_uint(o, "overruns", h->overruns, h->overruns ? ", %" PRIu64 " overruns" : "", h->overruns);
	out_text(o, "\n");
	out_uint(o, "bad_sums", h->bad_sums,
		 h->bad_sums ? "%s%" PRIu64
			       " RECORDS WHOSE HOPS DO NOT ADD UP TO THEIR STAY: taktd is defective%s\n"
			     : "",
		 out_style(o, OUT_RED), h->bad_sums, out_style(o, OUT_PLAIN));
	out_array(o, "hops");
	for (i = 0; i < PKT_MAX_PORTS; i++)
		for (tc = HOPS_CLASSES - 1; tc >= 0; tc--)
			if (h->row[i][tc])
				print_row(o, records_port(r, (uint8_t)i), tc, h->row[i][tc]);
	out_end(o);
	if (!h->frames)
		out_text(o, "No frame was sent meanwhile.\n");
}

/* -- one frame ----------------------------------------------------------------------------------------------- */

#define BAR 48

static void print_bar(struct out *o, int64_t from, int64_t len, int64_t whole)
{
	int a = whole ? (int)(from * BAR / whole) : 0;
	int b = whole ? (int)(((from + len) * BAR + whole - 1) / whole) : 0;
	int i;

	if (o->json)
		return;
	fputs("  |", o->f);
	for (i = 0; i < BAR; i++)
		fputc(len && i >= a && i < b ? '#' : ' ', o->f);
	fputs("|", o->f);
}

void hops_flags(const struct pkt *p, struct out *o)
{
	size_t i;

	out_text(o, "  flags ");
	out_array(o, "flags");
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (p->flags & flags[i].flag)
			out_str(o, NULL, flags[i].name, " %s", flags[i].name);
	out_end(o);
	out_text(o, "\n");
}

static void print_gaps(const struct pkt *p, const struct rec_gap *gaps, uint32_t n, struct out *o)
{
	char a[NS_STR_LEN], b[NS_STR_LEN];
	uint32_t i;

	out_array(o, "gaps");
	for (i = 0; i < n; i++) {
		const struct rec_gap *g = &gaps[i];
		const char *where = rec_where_name(g->where);

		if (g->t_end <= p->t_seen || g->t_begin >= p->t_out)
			continue;
		out_object(o, NULL);
		out_int(o, "t_begin", g->t_begin, "  poll gap at %s", ns_str(a, g->t_begin - p->t_seen));
		out_int(o, "t_end", g->t_end, " for %s, ", ns_str(b, g->t_end - g->t_begin));
		out_str(o, "where", where, "%s\n", where);
		out_end(o);
	}
	out_end(o);
}

/* A string: few programs that read JSON keep 64 bits of a number. */
static void print_key(uint64_t key, struct out *o)
{
	char text[2 + 16 + 1];

	snprintf(text, sizeof(text), "0x%016" PRIx64, key);
	out_str(o, "key", text, ", key %s", text);
	if (key_is_numbered(key))
		out_uint(o, "seqid", key_seqid(key), " (number %" PRIu32 " of its sender)", key_seqid(key));
	else
		out_null(o, "seqid", NULL);
}

void hops_waterfall(const struct pkt *p, uint64_t key, const struct records *r, const struct rec_gap *gaps, uint32_t n_gaps,
		    struct out *o)
{
	int64_t stay = p->t_out - p->t_seen, at = 0;
	const char *verdict = pkt_verdict_name(p->verdict);
	char buf[NS_STR_LEN];
	int i;

	out_object(o, NULL);
	out_uint(o, "seq", p->seq, "%sframe %" PRIu64 "%s", out_style(o, OUT_BOLD), p->seq, out_style(o, OUT_PLAIN));
	out_str(o, "in", records_port(r, p->in_port), ": %s", records_port(r, p->in_port));
	out_str(o, "out", records_port(r, p->out_port), " -> %s",
		p->out_port == PKT_NO_PORT ? "nowhere" : records_port(r, p->out_port));
	out_int(o, "class", p->tc, ", class %d", p->tc);
	out_int(o, "pcp", pkt_pcp(p), ", PCP %d", pkt_pcp(p));
	out_int(o, "vid", p->vid, ", VLAN %d", p->vid);
	out_int(o, "len", p->len, ", %d bytes", p->len);
	out_str(o, "verdict", verdict, ", %s", verdict);
	out_int(o, "generation", p->gcl_gen, p->gcl_gen ? ", under schedule %d" : "", p->gcl_gen);
	print_key(key, o);
	out_int(o, "t_seen", p->t_seen, "\n  seen  %" PRId64 " ns TAI\n", p->t_seen);
	out_int(o, "t_out", p->t_out, "  out   %" PRId64 " ns TAI\n", p->t_out);
	out_object(o, "hops_ns");
	for (i = 0; i < HOP_COUNT; i++) {
		out_text(o, "  %-6s", pkt_hop_name(i));
		print_bar(o, at, p->hop_ns[i], stay);
		out_int(o, pkt_hop_name(i), p->hop_ns[i], " %10s %5.1f %%\n", ns_str(buf, p->hop_ns[i]),
			stay ? 100.0 * p->hop_ns[i] / (double)stay : 0.0);
		at += p->hop_ns[i];
	}
	out_end(o);
	out_int(o, "total_ns", stay, "  %-6s  %*s  %10s\n", "total", BAR, "", ns_str(buf, stay));
	hops_flags(p, o);
	print_gaps(p, gaps, n_gaps, o);
	out_bool(o, "adds_up", hops_adds_up(p),
		 hops_adds_up(p) ? "" : "  THE HOPS DO NOT ADD UP TO THE STAY: taktd is defective\n");
	out_end(o);
}
