/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel's own ways into a guest of QEMU's: a tap in a bridge, served by QEMU or by vhost-net, and a macvtap on the wire.
 */
#include "bench/backends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int ip(struct cell_run *r, struct why *why, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int ip(struct cell_run *r, struct why *why, const char *fmt, ...)
{
	char line[512], all[600];
	struct words w = {0};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	words_split(&w, "ip %s", line);
	json_array_append_new(r->commands, json_string(words_line(all, sizeof(all), &w)));
	return cell_do(r, &w, why);
}

/* -- in a bridge ---------------------------------------------------------------------------------------------------- */

static int tun_is_there(const char *name, struct why *why)
{
	return access("/dev/net/tun", R_OK | W_OK) ? why_fail(why, ENOTSUP, "%s: /dev/net/tun is not there, or not ours to open: modprobe tun, or give it to this container", name) : 0;
}

static int bridge_can(const struct cell *c, struct why *why)
{
	(void)c;
	return tun_is_there("qemu-bridge", why);
}

static int vhost_can(const struct cell *c, struct why *why)
{
	(void)c;
	if (access("/dev/vhost-net", R_OK | W_OK))
		return why_fail(why, ENOTSUP, "vhost-net: /dev/vhost-net is not there: modprobe vhost_net, where the kernel has it");
	return tun_is_there("vhost-net", why);
}

int backend_tap(struct cell_run *r, struct cell_end *e, bool vhost, struct why *why)
{
	snprintf(e->netdev, sizeof(e->netdev), "tap,ifname=%s,script=no,downscript=no,vhost=%s", e->port, vhost ? "on" : "off");
	return ip(r, why, "tuntap add %s mode tap vnet_hdr", e->port) ?: ip(r, why, "link set %s up addrgenmode none", e->port);
}

/* Nothing that the bridge says by itself: no spanning tree, no queries, no address. */
static int make_bridge(struct cell_run *r, bool vhost, struct why *why)
{
	int i, rc;

	rc = ip(r, why, "link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0") ?: ip(r, why, "link set br0 up addrgenmode none");
	for (i = 0; i < CELL_ENDS && !rc; i++) {
		if (r->end[i].kind == END_QEMU)
			rc = backend_tap(r, &r->end[i], vhost, why);
		if (!rc && r->end[i].kind)
			rc = ip(r, why, "link set %s master br0", r->end[i].port);
	}
	return rc;
}

static int bridge_start(struct cell_run *r, struct why *why)
{
	return make_bridge(r, false, why);
}

static int vhost_start(struct cell_run *r, struct why *why)
{
	return make_bridge(r, true, why);
}

/* -- on the wire ---------------------------------------------------------------------------------------------------- */

static int macvtap_can(const struct cell *c, struct why *why)
{
	(void)c;
	if (access("/sys/class/macvtap", F_OK))
		return why_fail(why, ENOTSUP, "qemu-macvtap: the kernel has no macvtap: modprobe macvtap, where it has it");
	return 0;
}

/* Its character device, under a name of ours: that in /dev goes by a number that another namespace may have, too. For QEMU to inherit; -errno and a sentence. */
static int open_macvtap(const struct cell_run *r, const struct cell_end *e, struct why *why)
{
	char path[128], node[CELL_PATH_LEN];
	unsigned int major, minor, index = 0;
	int fd = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", e->port);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%u", &index) != 1)
		index = 0;
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/sys/class/net/%s/tap%u/dev", e->port, index);
	f = fopen(path, "re");
	if (!f)
		return why_fail(why, errno, "%s: %s", path, strerror(errno));
	snprintf(node, sizeof(node), "%s/%s", r->dir, e->port); /* folders in memory allow no devices */
	if (fscanf(f, "%u:%u", &major, &minor) == 2 && !mknod(node, S_IFCHR | 0600, makedev(major, minor)))
		fd = open(node, O_RDWR); /* not O_CLOEXEC */
	fclose(f);
	unlink(node);
	return fd < 0 ? why_fail(why, errno, "%.200s: %s", node, strerror(errno)) : fd;
}

static int macvtap_start(struct cell_run *r, struct why *why)
{
	struct cell_end *e = &r->end[END_GUEST];
	int rc;

	rc = ip(r, why, "link add link %s name %s address %s type macvtap mode bridge", r->end[END_FAR].port, e->port, e->mac) ?:
	     ip(r, why, "link set %s up addrgenmode none", e->port) ?: open_macvtap(r, e, why);
	if (rc < 0)
		return rc;
	r->fd = rc;
	snprintf(e->netdev, sizeof(e->netdev), "tap,fd=%d,vhost=off", r->fd);
	return 0;
}

static void macvtap_stop(struct cell_run *r)
{
	if (r->fd > 0)
		close(r->fd);
	r->fd = 0;
}

const struct backend backend_qemu_bridge = { .name = "qemu-bridge", .can = bridge_can, .start = bridge_start, .qemu_tap = true, .many = true };
const struct backend backend_vhost_net = { .name = "vhost-net", .can = vhost_can, .start = vhost_start, .qemu_tap = true, .many = true };
const struct backend backend_qemu_macvtap = { .name = "qemu-macvtap", .can = macvtap_can, .start = macvtap_start, .stop = macvtap_stop, .qemu_tap = true };
