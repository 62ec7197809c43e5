/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run_meta.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/meta.h"
#include "bench/result_pvt.h"
#include "bench/said.h"

#define FLOOR_NS (30 * NS_PER_SEC)	/* no `takt noise -d 500ms` takes that long */
#define LINE_LEN 8192

/* Files of one line that say how the machine was set. */
static const struct {
	const char *group, *path;
} settings[] = {
	{"sysctls", "/proc/sys/kernel/sched_rt_runtime_us"},
	{"sysctls", "/proc/sys/kernel/sched_autogroup_enabled"},
	{"sysctls", "/proc/sys/kernel/numa_balancing"},
	{"sysctls", "/proc/sys/kernel/timer_migration"},
	{"sysctls", "/proc/sys/kernel/watchdog"},
	{"sysctls", "/proc/sys/kernel/perf_event_paranoid"},
	{"sysctls", "/proc/sys/vm/swappiness"},
	{"sysctls", "/proc/sys/vm/nr_hugepages"},
	{"sysctls", "/proc/sys/vm/stat_interval"},
	{"sysctls", "/proc/sys/net/core/busy_poll"},
	{"sysctls", "/proc/sys/net/core/rmem_max"},
	{"sysctls", "/proc/sys/net/core/wmem_max"},
	{"sysctls", "/proc/sys/net/core/netdev_max_backlog"},
	{"sysctls", "/proc/sys/net/core/bpf_jit_enable"},
	{"cpus_set", "/sys/devices/system/cpu/online"},
	{"cpus_set", "/sys/devices/system/cpu/isolated"},
	{"cpus_set", "/sys/devices/system/cpu/nohz_full"},
	{"cpus_set", "/sys/devices/system/cpu/smt/active"},
	{"cpus_set", "/sys/devices/system/cpu/cpufreq/boost"},
	{"cpus_set", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
	{"cpus_set", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"},
	{"cpus_set", "/sys/devices/system/cpu/cpuidle/current_driver"},
	{"cpus_set", "/sys/devices/system/cpu/cpuidle/current_governor"},
	{"memory_set", "/sys/kernel/mm/transparent_hugepage/enabled"},
	{"memory_set", "/sys/kernel/mm/ksm/run"},
	{"memory_set", "/sys/devices/system/node/online"},
};

/* Of the kernel's command line: what it knows beside is how the machine is started, and no one else's business. */
static const char *const parameters_of_note[] = {
	"amd_iommu", "amd_pstate", "clocksource", "cpuidle.governor", "cpuidle.off", "default_hugepagesz", "hugepages", "hugepagesz", "idle", "intel_idle.max_cstate", "intel_iommu",
	"intel_pstate", "iommu", "irqaffinity", "isolcpus", "kthread_cpus", "kvm.halt_poll_ns", "mce", "mitigations", "nmi_watchdog", "no_turbo", "nohz", "nohz_full", "nosmt",
	"nosoftlockup", "nowatchdog", "preempt", "processor.max_cstate", "rcu_nocb_poll", "rcu_nocbs", "skew_tick", "threadirqs", "transparent_hugepage", "tsc",
};

static const char *const flags_of_note[] = {
	"hypervisor", "constant_tsc", "nonstop_tsc", "tsc_known_freq", "tsc_adjust", "rdtscp", "tsc_deadline_timer", "arat", "vmx", "svm", "invpcid", "pcid",
	"avx2", "avx512f", "waitpkg", "monitor", "x2apic",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A file's first line; false when there is none. */
static bool line_of(char *buf, size_t size, const char *path)
{
	FILE *f = fopen(path, "re");
	bool got = f && fgets(buf, (int)size, f);

	if (f)
		fclose(f);
	if (got)
		buf[strcspn(buf, "\n")] = '\0';
	return got;
}

static void add_settings(json_t *doc)
{
	char line[512];
	json_t *group;
	size_t i;

	for (i = 0; i < COUNT(settings); i++) {
		group = json_object_get(doc, settings[i].group);
		if (!group) {
			group = json_object();
			json_object_set_new(doc, settings[i].group, group);
		}
		/* null: this machine has no such file */
		json_object_set_new(group, settings[i].path, line_of(line, sizeof(line), settings[i].path) ? json_string(line) : json_null());
	}
}

static json_t *mitigations(void)
{
	static const char dir[] = "/sys/devices/system/cpu/vulnerabilities";
	json_t *o = json_object();
	char path[400], line[256];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (*e->d_name != '.' && line_of(line, sizeof(line), path))
			json_object_set_new(o, e->d_name, json_string(line));
	}
	if (d)
		closedir(d);
	return o;
}

static json_t *cpu_flags(void)
{
	char line[LINE_LEN], *word, *save = NULL;
	FILE *f = fopen("/proc/cpuinfo", "re");
	json_t *list = json_array();
	bool found = false;
	size_t i;

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "flags", 5);
	if (f)
		fclose(f);
	for (word = found ? strtok_r(line, " \t\n", &save) : NULL; word; word = strtok_r(NULL, " \t\n", &save))
		for (i = 0; i < COUNT(flags_of_note); i++)
			if (!strcmp(word, flags_of_note[i]))
				json_array_append_new(list, json_string(word));
	return list;
}

static bool is_of_note(const char *word)
{
	size_t i, len = strcspn(word, "=");

	for (i = 0; i < COUNT(parameters_of_note); i++)
		if (strlen(parameters_of_note[i]) == len && !strncmp(word, parameters_of_note[i], len))
			return true;
	return false;
}

static json_t *kernel_parameters(void)
{
	char line[LINE_LEN], *word, *save = NULL;
	json_t *list = json_array();

	if (!line_of(line, sizeof(line), "/proc/cmdline"))
		return list;
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (is_of_note(word))
			json_array_append_new(list, json_string(word));
	return list;
}

static json_t *who(void)
{
	const char *sudo = getenv("SUDO_USER");
	struct passwd *pw = getpwuid(getuid());

	return json_string(sudo && *sudo ? sudo : pw ? pw->pw_name : "unknown");
}

static json_t *words(int n, char *const *command)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_string(command[i]) ?: json_string("?"));
	return list;
}

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *asked_json(const struct run_asked *a)
{
	json_t *only = json_array();
	int i;

	for (i = 0; i < a->only.count; i++)
		json_array_append_new(only, json_string(a->only.item[i]));
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "only", only, "repetitions", (json_int_t)a->repetitions, "duration_ns",
			 (json_int_t)a->duration_ns, "seed", (json_int_t)a->seed, "cpu", (json_int_t)a->cpu, "taktd", text_or_null(a->taktd),
			 "kernel_dir", text_or_null(a->kernel_dir), "inventory", text_or_null(a->inventory));
}

