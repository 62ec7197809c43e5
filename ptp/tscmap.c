/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/tscmap.h"

#include <math.h>
#include <stdlib.h>

#define MULT_ONE 4294967296.0 /* 2^32 */

/* Gains of the PI servo: the usual pair for an update interval near one time constant (linuxptp's software defaults). */
#define GAIN_P 0.7
#define GAIN_I 0.3
#define MIN_INTERVAL_NS 10e6
#define OFF_TURNS 2.0  /* the rate is this many of its latest turns uncertain; the greatest counts, */
#define OFF_DECAY 0.95 /* and is forgotten over some ten updates */
#define MAX_BEND 500e-6 /* the line never bends further than this from the long-term rate: what adjtime may slew */

void tscmap_publish(struct tscmap *m, const struct tscmap_line *line)
{
	uint32_t seq = atomic_load_explicit(&m->seq, memory_order_relaxed);

	atomic_store_explicit(&m->seq, seq + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	m->line = *line;
	atomic_store_explicit(&m->seq, seq + 2, memory_order_release);
}

void tscmap_servo_init(struct tscmap_servo *s, const struct tscmap_sample *a, const struct tscmap_sample *b)
{
	s->ns_per_tick = (double)(b->tai - a->tai) / (double)(b->tsc - a->tsc);
	s->nominal = s->ns_per_tick;
	s->last = *b;
	s->steps = 0;
	s->nominal_off = (double)(a->half_ns + b->half_ns) / (double)(b->tai - a->tai);
	s->rate_off = s->nominal_off;
	s->held_ns = 0;
	s->held = false;
	s->line = (struct tscmap_line){
		.tsc0 = b->tsc,
		.tai0 = b->tai,
		.mult = (uint64_t)llround(s->ns_per_tick * MULT_ONE),
		.bound_ns = a->half_ns + b->half_ns,
	};
}

void tscmap_servo_hold(struct tscmap_servo *s, uint64_t tsc)
{
	double alone_ns = (double)(tsc - s->last.tsc) * s->ns_per_tick;

	if (!s->held) {
		s->line.tai0 = tscmap_at(&s->line, tsc);
		s->line.tsc0 = tsc;
		s->line.mult = (uint64_t)llround(s->ns_per_tick * MULT_ONE);
		s->held_ns = s->line.bound_ns;
		s->held = true;
	}
	s->line.bound_ns = s->held_ns + (int64_t)ceil(alone_ns * (s->rate_off + TSCMAP_CREEP));
}

static double clamp(double v, double limit)
{
	return fmax(-limit, fmin(limit, v));
}

int64_t tscmap_servo_update(struct tscmap_servo *s, const struct tscmap_sample *sample)
{
	int64_t here = tscmap_at(&s->line, sample->tsc);
	int64_t error = sample->tai - here;
	double interval_ns = (double)(sample->tsc - s->last.tsc) * s->ns_per_tick;
	double bend, turn;

	if (interval_ns < MIN_INTERVAL_NS)
		return error; /* too short a base line: noise would be taken for rate */
	s->line.tsc0 = sample->tsc;
	s->held = false;
	if (llabs(error) > TSCMAP_STEP_NS) {
		/* Back to the rate first measured: what was learned since may have been the step coming. */
		s->ns_per_tick = s->nominal;
		s->line.mult = (uint64_t)llround(s->ns_per_tick * MULT_ONE);
		s->line.tai0 = sample->tai;
		s->line.stepped += error;
		s->line.bound_ns = sample->half_ns;
		s->steps++;
		s->rate_off = s->nominal_off;
	} else {
		turn = clamp(GAIN_I * (double)error / interval_ns, MAX_BEND);
		s->ns_per_tick *= 1 + turn;
		s->rate_off = fmax(OFF_TURNS * fabs(turn), OFF_DECAY * s->rate_off);
		bend = clamp(GAIN_P * (double)error / interval_ns, MAX_BEND);
		s->line.tai0 = here;
		s->line.mult = (uint64_t)llround(s->ns_per_tick * (1 + bend) * MULT_ONE);
		s->line.bound_ns = llabs(error) + sample->half_ns;
	}
	s->last = *sample;
	return error;
}
