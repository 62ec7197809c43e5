/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run [FIRST [COUNT]]: simulate COUNT worlds (1000) from seed FIRST (1) on. A failing seed is printed; `run SEED 1` replays it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim.h"

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? 1 : 1000;
	struct sim *s = aligned_alloc(64, (sizeof(*s) + 63) / 64 * 64);
	uint64_t asks = 0, answered = 0, ptp = 0, ptp_role = 0, ptp_rate = 0, ptp_clock = 0, ptp_corrected = 0, frames = 0, schedules = 0, shaped = 0, ordered = 0, policed = 0, overruns = 0, steps = 0, failed = 0;
	uint64_t seed;
	uint32_t i;

	for (seed = first; s && seed < first + count; seed++) {
		if (sim_run(s, seed) || !sim_check(s)) {
			printf("seed %" PRIu64 ": %s\n", seed, s->why.text);
			failed++;
		}
		frames += s->injected;
		schedules += s->n_schedules;
		shaped += s->shaped;
		asks += s->asks;
		answered += s->answered;
		ptp += s->ptp;
		ptp_role += s->ptp_role;
		ptp_rate += s->ptp_rate;
		ptp_clock += s->ptp_clock;
		ptp_corrected += s->ptp_corrected;
		policed += s->policed;
		ordered += s->ordered;
		steps += s->steps + s->stalls;
		for (i = 0; i < s->n_ports; i++)
			overruns += s->port[i].stat.overruns;
		sim_free(s);
	}
	printf("simulated %" PRIu64 " worlds: %" PRIu64 " frames, %" PRIu64 " schedules, %" PRIu64 " classes by credit, %" PRIu64 " by time, %" PRIu64
	       " frames policed away, %" PRIu64 " of PTP (%" PRIu64 " dropped by role, %" PRIu64 " by rate, %" PRIu64 " by another's name, %" PRIu64 " corrected), %" PRIu64 " asks for the time (%" PRIu64 " answered), %" PRIu64 " overruns, %" PRIu64
	       " steps and stops\n",
	       count, frames, schedules, shaped, ordered, policed, ptp, ptp_role, ptp_rate, ptp_clock, ptp_corrected, asks, answered, overruns, steps);
	if (failed)
		printf("replay one with: build/tests/sim/run SEED\n");
	printf("%" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n", count - failed, failed);
	free(s);
	return failed || !s;
}
