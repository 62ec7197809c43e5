/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt reflect: answers each numbered frame to who sent it, addresses swapped, tag and payload kept: the talker's own clock measures the way there and back.
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
#include "bench/echo.h"
#include "bench/lane.h"
#include "bench/urgent.h"
#include "ptp/now.h"

#define LOOKS 64	/* frames between two looks at the clock; when none comes it is looked at, too */

struct conf {
	struct lane_conf lane;
	struct urgent_conf urgent;
	int64_t count, timeout_ns;
	bool json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt reflect_opts[] = {
	LANE_EAR_OPTS(AT(lane)),
	{ "count", 'n', OPT_INT, AT(count), "N", "0", 0, INT64_MAX, "end after N answers that count (none of a warm-up); 0: no limit" },
	{ "timeout", 't', OPT_NS, AT(timeout_ns), "TIME", "0", 0, INT64_MAX, "end after TIME; 0: no limit" },
	URGENT_OPTS(AT(urgent)),
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON" },
	OPT_END
};
#undef AT

const char reflect_examples[] =
	"  takt reflect -i eth0                          until Ctrl-C\n"
	"  takt reflect --udp 0.0.0.0 --sched-fifo 50 --cpu 1\n";

struct reflector {
	struct conf conf;
	struct lane lane;
	struct echo echo;
	uint64_t heard, answered, warm_up, unknown, looped, failed;
	uint32_t drops;			/* for lane_drops() */
	int last_error;
	uint8_t bytes[LANE_FRAME_MAX + 4];
};

static void answer(struct reflector *r, const struct lane_heard *h)
{
	int rc;

	r->drops = h->drops;
	if (!h->for_us)
		return;
	if (!h->numbered) {
		r->unknown++;
		return;
	}
	r->heard++;
	if (!echo_allows(&r->echo, &h->stamp)) {
		r->looped++;
		return;
	}
	rc = lane_answer(&r->lane, r->bytes, h);
	if (rc) {
		r->failed++;
		r->last_error = -rc;
	} else if (h->stamp.seqid) {
		r->answered++;
	} else {
		r->warm_up++;
	}
}

static int reflect(struct reflector *r)
{
	int64_t t_stop = r->conf.timeout_ns ? now_mono() + r->conf.timeout_ns : NS_NEVER;
	struct lane_heard heard = {0};
	uint32_t looks = 0;
	int rc;

	while (!term_stopped() && !(r->conf.count && r->answered >= (uint64_t)r->conf.count)) {
		rc = lane_hear(&r->lane, 0, r->bytes, LANE_FRAME_MAX, &heard);
		if (rc < 0)
			return rc;
		if (rc)
			answer(r, &heard);
		if (!(rc && ++looks % LOOKS) && now_mono() >= t_stop)
			break;
	}
	return 0;
}

static int summarise(const struct reflector *r)
{
	uint64_t drops = lane_drops(&r->lane, r->drops);
	struct out o;

	out_init(&o, stdout, r->conf.json);
	out_object(&o, NULL);
	out_uint(&o, "received", r->heard, "received %" PRIu64 " frames", r->heard);
	out_uint(&o, "answered", r->answered, ", answered %" PRIu64, r->answered);
	out_uint(&o, "warm_up", r->warm_up, " and %" PRIu64 " of a warm-up", r->warm_up);
	out_uint(&o, "unknown", r->unknown, ", without a number %" PRIu64, r->unknown);
	out_uint(&o, "looped", r->looped, ", not answered any more, as they go round %" PRIu64, r->looped);
	out_uint(&o, "socket_drops", drops, ", dropped by our own socket %" PRIu64, drops);
	out_uint(&o, "failed", r->failed, ", failed %" PRIu64 "\n", r->failed);
	if (r->failed)
		out_str(&o, "last_error", strerror(r->last_error), "last error: %s\n", strerror(r->last_error));
	out_end(&o);
	return out_fini(&o);
}

static int perform(struct reflector *r)
{
	const char *where = r->conf.lane.udp ?: r->conf.lane.interface;
	struct term term;
	int rc;

	term_open(&term, false);
	log_info("reflecting on %s", where);
	rc = reflect(r);
	term_close(&term);
	if (rc)
		log_error("%s: %s", where, strerror(-rc));
	return summarise(r) || rc || r->failed ? CMD_FAILED : CMD_OK;
}

int reflect_run(const struct cmd *self, int argc, char **argv)
{
	struct reflector *r = calloc(1, sizeof(*r));
	struct why why = { "" };
	int status = CMD_FAILED, rc;

	if (!r)
		return cmd_refuse(-ENOMEM, (why_fail(&why, ENOMEM, "no memory"), &why));
	r->lane.fd = -1;
	if (cmd_options(self, &r->conf, argc, argv, 0, 0, &status) >= 0) {
		rc = lane_open_listener(&r->lane, &r->conf.lane, &why) ?: urgent_be(&r->conf.urgent, &why);
		status = rc ? cmd_refuse(rc, &why) : perform(r);
	}
	lane_close(&r->lane);
	free(r);
	return status;
}
