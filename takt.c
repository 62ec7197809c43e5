/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt: the front door. A command is a row.
 */
#include <stdio.h>
#include <string.h>

#include "base/cmd.h"
#include "base/log.h"
#include "base/man.h"
#include "bench/bench.h"
#include "bench/vm_cmd.h"
#include "probes/guest.h"
#include "probes/blame.h"
#include "probes/path.h"
#include "probes/probes.h"
#include "vnet/cli.h"

static const char about[] = "where each frame spent its time and who made it late, in guests, in taktd and on the wire; and its schedules";

static const struct cmd clock_cmds[] = {
	{"guest", "[PORT=SRC...]", "how a guest's clock lies to taktd's, over time, and how well that is known", clock_guest_opts, clock_guest_examples,
	 clock_guest_run, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

/* Rows without help are hidden. */
static const struct cmd commands[] = {
	{"show", "", "ports, schedules with the live gate phase, counters", cli_show_opts, cli_show_examples, cli_show, NULL},
	{"path", "", "where frames spend their time inside taktd, hop by hop", path_opts, path_examples, path_run, NULL},
	{"record", "", "some seconds of everything, as a folder for path, clock guest and blame", record_opts, record_examples, record_run, NULL},
	{"blame", "[-- COMMAND [ARG...]]", "who made late frames late: causes, with nanoseconds", blame_opts, blame_examples, blame_run, NULL},
	{"gate", "", "set, show or check a port's schedule", NULL, NULL, NULL, cli_gate_cmds},
	{"clock", "", "the chain of clocks, from the grandmaster to taktd", clock_opts, clock_examples, clock_run, clock_cmds},
	{"host", "", "what keeps taktd's worker and the guests' vCPUs from running", host_opts, host_examples, host_run, NULL},
	{"guest", "", "inside a guest: tell the host when each frame was where", guest_opts, guest_examples, guest_run, NULL},
	{"doctor", "", "look for known traps of time in a guest or on its host", NULL, NULL, NULL, doctor_cmds},
	{"qdisc", "", "put a schedule into the kernel, show it, compare it", NULL, NULL, NULL, cli_qdisc_cmds},
	{"police", "", "stream filters, gates and meters of a port: counters, latches", NULL, NULL, NULL, cli_police_cmds},
	{"cbs", "", "work out credit-based shapers; set and show those of a port", NULL, NULL, NULL, cli_cbs_cmds},
	{"dump", "", "the configuration file that would rebuild what runs", cli_dump_opts, cli_dump_examples, cli_dump, NULL},
	{"send", "", "send frames, cyclic or flooding", send_opts, send_examples, send_run, NULL},
	{"recv", "", "receive them, and count what was lost, doubled or reordered", recv_opts, recv_examples, recv_run, NULL},
	{"reflect", "", "answer frames to who sent them, so that its clock measures the way there and back", reflect_opts, reflect_examples, reflect_run, NULL},
	{"report", "FILE [FILE]", "frames' stamps in a file of takt send, takt recv or isochron; two halves joined", iso_opts, iso_examples, iso_run, NULL},
	{"noise", "", "the machine's floor: what each CPU takes from whoever runs on it", noise_opts, noise_examples, noise_cmd, NULL},
	{"capture", "", "record an interface into a pcapng file, with nanosecond stamps", capture_opts, capture_examples, capture_run, NULL},
	{"export", "FORMAT", "frames in other tools' formats: pcapng, jsonl, csv, trace, hgrm, hlog, openmetrics", export_opts, export_examples, export_run, NULL},
	{"bench", "", "demonstration and campaigns, with a report", NULL, NULL, NULL, bench_cmds},
	{"vm", "", "run a guest on a port", NULL, NULL, NULL, vm_cmds},
	{"config-doc", "", NULL, NULL, NULL, cli_config_doc, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	log_init("takt", LOG_INFO);
	if (argc > 1 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))) {
		printf("takt %s\n", TAKT_REV);
		return CMD_OK;
	}
	if (argc > 1 && !strcmp(argv[1], "--complete")) {
		cmd_complete(commands, argc - 2, argv + 2);
		return CMD_OK;
	}
	if (argc > 1 && !strcmp(argv[1], "--man")) {
		man_print(stdout, "takt", about, commands);
		return CMD_OK;
	}
	return cmd_main("takt", about, commands, argc, argv);
}
