/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt export: the same frames, in the format that another tool reads.
 */
#include "probes/export.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/term.h"
#include "probes/export_ways.h"
#include "probes/probes.h"
#include "probes/records.h"
#include "probes/tai.h"
#include "ptp/now.h"

#define BATCH	 256
#define SLEEP_NS NS_PER_MS	/* between looks: the ring holds some tens of ms at the highest rates */
#define RENEW_NS NS_PER_SEC
#define KEEP_NS	 (8 * NS_PER_SEC)	/* of guests' events */

static const struct export_format *const formats[] = {
	&export_pcapng, &export_jsonl, &export_csv, &export_trace, &export_hgrm, &export_hlog, &export_openmetrics,
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

#define AT(field) offsetof(struct export_conf, field)
const struct opt export_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"input", 0, OPT_STR, AT(input), "FILE|DIR", NULL, 0, 0, "a copied file of records, or a recording (`takt record`), instead of a running taktd"},
	{"guest", 'g', OPT_LIST, AT(guests), "PORT=SRC", NULL, 0, 0, "whole ways: the guest at taktd's PORT runs `takt guest`, whose events come from SRC: a file, unix:PATH, udp:PORT or vsock:PORT"},
	{"wire", 'w', OPT_LIST, AT(wires), "PORT=IFACE", NULL, 0, 0, "whole ways: watch the far end of this wire, an interface here or IFACE@NETNS; or a capture's FILE"},
	{"host", 0, OPT_STR, AT(host), "live|FILE", NULL, 0, 0, "with the host's events: watch taktd's and the guests' threads, or a file that takt host wrote"},
	{"output", 'o', OPT_STR, AT(output), "FILE", "-", 0, 0, "file, which has its name when it is whole; -: standard output; of hgrm a folder"},
	{"duration", 't', OPT_NS, AT(duration_ns), "TIME", "1s", 0, INT64_MAX, "collect for TIME; 0: until Ctrl-C"},
	{"interval", 'i', OPT_NS, AT(interval_ns), "TIME", "1s", NS_PER_MS, 86400 * NS_PER_SEC, "length of a line's interval (hlog); replace the file each TIME (openmetrics)"},
	{"port", 'p', OPT_STR, AT(port), "PORT", NULL, 0, 0, "only frames that leave by this port"},
	{"class", 'c', OPT_INT, AT(tc), "CLASS", "-1", -1, 7, "only frames of this traffic class; -1 is all"},
	{"count", 0, OPT_INT, AT(count), "N", "0", 0, INT64_MAX, "end after N frames; 0 is no limit"},
	{"worst", 0, OPT_INT, AT(worst), "N", "100", 1, 10000, "of trace: the N frames that stayed longest"},
	{"threshold", 0, OPT_NS, AT(threshold_ns), "TIME", "0", 0, INT64_MAX, "of trace: only frames that stayed longer than TIME"},
	OPT_END,
};
#undef AT

const char export_examples[] = "  takt export jsonl | jq .hops_ns.gate              one object for each frame of a second\n"
			       "  takt export pcapng -o hops.pcapng                 for Wireshark, with share/takt.lua\n"
			       "  takt export trace -t 10s --worst 50 -o tail.json  for ui.perfetto.dev\n"
			       "  takt export hgrm -o percentiles                   a file for each port, class and hop\n"
			       "  takt export hlog -t 1h -i 10s -o takt.hlog        HdrHistogram's interval log\n"
			       "  takt export openmetrics -t 0 -i 15s -o /var/lib/prometheus/node-exporter/takt.prom\n"
			       "  takt export trace -g plc=unix:/run/takt/plc.ev -w wire=eth1@far --host live -o tail.json    whole ways\n"
			       "  takt export pcapng --input recording -o ways.pcapng\n"
			       "  takt export csv --input records.copy -o frames.csv\n";

int export_error(const struct export *x)
{
	if (!ferror(x->f))
		return 0;
	return errno ? -errno : -EIO;
}

void export_safe(char *buf, size_t size, const char *name)
{
	size_t n = 0;

	buf[0] = '\0';
	for (; *name && n + 4 <= size; name++) {
		bool plain = isalnum((unsigned char)*name) || *name == '-' || *name == '_' || (*name == '.' && n);

		n += (size_t)snprintf(buf + n, size - n, plain ? "%c" : "%%%02x", (unsigned char)*name);
	}
}

/* -- frames ---------------------------------------------------------------------------------------------------------- */

struct job {
	struct export x;
	const struct export_format *format;
	struct gather *gather;	/* where ways come from; NULL: from records alone */
	struct records records;
	struct why *why;
	int64_t t_refresh;	/* CLOCK_MONOTONIC */
	char file[SINK_PATH];	/* the name that records keep */
};

static bool is_asked(const struct job *j, const struct pkt *p)
{
	const struct export_conf *c = j->x.conf;

	if (c->tc >= 0 && p->tc != c->tc)
		return false;
	return !c->port || (p->out_port < PKT_MAX_PORTS && !strcmp(j->x.ports.name[p->out_port], c->port));
}

