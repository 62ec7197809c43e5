/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/pmc_sock.h"

#include "ptp/now.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BOTH_SDO 2 /* nibbles tried at first: 0 and 1 */

struct pmc_sock {
	int fd;
	uint8_t domain, sdo;
	uint16_t sequence;
	struct pmc_default clock;
	struct sockaddr_un own, peer; /* own.sun_path is "" until bound */
};

/* Where ptp4l listens unless its configuration says otherwise: after 4.4, up to 4.4; and for whom reading is enough. */
static const char *const default_paths[] = {
	"/var/run/ptp/ptp4l",
	"/var/run/ptp4l",
	"/var/run/ptp/ptp4lro",
	"/var/run/ptp4lro",
};
#define DEFAULT_PATHS (sizeof(default_paths) / sizeof(default_paths[0]))

/* -- finding it ------------------------------------------------------------------------------------------------- */

static int dial(struct pmc_sock *s, const char *path)
{
	size_t len = strlen(path);
	struct stat st;

	if (len >= sizeof(s->peer.sun_path))
		return -EINVAL;
	s->peer = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(s->peer.sun_path, path, len + 1);
	if (!stat(path, &st) && !S_ISSOCK(st.st_mode))
		return -ENOTSOCK; /* connect() would speak of a connection refused */
	return connect(s->fd, (const struct sockaddr *)&s->peer, sizeof(s->peer)) ? -errno : 0;
}

static int dial_failed(const char *path, int err, struct why *why)
{
	switch (err) {
	case -EINVAL:
		return why_fail(why, EINVAL, "%.64s... is too long for the path of a socket", path);
	case -ENOENT:
		return why_fail(why, ENOENT, "no ptp4l at %s: start it, or give its uds_address", path);
	case -ECONNREFUSED:
		return why_fail(why, ECONNREFUSED, "%s is there, but its ptp4l has ended: start it again", path);
	case -EACCES:
	case -EPERM:
		return why_fail(why, EACCES,
				"%s is not for this user: run as root, or give ptp4l's uds_ro_address (linuxptp 4.0 on)", path);
	case -EPROTOTYPE:
	case -ENOTSOCK:
		return why_fail(why, EINVAL, "%s is not the socket of a ptp4l: give its uds_address", path);
	default:
		return why_fail(why, -err, "%s: %s", path, strerror(-err));
	}
}

/* The first default that is alive; else the reason that says most: why one that is there cannot be used. */
static int dial_any(struct pmc_sock *s, struct why *why)
{
	const char *telling = NULL;
	int err, told = 0;
	size_t i;

	for (i = 0; i < DEFAULT_PATHS; i++) {
		err = dial(s, default_paths[i]);
		if (!err)
			return 0;
		if (err != -ENOENT && !telling) {
			telling = default_paths[i];
			told = err;
		}
	}
	if (telling)
		return dial_failed(telling, told, why);
	return why_fail(why, ENOENT, "no ptp4l: neither %s nor %s is there: start one, or give its uds_address",
			default_paths[0], default_paths[1]);
}

/* -- our own address: ptp4l answers to a path ------------------------------------------------------------------- */

static int bind_in(struct pmc_sock *s, const char *dir)
{
	struct sockaddr_un own = {.sun_family = AF_UNIX};
	struct stat st;
	int n = snprintf(own.sun_path, sizeof(own.sun_path), "%s/takt-pmc.%d.%d", dir, (int)getpid(), s->fd);

	if (n >= (int)sizeof(own.sun_path))
		return -ENAMETOOLONG;
	/* One of a process that had our number and was killed. */
	if (!lstat(own.sun_path, &st) && S_ISSOCK(st.st_mode))
		unlink(own.sun_path);
	if (bind(s->fd, (const struct sockaddr *)&own, sizeof(own)))
		return -errno;
	s->own = own;
	/* ptp4l may run as another user. It is connected, so that nobody else can send to it anyway. */
	return chmod(own.sun_path, 0666) ? -errno : 0;
}

static int bind_own(struct pmc_sock *s, struct why *why)
{
	const char *dirs[] = {"/run", getenv("XDG_RUNTIME_DIR"), "/tmp"};
	int err = -ENOENT;
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (!dirs[i] || !*dirs[i])
			continue;
		err = bind_in(s, dirs[i]);
		if (!err)
			return 0;
	}
	return why_fail(why, -err, "no place for the socket that ptp4l answers to, neither in /run nor in /tmp: %s",
			strerror(-err));
}

/* -- asking ----------------------------------------------------------------------------------------------------- */

static int gone(const struct pmc_sock *s, int err, struct why *why)
{
	if (err == EINTR)
		return why_fail(why, EINTR, "interrupted");
	return why_fail(why, ECONNRESET, "%s: ptp4l has ended meanwhile (%s): start it again", s->peer.sun_path,
			strerror(err));
}

