/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/ways_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "probes/hop_print.h"

static struct ways_row *row_of(struct ways_table *t, const struct pkt *p)
{
	struct ways_row *r;
	int i;

	for (i = 0; i < t->n_rows; i++)
		if (t->row[i]->in == p->in_port && t->row[i]->out == p->out_port && t->row[i]->tc == p->tc)
			return t->row[i];
	if (t->n_rows == WAYS_ROWS)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->in = p->in_port;
	r->out = p->out_port;
	r->tc = p->tc;
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		hist_init(&r->hop[i]);
	hist_init(&r->total);
	t->row[t->n_rows++] = r;
	return r;
}

static void add_total(struct ways_row *r, const struct way *w)
{
	struct way_edge first, last;
	int64_t bound;

	way_span(w, &first, &last);
	hist_add(&r->total, last.t - first.t);
	bound = first.bound_ns + last.bound_ns;
	r->total_bound_ns = bound > r->total_bound_ns ? bound : r->total_bound_ns;
}

int ways_table_add(struct ways_table *t, const struct way *w)
{
	struct ways_row *r;
	int64_t bound;
	int i;

	if (!t->t_first)
		t->t_first = w->rec.t_out;
	t->t_last = w->rec.t_out;
	t->bad_sums += !way_adds_up(w);
	if (w->rec.verdict != VERDICT_SENT || w->rec.out_port >= PKT_MAX_PORTS) {
		t->dropped[w->rec.verdict < VERDICT_COUNT ? w->rec.verdict : 0]++;
		return 0;
	}
	t->frames++;
	r = row_of(t, &w->rec);
	if (!r && t->n_rows < WAYS_ROWS)
		return -ENOMEM;
	if (!r) {
		t->beyond++;
		return 0;
	}
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		if (!way_has(w, (enum way_hop)i))
			continue;
		hist_add(&r->hop[i], way_ns(w, (enum way_hop)i));
		bound = way_bound(w, (enum way_hop)i);
		r->bound_ns[i] = bound > r->bound_ns[i] ? bound : r->bound_ns[i];
	}
	if (way_is_whole(w))
		add_total(r, w);
	return 0;
}

void ways_table_fini(struct ways_table *t)
{
	int i;

	for (i = 0; i < t->n_rows; i++)
		free(t->row[i]);
	memset(t, 0, sizeof(*t));
}

/* -- tables -------------------------------------------------------------------------------------------------- */

static void print_hop(struct out *o, const struct gather *g, const struct ways_row *r, const char *name, const struct hist *x, int64_t bound)
{
	bool quiet = !x->max && !x->negative;
	char buf[NS_STR_LEN];

	out_object(o, NULL);
	out_str(o, "in", gather_port(g, r->in), NULL);
	out_str(o, "out", gather_port(g, r->out), NULL);
	out_int(o, "class", r->tc, NULL);
	out_str(o, "hop", name, "%s  %-7s", quiet ? out_style(o, OUT_DIM) : "", name);
	out_uint(o, "count", x->count, " %9" PRIu64, x->count);
	out_int(o, "bound_ns", bound, " %10s", bound ? ns_str(buf, bound) : "");
	hop_print_times(o, x);
	out_end(o);
}

static void print_row(struct out *o, const struct gather *g, const struct ways_row *r)
{
	int i;

	out_text(o, "\n%s%s -> %s, class %d%s\n  %-7s %9s %11s", out_style(o, OUT_BOLD), gather_port(g, r->in), gather_port(g, r->out), r->tc,
		 out_style(o, OUT_PLAIN), "hop", "count", "\u00b1");
	hop_print_titles(o);
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (r->hop[i].count || r->hop[i].negative)
			print_hop(o, g, r, way_names[i], &r->hop[i], r->bound_ns[i]);
	print_hop(o, g, r, "total", &r->total, r->total_bound_ns);
}

/* A sentence for each hop that this source cannot tell. */
static void print_missing(const struct gather_source *s, struct out *o)
{
	static const enum way_hop guest[] = {WAY_APP, WAY_DRIVER, WAY_IRQ, WAY_DELIVER};
	bool coarse = gather_is_coarse(s);
	const char *why = NULL;
	size_t i;

	if (s->kind == GATHER_GUEST && !s->n_events && !s->forgotten)
		out_text(o, "    %sit told nothing: does `takt guest` run in it, and is this where its events go?%s\n", out_style(o, OUT_YELLOW),
			 out_style(o, OUT_PLAIN));
	out_array(o, "missing_hops");
	for (i = 0; s->kind == GATHER_GUEST && i < sizeof(guest) / sizeof(guest[0]); i++) {
		int seen = gather_point(s, way_names[guest[i]], &why);

		if (coarse && (guest[i] == WAY_DRIVER || guest[i] == WAY_IRQ)) {
			seen = 0;
			why = guest[i] == WAY_DRIVER ? "no probe in this guest, a packet socket's stamp: it is part of ring" :
						       "no probe in this guest, a packet socket's stamp: it is part of call";
		}
		if (coarse && guest[i] == WAY_APP)
			why = "no probe in this guest: of frames of `takt send` it begins at the stamp that they carry, of others not at all";
		if (seen > 0 || (seen < 0 && !json_object_get(s->meta, "points")))
			continue;
		out_object(o, NULL);
		out_str(o, "hop", way_names[guest[i]], "    %s%s is not seen%s", out_style(o, OUT_YELLOW), way_names[guest[i]], out_style(o, OUT_PLAIN));
		out_str(o, "why", seen < 0 ? "its agent has no such point" : why ?: "", ": %s\n", seen < 0 ? "its agent has no such point" : why ?: "");
		out_end(o);
	}
	out_end(o);
}

