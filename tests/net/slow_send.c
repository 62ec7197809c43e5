/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * slow_send (LD_PRELOAD): each sendto() takes SLOW_SEND_NS longer, busy. In taktd that is how the driver of an AF_PACKET wire hands frames over: its hop `send`.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	static ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	static long long slow = -1;
	long long t_end;

	if (!next)
		next = (ssize_t (*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "sendto");
	if (slow < 0)
		slow = getenv("SLOW_SEND_NS") ? atoll(getenv("SLOW_SEND_NS")) : 0;
	for (t_end = now() + slow; now() < t_end;)
		;
	return next(fd, buf, len, flags, to, to_len);
}
