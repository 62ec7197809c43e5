/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/hosts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/cell_run.h"
#include "bench/meta.h"
#include "bench/said.h"

#define ASK_NS	 (20 * NS_PER_SEC)	/* a question and its answer, over ssh */
#define START_NS (20 * NS_PER_SEC)
#define IDLE	 "2s"			/* nothing comes any more */

enum { TALKER, LISTENER, HOSTS };

struct host {
	const char *name;
	json_t *vars;
	char interface[32], mac[20], grandmaster[64];
	int64_t tai_offset_s, off_ns;
};

struct pair {
	struct cell_run run;		/* for what it leaves: cell_frames(), cell_write() */
	const struct hosts *hosts;
	struct host host[HOSTS];
};

static const char *var(const struct host *h, const char *key, const char *otherwise)
{
	const char *v = json_string_value(json_object_get(h->vars, key));

	return v && *v ? v : otherwise;
}

/* ssh and all that it needs to be told; a command follows. */
static void ssh(struct words *w, const struct host *h)
{
	const json_t *port = json_object_get(h->vars, "ansible_port");
	const char *user = var(h, "ansible_user", NULL), *key = var(h, "ansible_ssh_private_key_file", NULL), *args = var(h, "ansible_ssh_common_args", "");

	words_split(w, "ssh -n -o BatchMode=yes -o ConnectTimeout=10 -o ControlPath=none");
	if (*args)
		words_split(w, "%.1000s", args);
	if (port)
		words_split(w, "-p %d", (int)(json_is_string(port) ? atoi(json_string_value(port)) : json_integer_value(port)));
	if (key) {
		words_add(w, "-i");
		words_add(w, "%.500s", key);
	}
	words_add(w, "%.100s%s%.200s", user ? user : "", user ? "@" : "", var(h, "ansible_host", h->name));
	words_add(w, "--");
	if (json_is_true(json_object_get(h->vars, "ansible_become")))
		words_split(w, "sudo -n");
}

/* Standard output to the file `out`, what else is said to the file `log`. */
static int start(struct proc **p, struct pair *r, const char *name, const char *out, const char *log, const struct words *w, struct why *why)
{
	char line[2048], path[CELL_PATH_LEN], to[CELL_PATH_LEN];
	const char *argv[WORDS_MAX + 6] = {"sh", "-c", "out=$1; shift; exec \"$@\" > \"$out\"", "sh", to};
	struct proc_conf conf = {.name = name, .argv = argv, .log = path};
	int i;

	for (i = 0; i <= w->n; i++)
		argv[5 + i] = w->word[i];
	snprintf(path, sizeof(path), "%s/%s", r->run.dir, log);
	snprintf(to, sizeof(to), "%s/%s", r->run.dir, out);
	words_line(line, sizeof(line), w);
	json_array_append_new(r->run.commands, json_string(line));
	return proc_start(p, r->run.set, &conf, why);
}

/* A question whose answer is JSON. The file is not kept. */
static int ask(json_t **said, struct pair *r, const char *name, bool may_fail, const struct words *w, struct why *why)
{
	char path[CELL_PATH_LEN], log[CELL_PATH_LEN], last[WHY_LEN] = "";
	struct proc *p = NULL;
	int status = 0, rc;
	FILE *f;

	*said = NULL;
	rc = start(&p, r, name, "answer.json", "answer.log", w, why) ?: proc_wait(p, ASK_NS, &status);
	proc_stop(p, 0);
	snprintf(path, sizeof(path), "%s/answer.json", r->run.dir);
	snprintf(log, sizeof(log), "%s/answer.log", r->run.dir);
	*said = rc ? NULL : json_load_file(path, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, NULL);
	f = fopen(log, "re");
	while (f && fgets(last, sizeof(last), f))
		last[strcspn(last, "\n")] = '\0';
	if (f)
		fclose(f);
	unlink(path);
	unlink(log);
	if (rc)
		return rc == -ETIMEDOUT ? why_fail(why, EIO, "%s: no answer within 20 s", name) : rc;
	if (*said && (!status || may_fail))
		return 0;
	json_decref(*said);
	*said = NULL;
	return why_fail(why, EIO, "%s: exit %d: %s", name, status, *last ? last : "it said nothing");
}

