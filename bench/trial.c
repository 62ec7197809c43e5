/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/daemon.h"

static int choose(struct trial *c, const struct trial_conf *conf, struct why *why)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	ssize_t n = readlink("/proc/self/exe", c->takt, sizeof(c->takt) - 1);

	if (n < 0)
		return why_fail(why, errno, "/proc/self/exe: %s", strerror(errno));
	c->takt[n] = '\0';
	c->worker_cpu = (int)conf->cpu;
	c->other_cpu = conf->cpu ? (int)conf->cpu - 1 : 1;
	if (cpus < 2 || c->worker_cpu >= cpus)
		return why_fail(why, EINVAL, "--cpu %d: this machine has %ld CPUs, and taktd's worker and all else need one each", c->worker_cpu, cpus);
	if (geteuid())
		return why_fail(why, EPERM, "guests' memory, namespaces and urgent threads are root's to hand out: run this as root");
	return daemon_find(c->taktd, sizeof(c->taktd), "taktd", conf->taktd, "taktd", why);
}

static int make_dir(struct trial *c, const char *name, struct why *why)
{
	snprintf(c->dir, sizeof(c->dir), "/tmp/takt-%.16s-XXXXXX", name);
	if (mkdtemp(c->dir))
		return 0;
	c->dir[0] = '\0';
	return why_fail(why, errno, "cannot make a folder in /tmp: %s", strerror(errno));
}

static int run(const struct trial_bench *bench, void *b, struct trial *c)
{
	struct why why = {""};
	int status, rc;

	rc = bench->choose ? bench->choose(b, &why) : 0;
	rc = rc ?: choose(c, b, &why) ?: procs_create(&c->set, &why) ?: make_dir(c, bench->name, &why) ?: bench->perform(b, c, &why);
	status = rc >= 0 ? rc : rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	status = procs_exit(c->set, status);
	procs_destroy(c->set);
	if (c->dir[0])
		rmdir(c->dir);
	if (rc == -EINTR)
		fprintf(stderr, "%sinterrupted; cleaned up\n", isatty(STDERR_FILENO) ? "\n" : "");
	return status;
}

int trial_run(const struct trial_bench *bench, const struct cmd *self, int argc, char **argv)
{
	struct trial c = {0};
	void *b = calloc(1, bench->size);
	int status = CMD_OK;

	if (!b)
		return CMD_FAILED;
	if (cmd_options(self, b, argc, argv, 0, 0, &status) >= 0)
		status = run(bench, b, &c);
	if (bench->fini)
		bench->fini(b);
	free(b);
	return status;
}

static const char *name_of(const void *rows, size_t size, size_t i)
{
	return *(const char *const *)((const char *)rows + i * size);
}

int trial_pick(bool *wanted, const char *option, const char *list, const void *rows, size_t size, size_t n, struct why *why)
{
	char all[128] = "";
	size_t len, i;

	for (i = 0; i < n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "", name_of(rows, size, i));
	if (!*list)
		return why_fail(why, EINVAL, "--%s is empty: choose from %s", option, all);
	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		for (i = 0; i < n && (strlen(name_of(rows, size, i)) != len || strncmp(name_of(rows, size, i), list, len)); i++)
			;
		if (i == n)
			return why_fail(why, EINVAL, "--%s: \"%.*s\" is none: choose from %s", option, (int)len, list, all);
		wanted[i] = true;
	}
	return 0;
}