static bool is_enough(const struct job *j)
{
	return j->x.conf->count && j->x.frames >= (uint64_t)j->x.conf->count;
}

static int tick(struct job *j, int64_t t_end, struct why *why)
{
	int err = j->format->tick ? j->format->tick(&j->x, t_end, why) : 0;

	j->x.t_tick = t_end;
	return err;
}

static int add_way(void *ctx, const struct way *w)
{
	struct job *j = ctx;
	struct export *x = &j->x;
	int64_t passed;
	int err = 0;

	if (!is_asked(j, &w->rec) || is_enough(j))
		return 0;
	if (!x->frames)
		x->t_first = x->t_tick = w->rec.t_seen;
	/* By the frames' own clock: a file gives the intervals that it gave when it was written. Empty ones are passed over. */
	passed = (w->rec.t_out - x->t_tick) / x->conf->interval_ns;
	if (passed > 0) {
		err = tick(j, x->t_tick + x->conf->interval_ns, j->why);
		x->t_tick += (passed - 1) * x->conf->interval_ns;
	}
	x->t_last = w->rec.t_out;
	x->frames++;
	return err || !j->format->frame ? err : j->format->frame(x, w);
}

static int add_gap(void *ctx, const struct rec_gap *g)
{
	struct job *j = ctx;

	return j->format->gap ? j->format->gap(&j->x, g) : 0;
}

static int add_event(void *ctx, const char *source, int64_t t, int64_t t_end, const struct event *e)
{
	struct job *j = ctx;

	return j->format->event ? j->format->event(&j->x, source, t, t_end, e) : 0;
}

/* Between frames: 1 when there were enough. */
static int idle(void *ctx)
{
	struct job *j = ctx;
	int64_t now = now_mono();
	int err = 0;

	if (j->gather)
		j->x.lost = j->gather->recs_lost;
	if (j->format->stream)
		err = sink_flush(&j->x.sink);
	if (!err && j->format->refresh && now >= j->t_refresh) {
		err = j->format->refresh(&j->x, j->why);
		j->t_refresh = now + j->x.conf->interval_ns;
	}
	return err ? err : is_enough(j);
}

/* -- records alone --------------------------------------------------------------------------------------------------- */

/* What is there now. */
static int drain(struct job *j)
{
	struct pkt batch[BATCH];
	uint64_t keys[BATCH];
	struct rec_gap gaps[64];
	struct way w;
	uint32_t i, n;
	int err = 0;

	while (!err && !is_enough(j) && (n = records_read(&j->records, batch, keys, BATCH)) && !term_stopped())
		for (i = 0; i < n && !err; i++) {
			way_init(&w, &batch[i], keys[i]);
			err = add_way(j, &w);
		}
	while (!err && (n = records_gaps(&j->records, gaps, 64)))
		for (i = 0; i < n && !err; i++)
			err = add_gap(j, &gaps[i]);
	j->x.lost = j->records.lost;
	return err;
}

static int collect(struct job *j)
{
	int64_t now = now_mono(), t_end = j->x.conf->duration_ns ? now + j->x.conf->duration_ns : INT64_MAX, t_renew = now + RENEW_NS;
	bool more = true;
	int err = 0, enough = 0;

	while (!err && !enough && more && now < t_end && !term_stopped()) {
		err = drain(j);
		if (err || j->records.file)
			return err;
		if (now >= t_renew || j->records.shm->closed) {
			more = records_renew(&j->records);
			t_renew = now + RENEW_NS;
			port_names_read(&j->x.ports, &j->records);
		}
		enough = idle(j);
		err = enough < 0 ? enough : 0;
		term_sleep(t_end - now < SLEEP_NS ? t_end - now : SLEEP_NS);
		now = now_mono();
	}
	return err ? err : drain(j);
}

/* -- the command ----------------------------------------------------------------------------------------------------- */

static const struct export_format *find(const char *name, struct why *why)
{
	char known[128] = "";
	size_t i;

	for (i = 0; i < N_FORMATS; i++) {
		if (!strcmp(formats[i]->name, name))
			return formats[i];
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s", i ? ", " : "", formats[i]->name);
	}
	why_fail(why, EINVAL, "\"%.32s\" is no format: give one of %s", name, known);
	return NULL;
}

static int check_port(const struct job *j, struct why *why)
{
	int i;

	for (i = 0; i < PKT_MAX_PORTS; i++)
		if (!j->x.conf->port || !strcmp(j->x.ports.name[i], j->x.conf->port))
			return 0;
	return why_fail(why, EINVAL, "--port %.32s: this taktd has no such port (`takt show` lists them)", j->x.conf->port);
}

/* Guests, wires and the host are gathered; so is a recording. */
static bool has_ways(const struct export_conf *c)
{
	struct stat st;

	return c->guests.count || c->wires.count || c->host || (c->input && !stat(c->input, &st) && S_ISDIR(st.st_mode));
}

