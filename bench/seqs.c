/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/seqs.h"

#include <string.h>

static uint64_t *word(struct seqs *s, uint32_t seq)
{
	return &s->seen[seq % SEQS_WINDOW / 64];
}

static uint64_t bit(uint32_t seq)
{
	return UINT64_C(1) << seq % 64;
}

static void begin(struct seqs *s, uint32_t seq)
{
	memset(s->seen, 0, sizeof(s->seen));
	s->first = s->last = seq;
	*word(s, seq) |= bit(seq);
}

static void ahead(struct seqs *s, uint32_t seq)
{
	uint32_t n = seq - s->last;

	s->lost += n - 1;
	if (n >= SEQS_WINDOW)
		memset(s->seen, 0, sizeof(s->seen));
	else
		while (++s->last != seq)
			*word(s, s->last) &= ~bit(s->last);
	s->last = seq;
	*word(s, seq) |= bit(seq);
}

void seqs_add(struct seqs *s, uint32_t seq)
{
	s->received++;
	if (!s->last) {
		begin(s, seq);
	} else if (seq > s->last) {
		ahead(s, seq);
	} else if (s->last - seq >= SEQS_WINDOW) {
		if (seq == 1) {
			s->restarts++;
			begin(s, seq);
		} else {
			s->duplicate++;
		}
	} else if (*word(s, seq) & bit(seq)) {
		s->duplicate++;
	} else {
		*word(s, seq) |= bit(seq);
		s->reordered++;
		if (seq > s->first)
			s->lost--;	/* not lost after all */
	}
}