static int silent(const struct pmc_sock *s, struct why *why)
{
	return why_fail(why, ETIMEDOUT,
			"%s: ptp4l does not answer within %d s: its domainNumber may be another one than %u, or it is stopped",
			s->peer.sun_path, (int)(PMC_WAIT_NS / NS_PER_SEC), s->domain);
}

static int send_question(struct pmc_sock *s, enum pmc_id id, struct why *why)
{
	struct pmc_question q = {
		.id = id, .domain = s->domain, .sdo = s->sdo, .sequence = s->sequence, .asker = (uint16_t)getpid()};
	uint8_t buf[PMC_MSG_MAX];
	int len = pmc_get(buf, sizeof(buf), &q);

	if (len < 0)
		return why_fail(why, -len, "data set 0x%04x cannot be asked for", id);
	if (send(s->fd, buf, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	return errno == EAGAIN ? silent(s, why) : gone(s, errno, why);
}

/* One answer to the running question; 0 when none came before t_end. Anything else is passed over. */
static int receive(struct pmc_sock *s, enum pmc_id id, struct pmc_reply *r, int64_t t_end, struct why *why)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	uint8_t buf[PMC_MSG_MAX];
	int64_t left;
	ssize_t len;
	int n;

	for (;;) {
		left = t_end - now_mono();
		n = left > 0 ? poll(&p, 1, (int)(left / NS_PER_MS) + 1) : 0;
		if (n < 0)
			return gone(s, errno, why);
		if (!n && left <= 0)
			return 0;
		if (!n)
			continue;
		len = recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0 && errno != EAGAIN)
			return gone(s, errno, why);
		if (len < 0 || pmc_parse(r, buf, (size_t)len, NULL))
			continue;
		if (r->sequence == s->sequence && r->id == id && r->to.number == (uint16_t)getpid())
			return 1;
	}
}

int pmc_sock_ask(struct pmc_sock *s, enum pmc_id id, struct pmc_reply *replies, int max, struct why *why)
{
	int64_t t_end = now_mono() + PMC_WAIT_NS;
	int n = 0, got, want = pmc_per_port(id) ? s->clock.ports : 1;
	int err;

	if (want > max)
		want = max;
	s->sequence++;
	err = send_question(s, id, why);
	if (err)
		return err;
	do {
		got = receive(s, id, &replies[n], t_end, why);
		if (got < 0)
			return got;
		n += got;
	} while (got && n < want && !replies[n - 1].error);
	return n ? n : silent(s, why);
}

static int say_hello(struct pmc_sock *s, struct why *why)
{
	int64_t t_end = now_mono() + PMC_WAIT_NS;
	struct pmc_reply r;
	int got, err;

	s->sequence++;
	for (s->sdo = 0; s->sdo < BOTH_SDO; s->sdo++) {
		err = send_question(s, PMC_DEFAULT_DS, why);
		if (err)
			return err;
	}
	got = receive(s, PMC_DEFAULT_DS, &r, t_end, why);
	if (got < 0)
		return got;
	if (!got)
		return silent(s, why);
	if (r.error)
		return why_fail(why, EPROTO, "%s: refuses DEFAULT_DATA_SET with %s: is it a ptp4l?", s->peer.sun_path,
				pmc_error(r.error));
	s->sdo = r.sdo;
	s->clock = r.default_ds;
	return 0;
}

int pmc_sock_open(struct pmc_sock **out, const char *path, uint8_t domain, struct why *why)
{
	struct pmc_sock *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return why_fail(why, ENOMEM, "out of memory");
	s->domain = domain;
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0) {
		err = why_fail(why, errno, "cannot make a socket: %s", strerror(errno));
		goto fail;
	}
	if (path) {
		err = dial(s, path);
		if (err)
			err = dial_failed(path, err, why);
	} else {
		err = dial_any(s, why);
	}
	if (!err)
		err = bind_own(s, why);
	if (!err)
		err = say_hello(s, why);
	if (err)
		goto fail;
	*out = s;
	return 0;
fail:
	pmc_sock_close(s);
	return err;
}

void pmc_sock_close(struct pmc_sock *s)
{
	if (!s)
		return;
	if (s->own.sun_path[0])
		unlink(s->own.sun_path);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

const char *pmc_sock_path(const struct pmc_sock *s)
{
	return s->peer.sun_path;
}

const struct pmc_default *pmc_sock_clock(const struct pmc_sock *s)
{
	return &s->clock;
}

uint8_t pmc_sock_sdo(const struct pmc_sock *s)
{
	return s->sdo;
}
