/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/term.h"
#include "probes/ways.h"
#include "ptp/now.h"

#define POLL_NS (10 * NS_PER_MS)
#define LOOK_NS (100 * NS_PER_MS) /* between two looks at ways: each matches all that is kept */

struct watching {
	const struct blame_tail_conf *conf;
	struct blame_hit *hit;
	int64_t t_begin;
	bool found;
};

static bool look_at(void *ctx, const struct way *w)
{
	struct watching *x = ctx;
	int64_t ns = blame_tail_length(x->conf, w);

	if (w->rec.verdict != VERDICT_SENT || ns <= x->conf->threshold_ns)
		return true;
	*x->hit = (struct blame_hit){.seq = w->rec.seq, .t_out = w->rec.t_out, .ns = ns};
	x->found = true;
	return false;
}

/* Somebody beside taktd tells of frames. */
static bool has_ways(const struct gather *g)
{
	int i;

	for (i = 0; i < g->n_sources; i++)
		if (g->source[i].kind != GATHER_HOST)
			return true;
	return false;
}

/*
 * Records that are new since *t_done. Where others tell of frames too, all that are kept: what took long in a guest, or on a wire, is told when it is over,
 * long after taktd's record of it was read.
 */
static int look(struct gather *g, struct watching *x, int64_t *t_done, bool ways, bool last)
{
	int64_t t_to = gather_now(g) - (ways && !last ? BLAME_LAG_NS : 0);
	struct ways_stat stat = {0};
	int err = 0;

	if (!gather_now(g) || t_to <= *t_done)
		return 0;
	if (ways)
		err = gather_fit(g);
	err = err ?: ways_tell(g, ways ? x->t_begin : *t_done, t_to, look_at, x, &stat);
	*t_done = t_to;
	return err;
}

int blame_watch(struct gather *g, const struct blame_tail_conf *conf, int64_t ns, struct blame_hit *hit, struct why *why)
{
	struct watching x = {.conf = conf, .hit = hit, .t_begin = gather_now(g)};
	int64_t now = now_mono(), t_end = ns ? now + ns : INT64_MAX, t_look = 0, t_done = gather_now(g);
	bool ways = has_ways(g);
	int err = 0;

	while (!err && !x.found && now < t_end && !g->ended && !term_stopped()) {
		err = gather_poll(g, POLL_NS, why);
		now = now_mono();
		if (err || now < t_look)
			continue;
		t_look = now + LOOK_NS;
		if (look(g, &x, &t_done, ways, false))
			err = why_fail(why, ENOMEM, "out of memory");
	}
	if (!err && !x.found && look(g, &x, &t_done, ways, true))
		err = why_fail(why, ENOMEM, "out of memory");
	return err ? err : x.found;
}

bool blame_watch_finds(const char *program)
{
	const char *at = getenv("PATH"), *end;
	char path[512];

	if (strchr(program, '/') || !at)
		return !access(program, X_OK);
	for (; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, ':');
		snprintf(path, sizeof(path), "%.*s/%s", (int)(end - at), at, program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

int blame_watch_run(char *const *command, const struct blame_hit *hit, const char *recording, struct why *why)
{
	char seq[24];
	int status;
	pid_t pid;

	snprintf(seq, sizeof(seq), "%" PRIu64, hit->seq);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return why_fail(why, errno, "cannot run %.80s: %s", command[0], strerror(errno));
	if (!pid) {
		setenv("TAKT_FRAME", seq, 1);
		setenv("TAKT_RECORDING", recording, 1);
		execvp(command[0], command);
		fprintf(stderr, "takt: cannot run %.80s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return why_fail(why, errno, "cannot wait for %.80s: %s", command[0], strerror(errno));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
