/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt bench blame: delays are injected, singly and in pairs, at random times; is what was injected what takt blame names?
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/blame_rig.h"
#include "bench/lines.h"
#include "bench/meta.h"

#define REST_MIN_NS (150 * NS_PER_MS)	/* between two injections: backlogs are gone by then */
#define REST_MAX_NS (350 * NS_PER_MS)
#define GUEST_REST_NS (1200 * NS_PER_MS)	/* and in the guest scene, on average: it does things to itself meanwhile */
#define EACH_NS	    (600 * NS_PER_MS)	/* what an episode takes at most, on average */
#define GUEST_TAIL_NS (2500 * NS_PER_MS)	/* until what it does to itself is over */
#define GUEST_EACH_NS (2200 * NS_PER_MS)
#define MAX_DEEDS   4096

struct conf {
	int64_t episodes, guest_episodes, seed, quiet_ns, cpu;
	const char *taktd, *kernel_dir, *kernel, *hog, *clock_dir, *out, *only;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt blame_bench_opts[] = {
	{"episodes", 'n', OPT_INT, AT(episodes), "N", "60", 0, 2000, "injections into a taktd between two wires; a third of them in pairs"},
	{"guest-episodes", 'g', OPT_INT, AT(guest_episodes), "N", "20", 1, 2000, "injections into a guest; it does as many to itself"},
	{"kernel-dir", 0, OPT_STR, AT(kernel_dir), "DIR", NULL, 0, 0, "where scripts/guest-image put its guests; without it no guest is run"},
	{"kernel", 0, OPT_STR, AT(kernel), "6.1|6.12", "6.1", 0, 0, "the guest's"},
	{"quiet", 'q', OPT_NS, AT(quiet_ns), "TIME", "10s", 0, 3600 * NS_PER_SEC, "and so long without any; 0: not at all"},
	{"seed", 's', OPT_INT, AT(seed), "N", "0", 0, INT64_MAX, "of the random times and lengths; 0: another each time"},
	{"only", 0, OPT_STR, AT(only), "CAUSE", NULL, 0, 0, "inject this cause alone"},
	{"hog", 0, OPT_STR, AT(hog), "FILE", NULL, 0, 0, "a real-time loop for the guest (tests/guest/hog.c); without it nothing starves there"},
	{"clock-dir", 0, OPT_STR, AT(clock_dir), "DIR", NULL, 0, 0, "where clock_shim.so and clock_set are (tests/net/clock_shim.c); without it no clock is stepped"},
	{"cpu", 0, OPT_INT, AT(cpu), "N", "1", 0, 1023, "CPU of taktd's worker; all else is on the one before it, or on CPU 1"},
	{"taktd", 0, OPT_STR, AT(taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)"},
	{"out", 'o', OPT_STR, AT(out), "DIR", "results/blame", 0, 0, "make a folder for the results in DIR"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the result as JSON"},
	OPT_END,
};
#undef AT

const char blame_bench_examples[] =
	"  takt bench blame                         a minute and a half; lines of name, value, unit, peer, ratio\n"
	"  takt bench blame -n 300 -s 4711          more of them, at the same times as another run of that seed\n"
	"  takt bench blame --only gate -n 20       one cause\n";

struct bench {
	struct conf conf;
	struct procs *set;
	struct blame_rig rig;
	struct blame_rig_conf at;
	struct blame_judge judge, quiet;
	struct blame_deed *deed;
	size_t n_deeds;
	uint64_t seed;
	char takt[PATH_MAX], taktd[PATH_MAX], dir[40];
	struct out out;
	bool bad;
};

static uint64_t draw(struct bench *b)
{
	b->seed ^= b->seed >> 12;
	b->seed ^= b->seed << 25;
	b->seed ^= b->seed >> 27;
	return b->seed * UINT64_C(0x2545f4914f6cdd1d);
}

static int64_t between(struct bench *b, int64_t min, int64_t max)
{
	return min + (int64_t)(draw(b) % (uint64_t)(max - min + 1));
}

/* -- injections ---------------------------------------------------------------------------------------------------- */

static bool may_be_done(const struct bench *b, const struct blame_inject *x)
{
	return x->begin && x->scene == b->at.scene && (!b->conf.only || !strcmp(x->cause, b->conf.only));
}

static const struct blame_inject *choose(struct bench *b, const struct blame_inject *beside)
{
	const struct blame_inject *may[32];
	int i, n = 0;

	for (i = 0; i < blame_n_injects && n < 32; i++)
		if (may_be_done(b, &blame_injects[i]) && (!beside || (blame_injects[i].pair && beside->pair && blame_injects[i].pair != beside->pair)))
			may[n++] = &blame_injects[i];
	return n ? may[draw(b) % (uint64_t)n] : NULL;
}

/* One, or two that begin together and end one after the other. */
static int episode(struct bench *b, bool pair, struct why *why)
{
	const struct blame_inject *x[2] = {choose(b, NULL), NULL};
	int64_t ns[2] = {0}, t[2] = {0}, t_begin;
	int i, n = 1, rc = 0, end;

	x[1] = pair ? choose(b, x[0]) : NULL;
	n += x[1] != NULL;
	for (i = 0; i < n; i++)
		ns[i] = between(b, x[i]->min_ns, x[i]->max_ns);
	if (n == 2 && ns[0] > ns[1]) {
		const struct blame_inject *swap = x[0];
		int64_t longer = ns[0];

		x[0] = x[1];
		x[1] = swap;
		ns[0] = ns[1];
		ns[1] = longer;
	}
	for (i = 0; i < n && !rc; i++) {
		t[i] = blame_rig_now();
		rc = x[i]->begin(&b->rig, ns[i], why);
	}
	n = i;
	t_begin = blame_rig_now();
	for (i = 0; i < n; i++) {
		int64_t left = t_begin + ns[i] - blame_rig_now();

		if (!rc && left > 0 && !x[i]->at_once)
			rc = blame_rig_pause(&b->rig, left, b->deed, &b->n_deeds, MAX_DEEDS, why);
		end = x[i]->end ? x[i]->end(&b->rig, why) : 0;
		rc = rc ?: end;
		b->deed[b->n_deeds++] = (struct blame_deed){
			.t = t[i] + b->rig.axis_ns, .t_end = blame_rig_now() + b->rig.axis_ns, .cause = x[i]->cause, .or_cause = x[i]->or_cause,
			.late_ns = x[i]->late_ns, .takes_worker = x[i]->takes_worker, .at_once = x[i]->at_once, .hop = x[i]->hop};
	}
	return rc;
}

static int inject(struct bench *b, int64_t episodes, struct why *why)
{
	int64_t i;
	int rc = 0;

	b->n_deeds = 0;
	for (i = 0; i < episodes && !rc && b->n_deeds + 4 < MAX_DEEDS; i++) {
		rc = blame_rig_pause(&b->rig, b->at.scene == BLAME_GUEST ? between(b, GUEST_REST_NS / 2, GUEST_REST_NS * 3 / 2) : between(b, REST_MIN_NS, REST_MAX_NS),
				     b->deed, &b->n_deeds, MAX_DEEDS, why);
		while (!rc && b->rig.inside.cause && i % 3 != 2) /* in pairs, what the guest does itself counts too */
			rc = blame_rig_pause(&b->rig, REST_MIN_NS, b->deed, &b->n_deeds, MAX_DEEDS, why);
		if (!rc)
			rc = episode(b, i % 3 == 2, why);
	}
	return rc;
}

static int64_t least_late(const struct bench *b)
{
	int64_t ns = NS_NEVER;
	int i;

	for (i = 0; i < blame_n_injects; i++)
		if (may_be_done(b, &blame_injects[i]) && blame_injects[i].late_ns < ns)
			ns = blame_injects[i].late_ns;
	return ns;
}

/* -- runs ---------------------------------------------------------------------------------------------------------- */

/* What there cannot be: whose cause was not injected, and is not a matter of a busy machine. */
static const char *impossible(enum blame_scene scene, bool quiet)
{
	if (scene == BLAME_WIRES)
		return quiet ? " gate credit launch clock-step ring-full vcpu-stopped vcpu-preempted vcpu-exit halt no-irq guest-irq guest-softirq guest-sched guest-stopped worker-stopped no-kick kick-late "
			     : " launch clock-step vcpu-stopped vcpu-preempted vcpu-exit halt no-irq guest-irq guest-softirq guest-sched guest-stopped no-kick kick-late ";
	if (scene == BLAME_GUEST)
		return " gate credit launch clock-step worker-stopped no-kick kick-late ";
	return " credit launch ring-full vcpu-stopped vcpu-preempted vcpu-exit halt no-irq guest-irq guest-softirq guest-sched guest-stopped no-kick kick-late ";
}

static int run(struct bench *b, int64_t episodes, int64_t quiet_ns, struct blame_judge *judge, struct why *why)
{
	int64_t ns = !episodes ? quiet_ns : b->at.scene == BLAME_GUEST ? episodes * GUEST_EACH_NS + GUEST_TAIL_NS : episodes * EACH_NS;
	int64_t t = blame_rig_now();
	json_t *told = NULL;
	int rc;

	rc = blame_rig_watch(&b->rig, ns, episodes ? least_late(b) : 0, why);
	if (!rc && episodes)
		rc = inject(b, episodes, why);
	if (!rc && b->rig.guest) /* what it began with is over */
		rc = blame_rig_pause(&b->rig, GUEST_TAIL_NS, b->deed, &b->n_deeds, MAX_DEEDS, why);
	rc = rc ?: blame_rig_told(&b->rig, &told, why);
	rc = rc ?: blame_rig_gaps(&b->rig, why);
	if (!rc)
		blame_judge_add(judge, json_object_get(told, "frames"), b->deed, episodes ? b->n_deeds : 0, b->rig.gap, b->rig.n_gaps,
				impossible(b->at.scene, !episodes));
	if (!rc)
		fprintf(stderr, "%s: %" PRId64 " frames, %" PRId64 " late, %zu injections, %.0f s\n", episodes ? "injected" : "quiet",
			(int64_t)json_integer_value(json_object_get(told, "frames_sent")), (int64_t)json_integer_value(json_object_get(told, "tail")),
			episodes ? b->n_deeds : 0, (double)(blame_rig_now() - t) / 1e9);
	json_decref(told);
	return rc;
}

static int measure(struct bench *b, struct why *why)
{
	int rc;

	b->at.scene = BLAME_WIRES;
	rc = b->conf.episodes ? blame_rig_start(&b->rig, &b->at, why) : 0;
	if (!rc && b->conf.episodes && choose(b, NULL))
		rc = run(b, b->conf.episodes, 0, &b->judge, why);
	if (!rc && b->conf.episodes && b->conf.quiet_ns)
		rc = run(b, 0, b->conf.quiet_ns, &b->quiet, why);
	blame_rig_stop(&b->rig);
	b->at.scene = BLAME_CLOCK;
	if (!rc && b->at.clock_dir && b->conf.episodes && choose(b, NULL)) {
		rc = blame_rig_start(&b->rig, &b->at, why);
		rc = rc ?: run(b, b->conf.episodes / 4 + 1, 0, &b->judge, why);
		blame_rig_stop(&b->rig);
	}
	b->at.scene = BLAME_GUEST;
	if (rc || !b->at.kernel_dir || !choose(b, NULL))
		return rc;
	fprintf(stderr, "a guest boots\n");
	rc = blame_rig_start(&b->rig, &b->at, why);
	rc = rc ?: run(b, b->conf.guest_episodes, 0, &b->judge, why);
	blame_rig_stop(&b->rig);
	return rc;
}

/* -- figures ------------------------------------------------------------------------------------------------------- */

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100 * (double)part / (double)of : 0;
}

static void put(struct bench *b, FILE *tsv, const char *name, double value, const char *unit)
{
	lines_value(&b->out, name, value, unit);
	if (tsv)
		fprintf(tsv, "%s\t%.3f\t%s\n", name, value, unit);
}

static void tell(struct bench *b, FILE *tsv)
{
	const struct blame_judge *j = &b->judge;
	uint64_t named, total;
	char name[80];
	int i;

	for (i = 0; i < j->rows; i++) {
		if (!strcmp(j->row[i], "(nothing)"))
			continue;
		snprintf(name, sizeof(name), "blame_named_pct.%s", j->row[i]);
		put(b, tsv, name, percent(j->named[i], j->total[i]), "%");
		snprintf(name, sizeof(name), "blame_frames.%s", j->row[i]);
		put(b, tsv, name, (double)j->total[i], "frames");
	}
	blame_judge_sum(j, &named, &total);
	put(b, tsv, "blame_named_pct", percent(named, total), "%");
	put(b, tsv, "blame_frames", (double)total, "frames");
	put(b, tsv, "blame_other_frames", (double)j->others, "frames");
	put(b, tsv, "blame_quiet_frames", (double)b->quiet.others, "frames");
	put(b, tsv, "blame_quiet_named", (double)b->quiet.others_named, "frames");
	put(b, tsv, "blame_invented", (double)(j->invented + b->quiet.invented), "parts");
	put(b, tsv, "blame_bad_sums", (double)(j->bad_sums + b->quiet.bad_sums), "frames");
	if (j->invented || b->quiet.invented)
		fprintf(stderr, "invented: %s\n", j->invented ? j->example : b->quiet.example);
	b->bad = !total || named * 100 < total * 99 || j->invented || b->quiet.invented || j->bad_sums || b->quiet.bad_sums;
}

static int make_dirs(const char *path)
{
	char part[PATH_MAX];
	char *at;

	snprintf(part, sizeof(part), "%s", path);
	for (at = part + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	return mkdir(part, 0755) && errno != EEXIST ? -errno : 0;
}

static int keep(struct bench *b, uint64_t seed, struct why *why)
{
	char dir[PATH_MAX], path[PATH_MAX + 32], when[32];
	time_t now = time(NULL);
	struct tm tm;
	json_t *meta = meta_collect();
	FILE *f, *tsv;
	int rc;

	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H%M%S", &tm);
	snprintf(dir, sizeof(dir), "%s/%s-%.40s", b->conf.out, when, meta_rev());
	rc = make_dirs(dir);
	if (rc) {
		json_decref(meta);
		return why_fail(why, -rc, "cannot make %s: %s", dir, strerror(-rc));
	}
	json_object_set_new(meta, "seed", json_integer((json_int_t)seed));
	json_object_set_new(meta, "episodes", json_integer(b->conf.episodes));
	snprintf(path, sizeof(path), "%s/meta.json", dir);
	rc = meta_write(meta, path);
	json_decref(meta);
	snprintf(path, sizeof(path), "%s/confusion.tsv", dir);
	f = rc ? NULL : fopen(path, "we");
	if (f) {
		blame_judge_print(&b->judge, f);
		fprintf(f, "\nquiet\n");
		blame_judge_print(&b->quiet, f);
		fclose(f);
	}
	snprintf(path, sizeof(path), "%s/summary.tsv", dir);
	tsv = f ? fopen(path, "we") : NULL;
	if (!tsv)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	tell(b, tsv);
	fclose(tsv);
	fprintf(stderr, "%s\n", dir);
	return 0;
}

/* -- the command --------------------------------------------------------------------------------------------------- */

static int prepare(struct bench *b, struct why *why)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	ssize_t n = readlink("/proc/self/exe", b->takt, sizeof(b->takt) - 1);
	int i;

	if (n < 0)
		return why_fail(why, errno, "/proc/self/exe: %s", strerror(errno));
	b->takt[n] = '\0';
	if (geteuid())
		return why_fail(why, EPERM, "namespaces, a real-time thread and programs in the kernel are root's: run this as root");
	if (cpus < 2 || b->conf.cpu >= cpus)
		return why_fail(why, EINVAL, "--cpu %" PRId64 ": this machine has %ld CPUs, and taktd's worker needs one of its own", b->conf.cpu, cpus);
	for (i = 0; i < blame_n_injects && b->conf.only && strcmp(blame_injects[i].cause, b->conf.only); i++)
		;
	if (i == blame_n_injects)
		return why_fail(why, EINVAL, "--only %.40s: nothing here injects that", b->conf.only);
	b->at.worker_cpu = (int)b->conf.cpu;
	b->at.other_cpu = b->conf.cpu ? (int)b->conf.cpu - 1 : 1;
	b->at.takt = b->takt;
	b->at.taktd = b->taktd;
	b->at.kernel_dir = b->conf.kernel_dir;
	b->at.kernel = b->conf.kernel;
	b->at.clock_dir = b->conf.clock_dir;
	b->at.hog = b->conf.hog;
	b->deed = calloc(MAX_DEEDS, sizeof(*b->deed));
	if (!b->deed)
		return why_fail(why, ENOMEM, "out of memory");
	return daemon_find(b->taktd, sizeof(b->taktd), "taktd", b->conf.taktd, "taktd", why);
}

static int perform(struct bench *b, struct why *why)
{
	uint64_t seed = b->conf.seed ? (uint64_t)b->conf.seed : (uint64_t)blame_rig_now();
	int rc, end;

	snprintf(b->dir, sizeof(b->dir), "/tmp/takt-blame-XXXXXX");
	if (!mkdtemp(b->dir))
		return why_fail(why, errno, "cannot make a folder in /tmp: %s", strerror(errno));
	b->at.dir = b->dir;
	b->at.set = b->set;
	b->seed = seed;
	fprintf(stderr, "seed %" PRIu64 "; %" PRId64 " injections into a taktd on CPU %d\n", seed, b->conf.episodes, b->at.worker_cpu);
	rc = measure(b, why);
	if (!rc) {
		out_init(&b->out, stdout, b->conf.json);
		out_array(&b->out, NULL);
		rc = keep(b, seed, why);
		out_end(&b->out);
		end = out_fini(&b->out);
		rc = rc ?: end;
	}
	rmdir(b->dir);
	return rc;
}

int blame_bench_run(const struct cmd *self, int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct why why = {""};
	int status = CMD_OK, rc;

	if (!b)
		return CMD_FAILED;
	if (cmd_options(self, &b->conf, argc, argv, 0, 0, &status) < 0)
		goto out;
	rc = prepare(b, &why);
	if (rc) {
		status = cmd_refuse(rc, &why);
		goto out;
	}
	rc = procs_create(&b->set, &why) ?: perform(b, &why);
	if (rc)
		status = rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	else
		status = b->bad ? CMD_FAILED : CMD_OK;
	if (b->set)
		status = procs_exit(b->set, status);
	procs_destroy(b->set);
out:
	free(b->deed);
	free(b);
	return status;
}
