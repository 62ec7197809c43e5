/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * jail_scene PAGES FOLDER: a jail as full as it can be, until somebody kills it or us. It says "ready", and what is in it is:
 *
 *	PAGES huge pages of the machine's, borrowed
 *	a veth pair, one end of it in a named namespace
 *	files in /run, /tmp and /dev/shm, a pinned folder of BPF's, a shared memory segment of System V
 *	a child that leads a session of its own and ignores what can be ignored, with a child of its own
 *	FOLDER, kept: the file `seen` in it lists what the jail sees
 *
 * When there is a file `leave` in FOLDER it ends in an orderly way. `jail.log` in it is what the jail said.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/hugepages.h"
#include "bench/jail.h"
#include "bench/keeper.h"

struct scene {
	int64_t pages;
	const char *dir;
};

static int fill(const struct scene *s, struct why *why)
{
	static const char script[] =
		"set -e; ip netns add scene-ns; ip link add scene0 type veth peer name scene1 netns scene-ns\n"
		"touch /run/scene /tmp/scene /dev/shm/scene; [ ! -e /sys/fs/bpf ] || mkdir -p /sys/fs/bpf/scene\n"
		"(trap '' INT TERM HUP QUIT; setsid sleep 3600 & exec setsid sleep 3600) &\n"
		"{ ls /run /tmp /dev/shm /sys/class/net; ls -d /proc/[0-9]*; } > \"$1/seen\"\n";
	char command[sizeof(script) + 400];
	int rc;

	if (shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) < 0)
		return why_fail(why, errno, "shmget: %s", strerror(errno));
	snprintf(command, sizeof(command), "set -- '%.300s'\n%s", s->dir, script);
	rc = system(command);
	return rc ? why_fail(why, EIO, "the script ended with %d", rc) : 0;
}

static int in_jail(void *arg, struct why *why)
{
	const struct scene *s = arg;
	int64_t borrowed;
	struct procs *set;
	int rc = procs_create(&set, why) ?: hugepages_borrow(&borrowed, s->pages, why);

	if (rc)
		return rc;
	rc = fill(s, why);
	if (!rc) {
		printf("ready\n");
		fflush(stdout);
		while (access("leave", F_OK) && !procs_pause(set, 20 * NS_PER_MS))
			;
	}
	hugepages_return(borrowed);
	procs_destroy(set);
	return rc;
}

int main(int argc, char **argv)
{
	struct scene scene = {.pages = argc > 2 ? atoll(argv[1]) : 0, .dir = argc > 2 ? argv[2] : NULL};
	struct jail_conf conf = {.keep = {scene.dir}, .run = in_jail, .arg = &scene};
	struct why why = {""};
	struct keeper keeper;
	struct procs *set;
	struct jail *jail;
	char log[500];
	int rc, said = 0;

	if (argc != 3 || chdir(scene.dir))
		return 2;
	snprintf(log, sizeof(log), "%s/jail.log", scene.dir);
	conf.log = log;
	rc = procs_create(&set, &why) ?: keeper_start(&keeper, &why);
	conf.keeper = keeper.fd;
	rc = rc ?: jail_start(&jail, &conf, &why);
	if (!rc) {
		rc = jail_wait(jail, set, NS_NEVER, &said, &why);
		jail_end(jail);
		keeper_end(&keeper);
	}
	if (rc || said)
		fprintf(stderr, "jail_scene: %d %d %s\n", rc, said, why.text);
	return rc || said;
}
