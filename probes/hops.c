/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/hops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "probes/hop_print.h"

static const struct {
	unsigned int flag;
	const char *name;
} flags[] = {
	{PKT_TAGGED, "tagged"},	      {PKT_COPY, "copy"},     {PKT_FLOODED, "flooded"}, {PKT_FROM_GUEST, "from-guest"},
	{PKT_TO_GUEST, "to-guest"},   {PKT_STEPPED, "clock-stepped"}, {PKT_OVERRUN, "overrun"}, {PKT_LATE, "late"},
	{PKT_RETRIED, "retried"},     {PKT_NO_CALL, "no-interrupt"},
};

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
	bool quiet = !x->max && !x->negative;

	out_object(o, NULL);
	out_str(o, "port", port, NULL);
	out_int(o, "class", tc, NULL);
	out_str(o, "hop", name, "%s  %-6s", quiet ? out_style(o, OUT_DIM) : "", name);
	out_uint(o, "count", x->count, " %9" PRIu64, x->count);
	hop_print_times(o, x);
	out_end(o);
}

static void print_row(struct out *o, const char *port, int tc, const struct hops_row *row)
{
	int i;

	out_text(o, "\n%s%s, class %d%s\n  %-6s %9s", out_style(o, OUT_BOLD), port, tc, out_style(o, OUT_PLAIN), "hop", "count");
	hop_print_titles(o);
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
	hop_print_key(o, key);
	out_int(o, "t_seen", p->t_seen, "\n  seen  %" PRId64 " ns TAI\n", p->t_seen);
	out_int(o, "t_out", p->t_out, "  out   %" PRId64 " ns TAI\n", p->t_out);
	out_object(o, "hops_ns");
	for (i = 0; i < HOP_COUNT; i++) {
		out_text(o, "  %-6s", pkt_hop_name(i));
		hop_print_bar(o, BAR, at, p->hop_ns[i], stay);
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
