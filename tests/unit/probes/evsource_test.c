/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "probes/evsink.h"
#include "probes/evsource.h"
#include "probes/evwriter.h"

struct got {
	int n, metas;
	int64_t last;
};

static void on_event(void *ctx, const struct event *e)
{
	struct got *g = ctx;

	g->n++;
	g->last = e->t;
}

static void on_meta(void *ctx, const char *json)
{
	(void)json;
	((struct got *)ctx)->metas++;
}

static struct got got;
static struct evwriter w;
static const struct evreader_conf conf = { .on_event = on_event, .on_meta = on_meta, .ctx = &got };

static void add(int from, int to)
{
	for (int i = from; i < to; i++) {
		struct event e = { .t = i, .t_end = i, .kind = EV_IRQ };

		evwriter_add(&w, &e);
	}
	evwriter_flush(&w);
}

static int write_fd(void *ctx, const void *block, size_t bytes)
{
	return write(*(int *)ctx, block, bytes) == (ssize_t)bytes ? 0 : -errno;
}

static int work_until(struct evsource *s, int n)
{
	int rc = 0;

	for (int i = 0; i < 2000 && got.n < n; i++) {
		rc = evsource_work(s);
		if (rc < 0)
			break;
		if (!rc)
			usleep(1000);
	}
	return rc;
}

static void test_file(void **state)
{
	char path[] = "/tmp/takt-evsource-XXXXXX";
	struct evsource *source = NULL;
	struct evsink *sink = NULL;
	struct why why = { "" };

	(void)state;
	memset(&got, 0, sizeof(got));
	close(mkstemp(path));
	assert_int_equal(evsink_open(&sink, path, &why), 0);
	evwriter_init(&w, evsink_write, sink, 1, evsink_block_max(sink));
	evwriter_meta(&w, "{}");
	add(0, 5000);

	assert_int_equal(evsource_open(&source, path, true, &conf, &why), 0);
	assert_int_equal(evsource_work(source), 1);
	assert_int_equal(got.n, 5000);
	assert_int_equal(evsource_work(source), 0);	/* it may grow */
	add(5000, 5003);
	assert_int_equal(evsource_work(source), 1);
	assert_int_equal(got.last, 5002);
	evsource_close(source);

	memset(&got, 0, sizeof(got));
	assert_int_equal(evwriter_end(&w), 0);
	evsink_close(sink);
	assert_int_equal(evsource_open(&source, path, false, &conf, &why), 0);
	while (evsource_work(source) > 0)
		;
	assert_int_equal(got.n, 5003);
	assert_int_equal(evsource_work(source), -ENODATA);
	assert_true(evsource_stat(source)->ended);
	evsource_close(source);
	unlink(path);
}

static void test_datagrams(void **state)
{
	struct evsource *source = NULL;
	struct evsink *sink = NULL;
	struct why why = { "" };
	char spec[64];
	int port, rc = -EADDRINUSE;

	(void)state;
	memset(&got, 0, sizeof(got));
	for (port = 20000 + (int)getpid() % 20000; rc == -EADDRINUSE; port++) {
		snprintf(spec, sizeof(spec), "udp:127.0.0.1:%d", port);
		rc = evsource_open(&source, spec, false, &conf, &why);
	}
	assert_int_equal(rc, 0);
	assert_int_equal(evsink_open(&sink, spec, &why), 0);
	assert_int_equal(evsink_block_max(sink), EVFILE_MTU);
	evwriter_init(&w, evsink_write, sink, 1, evsink_block_max(sink));
	evwriter_meta(&w, "{}");
	add(0, 100);
	work_until(source, 100);
	assert_int_equal(got.n, 100);
	assert_int_equal(got.metas, 1);
	assert_int_equal(evsource_stat(source)->blocks, 1 + 5);	/* 21 events of 64 bytes fit */
	evsource_close(source);
	add(100, 200);	/* nobody there any more: counted, no failure of ours */
	add(200, 300);
	assert_int_equal(w.events + w.lost, 300);
	assert_true(w.lost > 0);
	evsink_close(sink);
}

