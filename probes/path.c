/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/path.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/key.h"
#include "base/noise.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/floor.h"
#include "probes/hops.h"
#include "probes/path_ways.h"
#include "probes/records.h"
#include "ptp/now.h"

#define BATCH	 512
#define SLEEP_NS NS_PER_MS	/* between looks: the ring holds some tens of ms at the highest rates */
#define RENEW_NS NS_PER_SEC	/* between looks for a restart */
#define MAX_GAPS 65536

struct path_conf {
	const char *name;
	const char *input;
	const char *port;
	int64_t tc;
	int64_t interval_ns;
	int64_t count;
	int64_t seq;
	int64_t seqid;
	int64_t wander_ppb;
	const char *key_text;
	uint64_t key; /* 0: none is asked for */
	struct opt_list guests, wires;
	bool json;
	bool follow;
};

#define AT(field) offsetof(struct path_conf, field)

const struct opt path_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	{"port", 'p', OPT_STR, AT(port), "PORT", NULL, 0, 0, "only frames that leave by this port"},
	{"class", 'c', OPT_INT, AT(tc), "CLASS", "-1", -1, 7, "only frames of this traffic class; -1 is all"},
	{"interval", 'i', OPT_NS, AT(interval_ns), "TIME", "1s", NS_PER_MS, 86400 * NS_PER_SEC, "collect for TIME, after 100 ms for the floor; with --follow, refresh after TIME"},
	{"count", 0, OPT_INT, AT(count), "N", "0", 0, INT64_MAX, "end after N frames; 0 is no limit"},
	{"follow", 'f', OPT_FLAG, AT(follow), NULL, NULL, 0, 0, "refresh until Ctrl-C; the table covers all frames since the start"},
	{"packet", 0, OPT_INT, AT(seq), "SEQ", "-1", -1, INT64_MAX, "show the stay of frame SEQ, as taktd numbered it from 0, as a waterfall; -1 is none"},
	{"key", 0, OPT_STR, AT(key_text), "KEY", NULL, 0, 0, "the same for the frame that a guest, a capture or --packet knows by this key, 0x and 16 hexadecimal digits"},
	{"seqid", 0, OPT_INT, AT(seqid), "N", "-1", -1, UINT32_MAX, "the same for frame N of a sender that numbers its frames (`takt send`, isochron); -1 is none"},
	{"guest", 'g', OPT_LIST, AT(guests), "PORT=SRC", NULL, 0, 0, "whole ways: the guest at taktd's PORT runs `takt guest`, whose events come from SRC: a file, unix:PATH, udp:PORT or vsock:PORT"},
	{"wire", 'w', OPT_LIST, AT(wires), "PORT=IFACE", NULL, 0, 0, "whole ways: watch the far end of this wire, an interface here or IFACE@NETNS; or a capture's FILE"},
	GATHER_WANDER(AT(wander_ppb)),
	{"input", 0, OPT_STR, AT(input), "FILE", NULL, 0, 0, "read a copied file of records, or a recording's folder (takt record), instead of a running taktd"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};

const char path_examples[] = "  takt path                       where frames spent their time, during one second\n"
			     "  takt path -f -p wire -c 7       live, class 7 of one port\n"
			     "  takt path --packet 4711         one frame, hop by hop\n"
			     "  takt path -g plc=unix:/run/takt/plc.ev -w wire=eth1@far   from sendmsg() to the wire and back\n"
			     "  takt path -g plc=plc.tak --input records.bin              the same of files\n"
			     "  takt path --seqid 1000          the frame that its sender numbered 1000\n"
			     "  takt path --json | jq .hops[0]  for programs\n";

/* -- all frames ---------------------------------------------------------------------------------------------- */

static bool is_asked(const struct path_conf *c, const struct records *r, const struct pkt *p)
{
	if (c->tc >= 0 && p->tc != c->tc)
		return false;
	return !c->port || !strcmp(records_port(r, p->out_port), c->port);
}

/* What is there now. */
static int drain(const struct path_conf *c, struct records *r, struct hops *h)
{
	struct pkt batch[BATCH];
	struct rec_gap gaps[64];
	uint32_t i, n;
	int err = 0;

	while (!err && (n = records_read(r, batch, NULL, BATCH)) && !term_stopped())
		for (i = 0; i < n && !err && !(c->count && h->frames >= (uint64_t)c->count); i++)
			if (is_asked(c, r, &batch[i]))
				err = hops_add(h, &batch[i]);
	while ((n = records_gaps(r, gaps, 64)))
		for (i = 0; i < n; i++)
			hops_add_gap(h, &gaps[i]);
	return err;
}

/* Collect for an interval; false when there is nothing more to wait for. */
static bool collect(const struct path_conf *c, struct records *r, struct hops *h, int *err)
{
	int64_t now = now_mono(), t_end = now + c->interval_ns, t_renew = now + RENEW_NS;
	bool more = true;

	while (now < t_end && more && !term_stopped()) {
		*err = drain(c, r, h);
		if (*err || r->file || (c->count && h->frames >= (uint64_t)c->count))
			return false;
		if (now >= t_renew || r->shm->closed) {
			more = records_renew(r) || c->follow; /* until Ctrl-C: another may be started */
			t_renew = now + RENEW_NS;
		}
		term_sleep(t_end - now < SLEEP_NS ? t_end - now : SLEEP_NS);
		now = now_mono();
	}
	if (!term_stopped())
		*err = drain(c, r, h);
	return more && !*err;
}

