/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm_check.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cpu_list.h"
#include "bench/vm_events.h"

static bool is_ip(const char *text)
{
	char addr[INET_ADDRSTRLEN];
	struct in_addr in;
	const char *slash = strchr(text, '/');
	char *end;
	long len;

	if (!slash || (size_t)(slash - text) >= sizeof(addr) || !isdigit((unsigned char)slash[1]))
		return false;
	snprintf(addr, sizeof(addr), "%.*s", (int)(slash - text), text);
	len = strtol(slash + 1, &end, 10);
	return inet_pton(AF_INET, addr, &in) == 1 && !*end && len <= 32;
}

static bool is_mac(const char *text)
{
	unsigned int b[6];
	int n = 0;

	return strlen(text) == 17 &&
	       sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &n) == 6 &&
	       n == 17 && !(b[0] & 1) && (b[0] | b[1] | b[2] | b[3] | b[4] | b[5]);
}

static int check_socket(const struct vm_conf *c, struct why *why)
{
	bool listens = !strcmp(c->role, "server");
	struct stat st;

	if (strlen(c->socket) >= VM_SOCKET_LEN || strpbrk(c->socket, ",: \t\n\""))
		return why_fail(why, EINVAL, "--socket %s: a path of at most %zu characters without comma, colon, "
				"quote or blank", c->socket, (size_t)VM_SOCKET_LEN - 1);
	if (listens && c->uml)
		return why_fail(why, EINVAL, "--role server: UML only connects: let taktd listen, or take --qemu");
	if (stat(c->socket, &st))
		return listens ? 0 : why_fail(why, ENOENT, "--socket %s: %s: start taktd first, its port makes it",
					      c->socket, strerror(errno));
	return S_ISSOCK(st.st_mode) ? 0 : why_fail(why, EINVAL, "--socket %s: is not a socket", c->socket);
}

int vm_check(const struct vm_conf *c, struct why *why)
{
	struct cpu_list cpus;

	if (c->uml == c->qemu)
		return why_fail(why, EINVAL, "which guest? give one of --uml and --qemu");
	if (!*c->name || strlen(c->name) > 32 ||
	    strspn(c->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != strlen(c->name))
		return why_fail(why, EINVAL, "--name %s: 1 to 32 letters, digits and hyphens", c->name);
	if (strcmp(c->role, "client") && strcmp(c->role, "server"))
		return why_fail(why, EINVAL, "--role %s: client or server", c->role);
	if (strcmp(c->accel, "auto") && strcmp(c->accel, "kvm") && strcmp(c->accel, "tcg"))
		return why_fail(why, EINVAL, "--accel %s: auto, kvm or tcg", c->accel);
	if (c->mac && !is_mac(c->mac))
		return why_fail(why, EINVAL, "--mac %s: a unicast address like 02:00:00:00:00:01", c->mac);
	if (c->ip && !is_ip(c->ip))
		return why_fail(why, EINVAL, "--ip %s: an IPv4 address with its prefix length, like 10.0.0.2/24",
				c->ip);
	if (c->netdev && (c->uml || c->socket || strlen(c->netdev) > 200))
		return why_fail(why, EINVAL, "a netdev is QEMU's, and instead of a socket");
	if (!c->socket && !c->netdev && (c->ip || c->vlan || c->mac))
		return why_fail(why, EINVAL, "--ip, --vlan and --mac need an interface: give --socket");
	if (c->uml && (c->packed || c->queues > 1 || strcmp(c->accel, "auto")))
		return why_fail(why, EINVAL, "--packed, --queues and --accel are QEMU's: UML has one split queue pair");
	if (c->kernel && c->uml)
		return why_fail(why, EINVAL, "--kernel %s: UML has one kernel: take --qemu", c->kernel);
	if (c->kernel && strcmp(c->kernel, "6.1") && strcmp(c->kernel, "6.12") && strcmp(c->kernel, "6.1-rt") &&
	    strcmp(c->kernel, "6.12-rt"))
		return why_fail(why, EINVAL, "--kernel %s: 6.1, 6.12, 6.1-rt or 6.12-rt", c->kernel);
	if (c->events && vm_events_check(c->events, c->uml, why))
		return -EINVAL;
	if (c->cpu && cpu_list_parse(&cpus, c->cpu, why)) {
		why_at(why, "--cpu");
		return -EINVAL;
	}
	return c->socket ? check_socket(c, why) : 0;
}
