/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/daemon.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/meta.h"
#include "vnet/ctl_proto.h"

#define START_NS (60 * NS_PER_SEC)	/* on a machine that is busy */

int daemon_find(char *path, size_t size, const char *name, const char *given, const char *option, struct why *why)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return why_fail(why, errno, "/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	if (given) {
		snprintf(path, size, "%s", given);
	} else {
		snprintf(path, size, "%s/%s", self, name);
		if (access(path, X_OK))
			snprintf(path, size, "%s/../sbin/%s", self, name);
	}
	if (access(path, X_OK))
		return why_fail(why, ENOENT, "%s is not there: build it (make), or say where it is with --%s", path,
				option);
	return 0;
}

int daemon_launch(struct proc **out, struct procs *set, struct proc_conf *conf, const char *ready, struct why *why)
{
	char line[256] = "";
	int rc;

	conf->nice = -19;
	rc = proc_start(out, set, conf, why) ?: proc_wait_line(*out, ready, line, sizeof(line), START_NS);
	line[strcspn(line, "\n")] = '\0';
	if (rc == -EPIPE || rc == -ETIMEDOUT)
		return why_fail(why, EIO, "%s did not start; its last words: %.200s", conf->name, line);
	return rc;
}

static void yaml_path(char path[DAEMON_PATH_LEN], const struct daemon_conf *conf)
{
	snprintf(path, DAEMON_PATH_LEN, "%s/takt.yaml", conf->dir);
}

int daemon_start(struct proc **out, struct procs *set, const struct daemon_conf *conf, struct why *why)
{
	char cpu[16], yaml[DAEMON_PATH_LEN];
	const char *argv[] = {conf->taktd, "-c", yaml, NULL};
	struct proc_conf p = {.name = "taktd", .argv = argv, .cpu = cpu, .netns = conf->netns, .log = conf->log};
	FILE *f;

	yaml_path(yaml, conf);
	f = fopen(yaml, "we");
	if (!f)
		return why_fail(why, errno, "cannot write %s: %s", yaml, strerror(errno));
	/* As the kernel has it, also when that is none: receivers of benches go by CLOCK_TAI themselves. */
	fprintf(f, "name: %s\nrun-dir: %s\ncpu: %d\nmemory: %d\nhuge-pages: %s\nclock: {tai-offset: %d}\n%sports:\n%s", conf->name,
		conf->dir, conf->worker_cpu, conf->memory_mib ?: 256, conf->small_pages ? "false" : "true", meta_tai_offset(), conf->more ?: "",
		conf->ports);
	if (fclose(f))
		return why_fail(why, errno, "cannot write %s: %s", yaml, strerror(errno));
	snprintf(cpu, sizeof(cpu), "%d", conf->other_cpu);
	return daemon_launch(out, set, &p, "ready", why);
}

void daemon_ctl(char path[DAEMON_PATH_LEN], const struct daemon_conf *conf)
{
	snprintf(path, DAEMON_PATH_LEN, "%s/%s" CTL_SUFFIX, conf->dir, conf->name);
}

void daemon_clean(const struct daemon_conf *conf)
{
	char path[DAEMON_PATH_LEN];

	yaml_path(path, conf);
	unlink(path);
	daemon_ctl(path, conf);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%s.lock", conf->dir, conf->name);
	unlink(path);
	snprintf(path, sizeof(path), CTL_REC_PATH, conf->name);
	unlink(path);
	snprintf(path, sizeof(path), "/run/dpdk/takt-%s", conf->name); /* DPDK's, empty */
	rmdir(path);
}
