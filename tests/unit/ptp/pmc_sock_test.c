/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/pmc_sock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/test.h"

/* What answers in ptp4l's place: a thread that reads questions and does to each what `act` says. */
enum act {
	ANSWER,	      /* as ptp4l does: once, or once per port */
	SILENT,
	ONLY_SDO1,    /* a gPTP clock: nothing else is heard */
	JUNK_FIRST,   /* bytes, another's answer, an old answer, then the right one */
	REFUSE,	      /* an error */
	HANG_UP,      /* hello is answered; at the next question the socket is closed */
	ONE_PORT_OUT, /* one of the ports does not answer */
};

#define PORTS 3

struct fake {
	char dir[64], path[96];
	int fd;
	enum act act;
	pthread_t thread;
	_Atomic bool stop;
	_Atomic int asked;
};

static void reply(const struct fake *f, const uint8_t *q, size_t len, uint16_t port, const struct sockaddr_un *to,
		  socklen_t to_len)
{
	uint8_t r[PMC_MSG_MAX];

	memcpy(r, q, len);
	r[46] = 2;	/* RESPONSE */
	memcpy(r + 34, q + 20, 10);
	memset(r + 20, 0xaa, 8);
	r[28] = 0;
	r[29] = (uint8_t)port;
	if (q[52] == 0x20 && q[53] == 0x00)
		r[57] = PORTS; /* numberPorts */
	if (q[52] == 0x20 && q[53] == 0x04)
		r[63] = (uint8_t)port;
	assert_int_equal(sendto(f->fd, r, len, 0, (const struct sockaddr *)to, to_len), len);
}

static void reply_error(const struct fake *f, const uint8_t *q, const struct sockaddr_un *to, socklen_t to_len)
{
	uint8_t r[60];

	memcpy(r, q, 48);
	r[3] = sizeof(r);
	r[46] = 2;
	memcpy(r + 34, q + 20, 10);
	memcpy(r + 48, (const uint8_t[]){0, 2, 0, 8, 0, 6, q[52], q[53], 0, 0, 0, 0}, 12);
	sendto(f->fd, r, sizeof(r), 0, (const struct sockaddr *)to, to_len);
}

static void junk(const struct fake *f, const uint8_t *q, size_t len, const struct sockaddr_un *to, socklen_t to_len)
{
	uint8_t other[PMC_MSG_MAX];

	sendto(f->fd, "junk", 4, 0, (const struct sockaddr *)to, to_len);
	sendto(f->fd, "", 0, 0, (const struct sockaddr *)to, to_len);
	sendto(f->fd, q, len, 0, (const struct sockaddr *)to, to_len);	/* the question itself */
	memcpy(other, q, len);
	other[29]++;	/* to another asker */
	reply(f, other, len, 0, to, to_len);
	memcpy(other, q, len);
	other[31]--;	/* to the question before */
	reply(f, other, len, 0, to, to_len);
}

static void *fake_main(void *arg)
{
	struct fake *f = arg;
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	uint8_t q[PMC_MSG_MAX];
	struct sockaddr_un from;
	socklen_t from_len;
	bool hello, per_port;
	uint16_t port;
	ssize_t len;

	while (!atomic_load(&f->stop)) {
		if (poll(&p, 1, 10) <= 0)
			continue;
		from_len = sizeof(from);
		len = recvfrom(f->fd, q, sizeof(q), 0, (struct sockaddr *)&from, &from_len);
		if (len < 54)
			continue;
		hello = q[52] == 0x20 && q[53] == 0x00;
		per_port = q[53] == 0x04;
		atomic_fetch_add(&f->asked, 1);
		if (f->act == SILENT || q[0] >> 4 != (f->act == ONLY_SDO1))
			continue;
		if (f->act == HANG_UP && !hello) {
			shutdown(f->fd, SHUT_RDWR);
			close(f->fd);
			f->fd = -1;
			return NULL;
		}
		if (f->act == JUNK_FIRST)
			junk(f, q, (size_t)len, &from, from_len);
		if (f->act == REFUSE && !hello)
			reply_error(f, q, &from, from_len);
		else
			for (port = per_port; port <= (per_port ? PORTS : 0); port++)
				if (f->act != ONE_PORT_OUT || port != 2)
					reply(f, q, (size_t)len, port, &from, from_len);
	}
	return NULL;
}

static struct fake *fake_start(enum act act)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct fake *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->act = act;
	strcpy(f->dir, "/tmp/pmc_test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/ptp4l", f->dir);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", f->path);
	f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(f->fd >= 0);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, fake_main, f), 0);
	return f;
}

