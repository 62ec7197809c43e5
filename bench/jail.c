/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/jail_mounts.h"

struct jail {
	pid_t pid;
	int pid_fd, said;	/* -1: none */
};

/* What it says: first that it lives, then how it went. */
struct word {
	int rc;
	struct why why;
};

static int set_up_lo(struct why *why)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	rc = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) ? why_fail(why, errno, "lo cannot be set up: %s", strerror(errno)) : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Whoever wants to tell the keeper something opens this name. */
static int show_keeper(int fd, struct why *why)
{
	char target[32];

	if (fd < 0)
		return 0;
	snprintf(target, sizeof(target), "/proc/1/fd/%d", fd);
	if ((mkdir("/run/takt", 0755) && errno != EEXIST) || symlink(target, JAIL_KEEPER))
		return why_fail(why, errno, "%s: %s", JAIL_KEEPER, strerror(errno));
	return 0;
}

/* Standard streams, then `said` and `keeper`; all else is the parent's. */
static int take_fds(const struct jail_conf *c, int *said, int *keeper)
{
	int log = open(c->log, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0644), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int keep[2] = {fcntl(*said, F_DUPFD_CLOEXEC, 10), *keeper < 0 ? -1 : fcntl(*keeper, F_DUPFD_CLOEXEC, 10)};

	if (log < 0 || null < 0 || keep[0] < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		return -errno;
	*said = dup3(keep[0], 3, O_CLOEXEC);
	if (keep[1] >= 0)
		*keeper = dup3(keep[1], 4, O_CLOEXEC);
	return close_range(keep[1] >= 0 ? 5 : 4, ~0U, 0) ? -errno : 0;
}

static void inside(const struct jail_conf *c, int said)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct word w = {0};
	int keeper = c->keeper;
	sigset_t mask;
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (write(said, &w, sizeof(w)) < 0)	/* the parent died before prctl(): so do we */
		_exit(1);
	setsid();
	w.rc = take_fds(c, &said, &keeper);
	if (w.rc)
		why_fail(&w.why, -w.rc, "%s: %s", c->log, strerror(-w.rc));
	sigemptyset(&mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&mask, signals[i]);
	sigprocmask(SIG_UNBLOCK, &mask, NULL);	/* the first process of a namespace need not fear them */
	w.rc = w.rc ?: jail_mounts(c->keep, JAIL_KEEP, !c->host_net, &w.why) ?: (c->host_net ? 0 : set_up_lo(&w.why)) ?: show_keeper(keeper, &w.why) ?: c->run(c->arg, &w.why);
	fflush(NULL);
	_exit(write(said, &w, sizeof(w)) == sizeof(w) ? 0 : 1);
}

int jail_start(struct jail **out, const struct jail_conf *conf, struct why *why)
{
	struct jail *j = calloc(1, sizeof(*j));
	struct clone_args args;
	struct word w;
	int pipe_fd[2];

	if (!j)
		return why_fail(why, ENOMEM, "out of memory");
	j->pid_fd = -1;
	if (pipe2(pipe_fd, O_CLOEXEC)) {
		free(j);
		return why_fail(why, errno, "pipe: %s", strerror(errno));
	}
	fflush(NULL);
	args = (struct clone_args){.flags = CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | (conf->host_net ? 0 : CLONE_NEWNET),
				   .pidfd = (uintptr_t)&j->pid_fd, .exit_signal = SIGCHLD};
	j->pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!j->pid) {
		close(pipe_fd[0]);
		inside(conf, pipe_fd[1]);
	}
	close(pipe_fd[1]);
	j->said = pipe_fd[0];
	if (j->pid < 0) {
		int err = errno;

		close(j->said);
		free(j);
		return why_fail(why, err, "namespaces of PIDs, network, mounts and IPC cannot be made: %s", strerror(err));
	}
	if (read(j->said, &w, sizeof(w)) != sizeof(w)) {
		jail_end(j);
		return why_fail(why, EIO, "a process in namespaces of its own died before it began");
	}
	*out = j;
	return 0;
}

int jail_wait(struct jail *j, struct procs *set, int64_t limit_ns, int *rc, struct why *why)
{
	int ready = procs_watch(set, j->pid_fd, limit_ns);
	siginfo_t si = {.si_pid = 0};
	struct word w;

	if (ready <= 0)
		return ready ?: -ETIMEDOUT;
	if (read(j->said, &w, sizeof(w)) == sizeof(w)) {
		*rc = w.rc;
		*why = w.why;
		return 0;
	}
	waitid(P_PID, (id_t)j->pid, &si, WEXITED | WNOHANG | WNOWAIT);
	*rc = why_fail(why, ECHILD, si.si_code == CLD_EXITED ? "the process that measures ended with %d" : "the process that measures was killed by signal %d",
		       si.si_status);
	return 0;
}

void jail_end(struct jail *j)
{
	if (!j)
		return;
	kill(j->pid, SIGKILL);
	while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (j->pid_fd >= 0)
		close(j->pid_fd);
	close(j->said);
	free(j);
}
