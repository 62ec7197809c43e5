/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guestclock: how far is a guest's CLOCK_REALTIME from the host's, truly?
 *
 *	guest	share TOKEN SECONDS	answers the host's questions for the guest's TSC, in a page that both see
 *	host	ask TOKEN FILE		asks; FILE is the guest's memory. Prints "LO HI": the guest's TSC minus the host's, in ticks, lies
 *					between them, by each of many questions
 *	guest	disturb NS PPB		steps and detunes the guest's clock: the error that it begins with
 *	guest	pairs MS COUNT		every MS "pair TSC TSC REALTIME": the clock was read between the two
 *	guest	monos MS COUNT		every MS "mono TSC TSC MONOTONIC"
 *	host	truth LO HI [PID]	copies its input, each pair as "true NS BOUND": guest minus host, off by BOUND at most. With the
 *					process of a UML guest " NS BOUND AGE" besides: what its kernel's timekeeper says AGE ns later
 *
 * UML is a process: its TSC is the host's, and LO <= 0 <= HI says so. QEMU's TCG adds a constant, which the exchange finds. Nothing
 * is assumed of how long a question or a reading takes: what was read lies between before and after, and that is the bound.
 * A reading takes 60 ns in QEMU and 30 us in UML, where each system call is caught; therefore the timekeeper, which is in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "ptp/tsc_look.h"

#define PAGE		4096
#define CHUNK		(256 * PAGE)
#define QUESTIONS	20000
#define PATIENCE_S	3	/* for all of them; as long again until one was answered at once */
#define NARROW		20000	/* ticks, some 10 us */
#define SPINS		200
#define LOOKS		16	/* at a clock, the shortest counts */
#define BASELINE_NS	200000000	/* over which the host learns its TSC's rate: 50 ns are then 0.25 ppm */

/* Both sides spin: a cache line goes to and fro. */
struct page {
	char token[32];		/* complemented, so that no copy of an argument looks like it */
	_Alignas(64) _Atomic uint64_t question;	/* 0: none yet; UINT64_MAX: that was all */
	_Alignas(64) _Atomic uint64_t answer;
	_Atomic uint64_t tsc;
};

static int64_t real_ns(void)
{
	return now_of(CLOCK_REALTIME);
}

static struct tsc_look look(void)
{
	return tsc_look(CLOCK_REALTIME, LOOKS);
}

static int fail(const char *what)
{
	fprintf(stderr, "guestclock: %s: %s\n", what, strerror(errno));
	return 1;
}

static void token_set(char to[static 32], const char *token)
{
	memset(to, 0, 32);
	for (int i = 0; i < 32 && token[i]; i++)
		to[i] = ~token[i];
}

/* -- the guest's TSC and ours ------------------------------------------------------------------------------------- */

static int share(char **arg)
{
	struct page *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	time_t end = time(NULL) + atoi(arg[1]);
	uint64_t last = 0, question;
	unsigned int spins = 0;

	if (p == MAP_FAILED || mlock(p, PAGE))
		return fail("a page to share");
	token_set(p->token, arg[0]);
	while ((question = atomic_load(&p->question)) != UINT64_MAX) {
		if (question != last) {
			atomic_store(&p->tsc, tsc_settled());
			atomic_store(&p->answer, question);
			last = question;
		} else if (!last) {
			usleep(10000);
			spins |= 0xffff;
		}
		if (!(spins++ & 0xffff) && time(NULL) > end) {
			errno = ETIMEDOUT;
			return fail("nobody asks");
		}
	}
	return 0;
}

static off_t page_find(int fd, const char *token)
{
	static char buf[CHUNK];
	char want[32];
	ssize_t n;

	token_set(want, token);
	for (off_t at = 0; (n = pread(fd, buf, CHUNK, at)) >= PAGE; at += n)
		for (off_t i = 0; i + PAGE <= n; i += PAGE)
			if (!memcmp(buf + i, want, sizeof(want)))
				return at + i;
	return -1;
}

