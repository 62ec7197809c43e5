/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt bench run, takt bench rerun: a campaign, measured; measured again.
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/daemon.h"
#include "bench/meta.h"
#include "bench/precheck.h"
#include "bench/run_trust.h"
#include "bench/runner.h"

struct conf {
	struct run_asked asked;
	const char *results;
	bool dry, resume, keep_going, json;
};

#define AT(field) offsetof(struct conf, field)
#define BOTH_OPTS \
	{"results", 0, OPT_STR, AT(results), "DIR", "results", 0, 0, "make DIR/CAMPAIGN/DATE-REVISION, and the link `latest` to it"}, \
	{"dry-run", 'n', OPT_FLAG, AT(dry), NULL, NULL, 0, 0, "print the cells in their order, which would be skipped and why, and measure nothing"}, \
	{"keep-going", 'k', OPT_FLAG, AT(keep_going), NULL, NULL, 0, 0, "though three cells in a row fail"}, \
	{"taktd", 0, OPT_STR, AT(asked.taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)"}, \
	{"kernel-dir", 0, OPT_STR, AT(asked.kernel_dir), "DIR", NULL, 0, 0, "where scripts/guest-image put its guests (default: beside this program)"}, \
	{"inventory", 0, OPT_STR, AT(asked.inventory), "FILE", NULL, 0, 0, "of the campaign's hosts, instead of the one that its file names"}, \
	{"cpu", 0, OPT_INT, AT(asked.cpu), "N", "-1", -1, 1023, "CPU of the backend's worker; all else is on the one before it, or on CPU 1; -1: the last one"}, \
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print a JSON object for each cell, and one at the end"}

const struct opt campaign_opts[] = {
	{"only", 0, OPT_LIST, AT(asked.only), "AXIS=VALUE[,VALUE]", NULL, 0, 0, "measure these alone of what the matrix has; may be given for several axes"},
	{"repetitions", 'r', OPT_INT, AT(asked.repetitions), "N", NULL, 1, 1000, "instead of the file's"},
	{"duration", 'd', OPT_NS, AT(asked.duration_ns), "TIME", NULL, 100 * NS_PER_MS, 24 * 3600 * NS_PER_SEC, "instead of the file's"},
	{"seed", 0, OPT_INT, AT(asked.seed), "N", NULL, 1, INT64_MAX, "of the order and of all that is drawn (default: draw one)"},
	{"resume", 0, OPT_FLAG, AT(resume), NULL, NULL, 0, 0, "go on with the newest run of FILE that was not finished; or with the run whose folder is given instead of FILE"},
	BOTH_OPTS,
	OPT_END
};

const struct opt rerun_opts[] = {BOTH_OPTS, OPT_END};
#undef AT

#define EXITS \
	"Exit status: 0 all was measured that can be here; 1 cells failed, or it came to no end: what is finished is kept; 2 refused, and nothing was made;\n" \
	"77 not one cell can be measured here: each one's reason is said; 130 Ctrl-C.\n"

const char campaign_examples[] =
	"  takt bench run bench/campaigns/quick.yaml\n"
	"  takt bench run bench/campaigns/quick.yaml --dry-run --only backend=taktd\n"
	"  takt bench run bench/campaigns/schedule.yaml -r 1 -d 2s     a first look\n"
	"  takt bench run bench/campaigns/quick.yaml --resume          after Ctrl-C, or a crash\n"
	"  takt bench run results/quick/latest --resume                measures again what failed, too\n"
	"\n" EXITS;

const char rerun_examples[] =
	"  takt bench rerun results/quick/latest                       the same cells, in the same order, by the same seed\n"
	"  takt bench compare results/quick/2026-11-24T160102-1a2b3c4 results/quick/latest\n"
	"\n" EXITS;

