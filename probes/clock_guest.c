/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt clock guest: how a guest's clock lies to taktd's, over time, and how well that is known.
 */
#include "probes/probes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/kvm_tsc.h"
#include "probes/ways.h"

#define SETTLE_NS (NS_PER_SEC / 2)	/* what a guest tells is here by then */
#define POINTS	  10			/* rows of the table, without --every */
#define MOST	  100000		/* instants */

struct conf {
	const char *name, *input, *at;
	int64_t interval_ns, every_ns, wander_ppb;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt clock_guest_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"interval", 'i', OPT_NS, AT(interval_ns), "TIME", "4s", NS_PER_MS, 86400 * NS_PER_SEC, "collect for TIME"},
	{"every", 0, OPT_NS, AT(every_ns), "TIME", "0", 0, 86400 * NS_PER_SEC, "say where the clock was every TIME; 0: ten times"},
	{"at", 0, OPT_STR, AT(at), "FILE", NULL, 0, 0, "say where these instants are: ns of the guest's CLOCK_MONOTONIC, one a line; - is standard input"},
	GATHER_WANDER(AT(wander_ppb)),
	{"input", 0, OPT_STR, AT(input), "PATH", NULL, 0, 0, "read a recording (takt record), or a copied file of records, instead of a running taktd"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};
#undef AT

const char clock_guest_examples[] = "  takt clock guest plc=unix:/run/takt/plc.ev\n"
				    "  takt clock guest --every 100ms plc=vsock:7117 --json | jq '.guests[0].points[]'\n"
				    "  takt clock guest --input recording --at instants\n";

struct instants {
	int64_t *t;
	size_t n;
};

/* -- which instants ------------------------------------------------------------------------------------------ */

static int read_instants(struct instants *at, const char *path, struct why *why)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char line[128], *end;
	int number = 0, err = 0;

	if (!f)
		return why_fail(why, errno, "--at %.128s: %s", path, strerror(errno));
	at->t = malloc(MOST * sizeof(*at->t));
	while (at->t && !err && fgets(line, sizeof(line), f)) {
		number++;
		errno = 0;
		if (at->n == MOST)
			err = why_fail(why, E2BIG, "--at %.128s: more than %d instants", path, MOST);
		else
			at->t[at->n++] = strtoll(line, &end, 10);
		if (!err && (errno || end == line || !strchr("\n\r ", *end)))
			err = why_fail(why, EINVAL, "--at %.128s:%d: \"%.32s\" is no instant: give ns, one a line", path, number, line);
	}
	if (f != stdin)
		fclose(f);
	return at->t ? err : why_fail(why, ENOMEM, "out of memory");
}

static void spread(struct instants *at, const struct join_stat *s, int64_t every_ns)
{
	int64_t span = s->g_last - s->g_first, t;

	every_ns = every_ns ?: span / (POINTS - 1) + 1;
	if (span / every_ns >= MOST)
		every_ns = span / MOST + 1;
	at->t = malloc((size_t)(span / every_ns + 1) * sizeof(*at->t));
	for (t = s->g_first, at->n = 0; at->t && at->n <= (size_t)(span / every_ns); t += every_ns)
		at->t[at->n++] = t;
}

/* -- output -------------------------------------------------------------------------------------------------- */

static void print_points(const struct gather *g, const struct gather_source *s, const struct instants *at, struct out *o)
{
	char offset[NS_STR_LEN], bound[NS_STR_LEN];
	struct join_point first = {0, INT64_MAX}, p;
	int64_t base = 0;
	size_t i;

	out_text(o, "  %20s %24s %14s %12s\n", "guest's time", "TAI", "moved by", "\u00b1");
	out_array(o, "points");
	for (i = 0; i < at->n; i++) {
		p = gather_map(g, s, at->t[i]);
		out_object(o, NULL);
		out_int(o, "t_guest", at->t[i], "  %20" PRId64, at->t[i]);
		if (p.bound_ns == INT64_MAX) {
			out_null(o, "t", "  not known\n");
			out_end(o);
			continue;
		}
		if (first.bound_ns == INT64_MAX) {
			first = p;
			base = at->t[i];
		}
		out_int(o, "t", p.t, " %24" PRId64, p.t);
		out_int(o, "moved_ns", (p.t - first.t) - (at->t[i] - base), " %14s", ns_str(offset, (p.t - first.t) - (at->t[i] - base)));
		out_int(o, "bound_ns", p.bound_ns, " %12s\n", ns_str(bound, p.bound_ns));
		out_end(o);
	}
	out_end(o);
}

/* By its pid, as taktd knows who is at the other end of the port's socket. */
static void print_kvm(const struct gather *g, const struct gather_source *s, struct out *o)
{
	const json_t *ports = json_object_get(g->show, "ports"), *port;
	struct kvm_tsc tsc;
	struct why why = {""};
	json_int_t pid = 0;
	size_t i;

	json_array_foreach(ports, i, port)
		if (!strcmp(json_string_value(json_object_get(port, "name")) ?: "", gather_port(g, s->port)))
			pid = json_integer_value(json_object_get(port, "peer_pid"));
	out_object(o, "kvm");
	if (!pid)
		why_fail(&why, 0, "taktd does not know the process of this guest");
	else if (!kvm_tsc_read(&tsc, KVM_TSC_ROOT, (int)pid, &why)) {
		out_int(o, "tsc_offset", tsc.offset, "  KVM: the guest's TSC is the host's %+" PRId64 " ticks", tsc.offset);
		out_uint(o, "tsc_ratio", tsc.ratio, tsc.ratio ? ", scaled by %" PRIu64 " / 2^%u\n" : "\n", tsc.ratio, tsc.fraction_bits);
	}
	if (*why.text)
		out_str(o, "why_not", why.text, "  KVM tells no TSC offset: %s\n", why.text);
	out_end(o);
}