/* A listener as QEMU is one, whose connections break in the middle of a block. */
static int listener(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(a.sun_path, path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int line;
static size_t line_left;	/* bytes until it breaks */

static int write_line(void *ctx, const void *block, size_t bytes)
{
	size_t n = bytes < line_left ? bytes : line_left;

	(void)ctx;
	assert_int_equal(write(line, block, n), n);
	line_left -= n;
	return 0;
}

static void test_a_connection_that_breaks_is_made_again(void **state)
{
	struct evsource *source = NULL;
	struct why why = { "" };
	char path[64], spec[80];
	int fd;

	(void)state;
	memset(&got, 0, sizeof(got));
	snprintf(path, sizeof(path), "/tmp/takt-evsource-%d.sock", (int)getpid());
	snprintf(spec, sizeof(spec), "unix:%s", path);
	unlink(path);
	assert_int_equal(evsource_open(&source, spec, false, &conf, &why), 0);	/* nobody listens yet */
	assert_int_equal(evsource_work(source), 0);

	fd = listener(path);
	usleep(120000);
	assert_int_equal(evsource_work(source), 0);
	line = accept(fd, NULL, NULL);
	assert_true(line >= 0);
	evwriter_init(&w, write_line, NULL, 1, EVFILE_HEAD + 10 * 64);
	line_left = 2 * (EVFILE_HEAD + 10 * 64) + 100;
	add(0, 30);
	close(line);
	work_until(source, 20);
	assert_int_equal(got.n, 20);

	usleep(120000);
	while (evsource_work(source) > 0)
		;
	usleep(120000);
	evsource_work(source);
	line = accept(fd, NULL, NULL);
	line_left = SIZE_MAX;
	add(30, 31);	/* shorter than what is missing of the block that was cut: it must not be taken for that */
	work_until(source, 21);
	assert_int_equal(got.n, 21);
	assert_int_equal(got.last, 30);
	assert_int_equal(evsource_stat(source)->damaged, 1);
	assert_int_equal(evsource_stat(source)->damaged_bytes, 100);
	assert_int_equal(evsource_stat(source)->missing, 1);
	close(line);
	close(fd);
	unlink(path);
	evsource_close(source);
}

/* A reader that stands still: blocks are lost whole, and what was begun is ended. */
static void test_a_reader_that_stands_still(void **state)
{
	struct evsource *source = NULL;
	struct evsink *sink = NULL;
	struct why why = { "" };
	char path[64];

	(void)state;
	memset(&got, 0, sizeof(got));
	snprintf(path, sizeof(path), "/tmp/takt-evsource-%d.fifo", (int)getpid());
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(evsink_open(&sink, path, &why), -ENXIO);
	assert_int_equal(evsource_open(&source, path, true, &conf, &why), 0);
	assert_int_equal(evsink_open(&sink, path, &why), 0);
	evwriter_init(&w, evsink_write, sink, 1, 0);
	add(0, 3000);		/* of which a pipe holds about 1000 */
	assert_true(w.lost > 0 && w.events > 0 && w.events + w.lost == 3000);
	assert_int_equal(w.error, -EAGAIN);
	while (evsource_work(source) > 0)
		;
	add(3000, 3500);
	add(3500, 3501);
	while (evsource_work(source) > 0)
		;
	assert_int_equal(got.last, 3500);
	assert_int_equal(evsource_stat(source)->damaged, 0);
	assert_int_equal(got.n, w.events);
	assert_true(evsource_stat(source)->missing > 0);
	evsink_close(sink);
	evsource_close(source);
	unlink(path);
}

static void test_refusals(void **state)
{
	static const struct row {
		const char *spec;
		int err;
		const char *names;
	} sinks[] = {
		{ "udp:10.0.0.1", EINVAL, "address and a port" },
		{ "udp:10.0.0.1:0", EINVAL, "address and a port" },
		{ "udp:10.0.0.1:65536", EINVAL, "address and a port" },
		{ "udp:localhost:7117", EINVAL, "no IP address" },
		{ "udp:[::1:7117", EINVAL, "no IP address" },
		{ "vsock:", EINVAL, "port number" },
		{ "vsock:70x", EINVAL, "port number" },
		{ "serial:", EINVAL, "name of a virtio-serial port" },
		{ "serial:no.such", ENODEV, "no virtio-serial port named no.such" },
		{ "/nonexistent/file", ENOENT, "/nonexistent/file" },
		{ "/tmp", EISDIR, "/tmp" },
	}, sources[] = {
		{ "udp:", EINVAL, "give a port" },
		{ "udp:x", EINVAL, "give a port" },
		{ "udp:-1", EINVAL, "give a port" },
		{ "udp:a.b:7117", EINVAL, "IPv4 address" },
		{ "vsock:0", EINVAL, "port number" },
		{ "unix:", EINVAL, "path of a socket" },
		{ "/nonexistent/file", ENOENT, "/nonexistent/file" },
	};
	struct evsource *source;
	struct evsink *sink;

	(void)state;
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++) {
		struct why why = { "" };

		assert_int_equal(evsink_open(&sink, sinks[i].spec, &why), -sinks[i].err);
		test_why_names(&why, sinks[i].names, NULL);
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct why why = { "" };

		assert_int_equal(evsource_open(&source, sources[i].spec, false, &conf, &why), -sources[i].err);
		test_why_names(&why, sources[i].names, NULL);
	}
}

static void send_from(const char *address, const struct sockaddr_in *to, int from, int n)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)to, sizeof(*to)), 0);
	evwriter_init(&w, write_fd, &fd, (uint16_t)from, EVFILE_MTU);
	add(from, from + n);
	close(fd);
}

/* Another guest does not speak in this one's name. */
static void test_datagrams_of_somebody_else(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct evsource *source = NULL;
	struct why why = { "" };
	char spec[40];
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	memset(&got, 0, sizeof(got));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);	/* a port that is free */
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	snprintf(spec, sizeof(spec), "udp:127.0.0.1:%d", ntohs(a.sin_port));
	assert_int_equal(evsource_open(&source, spec, true, &conf, &why), 0);
	send_from("127.0.0.1", &a, 1, 1);
	work_until(source, 1);
	send_from("127.0.0.2", &a, 100, 5);
	send_from("127.0.0.1", &a, 2, 1);
	work_until(source, 2);
	assert_int_equal(evsource_work(source), 0);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.last, 2);
	evsource_close(source);
}

TEST_GROUP("probes/evsource",
	cmocka_unit_test(test_file),
	cmocka_unit_test(test_datagrams),
	cmocka_unit_test(test_a_connection_that_breaks_is_made_again),
	cmocka_unit_test(test_a_reader_that_stands_still),
	cmocka_unit_test(test_refusals),
	cmocka_unit_test(test_datagrams_of_somebody_else),
)