/* A whole view is made first, and then shown at once. */
static int show(const struct path_conf *c, const struct term *t, const struct hops *h, const struct records *r,
		const struct noise_result *floor, int64_t span_ns)
{
	const struct noise_worker worker = {.known = !r->file, .count = h->gaps, .lost_ns = h->gap_ns, .longest_ns = h->gap_longest_ns, .span_ns = span_ns};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct out like, o;
	int err;

	if (!f)
		return -ENOMEM;
	out_init(&like, stdout, c->json);
	out_init(&o, f, c->json);
	o.colour = like.colour;
	out_object(&o, NULL);
	out_str(&o, "instance", r->name ?: "takt", NULL);
	hops_print(h, r, &o);
	out_text(&o, "\n");
	noise_floor_print(floor, &worker, &o);
	out_end(&o);
	if (c->follow && !c->json && !t->tty)
		out_text(&o, "\n");
	err = out_fini(&o);
	if (fclose(f) || err) {
		free(text);
		return -ENOMEM;
	}
	term_draw(t, text);
	free(text);
	return ferror(stdout) ? -EIO : 0;
}

/* Killed, it cannot say so: but its clock stands still. */
static bool is_dead(const struct path_conf *c, const struct records *r, int64_t t_before)
{
	return !r->file && !c->follow && c->interval_ns >= NS_PER_SEC / 2 && !term_stopped() &&
	       atomic_load(&r->shm->t_worker) == t_before;
}

static int watch(const struct path_conf *c, struct records *r, struct noise_result *floor)
{
	struct hops *h = calloc(1, sizeof(*h));
	int64_t t_begin = now_mono(), span_ns, t_before = atomic_load(&r->shm->t_worker);
	struct term t;
	bool more;
	int err = 0;

	if (!h)
		return -ENOMEM;
	term_open(&t, c->follow && !c->json);
	do {
		more = collect(c, r, h, &err) && c->follow;
		if (!err && !h->frames && is_dead(c, r, t_before))
			err = -ETIMEDOUT;
		span_ns = now_mono() - t_begin;
		if (!err && floor->t_first && !c->follow && !term_stopped())
			floor_look(floor, c->name, NULL); /* the one after; before is better than none, if taktd has ended */
		if (!err && (more || !t.tty) && !(c->follow && term_stopped()))
			err = show(c, &t, h, r, floor, span_ns);
	} while (!err && more && !term_stopped());
	more = t.tty;
	term_close(&t);
	if (!err && more) { /* the alternate screen is gone: leave the last table */
		t.tty = false;
		err = show(c, &t, h, r, floor, span_ns);
	}
	if (!err && h->bad_sums)
		err = -EBADMSG;
	hops_fini(h);
	free(h);
	return err;
}

/* -- one frame ----------------------------------------------------------------------------------------------- */

/* Numbers of the records that were looked at. */
struct seqs {
	uint64_t first, last;
	bool any;
};

static bool is_wanted(const struct path_conf *c, const struct pkt *p, uint64_t key)
{
	if (c->seq >= 0 && p->seq != (uint64_t)c->seq)
		return false;
	if (c->key && key != c->key)
		return false;
	return c->seqid < 0 || (key_is_numbered(key) && key_seqid(key) == (uint64_t)c->seqid);
}

static int find_frame(const struct path_conf *c, struct records *r, struct seqs *seen, struct out *o)
{
	struct rec_gap *gaps = malloc(MAX_GAPS * sizeof(*gaps));
	struct pkt batch[BATCH];
	uint64_t keys[BATCH];
	uint32_t i, n, n_gaps, found = 0;
	uint64_t head = atomic_load(&r->shm->head);
	int err = 0;

	if (!gaps)
		return -ENOMEM;
	n_gaps = records_gaps(r, gaps, MAX_GAPS);
	out_object(o, NULL);
	out_array(o, "frames");
	while (r->pos < head && (n = records_read(r, batch, keys, BATCH)))
		for (i = 0; i < n; i++) {
			seen->first = seen->any && seen->first < batch[i].seq ? seen->first : batch[i].seq;
			seen->last = seen->any && seen->last > batch[i].seq ? seen->last : batch[i].seq;
			seen->any = true;
			if (!is_wanted(c, &batch[i], keys[i]))
				continue;
			found++;
			hops_waterfall(&batch[i], keys[i], r, gaps, n_gaps, o);
			if (!hops_adds_up(&batch[i]))
				err = -EBADMSG;
		}
	out_end(o);
	out_end(o);
	free(gaps);
	return found ? err : -ENOENT;
}

