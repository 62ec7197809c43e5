/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

const struct cmd bench_cmds[] = {
	{
		.name = "run", .args = "FILE", .help = "measure a campaign: a matrix of cells, each some times; what was interrupted is gone on with",
		.opts = campaign_opts, .examples = campaign_examples, .run = campaign_run,
	},
	{
		.name = "rerun", .args = "RESULT", .help = "measure once more what is in a result's folder: same cells, same order, same seed",
		.opts = rerun_opts, .examples = rerun_examples, .run = rerun_run,
	},
	{
		.name = "report", .args = "RESULT", .help = "what came out of a campaign: HTML, PDF, Markdown, and its figures",
		.opts = campaign_report_opts, .examples = campaign_report_examples, .run = campaign_report_run,
	},
	{
		.name = "demo", .args = "", .help = "two guests, a wire, three schedules: frames in their window, and a report",
		.opts = demo_opts, .examples = demo_examples, .run = demo_run,
	},
	{
		.name = "pvp64", .args = "", .help = "64-byte frames a second, guest to null, beside testpmd on the same cores",
		.opts = pvp64_opts, .examples = pvp64_examples, .run = pvp64_run,
	},
	{
		.name = "gate", .args = "", .help = "a million gated frames, judged by their send stamps and by a receiver of its own",
		.opts = gate_opts, .examples = gate_examples, .run = gate_bench_run,
	},
	{
		.name = "cbs", .args = "", .help = "two shaped classes: rate and bursts, by their send stamps and by a receiver of its own",
		.opts = cbs_opts, .examples = cbs_examples, .run = cbs_run,
	},
	{
		.name = "ptp", .args = "", .help = "a PTP client behind shut gates: the transparent clock, beside none and linuxptp's",
		.opts = ptp_opts, .examples = ptp_examples, .run = ptp_bench_run,
	},
	{
		.name = "blame", .args = "", .help = "delays injected at random: is what was injected what takt blame names",
		.opts = blame_bench_opts, .examples = blame_bench_examples, .run = blame_bench_run,
	},
	{
		.name = "overhead", .args = "", .help = "what records cost of the throughput, and what each set of probes adds to a frame's way",
		.opts = overhead_opts, .examples = overhead_examples, .run = overhead_run,
	},
	{
		.name = "join", .args = "", .help = "guests whose true clock is known: how wide takt's bound is, and whether it holds",
		.opts = join_opts, .examples = join_examples, .run = join_bench_run,
	},
	{
		.name = "axes", .args = "", .help = "what a campaign may vary: axes, their values, their defaults; and the keys of its file",
		.opts = axes_opts, .examples = axes_examples, .run = axes_run,
	},
	{
		.name = "compare", .args = "A B", .help = "two runs of one campaign: does B differ from A, where, by how much, and how sure is that",
		.opts = compare_opts, .examples = compare_examples, .run = compare_run,
	},
	/* Of those who work on campaigns, and of their guests: hidden. */
	{ .name = "cell", .args = "[AXIS=VALUE...]", .opts = cell_opts, .examples = cell_examples, .run = cell_run },
	{ .name = "looks", .args = "[FILE]", .run = looks_run },
	{ .name = "relay", .args = "LISTEN BACKEND", .run = relay_run },
	{ 0 }
};