static int open_gather(struct job *j, struct why *why)
{
	const struct export_conf *c = j->x.conf;
	const struct gather_conf from = { .name = c->name, .input = c->input, .guests = c->guests, .wires = c->wires, .host = c->host,
					  .keep_ns = c->input ? 0 : KEEP_NS };
	int i, err = gather_open(&j->gather, &from, why);

	if (err)
		return err;
	j->x.instance = j->gather->instance[0] || !c->input ? j->gather->instance : c->input;
	j->x.tai_offset_s = j->gather->tai_offset_s;
	for (i = 0; i < PKT_MAX_PORTS; i++)
		snprintf(j->x.ports.name[i], sizeof(j->x.ports.name[i]), "%.*s", REC_NAME, j->gather->port_name[i]);
	return 0;
}

static int open_records(struct job *j, struct why *why)
{
	const struct export_conf *c = j->x.conf;
	int err;

	if (c->input)
		snprintf(j->file, sizeof(j->file), "%s%s", strchr(c->input, '/') ? "" : "./", c->input);
	err = records_open(&j->records, c->input ? j->file : c->name, c->input, why);
	if (err)
		return err;
	j->records.file = c->input;
	j->x.instance = c->input ? c->input : c->name ? c->name : "takt";
	j->x.tai_offset_s = tai_offset_of(c->input ? j->file : c->name);
	port_names_read(&j->x.ports, &j->records);
	return 0;
}

static int open_job(struct job *j, struct why *why)
{
	const struct export_conf *c = j->x.conf;
	int err = has_ways(c) ? open_gather(j, why) : open_records(j, why);

	err = err ? err : check_port(j, why);
	if (!err && !j->format->own)
		err = sink_open(&j->x.sink, c->output, why);
	j->x.f = j->x.sink.f;
	j->t_refresh = now_mono() + c->interval_ns;
	if (!err && j->format->begin)
		err = j->format->begin(&j->x, why);
	return err;
}

/* Killed, it cannot say so: but its clock stands still. */
static bool is_dead(const struct job *j, int64_t t_before)
{
	return !j->records.file && !j->x.frames && j->x.conf->duration_ns >= NS_PER_SEC / 2 && !term_stopped() && !is_enough(j) &&
	       atomic_load(&j->records.shm->t_worker) == t_before;
}

static int run(struct job *j, struct why *why)
{
	const struct export_ways to = { .way = add_way, .gap = add_gap, .event = add_event, .idle = idle, .ctx = j };
	int64_t t_before = j->gather ? 0 : atomic_load(&j->records.shm->t_worker), ns = j->x.conf->duration_ns;
	char buf[NS_STR_LEN];
	int err;

	if (!j->x.conf->input && j->x.conf->count <= 0 && (!ns || ns > 2 * NS_PER_SEC))
		log_info("collecting %s%s; Ctrl-C ends it", ns ? "for " : "until it is told to end", ns ? ns_str(buf, ns) : "");
	err = j->gather ? export_ways_run(j->gather, j->x.conf->input, j->x.conf->duration_ns, &to, why) : collect(j);

	if (err)
		return err;
	if (!j->gather && is_dead(j, t_before))
		return why_fail(why, ETIMEDOUT, "the worker does not turn, and published nothing meanwhile: was taktd killed or stopped?");
	if (j->x.frames)
		err = tick(j, j->x.t_last + 1, why);
	if (!err && j->format->end)
		err = j->format->end(&j->x, why);
	if (!err && j->x.sink.f)
		err = sink_commit(&j->x.sink, why);
	if (!err && !j->x.frames)
		log_warn("no frame came meanwhile");
	if (!err && j->x.lost)
		log_warn("%" PRIu64 " records were lost before they were read: what was written has holes", j->x.lost);
	return err;
}

/* A write that waits for its reader is not to end half-way: signals interrupt sleeping only. */
static void restart_writes(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], NULL, &sa);
		sa.sa_flags |= SA_RESTART;
		sigaction(signals[i], &sa, NULL);
	}
}

int export_run(const struct cmd *self, int argc, char **argv)
{
	struct export_conf c = { 0 };
	struct why why = { "" };
	struct job j = { .x.conf = &c, .why = &why };
	struct term t;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 1, 1, &status) < 0)
		return status;
	j.format = find(argv[1], &why);
	if (!j.format)
		return cmd_refuse(EINVAL, &why);
	term_open(&t, false);
	signal(SIGPIPE, SIG_IGN);	/* the sink tells */
	err = open_job(&j, &why);
	restart_writes();
	if (!err)
		err = run(&j, &why);
	term_close(&t);
	sink_close(&j.x.sink);
	if (j.format->fini)
		j.format->fini(&j.x);
	gather_close(j.gather);
	if (j.records.shm)
		records_close(&j.records);
	if (!err || err == -EPIPE)	/* whoever read has seen enough */
		return CMD_OK;
	if (!why.text[0])
		why_fail(&why, -err, "cannot write %s: %s", c.output, strerror(-err));
	return cmd_refuse(err, &why);
}