static void print_guest(const struct gather *g, const struct gather_source *s, const struct ways_stat *w, const struct instants *at, struct out *o)
{
	const struct join_stat *j = join_stat(s->join), *x = join_stat(s->exchange);
	const char *how = !j->windows ? "not at all" : !w->causes[s - g->source] ? "by exchanges" : x->above ? "by exchanges and frames" : "by frames";
	char a[NS_STR_LEN], b[NS_STR_LEN];

	out_object(o, NULL);
	out_str(o, "port", gather_port(g, s->port), "%s%s%s", out_style(o, OUT_BOLD), gather_port(g, s->port), out_style(o, OUT_PLAIN));
	out_str(o, "source", s->name, " (%s)", s->name);
	out_str(o, "joined", how, ": joined %s", how);
	out_uint(o, "exchanges", x->above, ", %" PRIu64 " exchanges", x->above);
	out_uint(o, "frames", w->causes[s - g->source], ", %" PRIu64 " frames\n", w->causes[s - g->source]);
	out_uint(o, "windows", j->windows, NULL);
	out_uint(o, "breaks", j->breaks, j->breaks ? "  %" PRIu64 " times it was stepped or bent, or taktd's was\n" : "", j->breaks);
	if (j->windows) {
		out_real(o, "rate_ppm", j->rate_ppm, "  rate %+.3f ppm", j->rate_ppm);
		out_real(o, "rate_bound_ppm", j->rate_bound_ppm, " \u00b1 %.3f", j->rate_bound_ppm);
		out_int(o, "bound_min_ns", j->bound_min_ns, ", known to \u00b1 %s", ns_str(a, j->bound_min_ns));
		out_int(o, "bound_max_ns", j->bound_max_ns, " (at worst %s)\n", ns_str(b, j->bound_max_ns));
	}
	if (s->troubles)
		out_str(o, "trouble", s->trouble, "  %s\n", s->trouble);
	print_kvm(g, s, o);
	print_points(g, s, at, o);
	out_end(o);
}

/* -- the command --------------------------------------------------------------------------------------------- */

static int collect(struct gather *g, const struct conf *c, struct ways_stat *stat, struct why *why)
{
	int err = gather_run(g, c->input ? NS_NEVER / 4 : c->interval_ns, why);

	if (!err && !c->input && !term_stopped())
		err = gather_run(g, SETTLE_NS, why);
	err = err ?: ways_tell(g, INT64_MIN, INT64_MAX, NULL, NULL, stat);
	return err == -ENOMEM ? why_fail(why, ENOMEM, "out of memory") : err;
}

static int print_all(struct gather *g, const struct conf *c, const struct ways_stat *stat, bool *known, struct why *why)
{
	struct instants at = {0};
	struct out o;
	int i, err = c->at ? read_instants(&at, c->at, why) : 0;

	if (err)
		goto out;
	out_init(&o, stdout, c->json);
	out_object(&o, NULL);
	out_str(&o, "instance", g->instance, NULL);
	out_int(&o, "axis_error_ns", g->axis_error_ns, NULL);
	out_array(&o, "guests");
	for (i = 0; i < g->n_sources; i++) {
		const struct join_stat *j = join_stat(g->source[i].join);

		if (g->source[i].kind != GATHER_GUEST)
			continue;
		*known &= j->windows > 0;
		if (!c->at && j->windows)
			spread(&at, j, c->every_ns);
		print_guest(g, &g->source[i], stat, &at, &o);
		if (!c->at) {
			free(at.t);
			at = (struct instants){0};
		}
	}
	out_end(&o);
	out_end(&o);
	err = out_fini(&o) ? why_fail(why, EIO, "cannot write the output") : 0;
out:
	free(at.t);
	return err;
}

int clock_guest_run(const struct cmd *self, int argc, char **argv)
{
	struct conf c = {0};
	struct gather_conf from = {0};
	struct ways_stat stat = {0};
	struct gather *g = NULL;
	struct why why = {""};
	bool known = true;
	struct term t;
	int err, status, n;

	n = cmd_options(self, &c, argc, argv, 0, OPT_LIST_MAX, &status);
	if (n < 0)
		return status;
	if (!n && !c.input)
		return cmd_refuse(why_fail(&why, EINVAL, "which guest? Give taktd's port and where its events come from: PORT=SRC"), &why);
	from = (struct gather_conf){.name = c.name, .input = c.input, .wander_ppb = c.wander_ppb, .guests.count = n};
	memcpy(from.guests.item, argv + 1, (size_t)n * sizeof(char *));
	term_open(&t, false);
	err = gather_open(&g, &from, &why);
	err = err ?: collect(g, &c, &stat, &why);
	err = err ?: print_all(g, &c, &stat, &known, &why);
	term_close(&t);
	gather_close(g);
	return err ? cmd_refuse(err, &why) : known ? CMD_OK : CMD_FAILED;
}
