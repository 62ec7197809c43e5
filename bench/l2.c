/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/l2.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int l2_mac_parse(uint8_t mac[static 6], const char *text, struct why *why)
{
	unsigned int b[6];
	char rest;
	int i;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &rest) != 6)
		return why_fail(why, EINVAL, "\"%s\" is no MAC address: give six bytes, e.g. 02:00:00:00:00:01", text);
	for (i = 0; i < 6; i++)
		mac[i] = (uint8_t)b[i];
	return 0;
}

const char *l2_mac_str(char buf[static L2_MAC_STR], const uint8_t mac[static 6])
{
	snprintf(buf, L2_MAC_STR, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}

static int query(int fd, const char *interface, uint8_t *mac, int *mtu, int *index, struct why *why)
{
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	if (strlen(interface) >= IFNAMSIZ)
		return why_fail(why, ENODEV, "interface %s: names have at most %d characters", interface, IFNAMSIZ - 1);
	strcpy(r.ifr_name, interface);
	if (ioctl(fd, SIOCGIFINDEX, &r))
		return why_fail(why, ENODEV, "interface %s does not exist here (`ip link` shows those that do)", interface);
	*index = r.ifr_ifindex;
	if (ioctl(fd, SIOCGIFFLAGS, &r) || !(r.ifr_flags & IFF_UP))
		return why_fail(why, ENETDOWN, "interface %s is down: ip link set %s up", interface, interface);
	if (mtu) {
		if (ioctl(fd, SIOCGIFMTU, &r))
			return why_fail(why, errno, "interface %s: %s", interface, strerror(errno));
		*mtu = r.ifr_mtu;
	}
	if (mac) {
		if (ioctl(fd, SIOCGIFHWADDR, &r))
			return why_fail(why, errno, "interface %s: %s", interface, strerror(errno));
		memcpy(mac, r.ifr_hwaddr.sa_data, 6);
	}
	return 0;
}

int l2_open(const char *interface, uint8_t *mac, int *mtu, struct why *why)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int fd, rc;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_fail(why, errno, "interface %s: raw sockets: %s (wants root, or CAP_NET_RAW)", interface, strerror(errno));
	rc = query(fd, interface, mac, mtu, &to.sll_ifindex, why);
	if (!rc && bind(fd, (struct sockaddr *)&to, sizeof(to)))
		rc = why_fail(why, errno, "interface %s: %s", interface, strerror(errno));
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int l2_hear(int fd, int protocol)
{
	struct sockaddr_ll to;
	socklen_t len = sizeof(to);

	if (getsockname(fd, (struct sockaddr *)&to, &len))
		return -errno;
	to.sll_protocol = htons((uint16_t)protocol);
	return bind(fd, (struct sockaddr *)&to, sizeof(to)) ? -errno : 0;
}
