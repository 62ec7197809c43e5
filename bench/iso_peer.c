/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/iso_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/udp.h"

#define VERSION	   2
#define HEAD_LEN   16		/* of a message with one subject */
#define PATIENCE_S 15		/* longer than it waits for frames */

enum action { GET, SET, RESPONSE };
enum subject { LOG = 0, PACKET_COUNT = 6, DESTINATION_MAC = 7, L2_ENABLED = 33, L4_ENABLED = 34 };

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int read_all(int fd, void *p, size_t n, struct why *why)
{
	ssize_t got = recv(fd, p, n, MSG_WAITALL);

	if (got == (ssize_t)n)
		return 0;
	if (got < 0)
		return why_fail(why, errno == EAGAIN ? ETIMEDOUT : errno, "--isochron: %s", errno == EAGAIN ? "it does not answer" : strerror(errno));
	return why_fail(why, ECONNRESET, "--isochron: it closed the connection: what it said is where it runs");
}

/* One question or order, and the head of what it answers; *len: bytes that follow. */
static int ask(int fd, enum action action, enum subject subject, const void *data, uint32_t n, uint32_t *len, struct why *why)
{
	uint8_t b[HEAD_LEN + 8] = { VERSION, (uint8_t)action };

	put32(b + 4, 8 + n);
	b[11] = (uint8_t)subject;
	put32(b + 12, n);
	if (n)
		memcpy(b + HEAD_LEN, data, n);
	if (send(fd, b, HEAD_LEN + n, MSG_NOSIGNAL) < 0)
		return why_fail(why, errno, "--isochron: %s", strerror(errno));
	if (read_all(fd, b, HEAD_LEN, why))
		return -ECONNRESET;
	*len = get32(b + 12);
	if (b[0] != VERSION || b[1] != RESPONSE || get32(b + 4) != 8 + *len || b[8] || b[9] || b[10] || b[11] != subject)
		return why_fail(why, EPROTO, "--isochron: what answers there is no isochron rcv of version 0.9");
	return 0;
}

/* Of a fixed size: as much as `data` has room for. An empty answer is a refusal. */
static int exchange(int fd, enum action action, enum subject subject, void *data, uint32_t n, struct why *why)
{
	uint32_t len;
	int rc = ask(fd, action, subject, data, action == SET ? n : 0, &len, why);

	if (rc)
		return rc;
	if (len != n)
		return why_fail(why, EPROTO, "--isochron: isochron rcv refuses that: what it said is where it runs");
	return read_all(fd, data, n, why);
}

static int introduce(int fd, bool udp, uint32_t frames, uint8_t *mac, struct why *why)
{
	uint8_t l2[4] = { !udp }, l4[4] = { udp }, count[8] = { 0 }, address[8];
	int rc = exchange(fd, GET, DESTINATION_MAC, address, sizeof(address), why);

	memcpy(mac, address, 6);
	put32(count + 4, frames);
	return rc ?: exchange(fd, SET, L2_ENABLED, l2, sizeof(l2), why)
		  ?: exchange(fd, SET, L4_ENABLED, l4, sizeof(l4), why)
		  ?: exchange(fd, SET, PACKET_COUNT, count, sizeof(count), why);
}

int iso_peer_open(const char *address, bool udp, uint32_t frames, uint8_t mac[static 6], struct why *why)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	union lane_addr to;
	int fd, rc = udp_parse(&to, address, ISO_PEER_PORT, why);

	if (rc) {
		why_at(why, "--isochron");
		return rc;
	}
	fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_fail(why, errno, "--isochron: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, &to.any, to.any.sa_family == AF_INET ? sizeof(to.v4) : sizeof(to.v6)))
		rc = why_fail(why, errno, "--isochron %s: %s: is `isochron rcv` running there?", address, strerror(errno));
	rc = rc ?: introduce(fd, udp, frames, mac, why);
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int iso_peer_fetch(int fd, struct iso *iso, struct why *why)
{
	uint8_t head[8], record[ISO_RECV_LEN];
	uint32_t len, i;
	struct iso_recv *r;
	int rc = ask(fd, GET, LOG, NULL, 0, &len, why) ?: read_all(fd, head, sizeof(head), why);

	if (rc)
		return rc;
	if (get32(head) != ISO_VERSION || get32(head + 4) != len - sizeof(head) || get32(head + 4) != (uint64_t)iso->packets * ISO_RECV_LEN)
		return why_fail(why, EPROTO, "--isochron: its log is of version %u and %u bytes, not of version 4 and %u frames", get32(head), get32(head + 4), iso->packets);
	for (i = 1; i <= iso->packets; i++) {
		rc = read_all(fd, record, sizeof(record), why);
		if (rc)
			return rc;
		r = iso_recv_of(iso, i);
		iso_recv_unpack(r, record);
		if (r->seqid && r->seqid != i)
			return why_fail(why, EPROTO, "--isochron: record %u of its log says that it is of frame %u", i, r->seqid);
	}
	return 0;
}
