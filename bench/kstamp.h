/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kstamp: the kernel's stamps of a socket's frames, as TAI. Packet and UDP sockets.
 *
 * Software stamps are the kernel's CLOCK_REALTIME, to which the kernel's own TAI offset is added, as it is when asked. Hardware stamps are a PHC's, and taken for TAI as linuxptp keeps it.
 */
#ifndef TAKT_BENCH_KSTAMP_H
#define TAKT_BENCH_KSTAMP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct kstamp {
	int64_t t_software, t_hardware;	/* 0: none */
};

/* CLOCK_TAI less CLOCK_REALTIME, in whole seconds as ns: the kernel's TAI offset. */
int64_t kstamp_tai_offset(void);

/* What a socket is to be stamped with. 0 or -errno. `receive` and `send` add up. Before the first frame. */
int kstamp_on(int fd, int receive, int send);

/*
 * Ask an interface's driver for hardware stamps of all frames, where it has such and they are not on already. 0: they are on. -EOPNOTSUPP: it has none. -errno: refused.
 */
int kstamp_hardware_on(int fd, const char *interface, int receive, int send);

/* The stamps beside a frame that recvmsg() gave. */
struct kstamp kstamp_of(struct msghdr *msg, int64_t tai_offset_ns);

enum kstamp_kind { KSTAMP_SCHED, KSTAMP_SENT, KSTAMP_LATE, KSTAMP_INVALID, KSTAMP_OTHER };

#define KSTAMP_FRAME_MAX 9216	/* bytes of a frame that comes back */

struct kstamp_tx {
	enum kstamp_kind kind;	/* before the queueing discipline; at the driver or in hardware; SO_TXTIME's: dropped as too late, launch time refused; anything else */
	struct kstamp at;	/* of the first two */
	uint32_t len;		/* of the frame that it is of, as it left */
	uint8_t frame[KSTAMP_FRAME_MAX];
};

/* Up to `n` of a socket's error queue, in one system call. Returns how many; less than n: no more are there now. */
int kstamp_fetch(int fd, int64_t tai_offset_ns, struct kstamp_tx *out, int n);

#endif
