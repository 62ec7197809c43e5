/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/ctl.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "ptp/now.h"
#include "vnet/ctl_cmds.h"
#include "vnet/ctl_proto.h"
#include "vnet/unix_sock.h"

#define TICK_NS	 (100 * NS_PER_MS)
#define STUCK_NS (5 * NS_PER_SEC)	/* a client that takes none of its answer for so long is disconnected */

struct client {
	int fd;			/* -1: free */
	char *in; /* bytes that have come, room for CTL_MAX_REQUEST and a NUL; allocated while connected */
	size_t in_len;
	size_t scanned;		/* of them, known to have no newline */
	char *out;		/* answer being written; NULL: none */
	size_t out_len, out_pos;
	int64_t t_moved;	/* CLOCK_MONOTONIC of the last byte written */
};

struct ctl {
	struct bridge *bridge;
	int64_t t_start;	/* CLOCK_MONOTONIC, as all instants here */
	int listen_fd, epoll_fd;
	bool bound;
	struct sockaddr_un addr;
	struct client client[CTL_MAX_CLIENTS];
};

/* -- the socket ---------------------------------------------------------------------------------------------- */

/* The mode is set before anybody can connect: between bind() and listen() a connect() is refused. */
static int open_socket(struct ctl *c, struct why *why)
{
	int err = unix_sock_clear(c->addr.sun_path, why);

	if (err) {
		why_at(why, "run-dir");
		return err;
	}
	c->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->listen_fd < 0)
		return why_fail(why, errno, "control socket: %s", strerror(errno));
	if (bind(c->listen_fd, (const struct sockaddr *)&c->addr, sizeof(c->addr)))
		return why_fail(why, errno, "run-dir: cannot make %s: %s", c->addr.sun_path, strerror(errno));
	c->bound = true;
	if (chmod(c->addr.sun_path, 0600) || listen(c->listen_fd, CTL_MAX_CLIENTS))
		return why_fail(why, errno, "run-dir: cannot listen on %s: %s", c->addr.sun_path, strerror(errno));
	return 0;
}

static int watch(struct ctl *c, int op, int fd, uint32_t events, uint32_t id)
{
	struct epoll_event ev = {.events = events, .data.u32 = id};

	return epoll_ctl(c->epoll_fd, op, fd, &ev) ? -errno : 0;
}

int ctl_open(struct ctl **out, struct bridge *b, struct why *why)
{
	const struct conf *conf = bridge_conf(b);
	struct ctl *c = calloc(1, sizeof(*c));
	int err, i;

	if (!c)
		return why_fail(why, ENOMEM, "control socket: out of memory");
	c->bridge = b;
	c->t_start = now_mono();
	c->listen_fd = c->epoll_fd = -1;
	for (i = 0; i < CTL_MAX_CLIENTS; i++)
		c->client[i].fd = -1;
	c->addr.sun_family = AF_UNIX;
	snprintf(c->addr.sun_path, sizeof(c->addr.sun_path), "%s/%s%s", conf->run_dir, conf->name, CTL_SUFFIX);
	if (mkdir(conf->run_dir, 0755) && errno != EEXIST) {
		err = why_fail(why, errno, "run-dir: cannot make %s: %s", conf->run_dir, strerror(errno));
		goto fail;
	}
	err = open_socket(c, why);
	if (err)
		goto fail;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = c->epoll_fd < 0 ? -errno : watch(c, EPOLL_CTL_ADD, c->listen_fd, EPOLLIN, CTL_MAX_CLIENTS);
	if (err) {
		why_fail(why, -err, "control socket: %s", strerror(-err));
		goto fail;
	}
	*out = c;
	return 0;
fail:
	ctl_close(c);
	return err;
}

/* -- clients ------------------------------------------------------------------------------------------------- */

static void drop(struct client *cl)
{
	close(cl->fd); /* leaves the epoll set by itself */
	free(cl->in);
	free(cl->out);
	*cl = (struct client){.fd = -1};
}

void ctl_close(struct ctl *c)
{
	int i;

	if (!c)
		return;
	for (i = 0; i < CTL_MAX_CLIENTS; i++)
		if (c->client[i].fd >= 0)
			drop(&c->client[i]);
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	if (c->listen_fd >= 0)
		close(c->listen_fd);
	if (c->bound)
		unlink(c->addr.sun_path);
	free(c);
}

