/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/join_arm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/netns.h"
#include "bench/said.h"
#include "bench/vm.h"
#include "ptp/tsc_look.h"

#define BOOT_NS	  (150 * NS_PER_SEC)	/* TCG on a busy machine */
#define EVERY_MS  20			/* between looks at the guest's clock */
#define LOOKS	  8			/* at ours; the narrowest counts */
#define MOST	  20000			/* instants */
#define MEMORY	  (10 << 20)		/* bytes: a guest's memory is larger than anything else of QEMU's that has no name */

const char *const join_arm_names[JOIN_ARM_COUNT] = {
#define X(id, name) name,
	JOIN_ARMS(X)
#undef X
};

struct arm {
	const struct join_arm_conf *conf;
	enum join_arm kind;
	struct join_arm_result *result;
	struct daemon_conf daemon;
	struct proc *taktd, *record, *agent, *load[2], *clock;
	struct netns *ns[2];
	struct vm *vm;
	char name[16], ports[512], ctl[DAEMON_PATH_LEN], path[2][96], net[2][24], host[2][16], peer[2][16];
	int64_t tsc_lo, tsc_hi;	/* guest's TSC minus the host's, ticks */
	struct tsc_look look[MOST];	/* at CLOCK_TAI, in ticks of the host's TSC */
	size_t n_looks;
	struct tsc_look mono[MOST];	/* at the guest's CLOCK_MONOTONIC, in ticks of its own */
	size_t n_monos;
};

/* -- clocks -------------------------------------------------------------------------------------------------- */

static void look(struct arm *a)
{
	if (a->n_looks < MOST)
		a->look[a->n_looks++] = tsc_look(CLOCK_TAI, LOOKS);
}

/* TAI at a tick of the host's TSC, between two of our looks, widened by theirs. False: outside of all looks. */
static bool tai_at(const struct arm *a, uint64_t ticks, int64_t *lo, int64_t *hi)
{
	size_t i = 1;

	while (i < a->n_looks && a->look[i].before < ticks)
		i++;
	if (i >= a->n_looks || ticks < a->look[i - 1].before)
		return false;
	const struct tsc_look *p = &a->look[i - 1], *q = &a->look[i];
	double rate = (double)(q->t - p->t) / (double)(int64_t)(q->before - p->before);
	int64_t t = p->t + (int64_t)(rate * (double)(int64_t)(ticks - p->before));
	/* The reading itself was somewhere between `before` and `after`, of either. */
	int64_t width = (int64_t)(rate * (double)(p->after - p->before + (q->after - q->before))) + 1;

	*lo = t - width;
	*hi = t + width;
	return true;
}

/* -- processes ----------------------------------------------------------------------------------------------- */

static int start(struct arm *a, struct proc **out, const char *netns, struct why *why, const char *const *argv)
{
	struct proc_conf p = {.name = argv[0], .argv = argv, .netns = netns, .stop_signal = 2};

	return proc_start(out, a->conf->set, &p, why);
}

static int run_taktd(struct arm *a, struct why *why)
{
	int n = snprintf(a->ports, sizeof(a->ports), "  - {name: wire, wire: \"net_af_packet0,iface=%s\"}\n", a->host[0]);

	if (a->kind == JOIN_NS)
		snprintf(a->ports + n, sizeof(a->ports) - (size_t)n, "  - {name: far, wire: \"net_af_packet1,iface=%s\"}\n", a->host[1]);
	else
		snprintf(a->ports + n, sizeof(a->ports) - (size_t)n, "  - {name: g, guest: %s/g.sock}\n", a->conf->dir);
	a->daemon = (struct daemon_conf){.taktd = a->conf->taktd, .dir = a->conf->dir, .name = a->name, .worker_cpu = a->conf->worker_cpu,
					 .other_cpu = a->conf->other_cpu, .small_pages = true, .more = "records: 65536\n", .ports = a->ports};
	daemon_ctl(a->ctl, &a->daemon);
	return daemon_start(&a->taktd, a->conf->set, &a->daemon, why);
}

static int make_net(struct arm *a, int i, struct why *why)
{
	struct netns_conf c = {.name = a->net[i], .host_if = a->host[i], .peer_if = a->peer[i]};

	snprintf(a->net[i], sizeof(a->net[i]), "%.12sn%d", a->name, i);
	snprintf(a->host[i], sizeof(a->host[i]), "%.12sh%d", a->name, i);
	snprintf(a->peer[i], sizeof(a->peer[i]), "%.12sp%d", a->name, i);
	return netns_create(&a->ns[i], a->conf->set, &c, why);
}

