/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt capture: an independent witness. libpcap's kernel stamps in nanoseconds, every frame numbered where it carries a number.
 *
 * With --taktd the records of a running taktd go into the same file, one interface per edge: then stamps are all on the TAI axis, and packets are
 * numbered by their key, so that what the wire saw and what taktd did are found together.
 */
#include "probes/probes.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/key.h"
#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/stamp.h"
#include "probes/capture_if.h"
#include "probes/capture_takt.h"
#include "probes/pcapng.h"
#include "ptp/now.h"

#define TICK_MS	   100	/* how often signals and --duration are looked at when nothing comes */
#define RECORDS_MS 1	/* how often records are: the ring holds some tens of ms at the highest rates */
#define RENEW_NS   NS_PER_SEC

struct conf {
	const char *file, *filter, *taktd;
	struct opt_list interfaces;
	int64_t duration_ns, count, snaplen, buffer_mib, ethertype;
	bool immediate, json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt capture_opts[] = {
	{ "interface", 'i', OPT_LIST, AT(interfaces), "IFACE", NULL, 0, 0, "interface to capture on; several: -i IFACE -i IFACE" },
	{ "taktd", 'T', OPT_STR, AT(taktd), "NAME", NULL, 0, 0, "the records of this taktd as well, one interface per edge: instance, or path of its control socket" },
	{ "write", 'w', OPT_STR, AT(file), "FILE", NULL, 0, 0, "pcapng file or FIFO to write; -: standard output, for a program that looks on" },
	{ "filter", 'f', OPT_STR, AT(filter), "EXPR", NULL, 0, 0, "capture only frames that match (pcap-filter(7))" },
	{ "duration", 't', OPT_NS, AT(duration_ns), "TIME", "0", 0, INT64_MAX, "end after TIME; 0: no limit" },
	{ "count", 'n', OPT_INT, AT(count), "N", "0", 0, INT64_MAX, "end after N frames; 0: no limit" },
	{ "snaplen", 's', OPT_INT, AT(snaplen), "BYTES", "128", 64, 65535, "keep the first BYTES of each frame" },
	{ "buffer", 'B', OPT_INT, AT(buffer_mib), "MIB", "32", 1, 1024, "size of the kernel's buffer" },
	{ "ethertype", 'e', OPT_INT, AT(ethertype), "TYPE", "0xdead", 0x600, 0xffff, "EtherType of frames that carry a number" },
	{ "immediate", 0, OPT_FLAG, AT(immediate), NULL, NULL, 0, 0, "take frames one by one: sooner, but dropping earlier" },
	{ "json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "print the summary as JSON" },
	OPT_END
};
#undef AT

const char capture_examples[] =
	"  takt capture -i eth0 -w wire.pcapng --duration 10s\n"
	"  takt capture -i eth0 -w plc.pcapng --filter 'ether src 02:00:00:00:00:01'\n"
	"  takt capture --taktd takt -w - | wireshark -k -i - -X lua_script:/usr/local/share/takt/takt.lua\n"
	"  takt capture --taktd takt -i eth0 -w hops.pcapng    what taktd did with each frame, beside what the wire saw\n";

struct capture {
	struct conf conf;
	struct capture_if iface[OPT_LIST_MAX];
	int n_ifs;
	struct capture_takt takt;
	struct pcapng file;
	uint64_t frames, numbered;
	int64_t t_begin, t_renew;
	bool gone;	/* whoever looked on went away */
};

static volatile sig_atomic_t stop;

/* The second one ends it at once: a reader that does not read holds a write up for ever. */
static void on_signal(int sig)
{
	if (stop)
		_exit(128 + sig);
	stop = 1;
}

static uint64_t written(const struct capture *c)
{
	return c->frames + c->takt.frames;
}

static bool is_enough(const struct capture *c)
{
	return c->conf.count && written(c) >= (uint64_t)c->conf.count;
}

static void on_frame(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
	struct capture_if *ci = (struct capture_if *)user;
	struct capture *c = ci->owner;
	struct pcapng_frame f = { .interface = ci->id, .t = h->ts.tv_sec * NS_PER_SEC + h->ts.tv_usec,	/* tv_usec holds nanoseconds */
				  .data = data, .caplen = h->caplen, .len = h->len, .queue = PCAPNG_NO_QUEUE };
	struct stamp s;

	if (is_enough(c))
		return;
	if (stamp_find(&s, data, h->caplen, (uint16_t)c->conf.ethertype)) {
		f.packetid = s.seqid;
		c->numbered++;
	}
	if (c->conf.taktd) {
		f.t += c->takt.tai_offset_s * NS_PER_SEC;
		f.packetid = key_of(data, h->caplen);
		bytes_put(c->takt.bytes, f.packetid, data, h->caplen);
	}
	pcapng_write(&c->file, &f);
	c->frames++;
}

/* -- opening ------------------------------------------------------------------------------------------------------------- */

static int name_interfaces(struct capture *c, struct why *why)
{
	for (; c->n_ifs < c->conf.interfaces.count; c->n_ifs++) {
		struct capture_if *ci = &c->iface[c->n_ifs];

		if (snprintf(ci->name, sizeof(ci->name), "%s", c->conf.interfaces.item[c->n_ifs]) >= (int)sizeof(ci->name))
			return why_fail(why, EINVAL, "--interface %.32s...: no interface has so long a name", ci->name);
		ci->owner = c;
	}
	return 0;
}

static int open_sources(struct capture *c, struct why *why)
{
	struct capture_if_conf conf = { c->conf.filter, c->conf.snaplen, c->conf.buffer_mib, c->conf.immediate };
	int i, err = name_interfaces(c, why);

	/* A key is made of that many bytes. */
	if (c->conf.taktd && conf.snaplen < KEY_HEAD)
		conf.snaplen = KEY_HEAD;
	for (i = 0; i < c->n_ifs && !err; i++)
		err = capture_if_open(&c->iface[i], &conf, why);
	if (!err && c->conf.taktd)
		err = capture_takt_open(&c->takt, c->conf.taktd, c->n_ifs ? (uint32_t)conf.snaplen : 0, why);
	return err;
}

static int open_file(struct capture *c, struct why *why)
{
	struct timex tx = { 0 };
	char comment[256];
	struct pcapng_conf conf = { .filter = c->conf.filter, .comment = comment, .snaplen = (uint32_t)c->conf.snaplen };
	int i, err;

	adjtimex(&tx);
	snprintf(comment, sizeof(comment),
		 "stamps: the kernel's software receive stamp, CLOCK_REALTIME; TAI - UTC as the kernel had it at the start: %d s", tx.tai);
	if (c->conf.taktd)
		snprintf(comment, sizeof(comment), "stamps: the kernel's software receive stamp, CLOCK_REALTIME + %d s: TAI as taktd has it", c->takt.tai_offset_s);
	err = pcapng_open(&c->file, c->conf.file, why);
	if (err)
		return err;
	for (i = 0; i < c->n_ifs; i++) {
		conf.name = c->iface[i].name;
		c->iface[i].id = pcapng_interface(&c->file, &conf);
	}
	if (c->conf.taktd)
		capture_takt_begin(&c->takt, &c->file);
	pcapng_flush(&c->file);
	return 0;
}

/* -- running ------------------------------------------------------------------------------------------------------------- */

static int read_all(struct capture *c, bool last, struct why *why)
{
	int i, n, any = 0;

	for (i = 0; i < c->n_ifs; i++) {
		n = capture_if_read(&c->iface[i], on_frame, why);
		if (n < 0)
			return n;
		any += n;
	}
	if (c->conf.taktd) {
		uint64_t before = c->takt.frames, limit = c->conf.count ? (uint64_t)c->conf.count - c->frames : 0;

		if (!is_enough(c))
			capture_takt_read(&c->takt, now_of(CLOCK_MONOTONIC), limit, last);
		any += c->takt.frames > before;
	}
	return any;
}

/* False when taktd has ended and no other has come. */
static bool taktd_lives(struct capture *c)
{
	int64_t now = now_of(CLOCK_MONOTONIC);

	if (!c->conf.taktd || now < c->t_renew)
		return true;
	c->t_renew = now + RENEW_NS;
	if (!records_renew(&c->takt.records))
		return false;
	port_names_read(&c->takt.ports, &c->takt.records);
	return true;
}

static int wait_for_more(struct capture *c, int ms)
{
	struct pollfd pfd[OPT_LIST_MAX];
	int i;

	for (i = 0; i < c->n_ifs; i++)
		pfd[i] = (struct pollfd){ .fd = pcap_get_selectable_fd(c->iface[i].pcap), .events = POLLIN };
	return poll(pfd, (nfds_t)c->n_ifs, ms);
}

static int run(struct capture *c, struct why *why)
{
	int64_t t_stop = c->conf.duration_ns ? c->t_begin + c->conf.duration_ns : NS_NEVER;
	bool live = !strcmp(c->conf.file, "-") || c->conf.taktd;
	int n;

	while (!stop && !c->file.error && now_of(CLOCK_REALTIME) < t_stop && !is_enough(c) && taktd_lives(c)) {
		n = read_all(c, false, why);
		if (n < 0)
			return n;
		if (n && live)
			pcapng_flush(&c->file);
		if (!n)
			wait_for_more(c, c->conf.taktd ? RECORDS_MS : TICK_MS);
	}
	if (stop)	/* what the kernel still holds */
		wait_for_more(c, 2 * CAPTURE_BLOCK_MS);
	n = read_all(c, true, why);
	return n < 0 ? n : 0;
}

/* -- ending -------------------------------------------------------------------------------------------------------------- */

static int close_file(struct capture *c, struct pcapng_stats *sum, struct why *why)
{
	struct pcapng_stats s = { .t_begin = c->t_begin, .t_end = now_of(CLOCK_REALTIME) };
	struct pcap_stat ps = { 0 };
	int i, rc;

	for (i = 0; i < c->n_ifs; i++) {
		if (!pcap_stats(c->iface[i].pcap, &ps)) {
			s.received = ps.ps_recv;
			s.dropped = ps.ps_ifdrop;
			s.os_dropped = ps.ps_drop;
		}
		pcapng_stats(&c->file, c->iface[i].id, &s);
		sum->dropped += s.dropped;
		sum->os_dropped += s.os_dropped;
	}
	rc = pcapng_close(&c->file);
	if (rc == -EPIPE) {	/* it has seen enough */
		c->gone = true;
		return 0;
	}
	return rc ? why_fail(why, -rc, "%s is incomplete: %s", c->conf.file, strerror(-rc)) : 0;
}

static int finish(struct capture *c, struct why *why)
{
	struct pcapng_stats s = { 0 };
	struct out o;
	int rc = close_file(c, &s, why);

	if (rc)
		return rc;
	out_init(&o, strcmp(c->conf.file, "-") ? stdout : stderr, c->conf.json);
	out_object(&o, NULL);
	out_str(&o, "file", c->conf.file, "%s:", c->conf.file);
	out_uint(&o, "frames", c->frames, " %" PRIu64 " frames", c->frames);
	out_uint(&o, "numbered", c->numbered, ", %" PRIu64 " of them numbered", c->numbered);
	out_uint(&o, "dropped", s.os_dropped, "; kernel dropped %" PRIu64, s.os_dropped);
	out_uint(&o, "interface_dropped", s.dropped, ", interface %" PRIu64 "\n", s.dropped);
	if (c->conf.taktd) {
		out_uint(&o, "records", c->takt.frames, "taktd: %" PRIu64 " records", c->takt.frames);
		out_uint(&o, "packets", c->takt.taps.packets, ", %" PRIu64 " packets", c->takt.taps.packets);
		out_uint(&o, "without_bytes", c->takt.taps.placeholders, ", %" PRIu64 " of them without bytes", c->takt.taps.placeholders);
		out_uint(&o, "records_lost", c->takt.records.lost, "; %" PRIu64 " records lost\n", c->takt.records.lost);
	}
	out_bool(&o, "reader_gone", c->gone, c->gone ? "its reader went away\n" : "");
	out_end(&o);
	if (s.os_dropped)
		log_warn("THE CAPTURE HAS HOLES: the kernel dropped %" PRIu64 " frames: filter more, or give a larger --buffer", s.os_dropped);
	if (c->takt.records.lost)
		log_warn("THE CAPTURE HAS HOLES: %" PRIu64 " records of taktd were lost: raise `records`, or write to a faster place", c->takt.records.lost);
	return out_fini(&o);
}

/* flags: SA_RESTART for those who write, lest a write that waits for its reader ends half-way; 0 where waiting is to be ended. */
static void catch_signals(int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);	/* pcapng tells */
}

int capture_run(const struct cmd *self, int argc, char **argv)
{
	struct capture c = { .t_begin = now_of(CLOCK_REALTIME) };
	struct why why = { "" };
	int status = CMD_OK;
	int i, rc;

	if (cmd_options(self, &c.conf, argc, argv, 0, 0, &status) < 0)
		return status;
	if ((!c.conf.interfaces.count && !c.conf.taktd) || !c.conf.file)
		rc = why_fail(&why, EINVAL, "%s is missing (`takt capture --help` shows an example)", c.conf.file ? "--interface or --taktd" : "--write");
	else if (!strcmp(c.conf.file, "-") && isatty(STDOUT_FILENO))
		rc = why_fail(&why, EINVAL, "--write -: standard output is a terminal: put a reader behind it, as in `takt capture --help`");
	else
		rc = open_sources(&c, &why);
	if (!rc) {
		catch_signals(0);
		rc = open_file(&c, &why);
		catch_signals(SA_RESTART);
		if (rc == -EINTR)	/* nobody ever read the FIFO */
			goto out;
	}
	if (rc)
		goto refuse;
	for (i = 0; i < c.n_ifs; i++)
		log_info("capturing on %s", c.iface[i].name);
	if (c.conf.taktd)
		log_info("capturing on taktd's edges");
	rc = run(&c, &why) ?: finish(&c, &why);
refuse:
	if (rc)
		status = cmd_refuse(rc, &why);
out:
	pcapng_close(&c.file);
	capture_takt_close(&c.takt);
	for (i = 0; i < c.n_ifs; i++)
		capture_if_close(&c.iface[i]);
	return status;
}
