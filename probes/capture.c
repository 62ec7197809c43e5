/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt capture: an independent witness. libpcap's kernel stamps in nanoseconds, every frame numbered where it carries a number.
 */
#include "probes/probes.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "base/stamp.h"
#include "probes/pcapng.h"

#define TICK_MS	 100	/* how often signals and --duration are looked at when nothing comes */
#define BLOCK_MS 50	/* the kernel hands frames over in blocks, at least this often */

struct conf {
	const char *interface, *file, *filter;
	int64_t duration_ns, count, snaplen, buffer_mib, ethertype;
	bool immediate, json;
};

#define AT(field) offsetof(struct conf, field)
const struct opt capture_opts[] = {
	{ "interface", 'i', OPT_STR, AT(interface), "IFACE", NULL, 0, 0, "interface to capture on" },
	{ "write", 'w', OPT_STR, AT(file), "FILE", NULL, 0, 0, "pcapng file to write" },
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
	"  takt capture -i eth0 -w plc.pcapng --filter 'ether src 02:00:00:00:00:01'\n";

struct capture {
	struct conf conf;
	pcap_t *pcap;
	struct pcapng file;
	uint64_t frames, numbered;
	int64_t t_begin;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int64_t now_real(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

static void on_frame(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
	struct capture *c = (struct capture *)user;
	struct pcapng_frame f = { .t = h->ts.tv_sec * NS_PER_SEC + h->ts.tv_usec,	/* tv_usec holds nanoseconds */
				  .data = data, .caplen = h->caplen, .len = h->len };
	struct stamp s;

	if (c->conf.count && c->frames >= (uint64_t)c->conf.count)
		return;
	if (stamp_find(&s, data, h->caplen, (uint16_t)c->conf.ethertype)) {
		f.packetid = s.seqid;
		c->numbered++;
	}
	pcapng_write(&c->file, &f);
	c->frames++;
}

static int set_filter(struct capture *c, struct why *why)
{
	struct bpf_program prog;
	int rc;

	if (!c->conf.filter)
		return 0;
	if (pcap_compile(c->pcap, &prog, c->conf.filter, 1, PCAP_NETMASK_UNKNOWN))
		return why_fail(why, EINVAL, "--filter \"%s\": %s (see pcap-filter(7))", c->conf.filter, pcap_geterr(c->pcap));
	rc = pcap_setfilter(c->pcap, &prog);
	pcap_freecode(&prog);
	return rc ? why_fail(why, EIO, "--filter: %s", pcap_geterr(c->pcap)) : 0;
}

static int open_interface(struct capture *c, struct why *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	int rc;

	c->pcap = pcap_create(c->conf.interface, error);
	if (!c->pcap)
		return why_fail(why, ENODEV, "interface %s: %s", c->conf.interface, error);
	pcap_set_snaplen(c->pcap, (int)c->conf.snaplen);
	pcap_set_promisc(c->pcap, 1);
	pcap_set_timeout(c->pcap, BLOCK_MS);
	pcap_set_buffer_size(c->pcap, (int)c->conf.buffer_mib << 20);
	pcap_set_immediate_mode(c->pcap, c->conf.immediate);
	if (pcap_set_tstamp_precision(c->pcap, PCAP_TSTAMP_PRECISION_NANO))
		return why_fail(why, ENOTSUP, "interface %s gives no nanosecond stamps", c->conf.interface);
	rc = pcap_activate(c->pcap);
	if (rc == PCAP_ERROR_NO_SUCH_DEVICE)
		return why_fail(why, ENODEV, "interface %s does not exist here (`ip link` shows those that do)", c->conf.interface);
	if (rc < 0)
		return why_fail(why, rc == PCAP_ERROR_PERM_DENIED ? EPERM : EIO, "interface %s: %s (%s)", c->conf.interface, pcap_statustostr(rc), pcap_geterr(c->pcap));
	if (pcap_datalink(c->pcap) != DLT_EN10MB)
		return why_fail(why, ENOTSUP, "interface %s is no Ethernet", c->conf.interface);
	if (pcap_setnonblock(c->pcap, 1, error))
		return why_fail(why, EIO, "interface %s: %s", c->conf.interface, error);
	return set_filter(c, why);
}

static int open_file(struct capture *c, struct why *why)
{
	struct timex tx = { 0 };
	char comment[256];
	struct pcapng_conf conf = { c->conf.interface, c->conf.filter, comment, (uint32_t)c->conf.snaplen };

	adjtimex(&tx);
	snprintf(comment, sizeof(comment),
		 "stamps: the kernel's software receive stamp, CLOCK_REALTIME; TAI - UTC as the kernel had it at the start: %d s", tx.tai);
	return pcapng_open(&c->file, c->conf.file, &conf, why);
}

static int run(struct capture *c, struct why *why)
{
	int64_t t_stop = c->conf.duration_ns ? c->t_begin + c->conf.duration_ns : NS_NEVER;
	struct pollfd pfd = { .fd = pcap_get_selectable_fd(c->pcap), .events = POLLIN };
	int n;

	while (!stop && !c->file.error && now_real() < t_stop && !(c->conf.count && c->frames >= (uint64_t)c->conf.count)) {
		n = pcap_dispatch(c->pcap, -1, on_frame, (u_char *)c);
		if (n == PCAP_ERROR)
			return why_fail(why, EIO, "interface %s: %s", c->conf.interface, pcap_geterr(c->pcap));
		if (n == 0)
			poll(&pfd, 1, TICK_MS);
	}
	if (stop)	/* what the kernel still holds */
		poll(&pfd, 1, 2 * BLOCK_MS);
	pcap_dispatch(c->pcap, -1, on_frame, (u_char *)c);
	return 0;
}

static int finish(struct capture *c, struct why *why)
{
	struct pcapng_stats s = { .t_begin = c->t_begin, .t_end = now_real() };
	struct pcap_stat ps = { 0 };
	struct out o;
	int rc;

	if (!pcap_stats(c->pcap, &ps)) {
		s.received = ps.ps_recv;
		s.dropped = ps.ps_ifdrop;
		s.os_dropped = ps.ps_drop;
	}
	rc = pcapng_close(&c->file, &s);
	if (rc)
		return why_fail(why, -rc, "%s is incomplete: %s", c->conf.file, strerror(-rc));
	out_init(&o, stdout, c->conf.json);
	out_object(&o, NULL);
	out_str(&o, "file", c->conf.file, "%s:", c->conf.file);
	out_uint(&o, "frames", c->frames, " %" PRIu64 " frames", c->frames);
	out_uint(&o, "numbered", c->numbered, ", %" PRIu64 " of them numbered", c->numbered);
	out_uint(&o, "dropped", s.os_dropped, "; kernel dropped %" PRIu64, s.os_dropped);
	out_uint(&o, "interface_dropped", s.dropped, ", interface %" PRIu64 "\n", s.dropped);
	out_end(&o);
	if (s.os_dropped)
		log_warn("THE CAPTURE HAS HOLES: the kernel dropped %" PRIu64 " frames: filter more, or give a larger --buffer", s.os_dropped);
	return out_fini(&o);
}

int capture_run(const struct cmd *self, int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct capture c = { .t_begin = now_real() };
	struct why why = { "" };
	int status = CMD_OK;
	int rc;

	if (cmd_options(self, &c.conf, argc, argv, 0, 0, &status) < 0)
		return status;
	if (!c.conf.interface || !c.conf.file)
		rc = why_fail(&why, EINVAL, "%s is missing (`takt capture --help` shows an example)", c.conf.interface ? "--write" : "--interface");
	else
		rc = open_interface(&c, &why) ?: open_file(&c, &why);
	if (rc)
		goto out;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	log_info("capturing on %s", c.conf.interface);
	rc = run(&c, &why) ?: finish(&c, &why);
out:
	if (rc)
		status = cmd_refuse(rc, &why);
	pcapng_close(&c.file, NULL);
	if (c.pcap)
		pcap_close(c.pcap);
	return status;
}
