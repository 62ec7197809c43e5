/* SPDX-License-Identifier: BSD-3-Clause */
/* takt host */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/cmd.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/host.h"
#include "probes/host_file.h"
#include "probes/host_print.h"
#include "probes/probes.h"
#include "ptp/now.h"

struct conf {
	const char *name, *pids, *tids, *cpus, *out;
	int64_t duration_ns, min_span_ns, interval_ns;
	bool json, follow;
};

#define AT(field) offsetof(struct conf, field)

const struct opt host_opts[] = {
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "taktd's instance, or path of its control socket (default takt, unless threads or CPUs are given)"},
	{"pid", 'p', OPT_STR, AT(pids), "PID,...", NULL, 0, 0, "also all threads of these processes"},
	{"tid", 't', OPT_STR, AT(tids), "TID,...", NULL, 0, 0, "also these threads"},
	{"cpu", 'c', OPT_STR, AT(cpus), "LIST", NULL, 0, 0, "also interrupts on these CPUs; those on which a watched thread runs are watched anyway"},
	{"out", 'o', OPT_STR, AT(out), "FILE", NULL, 0, 0, "write all events to FILE as well (docs/formats.md); - is standard output, without a table"},
	{"duration", 'd', OPT_NS, AT(duration_ns), "TIME", "5s", 10 * NS_PER_MS, 86400 * NS_PER_SEC, "watch for TIME; with --follow, until Ctrl-C"},
	{"min-span", 0, OPT_NS, AT(min_span_ns), "TIME", "5us", 1, 86400 * NS_PER_SEC, "shorter spans are counted, and are no events"},
	{"interval", 'i', OPT_NS, AT(interval_ns), "TIME", "1s", 100 * NS_PER_MS, 86400 * NS_PER_SEC, "with --follow, refresh after TIME"},
	{"follow", 'f', OPT_FLAG, AT(follow), NULL, NULL, 0, 0, "refresh until Ctrl-C; the tables cover all since the start"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};

const char host_examples[] = "  takt host                             taktd's worker and its guests' vCPUs, for five seconds\n"
			     "  takt host -f                          until Ctrl-C\n"
			     "  takt host -d 1min -o host.ev          a minute, and each event into a file\n"
			     "  takt host --pid 4711 --cpu 2-3        a process of yours, and interrupts on two CPUs\n"
			     "  takt host -j | jq '.threads[].preempted_by[0]'\n";

struct run {
	const struct conf *c;
	struct host *h;
	struct host_file file;
	bool to_file;
};

/* -- what was asked for ------------------------------------------------------------------------------------------------------ */

static int numbers(const char *opt, const char *text, int out[HOST_MAX_ASKED], int *n, struct why *why)
{
	const char *p = text;
	char *end;
	long v;

	while (p && *p) {
		errno = 0;
		v = strtol(p, &end, 10);
		if (end == p || errno || v <= 0 || v > INT32_MAX || (*end && *end != ',') || (*end && !end[1]))
			return why_fail(why, EINVAL, "%s %.60s: give process numbers separated by commas, e.g. 4711,4712", opt, text);
		if (*n == HOST_MAX_ASKED)
			return why_fail(why, E2BIG, "%s: more than %d of them", opt, HOST_MAX_ASKED);
		out[(*n)++] = (int)v;
		p = *end ? end + 1 : end;
	}
	return text && !*text ? why_fail(why, EINVAL, "%s: give process numbers separated by commas, e.g. 4711,4712", opt) : 0;
}

static int read_conf(struct host_conf *hc, const struct conf *c, struct why *why)
{
	int err;

	memset(hc, 0, sizeof(*hc));
	hc->name = c->name;
	hc->taktd = c->name || !(c->pids || c->tids || c->cpus);
	hc->min_span_ns = c->min_span_ns;
	err = numbers("--pid", c->pids, hc->pids, &hc->n_pids, why);
	err = err ? err : numbers("--tid", c->tids, hc->tids, &hc->n_tids, why);
	if (!err && c->cpus) {
		err = cpu_list_parse(&hc->cpus, c->cpus, why);
		if (err)
			why_at(why, "--cpu");
	}
	return err;
}

/* -- watching ---------------------------------------------------------------------------------------------------------------- */

static void on_event(void *ctx, const struct event *e)
{
	struct run *r = ctx;

	if (r->to_file)
		host_file_add(&r->file, e);
}

