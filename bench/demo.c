/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/demo.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "bench/bench.h"
#include "bench/daemon.h"
#include "bench/demo_check.h"
#include "bench/demo_stage.h"
#include "bench/dirs.h"
#include "bench/meta.h"
#include "bench/netns.h"
#include "bench/proc.h"
#include "bench/demo_report.h"

#define QUIET_SHARE 2	/* the quiet run takes a part of the others' time */
#define PATH_LEN    400

struct conf {
	const char *out, *runs, *taktd, *kernel_dir;
	int64_t seconds, cpu;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt demo_opts[] = {
	{ "out", 'o', OPT_STR, AT(out), "DIR", "results/demo", 0, 0, "make a folder for the results in DIR, and the link `latest` to it" },
	{ "seconds", 's', OPT_INT, AT(seconds), "N", "15", 2, 600, "length of each run; the quiet one takes half of it" },
	{ "runs", 'r', OPT_STR, AT(runs), "LIST", "quiet,none,strict,gates", 0, 0, "which runs" },
	{ "cpu", 0, OPT_INT, AT(cpu), "N", "-1", -1, 1023, "CPU of taktd's worker; -1: the last one" },
	{ "taktd", 0, OPT_STR, AT(taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)" },
	{ "kernel-dir", 0, OPT_STR, AT(kernel_dir), "DIR", NULL, 0, 0, "where scripts/guest-image put uml/ (default: beside this program)" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the result as JSON" },
	OPT_END
};
#undef AT

const char demo_examples[] =
	"  takt bench demo                          about two minutes; exit status 0: the gates held\n"
	"  takt bench demo --seconds 60 --runs gates\n";

struct demo {
	struct conf conf;
	struct demo_run runs[DEMO_KINDS];
	struct demo_verdict verdict;
	struct procs *set;
	struct netns *ns;
	bool wanted[DEMO_KINDS];
	int n_wanted, at;
	bool terminal;
	char takt[PATH_MAX], taktd[PATH_MAX];
	char dir[PATH_LEN], leaf[128];
	char netns[32], host_if[16], peer_if[16], instance[16], others[64];
	int worker_cpu;
	json_t *meta;
};

static int choose_runs(struct demo *d, struct why *why)
{
	char list[128], *save = NULL, *word;
	int k;

	snprintf(list, sizeof(list), "%s", d->conf.runs);
	for (word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		for (k = 0; k < DEMO_KINDS && strcmp(word, demo_names[k]); k++)
			;
		if (k == DEMO_KINDS)
			return why_fail(why, EINVAL, "--runs: there is no run \"%s\": choose from quiet,none,strict,gates", word);
		d->n_wanted += !d->wanted[k];
		d->wanted[k] = true;
	}
	return d->n_wanted ? 0 : why_fail(why, EINVAL, "--runs is empty: choose from quiet,none,strict,gates");
}

/* The worker has a CPU of its own; everything else shares the others. With one CPU there is nothing to choose. */
static int choose_cpus(struct demo *d, struct why *why)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	d->worker_cpu = d->conf.cpu < 0 ? (int)n - 1 : (int)d->conf.cpu;
	if (d->worker_cpu >= n)
		return why_fail(why, EINVAL, "--cpu %d: this machine has CPUs 0 to %ld", d->worker_cpu, n - 1);
	if (n == 1)
		snprintf(d->others, sizeof(d->others), "0");
	else if (d->worker_cpu == 0)
		snprintf(d->others, sizeof(d->others), "1-%ld", n - 1);
	else if (d->worker_cpu == n - 1)
		snprintf(d->others, sizeof(d->others), "0-%d", d->worker_cpu - 1);
	else
		snprintf(d->others, sizeof(d->others), "0-%d,%d-%ld", d->worker_cpu - 1, d->worker_cpu + 1, n - 1);
	return 0;
}

static int find_programs(struct demo *d, struct why *why)
{
	ssize_t n = readlink("/proc/self/exe", d->takt, sizeof(d->takt) - 1);

	if (n < 0)
		return why_fail(why, errno, "/proc/self/exe: %s", strerror(errno));
	d->takt[n] = '\0';
	return daemon_find(d->taktd, sizeof(d->taktd), "taktd", d->conf.taktd, "taktd", why);
}

static int make_folder(struct demo *d, struct why *why)
{
	time_t now = time(NULL);
	struct tm tm;
	char when[32];
	int rc;

	strftime(when, sizeof(when), "%Y-%m-%dT%H%M%S", gmtime_r(&now, &tm));
	snprintf(d->leaf, sizeof(d->leaf), "%s-%.60s", when, meta_rev());
	if (snprintf(d->dir, sizeof(d->dir), "%s/%s", d->conf.out, d->leaf) >= (int)sizeof(d->dir))
		return why_fail(why, ENAMETOOLONG, "--out is too long");
	rc = dirs_make(d->dir);
	return rc ? why_fail(why, -rc, "--out: cannot make %s: %s", d->dir, strerror(-rc)) : 0;
}

static int make_wire(struct demo *d, struct why *why)
{
	const struct netns_conf conf = { .name = d->netns, .host_if = d->host_if, .peer_if = d->peer_if };
	int pid = (int)getpid();

	snprintf(d->netns, sizeof(d->netns), "takt-demo-%d", pid);
	snprintf(d->host_if, sizeof(d->host_if), "tkd%dh", pid);
	snprintf(d->peer_if, sizeof(d->peer_if), "tkd%dp", pid);
	snprintf(d->instance, sizeof(d->instance), "demo-%d", pid);
	return netns_create(&d->ns, d->set, &conf, why);
}

static void on_progress(void *user, const struct demo_run *run, int64_t t_ns)
{
	struct demo *d = user;

	if (!d->terminal)
		return;
	fprintf(stderr, "\r\033[K[%d/%d] %-26s %3" PRId64 " s   plc %" PRIu64 " sent   noise %" PRIu64 " sent   records lost %" PRIu64, d->at,
		d->n_wanted, demo_titles[run->kind], t_ns / NS_PER_SEC, run->stats[DEMO_PLC].sent, run->stats[DEMO_NOISE].sent, run->lost);
}

static void step(const struct demo *d, const char *text)
{
	fprintf(stderr, "%s[%d/%d] %s\n", d->terminal ? "\r\033[K" : "", d->at, d->n_wanted, text);
}

static int perform(struct demo *d, struct why *why)
{
	struct demo_stage_conf stage = {
		.set = d->set, .dir = d->dir, .taktd = d->taktd, .takt = d->takt, .kernel_dir = d->conf.kernel_dir,
		.netns = d->netns, .host_if = d->host_if, .peer_if = d->peer_if, .instance = d->instance,
		.worker_cpu = d->worker_cpu, .other_cpus = d->others, .tai_offset_s = meta_tai_offset(),
		.progress = on_progress, .user = d,
	};
	char text[256];
	int k, rc;

	for (k = 0; k < DEMO_KINDS; k++) {
		if (!d->wanted[k])
			continue;
		d->at++;
		if (d->terminal)
			fprintf(stderr, "\r\033[K[%d/%d] %-26s starting taktd and the guests", d->at, d->n_wanted, demo_titles[k]);
		stage.run_ns = d->conf.seconds * NS_PER_SEC / (k == DEMO_QUIET ? QUIET_SHARE : 1);
		rc = demo_stage(&d->runs[k], &stage, why);
		if (rc) {
			if (rc != -EINTR)
				why_at(why, "run %s", demo_names[k]);
			if (d->terminal)
				fputs("\n", stderr);
			return rc;
		}
		snprintf(text, sizeof(text), "%s: plc %" PRIu64 " frames, noise %" PRIu64 ", captured %zu, records lost %" PRIu64,
			 demo_titles[k], d->runs[k].stats[DEMO_PLC].sent, d->runs[k].stats[DEMO_NOISE].sent, d->runs[k].n_seen, d->runs[k].lost);
		step(d, text);
	}
	return 0;
}

/* Before the options are parsed: that moves words about. */
static void keep_words(struct demo *d, int argc, char **argv)
{
	json_t *words = json_array();
	int i;

	for (i = 0; i < argc; i++)
		json_array_append_new(words, json_string(argv[i]));
	json_object_set_new(d->meta, "command", words);
}

static void describe(struct demo *d)
{
	json_t *setup = json_object();

	json_object_set_new(setup, "seconds", json_integer(d->conf.seconds));
	json_object_set_new(setup, "worker_cpu", json_integer(d->worker_cpu));
	json_object_set_new(setup, "other_cpus", json_string(d->others));
	json_object_set_new(setup, "cycle_ns", json_integer(DEMO_CYCLE_NS));
	json_object_set_new(setup, "window_ns", json_integer(DEMO_WINDOW_NS));
	json_object_set_new(setup, "plc_phase_ns", json_integer(DEMO_PHASE_NS));
	json_object_set_new(setup, "link_bps", json_integer(DEMO_LINK_BPS));
	json_object_set_new(setup, "plc_frame_bytes", json_integer(DEMO_SIZE));
	json_object_set_new(setup, "noise_frame_bytes", json_integer(DEMO_FLOOD));
	json_object_set_new(setup, "poll_gap_ns", json_integer(DEMO_GAP_NS));
	json_object_set_new(d->meta, "setup", setup);
}

/* `latest` points at the newest folder; swapped in one step. */
static void link_latest(const struct demo *d)
{
	char link[PATH_LEN + 16], fresh[PATH_LEN + 24];

	snprintf(link, sizeof(link), "%s/latest", d->conf.out);
	snprintf(fresh, sizeof(fresh), "%s.%d", link, (int)getpid());
	if (symlink(d->leaf, fresh) || rename(fresh, link)) {
		log_warn("%s: %s", link, strerror(errno));
		unlink(fresh);
	}
}

static int tell(struct demo *d, struct why *why)
{
	struct demo_report report = { .dir = d->dir, .runs = d->runs, .verdict = &d->verdict, .meta = d->meta };
	char path[PATH_LEN + 16];
	struct out o;
	int rc;

	rc = demo_check(&d->verdict, d->runs);
	if (rc)
		return why_fail(why, -rc, "out of memory");
	snprintf(path, sizeof(path), "%s/meta.json", d->dir);
	rc = meta_write(d->meta, path);
	if (rc)
		return why_fail(why, -rc, "cannot write %s", path);
	rc = demo_report_summary(&report, why);
	if (rc)
		return rc;
	out_init(&o, stdout, d->conf.json);	/* what was measured first: a figure that fails takes nothing away */
	demo_report_print(&report, &o);
	rc = out_fini(&o);
	if (rc)
		return why_fail(why, -rc, "cannot print the result: %s", strerror(-rc));
	fflush(stdout);
	rc = demo_report_plot(&report, d->set, why) ?: demo_report_html(&report, why);
	if (rc)
		return rc;
	link_latest(d);
	return 0;
}

int demo_run(const struct cmd *self, int argc, char **argv)
{
	struct demo *d = calloc(1, sizeof(*d));
	struct why why = { "" };
	int status = CMD_FAILED;
	int k, rc;

	if (!d)
		return CMD_FAILED;
	d->meta = meta_collect();
	keep_words(d, argc, argv);
	if (cmd_options(self, &d->conf, argc, argv, 0, 0, &status) < 0)
		goto out;
	d->terminal = isatty(STDERR_FILENO);
	for (k = 0; k < DEMO_KINDS; k++)
		d->runs[k].kind = (enum demo_kind)k;
	rc = choose_runs(d, &why) ?: choose_cpus(d, &why) ?: find_programs(d, &why) ?: procs_create(&d->set, &why);
	if (!rc)
		rc = make_wire(d, &why) ?: make_folder(d, &why);
	if (!rc) {
		describe(d);
		rc = perform(d, &why) ?: tell(d, &why);
	}
	if (rc)
		status = rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	else
		status = d->verdict.held ? CMD_OK : CMD_FAILED;
out:
	if (d->set)
		status = procs_exit(d->set, status);
	netns_destroy(d->ns);
	procs_destroy(d->set);
	for (k = 0; k < DEMO_KINDS; k++)
		demo_run_fini(&d->runs[k]);
	json_decref(d->meta);
	free(d);
	return status;
}
