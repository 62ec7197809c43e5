/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/hugepages.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/jail.h"

#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/"

static int64_t get(const char *path)
{
	FILE *f = fopen(path, "re");
	int64_t v = -1;

	if (!f)
		return -errno;
	if (fscanf(f, "%" SCNd64, &v) != 1)
		v = -EIO;
	fclose(f);
	return v;
}

static int set(int64_t n)
{
	FILE *f = fopen(POOL "nr_hugepages", "we");

	if (!f)
		return -errno;
	fprintf(f, "%" PRId64 "\n", n);
	return fclose(f) ? -errno : 0;
}

int64_t hugepages_pool(void)
{
	return get(POOL "nr_hugepages");
}

int64_t hugepages_idle(void)
{
	return get(POOL "free_hugepages");
}

/* There is a keeper in jails only. */
static void tell_keeper(char sign, int64_t n, int64_t had)
{
	int fd = open(JAIL_KEEPER, O_WRONLY | O_CLOEXEC | O_NONBLOCK), len;
	char line[64];

	if (fd < 0)
		return;
	len = snprintf(line, sizeof(line), "%c%" PRId64 " %" PRId64 "\n", sign, n, had);
	if (write(fd, line, (size_t)len) != len)
		fprintf(stderr, "%s: cannot be told: %s\n", JAIL_KEEPER, strerror(errno));
	close(fd);
}

int hugepages_borrow(int64_t *borrowed, int64_t want, struct why *why)
{
	int64_t had = hugepages_pool(), idle = hugepages_idle(), got;
	int rc;

	*borrowed = 0;
	if (had < 0 || idle < 0)
		return why_fail(why, ENOTSUP, "%s: this kernel has no huge pages of 2 MiB", POOL);
	if (idle >= want)
		return 0;
	tell_keeper('+', want - idle, had);
	rc = set(had + want - idle);
	if (rc)
		tell_keeper('-', want - idle, 0);
	if (rc)
		return why_fail(why, -rc, "%snr_hugepages cannot be written: %s: run this as root", POOL, strerror(-rc));
	got = hugepages_pool();
	*borrowed = got - had;
	tell_keeper('-', want - idle - *borrowed, 0);
	if (got >= had + want - idle)
		return 0;
	hugepages_return(*borrowed);
	*borrowed = 0;
	return why_fail(why, ENOMEM, "%" PRId64 " huge pages of 2 MiB are wanted, %" PRId64 " could be had: free some memory", want,
			idle + got - had);
}

void hugepages_return(int64_t borrowed)
{
	int64_t have = hugepages_pool(), idle = hugepages_idle(), all = borrowed;

	if (borrowed > idle)
		borrowed = idle;	/* somebody set the pool anew meanwhile: what is in use is theirs */
	if (borrowed > 0)
		set(have - borrowed);
	if (all > 0)
		tell_keeper('-', all, 0);
}
