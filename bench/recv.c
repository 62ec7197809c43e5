/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt recv: a listener for the frames of `takt send` and of isochron, told apart by source address, VLAN and priority.
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "bench/lane.h"
#include "bench/listen.h"
#include "bench/urgent.h"
#include "ptp/now.h"

#define WORD(x)	 #x
#define WORDS(x) WORD(x)
#define SENDERS	 WORDS(LISTEN_SENDERS)

struct conf {
	struct lane_conf lane;
	struct urgent_conf urgent;
	const char *log;
	int64_t count, timeout_ns, idle_ns, deadline_ns;
	bool strict, json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt recv_opts[] = {
	LANE_EAR_OPTS(AT(lane)),
	{ "count", 'n', OPT_INT, AT(count), "N", "0", 0, INT64_MAX, "end after N frames, and fail when fewer came; 0: no limit" },
	{ "timeout", 't', OPT_NS, AT(timeout_ns), "TIME", "0", 0, INT64_MAX, "end after TIME; 0: no limit" },
	{ "idle", 0, OPT_NS, AT(idle_ns), "TIME", "0", 0, INT64_MAX, "end when no frame has come for TIME, from the first on; 0: no limit" },
	{ "log", 'L', OPT_STR, AT(log), "FILE", NULL, 0, 0,
	  "write the stamps of the first sender's frames to FILE, as isochron.dat; -: to standard output, and the summary to standard error" },
	{ "deadline", 0, OPT_NS, AT(deadline_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "count frames that came later than TIME after they were due; 0: none" },
	{ "strict", 0, OPT_FLAG, AT(strict), NULL, NULL, 0, 0, "fail when a frame was lost (from number 1 on), doubled, reordered or later than --deadline" },
	URGENT_OPTS(AT(urgent)),
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON" },
	OPT_END
};
#undef AT

const char recv_examples[] =
	"  takt recv -i eth0 --count 10000 --timeout 30s --strict\n"
	"  takt recv -i eth0                             until Ctrl-C\n"
	"  takt recv --udp 0.0.0.0 --count 1000\n"
	"  takt recv -i eth0 --timeout 12s --log came.dat --deadline 1ms   with the stamps of each frame\n"
	"\n"
	"The first " SENDERS " senders are told apart, by address, VLAN and priority; frames of further ones are counted together.\n";

/* True when all is as --strict and --count want it. */
static bool summarise(const struct listen *l, const struct conf *c)
{
	uint64_t drops = lane_drops(l->lane, l->drops);
	struct out o;
	bool good;

	out_init(&o, c->log && !strcmp(c->log, "-") ? stderr : stdout, c->json);
	out_object(&o, NULL);
	out_uint(&o, "received", l->received, "received %" PRIu64 " frames", l->received);
	out_uint(&o, "warm_up", l->warm_up, ", %" PRIu64 " of a warm-up", l->warm_up);
	out_uint(&o, "unknown", l->unknown, ", %" PRIu64 " without a number", l->unknown);
	out_uint(&o, "further_senders", l->crowded, l->crowded ? ", %" PRIu64 " of further senders, as no more than the first " SENDERS " are told apart" : NULL, l->crowded);
	out_uint(&o, "socket_drops", drops, ", %" PRIu64 " dropped by our own socket\n", drops);
	if (c->log) {
		out_uint(&o, "stamps_missing", l->stamps_missing, "frames without a stamp of the kernel: %" PRIu64, l->stamps_missing);
		out_uint(&o, "not_logged", l->unkept, ", not in the log, as their number is beyond what it holds, or far beyond how many came: %" PRIu64 "\n", l->unkept);
	}
	good = listen_print(l, &o);
	out_end(&o);
	if (out_fini(&o))
		return false;
	if (c->count && l->received < (uint64_t)c->count)
		return false;
	return good || !c->strict;
}

static int perform(struct listen *l, const struct conf *c)
{
	struct term term;
	struct why why;
	int rc;

	term_open(&term, false);
	log_info("listening on %s", c->lane.udp ?: c->lane.interface);
	rc = listen_run(l, (uint64_t)c->count, c->timeout_ns ? now_mono() + c->timeout_ns : NS_NEVER, term_stopped);
	term_close(&term);
	if (rc)
		log_error("%s: %s", c->lane.udp ?: c->lane.interface, strerror(-rc));
	if (c->log && iso_save(&l->iso, c->log, &why)) {
		log_error("--log: %s", why.text);
		rc = -EIO;
	}
	if (c->log && l->n_senders > 1)
		log_warn("%u senders were heard; the log is of the first alone", l->n_senders);
	return !summarise(l, c) || rc ? CMD_FAILED : CMD_OK;
}

int recv_run(const struct cmd *self, int argc, char **argv)
{
	struct listen *l = calloc(1, sizeof(*l));	/* 80 kB */
	struct lane lane = { .fd = -1 };
	struct conf conf = {0};
	struct why why = { "" };
	int status = CMD_FAILED, rc;

	if (!l)
		return cmd_refuse(-ENOMEM, (why_fail(&why, ENOMEM, "no memory"), &why));
	if (cmd_options(self, &conf, argc, argv, 0, 0, &status) >= 0) {
		rc = conf.log ? iso_may_save(conf.log, &why) : 0;
		if (rc)
			why_at(&why, "--log");
		rc = rc ?: lane_open_listener(&lane, &conf.lane, &why);
		l->lane = &lane;
		l->deadline_ns = conf.deadline_ns;
		l->idle_ns = conf.idle_ns;
		rc = rc ?: listen_open(l, conf.log != NULL, conf.lane.interface, (uint64_t)conf.count, &why) ?: urgent_be(&conf.urgent, &why);
		status = rc ? cmd_refuse(rc, &why) : perform(l, &conf);
	}
	lane_close(&lane);
	iso_fini(&l->iso);
	free(l);
	return status;
}
