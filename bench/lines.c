/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/lines.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void lines_begin(struct out *o, bool json)
{
	out_init(o, stdout, json);
	out_array(o, NULL);
}

int lines_end(struct out *o, int rc, struct why *why)
{
	int end;

	out_end(o);
	end = out_fini(o);
	return rc || !end ? rc : why_fail(why, -end, "cannot print the result: %s", strerror(-end));
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double lines_median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), ascending);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double lines_quantile(double *v, int n, double q)
{
	qsort(v, (size_t)n, sizeof(*v), ascending);
	return v[(int)((n - 1) * q)];
}

void lines_put(struct out *o, const char *name, double value, const char *unit, const double *peer, const double *ratio)
{
	out_object(o, NULL);
	out_str(o, "name", name, "%s\t", name);
	out_real(o, "value", value, "%.3f\t", value);
	out_str(o, "unit", unit, "%s\t", unit);
	if (peer)
		out_real(o, "peer", *peer, "%.3f\t", *peer);
	else
		out_null(o, "peer", "-\t");
	if (ratio)
		out_real(o, "ratio", *ratio, "%.3f\n", *ratio);
	else
		out_null(o, "ratio", "-\n");
	out_end(o);
}
