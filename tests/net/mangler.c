/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mangler: a path between two interfaces that does to numbered frames what it is told to, and to none of them anything else.
 *
 *	mangler FROM TO [WHAT=SEQID[,SEQID...]]...
 *
 *	lose	it is dropped			dup	it is sent twice
 *	swap	it is sent behind the next	late	it is sent LATE ms later (environment, 300)
 *
 * By number, on the way from FROM to TO; all else passes, both ways, at once. A frame's number is that of `takt send` and isochron, behind EtherType 0xdead or in UDP to port 6000.
 * It says "ready" when it forwards, and ends with a signal: how many frames it did what to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define NUMBERS 65536
#define HELD	64
#define FRAME	10000

enum what { PASS, LOSE, DUP, SWAP, LATE, WHATS };
static const char *const words[WHATS] = { "pass", "lose", "dup", "swap", "late" };

struct held {
	int64_t t_due;	/* CLOCK_MONOTONIC; 0: free; -1: behind the next */
	uint32_t len;
	uint8_t bytes[FRAME];
};

static uint8_t plan[NUMBERS];
static uint64_t done[WHATS];
static struct held held[HELD];
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int attach(const char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0 || !at.sll_ifindex || setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) || bind(fd, (void *)&at, sizeof(at))) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		exit(2);
	}
	return fd;
}

/* A frame that came in, its tag put back where the kernel took it out. 0: none. */
static uint32_t take(int fd, uint8_t *bytes)
{
	struct sockaddr_ll from;
	struct tpacket_auxdata aux;
	uint8_t control[256];
	struct iovec iov = { bytes, FRAME - 4 };
	struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	struct cmsghdr *c;

	if (n < 14 || from.sll_pkttype == PACKET_OUTGOING)
		return 0;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA && aux.tp_status & TP_STATUS_VLAN_VALID) {
			memmove(bytes + 16, bytes + 12, (size_t)n - 12);
			memcpy(bytes + 12, (uint8_t[]){ 0x81, 0, (uint8_t)(aux.tp_vlan_tci >> 8), (uint8_t)aux.tp_vlan_tci }, 4);
			n += 4;
		}
	}
	return (uint32_t)n;
}

static uint32_t number(const uint8_t *b, uint32_t len)
{
	uint32_t at = 12, n;

	if (b[at] == 0x81)
		at += 4;
	if (b[at] == 0xde && b[at + 1] == 0xad)
		at += 2;
	else if (b[at] == 0x08 && b[at + 1] == 0x00 && b[at + 2 + 9] == 17 && b[at + 2 + 22] == 6000 >> 8 && b[at + 2 + 23] == (6000 & 0xff))
		at += 2 + 20 + 8;
	else
		return 0;
	if (at + 20 > len)
		return 0;
	memcpy(&n, b + at + 16, 4);
	return ntohl(n);
}

static void put(int fd, const uint8_t *bytes, uint32_t len)
{
	if (send(fd, bytes, len, 0) < 0) {
		perror("send");
		exit(1);
	}
}

static void hold(const uint8_t *bytes, uint32_t len, int64_t t_due)
{
	int i;

	for (i = 0; held[i].t_due; i++) {
		if (i == HELD - 1) {
			fputs("too many are held back\n", stderr);
			exit(1);
		}
	}
	held[i].t_due = t_due;
	held[i].len = len;
	memcpy(held[i].bytes, bytes, len);
}

/* What is due by `t`, or (t -1) what waited for a frame to pass it. */
static void release(int fd, int64_t t)
{
	int i;

	for (i = 0; i < HELD; i++) {
		if (t < 0 ? held[i].t_due == -1 : held[i].t_due > 0 && held[i].t_due <= t) {
			put(fd, held[i].bytes, held[i].len);
			held[i].t_due = 0;
		}
	}
}

static void pass(int to, const uint8_t *bytes, uint32_t len, int64_t late_ns)
{
	uint32_t seqid = number(bytes, len);
	enum what what = seqid < NUMBERS ? plan[seqid] : PASS;

	plan[seqid % NUMBERS] = PASS;	/* a copy of it is none of ours */
	done[what]++;
	if (what == SWAP || what == LATE) {
		hold(bytes, len, what == SWAP ? -1 : now() + late_ns);
		return;
	}
	if (what != LOSE)
		put(to, bytes, len);
	if (what == DUP)
		put(to, bytes, len);
	if (seqid)
		release(to, -1);
}

static void read_plan(char *arg)
{
	char *value = strchr(arg, '='), *word;
	int what;

	if (value)
		*value++ = 0;
	for (what = 1; what < WHATS && strcmp(words[what], arg); what++)
		;
	if (!value || what == WHATS) {
		fprintf(stderr, "%s: give lose, dup, swap or late, and =SEQID,...\n", arg);
		exit(2);
	}
	for (word = strtok(value, ","); word; word = strtok(NULL, ","))
		plan[strtoul(word, NULL, 10) % NUMBERS] = (uint8_t)what;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	const char *late = getenv("LATE");
	int64_t late_ns = (late ? atol(late) : 300) * INT64_C(1000000);
	static uint8_t bytes[FRAME];
	struct pollfd p[2];
	uint32_t len;
	int i;

	if (argc < 3) {
		fputs("mangler FROM TO [lose|dup|swap|late=SEQID,...]...\n", stderr);
		return 2;
	}
	for (i = 3; i < argc; i++)
		read_plan(argv[i]);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	for (i = 0; i < 2; i++)
		p[i] = (struct pollfd){ .fd = attach(argv[1 + i]), .events = POLLIN };
	puts("ready");
	fflush(stdout);
	while (!stop) {
		poll(p, 2, 1);
		while ((len = take(p[0].fd, bytes)))
			pass(p[1].fd, bytes, len, late_ns);
		while ((len = take(p[1].fd, bytes)))
			put(p[0].fd, bytes, len);
		release(p[1].fd, now());
	}
	for (i = 1; i < WHATS; i++)
		printf("%s %llu\n", words[i], (unsigned long long)done[i]);
	return 0;
}