static void print_clock(const struct gather_source *s, struct out *o)
{
	const struct join_stat *j = join_stat(s->join);
	char a[NS_STR_LEN], b[NS_STR_LEN];

	out_object(o, "clock");
	out_uint(o, "constraints", j->above + j->below, NULL);
	out_uint(o, "windows", j->windows, NULL);
	out_uint(o, "breaks", j->breaks, NULL);
	if (j->windows) {
		out_int(o, "bound_min_ns", j->bound_min_ns, ", its clock known to \u00b1 %s", ns_str(a, j->bound_min_ns));
		out_int(o, "bound_max_ns", j->bound_max_ns, " (at worst %s)", ns_str(b, j->bound_max_ns));
		out_real(o, "rate_ppm", j->rate_ppm, ", rate %+.3f ppm", j->rate_ppm);
		out_real(o, "rate_bound_ppm", j->rate_bound_ppm, " \u00b1 %.3f", j->rate_bound_ppm);
		if (j->breaks)
			out_text(o, ", %s%" PRIu64 " breaks%s", out_style(o, OUT_YELLOW), j->breaks, out_style(o, OUT_PLAIN));
	} else {
		out_text(o, ", %sits clock is not known: neither an exchange nor a frame bounds it%s", out_style(o, OUT_YELLOW), out_style(o, OUT_PLAIN));
	}
	out_end(o);
}

