/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/proc_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the child reports: that it is there, later the step that failed. */
enum step { STEP_ALIVE, STEP_NETNS, STEP_CPU, STEP_DIR, STEP_EXEC };
struct report { int step, err; };

_Noreturn static void fail(int fd, enum step step)
{
	struct report r = { step, errno };

	if (write(fd, &r, sizeof(r)) < 0)
		_exit(126);
	_exit(127);
}

void proc_child_become(const struct proc_conf *conf, const sigset_t *mask, const struct cpu_list *cpus, int netns_fd, int out_fd, int fd)
{
	struct report alive = { STEP_ALIVE, 0 };
	int in = conf->in ?: open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (write(fd, &alive, sizeof(alive)) < 0)	/* the parent died before prctl(): so do we */
		_exit(127);
	setpgid(0, 0);
	dup2(in, 0);
	dup2(out_fd, 1);
	dup2(out_fd, 2);
	if (netns_fd >= 0 && setns(netns_fd, CLONE_NEWNET))
		fail(fd, STEP_NETNS);
	if (conf->cpu && syscall(SYS_sched_setaffinity, 0, sizeof(cpus->bits), cpus->bits) < 0)
		fail(fd, STEP_CPU);
	if (conf->nice)
		setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + conf->nice);
	if (conf->dir && chdir(conf->dir))
		fail(fd, STEP_DIR);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(conf->argv[0], (char *const *)conf->argv);
	fail(fd, STEP_EXEC);
}

pid_t proc_child_fork(bool own_pids, int *pid_fd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | (own_pids ? CLONE_NEWPID : 0),
		.pidfd = (uintptr_t)pid_fd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	return pid < 0 && errno == EPERM && own_pids ? proc_child_fork(false, pid_fd) : pid;
}

int proc_child_hear(const struct proc_conf *conf, int fd, struct why *why)
{
	static const char *const what[] = {
		[STEP_NETNS] = "cannot enter its network namespace",
		[STEP_CPU] = "cannot run on the CPUs it was given",
		[STEP_DIR] = "cannot enter its folder",
		[STEP_EXEC] = "cannot be executed",
	};
	struct report r = { STEP_EXEC, EIO };

	if (read(fd, &r, sizeof(r)) != sizeof(r) || r.step != STEP_ALIVE)
		return why_fail(why, EIO, "%s: died before it began", conf->name);
	if (read(fd, &r, sizeof(r)) != sizeof(r))
		return 0;
	return why_fail(why, r.err, "%s: %s %s: %s", conf->name, conf->argv[0], what[r.step], strerror(r.err));
}
