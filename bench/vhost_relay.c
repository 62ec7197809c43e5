/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vhost_relay.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define HEAD	    12	/* of a message: request, flags, size: uint32 each, in the machine's order */
#define PAYLOAD	    4096
#define FDS	    16
#define GET_FEATURES 1

#define BIT(n) (UINT64_C(1) << (n))
/* CSUM, GUEST_CSUM, MTU; segmentation, 7 to 14; control queue and what goes by it, 17 to 23; the log of memory; packed rings. */
#define NEVER (BIT(0) | BIT(1) | BIT(3) | UINT64_C(0x7f80) | UINT64_C(0xfe0000) | BIT(26) | BIT(34))

struct message {
	uint8_t bytes[HEAD + PAYLOAD];
	size_t len;
	int fd[FDS];
	int n_fds;
};

static void close_fds(struct message *m)
{
	while (m->n_fds > 0)
		close(m->fd[--m->n_fds]);
}

/* `n` more bytes; descriptors may come with any of them. 0, -EPIPE at the end, -errno. */
static int more(struct message *m, int fd, size_t n)
{
	char control[CMSG_SPACE(FDS * sizeof(int))];
	struct cmsghdr *c;
	ssize_t got;

	while (n) {
		struct iovec iov = {m->bytes + m->len, n};
		struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};

		got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EPIPE;
		for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
			size_t k, fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

			if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
				continue;
			for (k = 0; k < fds && m->n_fds < FDS; k++)
				memcpy(&m->fd[m->n_fds++], CMSG_DATA(c) + k * sizeof(int), sizeof(int));
		}
		m->len += (size_t)got;
		n -= (size_t)got;
	}
	return 0;
}

static uint32_t word(const struct message *m, size_t at)
{
	uint32_t v;

	memcpy(&v, m->bytes + at, sizeof(v));
	return v;
}

static int take(struct message *m, int fd)
{
	int rc;

	m->len = 0;
	m->n_fds = 0;
	rc = more(m, fd, HEAD);
	if (!rc && word(m, 8) > PAYLOAD)
		rc = -EMSGSIZE;
	return rc ?: more(m, fd, word(m, 8));
}

/* The message as it came: whole, and its descriptors with its first byte. */
static int pass(struct message *m, int fd)
{
	char control[CMSG_SPACE(FDS * sizeof(int))] = {0};
	struct iovec iov = {m->bytes, m->len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t put;

	if (m->n_fds) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE((size_t)m->n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN((size_t)m->n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), m->fd, (size_t)m->n_fds * sizeof(int));
	}
	do {
		put = sendmsg(fd, &msg, MSG_NOSIGNAL);
		if (put < 0 && errno != EINTR)
			return -errno;
		if (put > 0) {
			iov.iov_base = (uint8_t *)iov.iov_base + put;
			iov.iov_len -= (size_t)put;
			msg.msg_control = NULL;
			msg.msg_controllen = 0;
		}
	} while (iov.iov_len);
	return 0;
}

static void mask(struct message *m)
{
	uint64_t features;

	if (word(m, 0) != GET_FEATURES || word(m, 8) != sizeof(features))
		return;
	memcpy(&features, m->bytes + HEAD, sizeof(features));
	features &= ~NEVER;
	memcpy(m->bytes + HEAD, &features, sizeof(features));
}

static int relay(int guest, int backend)
{
	struct pollfd fd[2] = {{.fd = guest, .events = POLLIN}, {.fd = backend, .events = POLLIN}};
	struct message m;
	int i, rc;

	for (;;) {
		if (poll(fd, 2, -1) < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < 2; i++) {
			if (!fd[i].revents)
				continue;
			rc = take(&m, fd[i].fd);
			if (!rc && i == 1)
				mask(&m);
			rc = rc ?: pass(&m, fd[!i].fd);
			close_fds(&m);
			if (rc)
				return rc == -EPIPE || rc == -ECONNRESET ? 0 : rc;
		}
	}
}

static int open_at(const char *path, bool listens, struct why *why)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(at.sun_path))
		return why_fail(why, ENAMETOOLONG, "%.80s: a socket's path has at most %zu characters", path, sizeof(at.sun_path) - 1);
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || (listens ? bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 1) : connect(fd, (struct sockaddr *)&at, sizeof(at)))) {
		int err = errno;

		if (fd >= 0)
			close(fd);
		return why_fail(why, err, "%s: %s", path, strerror(err));
	}
	return fd;
}

int vhost_relay(const char *path, const char *backend, struct why *why)
{
	int door = open_at(path, true, why), guest = -1, to = -1, rc;

	if (door < 0)
		return door;
	log_info("relaying from %s to %s", path, backend);
	guest = accept4(door, NULL, NULL, SOCK_CLOEXEC);
	rc = guest < 0 ? why_fail(why, errno, "%s: %s", path, strerror(errno)) : 0;
	to = rc ? rc : open_at(backend, false, why);
	rc = to < 0 ? to : relay(guest, to);
	if (rc && to >= 0)
		why_fail(why, -rc, "between %s and %s: %s", path, backend, strerror(-rc));
	if (to >= 0)
		close(to);
	if (guest >= 0)
		close(guest);
	close(door);
	unlink(path);
	return rc;
}
