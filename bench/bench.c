/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

const struct cmd bench_cmds[] = {
	{
		.name = "demo", .args = "", .help = "two guests, a wire, three schedules: frames in their window, and a report",
		.opts = demo_opts, .examples = demo_examples, .run = demo_run,
	},
	{ 0 }
};
