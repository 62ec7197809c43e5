/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt doctor: the known traps, one row each.
 */
#include "probes/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "probes/probes.h"

#define GUEST DOCTOR_GUEST
#define HOST  DOCTOR_HOST

static const struct doctor_check checks[] = {
	{"tai-offset", GUEST | HOST, "the kernel's TAI offset", doctor_tai_offset,
	 "let phc2sys or ptp4l set it from a grandmaster whose UTC offset is valid and traceable, or chrony by `leapsectz right/UTC`"},
	{"clock-kept", GUEST | HOST, "whether somebody keeps the system clock", doctor_clock_kept,
	 "run ptp4l with phc2sys (`takt clock --linuxptp`), or chrony"},
	{"two-steer", GUEST | HOST, "daemons that steer CLOCK_REALTIME", doctor_steerers, "stop all but one of them: `systemctl disable --now NAME`"},
	{"free-running", GUEST | HOST, "ptp4l's free_running", doctor_free_running, "take free_running out of its configuration, unless measuring is all it is for"},
	{"tx-timeout", GUEST | HOST, "ptp4l's tx_timestamp_timeout", doctor_tx_timeout,
	 "write `tx_timestamp_timeout 50` (stamps by the NIC) or 100 (by the kernel) into its configuration"},
	{"neighbour-delay", GUEST | HOST, "ptp4l's neighborPropDelayThresh with peer delay", doctor_neighbour_delay,
	 "write `neighborPropDelayThresh 20000000` into its configuration"},
	{"link-speed", GUEST, "the speed of virtio interfaces", doctor_link_speed, "`ethtool -s DEV speed 1000 duplex full`, with the speed that taktd's port has"},
	{"queues", GUEST, "queue pairs of virtio interfaces", doctor_queues, "`ethtool -L DEV combined N`, with the number that is possible"},
	{"taprio", GUEST, "taprio's gate of priority 0, which PTP has", doctor_taprio,
	 "open the gate of PTP's class more often, give PTP another with socket_priority, or raise tx_timestamp_timeout above the wait"},
	{"clocksource", GUEST, "the kernel's clocksource", doctor_clocksource,
	 "offer the guest kvm-clock or an invariant TSC (`-cpu host,+invtsc`), and let its kernel use it (it says in its log why it does not)"},
	{"clocksource", HOST, "the kernel's clocksource", doctor_clocksource,
	 "let the kernel use the TSC (it says in its log why it does not); where this host is a guest itself, its hypervisor has to give it an invariant TSC"},
	{"ptp-kvm", GUEST, "the host's time by ptp_kvm", doctor_ptp_kvm, "`modprobe ptp_kvm`, and let chrony follow /dev/ptpN: see docs/guest-time.md"},
	{"steal", GUEST | HOST, "time stolen by a hypervisor", doctor_steal, "give each virtual CPU a physical one of its own (pinning, no overcommitment)"},
	{"taktd-clock", HOST, "taktd's own clock", doctor_taktd_clock, "`takt clock` shows which link is at fault"},
	{"ptp-gates", HOST, "taktd's gates of the class of untagged PTP", doctor_ptp_gates,
	 "open that class's gate, map PTP's priority to another class (priority, traffic-class-table), or set the port's `correction: true`"},
	{"ptp-roles", HOST, "guests' roles in PTP", doctor_ptp_roles, "give the guest's port `ptp: {role: client-only}`, unless it shall be a grandmaster"},
	{"wire-speed", HOST, "speed of the wires against what taktd reckons with", doctor_wire_speed, "write the wire's `link-speed` into taktd's configuration"},
	{"invariant-tsc", HOST, "the TSC", doctor_invariant_tsc, "use a CPU with an invariant TSC; in a virtual machine, `-cpu host,+invtsc`"},
	{"daemons", HOST, "where daemons that keep time may run", doctor_daemons, "keep it off: CPUAffinity= in its unit (`takt clock --linuxptp` writes it), or `taskset -pc LIST PID`"},
	{"isolation", HOST, "isolation of the worker's CPU", doctor_isolation, "boot with `isolcpus=domain,managed_irq,N`, or make a cpuset partition of the type isolated"},
	{"tick", HOST, "the timer tick on the worker's CPU", doctor_tick, "boot with `nohz_full=N rcu_nocbs=N`"},
	{"interrupts", HOST, "interrupts on the worker's CPU", doctor_interrupts, "write other CPUs to /proc/irq/N/smp_affinity_list, and keep irqbalance off the worker's CPU"},
	{"governor", HOST, "cpufreq's governor", doctor_governor, "`cpupower -c LIST frequency-set -g performance`"},
	{"idle-states", HOST, "how long a CPU takes to wake", doctor_idle,
	 "`cpupower -c LIST idle-set -D 20`, or a program that holds /dev/cpu_dma_latency open with a small number"},
	{"ksm", HOST, "merging of equal pages", doctor_ksm, "`echo 2 > /sys/kernel/mm/ksm/run` stops it and takes pages apart again"},
	{"huge-pages", HOST, "transparent huge pages", doctor_huge_pages, "`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`"},
};

/* -- results ------------------------------------------------------------------------------------------------------- */

