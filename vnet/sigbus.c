/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/sigbus.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "vnet/pkt.h"

#define ALIGN (UINT64_C(2) << 20) /* a huge page: a part of one cannot be replaced */

/* A signal handler has nothing but globals to go by. */
static _Atomic(struct sigbus_guest *) guests[PKT_MAX_PORTS];
static struct sigaction before;

static bool replace(struct sigbus_guest *g, char *at)
{
	uintptr_t from = (uintptr_t)at & ~(ALIGN - 1);
	uintptr_t start, end;
	int i;

	for (i = 0; i < SIGBUS_REGIONS; i++) {
		start = (uintptr_t)atomic_load(&g->start[i]);
		end = start + g->size[i];
		if (!start || (uintptr_t)at < start || (uintptr_t)at >= end)
			continue;
		if (from < start)
			from = start & ~(uintptr_t)4095;
		if (mmap((void *)from, end - from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
			return false;
		atomic_store(&g->broken, true);
		return true;
	}
	return false;
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	struct sigbus_guest *g;
	int saved = errno;
	int i;

	(void)context;
	for (i = 0; i < PKT_MAX_PORTS; i++) {
		g = atomic_load(&guests[i]);
		if (g && replace(g, info->si_addr)) {
			errno = saved;
			return;
		}
	}
	sigaction(sig, &before, NULL); /* not a guest's doing: let it happen again, and end us */
}

int sigbus_install(struct why *why)
{
	struct sigaction sa = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};

	return sigaction(SIGBUS, &sa, &before) ? why_fail(why, errno, "cannot catch SIGBUS: %s", strerror(errno)) : 0;
}

void sigbus_remove(void)
{
	sigaction(SIGBUS, &before, NULL);
}

void sigbus_watch(unsigned int port, struct sigbus_guest *guest)
{
	atomic_store(&guests[port], guest);
}
