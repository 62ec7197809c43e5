/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ns.h"
#include "ptp/now.h"
#include "vnet/ctl_proto.h"

#define WAIT_NS (5 * NS_PER_SEC)
#define MAX_REPLY (64 << 20)	/* bytes: all ports with full schedules fit */

static int dial(const char *name, struct why *why)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, n, err;

	if (!name)
		name = CTL_NAME;
	n = snprintf(addr.sun_path, sizeof(addr.sun_path), strchr(name, '/') ? "%s" : CTL_RUN_DIR "/%s" CTL_SUFFIX,
		     name);
	if (n >= (int)sizeof(addr.sun_path))
		return why_fail(
			why, EINVAL,
			"--name %.64s is too long: give the name of an instance or the path of its control socket",
			name);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_fail(why, errno, "cannot make a socket: %s", strerror(errno));
	if (!connect(fd, (const struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	err = errno;
	close(fd);
	if (err == ENOENT || err == ECONNREFUSED)
		return why_fail(why, err,
				"no taktd answers on %s: start one (taktd -c FILE), or name another with --name; of one with another run-dir give the "
				"socket's path: --name RUN-DIR/NAME" CTL_SUFFIX,
				addr.sun_path);
	return why_fail(why, err, "%s: %s%s", addr.sun_path, strerror(err),
			err == EACCES || err == EPERM ? ": run as root" : "");
}

static int wait_for(int fd, short events, int64_t t_end, struct why *why)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left;
	int n;

	do {
		left = t_end - now_mono();
		n = left > 0 ? poll(&p, 1, (int)(left / NS_PER_MS) + 1) : 0;
		if (n < 0)
			return why_fail(why, errno, errno == EINTR ? "interrupted" : "cannot wait for taktd: %s",
					strerror(errno));
		if (!n && left <= 0)
			return why_fail(why, ETIMEDOUT, "taktd did not answer within 5 s: is it stopped?");
	} while (!n);
	return 0;
}

static int send_all(int fd, const char *text, size_t len, int64_t t_end, struct why *why)
{
	ssize_t n;
	int err;

	while (len) {
		err = wait_for(fd, POLLOUT, t_end, why);
		if (err)
			return err;
		n = send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return why_fail(why, errno, "taktd hung up: %s", strerror(errno));
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int receive_line(int fd, char **line, int64_t t_end, struct why *why)
{
	size_t len = 0, room = 1 << 16;
	char *buf = malloc(room), *more;
	ssize_t n;
	int err = buf ? 0 : why_fail(why, ENOMEM, "out of memory");

	while (!err && !(len && buf[len - 1] == '\n')) {
		if (len + 1 == room) {
			room *= 2;
			more = room > MAX_REPLY ? NULL : realloc(buf, room);
			if (!more) {
				err = why_fail(why, ENOMEM, "the answer is too long");
				break;
			}
			buf = more;
		}
		err = wait_for(fd, POLLIN, t_end, why);
		if (err)
			break;
		n = recv(fd, buf + len, room - len - 1, MSG_DONTWAIT);
		if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
			err = why_fail(why, n ? errno : ECONNRESET, "taktd hung up before it answered: see its log");
		else if (n > 0)
			len += (size_t)n;
	}
	if (err) {
		free(buf);
		return err;
	}
	buf[len] = '\0';
	*line = buf;
	return 0;
}

static int read_reply(const char *line, json_t **reply, struct why *why)
{
	json_error_t e;
	json_t *r = json_loads(line, 0, &e);
	int err;

	if (!json_is_object(r)) {
		json_decref(r);
		return why_fail(why, EPROTO,
				"the answer is no JSON object (%s): do takt and taktd belong together?", e.text);
	}
	if (json_is_true(json_object_get(r, "ok"))) {
		*reply = r;
		return 0;
	}
	err = (int)json_integer_value(json_object_get(r, "errno"));
	why_fail(why, err, "%s", json_string_value(json_object_get(r, "error")) ?: "refused without a reason");
	json_decref(r);
	return err > 0 ? -err : -EPROTO;
}

int client_request(const char *name, json_t *req, json_t **reply, struct why *why)
{
	int64_t t_end = now_mono() + WAIT_NS;
	char *text = json_dumps(req, JSON_COMPACT);
	char *line = NULL;
	int fd, err;

	json_decref(req);
	if (!text)
		return why_fail(why, ENOMEM, "out of memory");
	fd = dial(name, why);
	if (fd < 0) {
		err = fd;
		goto out;
	}
	err = send_all(fd, text, strlen(text), t_end, why);
	if (!err)
		err = send_all(fd, "\n", 1, t_end, why);
	if (!err)
		err = receive_line(fd, &line, t_end, why);
	close(fd);
	if (!err)
		err = read_reply(line, reply, why);
out:
	free(line);
	free(text);
	return err;
}

bool client_is_there(const char *name)
{
	struct why why;
	int fd = dial(name, &why);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || (fd != -ECONNREFUSED && fd != -ENOENT);
}

/* -- records ----------------------------------------------------------------------------------- */

/* A name with a slash in it is a control socket, or the file of records itself. */
static int record_path(char *path, size_t size, const char *name, struct why *why)
{
	const char *base = strrchr(name, '/');
	size_t len;
	int n;

	if (!base) {
		n = snprintf(path, size, CTL_REC_PATH, name);
	} else {
		len = strlen(++base);
		if (len <= strlen(CTL_SUFFIX) || strcmp(base + len - strlen(CTL_SUFFIX), CTL_SUFFIX)) {
			n = snprintf(path, size, "%s", name);
		} else {
			char instance[64];

			snprintf(instance, sizeof(instance), "%.*s", (int)(len - strlen(CTL_SUFFIX)), base);
			n = snprintf(path, size, CTL_REC_PATH, instance);
		}
	}
	if (n >= (int)size)
		return why_fail(why, EINVAL, "--name %.64s is too long", name);
	return 0;
}

/* taktd writes no other header; a file from elsewhere may hold anything, and its names are printed. */
static bool is_sound(const struct rec_shm *s)
{
	uint32_t i;
	int k;

	if (s->n_ports > PKT_MAX_PORTS || s->head > INT64_MAX || s->gap_head > INT64_MAX)
		return false;
	for (i = 0; i < PKT_MAX_PORTS; i++) {
		for (k = 0; k < REC_NAME && s->port_name[i][k]; k++)
			if (s->port_name[i][k] < ' ' || s->port_name[i][k] > '~')
				return false;
		if (k == REC_NAME)
			return false;
	}
	return true;
}

static int check_records(const struct rec_shm *s, size_t size, const char *path, struct why *why)
{
	if (size < sizeof(*s) || memcmp(s->magic, REC_MAGIC, sizeof(s->magic)))
		return why_fail(why, EINVAL, "%s is no file of records", path);
	if (s->version != REC_VERSION || s->record_size != sizeof(struct pkt) || s->header_size != sizeof(*s))
		return why_fail(
			why, EINVAL,
			"%s is of another version (%u, this takt reads %d): use the takt that belongs to taktd",
			path, s->version, REC_VERSION);
	if (!s->capacity)
		return why_fail(why, ENODATA, "%s has no records: its taktd was started with `records: 0`; set another number and start it again", path);
	if ((s->capacity & (s->capacity - 1)) || !s->gap_capacity ||
	    (s->gap_capacity & (s->gap_capacity - 1)) || size < rec_size(s->capacity, s->gap_capacity))
		return why_fail(why, EINVAL, "%s is cut off: was it copied while it was written?", path);
	if (!is_sound(s))
		return why_fail(why, EINVAL, "%s is damaged: its header says what cannot be of its ports, or of how much was written", path);
	return 0;
}

int client_map(const struct rec_shm **out, const char *name, struct why *why)
{
	char path[256];
	struct stat st;
	void *p;
	int fd, err;

	if (!name)
		name = CTL_NAME;
	err = record_path(path, sizeof(path), name, why);
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !strcmp(path, name))
		return why_fail(why, ENOENT, "%.200s: no such file: give a recording's folder (takt record), or a copied file of records", path);
	if (fd < 0 && errno == ENOENT)
		return why_fail(
			why, ENOENT,
			"no taktd publishes records at %s: start one (taktd -c FILE), or name another with --name",
			path);
	if (fd < 0)
		return why_fail(why, errno, "%s: %s%s", path, strerror(errno), errno == EACCES ? ": run as root" : "");
	if (fstat(fd, &st)) {
		err = why_fail(why, errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	if ((size_t)st.st_size < sizeof(struct rec_shm)) {
		err = why_fail(why, EINVAL, "%s is no file of records", path);
		goto out;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		err = why_fail(why, errno, "%s: cannot be mapped: %s", path, strerror(errno));
		goto out;
	}
	err = check_records(p, (size_t)st.st_size, path, why);
	if (err)
		munmap(p, (size_t)st.st_size);
	else
		*out = p;
out:
	close(fd);
	return err;
}

void client_unmap(const struct rec_shm *shm)
{
	if (shm)
		munmap((void *)(uintptr_t)shm, rec_size(shm->capacity, shm->gap_capacity));
}