static json_t *traffic(const struct cell_traffic *t)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "size", (json_int_t)t->size, "priority", (json_int_t)t->priority, "vlan",
			 (json_int_t)t->vlan, "cycle_ns", (json_int_t)t->cycle_ns, "duration_ns", (json_int_t)t->duration_ns, "warm_up_ns",
			 (json_int_t)t->warm_up_ns, "deadline_ns", (json_int_t)t->deadline_ns);
}

static json_t *schedules(const struct campaign *c)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < c->n_schedules; i++)
		json_object_set_new(o, c->schedule[i].name, json_string(c->schedule[i].yaml));
	return o;
}

json_t *run_meta_begin(const struct campaign *c, const struct run_asked *asked, size_t planned, int n, char *const *command)
{
	json_t *doc = json_object(), *machine = meta_collect();
	char line[LINE_LEN];

	json_object_set_new(doc, "schema", json_integer(1));
	json_object_set_new(doc, "campaign", json_string(c->name));
	json_object_set_new(doc, "title", json_string(c->title));
	json_object_set_new(doc, "note", json_string(c->note));
	json_object_set_new(doc, "planned", json_integer((json_int_t)planned));
	json_object_set_new(doc, "finished", json_false());
	json_object_set_new(doc, "order", json_string(c->shuffled ? "shuffled" : "as-written"));
	json_object_set_new(doc, "repetitions", json_integer(c->repetitions));
	json_object_set_new(doc, "timeout_ns", json_integer(c->timeout_ns));
	json_object_set_new(doc, "retries", json_integer(c->retries));
	json_object_set_new(doc, "traffic", traffic(&c->traffic));
	json_object_set_new(doc, "schedules", schedules(c));
	json_object_set_new(doc, "asked", asked_json(asked));
	json_object_set_new(doc, "command", words(n, command));
	json_object_set_new(doc, "who", who());
	json_object_update(doc, machine);
	json_decref(machine);
	json_object_set_new(doc, "kernel_parameters", kernel_parameters());
	json_object_set_new(doc, "loadavg", line_of(line, sizeof(line), "/proc/loadavg") ? json_string(line) : json_null());
	json_object_set_new(doc, "cpu_flags", cpu_flags());
	json_object_set_new(doc, "mitigations", mitigations());
	add_settings(doc);
	return doc;
}

