/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ns.h"
#include "base/term.h"
#include "probes/probes.h"
#include "ptp/noise_run.h"

struct noise_opts {
	const char *cpus;
	int64_t span_ns, period_ns, gap_ns, limit_ns;
	bool fifo, json;
};

#define AT(field) offsetof(struct noise_opts, field)

const struct opt noise_opts[] = {
	{"cpu", 'c', OPT_STR, AT(cpus), "LIST", NULL, 0, 0, "CPUs to measure, e.g. 0,2-3 (all this process may use)"},
	{"duration", 'd', OPT_NS, AT(span_ns), "TIME", "1s", 10 * NS_PER_MS, 86400 * NS_PER_SEC, "of each of the three measurements"},
	{"period", 'p', OPT_NS, AT(period_ns), "TIME", "100us", 10 * NS_PER_US, NS_PER_SEC, "from one instant that is waited for to the next"},
	{"gap", 'g', OPT_NS, AT(gap_ns), "TIME", "1us", 100, NS_PER_SEC, "the loop was away when it did not look for TIME"},
	{"fifo", 'f', OPT_FLAG, AT(fifo), NULL, NULL, 0, 0, "with SCHED_FIFO: leave out what other programs take; starves them by turns"},
	{"threshold", 't', OPT_NS, AT(limit_ns), "TIME", NULL, 1, NS_NEVER, "exit status 1 when anything took longer"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};

const char noise_examples[] = "  takt noise                               what each CPU takes from whoever runs on it\n"
			      "  takt noise --cpu 2-3 --duration 60s      isolated ones, long enough to tell\n"
			      "  takt noise --cpu 2 --fifo                what interrupts, kernel and host take from it\n"
			      "  takt noise --cpu 2 --threshold 20us      exit status 1 when anything took longer\n"
			      "  takt noise --json | jq '.cpus[] | {cpu, lost: .away.lost_ppm, wake: .wake.p99_ns}'\n";

static int choose(struct noise_cpu **out, int *n, const struct noise_opts *c, struct why *why)
{
	struct cpu_list cpus = noise_cpus(-1);
	struct noise_cpu *list;

	if (c->cpus && cpu_list_parse(&cpus, c->cpus, why)) {
		why_at(why, "--cpu");
		return -EINVAL;
	}
	list = calloc(CPU_LIST_MAX, sizeof(*list));
	if (!list)
		return why_fail(why, ENOMEM, "out of memory");
	*n = 0;
	for (int cpu = 0; cpu < CPU_LIST_MAX; cpu++)
		if (cpu_list_has(&cpus, cpu))
			list[(*n)++].cpu = cpu;
	*out = list;
	return 0;
}

static int show(const struct noise_opts *c, const struct noise_cpu *cpus, int n, bool beyond)
{
	char buf[NS_STR_LEN];
	struct out o;

	out_init(&o, stdout, c->json);
	out_object(&o, NULL);
	out_int(&o, "duration_ns", c->span_ns, NULL);
	out_int(&o, "period_ns", c->period_ns, NULL);
	out_bool(&o, "fifo", c->fifo, NULL);
	out_array(&o, "cpus");
	for (int i = 0; i < n; i++)
		noise_cpu_print(&cpus[i], &o);
	out_end(&o);
	if (c->limit_ns) {
		out_int(&o, "threshold_ns", c->limit_ns, NULL);
		out_bool(&o, "beyond", beyond, beyond ? "%sbeyond %s%s\n" : "%snothing beyond %s%s\n", out_style(&o, beyond ? OUT_RED : OUT_PLAIN),
			 ns_str(buf, c->limit_ns), out_style(&o, OUT_PLAIN));
	}
	out_end(&o);
	return out_fini(&o);
}

int noise_cmd(const struct cmd *self, int argc, char **argv)
{
	struct noise_opts c = {0};
	struct noise_cpu *cpus = NULL;
	struct why why = {""};
	struct term t;
	bool beyond = false;
	int err, n = 0, status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	err = choose(&cpus, &n, &c, &why);
	if (!err) {
		const struct noise_conf conf = {.what = NOISE_ALL, .span_ns = c.span_ns, .period_ns = c.period_ns, .gap_ns = c.gap_ns,
						  .fifo = c.fifo};
		char buf[NS_STR_LEN];

		if (isatty(STDERR_FILENO))
			fprintf(stderr, "three times %s on %d CPU%s at once; Ctrl-C shows what there is\n", ns_str(buf, c.span_ns), n, n > 1 ? "s" : "");
		term_open(&t, false);
		err = noise_run(cpus, n, &conf, term_stopped, &why);
		term_close(&t);
	}
	for (int i = 0; i < n && !err && c.limit_ns; i++)
		beyond |= noise_beyond(&cpus[i], c.limit_ns);
	if (!err && show(&c, cpus, n, beyond))
		err = why_fail(&why, EIO, "cannot write the output");
	free(cpus);
	if (err)
		return cmd_refuse(err, &why);
	return beyond ? CMD_FAILED : CMD_OK;
}
