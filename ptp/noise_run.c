/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/noise_run.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "ptp/now.h"
#include "ptp/tscmap.h"

#define CALIBRATE_NS (20 * NS_PER_MS)
#define QUICK_PERIOD (100 * NS_PER_US)	/* a thousand wake-ups in NOISE_QUICK_NS: enough for a p99 */
#define FIFO_PRIO    80
#define NICE	     -20		/* as taktd's worker */
/* The kernel throttles at 95 % of a second, and from 6.12 on helps whom an urgent thread starves as long. */
#define FIFO_RUN     (400 * NS_PER_MS)
#define FIFO_PAUSE   (100 * NS_PER_MS)

struct job {
	struct noise_cpu *cpu;
	const struct noise_conf *conf;
	bool (*stopped)(void);
	pthread_t thread;
	bool started;
	int err;
};

static struct timespec to_timespec(int64_t t)
{
	return (struct timespec){.tv_sec = t / NS_PER_SEC, .tv_nsec = t % NS_PER_SEC};
}

static bool is_stopped(const struct job *j)
{
	return j->stopped && j->stopped();
}

/* -- one CPU, in its thread ------------------------------------------------------------------------------------------ */

/* The tightest of some pairs: in between nothing happened. */
static void look(int64_t *t, uint64_t *tsc)
{
	uint64_t best = UINT64_MAX, a, b;

	for (int i = 0; i < 16; i++) {
		a = tscmap_tsc();
		int64_t now = now_mono();
		b = tscmap_tsc();
		if (b - a >= best)
			continue;
		best = b - a;
		*t = now;
		*tsc = a + (b - a) / 2;
	}
}

static double ticks_per_ns(void)
{
	int64_t t0 = 0, t1 = 0;
	uint64_t tsc0 = 0, tsc1 = 0;

	look(&t0, &tsc0);
	do
		look(&t1, &tsc1);
	while (t1 - t0 < CALIBRATE_NS);
	return (double)(tsc1 - tsc0) / (double)(t1 - t0);
}

static void pause_for_others(void)
{
	struct timespec pause = to_timespec(FIFO_PAUSE);

	nanosleep(&pause, NULL);
}

static bool run_fifo(bool on)
{
	struct sched_param param = {.sched_priority = on ? FIFO_PRIO : 0};

	return !pthread_setschedparam(pthread_self(), on ? SCHED_FIFO : SCHED_OTHER, &param);
}

static void poll_for(struct job *j, double rate, int64_t span_ns)
{
	struct noise_poll p;
	uint64_t begin = tscmap_tsc(), end = begin + (uint64_t)((double)span_ns * rate), tsc = begin;

	noise_poll_init(&p, j->cpu, begin, rate, j->conf->period_ns, j->conf->gap_ns);
	while (tsc < end) {
		tsc = tscmap_tsc();
		if (!noise_poll_at(&p, tsc))
			continue;
		if (is_stopped(j))
			break;
		p.last = tscmap_tsc(); /* the noting is ours */
	}
	j->cpu->poll_ns += (int64_t)((double)(tsc - begin) / rate);
}

static void poll_cpu(struct job *j)
{
	int64_t left = j->conf->span_ns, most = j->conf->fifo ? FIFO_RUN : left;
	double rate = ticks_per_ns();

	for (; left > 0 && !is_stopped(j); left -= most) {
		poll_for(j, rate, left < most ? left : most);
		if (j->conf->fifo)
			pause_for_others();
	}
}

static void wake_cpu(struct job *j)
{
	int64_t begin = now_mono(), end = begin + j->conf->span_ns, next = begin + j->conf->period_ns;
	struct timespec at;

	j->cpu->fifo = run_fifo(true);
	prctl(PR_SET_TIMERSLACK, 1);
	while (next < end && !is_stopped(j)) {
		at = to_timespec(next);
		if (!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL))
			noise_late_at(&j->cpu->wake, &next, j->conf->period_ns, now_mono());
	}
	if (j->cpu->fifo && !j->conf->fifo)
		run_fifo(false);
}

/* The CPU never sleeps here: what is late is the timer's interrupt, not the waking up. */
static int time_cpu(struct job *j)
{
	int64_t begin = now_mono(), end = begin + j->conf->span_ns, next = begin + j->conf->period_ns, pause = begin + FIFO_RUN, now;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), err = 0;
	uint64_t times;

	if (fd < 0)
		return -errno;
	while (next < end && !is_stopped(j)) {
		struct itimerspec at = {.it_value = to_timespec(next)};

		if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL)) {
			err = -errno;
			break;
		}
		while (read(fd, &times, sizeof(times)) < 0)
			;
		now = now_mono();
		noise_late_at(&j->cpu->timer, &next, j->conf->period_ns, now);
		if (!j->conf->fifo || now < pause)
			continue;
		pause_for_others();
		next = now_mono() + j->conf->period_ns;
		end += FIFO_PAUSE;
		pause += FIFO_RUN + FIFO_PAUSE;
	}
	close(fd);
	return err;
}

static void *measure(void *arg)
{
	struct job *j = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(j->cpu->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		j->err = -errno;
		return NULL;
	}
	setpriority(PRIO_PROCESS, 0, NICE);	/* of this thread */
	if (j->conf->fifo && !run_fifo(true)) {
		j->err = -EPERM;
		return NULL;
	}
	if (j->conf->what & NOISE_POLL)
		poll_cpu(j);
	if (j->conf->what & NOISE_WAKE)
		wake_cpu(j);
	if (j->conf->what & NOISE_TIMER)
		j->err = time_cpu(j);
	return NULL;
}

