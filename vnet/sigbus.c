/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/sigbus.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "vnet/pkt.h"

/* A signal handler has nothing but globals to go by. */
static _Atomic(struct sigbus_guest *) guests[PKT_MAX_PORTS];
static struct sigaction before;

/*
 * Zeros from the page of `at` to that of end - 1. A part of a huge page cannot be replaced (EINVAL): of the sizes there are, the smallest that can is
 * that memory's. librte_vhost maps whole pages, so nothing but that guest's memory is in them.
 */
static bool put_zeros(uintptr_t at, uintptr_t end)
{
	static const uintptr_t sizes[] = {UINT64_C(1) << 12, UINT64_C(1) << 21, UINT64_C(1) << 30};
	uintptr_t from, to;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		from = at & ~(sizes[i] - 1);
		to = (end + sizes[i] - 1) & ~(sizes[i] - 1);
		if (mmap((void *)from, to - from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
			return true;
		if (errno != EINVAL)
			return false;
	}
	return false;
}

static bool replace(struct sigbus_guest *g, uintptr_t at)
{
	uintptr_t start, end;
	int i;

	for (i = 0; i < SIGBUS_REGIONS; i++) {
		start = (uintptr_t)atomic_load(&g->start[i]);
		end = start + g->size[i];
		if (!start || at < start || at >= end)
			continue;
		if (!put_zeros(at, end))
			return false;
		atomic_store(&g->broken, true);
		return true;
	}
	return false;
}

/* The thread of librte_vhost that handles guests' messages reads rings before we are told whose they are. */
static bool in_vhost_thread(void)
{
	char name[16] = "";

	return !prctl(PR_GET_NAME, name) && !strcmp(name, "vhost-events");
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;
	struct sigbus_guest *g;
	int saved = errno;
	int i;

	(void)context;
	for (i = 0; i < PKT_MAX_PORTS; i++) {
		g = atomic_load(&guests[i]);
		if (g && replace(g, at)) {
			errno = saved;
			return;
		}
	}
	if (info->si_code == BUS_ADRERR && in_vhost_thread() && put_zeros(at, at + 1)) {
		errno = saved;
		return;
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
