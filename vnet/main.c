/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * taktd: read the configuration, open the ports, turn until told to stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cmd.h"
#include "base/log.h"
#include "base/ns.h"
#include "ptp/follow.h"
#include "ptp/phc.h"
#include "vnet/bridge.h"
#include "vnet/conf.h"
#include "vnet/ctl.h"

struct options {
	const char *config;
	const char *name;
	bool check;
	bool verbose;
	bool version;
};

static const struct opt options[] = {
	{"config", 'c', OPT_STR, offsetof(struct options, config), "FILE", NULL, 0, 0, "configuration (YAML; - is standard input)"},
	{"name", 'n', OPT_STR, offsetof(struct options, name), "NAME", NULL, 0, 0, "instance name, instead of the file's"},
	{"check", 0, OPT_FLAG, offsetof(struct options, check), NULL, NULL, 0, 0, "only check the configuration"},
	{"verbose", 'v', OPT_FLAG, offsetof(struct options, verbose), NULL, NULL, 0, 0, "log more, DPDK's own lines too"},
	{"version", 'V', OPT_FLAG, offsetof(struct options, version), NULL, NULL, 0, 0, "print the version"},
	OPT_END,
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* A frontend hands over some dozens of descriptors, and there are up to 32: none may use up what the others need. */
static void allow_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l))
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

/* One instance of a name at a time. The lock file is removed while the lock is held. */
struct lock {
	int fd;
	char path[128];
	char dir[64];
};

static int lock_take(struct lock *l, const struct conf *conf, struct why *why)
{
	char pid[16] = "";
	int err;

	snprintf(l->dir, sizeof(l->dir), "%s", conf->run_dir);
	snprintf(l->path, sizeof(l->path), "%s/%s.lock", conf->run_dir, conf->name);
	if (mkdir(conf->run_dir, 0755) && errno != EEXIST)
		return why_fail(why, errno, "run-dir: cannot make %s: %s", conf->run_dir, strerror(errno));
	l->fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (l->fd < 0)
		return why_fail(why, errno, "run-dir: cannot make %s: %s", l->path, strerror(errno));
	if (flock(l->fd, LOCK_EX | LOCK_NB)) {
		err = errno;
		if (read(l->fd, pid, sizeof(pid) - 1) < 0)
			pid[0] = '\0';
		close(l->fd);
		l->fd = -1;
		return why_fail(why, err == EWOULDBLOCK ? EADDRINUSE : err,
				"name: an instance \"%s\" runs already (pid %s): end it, or start this one with --name OTHER", conf->name, pid);
	}
	if (ftruncate(l->fd, 0) || dprintf(l->fd, "%d", (int)getpid()) < 0)
		log_warn("%s: %s", l->path, strerror(errno));
	return 0;
}

static void lock_drop(struct lock *l)
{
	if (l->fd < 0)
		return;
	unlink(l->path);
	close(l->fd);
	rmdir(l->dir); /* stays when others use it */
}

static int refuse(const struct why *why)
{
	log_error("%s", why->text);
	return CMD_USAGE;
}

static int serve(struct conf *conf)
{
	struct lock lock = {.fd = -1};
	struct bridge *bridge = NULL;
	struct ctl *ctl = NULL;
	struct why why = {""};
	int status = CMD_OK;

	if (geteuid() != 0) {
		why_fail(&why, EPERM, "wants root: guest memory, raw devices and CPU pinning need it");
		return refuse(&why);
	}
	if (lock_take(&lock, conf, &why) || bridge_create(&bridge, conf, &why) || ctl_open(&ctl, bridge, &why) || bridge_start(bridge, &why)) {
		status = refuse(&why);
		goto out;
	}
	if (conf_clock_check(&bridge_conf(bridge)->clock, follow_tai_offset(), &why))
		log_warn("%s; until then schedules are refused", why.text);
	log_info("ready: %u ports, pid %d", bridge_ports(bridge), (int)getpid());
	if (ctl_run(ctl, &stop))
		status = CMD_FAILED;
	log_info("ending");
out:
	ctl_close(ctl);
	bridge_destroy(bridge);
	lock_drop(&lock);
	return status;
}

/* The file may be for another machine. */
static void check_reference(const struct conf_clock *c)
{
	struct why why = {""};
	struct phc phc;

	if (!c->device[0])
		return;
	if (phc_open(&phc, c->device, NULL, &why))
		log_warn("this machine would not start with it: clock: reference: %s", why.text);
	else
		phc_close(&phc);
}

int main(int argc, char **argv)
{
	static const struct cmd self = {
		.name = "taktd",
		.args = "",
		.help = "vhost-user virtio-net backend that keeps time",
		.opts = options,
		.examples = "  taktd -c /etc/takt/takt.yaml          run in the foreground; Ctrl-C or SIGTERM ends it\n"
			    "  taktd --check -c takt.yaml            say what is wrong with a configuration\n"
			    "  takt show                             ask a running taktd\n",
	};
	struct options o = {0};
	struct why why = {""};
	struct conf conf;
	int status = 0;
	int err;

	log_init("taktd", LOG_INFO);
	if (cmd_options(&self, &o, argc, argv, 0, 0, &status) < 0)
		return status;
	if (o.version) {
		printf("taktd %s\n", TAKT_REV);
		return CMD_OK;
	}
	if (o.verbose)
		log_init("taktd", LOG_DEBUG);
	if (!o.config) {
		why_fail(&why, EINVAL, "--config FILE is missing (`taktd --help` shows an example)");
		return refuse(&why);
	}
	err = conf_load(&conf, o.config, &why);
	if (err)
		return refuse(&why);
	if (o.name && conf_set_name(&conf, o.name, &why)) {
		conf_fini(&conf);
		return refuse(&why);
	}
	if (o.check) {
		printf("%s: good: %u ports\n", o.config, conf.n_ports);
		if (conf_scheduled(&conf) && conf_clock_check(&conf.clock, follow_tai_offset(), &why))
			log_warn("this machine would refuse its schedules now: %s", why.text);
		check_reference(&conf.clock);
	} else {
		catch_signals();
		allow_descriptors();
		status = serve(&conf);
	}
	conf_fini(&conf);
	return status;
}
