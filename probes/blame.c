/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/blame_print.h"
#include "probes/blame_roles.h"
#include "probes/blame_source.h"
#include "probes/blame_watch.h"
#include "probes/records.h"

#define LEAD_NS	 NS_PER_SEC	      /* frames before and after take part in the matching */
#define AFTER_NS (300 * NS_PER_MS)    /* what happened is told when it is over */
#define BATCH	 512

struct blame_conf {
	struct gather_conf source;
	int64_t interval_ns, threshold_ns, on_ns, keep_ns, top, seq;
	const char *worst, *hop, *save;
	bool numbered, json;
};

#define AT(field) offsetof(struct blame_conf, field)

const struct opt blame_opts[] = {
	{"name", 'n', OPT_STR, AT(source.name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"input", 0, OPT_STR, AT(source.input), "DIR", NULL, 0, 0, "a recording, instead of what runs"},
	{"guest", 'g', OPT_LIST, AT(source.guests), "PORT=SRC", NULL, 0, 0, "the guest at PORT, whose `takt guest` sends its events to SRC, or a file of them; may be repeated"},
	{"wire", 'w', OPT_LIST, AT(source.wires), "PORT=IF", NULL, 0, 0, "the far end of PORT's wire: IFACE, IFACE@NETNS or a pcapng file; may be repeated"},
	{"host", 0, OPT_STR, AT(source.host), "SRC", NULL, 0, 0, "this machine's kernel: live, or a file of `takt host`"},
	{"interval", 'i', OPT_NS, AT(interval_ns), "TIME", "0", 0, 86400 * NS_PER_SEC, "collect for TIME (0: for a second; with --on-threshold, until Ctrl-C)"},
	{"threshold", 't', OPT_NS, AT(threshold_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "the tail is what took longer than TIME; 0: the worst frames"},
	{"worst", 0, OPT_STR, AT(worst), "PERCENT", "0.1%", 0, 0, "the tail is that share of all frames"},
	{"hop", 0, OPT_STR, AT(hop), "HOP", NULL, 0, 0, "by what they took at HOP alone, e.g. ring"},
	{"numbered", 0, OPT_FLAG, AT(numbered), NULL, NULL, 0, 0, "the tail is of numbered test frames alone (takt send, isochron): others are what these waited behind"},
	{"top", 0, OPT_INT, AT(top), "N", "10", 0, INT64_MAX, "causes and frames that are shown; 0: all"},
	{"frame", 0, OPT_INT, AT(seq), "SEQ", "-1", -1, INT64_MAX, "one frame, as taktd numbered it: hop by hop, the causes beneath; -1 is none"},
	{"on-threshold", 0, OPT_NS, AT(on_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "follow until a frame takes longer than TIME, then stop, keep what was seen, tell why; exit status 3"},
	{"keep", 0, OPT_NS, AT(keep_ns), "TIME", "500ms", NS_PER_MS, 600 * NS_PER_SEC, "with --on-threshold: so much of the past is kept, besides as much as a frame may take; one that takes longer than both in a guest or on a wire is not seen"},
	{"save", 0, OPT_STR, AT(save), "DIR", NULL, 0, 0, "with --on-threshold: the recording (default takt-blame-SEQ)"},
	GATHER_WANDER(AT(source.wander_ppb)),
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};

const char blame_examples[] =
	"  takt blame --host live                            the worst 0.1 % of a second's frames, and who made them late\n"
	"  takt blame --host live -t 200us -i 10s            those that stayed longer than 200 us\n"
	"  takt blame --host live --guest plc=PLC.sock       from sendmsg() on, with the guest's own interrupts and scheduler\n"
	"  takt blame --input DIR --frame 4711               one frame of a recording, hop by hop\n"
	"  takt blame --host live --on-threshold 1ms -- notify-send late\n"
	"                                                    wait for a frame that takes longer, keep the half second before it;\n"
	"                                                    exit status 3 when there was one, 0 when not. The command finds\n"
	"                                                    the frame in $TAKT_FRAME, the recording in $TAKT_RECORDING\n";

/* -- what was asked ------------------------------------------------------------------------------------------------ */

static int parse_worst(double *share, const char *text, struct why *why)
{
	char *end;

	errno = 0;
	*share = strtod(text, &end) / 100;
	if (end == text || errno || (*end && strcmp(end, "%")) || !(*share > 0 && *share <= 1))
		return why_fail(why, EINVAL, "--worst %.40s: give a share of all frames, above 0 and up to 100 %%: 0.1%%", text);
	return 0;
}

static int parse_hop(int *hop, const char *name, struct why *why)
{
	char all[200] = "";
	int i;

	*hop = -1;
	if (!name)
		return 0;
	for (i = 0; i < WAY_HOPS_COUNT; i++) {
		if (!strcmp(name, way_names[i])) {
			*hop = i;
			return 0;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? " " : "", way_names[i]);
	}
	return why_fail(why, EINVAL, "--hop %.40s: there is no such hop: give one of %s", name, all);
}

static int check(const struct blame_conf *c, char *const *command, struct blame_tail_conf *tail, struct why *why)
{
	struct stat st;
	int err;

	*tail = (struct blame_tail_conf){.threshold_ns = c->on_ns ? c->on_ns : c->threshold_ns, .seq = c->seq, .numbered = c->numbered};
	err = parse_worst(&tail->worst, c->worst, why) ?: parse_hop(&tail->hop, c->hop, why);
	if (err)
		return err;
	if (command && !c->on_ns)
		return why_fail(why, EINVAL, "a command is run by --on-threshold: give it, or leave the command out");
	if (c->save && !c->on_ns)
		return why_fail(why, EINVAL, "--save is for --on-threshold: `takt record` records what happens anyway");
	if (c->on_ns && (c->source.input || c->seq >= 0 || c->threshold_ns))
		return why_fail(why, EINVAL, "--on-threshold follows what runs: leave out --input, --frame and --threshold");
	if (c->save && !stat(c->save, &st))
		return why_fail(why, EEXIST, "--save %.200s: is there already: give a folder that is not", c->save);
	if (c->on_ns && gather_save_check(c->save ?: "takt-blame", why)) {
		why_at(why, "--save");
		return -ENOENT;
	}
	if (command && !blame_watch_finds(command[0]))
		return why_fail(why, ENOENT, "%.80s: there is no such program, or it may not be run: it would be missed when a frame is late", command[0]);
	return 0;
}

/* -- what is told -------------------------------------------------------------------------------------------------- */

/* What did not come cannot be named: its frames are `unknown`, or another's. */
static void tell_losses(struct out *o, const struct gather *g)
{
	uint64_t lost = g ? g->recs_lost : 0;
	int i;

	out_uint(o, "records_lost", lost, lost ? "%" PRIu64 " records were lost: taktd's `records:` is too few, or this machine too busy\n" : NULL, lost);
	lost = g ? g->gaps_lost : 0;
	out_uint(o, "gaps_lost", lost, lost ? "%" PRIu64 " poll gaps were lost\n" : NULL, lost);
	out_array(o, "sources");
	for (i = 0; g && i < g->n_sources; i++) {
		const struct gather_source *s = &g->source[i];
		bool holes = s->stat.lost || s->stat.missing || s->troubles;

		out_object(o, NULL);
		out_str(o, "name", s->name, holes ? "%.64s did not tell all: what it would have named is not" : NULL, s->name);
		out_uint(o, "events", s->n_events, NULL);
		out_uint(o, "lost", s->stat.lost, s->stat.lost ? "; %" PRIu64 " events lost" : NULL, s->stat.lost);
		out_uint(o, "blocks_missing", s->stat.missing, s->stat.missing ? "; %" PRIu64 " blocks missing" : NULL, s->stat.missing);
		out_uint(o, "troubles", s->troubles, s->troubles ? "; %.200s" : NULL, s->trouble);
		out_end(o);
		out_text(o, holes ? "\n" : "");
	}
	out_end(o);
}

static int tell(const struct blame_conf *c, const struct blame_tail_conf *tail, struct blame_store *s, const struct gather *g, struct why *why)
{
	struct blame_tail t;
	struct out o;
	int err = blame_tail_find(&t, tail, s);

	if (!err && tail->seq >= 0 && !t.n)
		err = why_fail(why, ENOENT, "--frame %" PRId64 ": no such frame among the %zu that were sent and are recorded", tail->seq, blame_store_frames(s));
	else if (err)
		err = why_fail(why, ENOMEM, "out of memory: give a shorter --interval");
	if (!err) {
		out_init(&o, stdout, c->json);
		out_object(&o, NULL);
		out_str(&o, "instance", g ? g->instance : c->source.name ?: "takt", NULL);
		if (tail->seq >= 0)
			blame_print_frames(&o, &t, s);
		else
			blame_print(&o, &t, s, c->top);
		tell_losses(&o, g);
		out_end(&o);
		if (out_fini(&o))
			err = why_fail(why, EIO, "cannot write the output");
	}
	blame_tail_fini(&t);
	return err;
}

/* -- an interval --------------------------------------------------------------------------------------------------- */

static int collect(const struct blame_conf *c, struct gather *g, int64_t *t_from, int64_t *t_to, struct why *why)
{
	bool ways = c->source.guests.count || c->source.wires.count;
	int err;

	*t_from = INT64_MIN;
	*t_to = INT64_MAX;
	if (c->source.input)
		return gather_run(g, NS_NEVER / 4, why);
	err = ways ? gather_run(g, LEAD_NS, why) : 0;
	if (gather_now(g))
		*t_from = gather_now(g);
	err = err ?: gather_run(g, c->interval_ns ? c->interval_ns : NS_PER_SEC, why);
	if (gather_now(g) && ways)
		*t_to = gather_now(g);
	return err ?: gather_run(g, ways ? LEAD_NS : c->source.host ? AFTER_NS : 0, why);
}

static int interval(const struct blame_conf *c, const struct blame_tail_conf *tail, struct gather *g, struct why *why)
{
	struct ways_stat stat = {0};
	struct blame_store s;
	int64_t t_from, t_to;
	int err;

	blame_store_init(&s);
	err = collect(c, g, &t_from, &t_to, why);
	if (!err && blame_source_take(&s, g, t_from, t_to, &stat))
		err = why_fail(why, ENOMEM, "out of memory: give a shorter --interval");
	err = err ?: tell(c, tail, &s, g, why);
	blame_store_fini(&s);
	return err;
}

/* -- a frame that taktd still knows -------------------------------------------------------------------------------- */

/* What happened in kernels then is gone, unless it was recorded: this is the record and the poll gaps. */
static int recent(const struct blame_conf *c, const struct blame_tail_conf *tail, struct why *why)
{
	struct pkt batch[BATCH];
	uint64_t keys[BATCH];
	struct rec_gap gaps[BATCH];
	struct blame_store s;
	struct records r;
	uint64_t head;
	uint32_t i, n;
	int err;

	if (c->source.guests.count || c->source.wires.count || c->source.host)
		return why_fail(why, EINVAL, "--frame shows what was: give --input for what guests, wires and the host told then, or leave them out");
	err = records_open(&r, c->source.name, true, why);
	if (err)
		return err;
	blame_store_init(&s);
	head = atomic_load(&r.shm->head);
	memcpy(s.port_name, r.shm->port_name, sizeof(s.port_name));
	while (!err && r.pos < head && (n = records_read(&r, batch, keys, BATCH)))
		for (i = 0; i < n && !err; i++)
			err = blame_store_rec(&s, &batch[i], keys[i]);
	while (!err && (n = records_gaps(&r, gaps, BATCH)))
		for (i = 0; i < n && !err; i++)
			err = blame_store_gap(&s, &gaps[i], true);
	err = err ? why_fail(why, ENOMEM, "out of memory") : tell(c, tail, &s, NULL, why);
	blame_store_fini(&s);
	records_close(&r);
	return err;
}

/* -- until one is late --------------------------------------------------------------------------------------------- */

static int caught(const struct blame_conf *c, const struct blame_hit *hit, struct gather *g, char **command, struct why *why)
{
	struct blame_tail_conf tail = {.seq = (int64_t)hit->seq, .hop = -1};
	struct ways_stat stat = {0};
	struct blame_store s;
	char dir[64], buf[NS_STR_LEN];
	json_t *extra;
	int err;

	snprintf(dir, sizeof(dir), "takt-blame-%" PRIu64, hit->seq);
	blame_store_init(&s);
	err = gather_run(g, c->source.guests.count || c->source.wires.count ? LEAD_NS : AFTER_NS, why);
	if (!err && blame_source_take(&s, g, INT64_MIN, INT64_MAX, &stat))
		err = why_fail(why, ENOMEM, "out of memory: give a shorter --keep");
	extra = json_pack("{s:I, s:o}", "frame", (json_int_t)hit->seq, "guests", blame_roles_save(&s.roles));
	err = err ?: gather_save(g, c->save ?: dir, json_incref(extra), why);
	json_decref(extra);
	if (!err) {
		fprintf(stderr, "takt: frame %" PRIu64 " took %s; the time around it is in %s\n", hit->seq, ns_str(buf, hit->ns), c->save ?: dir);
		err = tell(c, &tail, &s, g, why);
	}
	blame_store_fini(&s);
	if (!err && command) {
		int status = blame_watch_run(command, hit, c->save ?: dir, why);

		if (status)
			err = status < 0 ? status : why_fail(why, EIO, "%.80s ended with %d", command[0], status);
	}
	return err;
}

static int watch(const struct blame_conf *c, const struct blame_tail_conf *tail, struct gather *g, char **command, struct why *why)
{
	char buf[NS_STR_LEN];
	struct blame_hit hit;
	int found, err;

	log_info("waiting for a frame that takes longer than %s; Ctrl-C ends it", ns_str(buf, c->on_ns));
	found = blame_watch(g, tail, c->interval_ns, &hit, why);
	if (!found)
		log_info("no frame took longer than %s", ns_str(buf, c->on_ns));
	if (found <= 0)
		return found;
	err = caught(c, &hit, g, command, why);
	return err ? err : BLAME_HIT;
}

/* -- the command --------------------------------------------------------------------------------------------------- */

int blame_run(const struct cmd *self, int argc, char **argv)
{
	struct blame_conf c = {0};
	struct blame_tail_conf tail;
	struct why why = {""};
	struct gather *g = NULL;
	struct term t;
	int err, n, status;

	n = cmd_options(self, &c, argc, argv, 0, -1, &status);
	if (n < 0)
		return status;
	err = check(&c, n ? argv + 1 : NULL, &tail, &why);
	if (!err && tail.seq >= 0 && !c.source.input) {
		err = recent(&c, &tail, &why);
		return err ? cmd_refuse(err, &why) : CMD_OK;
	}
	c.source.keep_ns = c.on_ns ? c.on_ns + c.keep_ns + BLAME_SEEN_NS + LEAD_NS : 0;
	err = err ?: gather_open(&g, &c.source, &why);
	if (err)
		return cmd_refuse(err, &why);
	term_open(&t, false);
	err = c.on_ns ? watch(&c, &tail, g, n ? argv + 1 : NULL, &why) : interval(&c, &tail, g, &why);
	term_close(&t);
	gather_close(g);
	return err == BLAME_HIT ? BLAME_HIT : err ? cmd_refuse(err, &why) : CMD_OK;
}