struct job {
	struct conf conf;
	struct runner_conf run;
	struct campaign *campaign;
	struct plan *plan;
	struct folder folder;
	json_t *meta, *old;	/* old: what strings of a resumed or repeated run belong to */
	struct procs *set;
	char inventory[PATH_MAX], kernel_dir[PATH_MAX];	/* real names */
	char found[PATH_MAX];	/* the folder that is gone on with; "": a new one */
	char yaml[FOLDER_LEN];	/* campaign.yaml of that folder, or of the one that is repeated */
	struct runner_sum sum;
};

static bool unfinished(const char *path)
{
	struct why why;
	json_t *doc;
	bool is;

	if (run_meta_read(&doc, path, &why))
		return false;
	is = !run_meta_finished(doc);
	json_decref(doc);
	return is;
}

static int find_programs(struct job *j, struct why *why)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", j->run.takt, sizeof(j->run.takt) - 1);
	int rc;

	if (n < 0)
		return why_fail(why, errno, "/proc/self/exe: %s", strerror(errno));
	j->run.takt[n] = '\0';
	rc = daemon_find(path, sizeof(path), "taktd", j->run.asked.taktd, "taktd", why);
	if (rc)
		return rc;
	if (!realpath(path, j->run.taktd))
		return why_fail(why, errno, "%.200s: %s", path, strerror(errno));
	return 0;
}

/* Programs run elsewhere, and by their real names. */
static int real_names(struct job *j, struct why *why)
{
	struct run_asked *a = &j->run.asked;

	if (a->kernel_dir && !realpath(a->kernel_dir, j->kernel_dir))
		return why_fail(why, errno, "--kernel-dir %.200s: %s", a->kernel_dir, strerror(errno));
	if (a->kernel_dir)
		a->kernel_dir = j->kernel_dir;
	return find_programs(j, why);
}