static int look_up(struct pair *r, struct host *h, const char *name, struct why *why)
{
	char what[120];
	struct words w = {0};
	int rc;

	h->name = name;
	words_add(&w, "ansible-inventory");
	words_add(&w, "-i");
	words_add(&w, "%.1000s", r->hosts->inventory);
	words_add(&w, "--host");
	words_add(&w, "%.80s", name);
	snprintf(what, sizeof(what), "ansible-inventory --host %.60s", name);
	rc = ask(&h->vars, r, what, false, &w, why);
	if (rc)
		return rc == -ENOENT ? why_fail(why, ENOTSUP, "hosts: ansible-inventory is not installed: apt-get install ansible-core") : rc;
	snprintf(h->interface, sizeof(h->interface), "%.31s", var(h, "takt_interface", ""));
	if (!h->interface[0] || strspn(h->interface, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != strlen(h->interface))
		return why_fail(why, ENOTSUP, "%.200s: %.60s has no takt_interface: the interface that frames leave or come by", r->hosts->inventory, name);
	return 0;
}

static void program(struct words *w, const struct host *h)
{
	ssh(w, h);
	words_add(w, "%.400s", var(h, "takt_program", "takt"));
}

/* Is its clock good, and how far off may it be? */
static int ask_clock(struct pair *r, struct host *h, struct why *why)
{
	json_t *said, *ptp, *finding;
	struct words w = {0};
	char what[120];
	size_t i;
	int rc;

	program(&w, h);
	words_split(&w, "clock --json");
	if (var(h, "takt_ptp4l", NULL))
		words_split(&w, "-p %.100s", var(h, "takt_ptp4l", NULL));
	snprintf(what, sizeof(what), "%.60s: takt clock", h->name);
	rc = ask(&said, r, what, true, &w, why);
	if (rc)
		return rc;
	ptp = json_object_get(said, "ptp4l");
	json_array_foreach(json_object_get(said, "findings"), i, finding)
		if (!rc && !strcmp(json_string_value(json_object_get(finding, "severity")) ?: "", "broken") &&
		    strcmp(json_string_value(json_object_get(finding, "link")) ?: "", "taktd"))
			rc = why_fail(why, EIO, "%.60s: its clock is not good: %s", h->name, json_string_value(json_object_get(finding, "text")) ?: "");
	if (!rc && !json_is_object(ptp))
		rc = why_fail(why, EIO, "%.60s: its clock is not good: no ptp4l keeps it", h->name);
	snprintf(h->grandmaster, sizeof(h->grandmaster), "%.60s",
		 json_string_value(json_object_get(json_object_get(said, "grandmaster"), "identity")) ?: "");
	h->tai_offset_s = json_integer_value(json_object_get(json_object_get(said, "system"), "tai_offset_s"));
	h->off_ns = llabs(json_integer_value(json_object_get(ptp, "offset_ns"))) + json_integer_value(json_object_get(ptp, "offset_bound_ns"));
	json_decref(said);
	if (!rc && h->off_ns > HOSTS_CLOCK_NS)
		rc = why_fail(why, EIO, "%.60s: its clock is not good: up to %" PRId64 " ns off its grandmaster", h->name, h->off_ns);
	return rc;
}

static int ask_clocks(struct pair *r, struct why *why)
{
	struct host *a = &r->host[TALKER], *b = &r->host[LISTENER];
	int rc = ask_clock(r, a, why) ?: ask_clock(r, b, why);
	int64_t bound_ns = a->off_ns + b->off_ns, before = json_integer_value(json_object_get(json_object_get(r->run.doc, "clock"), "error_bound_ns"));

	if (rc)
		return rc;
	if (!a->grandmaster[0] || strcmp(a->grandmaster, b->grandmaster))
		return why_fail(why, EIO, "%.60s and %.60s have not the same grandmaster (%.40s, %.40s): their stamps cannot be compared", a->name, b->name,
				a->grandmaster, b->grandmaster);
	if (a->tai_offset_s != b->tai_offset_s)
		return why_fail(why, EIO, "TAI is UTC and %" PRId64 " s on %.60s, and %" PRId64 " s on %.60s: their stamps cannot be compared", a->tai_offset_s,
				a->name, b->tai_offset_s, b->name);
	json_object_set_new(r->run.doc, "clock", json_pack("{s:s, s:I, s:[]}", "between", "joined", "error_bound_ns",
							   (json_int_t)(bound_ns > before ? bound_ns : before), "bad"));
	return 0;
}

static int ask_mac(struct pair *r, struct host *h, struct why *why)
{
	struct words w = {0};
	json_t *said;
	char what[120];
	int rc;

	ssh(&w, h);
	words_split(&w, "ip -json link show dev %s", h->interface);
	snprintf(what, sizeof(what), "%.60s: ip link show dev %.31s", h->name, h->interface);
	rc = ask(&said, r, what, false, &w, why);
	snprintf(h->mac, sizeof(h->mac), "%.17s", json_string_value(json_object_get(json_array_get(said, 0), "address")) ?: "");
	json_decref(said);
	return rc ?: strlen(h->mac) == 17 ? 0 : why_fail(why, ENOTSUP, "%s: it has no MAC address", what);
}

/* Where frames come is where a bare loop tells what the host takes. */
static int ask_floor(struct pair *r, struct why *why)
{
	struct host *h = &r->host[LISTENER];
	struct words w = {0};
	json_t *said;
	int rc;

	program(&w, h);
	words_split(&w, "noise --json -d 200ms");
	rc = ask(&said, r, "takt noise", true, &w, why);
	if (!rc)
		json_object_set_new(r->run.doc, "floor", meta_floor(said));
	json_decref(said);
	return rc;
}

static int traffic(struct pair *r, struct why *why)
{
	const struct cell_traffic *t = &r->run.c->traffic;
	struct host *a = &r->host[TALKER], *b = &r->host[LISTENER];
	int64_t limit_ns = t->warm_up_ns + t->duration_ns + 2 * START_NS;
	struct words send = {0}, recv = {0};
	struct proc *listen, *talk;
	int status = 0, came = 0, rc;

	program(&recv, b);
	words_split(&recv, "recv -i %s --idle " IDLE " --timeout %" PRId64 "ns --json --log -", b->interface, limit_ns);
	program(&send, a);
	words_split(&send, "send -i %s -d %s -v %d -p %d -s %d --cycle %" PRId64 "ns --warm-up %" PRId64 "ns --duration %" PRId64 "ns --json --log -", a->interface,
		    b->mac, (int)t->vlan, (int)t->priority, (int)t->size, t->cycle_ns, t->warm_up_ns, t->duration_ns);
	rc = start(&listen, r, "takt recv", "came.dat", "recv.log", &recv, why);
	if (rc)
		return rc;
	rc = proc_wait_line(listen, "listening", NULL, 0, START_NS);
	if (rc)
		return rc == -EINTR ? rc : why_fail(why, EIO, "%.60s: takt recv does not listen: recv.log says why", b->name);
	rc = start(&talk, r, "takt send", "sent.dat", "send.log", &send, why) ?: proc_wait(talk, limit_ns, &status) ?: proc_wait(listen, limit_ns, &came);
	if (rc == -ETIMEDOUT)
		return why_fail(why, EIO, "takt send or takt recv does not end");
	if (!rc && status)
		return why_fail(why, EIO, "%.60s: takt send ended with %d: send.log says why", a->name, status);
	return rc;
}

static int begin(struct pair *r, const struct hosts *h, const struct cell *c, const char *dir, struct procs *set, struct why *why)
{
	bool back = !strcmp(c->value[AXIS_DIRECTION], "from-guest");
	int i, rc;

	r->run = (struct cell_run){.c = c, .dir = dir, .set = set, .talker = END_FAR, .listener = END_PEER, .reflector = -1};
	r->run.end[END_FAR].kind = r->run.end[END_PEER].kind = END_WIRE;
	r->hosts = h;
	rc = cell_begin(&r->run, why);
	for (i = 0; !rc && i < HOSTS; i++)
		rc = look_up(r, &r->host[back ? !i : i], i == TALKER ? h->talker : h->listener, why);
	return rc;
}

static void end(struct pair *r)
{
	json_decref(r->host[TALKER].vars);
	json_decref(r->host[LISTENER].vars);
	json_decref(r->run.doc);
	free(r);
}

static bool is(const struct cell *c, enum axis_id axis, const char *a, const char *b)
{
	return !strcmp(c->value[axis], a) || !strcmp(c->value[axis], b);
}

int hosts_can(const struct hosts *h, const struct cell *c, struct procs *set, const char *dir, struct why *why)
{
	struct pair *r;
	int rc;

	if (!h->inventory)
		return why_fail(why, ENOTSUP, "hosts: the campaign names none: hosts: {inventory: FILE, talker: NAME, listener: NAME}");
	if (!is(c, AXIS_DIRECTION, "to-guest", "from-guest") || !is(c, AXIS_GUEST, "none", "none") || !is(c, AXIS_LOAD, "none", "none") ||
	    !is(c, AXIS_SCHEDULE, "none", "none") || !is(c, AXIS_NEIGHBOURS, "0", "0") || !is(c, AXIS_CORRECTION, "none", "none"))
		return why_fail(why, ENOTSUP, "hosts: frames go to-guest (talker to listener) or from-guest (back), with guest, load, schedule and correction none");
	r = calloc(1, sizeof(*r));
	if (!r)
		return why_fail(why, ENOMEM, "out of memory");
	rc = begin(r, h, c, dir, set, why) ?: ask_mac(r, &r->host[TALKER], why) ?: ask_mac(r, &r->host[LISTENER], why);
	end(r);
	return rc == -EINTR || rc == -ENOMEM ? rc : rc ? -ENOTSUP : 0;
}

int hosts_perform(const struct hosts *h, const struct cell *c, const char *dir, struct procs *set, struct why *why)
{
	struct pair *r = calloc(1, sizeof(*r));
	char reason[WHY_LEN] = "";
	int rc, put;

	if (!r)
		return why_fail(why, ENOMEM, "out of memory");
	rc = begin(r, h, c, dir, set, why) ?: ask_mac(r, &r->host[LISTENER], why) ?: ask_clocks(r, why) ?: ask_floor(r, why) ?: traffic(r, why);
	if (!rc) {
		json_t *clock = json_incref(json_object_get(r->run.doc, "clock"));

		rc = cell_frames(&r->run, why);
		json_object_set_new(r->run.doc, "clock", clock);	/* not one clock, as ends of one machine have */
	}
	rc = rc ?: ask_clocks(r, why);
	if (rc == -EINTR || rc == -ENOSPC)
		goto out;
	if (rc)
		snprintf(reason, sizeof(reason), "%s", why->text);
	put = cell_write(&r->run, !rc ? "ok" : rc == -ENOTSUP ? "skipped" : "failed", reason, rc ? NULL : why);
	rc = rc ?: put;
out:
	end(r);
	return rc;
}
