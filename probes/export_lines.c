/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames as lines: JSON objects, or rows of numbers.
 */
#include "probes/export.h"

#include <inttypes.h>

#include "base/key.h"
#include "base/out.h"
#include "probes/hops.h"

/* -- jsonl ----------------------------------------------------------------------------------------------------------- */

static void put_hops(struct out *o, const struct way *w)
{
	int i;

	out_object(o, "hops_ns");
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, (enum way_hop)i))
			out_int(o, way_names[i], way_ns(w, (enum way_hop)i), NULL);
	out_end(o);
	out_object(o, "bounds_ns");	/* of those that are not exact */
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, (enum way_hop)i) && way_bound(w, (enum way_hop)i))
			out_int(o, way_names[i], way_bound(w, (enum way_hop)i), NULL);
	out_end(o);
}

static void put_who(struct out *o, const struct export *x, const struct way *w)
{
	char key[32];

	snprintf(key, sizeof(key), "0x%016" PRIx64, w->key);
	out_uint(o, "seq", w->rec.seq, NULL);
	out_str(o, "key", w->key ? key : NULL, NULL);
	if (key_is_numbered(w->key))
		out_uint(o, "seqid", key_seqid(w->key), NULL);
	else
		out_null(o, "seqid", NULL);
	out_str(o, "in", port_name(&x->ports, w->rec.in_port), NULL);
	out_str(o, "out", port_name(&x->ports, w->rec.out_port), NULL);
}

static int jsonl_frame(struct export *x, const struct way *w)
{
	struct out o;
	int i, err;

	out_init(&o, x->f, true);
	out_object(&o, NULL);
	put_who(&o, x, w);
	out_int(&o, "class", w->rec.tc, NULL);
	out_int(&o, "pcp", pkt_pcp(&w->rec), NULL);
	out_int(&o, "vid", w->rec.vid, NULL);
	out_int(&o, "len", w->rec.len, NULL);
	out_str(&o, "verdict", pkt_verdict_name(w->rec.verdict), NULL);
	out_int(&o, "generation", w->rec.gcl_gen, NULL);
	hops_flags(&w->rec, &o);
	out_int(&o, "t_seen", w->rec.t_seen, NULL);
	out_int(&o, "t_out", w->rec.t_out, NULL);
	out_int(&o, "stay_ns", w->rec.t_out - w->rec.t_seen, NULL);
	put_hops(&o, w);
	out_bool(&o, "whole", way_is_whole(w), NULL);
	out_bool(&o, "ambiguous", w->ambiguous, NULL);
	out_object(&o, "timestamps");
	out_array(&o, "names");
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, (enum way_hop)i))
			out_str(&o, NULL, way_names[i], NULL);
	out_end(&o);
	out_array(&o, "values");
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		if (way_has(w, (enum way_hop)i))
			out_int(&o, NULL, w->end[i].t, NULL);
	out_end(&o);
	out_end(&o);
	out_end(&o);
	err = o.err;
	return err ? -err : 0;
}

const struct export_format export_jsonl = {
	.name = "jsonl", .help = "JSON lines: an object for each frame", .guests = true, .stream = true, .frame = jsonl_frame,
};

/* -- csv ------------------------------------------------------------------------------------------------------------- */

/* RFC 4180: a name with a comma, a quote or a line's end stands in quotes. */
static void put_field(FILE *f, const char *name)
{
	fputc('"', f);
	for (; *name; name++) {
		if (*name == '"')
			fputc('"', f);
		fputc(*name, f);
	}
	fputc('"', f);
}

static int csv_begin(struct export *x, struct why *why)
{
	int i;

	(void)why;
	fputs("seq,seqid,key,in,out,class,vid,len,verdict,t_seen,t_out", x->f);
	for (i = 0; i < WAY_HOPS_COUNT; i++)
		fprintf(x->f, ",%s_ns", way_names[i]);
	fputs(",bound_ns\r\n", x->f);
	return export_error(x);
}

static int csv_frame(struct export *x, const struct way *w)
{
	int64_t bound, most = 0;
	int i;

	fprintf(x->f, "%" PRIu64 ",", w->rec.seq);
	if (key_is_numbered(w->key))
		fprintf(x->f, "%" PRIu32, key_seqid(w->key));
	fputc(',', x->f);
	if (w->key)
		fprintf(x->f, "0x%016" PRIx64, w->key);
	fputc(',', x->f);
	put_field(x->f, port_name(&x->ports, w->rec.in_port));
	fputc(',', x->f);
	put_field(x->f, port_name(&x->ports, w->rec.out_port));
	fprintf(x->f, ",%d,%d,%d,%s,%" PRId64 ",%" PRId64, w->rec.tc, w->rec.vid, w->rec.len, pkt_verdict_name(w->rec.verdict), w->rec.t_seen, w->rec.t_out);
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		fputc(',', x->f);
		if (!way_has(w, (enum way_hop)i))
			continue;
		fprintf(x->f, "%" PRId64, way_ns(w, (enum way_hop)i));
		bound = way_bound(w, (enum way_hop)i);
		most = bound > most ? bound : most;
	}
	fprintf(x->f, ",%" PRId64 "\r\n", most);
	return export_error(x);
}

const struct export_format export_csv = {
	.name = "csv", .help = "comma-separated values: a row for each frame, times in ns", .guests = true, .stream = true,
	.begin = csv_begin, .frame = csv_frame,
};