/* What was not asked for. */
static int choose(struct job *j, struct why *why)
{
	struct run_asked *a = &j->run.asked;
	uint64_t drawn = 0;

	if (a->cpu < 0)
		a->cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	if (!a->seed && getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
		return why_fail(why, EIO, "no seed can be drawn: give --seed N");
	if (!a->seed)
		a->seed = (int64_t)(drawn % 1000000000) + 1;	/* one that can be typed */
	return 0;
}

/* The campaign's file as the command line has it, and its cells. */
static int plan(struct job *j, const char *path, struct why *why)
{
	const struct run_asked *a = &j->run.asked;
	int i, rc = campaign_read(&j->campaign, path, why);

	for (i = 0; !rc && i < a->only.count; i++)
		rc = campaign_only(j->campaign, a->only.item[i], why);
	if (rc)
		return rc;
	if (a->repetitions)
		j->campaign->repetitions = a->repetitions;
	if (a->duration_ns)
		j->campaign->traffic.duration_ns = a->duration_ns;
	j->run.campaign = j->campaign;
	j->run.file = path;
	j->run.hosts = (struct hosts){.inventory = a->inventory, .talker = j->campaign->hosts.talker, .listener = j->campaign->hosts.listener};
	rc = plan_create(&j->plan, j->campaign, (uint64_t)a->seed, why);
	j->run.plan = j->plan;
	if (rc)
		why_at(why, "%s", path);
	return rc;
}

static int yaml_of(char path[FOLDER_LEN], const char *dir)
{
	return snprintf(path, FOLDER_LEN, "%s/campaign.yaml", dir);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int new_folder(struct job *j, int argc, char **argv, struct why *why)
{
	int rc = folder_create(&j->folder, j->conf.results, j->campaign->name, meta_rev(), j->campaign->text, j->campaign->len, why);

	if (!rc)
		j->meta = run_meta_begin(j->campaign, &j->run.asked, j->plan->n, argc, argv);
	return rc;
}

/* Before anything is made. */
static int check(struct job *j, struct why *why)
{
	char above[PATH_MAX];

	if (snprintf(above, sizeof(above), "%s/%s", j->conf.results, j->campaign->name) >= PATH_MAX)
		return why_fail(why, ENAMETOOLONG, "%.200s: too long a path", j->conf.results);
	return real_names(j, why) ?: precheck(&j->run, *j->found ? j->found : above, runner_open(&j->run, *j->found ? j->found : NULL), why);
}

/* The folder of a campaign's file; its inventory is the one that this file names. */
static int find_folder(struct job *j, const char *operand, struct why *why)
{
	struct campaign *c = NULL;
	int rc;

	if (is_folder(operand)) {
		snprintf(j->found, sizeof(j->found), "%s", operand);
		return 0;
	}
	rc = campaign_read(&c, operand, why) ?: run_trust_inventory(j->inventory, c, operand, j->conf.asked.inventory, why) ?:
	     folder_find(j->found, j->conf.results, c->name, c->text, c->len, unfinished, why);
	if (!rc && c->hosts.inventory)
		j->conf.asked.inventory = j->inventory;
	campaign_free(c);
	return rc;
}

/* How it was asked for is how it goes on: what the command line adds would make other cells of it. */
static int resumed(struct job *j, const char *operand, struct why *why)
{
	const struct run_asked *a = &j->conf.asked;
	int rc;

	if (a->only.count || a->repetitions || a->duration_ns || a->seed || a->cpu >= 0)
		return why_fail(why, EINVAL, "--resume goes on as the run began: leave out --only, --repetitions, --duration, --seed and --cpu");
	rc = find_folder(j, operand, why) ?: run_meta_read(&j->old, j->found, why) ?: run_meta_asked(j->old, &j->run.asked, why) ?: run_trust_files(&j->run.asked, &j->conf.asked, why);
	if (rc)
		return rc;
	j->run.asked.taktd = a->taktd;
	j->run.asked.kernel_dir = a->kernel_dir;
	j->run.asked.inventory = a->inventory;
	yaml_of(j->yaml, j->found);
	rc = plan(j, j->yaml, why) ?: run_trust_hosts(j->campaign, j->run.asked.inventory, j->found, why) ?: check(j, why);
	if (rc || j->conf.dry)
		return rc;
	rc = folder_open(&j->folder, j->found, why);
	if (!rc) {
		j->meta = json_incref(j->old);
		run_meta_note(j->meta, "resumed", json_string(meta_now((char[32]){""})));
	}
	return rc;
}

static int begun(struct job *j, const char *operand, int argc, char **argv, struct why *why)
{
	char where[PATH_MAX];
	struct why none;
	int rc;

	if (is_folder(operand))
		return why_fail(why, EINVAL, "%.200s is a folder: give a campaign's file; or --resume to go on with it, or takt bench rerun to measure it again", operand);
	j->run.asked = j->conf.asked;
	rc = choose(j, why) ?: plan(j, operand, why) ?: run_trust_inventory(j->inventory, j->campaign, operand, j->conf.asked.inventory, why);
	if (!rc && j->campaign->hosts.inventory)
		j->run.hosts.inventory = j->run.asked.inventory = j->inventory;
	rc = rc ?: check(j, why);
	if (rc || j->conf.dry)
		return rc;
	if (!folder_find(where, j->conf.results, j->campaign->name, j->campaign->text, j->campaign->len, unfinished, &none))
		fprintf(stderr, "%s is not finished: --resume would go on with it; this is a new run\n", where);
	return new_folder(j, argc, argv, why);
}

static int again(struct job *j, const char *operand, int argc, char **argv, struct why *why)
{
	const struct run_asked *a = &j->conf.asked;
	int rc = run_meta_read(&j->old, operand, why) ?: run_meta_asked(j->old, &j->run.asked, why);

	if (rc)
		return rc;
	/* The programs are this build's, whatever was measured then: a result from elsewhere is no reason to run what it names. */
	j->run.asked.taktd = a->taktd;
	j->run.asked.kernel_dir = a->kernel_dir;
	j->run.asked.inventory = a->inventory && realpath(a->inventory, j->inventory) ? j->inventory : a->inventory;
	if (a->cpu >= 0)
		j->run.asked.cpu = a->cpu;
	yaml_of(j->yaml, operand);
	rc = plan(j, j->yaml, why) ?: run_trust_hosts(j->campaign, j->run.asked.inventory, operand, why) ?: check(j, why);
	if (rc || j->conf.dry)
		return rc;
	rc = new_folder(j, argc, argv, why);
	if (!rc)
		json_object_set_new(j->meta, "rerun_of", json_string(operand));
	return rc;
}

static void tell_end(const struct job *j)
{
	struct out o;

	out_init(&o, stdout, j->conf.json);
	out_object(&o, NULL);
	out_uint(&o, "ok", j->sum.ok, "%zu ok", j->sum.ok);
	out_uint(&o, "skipped", j->sum.skipped, ", %zu skipped", j->sum.skipped);
	out_uint(&o, "failed", j->sum.failed, ", %zu failed", j->sum.failed);
	if (j->sum.left)
		out_uint(&o, "left", j->sum.left, ", %zu not measured", j->sum.left);
	out_str(&o, "result", j->folder.path, ": %s\n", j->folder.path);
	out_end(&o);
	out_fini(&o);
	if (!j->sum.left && !j->conf.json && isatty(STDOUT_FILENO))
		printf("takt bench report %s\n", j->folder.path);
}

/* The line that goes on, with what has to be said again. */
static void tell_how_to_go_on(const struct job *j, const char *before)
{
	const struct run_asked *a = &j->run.asked;
	const struct {
		const char *option, *file;
	} files[] = {{"taktd", a->taktd}, {"kernel-dir", a->kernel_dir}, {"inventory", a->inventory}};
	size_t i;

	fprintf(stderr, "%s: takt bench run --resume %s", before, j->folder.path);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i].file)
			fprintf(stderr, " --%s %s", files[i].option, files[i].file);
	fputc('\n', stderr);
}

