/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench.h"

#include <string.h>

#include "bench/campaign.h"
#include "bench/lines.h"

struct conf {
	bool keys, json;
};

const struct opt axes_opts[] = {
	{"keys", 'k', OPT_FLAG, offsetof(struct conf, keys), NULL, NULL, 0, 0, "the keys of a campaign's file instead"},
	{"json", 'j', OPT_FLAG, offsetof(struct conf, json), NULL, NULL, 0, 0, "print the table as JSON"},
	OPT_END
};

const char axes_examples[] =
	"  takt bench axes              what a matrix may be made of\n"
	"  takt bench axes --keys       all else that a campaign's file may say\n";

int axes_run(const struct cmd *self, int argc, char **argv)
{
	struct conf conf = {0};
	struct why why = {""};
	struct out out;
	int status, rc;

	if (cmd_options(self, &conf, argc, argv, 0, 0, &status) < 0)
		return status;
	out_init(&out, stdout, conf.json);
	if (conf.keys)
		campaign_keys_print(&out);
	else
		axis_print(&out);
	rc = out_fini(&out);
	if (rc) {
		why_fail(&why, -rc, "standard output: %s", strerror(-rc));
		return cmd_refuse(rc, &why);
	}
	return CMD_OK;
}