/* Frames towards the guest, or out of the namespace. */
static int run_load(struct arm *a, int i, const char *to, struct why *why)
{
	char rate[24];
	const char *argv[] = {a->conf->takt, "send", "-i", a->peer[i], "-d", to, "-r", rate, NULL};

	snprintf(rate, sizeof(rate), "%" PRId64, a->conf->rate);
	return start(a, &a->load[i], a->net[i], why, argv);
}

static int write_play(struct arm *a, const char *token, struct why *why)
{
	FILE *f;

	snprintf(a->path[0], sizeof(a->path[0]), "%s/play", a->conf->dir);
	f = fopen(a->path[0], "we");
	if (!f)
		return why_fail(why, errno, "%s: %s", a->path[0], strerror(errno));
	fprintf(f, "takt guest > /dev/null 2>&1 &\nsleep 2\ntakt send -i eth0 -d 02:00:00:00:77:77 -r %" PRId64 " > /dev/null 2>&1 &\n", a->conf->rate);
	if (a->kind == JOIN_QEMU)
		fprintf(f, "echo sharing\nguestclock share %s 60\n", token);
	fprintf(f, "echo looking\nexec guestclock monos %d %" PRId64 "\n", EVERY_MS, 2 * a->conf->span_ns / (EVERY_MS * NS_PER_MS));
	return fclose(f) ? why_fail(why, errno, "%s: %s", a->path[0], strerror(errno)) : 0;
}

static int run_guest(struct arm *a, const char *token, struct why *why)
{
	static const char *const command[] = {"sh", "/play", NULL};
	char files[512], events[96], socket[96];
	struct vm_conf c;
	int rc = write_play(a, token, why);

	if (rc)
		return rc;
	vm_conf_init(&c);
	snprintf(files, sizeof(files), "%s=/play,%s=/bin/guestclock", a->path[0], a->conf->guestclock);
	snprintf(events, sizeof(events), "%s/g.ev", a->conf->dir);
	snprintf(socket, sizeof(socket), "%s/g.sock", a->conf->dir);
	c.uml = a->kind == JOIN_UML;
	c.qemu = !c.uml;
	c.name = "g";
	c.mac = "02:00:00:00:00:01";
	c.socket = socket;
	c.files = files;
	c.events = events;
	c.nice = -19;
	c.command = command;
	return vm_start(&a->vm, a->conf->set, &c, why) ?: vm_wait_ready(a->vm, BOOT_NS, why);
}

/* -- QEMU's TSC ---------------------------------------------------------------------------------------------- */

