/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/between.h"

#include <math.h>

#include "bench/chance.h"

void between_add(struct between *b, const int64_t *sorted, size_t n, double confidence)
{
	struct quant q[QUANT_STEPS];
	int i;

	quant_ladder(q, sorted, n, confidence);
	b->reps++;
	for (i = 0; i < QUANT_STEPS; i++) {
		double x, off;

		if (!q[i].known || q[i].ns <= 0)
			continue;
		x = log((double)q[i].ns);
		off = x - b->step[i].mean;
		b->step[i].known++;
		b->step[i].mean += off / (double)b->step[i].known;
		b->step[i].squares += off * (x - b->step[i].mean);
	}
}

bool between_widen(const struct between *b, struct quant *q, int step, double confidence)
{
	double n = (double)b->reps, mean = b->step[step].mean, far, lower, upper;

	if (b->reps < 2 || b->step[step].known < b->reps || !q->known)
		return false;
	far = chance_t_point((1 - confidence) / 2, n - 1) * sqrt(b->step[step].squares / (n - 1) / n);
	lower = exp(mean - far);
	upper = exp(mean + far);
	if (lower < (double)q->lower_ns)
		q->lower_ns = (int64_t)lower;
	if (upper > (double)q->upper_ns)
		q->upper_ns = upper < 9e18 ? (int64_t)ceil(upper) : INT64_MAX;
	return true;
}