static int perform(struct job *j, struct why *why)
{
	int rc = runner_run(&j->run, &j->folder, j->meta, &j->sum, why);

	tell_end(j);
	if (rc == -EINTR)
		tell_how_to_go_on(j, "interrupted; what is finished is kept. To go on");
	else if (rc && j->sum.left)
		tell_how_to_go_on(j, "what is finished is kept; when that is mended");
	if (rc)
		return rc;
	return j->sum.failed ? CMD_FAILED : !j->sum.ok ? CMD_UNABLE : CMD_OK;
}

enum way { WAY_RUN, WAY_RERUN };

static int command(enum way way, const struct cmd *self, int argc, char **argv)
{
	struct job j = {.folder = {.lock = -1}};
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct why why = {""};
	int status, rc;

	if (!words)
		return CMD_FAILED;
	memcpy(words, argv, (size_t)argc * sizeof(*words));	/* as typed: operands are moved */
	if (cmd_options(self, &j.conf, argc, argv, 1, 1, &status) < 0) {
		free(words);
		return status;
	}
	j.run.keep_going = j.conf.keep_going;
	j.run.json = j.conf.json;
	rc = procs_create(&j.set, &why);
	j.run.set = j.set;
	if (!rc)
		rc = way == WAY_RERUN ? again(&j, argv[1], argc, words, &why) :
		     j.conf.resume    ? resumed(&j, argv[1], &why) :
					begun(&j, argv[1], argc, words, &why);
	if (!rc)
		rc = j.conf.dry ? runner_dry(&j.run, *j.found ? j.found : NULL, &why) : perform(&j, &why);
	status = rc >= 0 ? rc : rc == -EINTR ? CMD_FAILED : rc == -ECANCELED ? (cmd_refuse(-EIO, &why), CMD_FAILED) : cmd_refuse(rc, &why);
	status = procs_exit(j.set, status);
	procs_destroy(j.set);
	folder_close(&j.folder);
	json_decref(j.meta);
	json_decref(j.old);
	plan_destroy(j.plan);
	campaign_free(j.campaign);
	free(words);
	return status;
}

int campaign_run(const struct cmd *self, int argc, char **argv)
{
	return command(WAY_RUN, self, argc, argv);
}

int rerun_run(const struct cmd *self, int argc, char **argv)
{
	return command(WAY_RERUN, self, argc, argv);
}
