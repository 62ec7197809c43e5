/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt report: what is in an isochron.dat, ours or isochron's.
 */
#include "bench/bench.h"

#include <inttypes.h>
#include <string.h>

#include "base/out.h"
#include "bench/iso.h"

struct conf {
	const char *output;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt iso_opts[] = {
	{ "output", 'o', OPT_STR, AT(output), "FILE", NULL, 0, 0, "write both halves joined, or the one file, to FILE" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON" },
	OPT_END
};
#undef AT

const char iso_examples[] =
	"  takt report frames.dat                                  one file, of takt or of isochron\n"
	"  takt report sent.dat came.dat -o frames.dat             what a sender and a receiver logged, joined\n";

struct tally {
	uint64_t due, sent, received, lost;
};

static struct tally count(const struct iso *iso)
{
	struct tally t = {0};
	uint32_t i;

	for (i = 0; i < iso->packets; i++) {
		bool due = iso->send[i].seqid != 0, came = iso_is_received(&iso->recv[i]);

		t.due += due;
		t.sent += iso->send[i].t_sent || iso->send[i].t_sent_hw;
		t.received += came;
		t.lost += due && !came;
	}
	return t;
}

static int summarise(const struct iso *iso, bool json)
{
	struct tally t = count(iso);
	struct out o;

	out_init(&o, stdout, json);
	out_object(&o, NULL);
	out_uint(&o, "due", t.due, "due %" PRIu64, t.due);
	out_uint(&o, "stamped", t.sent, ", stamped as sent %" PRIu64, t.sent);
	out_uint(&o, "received", t.received, ", received %" PRIu64, t.received);
	out_uint(&o, "lost", t.lost, ", lost %" PRIu64 "\n", t.lost);
	out_end(&o);
	return out_fini(&o);
}

int iso_run(const struct cmd *self, int argc, char **argv)
{
	struct iso iso = {0}, other = {0};
	struct conf conf = {0};
	struct why why = { "" };
	int status, rc, n = cmd_options(self, &conf, argc, argv, 1, 2, &status);

	if (n < 0)
		return status;
	rc = iso_load(&iso, argv[1], &why);
	if (!rc && n == 2)
		rc = iso_load(&other, argv[2], &why) ?: iso_join(&iso, &other, &why);
	if (!rc && conf.output)
		rc = iso_save(&iso, conf.output, &why);
	if (rc)
		status = cmd_refuse(rc, &why);
	else
		status = summarise(&iso, conf.json) ? CMD_FAILED : CMD_OK;
	iso_fini(&iso);
	iso_fini(&other);
	return status;
}
