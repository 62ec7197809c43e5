/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/unix_sock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ns.h"
#include "tests/unit/test.h"

/* A listener, and both ends of a connection to it. */
struct ends {
	char path[64];
	int listener, client, server;
};

static void ends_open(struct ends *e)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	snprintf(e->path, sizeof(e->path), "/tmp/takt-unit-%d.sock", (int)getpid());
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", e->path);
	unlink(e->path);
	e->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(e->listener, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(e->listener, 1), 0);
	e->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(e->client, (struct sockaddr *)&sun, sizeof(sun)), 0);
	e->server = accept(e->listener, NULL, NULL);
	assert_true(e->server >= 0);
}

static void ends_close(struct ends *e)
{
	close(e->server);
	close(e->client);
	close(e->listener);
	unlink(e->path);
}

/* Without the limit this read would never end. */
static void a_silent_peer_is_waited_for_in_vain(void **state)
{
	struct ends e;
	char c;

	(void)state;
	ends_open(&e);
	assert_int_equal(unix_sock_limit(e.path, 10 * NS_PER_MS), 2);
	assert_int_equal(read(e.server, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(read(e.client, &c, 1), -1);
	ends_close(&e);
}

static void who_listens_is_left_alone(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct ends e;
	char c;
	int fd;

	(void)state;
	ends_open(&e);
	assert_int_equal(unix_sock_hang_up(e.path), 2);
	assert_int_equal(read(e.server, &c, 1), 0);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", e.path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	ends_close(&e);
}

/* Both ends of the connection are ours. */
static void the_peer_is_told(void **state)
{
	struct ends e;

	(void)state;
	ends_open(&e);
	assert_int_equal(unix_sock_peer(e.path), getpid());
	assert_int_equal(unix_sock_peer("/tmp/takt-unit-other.sock"), 0);
	close(e.server);
	close(e.client);
	assert_int_equal(unix_sock_peer(e.path), 0); /* who listens has none */
	e.server = e.client = -1;
	ends_close(&e);
}

/* Two of different processes on one socket: which is which is not to be told, so none is. */
static void two_peers_are_nobody(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int server, to_child[2], from_child[2];
	struct ends e;
	pid_t child;
	char c;

	(void)state;
	ends_open(&e);
	assert_int_equal(pipe(to_child) | pipe(from_child), 0);
	child = fork();
	if (!child) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", e.path);
		if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) || write(from_child[1], "x", 1) != 1 || read(to_child[0], &c, 1) < 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(from_child[0], &c, 1), 1);
	server = accept(e.listener, NULL, NULL);
	assert_true(server >= 0);
	assert_int_equal(unix_sock_peer(e.path), 0);
	close(e.client);
	close(e.server);
	assert_int_equal(unix_sock_peer(e.path), child);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(server);
	close(to_child[0]);
	close(to_child[1]);
	close(from_child[0]);
	close(from_child[1]);
	e.server = e.client = -1;
	ends_close(&e);
}

static void other_sockets_are_left_alone(void **state)
{
	struct ends e;

	(void)state;
	ends_open(&e);
	assert_int_equal(unix_sock_hang_up("/tmp/takt-unit-other.sock"), 0);
	assert_int_equal(write(e.client, "x", 1), 1);
	ends_close(&e);
}

static void what_is_dead_is_cleared_away(void **state)
{
	struct why why = {""};
	struct ends e;

	(void)state;
	ends_open(&e);
	assert_int_equal(unix_sock_clear(e.path, &why), -EADDRINUSE);
	close(e.listener);
	assert_int_equal(unix_sock_clear(e.path, &why), 0);
	assert_int_equal(access(e.path, F_OK), -1);
	assert_int_equal(unix_sock_clear(e.path, &why), 0);
	assert_int_equal(unix_sock_clear("/tmp", &why), -EEXIST);
	e.listener = -1;
	ends_close(&e);
}

TEST_GROUP("vnet/unix_sock",
	cmocka_unit_test(a_silent_peer_is_waited_for_in_vain),
	cmocka_unit_test(who_listens_is_left_alone),
	cmocka_unit_test(the_peer_is_told),
	cmocka_unit_test(two_peers_are_nobody),
	cmocka_unit_test(other_sockets_are_left_alone),
	cmocka_unit_test(what_is_dead_is_cleared_away),
)
