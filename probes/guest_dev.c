/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_dev.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NET_DIR "/sys/class/net"

/* The last word of a symbolic link. */
static void link_of(char *out, size_t size, const char *name, const char *what)
{
	char path[200], to[300];
	ssize_t n;

	*out = '\0';
	snprintf(path, sizeof(path), NET_DIR "/%.31s/%s", name, what);
	n = readlink(path, to, sizeof(to) - 1);
	if (n <= 0)
		return;
	to[n] = '\0';
	snprintf(out, size, "%.*s", (int)size - 1, strrchr(to, '/') ? strrchr(to, '/') + 1 : to);
}

/* Has this interface hardware of its own? What lies on top of others (VLAN, bridge) and the loopback have none. */
static int has_device(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), NET_DIR "/%.31s/device", name);
	return !access(path, F_OK);
}

static int only_one(char out[static 32], struct why *why)
{
	struct if_nameindex *all = if_nameindex(), *i;
	char list[200] = "";
	int n = 0;

	for (i = all; i && i->if_index; i++) {
		if (!has_device(i->if_name))
			continue;
		snprintf(out, 32, "%.31s", i->if_name);
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%.31s", n++ ? ", " : "", i->if_name);
	}
	if_freenameindex(all);
	if (n == 1)
		return 0;
	return why_fail(why, EINVAL, n ? "which interface? give --dev one of: %s" : "this guest has no network card: give --dev an interface%s", list);
}

int guest_dev_find(struct guest_dev *d, const char *name, struct why *why)
{
	char path[200];
	FILE *f;
	int rc;

	memset(d, 0, sizeof(*d));
	if (name && (strlen(name) >= IFNAMSIZ || strchr(name, '/')))
		return why_fail(why, EINVAL, "--dev %.60s: no name of an interface", name);
	if (name) {
		snprintf(d->name, sizeof(d->name), "%s", name);
	} else {
		rc = only_one(d->name, why);
		if (rc)
			return rc;
	}
	d->ifindex = (int)if_nametoindex(d->name);
	if (!d->ifindex)
		return why_fail(why, ENODEV, "interface %s does not exist here (`ip link` shows those that do)", d->name);
	snprintf(path, sizeof(path), NET_DIR "/%.31s/address", d->name);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &d->mac[0], &d->mac[1], &d->mac[2], &d->mac[3], &d->mac[4], &d->mac[5]) != 6)
		memset(d->mac, 0, sizeof(d->mac));
	if (f)
		fclose(f);
	link_of(d->driver, sizeof(d->driver), d->name, "device/driver");
	link_of(d->virtio, sizeof(d->virtio), d->name, "device");
	if (strncmp(d->virtio, "virtio", 6))
		d->virtio[0] = '\0';
	return 0;
}

/* Is this name, in /proc/interrupts' list of a line's names, that of the device's frames? */
static int is_ours(const struct guest_dev *d, const char *word)
{
	size_t n = strlen(d->virtio);

	return n && !strncmp(word, d->virtio, n) && (!word[n] || !strncmp(word + n, "-input", 6));
}

int guest_dev_irqs(const struct guest_dev *d, int irq[static GUEST_DEV_IRQS])
{
	FILE *f = fopen("/proc/interrupts", "re");
	char *line = NULL, *word, *save;
	size_t size = 0;
	int n = 0;

	while (f && n < GUEST_DEV_IRQS && getline(&line, &size, f) > 0) {
		int number;

		if (sscanf(line, " %d:", &number) != 1)
			continue;
		for (word = strtok_r(line, " ,\n", &save); word; word = strtok_r(NULL, " ,\n", &save))
			if (is_ours(d, word)) {
				irq[n++] = number;
				break;
			}
	}
	free(line);
	if (f)
		fclose(f);
	return n;
}

void guest_dev_softirq_threads(void (*fn)(void *ctx, int tid), void *ctx)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		int tid = atoi(d->d_name);
		char path[64], comm[32] = "";
		FILE *f;

		if (tid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/comm", tid);
		f = fopen(path, "re");
		if (f && fgets(comm, sizeof(comm), f) && (!strncmp(comm, "ksoftirqd/", 10) || !strncmp(comm, "napi/", 5)))
			fn(ctx, tid);
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
}