int run_meta_floor(json_t *doc, const char *key, const char *takt, struct procs *set, int a, int b)
{
	char cpus[32], log[] = "/tmp/takt-floor-XXXXXX";
	const char *argv[] = {takt, "noise", "--json", "-d", "500ms", "-c", cpus, NULL};
	int fd = mkstemp(log), rc;
	struct proc_conf conf = {.name = "takt noise", .argv = argv, .log = log, .nice = -19};
	json_t *said = NULL;
	struct why why = {""};
	struct proc *p;

	json_object_set_new(doc, key, json_null());
	if (fd < 0)
		return 0;
	close(fd);
	snprintf(cpus, sizeof(cpus), "%d,%d", a, b);
	rc = proc_start(&p, set, &conf, &why) ?: said_wait(&said, p, "takt noise", log, FLOOR_NS, &why);
	unlink(log);
	if (said)
		json_object_set_new(doc, key, meta_floor(said));
	json_decref(said);
	return rc == -EINTR ? rc : 0;
}

void run_meta_note(json_t *doc, const char *key, json_t *entry)
{
	json_t *list = json_object_get(doc, key);

	if (!list) {
		list = json_array();
		json_object_set_new(doc, key, list);
	}
	json_array_append_new(list, entry);
}

int run_meta_put(const json_t *doc, const struct folder *f, struct why *why)
{
	char *text = json_dumps(doc, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
	int rc;

	if (!text)
		return why_fail(why, ENOMEM, "meta.json: out of memory");
	rc = folder_put(f, "meta.json", text, strlen(text), why);
	free(text);
	return rc;
}

int run_meta_read(json_t **doc, const char *path, struct why *why)
{
	char file[FOLDER_LEN];
	struct why said = {""};
	int rc;

	snprintf(file, sizeof(file), "%s/meta.json", path);
	rc = result_json(doc, file, RESULT_META_MAX, &said);
	if (!rc && json_is_string(json_object_get(*doc, "campaign")))
		return 0;
	if (!rc)
		why_fail(&said, EINVAL, "%.200s: names no campaign", file);
	json_decref(*doc);
	*doc = NULL;
	return why_fail(why, EINVAL, "%.300s: give a result's folder, as results/NAME/DATE-REV", said.text);
}

int run_meta_asked(const json_t *doc, struct run_asked *asked, struct why *why)
{
	const json_t *a = json_object_get(doc, "asked"), *only = json_object_get(a, "only"), *word;
	static const struct {
		const char *key;
		size_t at;
		int64_t max;	/* as the option has it; 0 is "as the file says" */
	} numbers[] = {
		{"repetitions", offsetof(struct run_asked, repetitions), 1000}, {"duration_ns", offsetof(struct run_asked, duration_ns), 24 * 3600 * NS_PER_SEC},
		{"seed", offsetof(struct run_asked, seed), INT64_MAX}, {"cpu", offsetof(struct run_asked, cpu), 1023},
	};
	size_t i;

	*asked = (struct run_asked){0};
	for (i = 0; i < COUNT(numbers); i++) {
		const json_t *n = json_object_get(a, numbers[i].key);

		if (!json_is_integer(n) || json_integer_value(n) < 0 || json_integer_value(n) > numbers[i].max)
			return why_fail(why, EINVAL, "meta.json: asked: %s is no whole number from 0 to %" PRId64 ": takt bench run did not write this", numbers[i].key, numbers[i].max);
		*(int64_t *)((char *)asked + numbers[i].at) = json_integer_value(n);
	}
	if (!json_is_array(only) || json_array_size(only) > OPT_LIST_MAX)
		return why_fail(why, EINVAL, "meta.json: asked: only is no list of at most %d", OPT_LIST_MAX);
	json_array_foreach(only, i, word) {
		if (!json_is_string(word))
			return why_fail(why, EINVAL, "meta.json: asked: only is no list of words");
		asked->only.item[asked->only.count++] = json_string_value(word);
	}
	asked->taktd = json_string_value(json_object_get(a, "taktd"));
	asked->kernel_dir = json_string_value(json_object_get(a, "kernel_dir"));
	asked->inventory = json_string_value(json_object_get(a, "inventory"));
	return 0;
}

bool run_meta_finished(const json_t *doc)
{
	return json_is_true(json_object_get(doc, "finished"));
}
