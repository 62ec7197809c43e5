/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/netns.h"

#include <errno.h>
#include <net/if.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ns.h"

#define HELPER_NS (10 * NS_PER_SEC)	/* no `ip` command takes that long */
#define WORDS 20

struct netns {
	char *name;
	char *host_ns; /* NULL: ours */
	char *host_if;
	bool has_ns, has_if;
};

/* Split `line` at blanks and run it. */
static int run(struct procs *set, char *line, struct why *why)
{
	const char *argv[WORDS + 1];
	struct proc_conf conf = { .name = "ip", .argv = argv };
	char *save = NULL;
	int n = 0;

	for (char *w = strtok_r(line, " ", &save); w && n < WORDS; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	argv[n] = NULL;
	conf.name = argv[0];
	return proc_run(set, &conf, HELPER_NS, why);
}

static int runf(struct procs *set, struct why *why, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int runf(struct procs *set, struct why *why, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return run(set, line, why);
}

/* One end: complete frames, no address of the kernel's making. */
static int set_up_end(struct procs *set, const char *ns, const char *dev, const char *ip, struct why *why)
{
	char at[64] = "", in[64] = "";
	int rc;

	if (ns) {
		snprintf(at, sizeof(at), " -n %s", ns);
		snprintf(in, sizeof(in), "ip netns exec %s ", ns);
	}
	rc = runf(set, why, "%sethtool -K %s tx off", in, dev) ?:
	     runf(set, why, "ip%s link set %s up addrgenmode none", at, dev);
	if (!rc && ip)
		rc = runf(set, why, "ip%s addr add %s dev %s", at, ip, dev);
	return rc;
}

static int set_up(struct netns *ns, struct procs *set, const struct netns_conf *c, struct why *why)
{
	char at[64] = "";
	int rc;

	rc = runf(set, why, "ip netns add %s", ns->name);
	if (rc)
		return rc;
	ns->has_ns = true;
	rc = runf(set, why, "ip -n %s link set lo up", ns->name);
	if (rc || !c->host_if)
		return rc;
	if (c->host_ns)
		snprintf(at, sizeof(at), " -n %s", c->host_ns);
	rc = runf(set, why, "ip%s link add %s type veth peer name %s netns %s", at, c->host_if, c->peer_if, ns->name);
	if (rc)
		return rc;
	ns->has_if = true;
	return set_up_end(set, c->host_ns, c->host_if, c->host_ip, why) ?:
	       set_up_end(set, ns->name, c->peer_if, c->peer_ip, why);
}

int netns_create(struct netns **out, struct procs *set, const struct netns_conf *c, struct why *why)
{
	struct netns *ns;
	char path[128];
	int rc;

	snprintf(path, sizeof(path), "/run/netns/%s", c->name);
	if (geteuid())
		return why_fail(why, EPERM, "network namespace %s: making one takes root", c->name);
	if (!access(path, F_OK))
		return why_fail(why, EEXIST, "network namespace %s exists already: remove it (ip netns del %s) or "
				"choose another name", c->name, c->name);
	if (c->host_if && !c->host_ns && if_nametoindex(c->host_if))
		return why_fail(why, EEXIST, "interface %s exists already: remove it (ip link del %s) or "
				"choose another name", c->host_if, c->host_if);
	ns = calloc(1, sizeof(*ns));
	if (!ns)
		return why_fail(why, ENOMEM, "out of memory");
	ns->name = strdup(c->name);
	ns->host_ns = c->host_ns ? strdup(c->host_ns) : NULL;
	ns->host_if = c->host_if ? strdup(c->host_if) : NULL;
	rc = set_up(ns, set, c, why);
	if (rc) {
		netns_destroy(ns);
		return rc;
	}
	*out = ns;
	return 0;
}

/* Not by proc_run(): an interrupted set waits for nothing any more, and this has to be done even then. */
static void undo(const char *const argv[])
{
	extern char **environ;
	pid_t pid;

	if (!posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ))
		waitpid(pid, NULL, 0);
}

void netns_destroy(struct netns *ns)
{
	if (!ns)
		return;
	if (ns->has_if && ns->host_ns)
		undo((const char *const[]){ "ip", "-n", ns->host_ns, "link", "del", ns->host_if, NULL });
	else if (ns->has_if)
		undo((const char *const[]){ "ip", "link", "del", ns->host_if, NULL });
	if (ns->has_ns)
		undo((const char *const[]){ "ip", "netns", "del", ns->name, NULL });
	free(ns->name);
	free(ns->host_ns);
	free(ns->host_if);
	free(ns);
}