static void fake_kill(struct fake *f)
{
	atomic_store(&f->stop, true);
	pthread_join(f->thread, NULL);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static void fake_end(struct fake *f)
{
	fake_kill(f);
	unlink(f->path);
	assert_int_equal(rmdir(f->dir), 0);	/* nobody else left something there */
	free(f);
}

/* Where the asker's own socket would be. */
static int own_sockets(void)
{
	char command[128], line[16] = "";
	FILE *p;

	snprintf(command, sizeof(command), "for d in /run /tmp $XDG_RUNTIME_DIR; do ls $d; done | grep -c '^takt-pmc.%d[.]'",
		 (int)getpid());
	p = popen(command, "re");
	assert_non_null(p);
	assert_non_null(fgets(line, sizeof(line), p));
	pclose(p);
	return atoi(line);
}

/* One question to who acts like that: so many answers. */
static void ask_one(enum act act, enum pmc_id id, struct pmc_reply *r, int max, int want)
{
	struct fake *f = fake_start(act);
	struct why why = {""};
	struct pmc_sock *s;

	assert_int_equal(pmc_sock_open(&s, f->path, 0, &why), 0);
	assert_int_equal(pmc_sock_ask(s, id, r, max, &why), want);
	pmc_sock_close(s);
	fake_end(f);
}

static void test_asks(void **state)
{
	struct fake *f = fake_start(ANSWER);
	struct pmc_reply r[PORTS + 1];
	struct why why = {""};
	struct pmc_sock *s;
	int i;

	(void)state;
	assert_int_equal(pmc_sock_open(&s, f->path, 0, &why), 0);
	assert_string_equal(pmc_sock_path(s), f->path);
	assert_int_equal(pmc_sock_clock(s)->ports, PORTS);
	assert_int_equal(own_sockets(), 1);
	assert_int_equal(pmc_sock_ask(s, PMC_CURRENT_DS, r, PORTS, &why), 1);
	assert_int_equal(r[0].id, PMC_CURRENT_DS);
	assert_int_equal(pmc_sock_ask(s, PMC_PORT_DS, r, PORTS + 1, &why), PORTS);
	for (i = 0; i < PORTS; i++)
		assert_int_equal(r[i].port.identity.number, i + 1);
	assert_int_equal(pmc_sock_ask(s, PMC_PORT_DS, r, 2, &why), 2);
	assert_int_equal(pmc_sock_ask(s, PMC_TIME_STATUS_NP, r, 1, &why), 1);
	/* not the third port's answer that was left lying */
	assert_int_equal(r[0].id, PMC_TIME_STATUS_NP);
	pmc_sock_close(s);
	pmc_sock_close(NULL);
	assert_int_equal(own_sockets(), 0);
	fake_end(f);
}

static void test_gptp(void **state)
{
	struct pmc_reply r;

	(void)state;
	ask_one(ONLY_SDO1, PMC_CURRENT_DS, &r, 1, 1);
	assert_int_equal(r.sdo, 1);
}

static void test_junk_is_passed_over(void **state)
{
	struct pmc_reply r;

	(void)state;
	ask_one(JUNK_FIRST, PMC_CURRENT_DS, &r, 1, 1);
	assert_int_equal(r.sequence, 2);	/* hello was the first */
}

static void test_an_error_ends_the_waiting(void **state)
{
	struct pmc_reply r[PORTS];

	(void)state;
	ask_one(REFUSE, PMC_PORT_PROPERTIES_NP, r, PORTS, 1);
	assert_int_equal(r[0].error, 6);
}

static void test_a_port_that_is_out(void **state)
{
	struct pmc_reply r[PORTS];

	(void)state;
	ask_one(ONE_PORT_OUT, PMC_PORT_DS, r, PORTS, PORTS - 1);
	assert_int_equal(r[1].port.identity.number, 3);
}

static void test_silence(void **state)
{
	struct fake *f = fake_start(SILENT);
	struct why why = {""};
	struct pmc_sock *s;

	(void)state;
	assert_int_equal(pmc_sock_open(&s, f->path, 5, &why), -ETIMEDOUT);
	test_why_names(&why, f->path, "domain", "5", NULL);
	assert_int_equal(atomic_load(&f->asked), 2);	/* with either nibble */
	assert_int_equal(own_sockets(), 0);
	fake_end(f);
}

static void test_gone(void **state)
{
	struct fake *f = fake_start(HANG_UP);
	struct why why = {""};
	struct pmc_reply r;
	struct pmc_sock *s;
	int err;

	(void)state;
	assert_int_equal(pmc_sock_open(&s, f->path, 0, &why), 0);
	err = pmc_sock_ask(s, PMC_CURRENT_DS, &r, 1, &why);
	assert_true(err == -ETIMEDOUT || err == -ECONNRESET);	/* the question was taken, and then nobody was there */
	why.text[0] = '\0';
	assert_int_equal(pmc_sock_ask(s, PMC_CURRENT_DS, &r, 1, &why), -ECONNRESET);
	test_why_names(&why, f->path, "ended", NULL);
	pmc_sock_close(s);
	fake_kill(f);
	/* The file outlives a ptp4l that was killed. */
	assert_int_equal(pmc_sock_open(&s, f->path, 0, &why), -ECONNREFUSED);
	test_why_names(&why, f->path, "ended", NULL);
	assert_int_equal(own_sockets(), 0);
	fake_end(f);
}

static void test_no_socket(void **state)
{
	struct why why = {""};
	struct pmc_sock *s;
	char path[200];

	(void)state;
	assert_int_equal(pmc_sock_open(&s, "/tmp/nosuch/ptp4l", 0, &why), -ENOENT);
	test_why_names(&why, "/tmp/nosuch/ptp4l", "uds_address", NULL);
	assert_int_equal(pmc_sock_open(&s, "/etc/passwd", 0, &why), -EINVAL);
	test_why_names(&why, "/etc/passwd", NULL);
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(pmc_sock_open(&s, path, 0, &why), -EINVAL);
	test_why_names(&why, "too long", NULL);
	assert_int_equal(own_sockets(), 0);
}

TEST_GROUP("ptp/pmc_sock",
	cmocka_unit_test(test_asks),
	cmocka_unit_test(test_gptp),
	cmocka_unit_test(test_junk_is_passed_over),
	cmocka_unit_test(test_an_error_ends_the_waiting),
	cmocka_unit_test(test_a_port_that_is_out),
	cmocka_unit_test(test_silence),
	cmocka_unit_test(test_gone),
	cmocka_unit_test(test_no_socket),
)