static int one_frame(const struct path_conf *c, struct records *r, struct seqs *seen)
{
	struct out o;
	int err, end;

	out_init(&o, stdout, c->json);
	err = find_frame(c, r, seen, &o);
	end = out_fini(&o);
	return err ? err : end;
}

/* -- the command --------------------------------------------------------------------------------------------- */

static int check_port(const struct path_conf *c, const struct records *r, struct why *why)
{
	uint32_t i, n = atomic_load(&r->shm->n_ports);

	if (!c->port)
		return 0;
	for (i = 0; i < n && i < PKT_MAX_PORTS; i++)
		if (!strcmp(r->shm->port_name[i], c->port))
			return 0;
	return why_fail(why, EINVAL, "--port %.32s: this taktd has no such port (`takt show` lists them)", c->port);
}

/* One frame, or several of one number or key, not all of them. */
static bool is_search(const struct path_conf *c)
{
	return c->seq >= 0 || c->seqid >= 0 || c->key;
}

static int read_key(struct path_conf *c, struct why *why)
{
	char *end;

	if (!c->key_text)
		return 0;
	errno = 0;
	c->key = strtoull(c->key_text, &end, 16);
	if (errno || *end || strspn(c->key_text, "0123456789abcdefABCDEFxX") != strlen(c->key_text) || !c->key)
		return why_fail(why, EINVAL, "--key %.32s is no frame's key: give it as `takt path --packet` and `takt guest` show it, as 0x800000000000002a",
				c->key_text);
	return 0;
}

static void not_found(const struct path_conf *c, const struct seqs *seen, struct why *why)
{
	char asked[64];

	if (c->key)
		snprintf(asked, sizeof(asked), "--key 0x%016" PRIx64, c->key);
	else if (c->seqid >= 0)
		snprintf(asked, sizeof(asked), "--seqid %" PRId64, c->seqid);
	else
		snprintf(asked, sizeof(asked), "--packet %" PRId64, c->seq);
	if (!seen->any)
		why_fail(why, ENOENT, "%s: no frame is recorded yet: send some first", asked);
	else if (c->key || c->seqid >= 0)
		why_fail(why, ENOENT, "%s: no such frame among those that are still recorded, %" PRIu64 " to %" PRIu64 " as --packet counts them",
			 asked, seen->first, seen->last);
	else
		why_fail(why, ENOENT, "%s: no such frame, give one of %" PRIu64 " to %" PRIu64, asked, seen->first, seen->last);
}

static bool has_ways(const struct path_conf *c)
{
	struct stat st;

	return c->guests.count || c->wires.count || (c->input && !stat(c->input, &st) && S_ISDIR(st.st_mode));
}

static int ways(const struct path_conf *c, struct why *why)
{
	struct path_ways p = {
		.from = {.name = c->name, .input = c->input, .guests = c->guests, .wires = c->wires, .wander_ppb = c->wander_ppb},
		.port = c->port, .tc = c->tc, .interval_ns = c->interval_ns, .count = c->count, .seq = c->seq, .seqid = c->seqid,
		.key = c->key, .follow = c->follow, .json = c->json,
	};

	return path_ways(&p, why);
}

static int refuse(int err, const struct why *why)
{
	int status = cmd_refuse(err, why);

	return err == -EBADMSG ? CMD_FAILED : status;
}

int path_run(const struct cmd *self, int argc, char **argv)
{
	struct path_conf c = {0};
	struct noise_result *floor = NULL;
	struct seqs seen = {0};
	struct why why = {""};
	struct records r;
	char file[512];
	int err, status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	err = read_key(&c, &why);
	if (err)
		return cmd_refuse(err, &why);
	if (has_ways(&c)) {
		err = ways(&c, &why);
		return err ? refuse(err, &why) : CMD_OK;
	}
	if (c.input)
		snprintf(file, sizeof(file), "%s%s", strchr(c.input, '/') ? "" : "./", c.input);
	floor = calloc(1, sizeof(*floor));
	if (!floor)
		return cmd_refuse(-ENOMEM, &why);
	if (!c.input && !is_search(&c))
		floor_look(floor, c.name, NULL); /* who does not answer is refused below */
	err = records_open(&r, c.input ? file : c.name, c.input || is_search(&c), &why);
	if (err) {
		free(floor);
		return cmd_refuse(err, &why);
	}
	r.file = c.input;
	err = check_port(&c, &r, &why);
	if (!err)
		err = is_search(&c) ? one_frame(&c, &r, &seen) : watch(&c, &r, floor);
	if (err == -ENOENT)
		not_found(&c, &seen, &why);
	else if (err == -ETIMEDOUT)
		why_fail(&why, ETIMEDOUT,
			 "the worker does not turn, and published nothing meanwhile: was taktd killed or stopped?");
	else if (err == -EIO)
		why_fail(&why, EIO, "cannot write the output");
	else if (err == -EBADMSG)
		why_fail(&why, EBADMSG, "hops do not add up to the frame's stay: this is a defect of taktd");
	records_close(&r);
	free(floor);
	return err ? refuse(err, &why) : CMD_OK;
}
