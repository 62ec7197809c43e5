/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/meta.h"
#include "vnet/ctl_proto.h"

#define PIPED	 "<stdin>"	/* what taktd calls a file that it is handed */
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
	char line[WHY_LEN] = "";
	int rc;

	conf->nice = -19;
	rc = proc_start(out, set, conf, why) ?: proc_wait_line(*out, ready, line, sizeof(line), START_NS);
	line[strcspn(line, "\n")] = '\0';
	if (rc == -EPIPE || rc == -ETIMEDOUT)
		return why_fail(why, EIO, "%s did not start; its last words: %s", conf->name, line);
	return rc;
}

static void yaml_path(char path[DAEMON_PATH_LEN], const struct daemon_conf *conf)
{
	snprintf(path, DAEMON_PATH_LEN, "%s/takt.yaml", conf->dir);
}

/* f is closed. */
static int put_yaml(FILE *f, const struct daemon_conf *conf)
{
	if (!f)
		return -errno;
	/* As the kernel has it, also when that is none: receivers of benches go by CLOCK_TAI themselves. */
	fprintf(f, "name: %s\nrun-dir: %s\ncpu: %d\nmemory: %d\nhuge-pages: %s\nclock: {tai-offset: %d}\n%sports:\n%s", conf->name,
		conf->dir, conf->worker_cpu, conf->memory_mib ?: 256, conf->small_pages ? "false" : "true", meta_tai_offset(), conf->more ?: "",
		conf->ports);
	return fclose(f) ? -errno : 0;
}

int daemon_start(struct proc **out, struct procs *set, const struct daemon_conf *conf, struct why *why)
{
	char cpu[16], yaml[DAEMON_PATH_LEN];
	const char *argv[] = {conf->taktd, "-c", yaml, NULL};
	struct proc_conf p = {.name = "taktd", .argv = argv, .cpu = cpu, .netns = conf->netns, .log = conf->log};
	int rc;

	yaml_path(yaml, conf);
	rc = put_yaml(fopen(yaml, "we"), conf);
	if (rc)
		return why_fail(why, -rc, "cannot write %s: %s", yaml, strerror(-rc));
	snprintf(cpu, sizeof(cpu), "%d", conf->other_cpu);
	return daemon_launch(out, set, &p, "ready", why);
}

/* Its sentence without its name and "<stdin>:LINE: ": nobody who reads it has seen that file. */
static bool cut_place(struct why *why)
{
	char *at = strstr(why->text, PIPED);

	if (!at)
		return false;
	at += strlen(PIPED);
	at += *at == ':';
	at += strspn(at, "0123456789");
	at += strspn(at, ": ");
	memmove(why->text, at, strlen(at) + 1);
	return true;
}

int daemon_check(struct procs *set, const struct daemon_conf *conf, struct why *why)
{
	const char *argv[] = {conf->taktd, "--check", "-c", "-", NULL};
	struct proc_conf p = {.name = "taktd --check", .argv = argv, .in = memfd_create("takt.yaml", MFD_CLOEXEC)};
	struct why said = {""};
	int copy = p.in < 0 ? -1 : fcntl(p.in, F_DUPFD_CLOEXEC, 3), rc = put_yaml(copy < 0 ? NULL : fdopen(copy, "w"), conf);

	if (rc)
		why_fail(why, -rc, "taktd --check: %s", strerror(-rc));
	else if (!lseek(p.in, 0, SEEK_SET) && (rc = proc_run(set, &p, START_NS, &said)))
		rc = why_fail(why, rc == -EIO && cut_place(&said) ? EINVAL : -rc, "%s", said.text);
	if (p.in >= 0)
		close(p.in);
	return rc;
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
