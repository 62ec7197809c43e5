/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <stdio.h>

#include "base/out.h"
#include "bench/compare.h"

struct compare_conf {
	bool json, all, common;
	const char *least;
	int64_t confidence;
};

const struct opt compare_opts[] = {
	{"least", 'l', OPT_STR, offsetof(struct compare_conf, least), "TIME,PERCENT", "1us,5%", 0, 0, "a difference that counts: a time, a share of the figure, or both: the larger"},
	{"confidence", 'c', OPT_INT, offsetof(struct compare_conf, confidence), "PERCENT", "95", 50, 99, "how sure: of a hundred pairs of like runs, no more than the rest is called different"},
	{"common", 0, OPT_FLAG, offsetof(struct compare_conf, common), NULL, NULL, 0, 0, "judge by the cells that both have, though B lacks some that A has, or is not finished"},
	{"all", 'a', OPT_FLAG, offsetof(struct compare_conf, all), NULL, NULL, 0, 0, "print each figure, not only those that differ"},
	{"json", 'j', OPT_FLAG, offsetof(struct compare_conf, json), NULL, NULL, 0, 0, "print JSON"},
	OPT_END
};

const char compare_examples[] =
	"  takt bench compare results/quick/2026-11-24T160102-1a2b3c4 results/quick/latest\n"
	"  takt bench compare A B --least 10us              a difference below 10 us is none\n"
	"  takt bench compare A B --json | jq .verdict      same, better, worse, untold\n"
	"\n"
	"A is before, B after. Exit status: 0 B is not worse (no difference, or better); 1 it is, or a cell failed in B only; 2 they are not two runs of one campaign, or damaged;\n"
	"77 it cannot be told: too few repetitions, no cell in both, or B lacks cells that A has (see --common).\n"
	"better takes the latency or the missed frames: of a hop that is shorter while the way is not, `same` tells. A quantile takes frames in each repetition: p50 6, p99 368, p99.9 3,688.\n";

static int exit_of(enum compare_verdict verdict)
{
	return verdict == COMPARE_WORSE ? CMD_FAILED : verdict == COMPARE_UNTOLD ? CMD_UNABLE : CMD_OK;
}

static int compare(const struct compare_conf *conf, const struct compare_ask *ask, const char *dir_a, const char *dir_b, int *status, struct why *why)
{
	struct result *a = NULL, *b = NULL;
	struct compare c = {0};
	struct out o;
	int rc;

	if ((rc = result_open(&a, dir_a, why)) || (rc = result_open(&b, dir_b, why)) || (rc = compare_check(a, b, why)))
		goto out;
	rc = compare_make(&c, a, b, ask, why);
	if (rc)
		goto out;
	out_init(&o, stdout, conf->json);
	compare_tell(&o, &c, a, b, conf->all);
	rc = out_fini(&o);
	if (rc)
		why_fail(why, -rc, "standard output cannot be written");
	*status = exit_of(c.verdict);
out:
	compare_fini(&c);
	result_close(a);
	result_close(b);
	return rc;
}

int compare_run(const struct cmd *self, int argc, char **argv)
{
	struct compare_conf conf = {0};
	struct compare_ask ask;
	struct why why;
	int status, rc = cmd_options(self, &conf, argc, argv, 2, 2, &status);

	if (rc < 0)
		return status;
	ask = (struct compare_ask){.confidence = (double)conf.confidence / 100, .common = conf.common};
	rc = compare_least_parse(&ask.least, conf.least, &why);
	if (!rc)
		rc = compare(&conf, &ask, argv[1], argv[2], &status, &why);
	return rc ? cmd_refuse(rc, &why) : status;
}
