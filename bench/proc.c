/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cpu_list.h"
#include "base/ns.h"
#include "bench/proc_child.h"
#include "ptp/now.h"

#define TICK_NS		(10 * NS_PER_MS)	/* how often output is looked for */
#define GRACE_NS	(3 * NS_PER_SEC)	/* between stop signal and SIGKILL when the set goes */

struct procs {
	struct proc *newest;
	sigset_t old_mask;
	int sig_fd;
	int signal;		/* the one that interrupted us; 0: none */
};

struct proc {
	struct procs *set;
	struct proc *older;
	char *name;
	pid_t pid;
	int pid_fd;
	int out_fd;		/* its output, read at `at` */
	off_t at;
	bool anonymous;		/* nobody else reads out_fd */
	bool ended;		/* and `status` is known */
	int status;
	int stop_signal;
};

static int64_t deadline(int64_t limit_ns)
{
	int64_t now = now_mono();

	return limit_ns > NS_NEVER - now ? NS_NEVER : now + limit_ns;
}

bool proc_in_path(const char *program)
{
	const char *dir = getenv("PATH"), *end;
	char path[PATH_MAX];

	for (; dir && *dir; dir = *end ? end + 1 : end) {
		end = strchrnul(dir, ':');
		snprintf(path, sizeof(path), "%.*s/%s", (int)(end - dir), dir, program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

int procs_create(struct procs **out, struct why *why)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct procs *set = calloc(1, sizeof(*set));
	sigset_t mask;
	int err;

	if (!set)
		return why_fail(why, ENOMEM, "out of memory");
	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&mask, signals[i]);
	set->sig_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (set->sig_fd < 0) {
		err = errno;
		free(set);
		return why_fail(why, err, "signalfd: %s", strerror(err));
	}
	sigprocmask(SIG_BLOCK, &mask, &set->old_mask);
	*out = set;
	return 0;
}

void procs_destroy(struct procs *set)
{
	if (!set)
		return;
	while (set->newest)
		proc_stop(set->newest, GRACE_NS);
	sigprocmask(SIG_SETMASK, &set->old_mask, NULL);
	close(set->sig_fd);
	free(set);
}

int procs_exit(const struct procs *set, int status)
{
	return set && set->signal ? 128 + set->signal : status;
}

static bool interrupted(struct procs *set)
{
	struct signalfd_siginfo si;

	while (read(set->sig_fd, &si, sizeof(si)) == sizeof(si))
		set->signal = (int)si.ssi_signo;
	return set->signal;
}

/* Sleep until a signal came (-EINTR), pid_fd is readable (1), or `t_until` (0). pid_fd may be -1. */
static int doze(struct procs *set, int pid_fd, int64_t t_until)
{
	struct pollfd fds[] = { { .fd = set->sig_fd, .events = POLLIN }, { .fd = pid_fd, .events = POLLIN } };

	for (;;) {
		int64_t now = now_mono(), left_ns = t_until > now ? t_until - now : 0;
		int64_t ms = (left_ns + NS_PER_MS - 1) / NS_PER_MS;

		if (interrupted(set))
			return -EINTR;
		if (poll(fds, 2, ms > INT_MAX ? INT_MAX : (int)ms) < 0 && errno != EINTR)
			return -errno;
		if (interrupted(set))
			return -EINTR;
		if (fds[1].revents)
			return 1;
		if (now_mono() >= t_until)
			return 0;
	}
}

int procs_pause(struct procs *set, int64_t limit_ns)
{
	return doze(set, -1, deadline(limit_ns));
}

int procs_watch(struct procs *set, int fd, int64_t limit_ns)
{
	return doze(set, fd, deadline(limit_ns));
}

pid_t proc_pid(const struct proc *p)
{
	return p->pid;
}

static int open_output(struct proc *p, const char *log, struct why *why)
{
	int fd;

	p->anonymous = !log;
	fd = log ? open(log, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0644) :
		   memfd_create(p->name, MFD_CLOEXEC);
	if (fd < 0)
		return why_fail(why, errno, "%s: cannot write the log %s: %s", p->name, log ? log : "",
				strerror(errno));
	/* Read with pread(): the offset is the child's. */
	p->out_fd = log ? open(log, O_RDONLY | O_CLOEXEC) : dup(fd);
	if (p->out_fd < 0 || (!log && fcntl(fd, F_SETFL, O_APPEND) < 0)) {
		close(fd);
		return why_fail(why, EIO, "%s: cannot read its log: %s", p->name, strerror(errno));
	}
	return fd;
}

static void proc_free(struct proc *p)
{
	if (p->pid_fd >= 0)
		close(p->pid_fd);
	if (p->out_fd >= 0)
		close(p->out_fd);
	free(p->name);
	free(p);
}

int proc_start(struct proc **out, struct procs *set, const struct proc_conf *conf, struct why *why)
{
	struct proc *p = calloc(1, sizeof(*p));
	int pipe_fd[2] = { -1, -1 }, netns_fd = -1, log_fd = -1, rc;
	struct cpu_list cpus;
	char path[128];

	if (!p)
		return why_fail(why, ENOMEM, "out of memory");
	*p = (struct proc){ .set = set, .pid_fd = -1, .out_fd = -1, .stop_signal = conf->stop_signal ?: SIGTERM };
	p->name = strdup(conf->name);
	rc = conf->cpu ? cpu_list_parse(&cpus, conf->cpu, why) : 0;
	if (rc)
		goto out;
	if (conf->netns) {
		snprintf(path, sizeof(path), "/run/netns/%s", conf->netns);
		netns_fd = open(path, O_RDONLY | O_CLOEXEC);
		if (netns_fd < 0) {
			rc = why_fail(why, errno, "%s: there is no network namespace %s", conf->name, conf->netns);
			goto out;
		}
	}
	rc = log_fd = open_output(p, conf->log, why);
	if (rc < 0)
		goto out;
	if (pipe2(pipe_fd, O_CLOEXEC)) {
		rc = why_fail(why, errno, "%s: pipe: %s", conf->name, strerror(errno));
		goto out;
	}
	fflush(NULL);
	p->pid = proc_child_fork(conf->own_pids, &p->pid_fd);
	if (!p->pid) {
		close(pipe_fd[0]);
		proc_child_become(conf, &set->old_mask, &cpus, netns_fd, log_fd, pipe_fd[1]);
	}
	rc = p->pid < 0 ? why_fail(why, errno, "%s: cannot fork: %s", conf->name, strerror(errno)) : 0;
	if (rc)
		goto out;
	close(pipe_fd[1]);
	pipe_fd[1] = -1;
	setpgid(p->pid, p->pid);	/* here too: whoever comes first, the group exists when we return */
	p->older = set->newest;
	set->newest = p;
	rc = proc_child_hear(conf, pipe_fd[0], why);
	if (rc)
		proc_stop(p, 0);
	else
		*out = p;
	p = NULL;
out:
	if (p)
		proc_free(p);
	for (int i = 0; i < 2; i++)
		if (pipe_fd[i] >= 0)
			close(pipe_fd[i]);
	if (netns_fd >= 0)
		close(netns_fd);
	if (log_fd >= 0)
		close(log_fd);
	return rc;
}

/*
 * Has it ended? The zombie stays until proc_stop(): its number must not pass to others while we may signal the group.
 */
static bool ended(struct proc *p)
{
	siginfo_t si = { .si_pid = 0 };

	if (p->ended)
		return true;
	if (waitid(P_PID, p->pid, &si, WEXITED | WNOHANG | WNOWAIT) || !si.si_pid)
		return false;
	p->ended = true;
	p->status = si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
	return true;
}

int proc_wait(struct proc *p, int64_t limit_ns, int *status)
{
	int64_t t_end = deadline(limit_ns);

	while (!ended(p)) {
		int rc = doze(p->set, p->pid_fd, t_end);

		if (rc < 0)
			return rc;
		if (!rc && !ended(p))
			return -ETIMEDOUT;
	}
	*status = p->status;
	return 0;
}

/* A piece of output at p->at, if there is a whole one; `last` takes an unfinished line too. */
static ssize_t take_line(struct proc *p, char *buf, size_t size, bool last)
{
	ssize_t n = pread(p->out_fd, buf, size - 1, p->at);
	char *nl;

	if (n <= 0)
		return 0;
	nl = memchr(buf, '\n', n);
	if (nl)
		n = nl + 1 - buf;
	else if ((size_t)n < size - 1 && !last)
		return 0;
	buf[n] = '\0';
	p->at += n;
	if (p->anonymous && (p->at >> 20) != ((p->at - n) >> 20))	/* give back what was read, by mebibytes */
		fallocate(p->out_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, p->at >> 20 << 20);
	return n;
}

ssize_t proc_read_line(struct proc *p, char *buf, size_t size, int64_t limit_ns)
{
	int64_t t_end = deadline(limit_ns);

	for (;;) {
		bool last = ended(p);	/* before the look: what it wrote last is then in the file */
		ssize_t n = take_line(p, buf, size, last);
		int64_t now;
		int rc;

		if (n)
			return n;
		if (last)
			return -EPIPE;
		now = now_mono();
		if (now >= t_end)
			return -ETIMEDOUT;
		rc = doze(p->set, p->pid_fd, t_end - now < TICK_NS ? t_end : now + TICK_NS);
		if (rc < 0)
			return rc;
	}
}

int proc_wait_line(struct proc *p, const char *needle, char *line, size_t size, int64_t limit_ns)
{
	int64_t t_end = deadline(limit_ns);
	char own[1024];
	char *buf = line ? line : own;
	size_t room = line ? size : sizeof(own);

	for (;;) {
		int64_t left_ns = t_end - now_mono();
		ssize_t n = proc_read_line(p, buf, room, left_ns < 0 ? 0 : left_ns);

		if (n < 0)
			return (int)n;
		if (strstr(buf, needle))
			return 0;
	}
}

int proc_run(struct procs *set, const struct proc_conf *conf, int64_t limit_ns, struct why *why)
{
	char line[WHY_LEN] = "", last[WHY_LEN] = "";
	struct proc *p;
	ssize_t n;
	int status, rc;

	rc = proc_start(&p, set, conf, why);
	if (rc)
		return rc;
	rc = proc_wait(p, limit_ns, &status);
	if (!rc && status) {
		while ((n = proc_read_line(p, line, sizeof(line), 0)) > 0) {
			line[strcspn(line, "\n")] = '\0';
			memcpy(last, line, sizeof(last));
		}
		rc = why_fail(why, EIO, "%s: %s", conf->name, last[0] ? last : "failed and did not say why");
	} else if (rc == -ETIMEDOUT) {
		why_fail(why, ETIMEDOUT, "%s: not done in time", conf->name);
	} else if (rc) {
		why_fail(why, -rc, "%s: interrupted", conf->name);
	}
	proc_stop(p, 0);
	return rc;
}

/* Signals do not shorten a stop: the limit is short, and what is left half-stopped stays behind. */
static bool gone(struct proc *p, int64_t limit_ns)
{
	struct pollfd fd = { .fd = p->pid_fd, .events = POLLIN };
	int64_t t_end = deadline(limit_ns), now;

	while (!ended(p)) {
		now = now_mono();
		if (now >= t_end)
			return false;
		poll(&fd, 1, (int)((t_end - now) / NS_PER_MS) + 1);
	}
	return true;
}

void proc_stop(struct proc *p, int64_t grace_ns)
{
	struct proc **link;

	if (!p)
		return;
	if (!ended(p) && grace_ns > 0) {
		kill(-p->pid, p->stop_signal);
		gone(p, grace_ns);
	}
	kill(-p->pid, SIGKILL);		/* the group may outlive its leader */
	if (!p->ended) {
		kill(p->pid, SIGKILL);	/* UML leads a session of its own */
		gone(p, 10 * NS_PER_SEC);
	}
	waitpid(p->pid, NULL, WNOHANG);
	for (link = &p->set->newest; *link; link = &(*link)->older)
		if (*link == p) {
			*link = p->older;
			break;
		}
	proc_free(p);
}