void doctor_say(struct doctor *d, enum doctor_verdict verdict, const char *fmt, ...)
{
	static const char *const names[] = {[DOCTOR_OK] = "ok", [DOCTOR_TRAP] = "trap", [DOCTOR_UNKNOWN] = "unknown"};
	static const enum out_style styles[] = {[DOCTOR_OK] = OUT_GREEN, [DOCTOR_TRAP] = OUT_RED, [DOCTOR_UNKNOWN] = OUT_YELLOW};
	struct why text; /* control characters of file names become blanks in it */
	struct out *o = d->out;
	char raw[WHY_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	why_fail(&text, 0, "%s", raw);
	out_object(o, NULL);
	out_str(o, "id", d->check->id, NULL);
	out_str(o, "look", d->check->look, NULL);
	out_str(o, "verdict", names[verdict], "%s%-8s%s", out_style(o, styles[verdict]), names[verdict], out_style(o, OUT_PLAIN));
	out_text(o, "%-17s", d->check->id);
	out_str(o, "text", text.text, "%s\n", text.text);
	if (verdict == DOCTOR_TRAP)
		out_str(o, "mend", d->check->mend, NULL);
	else
		out_null(o, "mend", NULL);
	out_end(o);
	d->found[verdict]++;
	d->said++;
}

static void look_at_all(struct doctor *d)
{
	size_t i;
	int said, traps;

	out_object(d->out, NULL);
	out_str(d->out, "where", d->where == GUEST ? "guest" : "host", NULL);
	out_array(d->out, "results");
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		d->check = &checks[i];
		if (!(d->check->where & d->where))
			continue;
		said = d->said;
		traps = d->found[DOCTOR_TRAP];
		d->check->run(d);
		if (d->said == said)
			doctor_say(d, DOCTOR_UNKNOWN, "nothing was found to look at");
		if (d->found[DOCTOR_TRAP] > traps)
			out_text(d->out, "%25s%s-> %s%s\n", "", out_style(d->out, OUT_DIM), d->check->mend, out_style(d->out, OUT_PLAIN));
	}
	out_end(d->out);
	out_int(d->out, "traps", d->found[DOCTOR_TRAP], "\n%d trap%s", d->found[DOCTOR_TRAP], d->found[DOCTOR_TRAP] == 1 ? "" : "s");
	out_int(d->out, "unknown", d->found[DOCTOR_UNKNOWN], ", %d unknown", d->found[DOCTOR_UNKNOWN]);
	out_int(d->out, "ok", d->found[DOCTOR_OK], ", %d ok\n", d->found[DOCTOR_OK]);
	out_end(d->out);
}

/* -- the command --------------------------------------------------------------------------------------------------- */

struct conf {
	const char *cpus, *name, *root;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
static const struct opt doctor_guest_opts[] = {
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON"},
	{"root", 0, OPT_STR, AT(root), "DIR", "", 0, 0, NULL},
	OPT_END,
};

static const struct opt doctor_host_opts[] = {
	{"cpu", 'c', OPT_STR, AT(cpus), "LIST", NULL, 0, 0, "CPUs of taktd's worker (default: the running taktd's)"},
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "taktd's instance, or path of its control socket (default takt)"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON"},
	{"root", 0, OPT_STR, AT(root), "DIR", "", 0, 0, NULL},
	OPT_END,
};
#undef AT

static int set_worker(struct doctor *d, const char *cpus, struct why *why)
{
	if (cpus && cpu_list_parse(&d->worker, cpus, why)) {
		why_at(why, "--cpu");
		return -EINVAL;
	}
	if (!cpus && d->taktd.known && d->taktd.cpu >= 0 && d->taktd.cpu < CPU_LIST_MAX)
		cpu_list_add(&d->worker, d->taktd.cpu);
	if (d->taktd.known)
		why_fail(&d->worker_missing, 0, "taktd's worker has no CPU of its own (cpu: -1): give it one, in its file");
	else
		why_fail(&d->worker_missing, 0, "no taktd tells its worker's CPU: name it with --cpu");
	return 0;
}

static int doctor_run(const struct cmd *self, int argc, char **argv)
{
	struct doctor d = {0};
	struct conf c = {0};
	struct why why = {""};
	struct out o;
	int status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	d.root = c.root;
	d.where = strcmp(self->name, "guest") ? HOST : GUEST;
	d.out = &o;
	if (d.where == HOST)
		taktd_look(&d.taktd, d.root, c.name);
	if (set_worker(&d, c.cpus, &why))
		return cmd_refuse(-EINVAL, &why);
	procs_look(&d.procs, d.root);
	out_init(&o, stdout, c.json);
	look_at_all(&d);
	procs_forget(&d.procs);
	if (out_fini(&o))
		return cmd_refuse(why_fail(&why, EIO, "cannot write the output: %s", strerror(o.err)), &why);
	return d.found[DOCTOR_TRAP] ? CMD_FAILED : CMD_OK;
}

const struct cmd doctor_cmds[] = {
	{"guest", "", "known traps inside a guest: exit status 0 no trap, 1 traps", doctor_guest_opts,
	 "  takt doctor guest                    run it in the guest, as root\n"
	 "  takt vm run --uml --socket /run/takt/plc.sock -- takt doctor guest\n",
	 doctor_run, NULL},
	{"host", "", "known traps of the host that runs taktd: exit status 0 no trap, 1 traps", doctor_host_opts,
	 "  takt doctor host                     as root, beside a running taktd\n"
	 "  takt doctor host --cpu 2-3           before there is one\n"
	 "  takt doctor host --json | jq -r '.results[] | select(.verdict == \"trap\") | .id'\n",
	 doctor_run, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