static int show(const struct run *r, const struct term *t)
{
	struct host_seen seen;
	struct out like, o;
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	int err;

	err = host_seen(r->h, &seen);
	if (err)
		return err;
	f = open_memstream(&text, &len);
	if (!f) {
		host_seen_free(&seen);
		return -ENOMEM;
	}
	out_init(&like, stdout, r->c->json);
	out_init(&o, f, r->c->json);
	o.colour = like.colour;
	host_print(&o, &seen, r->h);
	host_seen_free(&seen);
	if (r->c->follow && !r->c->json && !t->tty)
		out_text(&o, "\n");
	err = out_fini(&o);
	if (!fclose(f) && !err)
		term_draw(t, text);
	else
		err = -ENOMEM;
	free(text);
	return err ? err : ferror(stdout) ? -EIO : 0;
}

static int watch(struct run *r)
{
	int64_t now = now_mono(), t_end = now + r->c->duration_ns, t_show = now + r->c->interval_ns;
	bool alone = r->to_file && r->file.f == stdout;
	struct term t;
	int err = 0;

	term_open(&t, r->c->follow && !r->c->json && !alone);
	while (!err && !term_stopped() && (r->c->follow || now < t_end)) {
		host_poll(r->h, on_event, r);
		if (r->to_file)
			host_file_tick(&r->file, r->h, now);
		if (r->to_file && r->file.w.error)
			break;
		if (r->c->follow && !alone && now >= t_show) {
			t_show = now + r->c->interval_ns;
			err = show(r, &t);
		}
		term_sleep(!r->c->follow && t_end - now < HOST_POLL_NS ? t_end - now : HOST_POLL_NS);
		now = now_mono();
	}
	host_end(r->h, on_event, r);
	term_close(&t);
	t.tty = false;
	return err || alone ? err : show(r, &t);
}

/* Off the CPUs that are asked for, where there are others: what looks should not be what is seen. */
static void step_aside(const struct host_seen *s, const struct cpu_list *asked)
{
	cpu_set_t mine;
	int i;

	if (sched_getaffinity(0, sizeof(mine), &mine))
		return;
	for (i = 0; i < s->n_cpus; i++)
		if (s->cpus[i].cpu < CPU_SETSIZE)
			CPU_CLR(s->cpus[i].cpu, &mine);
	for (i = 0; i < s->n_threads; i++)
		if (s->threads[i].at.cpu < CPU_SETSIZE && s->threads[i].role <= HOST_VCPU)
			CPU_CLR(s->threads[i].at.cpu, &mine);
	for (i = 0; i < CPU_LIST_MAX && i < CPU_SETSIZE; i++)
		if (cpu_list_has(asked, i))
			CPU_CLR(i, &mine);
	if (CPU_COUNT(&mine))
		sched_setaffinity(0, sizeof(mine), &mine);
}

static int run(struct run *r, struct why *why)
{
	struct host_conf *hc = calloc(1, sizeof(*hc));
	struct host_seen seen;
	int err, end;

	if (!hc)
		return why_fail(why, ENOMEM, "no memory");
	err = read_conf(hc, r->c, why);
	err = err ? err : host_open(&r->h, hc, why);
	if (!err && r->c->out) {
		err = host_file_open(&r->file, r->c->out, why);
		r->to_file = !err;
	}
	if (!err && r->to_file && host_file_begin(&r->file, r->h))
		err = why_fail(why, ENOMEM, "no memory");
	if (!err && !host_seen(r->h, &seen)) {
		step_aside(&seen, &hc->cpus);
		host_seen_free(&seen);
	}
	if (!err) {
		err = watch(r);
		if (err)
			why_fail(why, -err, err == -EIO ? "cannot write the output" : "%s", strerror(-err));
	}
	if (r->to_file) {
		end = host_file_close(&r->file, err ? NULL : why);
		err = err ? err : end;
	}
	host_close(r->h);
	free(hc);
	return err;
}

int host_run(const struct cmd *self, int argc, char **argv)
{
	struct conf c = {0};
	struct why why = {""};
	struct run *r;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	r = calloc(1, sizeof(*r));
	if (!r)
		return CMD_FAILED;
	r->c = &c;
	err = run(r, &why);
	free(r);
	if (err == -ENOTSUP) {
		cmd_refuse(err, &why);
		return CMD_UNABLE;
	}
	return err ? cmd_refuse(err, &why) : CMD_OK;
}