/* To the next CPU: on the guest's own no question is answered at once. */
static void move(unsigned int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n % (unsigned int)sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int ask(char **arg)
{
	int fd = open(arg[1], O_RDWR | O_CLOEXEC);
	time_t end = time(NULL) + PATIENCE_S;
	int64_t lo = INT64_MIN / 2, hi = INT64_MAX / 2;
	bool narrow = false;
	struct page *p;
	off_t at;

	if (fd < 0)
		return fail(arg[1]);
	while ((at = page_find(fd, arg[0])) < 0) {
		if (time(NULL) > end) {
			errno = ETIMEDOUT;
			return fail("the guest shares no page");
		}
		usleep(50000);
	}
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
	if (p == MAP_FAILED)
		return fail("the guest's page");
	end = time(NULL) + PATIENCE_S;
	for (uint64_t i = 1; (i <= QUESTIONS || !narrow) && time(NULL) < end + (narrow ? 0 : PATIENCE_S); i++) {
		uint64_t before, after, guest;

		if (!(i % 256))
			move(i / 256);
		before = tsc_settled();
		atomic_store(&p->question, i);
		for (unsigned int n = 0; atomic_load(&p->answer) != i; n++) {
			if (time(NULL) > end + PATIENCE_S) {
				errno = ETIMEDOUT;
				return fail("the guest does not answer");
			}
			if (n > SPINS)
				usleep(50);	/* it may want this very CPU */
		}
		after = tsc_settled();
		guest = atomic_load(&p->tsc);
		lo = (int64_t)(guest - after) > lo ? (int64_t)(guest - after) : lo;
		hi = (int64_t)(guest - before) < hi ? (int64_t)(guest - before) : hi;
		narrow |= hi - lo < NARROW;
	}
	atomic_store(&p->question, UINT64_MAX);
	printf("%" PRId64 " %" PRId64 "\n", lo, hi);
	if (lo > hi) {
		errno = ERANGE;
		return fail("the guest's TSC is no constant away from the host's");
	}
	return 0;
}

/* -- the guest's clock -------------------------------------------------------------------------------------------- */

static int disturb(char **arg)
{
	struct timex step = { .modes = ADJ_SETOFFSET | ADJ_NANO };
	struct timex tune = { .modes = ADJ_FREQUENCY, .freq = atol(arg[1]) * 65536 / 1000 };
	long ns = atol(arg[0]);

	/* A guest has this file, and no other machine: its clock is nobody else's. */
	if (access("/takt/conf", F_OK))
		return fail("only a guest's clock is disturbed");
	step.time.tv_sec = ns / 1000000000 - (ns % 1000000000 < 0);
	step.time.tv_usec = ns - step.time.tv_sec * 1000000000;
	if (clock_adjtime(CLOCK_REALTIME, &step) < 0 || clock_adjtime(CLOCK_REALTIME, &tune) < 0)
		return fail("the guest's clock");
	return 0;
}

static int looks(char **arg, const char *name, clockid_t clock)
{
	long ms = atol(arg[0]);

	setlinebuf(stdout);
	for (long i = atol(arg[1]); i > 0; i--) {
		struct tsc_look l = tsc_look(clock, LOOKS);

		printf("%s %" PRIu64 " %" PRIu64 " %" PRId64 "\n", name, l.before, l.after, l.t);
		if (i > 1)
			usleep(ms * 1000);
	}
	return 0;
}

static int pairs(char **arg)
{
	return looks(arg, "pair", CLOCK_REALTIME);
}

static int monos(char **arg)
{
	return looks(arg, "mono", CLOCK_MONOTONIC);
}

/* -- UML: what its kernel would say this instant ------------------------------------------------------------------- */

/* Linux 6.1, include/linux/timekeeper_internal.h: how the kernel makes time of cycles. UML's cycles are the host's CLOCK_MONOTONIC. */
struct tk_read_base {
	uint64_t clock, mask, cycle_last;
	uint32_t mult, shift;
	uint64_t xtime_nsec, base, base_real;
};

#define TK_COPIES	8
#define TK_AGE_NS	INT64_C(10000000000)	/* a guest that idles ticks once a second or so */

struct uml {
	int mem;
	int n;
	uint64_t at[TK_COPIES];
};

static int64_t unit_ns(const struct tk_read_base *tk)
{
	return ((uint64_t)tk->mult + (UINT64_C(1) << tk->shift >> 1)) >> tk->shift;
}

/* Is it one? Its cycles are of late, and its time is of our days. */
static bool tk_plausible(const struct tk_read_base *tk, int64_t now)
{
	int64_t age, unit;

	if (tk->mask != UINT64_MAX || tk->clock >> 20 == 0 || tk->shift < 8 || tk->shift > 31 || !tk->mult)
		return false;
	unit = unit_ns(tk);
	age = now - (int64_t)tk->cycle_last * unit;
	return unit && age >= 0 && age < TK_AGE_NS && tk->base_real > UINT64_C(1000000000000000000) && tk->base_real >> 63 == 0;
}

static int64_t tk_real(const struct tk_read_base *tk, int64_t now)
{
	uint64_t cycles = now / unit_ns(tk) - tk->cycle_last;

	return tk->base_real + (int64_t)((cycles * tk->mult + tk->xtime_nsec) >> tk->shift);
}

static void uml_scan(struct uml *u, uint64_t from, uint64_t to)
{
	static char buf[CHUNK + sizeof(struct tk_read_base)];
	struct tk_read_base tk;
	ssize_t n;

	for (; from < to; from += CHUNK) {
		n = pread(u->mem, buf, to - from < sizeof(buf) ? to - from : sizeof(buf), from);
		for (ssize_t i = 0; i < CHUNK && i + (ssize_t)sizeof(tk) <= n; i += 8) {
			memcpy(&tk, buf + i, sizeof(tk));
			if (tk_plausible(&tk, now_mono()) && u->n < TK_COPIES)
				u->at[u->n++] = from + i;
		}
	}
}

/* The kernel's own data: private mappings of the program and what follows them. */
static int uml_open(struct uml *u, const char *pid)
{
	char path[64], line[512], mode[8];
	uint64_t from, to;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/mem", pid);
	u->mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%.20s/maps", pid);
	f = fopen(path, "re");
	if (u->mem < 0 || !f)
		return fail(path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, mode) == 3 && !strncmp(mode, "rw", 2) && mode[3] == 'p' &&
		    to < UINT64_C(0x100000000))
			uml_scan(u, from, to);
	fclose(f);
	errno = ENODATA;
	return u->n ? 0 : fail("no timekeeper in the guest's kernel");
}