/* -- all of them ----------------------------------------------------------------------------------------------------- */

static char *proc_stat(void)
{
	FILE *f = fopen("/proc/stat", "re");
	char *text = NULL;
	size_t size = 0;

	if (f && getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

static int64_t steal_ns(const char *stat, int cpu)
{
	int64_t ticks = stat ? noise_steal(stat, cpu) : -1;

	return ticks < 0 ? NOISE_NO_STEAL : ticks * (NS_PER_SEC / sysconf(_SC_CLK_TCK));
}

static void add_steal(struct noise_cpu *c, const char *before, const char *after)
{
	int64_t from = steal_ns(before, c->cpu), to = steal_ns(after, c->cpu);

	if (from == NOISE_NO_STEAL || to == NOISE_NO_STEAL || c->steal_ns == NOISE_NO_STEAL)
		c->steal_ns = NOISE_NO_STEAL;
	else
		c->steal_ns += to > from ? to - from : 0;
}

static int check_cpus(const struct noise_cpu *cpus, unsigned int n, struct why *why)
{
	struct cpu_list ours = noise_cpus(-1);
	char text[CPU_LIST_STR_LEN];

	for (unsigned int i = 0; i < n; i++)
		if (!cpu_list_has(&ours, cpus[i].cpu))
			return why_fail(why, EINVAL, "CPU %d: this process may use CPU %s alone", cpus[i].cpu, cpu_list_str(text, &ours));
	return 0;
}

int noise_run(struct noise_cpu *cpus, unsigned int n, const struct noise_conf *conf, bool (*stopped)(void), struct why *why)
{
	int err = check_cpus(cpus, n, why);
	unsigned int i;
	struct job *jobs = err ? NULL : calloc(n, sizeof(*jobs));
	bool locked;
	int64_t t0;
	char *before, *after;

	if (err)
		return err;
	if (!jobs)
		return why_fail(why, ENOMEM, "out of memory");
	locked = !mlockall(MCL_CURRENT);
	before = proc_stat();
	t0 = now_mono();
	for (i = 0; i < n; i++) {
		jobs[i] = (struct job){.cpu = &cpus[i], .conf = conf, .stopped = stopped};
		jobs[i].err = -pthread_create(&jobs[i].thread, NULL, measure, &jobs[i]);
		jobs[i].started = !jobs[i].err;
	}
	for (i = 0; i < n; i++) {
		if (jobs[i].started)
			pthread_join(jobs[i].thread, NULL);
		if (jobs[i].err && !err)
			err = why_fail(why, -jobs[i].err, jobs[i].err == -EPERM ? "CPU %d: SCHED_FIFO: %s: be root, or leave it out" : "CPU %d: cannot measure there: %s", cpus[i].cpu, strerror(-jobs[i].err));
	}
	after = proc_stat();
	for (i = 0; i < n; i++) {
		cpus[i].span_ns += now_mono() - t0;
		cpus[i].locked = locked;
		add_steal(&cpus[i], before, after);
	}
	if (locked)
		munlockall();
	free(before);
	free(after);
	free(jobs);
	return err;
}

struct cpu_list noise_cpus(int but)
{
	struct cpu_list l = {{0}};
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return l;
	for (int cpu = 0; cpu < CPU_LIST_MAX && cpu < CPU_SETSIZE; cpu++)
		if (cpu != but && CPU_ISSET(cpu, &set))
			cpu_list_add(&l, cpu);
	return l;
}

int noise_quick(const struct cpu_list *cpus, int64_t span_ns, struct noise_result *result, struct why *why)
{
	const struct noise_conf conf = {.what = NOISE_WAKE, .span_ns = span_ns, .period_ns = QUICK_PERIOD, .gap_ns = NS_PER_US};
	struct cpu_list ours = noise_cpus(-1);
	struct noise_cpu *c = calloc(NOISE_QUICK_CPUS, sizeof(*c));
	char *stat;
	int64_t steal;
	unsigned int n = 0;
	int err = 0;

	if (!c)
		return why_fail(why, ENOMEM, "out of memory");
	if (!result->t_first) {
		result->t_first = now_mono();
		stat = proc_stat();
		result->steal_first = steal_ns(stat, -1);
		free(stat);
	}
	for (int cpu = 0; cpu < CPU_LIST_MAX && n < NOISE_QUICK_CPUS; cpu++)
		if (cpu_list_has(cpus, cpu) && cpu_list_has(&ours, cpu))
			c[n++].cpu = cpu;
	if (n)
		err = noise_run(c, n, &conf, NULL, why);
	for (unsigned int i = 0; i < n && !err; i++) {
		cpu_list_add(&result->cpus, c[i].cpu);
		hist_merge(&result->wake.late, &c[i].wake.late);
		result->wake.missed += c[i].wake.missed;
		result->fifo = c[i].fifo;
	}
	stat = proc_stat();
	steal = steal_ns(stat, -1);
	free(stat);
	result->steal_ns = steal == NOISE_NO_STEAL || result->steal_first == NOISE_NO_STEAL ? NOISE_NO_STEAL : steal - result->steal_first;
	result->span_ns = now_mono() - result->t_first;
	result->runs++;
	free(c);
	return err;
}
