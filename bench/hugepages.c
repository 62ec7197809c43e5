/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/hugepages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

int hugepages_borrow(int64_t *borrowed, int64_t want, struct why *why)
{
	int64_t had = get(POOL "nr_hugepages"), idle = get(POOL "free_hugepages"), got;
	int rc;

	*borrowed = 0;
	if (had < 0 || idle < 0)
		return why_fail(why, ENOTSUP, "%s: this kernel has no huge pages of 2 MiB", POOL);
	if (idle >= want)
		return 0;
	rc = set(had + want - idle);
	if (rc)
		return why_fail(why, -rc, "%snr_hugepages cannot be written: %s: run this as root", POOL, strerror(-rc));
	got = get(POOL "nr_hugepages");
	*borrowed = got - had;
	if (got >= had + want - idle)
		return 0;
	hugepages_return(*borrowed);
	*borrowed = 0;
	return why_fail(why, ENOMEM, "%" PRId64 " huge pages of 2 MiB are wanted, %" PRId64 " could be had: free some memory", want,
			idle + got - had);
}

void hugepages_return(int64_t borrowed)
{
	int64_t have = get(POOL "nr_hugepages"), idle = get(POOL "free_hugepages");

	if (borrowed > idle)
		borrowed = idle;	/* somebody set the pool anew meanwhile: what is in use is theirs */
	if (borrowed > 0)
		set(have - borrowed);
}
