/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt bench cell: one cell of a campaign by hand, for whoever adds a backend or a load. takt bench looks, relay: what cells run of bench/cell_clock.h in a guest,
 * and of bench/vhost_relay.h before one.
 */
#include "bench/bench.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/cell.h"
#include "bench/cell_clock.h"
#include "bench/jail.h"
#include "bench/vhost_relay.h"

struct conf {
	const char *output, *schedule, *taktd, *kernel_dir;
	int64_t cpu, size, priority, vlan, cycle_ns, duration_ns, warm_up_ns, deadline_ns;
	bool can;
};

#define AT(field) offsetof(struct conf, field)
const struct opt cell_opts[] = {
	{ "output", 'o', OPT_STR, AT(output), "DIR", "cell", 0, 0, "folder to make" },
	{ "can", 0, OPT_FLAG, AT(can), NULL, NULL, 0, 0, "only say whether it can be measured here" },
	{ "keys", 0, OPT_STR, AT(schedule), "{KEYS}", NULL, 0, 0, "keys of taktd's port that frames leave by" },
	{ "cycle", 'c', OPT_NS, AT(cycle_ns), "TIME", "1ms", 50000, NS_PER_SEC, "a frame per TIME" },
	{ "size", 's', OPT_INT, AT(size), "BYTES", "128", 64, 1518, "length of a frame with its tag, without its FCS" },
	{ "priority", 'p', OPT_INT, AT(priority), "PCP", "7", 0, 7, "of the tag" },
	{ "vlan", 'v', OPT_INT, AT(vlan), "VID", "10", 0, 4094, "of the tag" },
	{ "duration", 't', OPT_NS, AT(duration_ns), "TIME", "2s", NS_PER_MS, 3600 * NS_PER_SEC, "frames that count are sent for TIME" },
	{ "warm-up", 0, OPT_NS, AT(warm_up_ns), "TIME", "300ms", 0, 60 * NS_PER_SEC, "frames before these" },
	{ "deadline", 0, OPT_NS, AT(deadline_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "kept in cell.json" },
	{ "cpu", 0, OPT_INT, AT(cpu), "N", "1", 0, 1023, "CPU of the backend's worker; all else is on the one before it, or on CPU 1" },
	{ "taktd", 0, OPT_STR, AT(taktd), "FILE", NULL, 0, 0, "the taktd to run (default: beside this program)" },
	{ "kernel-dir", 0, OPT_STR, AT(kernel_dir), "DIR", NULL, 0, 0, "where scripts/guest-image put uml/, qemu-6.12/" },
	OPT_END
};
#undef AT

const char cell_examples[] =
	"  takt bench cell backend=veth guest=none -o floor\n"
	"  takt bench cell --can backend=ovs-dpdk guest=uml\n";

static int take(struct cell *c, char *word, struct why *why)
{
	static const char *const any[] = { "keys", NULL };	/* the schedule that --keys gives */
	char *value = strchr(word, '=');
	int axis;

	if (!value)
		return why_fail(why, EINVAL, "\"%.80s\" is no AXIS=VALUE: takt bench axes lists them", word);
	*value++ = '\0';
	axis = axis_find(word);
	if (axis < 0)
		return why_fail(why, EINVAL, "\"%.80s\" is no axis: takt bench axes lists them", word);
	c->value[axis] = value;
	return axis_check(axis, value, any, why);
}

static int choose(struct cell *c, const struct conf *conf, int n, char **words, struct why *why)
{
	int i, rc = 0;

	*c = (struct cell){
		.name = "cell", .repetition = 1, .position = 1, .schedule_yaml = conf->schedule, .taktd = conf->taktd, .kernel_dir = conf->kernel_dir,
		.worker_cpu = (int)conf->cpu, .other_cpu = conf->cpu ? (int)conf->cpu - 1 : 1,
		.traffic = { .size = conf->size, .priority = conf->priority, .vlan = conf->vlan, .cycle_ns = conf->cycle_ns, .duration_ns = conf->duration_ns,
			     .warm_up_ns = conf->warm_up_ns, .deadline_ns = conf->deadline_ns },
	};
	for (i = 0; i < AXES; i++)
		c->value[i] = axes[i].value;
	if (conf->schedule)
		c->value[AXIS_SCHEDULE] = "keys";
	for (i = 0; i < n && !rc; i++)
		rc = take(c, words[i], why);
	return rc;
}

/* In the jail. */
struct job {
	const struct cell *c;
	const char *dir;
};

static int perform(void *arg, struct why *why)
{
	const struct job *j = arg;
	struct procs *set;
	int rc = procs_create(&set, why);

	rc = rc ?: cell_perform(j->c, j->dir, set, why);
	procs_destroy(set);
	return rc;
}

static int measure(const struct cell *c, const struct conf *conf, struct procs *set, struct why *why)
{
	char dir[PATH_MAX], log[PATH_MAX + 16], self[PATH_MAX] = "";
	struct job job = { .c = c, .dir = dir };
	struct jail_conf jail = { .keep = { dir, self, conf->kernel_dir }, .log = log, .keeper = -1, .run = perform, .arg = &job };
	struct jail *j;
	int rc, done = 0;

	if (mkdir(conf->output, 0755))
		return why_fail(why, errno, "--output %.200s: %s", conf->output, strerror(errno));
	if (!realpath(conf->output, dir) || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return why_fail(why, errno, "--output %.200s: %s", conf->output, strerror(errno));
	*strrchr(self, '/') = '\0';
	snprintf(log, sizeof(log), "%s/cell.log", dir);
	rc = jail_start(&j, &jail, why);
	if (rc)
		return rc;
	rc = jail_wait(j, set, NS_NEVER, &done, why);
	jail_end(j);
	return rc ?: done;
}

int cell_run(const struct cmd *self, int argc, char **argv)
{
	struct conf conf = { 0 };
	struct why why = { "" };
	struct procs *set = NULL;
	struct cell c;
	int status, rc, n = cmd_options(self, &conf, argc, argv, 0, AXES, &status);

	if (n < 0)
		return status;
	rc = choose(&c, &conf, n, argv + 1, &why) ?: procs_create(&set, &why) ?: (conf.can ? cell_can(&c, &why) : measure(&c, &conf, set, &why));
	status = rc == -ENOTSUP ? (fprintf(stderr, "takt: %s\n", why.text), CMD_UNABLE) : !rc ? CMD_OK : rc == -EINTR ? CMD_FAILED : cmd_refuse(rc, &why);
	if (set)
		status = procs_exit(set, status);
	procs_destroy(set);
	return status;
}

int looks_run(const struct cmd *self, int argc, char **argv)
{
	static struct clock_looks looks;
	struct why why = { "" };
	int status, rc = 0, n = cmd_options(self, NULL, argc, argv, 0, 1, &status);

	if (n < 0)
		return status;
	if (n)
		rc = clock_looks_read(&looks, argv[1], &why) ?: clock_take_over(&looks, &why);
	if (rc)
		return cmd_refuse(rc, &why);
	clock_looks_fill(&looks);
	clock_looks_print(stdout, &looks);
	return ferror(stdout) || fflush(stdout) ? CMD_FAILED : CMD_OK;
}

int relay_run(const struct cmd *self, int argc, char **argv)
{
	struct why why = { "" };
	int status, rc;

	if (cmd_options(self, NULL, argc, argv, 2, 2, &status) < 0)
		return status;
	rc = vhost_relay(argv[1], argv[2], &why);
	return rc ? cmd_refuse(rc, &why) : CMD_OK;
}
