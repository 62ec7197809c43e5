/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt send: an open-loop talker. Frame i is due at start + i * cycle + phase whatever became of those before it: a late wake-up
 * makes frames late, never fewer, and shows in the payload.
 */
#include "bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/hist.h"
#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/stamp.h"
#include "base/trailer.h"
#include "bench/iso.h"
#include "bench/l2.h"
#include "bench/tx_stamps.h"
#include "ptp/now.h"

#define MAX_FRAME  9018			/* bytes, FCS excluded */
#define BATCH	   32			/* frames per system call when flooding */
#define SLEEP_MIN  (20 * NS_PER_US)	/* a shorter wait is not worth a sleep: the frame goes now */
#define LEAD_NS	   (2 * NS_PER_MS)	/* the first cycle begins at least this long after the start */

struct conf {
	const char *interface, *dst, *log;
	int64_t vlan, priority, ethertype, size;
	int64_t cycle_ns, phase_ns, launch_ns, duration_ns, warm_up_ns, count, rate, burst, fifo;
	bool flood, json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt send_opts[] = {
	{ "interface", 'i', OPT_STR, AT(interface), "IFACE", NULL, 0, 0, "interface to send on" },
	{ "dst", 'd', OPT_STR, AT(dst), "MAC", "ff:ff:ff:ff:ff:ff", 0, 0, "destination address" },
	{ "vlan", 'v', OPT_INT, AT(vlan), "VID", "0", 0, 4094, "VLAN ID; with --priority alone the tag says 0" },
	{ "priority", 'p', OPT_INT, AT(priority), "PCP", "0", 0, 7, "priority in the tag; 0 without --vlan sends untagged" },
	{ "cycle", 'c', OPT_NS, AT(cycle_ns), "TIME", "1ms", 1000, 3600 * NS_PER_SEC, "one frame per TIME" },
	{ "phase", 0, OPT_NS, AT(phase_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "wake up TIME after the start of each cycle (CLOCK_TAI)" },
	{ "launch-in", 0, OPT_NS, AT(launch_ns), "TIME", "0", 0, 2 * NS_PER_SEC,
	  "ask taktd to launch each frame TIME after its due wake-up: 12 bytes behind it, a trailer; 0: no trailer" },
	{ "count", 'n', OPT_INT, AT(count), "N", "0", 0, UINT32_MAX, "stop after N frames; 0: no limit" },
	{ "duration", 't', OPT_NS, AT(duration_ns), "TIME", "0", 0, INT64_MAX, "stop after TIME; 0: no limit" },
	{ "warm-up", 0, OPT_NS, AT(warm_up_ns), "TIME", "0", 0, 3600 * NS_PER_SEC, "first send frames for TIME that count nowhere: their number is 0" },
	{ "log", 'L', OPT_STR, AT(log), "FILE", NULL, 0, 0, "write each frame's stamps to FILE, as isochron.dat; -: to standard output" },
	{ "size", 's', OPT_INT, AT(size), "BYTES", "64", 60, MAX_FRAME, "length of a frame with its tag, without its FCS" },
	{ "flood", 0, OPT_FLAG, AT(flood), NULL, NULL, 0, 0, "send as fast as the interface takes frames" },
	{ "rate", 'r', OPT_INT, AT(rate), "PPS", "0", 0, 100000000, "send PPS frames per second, evenly, instead of --cycle" },
	{ "burst", 'b', OPT_INT, AT(burst), "N", "1", 1, BATCH, "N frames at once, in one system call; then N per --cycle" },
	{ "ethertype", 'e', OPT_INT, AT(ethertype), "TYPE", "0xdead", 0x600, 0xffff, "EtherType behind the tag" },
	{ "sched-fifo", 0, OPT_INT, AT(fifo), "PRIO", "0", 0, 99, "run under SCHED_FIFO at PRIO" },
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
	"  takt send -i eth0 --duration 10s --warm-up 300ms --log sent.dat   with the kernel's stamps of each frame\n";

struct talker {
	struct conf conf;
	int fd;
	uint32_t payload;		/* offset of the stamp */
	uint32_t len;			/* of a frame, its trailer included */
	uint64_t step_num, step_den;	/* burst i is due i * num / den ns after the first */
	int64_t t_first, t_stop;
	uint64_t tried, sent, refused, failed, late;
	bool warming;			/* frames are numbered 0, and do not count */
	struct tx_stamps stamps;	/* of --log */
	int last_error;
	struct hist wakeup;
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];	/* msg[i] is frame[i], all of it */
	uint8_t frame[BATCH][MAX_FRAME + TRAILER_LEN];
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int build(struct talker *k, struct why *why)
{
	const struct conf *c = &k->conf;
	uint8_t mac[6], dst[6], *p = k->frame[0];
	int i, mtu, rc;

	rc = l2_mac_parse(dst, c->dst, why);
	if (rc) {
		why_at(why, "--dst");
		return rc;
	}
	k->fd = l2_open(c->interface, mac, &mtu, why);
	if (k->fd < 0)
		return k->fd;
	k->len = (uint32_t)c->size + (c->launch_ns ? TRAILER_LEN : 0);
	if (k->len > (uint32_t)mtu + 18)
		return why_fail(why, EINVAL, "--size %" PRId64 "%s: interface %s carries at most %d bytes (its MTU is %d)", c->size,
				c->launch_ns ? " and 12 bytes of trailer" : "", c->interface, mtu + 18, mtu);
	memcpy(p, dst, 6);
	memcpy(p + 6, mac, 6);
	p += 12;
	if (c->vlan || c->priority) {
		*p++ = 0x81;
		*p++ = 0x00;
		*p++ = (uint8_t)(c->priority << 5 | c->vlan >> 8);
		*p++ = (uint8_t)c->vlan;
	}
	*p++ = (uint8_t)(c->ethertype >> 8);
	*p++ = (uint8_t)c->ethertype;
	k->payload = (uint32_t)(p - k->frame[0]);
	for (i = 0; i < BATCH; i++) {
		if (i)
			memcpy(k->frame[i], k->frame[0], k->payload);
		k->iov[i] = (struct iovec){ k->frame[i], k->len };
		k->msg[i].msg_hdr = (struct msghdr){ .msg_iov = &k->iov[i], .msg_iovlen = 1 };
	}
	return 0;
}

/* One thread, its memory in place, its priority set: what is left of the wake-up latency is the system's. */
static void prepare(const struct talker *k)
{
	struct sched_param prio = { .sched_priority = (int)k->conf.fifo };
	struct sigaction sa = { .sa_handler = on_signal };
	int value = (int)k->conf.priority;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		log_warn("memory is not locked: %s", strerror(errno));
	if (k->conf.fifo && sched_setscheduler(0, SCHED_FIFO, &prio))
		log_warn("--sched-fifo: %s: running without it", strerror(errno));
	if (setsockopt(k->fd, SOL_SOCKET, SO_PRIORITY, &value, sizeof(value)))
		log_warn("SO_PRIORITY: %s", strerror(errno));
}

static void count_error(struct talker *k, int err, uint64_t frames)
{
	if (err == ENOBUFS || err == EAGAIN) {
		k->refused += frames;
	} else {
		k->failed += frames;
		k->last_error = err;
	}
}

static int64_t due(const struct talker *k, uint64_t i)
{
	return k->t_first + (int64_t)((unsigned __int128)i * k->step_num / k->step_den);
}

/* What is in frame i alone: its stamp and, if asked for, when it is to be launched. */
static void mark(struct talker *k, uint8_t *frame, const struct stamp *s)
{
	stamp_put(frame + k->payload, s);
	if (k->conf.launch_ns)
		trailer_put(frame, (uint32_t)k->conf.size, s->t_scheduled + k->conf.launch_ns);
}

static bool is_over(const struct talker *k, int64_t now)
{
	return stop || (!k->warming && k->conf.count && k->tried >= (uint64_t)k->conf.count) || now >= k->t_stop;
}

static void sleep_until(int64_t t)
{
	struct timespec ts = { .tv_sec = t / NS_PER_SEC, .tv_nsec = t % NS_PER_SEC };

	clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, &ts, NULL);
}

/* Frames that are due before the first that counts. */
static unsigned int send_warm(struct talker *k, unsigned int n, struct stamp s)
{
	unsigned int i;

	s.seqid = 0;
	for (i = 0; i < n; i++)
		mark(k, k->frame[i], &s);
	sendmmsg(k->fd, k->msg, n, 0);
	return n;
}

/* The next `n` frames, with one stamp's times, or as many as --count leaves. Returns how many are done with. */
static unsigned int send_batch(struct talker *k, unsigned int n, struct stamp s)
{
	unsigned int i;
	int done;

	if (k->warming)
		return send_warm(k, n, s);
	if (k->conf.count && n > (uint64_t)k->conf.count - k->tried)
		n = (unsigned int)((uint64_t)k->conf.count - k->tried);
	for (i = 0; i < n; i++) {
		s.seqid = (uint32_t)(k->tried + i) + 1;
		mark(k, k->frame[i], &s);
	}
	do
		done = sendmmsg(k->fd, k->msg, n, 0);
	while (done < 0 && errno == EINTR && !stop);
	if (done > 0) {
		k->sent += (unsigned int)done;
	} else if (errno != EINTR) {
		count_error(k, errno, 1);
		done = 1;	/* its number is spent */
	} else {
		return 0;
	}
	for (i = 0; k->conf.log && i < (unsigned int)done; i++) {
		s.seqid = (uint32_t)(k->tried + i) + 1;
		tx_stamps_due(&k->stamps, &s);
	}
	k->tried += (unsigned int)done;
	return (unsigned int)done;
}

/* Until a frame is due; meanwhile the kernel's stamps are fetched. Returns the instant. */
static int64_t await(struct talker *k, int64_t t)
{
	int64_t now;

	if (k->conf.log)
		tx_stamps_fetch(&k->stamps, k->fd);
	while (now = now_of(CLOCK_TAI), !stop && now + SLEEP_MIN < t)
		sleep_until(t);
	return now;
}

/* Bursts from `t_first` on: `bursts` of them, or until it is over. */
static void talk_paced(struct talker *k, uint64_t bursts)
{
	uint64_t i;

	for (i = 0; i < bursts; i++) {
		struct stamp s = { .t_scheduled = due(k, i) };
		unsigned int left = (unsigned int)k->conf.burst;

		if (is_over(k, s.t_scheduled))
			return;
		s.t_wakeup = await(k, s.t_scheduled);
		if (stop)
			return;
		if (!k->warming) {
			hist_add(&k->wakeup, s.t_wakeup > s.t_scheduled ? s.t_wakeup - s.t_scheduled : 0);
			if (s.t_wakeup >= due(k, i + 1))
				k->late++;
		}
		while (!stop && left && !is_over(k, s.t_scheduled))
			left -= send_batch(k, left, s);
	}
}

/* The first frame that counts is due when the last before it was, and one step. */
static void warm_up(struct talker *k)
{
	uint64_t step = k->step_num / k->step_den, bursts = ((uint64_t)k->conf.warm_up_ns + step - 1) / step;

	k->warming = true;
	talk_paced(k, bursts);
	k->warming = false;
	k->t_first = due(k, bursts);
	if (k->conf.duration_ns)
		k->t_stop = k->t_first + k->conf.duration_ns;
}

static void talk_flood(struct talker *k)
{
	int64_t now;

	while (now = now_of(CLOCK_TAI), !is_over(k, now)) {
		if (k->conf.log)
			tx_stamps_fetch(&k->stamps, k->fd);
		send_batch(k, BATCH, (struct stamp){ .t_scheduled = now, .t_wakeup = now });
	}
}

static int summarise(const struct talker *k, int64_t took_ns)
{
	const struct hist *h = &k->wakeup;
	double seconds = (double)took_ns / 1e9;
	char a[NS_STR_LEN], b[NS_STR_LEN], c[NS_STR_LEN];
	struct out o;

	out_init(&o, k->conf.log && !strcmp(k->conf.log, "-") ? stderr : stdout, k->conf.json);
	out_object(&o, NULL);
	out_uint(&o, "due", k->tried, NULL);
	out_uint(&o, "sent", k->sent, "sent %" PRIu64 " frames", k->sent);
	out_int(&o, "took_ns", took_ns, " in %s", ns_str(a, took_ns));
	out_real(&o, "rate_pps", seconds > 0 ? (double)k->sent / seconds : 0, " (%.1f/s)", seconds > 0 ? (double)k->sent / seconds : 0);
	out_uint(&o, "refused", k->refused, "; refused %" PRIu64 " (no buffer)", k->refused);
	out_uint(&o, "failed", k->failed, ", failed %" PRIu64 "\n", k->failed);
	if (k->failed)
		out_str(&o, "last_error", strerror(k->last_error), "last error: %s\n", strerror(k->last_error));
	if (k->conf.log)
		out_uint(&o, "stamps_missing", k->stamps.missing, "frames without a stamp of the driver: %" PRIu64 "\n", k->stamps.missing);
	if (h->count) {
		out_uint(&o, "late", k->late, "wake-ups later than the next frame was due: %" PRIu64 "\n", k->late);
		out_int(&o, "wakeup_min_ns", h->min, "wake-up latency: min %s", ns_str(a, h->min));
		out_int(&o, "wakeup_p50_ns", hist_quantile(h, .5), ", p50 %s", ns_str(b, hist_quantile(h, .5)));
		if (hist_knows(h, .99))
			out_int(&o, "wakeup_p99_ns", hist_quantile(h, .99), ", p99 %s", ns_str(c, hist_quantile(h, .99)));
		out_int(&o, "wakeup_max_ns", h->max, ", max %s\n", ns_str(a, h->max));
	}
	out_end(&o);
	return out_fini(&o);
}

static int check(const struct conf *c, struct why *why)
{
	if (!c->interface)
		return why_fail(why, EINVAL, "--interface is missing: which interface shall send?");
	if (c->flood && c->rate)
		return why_fail(why, EINVAL, "--flood and --rate contradict each other: give one");
	if (c->flood && c->burst > 1)
		return why_fail(why, EINVAL, "--flood and --burst contradict each other: a flood knows no pauses");
	if (c->flood && c->warm_up_ns)
		return why_fail(why, EINVAL, "--flood and --warm-up contradict each other: a flood's frames are not counted by their due times");
	if (!c->flood && !c->rate && c->phase_ns >= c->cycle_ns)
		return why_fail(why, EINVAL, "--phase has to be less than --cycle");
	return 0;
}

/* Room for as many frames as are known to come: what is asked for in between takes time. */
static int log_open(struct talker *k, struct why *why)
{
	const struct conf *c = &k->conf;
	uint64_t n = (uint64_t)c->count;
	struct iso *iso = &k->stamps.iso;

	if (!c->log)
		return 0;
	if (!n && c->duration_ns && !c->flood)
		n = ((uint64_t)c->duration_ns / (k->step_num / k->step_den) + 1) * (uint64_t)c->burst;
	iso->frame_size = (uint16_t)c->size;
	iso->flags = ISO_OMIT_SYNC | ISO_STAMPED;
	iso->cycle_ns = (int64_t)(k->step_num / k->step_den);
	iso->shift_ns = c->phase_ns;
	return tx_stamps_open(&k->stamps, k->fd, c->interface, k->len, k->payload, n, why);
}

static int log_close(struct talker *k)
{
	struct why why;
	int rc;

	if (!k->conf.log)
		return 0;
	k->stamps.iso.t_base = k->t_first - k->conf.phase_ns;
	tx_stamps_end(&k->stamps, k->fd);
	rc = iso_save(&k->stamps.iso, k->conf.log, &why);
	if (rc)
		log_error("--log: %s", why.text);
	return rc;
}

int send_run(const struct cmd *self, int argc, char **argv)
{
	static struct talker k;		/* 300 kB: not for the stack */
	struct why why = { "" };
	int64_t t_begin, took_ns;
	int status, rc;

	memset(&k, 0, sizeof(k));
	k.fd = -1;
	if (cmd_options(self, &k.conf, argc, argv, 0, 0, &status) < 0)
		return status;
	k.step_num = k.conf.rate ? (uint64_t)(NS_PER_SEC * k.conf.burst) : (uint64_t)k.conf.cycle_ns;
	k.step_den = k.conf.rate ? (uint64_t)k.conf.rate : 1;
	rc = check(&k.conf, &why) ?: build(&k, &why) ?: log_open(&k, &why);
	if (rc) {
		status = cmd_refuse(rc, &why);
		goto out;
	}
	hist_init(&k.wakeup);
	prepare(&k);
	t_begin = now_of(CLOCK_TAI);
	k.t_first = t_begin + LEAD_NS;
	if (!k.conf.rate && !k.conf.flood)
		k.t_first += k.conf.cycle_ns - k.t_first % k.conf.cycle_ns + k.conf.phase_ns;
	k.t_stop = NS_NEVER;
	if (k.conf.warm_up_ns)
		warm_up(&k);
	else if (k.conf.duration_ns)
		k.t_stop = k.t_first + k.conf.duration_ns;
	if (k.conf.flood)
		talk_flood(&k);
	else
		talk_paced(&k, UINT64_MAX);
	took_ns = now_of(CLOCK_TAI) - t_begin;
	rc = log_close(&k);
	rc = summarise(&k, took_ns) ?: rc;
	status = rc || k.failed ? CMD_FAILED : CMD_OK;
out:
	if (k.fd >= 0)
		close(k.fd);
	iso_fini(&k.stamps.iso);
	return status;
}