static void take_client(struct ctl *c)
{
	static const char full[] = "{\"ok\": false, \"errno\": 11, \"error\": \"too many clients talk to this "
				   "taktd: try again later\"}\n";
	struct client *cl = c->client;
	int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	while (cl < &c->client[CTL_MAX_CLIENTS] && cl->fd >= 0)
		cl++;
	if (cl == &c->client[CTL_MAX_CLIENTS]) {
		if (send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL) < 0)
			log_debug("control socket: %s", strerror(errno));
		close(fd);
		return;
	}
	*cl = (struct client){.fd = fd, .in = malloc(CTL_MAX_REQUEST + 1)};
	if (!cl->in || watch(c, EPOLL_CTL_ADD, fd, EPOLLIN, (uint32_t)(cl - c->client)))
		drop(cl);
}

/* 0: written, or as much as the client takes now. */
static int push_answer(struct client *cl)
{
	ssize_t n;

	while (cl->out) {
		n = send(cl->fd, cl->out + cl->out_pos, cl->out_len - cl->out_pos, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		cl->t_moved = now_mono();
		cl->out_pos += (size_t)n;
		if (cl->out_pos == cl->out_len) {
			free(cl->out);
			cl->out = NULL;
		}
	}
	return 0;
}

/* Answer the requests that have come, one after the other, as long as their answers are taken. */
static int serve(struct ctl *c, struct client *cl)
{
	struct ctl_house house = {c->bridge, now_mono() - c->t_start};
	size_t used;
	char *end;
	int err = 0;

	while (!err && !cl->out) {
		end = memchr(cl->in + cl->scanned, '\n', cl->in_len - cl->scanned);
		if (!end) {
			cl->scanned = cl->in_len;
			return cl->in_len == CTL_MAX_REQUEST ? -E2BIG : 0;
		}
		*end = '\0';
		err = ctl_answer(&house, cl->in, &cl->out, &cl->out_len);
		if (err)
			return err;
		used = (size_t)(end + 1 - cl->in);
		memmove(cl->in, cl->in + used, cl->in_len - used);
		cl->in_len -= used;
		cl->scanned = 0;
		cl->out_pos = 0;
		cl->t_moved = now_mono();
		err = push_answer(cl);
	}
	return err;
}

static int receive(struct client *cl)
{
	ssize_t n = recv(cl->fd, cl->in + cl->in_len, CTL_MAX_REQUEST - cl->in_len, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	cl->in_len += (size_t)n;
	return n ? 0 : -ECONNRESET;
}

/* While an answer waits to be taken, nothing more is read: a client cannot make us hold more than one answer. */
static void on_client(struct ctl *c, uint32_t i, uint32_t events)
{
	struct client *cl = &c->client[i];
	int err = 0;

	if (cl->fd < 0)
		return;
	if (events & EPOLLOUT)
		err = push_answer(cl);
	if (!err && !cl->out && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		err = receive(cl);
	if (!err)
		err = serve(c, cl);
	if (!err)
		err = watch(c, EPOLL_CTL_MOD, cl->fd, cl->out ? EPOLLOUT : EPOLLIN, i);
	if (err)
		drop(cl);
}

/* -- the loop ------------------------------------------------------------------------------------------------ */

static void tick(struct ctl *c, int64_t now)
{
	int i;

	bridge_tick(c->bridge);
	for (i = 0; i < CTL_MAX_CLIENTS; i++)
		if (c->client[i].fd >= 0 && c->client[i].out && now - c->client[i].t_moved > STUCK_NS)
			drop(&c->client[i]);
}

int ctl_run(struct ctl *c, volatile sig_atomic_t *stop)
{
	struct epoll_event ev[CTL_MAX_CLIENTS + 1];
	int64_t now = now_mono(), t_tick = now;
	int i, n;

	while (!*stop) {
		n = epoll_wait(c->epoll_fd, ev, CTL_MAX_CLIENTS + 1, (int)((t_tick - now + NS_PER_MS - 1) / NS_PER_MS));
		if (n < 0 && errno != EINTR) {
			log_error("control socket: %s", strerror(errno));
			return -errno;
		}
		for (i = 0; i < n; i++) {
			if (ev[i].data.u32 == CTL_MAX_CLIENTS)
				take_client(c);
			else
				on_client(c, ev[i].data.u32, ev[i].events);
		}
		now = now_mono();
		if (now >= t_tick) {
			tick(c, now);
			t_tick = now + TICK_NS;
		}
	}
	return 0;
}
