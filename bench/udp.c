/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "HOST" and "PORT" of "HOST", "HOST:PORT", "[HOST]:PORT". More than one colon without brackets: an address of IPv6 alone. */
static int split(const char *text, char *host, size_t room, const char **port)
{
	const char *end, *colon = strrchr(text, ':');
	size_t n;

	*port = NULL;
	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return -EINVAL;
		*port = end[1] ? end + 2 : NULL;
	} else if (colon && strchr(text, ':') == colon) {
		end = colon;
		*port = colon + 1;
	} else {
		end = text + strlen(text);
	}
	n = (size_t)(end - text);
	if (!n || n >= room)
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = 0;
	return 0;
}

int udp_parse(union lane_addr *out, const char *text, uint16_t port, struct why *why)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM }, *found;
	const char *given;
	char host[80], *rest;
	unsigned long n = port;
	int rc = split(text, host, sizeof(host), &given);

	if (!rc && given) {
		n = strtoul(given, &rest, 10);
		if (*given < '0' || *given > '9' || *rest || !n || n > 65535)
			return why_fail(why, EINVAL, "\"%s\": its port is no number from 1 to 65535", text);
	}
	if (rc || getaddrinfo(host, NULL, &hints, &found))
		return why_fail(why, EINVAL, "\"%s\" is no address: give one of IPv4 or IPv6, and a port if need be: 10.0.0.2, 10.0.0.2:6000, [fd00::2]:6000", text);
	memset(out, 0, sizeof(*out));
	memcpy(out, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (out->any.sa_family == AF_INET)
		out->v4.sin_port = htons((uint16_t)n);
	else
		out->v6.sin6_port = htons((uint16_t)n);
	return 0;
}

const char *udp_str(char buf[static LANE_NAME_LEN], const union lane_addr *a)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (a->any.sa_family == AF_INET)
		snprintf(buf, LANE_NAME_LEN, "%s:%u", inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof(host)), ntohs(a->v4.sin_port));
	else
		snprintf(buf, LANE_NAME_LEN, "[%s]:%u", inet_ntop(AF_INET6, &a->v6.sin6_addr, host, sizeof(host)), ntohs(a->v6.sin6_port));
	return buf;
}

uint32_t udp_head_len(const union lane_addr *a)
{
	return 14 + (a->any.sa_family == AF_INET ? 20 : 40) + 8;
}

static socklen_t addr_len(const union lane_addr *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) ? -errno : 0;
}

static int open_at(const union lane_addr *a, const char *interface, struct why *why)
{
	int fd = socket(a->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;
	char name[LANE_NAME_LEN];
	bool v4 = a->any.sa_family == AF_INET;

	if (fd < 0)
		return why_fail(why, errno, "--udp %s: %s", udp_str(name, a), strerror(errno));
	if (interface && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1)) {
		rc = why_fail(why, errno, "interface %s: %s (`ip link` shows which there are)", interface, strerror(errno));
		close(fd);
		return rc;
	}
	if (v4)
		set(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	else
		set(fd, SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
	return fd;
}

int udp_open_talker(const union lane_addr *to, const char *interface, int priority, struct why *why)
{
	int fd = open_at(to, interface, why), rc;
	char name[LANE_NAME_LEN];

	if (fd < 0)
		return fd;
	set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);	/* of what is answered */
	/* The class selector is the priority; where the socket's own is set comes after, as the kernel derives one from the other. */
	rc = to->any.sa_family == AF_INET ? set(fd, SOL_IP, IP_TOS, priority << 5) : set(fd, SOL_IPV6, IPV6_TCLASS, priority << 5);
	if (!rc && connect(fd, &to->any, addr_len(to)))
		rc = -errno;
	if (rc) {
		why_fail(why, -rc, "--udp %s: %s: is there a route (`ip route get`)?", udp_str(name, to), strerror(-rc));
		close(fd);
		return rc;
	}
	return fd;
}

int udp_open_listener(const union lane_addr *at, const char *interface, struct why *why)
{
	int fd = open_at(at, interface, why), rc = 0;
	char name[LANE_NAME_LEN];

	if (fd < 0)
		return fd;
	set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
	if (at->any.sa_family == AF_INET)
		rc = set(fd, SOL_IP, IP_RECVTOS, 1);
	else
		rc = set(fd, SOL_IPV6, IPV6_RECVTCLASS, 1);
	if (!rc && bind(fd, &at->any, addr_len(at)))
		rc = -errno;
	if (rc) {
		why_fail(why, -rc, "--udp %s: %s", udp_str(name, at), strerror(-rc));
		close(fd);
		return rc;
	}
	return fd;
}

int udp_priority_of(struct msghdr *msg)
{
	struct cmsghdr *c;
	int value = 0;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_TOS)
			value = *(uint8_t *)CMSG_DATA(c);
		else if (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_TCLASS)
			memcpy(&value, CMSG_DATA(c), sizeof(value));
	}
	return value >> 5 & 7;
}

uint32_t udp_drops_of(struct msghdr *msg)
{
	struct cmsghdr *c;
	uint32_t value = 0;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
			memcpy(&value, CMSG_DATA(c), sizeof(value));
	return value;
}

int udp_room(int fd, const union lane_addr *to)
{
	int mtu = 0;
	socklen_t len = sizeof(mtu);
	bool v4 = to->any.sa_family == AF_INET;

	if (getsockopt(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu, &len))
		return -errno;
	return mtu - (int)(udp_head_len(to) - 14);
}