static void print_sources(const struct ways_table *t, const struct gather *g, struct out *o)
{
	static const char *const kinds[] = {[GATHER_GUEST] = "guest", [GATHER_HOST] = "host", [GATHER_WIRE] = "wire"};
	int i;

	out_array(o, "sources");
	for (i = 0; i < g->n_sources; i++) {
		const struct gather_source *s = &g->source[i];

		out_object(o, NULL);
		out_str(o, "kind", kinds[s->kind], "  %s", kinds[s->kind]);
		out_str(o, "port", s->kind == GATHER_HOST ? "" : gather_port(g, s->port), s->kind == GATHER_HOST ? "%s" : " %s",
			s->kind == GATHER_HOST ? "" : gather_port(g, s->port));
		out_str(o, "name", s->name, " (%s)", s->name);
		out_uint(o, "events", s->n_events + s->forgotten, ": %" PRIu64 " events", s->n_events + s->forgotten);
		out_uint(o, "lost", s->stat.lost, s->stat.lost ? ", %" PRIu64 " lost" : "", s->stat.lost);
		out_uint(o, "blocks_missing", s->stat.missing, s->stat.missing ? ", %" PRIu64 " blocks missing" : "", s->stat.missing);
		out_uint(o, "unmatched", t->stat.unmatched[i], ", %" PRIu64 " without a record", t->stat.unmatched[i]);
		out_uint(o, "causes", t->stat.causes[i], NULL);
		if (s->kind != GATHER_WIRE)
			print_clock(s, o);
		out_text(o, "\n");
		if (s->troubles)
			out_str(o, "trouble", s->trouble, "    %s%s%s\n", out_style(o, OUT_YELLOW), s->trouble, out_style(o, OUT_PLAIN));
		out_uint(o, "troubles", s->troubles, NULL);
		print_missing(s, o);
		out_end(o);
	}
	out_end(o);
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_stat(const struct ways_table *t, struct out *o)
{
	const struct ways_stat *s = &t->stat;
	int i;

	out_uint(o, "ways", s->ways, NULL);
	out_uint(o, "whole", s->whole, "; whole ways: %" PRIu64 " of %" PRIu64, s->whole, s->ways);
	out_real(o, "whole_pct", percent(s->whole, s->ways), " (%.2f %%)", percent(s->whole, s->ways));
	out_uint(o, "numbered", s->numbered, NULL);
	out_uint(o, "numbered_whole", s->numbered_whole, NULL);
	out_uint(o, "ambiguous", s->ambiguous, ", %" PRIu64 " ambiguous", s->ambiguous);
	out_uint(o, "moved_seams", s->moved, NULL);
	out_uint(o, "defects", s->defects, s->defects ? ", %s%" PRIu64 " AGAINST THEIR CAUSE beyond all bounds%s" : "", out_style(o, OUT_RED), s->defects,
		 out_style(o, OUT_PLAIN));
	out_text(o, "\n");
	out_object(o, "missing");
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		out_uint(o, way_names[i], s->missing[i], s->missing[i] ? "  %" PRIu64 " ways without %s\n" : "", s->missing[i], way_names[i]);
	out_end(o);
}

void ways_table_print(const struct ways_table *t, const struct gather *g, struct out *o)
{
	char buf[NS_STR_LEN];
	int i;

	out_int(o, "duration_ns", t->t_last - t->t_first, NULL);
	out_uint(o, "frames", t->frames, "%" PRIu64 " frames sent", t->frames);
	if (t->frames)
		out_text(o, " in %s", ns_str(buf, t->t_last - t->t_first));
	out_object(o, "dropped");
	for (i = VERDICT_SENT + 1; i < VERDICT_COUNT; i++)
		out_uint(o, pkt_verdict_name(i), t->dropped[i], t->dropped[i] ? ", %" PRIu64 " dropped (%s)" : "", t->dropped[i], pkt_verdict_name(i));
	out_end(o);
	out_uint(o, "lost", g->recs_lost, g->recs_lost ? ", %s%" PRIu64 " records lost%s" : "", out_style(o, OUT_YELLOW), g->recs_lost,
		 out_style(o, OUT_PLAIN));
	out_int(o, "axis_error_ns", g->axis_error_ns, NULL);
	print_stat(t, o);
	out_uint(o, "bad_sums", t->bad_sums, t->bad_sums ? "%s%" PRIu64 " WAYS WHOSE HOPS DO NOT ADD UP%s\n" : "", out_style(o, OUT_RED), t->bad_sums,
		 out_style(o, OUT_PLAIN));
	print_sources(t, g, o);
	out_array(o, "hops");
	for (i = 0; i < t->n_rows; i++)
		print_row(o, g, t->row[i]);
	out_end(o);
	if (!t->frames)
		out_text(o, "No frame was sent meanwhile.\n");
}

/* -- one way ------------------------------------------------------------------------------------------------- */

#define BAR 40

void ways_waterfall(const struct way *w, const struct gather *g, struct out *o)
{
	const char *verdict = pkt_verdict_name(w->rec.verdict);
	char a[NS_STR_LEN], b[NS_STR_LEN];
	struct way_edge first, last;
	int64_t bound;
	int i;

	way_span(w, &first, &last);
	out_object(o, NULL);
	out_uint(o, "seq", w->rec.seq, "%sframe %" PRIu64 "%s", out_style(o, OUT_BOLD), w->rec.seq, out_style(o, OUT_PLAIN));
	hop_print_key(o, w->key);
	out_str(o, "in", gather_port(g, w->rec.in_port), ": %s", gather_port(g, w->rec.in_port));
	out_str(o, "out", gather_port(g, w->rec.out_port), " -> %s", w->rec.out_port == PKT_NO_PORT ? "nowhere" : gather_port(g, w->rec.out_port));
	out_int(o, "class", w->rec.tc, ", class %d", w->rec.tc);
	out_int(o, "len", w->rec.len, ", %d bytes", w->rec.len);
	out_str(o, "verdict", verdict, ", %s", verdict);
	out_bool(o, "ambiguous", w->ambiguous, w->ambiguous ? ", ambiguous" : "");
	out_bool(o, "defect", w->defect, w->defect ? ", AGAINST ITS CAUSE" : "");
	out_int(o, "t_begin", first.t, "\n  begins %" PRId64 " ns TAI\n", first.t);
	out_int(o, "t_end", last.t, NULL);
	out_array(o, "hops");
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		bool wanted = w->want >> i & 1;

		if (!way_has(w, (enum way_hop)i)) {
			if (wanted)
				out_text(o, "  %-7s  not seen\n", way_names[i]);
			continue;
		}
		bound = way_bound(w, (enum way_hop)i);
		out_object(o, NULL);
		out_str(o, "hop", way_names[i], "  %-7s", way_names[i]);
		hop_print_bar(o, BAR, w->begin[i].t - first.t, way_ns(w, (enum way_hop)i), last.t - first.t);
		out_int(o, "t_begin", w->begin[i].t, NULL);
		out_int(o, "ns", way_ns(w, (enum way_hop)i), " %10s", ns_str(a, way_ns(w, (enum way_hop)i)));
		out_int(o, "bound_ns", bound, bound ? " \u00b1 %s\n" : "\n", ns_str(b, bound));
		out_end(o);
	}
	out_end(o);
	out_int(o, "total_ns", last.t - first.t, "  %-7s  %*s  %10s\n", "total", BAR, "", ns_str(a, last.t - first.t));
	out_bool(o, "whole", way_is_whole(w), way_is_whole(w) ? "" : "  not whole: hops are missing\n");
	out_bool(o, "adds_up", way_adds_up(w), way_adds_up(w) ? "" : "  THE HOPS DO NOT ADD UP\n");
	out_end(o);
}
