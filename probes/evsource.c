/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/evsource.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/vm_sockets.h>
#include <unistd.h>

#include "base/ns.h"
#include "ptp/now.h"

#define RETRY_NS  (100 * NS_PER_MS)
#define WORK_NS   (50 * NS_PER_MS)	/* of one call, so that a flood keeps nobody from the rest of his work */

enum kind { SOURCE_FILE, SOURCE_UNIX, SOURCE_UDP, SOURCE_VSOCK };

struct evsource {
	enum kind kind;
	bool follow;
	bool ended;
	int fd;			/* what is read, -1: not connected */
	int listen_fd;		/* of vsock */
	int64_t t_retry;
	uint32_t from;		/* of udp and vsock: who spoke first (address, CID); nobody else is heard. 0: nobody yet */
	struct evreader *reader;
	char name[200];
	uint8_t buf[65536];
};

static void connect_unix(struct evsource *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (now_mono() < s->t_retry)
		return;
	s->t_retry = now_mono() + RETRY_NS;
	strcpy(a.sun_path, s->name + 5);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd >= 0 && connect(s->fd, (struct sockaddr *)&a, sizeof(a))) {
		close(s->fd);
		s->fd = -1;
	}
}

static int open_unix(struct evsource *s, const char *path, struct why *why)
{
	struct sockaddr_un a;

	s->kind = SOURCE_UNIX;
	if (!*path || strlen(path) >= sizeof(a.sun_path))
		return why_fail(why, EINVAL, "%s: give the path of a socket, of 1 to %zu bytes", s->name, sizeof(a.sun_path) - 1);
	connect_unix(s);
	return 0;
}

static int port_of(unsigned long *port, const char *text, unsigned long max)
{
	char *end;

	errno = 0;
	*port = strtoul(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || !*port || *port > max ? -EINVAL : 0;
}

static int open_udp(struct evsource *s, const char *where, struct why *why)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	const char *colon = strrchr(where, ':');
	int size = 4 << 20;
	unsigned long port;
	char host[64] = "0.0.0.0";

	s->kind = SOURCE_UDP;
	if (colon)
		snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
	if (port_of(&port, colon ? colon + 1 : where, 65535) || inet_pton(AF_INET, host, &a.sin_addr) != 1)
		return why_fail(why, EINVAL, "%s: give a port, or an IPv4 address and a port: udp:7117, udp:10.0.0.1:7117", s->name);
	a.sin_port = htons((uint16_t)port);
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof(a)))
		return why_fail(why, errno, "%s: %s", s->name, strerror(errno));
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

static int open_vsock(struct evsource *s, const char *where, struct why *why)
{
	struct sockaddr_vm a = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY };
	unsigned long port;

	s->kind = SOURCE_VSOCK;
	if (port_of(&port, where, UINT32_MAX))
		return why_fail(why, EINVAL, "%s: give a port number: vsock:7117", s->name);
	a.svm_port = (unsigned int)port;
	s->listen_fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->listen_fd < 0 || bind(s->listen_fd, (struct sockaddr *)&a, sizeof(a)) || listen(s->listen_fd, 4))
		return why_fail(why, errno, "%s: %s", s->name, strerror(errno));
	return 0;
}

static int open_file(struct evsource *s, const char *path, struct why *why)
{
	s->kind = SOURCE_FILE;
	s->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return s->fd < 0 ? why_fail(why, errno, "%s: %s", path, strerror(errno)) : 0;
}

int evsource_open(struct evsource **out, const char *spec, bool follow, const struct evreader_conf *conf, struct why *why)
{
	struct evsource *s = calloc(1, sizeof(*s));
	int rc;

	if (s)
		s->reader = evreader_create(conf);
	if (!s || !s->reader) {
		free(s);
		return why_fail(why, ENOMEM, "out of memory");
	}
	s->fd = s->listen_fd = -1;
	s->follow = follow;
	if (snprintf(s->name, sizeof(s->name), "%s", spec) >= (int)sizeof(s->name))
		rc = why_fail(why, ENAMETOOLONG, "%.80s...: too long", spec);
	else if (!strncmp(spec, "unix:", 5))
		rc = open_unix(s, spec + 5, why);
	else if (!strncmp(spec, "udp:", 4))
		rc = open_udp(s, spec + 4, why);
	else if (!strncmp(spec, "vsock:", 6))
		rc = open_vsock(s, spec + 6, why);
	else
		rc = open_file(s, spec, why);
	if (rc) {
		evsource_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void evsource_close(struct evsource *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	evreader_destroy(s->reader);
	free(s);
}

/* A source is one guest's: another that finds its port must not speak in its name. */
static bool is_the_same(struct evsource *s, uint32_t from)
{
	s->from = s->from ? s->from : from;
	return s->from == from;
}

/* A datagram's bytes, 0 of one that is empty or of somebody else (*other), or -1. */
static ssize_t take(struct evsource *s, bool *other)
{
	struct sockaddr_in a = { .sin_family = AF_UNSPEC };
	socklen_t len = sizeof(a);
	ssize_t n;

	*other = false;
	if (s->kind != SOURCE_UDP)
		return read(s->fd, s->buf, sizeof(s->buf));
	n = recvfrom(s->fd, s->buf, sizeof(s->buf), 0, (struct sockaddr *)&a, &len);
	*other = n > 0 && !is_the_same(s, ntohl(a.sin_addr.s_addr));
	return n;
}

/* The newest connection holds. */
static void accept_vsock(struct evsource *s)
{
	struct sockaddr_vm a = { .svm_cid = 0 };
	socklen_t len = sizeof(a);
	int fd = accept4(s->listen_fd, (struct sockaddr *)&a, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (!is_the_same(s, a.svm_cid)) {
		close(fd);
		return;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd;
}

static int at_end(struct evsource *s)
{
	if (s->kind == SOURCE_FILE) {
		if (s->follow)
			return 0;
		if (!s->ended)
			evreader_finish(s->reader);
		s->ended = true;
		return -ENODATA;
	}
	close(s->fd);
	s->fd = -1;
	evreader_finish(s->reader);
	return 0;
}

int evsource_work(struct evsource *s)
{
	int64_t t_end = now_mono() + WORK_NS;
	size_t sum = 0;
	bool other;

	if (s->kind == SOURCE_UNIX && s->fd < 0)
		connect_unix(s);
	if (s->kind == SOURCE_VSOCK)
		accept_vsock(s);
	while (s->fd >= 0 && (!sum || now_mono() < t_end)) {
		ssize_t n = take(s, &other);
		int rc;

		if (other) {
			if (now_mono() >= t_end)
				break;
			continue;
		}
		if (n > 0) {
			evreader_feed(s->reader, s->buf, (size_t)n);
			if (s->kind == SOURCE_UDP)	/* a block is a datagram */
				evreader_finish(s->reader);
			sum += (size_t)n;
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0 && s->kind == SOURCE_FILE)
			return -errno;
		if (s->kind == SOURCE_UDP)	/* an empty datagram, or an error that an earlier one brought about */
			break;
		rc = at_end(s);
		if (!sum)
			return rc;
		break;
	}
	return sum > 0;
}

const struct evreader_stat *evsource_stat(const struct evsource *s)
{
	return evreader_stat(s->reader);
}

const char *evsource_name(const struct evsource *s)
{
	return s->name;
}
