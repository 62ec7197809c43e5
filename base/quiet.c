/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/quiet.h"

bool quiet_may(struct quiet *q, int64_t now, bool *last)
{
	if (!q->told || now - q->t_first > QUIET_WINDOW_NS || now < q->t_first) {
		q->told = 0;
		q->t_first = now;
	}
	*last = q->told == QUIET_LINES - 1;
	if (q->told == QUIET_LINES)
		return false;
	q->told++;
	return true;
}