/* The file that is the guest's memory: the largest without a name among the descriptors of QEMU. */
static int find_memory(char path[64], pid_t pid)
{
	char dir[32], link[64], to[256];
	struct dirent *e;
	struct stat st;
	ssize_t n;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fd", (int)pid);
	d = opendir(dir);
	*path = '\0';
	while (d && !*path && (e = readdir(d))) {
		if (snprintf(link, sizeof(link), "%s/%.20s", dir, e->d_name) >= (int)sizeof(link))
			continue;
		n = readlink(link, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = '\0';
		if (strstr(to, "deleted") && !stat(link, &st) && st.st_size > MEMORY)
			snprintf(path, 64, "%s", link);
	}
	if (d)
		closedir(d);
	return *path ? 0 : -ENOENT;
}

static int compare_tsc(struct arm *a, const char *token, struct why *why)
{
	char memory[64], line[128];
	const char *argv[] = {a->conf->guestclock, "ask", token, memory, NULL};
	struct proc_conf p = {.name = "guestclock", .argv = argv};
	struct proc *ask;
	int rc;

	if (a->kind != JOIN_QEMU)
		return 0;
	if (vm_wait_line(a->vm, "sharing", NULL, 0, BOOT_NS) || find_memory(memory, vm_pid(a->vm)))
		return why_fail(why, EIO, "the guest's memory is not found: its TSC cannot be compared");
	rc = proc_start(&ask, a->conf->set, &p, why);
	if (rc)
		return rc;
	if (proc_read_line(ask, line, sizeof(line), 30 * NS_PER_SEC) <= 0 || sscanf(line, "%" SCNd64 " %" SCNd64, &a->tsc_lo, &a->tsc_hi) != 2)
		rc = why_fail(why, EIO, "guestclock did not compare the guest's TSC: %.80s", line);
	proc_stop(ask, DAEMON_GRACE_NS);
	return rc;
}

/* -- looking ------------------------------------------------------------------------------------------------- */

static int run_namespace(struct arm *a, struct why *why)
{
	char events[96], off[48], ms[16], count[24];
	const char *agent[] = {a->conf->takt, "guest", "--no-bpf", "-i", a->peer[0], "-o", events, "--test-clock", off, NULL};
	const char *clock[] = {a->conf->guestclock, "monos", ms, count, NULL};
	int rc;

	snprintf(events, sizeof(events), "%s/g.ev", a->conf->dir);
	snprintf(off, sizeof(off), "%" PRId64 ",%" PRId64, JOIN_OFF_NS, JOIN_OFF_PPB);
	snprintf(ms, sizeof(ms), "%d", EVERY_MS);
	snprintf(count, sizeof(count), "%" PRId64, 2 * a->conf->span_ns / (EVERY_MS * NS_PER_MS));
	rc = start(a, &a->agent, a->net[0], why, agent) ?: run_load(a, 0, "02:00:00:00:77:77", why) ?: run_load(a, 1, "02:00:00:00:77:78", why);
	rc = rc ?: procs_pause(a->conf->set, NS_PER_SEC);
	return rc ?: start(a, &a->clock, NULL, why, clock);
}

static int run_record(struct arm *a, struct why *why)
{
	char source[128], span[24];
	const char *argv[] = {a->conf->takt, "record", "-o", a->path[1], "-i", span, "--name", a->ctl, "-g", source, NULL};

	snprintf(a->path[1], sizeof(a->path[1]), "%s/rec", a->conf->dir);
	snprintf(source, sizeof(source), "%s=%s/g.ev", a->kind == JOIN_NS ? "wire" : "g", a->conf->dir);
	snprintf(span, sizeof(span), "%" PRId64 "ns", a->conf->span_ns);
	return start(a, &a->record, NULL, why, argv);
}

/* Read the guest's looks as they come, with looks of our own beside them, until the recording is over. */
static int watch(struct arm *a, struct why *why)
{
	int64_t t_end = now_mono() + a->conf->span_ns + 60 * NS_PER_SEC;
	char line[512];
	int status = 0, rc;
	ssize_t n;

	look(a);
	for (;;) {
		rc = proc_wait(a->record, 1, &status);
		if (rc != -ETIMEDOUT)
			break;
		if (now_mono() > t_end)
			return why_fail(why, ETIMEDOUT, "takt record does not end");
		n = a->vm ? vm_read_line(a->vm, line, sizeof(line), 100 * NS_PER_MS) : proc_read_line(a->clock, line, sizeof(line), 100 * NS_PER_MS);
		if (n == -EINTR)
			return -EINTR;
		if (n == -EPIPE)
			return why_fail(why, EIO, "the guest ended before its time");
		look(a);
		if (n > 0 && a->n_monos < MOST) {
			struct tsc_look *m = &a->mono[a->n_monos];

			a->n_monos += sscanf(line, "mono %" SCNu64 " %" SCNu64 " %" SCNd64, &m->before, &m->after, &m->t) == 3;
		}
	}
	look(a);
	if (rc)
		return rc;
	if (status && proc_read_line(a->record, line, sizeof(line), 1) > 0)
		return why_fail(why, EIO, "takt record failed: %.200s", line);
	return status ? why_fail(why, EIO, "takt record failed") : 0;
}

/* -- judging ------------------------------------------------------------------------------------------------- */

/* In the time that the agent told. */
static int64_t told(const struct arm *a, int64_t g)
{
	return a->kind == JOIN_NS ? g + JOIN_OFF_NS + (int64_t)((__int128)g * JOIN_OFF_PPB / NS_PER_SEC) : g;
}

static int take_answer(struct arm *a, const json_t *all, struct why *why)
{
	json_t *guest = json_array_get(json_object_get(all, "guests"), 0), *point;
	struct join_arm_result *r = a->result;
	size_t i;

	r->axis_error_ns = json_integer_value(json_object_get(all, "axis_error_ns"));
	r->rate_ppm = json_number_value(json_object_get(guest, "rate_ppm"));
	snprintf(r->joined, sizeof(r->joined), "%s", json_string_value(json_object_get(guest, "joined")) ?: "");
	json_array_foreach(json_object_get(guest, "points"), i, point) {
		struct join_sample *s = &r->sample[r->n];
		int64_t lo, hi, ignored;

		if (i >= a->n_monos)
			break;
		if (!json_is_integer(json_object_get(point, "t"))) {
			r->unknown++;
			continue;
		}
		if (!tai_at(a, a->mono[i].before - (uint64_t)a->tsc_hi, &lo, &ignored) || !tai_at(a, a->mono[i].after - (uint64_t)a->tsc_lo, &ignored, &hi))
			continue;
		*s = (struct join_sample){.g = a->mono[i].t, .t = json_integer_value(json_object_get(point, "t")),
					  .bound_ns = json_integer_value(json_object_get(point, "bound_ns")), .lo = lo, .hi = hi};
		r->n++;
	}
	return r->n ? 0 : why_fail(why, ENODATA, "takt clock guest said nothing of the instants that were looked at");
}

/* What does takt say of the instants that were looked at? */
static int ask(struct arm *a, struct why *why)
{
	char at[96], log[96];
	const char *argv[] = {a->conf->takt, "clock", "guest", "--input", a->path[1], "--at", at, "--json", NULL};
	struct proc_conf p = {.name = "takt clock guest", .argv = argv, .log = log};
	json_t *said = NULL;
	struct proc *clock;
	size_t i;
	FILE *f;
	int rc;

	snprintf(at, sizeof(at), "%s/at", a->conf->dir);
	snprintf(log, sizeof(log), "%s/said", a->conf->dir);
	f = fopen(at, "we");
	if (!f)
		return why_fail(why, errno, "%s: %s", at, strerror(errno));
	for (i = 0; i < a->n_monos; i++)
		fprintf(f, "%" PRId64 "\n", told(a, a->mono[i].t));
	fclose(f);
	rc = proc_start(&clock, a->conf->set, &p, why) ?: said_wait(&said, clock, p.name, log, 60 * NS_PER_SEC, why) ?: take_answer(a, said, why);
	json_decref(said);
	unlink(at);
	unlink(log);
	return rc;
}

/* -- all of it ----------------------------------------------------------------------------------------------- */

static void clean(struct arm *a)
{
	static const char *const left[] = {"rec/meta.json", "rec/records.bin", "rec/guest-0.ev", "rec/guest-1.ev", "rec", "play", "g.ev", "g.sock"};
	struct proc *all[] = {a->record, a->agent, a->clock, a->load[0], a->load[1], a->taktd};
	char path[160];
	size_t i;

	vm_stop(a->vm);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		proc_stop(all[i], DAEMON_GRACE_NS);
	daemon_clean(&a->daemon);
	netns_destroy(a->ns[0]);
	netns_destroy(a->ns[1]);
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", a->conf->dir, left[i]);
		remove(path);
	}
}

