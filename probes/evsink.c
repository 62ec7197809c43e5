/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/evsink.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>
#include <unistd.h>

#include "base/ns.h"
#include "probes/evfile.h"
#include "ptp/now.h"

#define PORTS_DEV "/dev/virtio-ports"
#define PORTS_DIR "/sys/class/virtio-ports"

enum kind { SINK_FILE, SINK_SERIAL, SINK_VSOCK, SINK_UDP };

struct evsink {
	enum kind kind;
	int fd;				/* -1: a socket that is to be connected again */
	unsigned int port;		/* of vsock */
	int64_t t_retry;
	size_t rest, at;		/* bytes of a block that was begun, in buf from at on */
	char name[200];
	uint8_t buf[EVFILE_HEAD + EVFILE_MAX];
};

/* -- opening ------------------------------------------------------------------------------------------------------------- */

/* The virtio-serial port of this name: as udev calls it, else as the kernel says. */
static int find_port(char path[static 300], const char *name)
{
	DIR *dir;
	struct dirent *d;
	int rc = -ENODEV;

	snprintf(path, 300, PORTS_DEV "/%.100s", name);
	if (!access(path, F_OK))
		return 0;
	dir = opendir(PORTS_DIR);
	while (dir && rc && (d = readdir(dir))) {
		char got[100] = "";
		FILE *f;

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, 300, PORTS_DIR "/%.200s/name", d->d_name);
		f = fopen(path, "re");
		if (f && fgets(got, sizeof(got), f))
			got[strcspn(got, "\n")] = '\0';
		if (f)
			fclose(f);
		if (!strcmp(got, name)) {
			snprintf(path, 300, "/dev/%.200s", d->d_name);
			rc = 0;
		}
	}
	if (dir)
		closedir(dir);
	return rc;
}

static int open_serial(struct evsink *s, const char *name, struct why *why)
{
	char path[300];

	if (!*name || strchr(name, '/') || strlen(name) > 80)
		return why_fail(why, EINVAL, "serial:%.60s: give the name of a virtio-serial port, e.g. serial:" EVSINK_SERIAL, name);
	if (find_port(path, name))
		return why_fail(why, ENODEV, "this guest has no virtio-serial port named %s (" PORTS_DIR " lists those it has; in QEMU: "
				"-device virtio-serial-pci -device virtserialport,chardev=...,name=%s)", name, name);
	s->fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0)
		return why_fail(why, errno, "%s: %s", path, errno == EBUSY ? "another process has it open" : strerror(errno));
	snprintf(s->name, sizeof(s->name), "serial:%s (%.100s)", name, path);
	return 0;
}

static int connect_vsock(struct evsink *s)
{
	struct sockaddr_vm a = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = s->port };
	int rc;

	s->t_retry = now_mono() + NS_PER_SEC;
	s->rest = 0;
	s->fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	if (!connect(s->fd, (struct sockaddr *)&a, sizeof(a)) && fcntl(s->fd, F_SETFL, O_NONBLOCK) == 0)
		return 0;
	rc = -errno;
	close(s->fd);
	s->fd = -1;
	return rc;
}

static int open_vsock(struct evsink *s, const char *port, struct why *why)
{
	char *end;
	unsigned long n = strtoul(port, &end, 10);
	int rc;

	if (!*port || *end || n > UINT32_MAX)
		return why_fail(why, EINVAL, "vsock:%.60s: give a port number, e.g. vsock:7117", port);
	s->kind = SINK_VSOCK;
	s->port = (unsigned int)n;
	snprintf(s->name, sizeof(s->name), "vsock:%lu", n);
	rc = connect_vsock(s);
	if (rc)
		return why_fail(why, -rc, "vsock:%lu: %s: does the host listen there, and has this guest a vsock device?", n, strerror(-rc));
	return 0;
}

static int open_udp(struct evsink *s, const char *where, struct why *why)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	const char *colon = strrchr(where, ':');
	char host[64];
	bool six = where[0] == '[' && colon && colon > where + 1 && colon[-1] == ']';
	char *end;
	unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;

	if (!colon || !port || *end || port > 65535 || (size_t)(colon - where) >= sizeof(host))
		return why_fail(why, EINVAL, "udp:%.80s: give an address and a port, e.g. udp:10.0.0.1:7117 or udp:[fe80::1]:7117", where);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - where - 2 * six), where + six);
	a6.sin6_port = a4.sin_port = htons((uint16_t)port);
	if (six ? inet_pton(AF_INET6, host, &a6.sin6_addr) != 1 : inet_pton(AF_INET, host, &a4.sin_addr) != 1)
		return why_fail(why, EINVAL, "udp:%.80s: %s is no IP address (names are not looked up)", where, host);
	s->kind = SINK_UDP;
	snprintf(s->name, sizeof(s->name), "udp:%.80s", where);
	s->fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || connect(s->fd, six ? (void *)&a6 : (void *)&a4, six ? sizeof(a6) : sizeof(a4)))
		return why_fail(why, errno, "udp:%.80s: %s", where, strerror(errno));
	return 0;
}

