/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt send: an open-loop talker, by itself or with ears for what is answered.
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/term.h"
#include "bench/iso_peer.h"
#include "bench/l2.h"
#include "bench/lane.h"
#include "bench/listen.h"
#include "bench/send_tell.h"
#include "bench/talk.h"
#include "bench/txtime.h"
#include "bench/urgent.h"
#include "ptp/now.h"

#define BROADCAST "ff:ff:ff:ff:ff:ff"
#define STACK_LEN (256 << 10)	/* of a thread; its memory is locked, all of it */

struct conf {
	struct lane_conf lane;
	struct talk_conf talk;
	struct urgent_conf urgent;
	const char *log, *isochron;
	int64_t deadline_ns, linger_ns;
	bool round_trip, strict, json;
};

#define CYCLE_NS  NS_PER_MS		/* where no other was given */
#define LINGER_NS (500 * NS_PER_MS)
#define NOT_GIVEN (-1)

#define AT(field) offsetof(struct conf, field)
const struct opt send_opts[] = {
	{ "interface", 'i', OPT_STR, AT(lane.interface), "IFACE", NULL, 0, 0, "interface to send on; may be missing with --udp" },
	{ "dst", 'd', OPT_STR, AT(lane.dst), "MAC", NULL, 0, 0, "destination address (default: " BROADCAST ")" },
	{ "udp", 'u', OPT_STR, AT(lane.udp), "ADDRESS[:PORT]", NULL, 0, 0, "send UDP there, by IPv4 or IPv6; the port is 6000 if not given" },
	{ "vlan", 'v', OPT_INT, AT(lane.vlan), "VID", "0", 0, 4094, "VLAN ID; with --priority alone the tag says 0" },
	{ "priority", 'p', OPT_INT, AT(lane.priority), "PCP", "0", 0, 7, "priority in the tag; 0 without --vlan sends untagged. With --udp: in the DSCP, CS0 to CS7" },
	{ "cycle", 'c', OPT_NS, AT(talk.cycle_ns), "TIME", NULL, 1000, 3600 * NS_PER_SEC, "one frame per TIME (default: 1ms)" },
	{ "phase", 0, OPT_NS, AT(talk.phase_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "frames are due TIME after the start of each cycle (CLOCK_TAI)" },
	{ "advance", 0, OPT_NS, AT(talk.advance_ns), "TIME", "0", 0, NS_PER_SEC, "wake up and send TIME before a frame is due" },
	{ "launch-in", 0, OPT_NS, AT(talk.launch_ns), "TIME", "0", 0, 2 * NS_PER_SEC,
	  "ask taktd to launch each frame TIME after it is due: 12 bytes behind it, a trailer; 0: no trailer" },
	{ "txtime", 0, OPT_FLAG, AT(talk.txtime), NULL, NULL, 0, 0, "ask the kernel to launch each frame when it is due (SO_TXTIME): needs etf or taprio, and --advance" },
	{ "count", 'n', OPT_INT, AT(talk.count), "N", "0", 0, UINT32_MAX, "stop after N frames; 0: no limit" },
	{ "duration", 't', OPT_NS, AT(talk.duration_ns), "TIME", "0", 0, INT64_MAX, "stop after TIME; 0: no limit" },
	{ "warm-up", 0, OPT_NS, AT(talk.warm_up_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "first send frames for TIME that count nowhere: their number is 0" },
	{ "size", 's', OPT_INT, AT(lane.size), "BYTES", "64", 60, LANE_FRAME_MAX, "length of a frame with its tag, without its FCS" },
	{ "flood", 0, OPT_FLAG, AT(talk.flood), NULL, NULL, 0, 0, "send as fast as the interface takes frames" },
	{ "rate", 'r', OPT_INT, AT(talk.rate), "PPS", "0", 0, 100000000, "send PPS frames per second, evenly, instead of --cycle" },
	{ "burst", 'b', OPT_INT, AT(talk.burst), "N", "1", 1, TALK_BATCH, "N frames at once, in one system call; then N per --cycle" },
	LANE_TYPE_OPT(AT(lane)),
	{ "round-trip", 0, OPT_FLAG, AT(round_trip), NULL, NULL, 0, 0, "hear what takt reflect answers, and count that" },
	{ "deadline", 0, OPT_NS, AT(deadline_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "with --round-trip: count frames that came back later than TIME after they were due; 0: none" },
	{ "linger", 0, OPT_NS, AT(linger_ns), "TIME", NULL, 0, 3600 * NS_PER_SEC, "with --round-trip: wait TIME for the last answers (default: 500ms)" },
	{ "strict", 0, OPT_FLAG, AT(strict), NULL, NULL, 0, 0, "with --round-trip: fail when a frame did not come back, came twice, out of order, or later than --deadline" },
	{ "log", 'L', OPT_STR, AT(log), "FILE", NULL, 0, 0,
	  "write each frame's stamps to FILE, as isochron.dat; -: to standard output, and the summary to standard error" },
	{ "isochron", 0, OPT_STR, AT(isochron), "ADDRESS[:PORT]", NULL, 0, 0,
	  "isochron rcv listens there: it is told of --count frames, sent to its MAC address, and asked for their stamps, for --log" },
	URGENT_OPTS(AT(urgent)),
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON" },
	OPT_END
};
#undef AT

const char send_examples[] =
	"  takt send -i eth0 -v 10 -p 7 --cycle 1ms --phase 300us    one frame per millisecond\n"
	"  takt send -i eth0 -p 6 --cycle 1ms --launch-in 500us      into a class with launch times, from trailers\n"
	"  takt send -i eth0 --flood --size 1514 --duration 10s      as fast as possible\n"
	"  takt send -i eth0 --rate 10000 --count 10000 --json\n"
	"  takt send -i eth0 --rate 20000 --burst 20                 with 1,000 wake-ups a second\n"
	"  takt send --udp 10.0.0.2 -p 5 --duration 10s --warm-up 300ms --log sent.dat   with the kernel's stamps of each frame\n"
	"  takt send -i eth0 --count 1000 --isochron 10.0.0.2 --log frames.dat   to isochron rcv, whose stamps are fetched\n"
	"  takt send -i eth0 --duration 10s --round-trip --deadline 1ms --log frames.dat   there, and back by takt reflect\n";

/* Ears of a round trip: a thread that shares nothing with the talker but two words in struct listen. */
struct ears {
	struct listen listen;
	struct lane own;		/* layer 2: the talker's socket hears nothing */
	pthread_t thread;
	bool there;
	int rc;
};

struct talker {
	struct conf conf;
	struct lane lane;
	struct talk talk;
	struct tx_stamps stamps;
	struct ears ears;
	int peer;			/* of --isochron; -1: none */
	char dst[L2_MAC_STR];
};

/* What would be ignored, or cannot be, beside something else. */
static int check_pairs(const struct conf *c, struct why *why)
{
	static const char date[] = "a flood's frames are due when they are sent", step[] = "--rate says when each frame is due, from the start on", back[] = "it is about what comes back";
	const struct talk_conf *t = &c->talk;
	const struct { bool both; const char *a, *b, *because; } rows[] = {
		{c->lane.udp && c->lane.vlan, "udp", "vlan", "the interface that the address is routed to has the VLAN"},
		{c->lane.udp && t->launch_ns, "udp", "launch-in", "trailers are behind frames of layer 2"},
		{c->lane.udp && c->lane.dst, "udp", "dst", "the address says where to"},
		{t->flood && t->rate, "flood", "rate", date},
		{t->flood && t->cycle_ns != NOT_GIVEN, "flood", "cycle", date},
		{t->flood && t->phase_ns, "flood", "phase", date},
		{t->flood && t->advance_ns, "flood", "advance", date},
		{t->flood && t->burst > 1, "flood", "burst", date},
		{t->flood && t->warm_up_ns, "flood", "warm-up", date},
		{t->flood && t->txtime, "flood", "txtime", date},
		{t->rate && t->cycle_ns != NOT_GIVEN, "rate", "cycle", step},
		{t->rate && t->phase_ns, "rate", "phase", step},
		{t->txtime && t->launch_ns, "txtime", "launch-in", "who is to launch the frame, this kernel or taktd?"},
		{c->isochron && c->round_trip, "isochron", "round-trip", "isochron rcv answers no frame"},
		{c->isochron && t->warm_up_ns, "isochron", "warm-up", "isochron rcv gives up at a frame with number 0"},
	}, lonely[] = {
		{!c->round_trip && c->deadline_ns, "deadline", NULL, "of a frame that does not come back only takt recv knows when it arrived"},
		{!c->round_trip && c->linger_ns != NOT_GIVEN, "linger", NULL, back},
		{!c->round_trip && c->strict, "strict", NULL, back},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].both)
			return why_fail(why, EINVAL, "--%s and --%s contradict each other: %s", rows[i].a, rows[i].b, rows[i].because);
	for (i = 0; i < sizeof(lonely) / sizeof(lonely[0]); i++)
		if (lonely[i].both)
			return why_fail(why, EINVAL, "--%s is for --round-trip: %s", lonely[i].a, lonely[i].because);
	return 0;
}

static int check(const struct conf *c, struct why *why)
{
	const struct talk_conf *t = &c->talk;
	int rc;

	rc = check_pairs(c, why);
	if (rc)
		return rc;
	if (!t->flood && !t->rate && t->phase_ns >= (t->cycle_ns == NOT_GIVEN ? CYCLE_NS : t->cycle_ns))
		return why_fail(why, EINVAL, "--phase has to be less than --cycle");
	if (t->txtime && !t->advance_ns)
		return why_fail(why, EINVAL, "--txtime wants --advance: a frame that the kernel is to launch when it is due has to be with it before");
	if (c->isochron && (!t->count || !c->log))
		return why_fail(why, EINVAL, "--isochron wants --count and --log: isochron rcv has to know how many frames come, and where are its stamps to go?");
	return 0;
}

static void complete(struct conf *c)
{
	if (c->talk.cycle_ns == NOT_GIVEN)
		c->talk.cycle_ns = CYCLE_NS;
	if (c->linger_ns == NOT_GIVEN)
		c->linger_ns = LINGER_NS;
	if (!c->lane.dst)
		c->lane.dst = BROADCAST;
}

/* Room for as many frames as are known to come: what is asked for in between takes time. */
static int stamps_open(struct talker *k, struct why *why)
{
	const struct conf *c = &k->conf;
	struct iso *iso = &k->stamps.iso;
	int rc;

	if (c->log) {
		k->talk.stamps = &k->stamps;
		iso->frame_size = (uint16_t)c->lane.size;
		iso->flags = ISO_OMIT_SYNC | ISO_STAMPED | (c->talk.txtime ? ISO_TXTIME : 0);
		iso->cycle_ns = talk_step_ns(&c->talk);
		iso->shift_ns = c->talk.phase_ns;
		iso->advance_ns = c->talk.advance_ns;
		rc = tx_stamps_open(&k->stamps, k->lane.fd, c->lane.interface, k->lane.len, k->lane.head_len, talk_frames(&c->talk), why);
		if (rc)
			return rc;
	}
	if (!c->talk.txtime)
		return 0;
	k->talk.stamps = &k->stamps;	/* frames that were not launched are told in the same way */
	return txtime_on(k->lane.fd, c->lane.interface, why);
}

/* Frames have to bear the address that isochron rcv listens for: it is asked, unless it was given. */
static int peer_open(struct talker *k, struct why *why)
{
	uint8_t mac[6];

	if (!k->conf.isochron)
		return 0;
	k->peer = iso_peer_open(k->conf.isochron, k->conf.lane.udp != NULL, (uint32_t)k->conf.talk.count, mac, why);
	if (k->peer < 0)
		return k->peer;
	if (!strcmp(k->conf.lane.dst, BROADCAST))
		k->conf.lane.dst = l2_mac_str(k->dst, mac);
	return 0;
}

static void *hear(void *arg)
{
	struct ears *e = arg;

	e->rc = listen_run(&e->listen, 0, NS_NEVER, NULL);
	return NULL;
}

static int ears_open(struct talker *k, struct why *why)
{
	struct ears *e = &k->ears;
	uint64_t n = talk_frames(&k->conf.talk);
	pthread_attr_t attr;
	int rc;

	if (!k->conf.round_trip)
		return 0;
	if (!k->lane.udp) {
		rc = lane_open_listener(&e->own, &k->conf.lane, why);
		if (rc)
			return rc;
	}
	e->listen.lane = k->lane.udp ? &k->lane : &e->own;
	e->listen.asked = &k->talk;
	e->listen.deadline_ns = k->conf.deadline_ns;
	rc = listen_open(&e->listen, k->conf.log != NULL, k->conf.lane.interface, n, why);
	if (rc)
		return rc;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_LEN);
	rc = pthread_create(&e->thread, &attr, hear, e);
	pthread_attr_destroy(&attr);
	e->there = !rc;
	return rc ? why_fail(why, rc, "a thread for what is answered: %s", strerror(rc)) : 0;
}

/* All that was sent is back, or --linger is over. */
static void ears_close(struct talker *k)
{
	int64_t t_stop = now_mono() + k->conf.linger_ns;

	if (!k->ears.there)
		return;
	while (listen_different(&k->ears.listen) < k->talk.sent && now_mono() < t_stop)
		term_sleep(NS_PER_MS);
	listen_end(&k->ears.listen);
	pthread_join(k->ears.thread, NULL);
	if (k->ears.rc)
		log_error("--round-trip: %s", strerror(-k->ears.rc));
}

/* What came back is beside what was sent: one process knows both. */
static int write_log(struct talker *k)
{
	struct iso *iso = &k->stamps.iso;
	struct why why;
	int rc = 0, save;

	if (!k->conf.log)
		return 0;
	iso->t_base = k->talk.t_first;
	if (k->ears.listen.iso.packets)
		rc = iso_join(iso, &k->ears.listen.iso, &why);
	if (rc)
		log_error("--round-trip: %s", why.text);
	if (k->peer >= 0 && (rc = iso_peer_fetch(k->peer, iso, &why)))
		log_error("%s", why.text);
	save = iso_save(iso, k->conf.log, &why);	/* what is known, in any case */
	if (save)
		log_error("--log: %s", why.text);
	return save ?: rc;
}

/* Where a log goes to standard output the summary does not. */
static int summarise(const struct talker *k, int64_t took_ns)
{
	bool own = !k->conf.log || strcmp(k->conf.log, "-");
	struct send_told told = {
		.talk = &k->talk, .took_ns = took_ns, .stamps = k->talk.stamps, .logged = k->conf.log != NULL, .back = k->conf.round_trip ? &k->ears.listen : NULL,
	};

	return send_tell(&told, own ? stdout : stderr, k->conf.json);
}

static int prepare(struct talker *k, struct why *why)
{
	int rc = check(&k->conf, why);

	if (rc)
		return rc;
	complete(&k->conf);
	rc = k->conf.log ? iso_may_save(k->conf.log, why) : 0;
	if (rc)
		why_at(why, "--log");
	rc = rc ?: peer_open(k, why);
	if (rc)
		return rc;
	k->conf.lane.trailer = k->conf.talk.launch_ns ? TRAILER_LEN : 0;
	rc = lane_open_talker(&k->lane, &k->conf.lane, why);
	if (rc)
		return rc;
	k->talk.conf = k->conf.talk;
	k->talk.lane = &k->lane;
	k->talk.size = k->conf.lane.size;
	talk_init(&k->talk);
	return stamps_open(k, why) ?: urgent_be(&k->conf.urgent, why) ?: ears_open(k, why);
}

static int perform(struct talker *k)
{
	int64_t t_begin = now_of(CLOCK_TAI), t_end;
	struct term term;
	int rc;

	term_open(&term, false);
	talk_run(&k->talk);
	t_end = now_of(CLOCK_TAI);
	if (k->conf.talk.warm_up_ns)	/* frames of a warm-up are not among those sent, so its time is none of theirs */
		t_begin = k->talk.t_first < t_end ? k->talk.t_first : t_end;
	if (k->talk.stamps)
		tx_stamps_end(&k->stamps, k->lane.fd, k->talk.sent);
	ears_close(k);
	term_close(&term);
	rc = write_log(k);
	rc = summarise(k, t_end - t_begin) ?: rc;
	return rc || k->talk.failed || k->ears.rc || (k->conf.strict && !send_all_back(&k->talk, &k->ears.listen)) ? CMD_FAILED : CMD_OK;
}

int send_run(const struct cmd *self, int argc, char **argv)
{
	struct talker *k = calloc(1, sizeof(*k));	/* 600 kB: not for the stack */
	struct why why = { "" };
	int status = CMD_FAILED, rc;

	if (!k)
		return cmd_refuse(-ENOMEM, (why_fail(&why, ENOMEM, "no memory"), &why));
	k->lane.fd = k->ears.own.fd = k->peer = -1;
	k->conf.talk.cycle_ns = k->conf.linger_ns = NOT_GIVEN;
	if (cmd_options(self, &k->conf, argc, argv, 0, 0, &status) >= 0) {
		rc = prepare(k, &why);
		status = rc ? cmd_refuse(rc, &why) : perform(k);
	}
	lane_close(&k->lane);
	lane_close(&k->ears.own);
	if (k->peer >= 0)
		close(k->peer);
	iso_fini(&k->stamps.iso);
	iso_fini(&k->ears.listen.iso);
	free(k);
	return status;
}