static int perform(struct arm *a, struct why *why)
{
	char token[20];
	int rc = make_net(a, 0, why);

	snprintf(token, sizeof(token), "join%d", (int)getpid());
	if (a->kind == JOIN_NS)
		rc = rc ?: make_net(a, 1, why);
	rc = rc ?: run_taktd(a, why);
	if (a->kind == JOIN_NS)
		rc = rc ?: run_namespace(a, why);
	else
		rc = rc ?: run_guest(a, token, why) ?: compare_tsc(a, token, why) ?: run_load(a, 0, "02:00:00:00:00:01", why);
	if (!rc && a->vm)
		rc = vm_wait_line(a->vm, "looking", NULL, 0, BOOT_NS) ? why_fail(why, EIO, "the guest does not look at its clock") : 0;
	rc = rc ?: run_record(a, why) ?: watch(a, why);
	return rc ?: ask(a, why);
}

int join_arm_run(struct join_arm_result *r, const struct join_arm_conf *conf, enum join_arm kind, struct why *why)
{
	struct arm *a = calloc(1, sizeof(*a));
	int rc;

	memset(r, 0, sizeof(*r));
	r->sample = malloc(MOST * sizeof(*r->sample));
	if (!a || !r->sample) {
		free(a);
		return why_fail(why, ENOMEM, "out of memory");
	}
	a->conf = conf;
	a->kind = kind;
	a->result = r;
	snprintf(a->name, sizeof(a->name), "tj%d", (int)getpid());
	rc = perform(a, why);
	clean(a);
	free(a);
	return rc;
}

void join_arm_fini(struct join_arm_result *r)
{
	free(r->sample);
	r->sample = NULL;
}