/* Guest minus host, ns. */
static int uml_error(const struct uml *u, int64_t *err, int64_t *bound)
{
	struct tk_read_base best = { 0 }, tk, again;
	int64_t before, now, after;

	for (int i = 0; i < u->n; i++) {
		if (pread(u->mem, &tk, sizeof(tk), u->at[i]) != sizeof(tk) || pread(u->mem, &again, sizeof(tk), u->at[i]) != sizeof(tk))
			return -1;
		if (!memcmp(&tk, &again, sizeof(tk)) && tk_plausible(&tk, now_mono()) && tk.cycle_last > best.cycle_last)
			best = tk;
	}
	if (!best.mult)
		return -1;
	before = real_ns();
	now = now_mono();
	after = real_ns();
	*err = tk_real(&best, now) - (before + (after - before) / 2);
	*bound = (after - before) / 2 + unit_ns(&best);
	return 0;
}

/* One pair as an error. `first` and `now` are looks of the host's, and make its TSC's rate. */
static void pair_print(const struct tsc_look *pair, int64_t lo, int64_t hi, const struct tsc_look *first, const struct uml *uml)
{
	struct tsc_look now = look();
	double rate = (double)(now.t - first->t) / (double)(now.before - first->before);
	double early = (double)(int64_t)(pair->before - hi - now.before) * rate;
	double late = (double)(int64_t)(pair->after - lo - now.before) * rate;
	int64_t err, bound;

	/* The host's own looks have a width too. */
	printf("true %.0f %.0f", (double)(pair->t - now.t) - (early + late) / 2,
	       (late - early) / 2 + 2 * (double)(now.after - now.before) * rate);
	if (uml->n && !uml_error(uml, &err, &bound))
		printf(" %" PRId64 " %" PRId64 " %.0f", err, bound, -early);
	printf("\n");
}

static int truth(char **arg)
{
	struct tsc_look first = look(), pair;
	struct uml uml = { 0 };
	char line[4096];

	setlinebuf(stdout);
	if (arg[2] && uml_open(&uml, arg[2]))
		return 1;
	usleep(BASELINE_NS / 1000);
	while (fgets(line, sizeof(line), stdin))
		if (sscanf(line, "pair %" SCNu64 " %" SCNu64 " %" SCNd64, &pair.before, &pair.after, &pair.t) == 3)
			pair_print(&pair, atoll(arg[0]), atoll(arg[1]), &first, &uml);
		else
			fputs(line, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **arg);
	} verbs[] = { { "share", share }, { "ask", ask }, { "disturb", disturb }, { "pairs", pairs }, { "monos", monos }, { "truth", truth } };

	for (size_t i = 0; argc >= 4 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argv + 2);
	fprintf(stderr, "guestclock: share TOKEN SECONDS, ask TOKEN FILE, disturb NS PPB, pairs MS COUNT, monos MS COUNT, or truth LO HI [PID]\n");
	return 2;
}
