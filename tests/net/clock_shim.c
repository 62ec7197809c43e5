/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clock_shim: CLOCK_REALTIME, CLOCK_TAI and the kernel's TAI offset as a file says, for one process, which is started with
 * LD_PRELOAD. The machine's clock is left alone: adjtimex() with anything to be set is refused.
 *
 * The same source with -DSETTER is the program that writes the file:
 *	clock_set FILE [step=NS] [ppm=N] [tai=S] [mode=true|garbage|fails]
 * and prints from when on what holds: CLOCK_REALTIME ns as the kernel has it, and what is added there: offset ns, rate (ppm,
 * from that instant on), TAI offset s.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC INT64_C(1000000000)

enum mode { MODE_TRUE, MODE_GARBAGE, MODE_FAILS };

struct shim {
	_Atomic uint32_t seq; /* odd while it is written */
	int32_t tai;	      /* s */
	int64_t t_from;	      /* the rate counts from then on */
	int64_t offset_ns;
	double ppm;
	_Atomic uint32_t mode;
};

static struct shim *map(const char *path)
{
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *m;

	if (fd < 0 || ftruncate(fd, sizeof(struct shim)))
		return NULL;
	m = mmap(NULL, sizeof(struct shim), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return m == MAP_FAILED ? NULL : m;
}

static int64_t apply(const struct shim *s, int64_t t)
{
	return t + s->offset_ns + (int64_t)((double)(t - s->t_from) * s->ppm * 1e-6);
}

#ifdef SETTER
int main(int argc, char **argv)
{
	struct shim *s = argc > 1 ? map(argv[1]) : NULL;
	struct timespec ts;
	int64_t t;
	int i;

	if (!s)
		return 2;
	clock_gettime(CLOCK_REALTIME, &ts);
	t = ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
	atomic_fetch_add(&s->seq, 1);
	s->offset_ns = apply(s, t) - t; /* goes on from where it is */
	s->t_from = t;
	for (i = 2; i < argc; i++) {
		if (!strncmp(argv[i], "step=", 5))
			s->offset_ns += atoll(argv[i] + 5);
		else if (!strncmp(argv[i], "ppm=", 4))
			s->ppm = atof(argv[i] + 4);
		else if (!strncmp(argv[i], "tai=", 4))
			s->tai = atoi(argv[i] + 4);
		else if (!strncmp(argv[i], "mode=", 5))
			s->mode = argv[i][5] == 'g' ? MODE_GARBAGE : argv[i][5] == 'f' ? MODE_FAILS : MODE_TRUE;
		else
			return 2;
	}
	atomic_fetch_add(&s->seq, 1);
	printf("%lld %lld %g %d\n", (long long)t, (long long)s->offset_ns, s->ppm, s->tai);
	return 0;
}
#else
static struct shim *shim;
static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_adjtimex)(struct timex *);

__attribute__((constructor)) static void begin(void)
{
	real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	real_adjtimex = (int (*)(struct timex *))dlsym(RTLD_NEXT, "adjtimex");
	shim = map(getenv("CLOCK_SHIM"));
	if (!shim)
		abort();
}

static struct shim read_shim(void)
{
	struct shim copy;
	uint32_t seq;

	do {
		while ((seq = atomic_load(&shim->seq)) & 1)
			;
		memcpy(&copy, shim, sizeof(copy));
		atomic_thread_fence(memory_order_acquire);
	} while (atomic_load(&shim->seq) != seq);
	return copy;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	static _Thread_local uint64_t random = 88172645463325252ULL;
	struct shim s;
	int64_t t;
	int rc;

	if (clock != CLOCK_REALTIME && clock != CLOCK_TAI)
		return real_gettime(clock, ts);
	s = read_shim();
	rc = real_gettime(CLOCK_REALTIME, ts);
	if (s.mode == MODE_FAILS) {
		errno = EINVAL;
		return -1;
	}
	t = apply(&s, ts->tv_sec * NS_PER_SEC + ts->tv_nsec);
	if (clock == CLOCK_TAI)
		t += s.tai * NS_PER_SEC;
	if (s.mode == MODE_GARBAGE) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		t += (int64_t)(random % 100000000000) - 50 * NS_PER_SEC;
	}
	ts->tv_sec = t / NS_PER_SEC;
	ts->tv_nsec = t % NS_PER_SEC;
	return rc;
}

int adjtimex(struct timex *tx)
{
	int rc;

	if (tx->modes) {
		errno = EPERM;
		return -1;
	}
	rc = real_adjtimex(tx);
	tx->tai = read_shim().tai;
	return rc;
}
#endif
