/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/watch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ns.h"
#include "ptp/chain_ask.h"

#define PATH_LEN 108 /* sockaddr_un */

struct watch {
	char path[PATH_LEN]; /* "": the usual ones */
	uint8_t domain;
	struct pmc_sock *sock; /* the thread's; NULL: to be opened */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	bool stop;
	struct chain_ptp latest;
};

/* One round of questions. */
static void ask(struct watch *w, struct chain_ptp *p)
{
	memset(p, 0, sizeof(*p));
	if (!w->sock && pmc_sock_open(&w->sock, w->path[0] ? w->path : NULL, w->domain, &p->missing)) {
		w->sock = NULL;
		return;
	}
	if (!chain_ask(p, w->sock))
		return;
	pmc_sock_close(w->sock); /* the next one may be another */
	w->sock = NULL;
}

/* False: it is to end. */
static bool pause_until(struct watch *w, struct timespec *t)
{
	bool stop;

	pthread_mutex_lock(&w->lock);
	while (!w->stop && pthread_cond_timedwait(&w->wake, &w->lock, t) != ETIMEDOUT)
		;
	stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	return !stop;
}

static void *watch_main(void *arg)
{
	struct watch *w = arg;
	struct chain_ptp p;
	struct timespec t;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	do {
		ask(w, &p);
		pthread_mutex_lock(&w->lock);
		w->latest = p;
		pthread_mutex_unlock(&w->lock);
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_sec++;
	} while (pause_until(w, &t));
	pmc_sock_close(w->sock);
	return NULL;
}

int watch_start(struct watch **out, const char *socket, uint8_t domain, struct why *why)
{
	struct watch *w = calloc(1, sizeof(*w));
	pthread_condattr_t attr;
	int err;

	if (!w)
		return why_fail(why, ENOMEM, "out of memory");
	if (socket && strlen(socket) >= sizeof(w->path)) {
		free(w);
		return why_fail(why, EINVAL, "%.64s... is too long for the path of a socket", socket);
	}
	if (socket)
		memcpy(w->path, socket, strlen(socket));
	w->domain = domain;
	why_fail(&w->latest.missing, EAGAIN, "ptp4l was not asked yet");
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	err = pthread_create(&w->thread, NULL, watch_main, w);
	if (err) {
		free(w);
		return why_fail(why, err, "cannot start the thread that asks ptp4l: %s", strerror(err));
	}
	*out = w;
	return 0;
}

void watch_stop(struct watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void watch_get(struct watch *w, struct chain_ptp *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->latest;
	pthread_mutex_unlock(&w->lock);
}