/* "bogus:1": a word that would be a way if there were one of that name. */
static bool is_scheme(const char *spec)
{
	size_t n = strspn(spec, "abcdefghijklmnopqrstuvwxyz0123456789");

	return n && spec[n] == ':';
}

static int open_file(struct evsink *s, const char *path, struct why *why)
{
	if (is_scheme(path))
		return why_fail(why, EINVAL, "%.80s: there is no such way: give serial:NAME, vsock:PORT or udp:ADDR:PORT; to a file of this name, ./%.80s",
				path, path);
	s->kind = SINK_FILE;
	if (!strcmp(path, "-")) {
		strcpy(s->name, "standard output");
		s->fd = isatty(1) ? -1 : fcntl(1, F_DUPFD_CLOEXEC, 3);
		return s->fd < 0 ? why_fail(why, EINVAL, "standard output is a terminal: redirect it, or give --out a file") : 0;
	}
	s->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0644);	/* a FIFO may be full */
	if (s->fd < 0)
		return why_fail(why, errno, "%s: %s", path, errno == ENXIO ? "nobody reads this FIFO" : strerror(errno));
	snprintf(s->name, sizeof(s->name), "%.190s", path);
	return 0;
}

static int open_default(struct evsink *s, struct why *why)
{
	char path[300], port[16];

	if (!find_port(path, EVSINK_SERIAL))
		return open_serial(s, EVSINK_SERIAL, why);
	snprintf(port, sizeof(port), "%d", EVSINK_VSOCK);
	s->kind = SINK_VSOCK;
	if (!open_vsock(s, port, NULL))
		return 0;
	return why_fail(why, ENODEV, "events have nowhere to go: this guest has no virtio-serial port named " EVSINK_SERIAL ", and nobody listens at "
			"vsock:%d of its host: give --out a file, udp:ADDR:PORT or -", EVSINK_VSOCK);
}

int evsink_open(struct evsink **out, const char *spec, struct why *why)
{
	struct evsink *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return why_fail(why, ENOMEM, "out of memory");
	s->fd = -1;
	s->kind = SINK_SERIAL;
	if (!spec)
		rc = open_default(s, why);
	else if (!strncmp(spec, "serial:", 7))
		rc = open_serial(s, spec + 7, why);
	else if (!strncmp(spec, "vsock:", 6))
		rc = open_vsock(s, spec + 6, why);
	else if (!strncmp(spec, "udp:", 4))
		rc = open_udp(s, spec + 4, why);
	else
		rc = open_file(s, spec, why);
	if (rc) {
		evsink_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void evsink_close(struct evsink *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

uint32_t evsink_block_max(const struct evsink *s)
{
	return s->kind == SINK_UDP ? EVFILE_MTU : 0;
}

const char *evsink_name(const struct evsink *s)
{
	return s->name;
}

/* -- writing ------------------------------------------------------------------------------------------------------------- */

/* Bytes that went out until t_end; or -errno when none did. */
static ssize_t put(struct evsink *s, const uint8_t *at, size_t n, int64_t t_end)
{
	size_t done = 0;

	while (done < n) {
		ssize_t k = s->kind == SINK_VSOCK ? send(s->fd, at + done, n - done, MSG_NOSIGNAL) : write(s->fd, at + done, n - done);
		struct pollfd p = { .fd = s->fd, .events = POLLOUT };
		int64_t left_ns = t_end - now_mono();

		if (k > 0) {
			done += (size_t)k;
			continue;
		}
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno != EAGAIN)
			return done ? (ssize_t)done : -errno;
		if (left_ns <= 0)
			break;
		poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1);
		if (p.revents & POLLHUP)	/* the host closed its end of the serial port */
			break;
	}
	return done ? (ssize_t)done : -EAGAIN;
}

static int broken(struct evsink *s, int rc)
{
	if (s->kind == SINK_VSOCK && rc != -EAGAIN) {
		close(s->fd);
		s->fd = -1;
	}
	return rc;
}

int evsink_write(void *sink, const void *block, size_t bytes)
{
	struct evsink *s = sink;
	int64_t t_end = now_mono() + EVSINK_WAIT_MS * NS_PER_MS;
	ssize_t n;

	if (s->kind == SINK_UDP) {
		n = send(s->fd, block, bytes, MSG_NOSIGNAL);
		return n < 0 ? -errno : 0;
	}
	if (s->fd < 0 && (now_mono() < s->t_retry || connect_vsock(s)))
		return -ENOTCONN;
	if (s->rest) {
		n = put(s, s->buf + s->at, s->rest, t_end);
		if (n < 0)
			return broken(s, (int)n);
		s->at += (size_t)n;
		s->rest -= (size_t)n;
		if (s->rest)
			return -EAGAIN;
	}
	n = put(s, block, bytes, t_end);
	if (n < 0)
		return broken(s, (int)n);
	s->at = 0;
	s->rest = bytes - (size_t)n;
	memcpy(s->buf, (const uint8_t *)block + n, s->rest);
	return 0;
}
