/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt-judge: see judge.h. One loop: poll the wire, stamp, note; send what the flows lack; look at the clock now and
 * then. It is one file of over 400 lines because all of it is that loop and its state, which the compiler inlines.
 */
#include "bench/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_atomic.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "base/cmd.h"
#include "base/log.h"
#include "base/ns.h"
#include "base/stamp.h"
#include "ptp/tscmap.h"

#define RX_BURST  64
#define TX_BURST  8	/* a poll is late by what sending takes */
#define RX_RING	  1024
#define TX_RING	  1024
#define WIRE_LOG2 12	/* slots of the memif: more than are ever on their way, so taktd is never kept waiting */
#define POOL	  8191	/* buffers: in the guest's ring, and in the wire's */
#define LOOK_NS	  (10 * NS_PER_MS)
#define LOOK_READS 5
#define GAP_NS	  (20 * NS_PER_US)
#define LINK_NS	  (10 * NS_PER_SEC)
#define HEADER	  18	/* addresses, tag, EtherType */

struct options {
	const char *guest, *wire;
	int64_t cpu;
};

static const struct opt options[] = {
	{"guest", 'g', OPT_STR, offsetof(struct options, guest), "SOCKET", NULL, 0, 0,
	 "vhost-user socket of the guest port to send into"},
	{"wire", 'w', OPT_STR, offsetof(struct options, wire), "SOCKET", NULL, 0, 0,
	 "memif socket (id 0) of the wire port to poll"},
	{"cpu", 0, OPT_INT, offsetof(struct options, cpu), "N", "0", 0, 1023, "CPU to spin on"},
	OPT_END,
};

struct judge {
	struct judge_shm *shm;
	struct judge_look *looks;
	struct judge_gap *gaps;
	struct judge_seen *seen;
	uint16_t guest, wire;		/* ports of DPDK */
	struct rte_mempool *pool;
	uint64_t gap_ticks, look_ticks;
	uint64_t tsc_last;		/* of the last poll */
	uint64_t tsc_clear;		/* the wire was empty after a poll that began then */
	uint64_t tsc_look;
	uint32_t number;		/* of the last frame sent */
	uint32_t in_flight[JUDGE_FLOWS];
	unsigned int turn;		/* flow that may send next */
	uint64_t seed;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

/* -- seeing ------------------------------------------------------------------------------------------------------ */

/* The narrowest of several reads of CLOCK_TAI between two reads of the TSC. */
static void look(struct judge *j)
{
	uint64_t n = atomic_load_explicit(&j->shm->n_looks, memory_order_relaxed), best = UINT64_MAX, a, b;
	struct judge_look *l = &j->looks[n];
	struct timespec ts;
	int i;

	j->tsc_look = tscmap_tsc();
	if (n == j->shm->look_room)
		return;
	for (i = 0; i < LOOK_READS; i++) {
		a = tscmap_tsc();
		clock_gettime(CLOCK_TAI, &ts);
		b = tscmap_tsc();
		if (b - a >= best)
			continue;
		best = b - a;
		*l = (struct judge_look){
			.tsc = a + best / 2, .tai = ts.tv_sec * NS_PER_SEC + ts.tv_nsec, .half_ticks = best / 2 + 1};
	}
	atomic_store_explicit(&j->shm->n_looks, n + 1, memory_order_release);
}

static void note_gap(struct judge *j, uint64_t begin, uint64_t end)
{
	uint64_t n = atomic_load_explicit(&j->shm->n_gaps, memory_order_relaxed);

	if (n == j->shm->gap_room) {
		add(&j->shm->more_gaps, 1);
		return;
	}
	j->gaps[n] = (struct judge_gap){.tsc_begin = begin, .tsc_end = end};
	atomic_store_explicit(&j->shm->n_gaps, n + 1, memory_order_release);
}

static void note_frame(struct judge *j, const struct rte_mbuf *m, uint64_t tsc)
{
	uint64_t n = atomic_load_explicit(&j->shm->n_seen, memory_order_relaxed);
	const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t len = rte_pktmbuf_pkt_len(m);
	struct stamp stamp;
	uint8_t pcp;

	if (!stamp_find(&stamp, data, rte_pktmbuf_data_len(m), STAMP_ETHERTYPE) || data[12] != 0x81 || !stamp.seqid ||
	    stamp.seqid > j->number || n == j->shm->seen_room) {
		add(&j->shm->foreign, 1);
		return;
	}
	pcp = data[14] >> 5;
	j->seen[n] = (struct judge_seen){
		.tsc_before = j->tsc_clear, .tsc = tsc, .number = stamp.seqid, .len = (uint16_t)len, .pcp = pcp};
	atomic_store_explicit(&j->shm->n_seen, n + 1, memory_order_release);
	add(&j->shm->seen[pcp], 1);
	if (j->in_flight[pcp])
		j->in_flight[pcp]--;
}

/*
 * What the ring is found to hold is what it held after `begin`, and before `tsc`: the fences keep the CPU from looking
 * into the ring before it has read the first, or from reading the second before it has looked. Without, a CPU that
 * stands still for some 10 us (a change of its clock's frequency does that) may have looked before that, and stamp it
 * after.
 */
static void watch(struct judge *j)
{
	struct rte_mbuf *m[RX_BURST];
	uint64_t begin = tscmap_tsc(), tsc;
	uint16_t n, i;

	rte_rmb();
	n = rte_eth_rx_burst(j->wire, 0, m, RX_BURST);
	rte_rmb();
	tsc = tscmap_tsc();
	if (tsc - j->tsc_last >= j->gap_ticks)
		note_gap(j, j->tsc_last, tsc);
	for (i = 0; i < n; i++) {
		note_frame(j, m[i], tsc);
		rte_pktmbuf_free(m[i]);
	}
	j->tsc_last = tsc;
	if (n < RX_BURST)
		j->tsc_clear = begin;
}

/* -- sending ----------------------------------------------------------------------------------------------------- */

static uint64_t draw(struct judge *j)
{
	j->seed ^= j->seed << 13;
	j->seed ^= j->seed >> 7;
	j->seed ^= j->seed << 17;
	return j->seed;
}

static void write_frame(struct judge *j, struct rte_mbuf *m, uint8_t pcp, uint32_t number)
{
	static const uint8_t header[HEADER] = {0x02, 't', 'a', 'k', 't', 2, 0x02, 't', 'a', 'k', 't', 1,
					       0x81, 0x00, 0, JUDGE_VLAN, STAMP_ETHERTYPE >> 8, STAMP_ETHERTYPE & 0xff};
	const struct judge_flow *f = &j->shm->flow[pcp];
	uint8_t *data = rte_pktmbuf_mtod(m, uint8_t *);
	struct stamp stamp = {.seqid = number};

	m->data_len = f->min_len;
	if (f->max_len > f->min_len)
		m->data_len = (uint16_t)(f->min_len + draw(j) % (f->max_len - f->min_len + 1u));
	m->pkt_len = m->data_len;
	memcpy(data, header, HEADER);
	data[14] = (uint8_t)(pcp << 5);
	stamp_put(data + HEADER, &stamp);
}

/* A few frames of one flow, the next one's turn in the next poll. Numbers are given to frames that the ring took, in
 * its order. */
static void feed(struct judge *j)
{
	uint8_t pcp = (uint8_t)(j->turn++ % JUDGE_FLOWS);
	const struct judge_flow *f = &j->shm->flow[pcp];
	struct rte_mbuf *m[TX_BURST];
	uint32_t n, i, sent;

	if (j->in_flight[pcp] >= f->in_flight)
		return;
	n = f->in_flight - j->in_flight[pcp];
	n = n < TX_BURST ? n : TX_BURST;
	if (j->number + UINT64_C(1) + n > j->shm->seen_room)
		return; /* no room to note them */
	if (rte_pktmbuf_alloc_bulk(j->pool, m, n)) {
		add(&j->shm->short_of, 1);
		return;
	}
	for (i = 0; i < n; i++)
		write_frame(j, m[i], pcp, j->number + 1 + i);
	sent = rte_eth_tx_burst(j->guest, 0, m, (uint16_t)n);
	if (sent < n) {
		rte_pktmbuf_free_bulk(m + sent, n - sent);
		add(&j->shm->short_of, 1);
	}
	j->number += sent;
	j->in_flight[pcp] += sent;
	add(&j->shm->sent[pcp], sent);
}

static void run(struct judge *j)
{
	uint32_t want;

	j->tsc_last = j->tsc_clear = tscmap_tsc();
	while (!stop) {
		watch(j);
		if (j->tsc_last - j->tsc_look >= j->look_ticks)
			look(j);
		want = atomic_load_explicit(&j->shm->want, memory_order_acquire);
		if (want == JUDGE_SENDS)
			feed(j);
		if (want != atomic_load_explicit(&j->shm->state, memory_order_relaxed) && want > JUDGE_READY)
			atomic_store_explicit(&j->shm->state, want, memory_order_release);
		if (want == JUDGE_ENDED)
			break;
	}
	look(j);
}

/* -- coming and going -------------------------------------------------------------------------------------------- */

static int map_result(struct judge *j, struct why *why)
{
	struct judge_shm *s;
	struct stat st;

	if (fstat(STDIN_FILENO, &st) || (size_t)st.st_size < sizeof(*s))
		return why_fail(why, EINVAL,
				"standard input is no file for the result: `takt bench gate` starts this program");
	s = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, STDIN_FILENO, 0);
	if (s == MAP_FAILED)
		return why_fail(why, errno, "standard input cannot be mapped: %s", strerror(errno));
	if (memcmp(s->magic, JUDGE_MAGIC, sizeof(s->magic)) || s->version != JUDGE_VERSION ||
	    s->header_size != sizeof(*s) || s->size != (uint64_t)st.st_size ||
	    s->size < judge_size(s->look_room, s->gap_room, s->seen_room))
		return why_fail(why, EINVAL,
				"standard input holds no header of this version: takt and takt-judge belong together");
	j->shm = s;
	j->looks = judge_looks(s);
	j->gaps = judge_gaps(s);
	j->seen = judge_seen(s);
	return 0;
}

static int check_flows(const struct judge_shm *s, struct why *why)
{
	const struct judge_flow *f;
	uint64_t all = 0;
	int i;

	for (i = 0; i < JUDGE_FLOWS; i++) {
		f = &s->flow[i];
		if (f->in_flight &&
		    (f->min_len < JUDGE_MIN_LEN || f->max_len < f->min_len || f->max_len > JUDGE_MAX_LEN))
			return why_fail(why, EINVAL, "flow %d: lengths %u..%u: give %d..%d", i, f->min_len, f->max_len,
					JUDGE_MIN_LEN, JUDGE_MAX_LEN);
		all += f->in_flight;
	}
	if (all >= 1u << WIRE_LOG2)
		return why_fail(why, EINVAL, "%" PRIu64 " frames in flight are more than the wire's %u slots", all,
				1u << WIRE_LOG2);
	return 0;
}

static int start_eal(const struct options *o, struct why *why)
{
	char lcores[32], prefix[48], guest[160], wire[200];
	char *argv[] = {(char *)"takt-judge",
			(char *)"--in-memory", (char *)"--single-file-segments", (char *)"--no-pci",
			(char *)"--no-telemetry", (char *)"--log-level=*:error", (char *)"-m", (char *)"64",
			(char *)"--lcores", lcores, (char *)"--file-prefix", prefix,
			(char *)"--vdev", guest, (char *)"--vdev", wire, NULL};

	snprintf(lcores, sizeof(lcores), "0@%d", (int)o->cpu);
	snprintf(prefix, sizeof(prefix), "takt-judge-%d", (int)getpid());
	snprintf(guest, sizeof(guest), "net_virtio_user0,path=%.100s,queue_size=%d", o->guest, TX_RING);
	snprintf(wire, sizeof(wire), "net_memif0,role=client,id=0,socket=%.100s,socket-abstract=no,rsize=%d", o->wire,
		 WIRE_LOG2);
	if (rte_eal_init(sizeof(argv) / sizeof(argv[0]) - 1, argv) < 0)
		return why_fail(why, EIO, "DPDK does not start: %s (is taktd there, are 32 huge pages of 2 MiB free?)",
				rte_strerror(rte_errno));
	return 0;
}

static int open_port(uint16_t *id, const char *name, struct rte_mempool *pool, struct why *why)
{
	struct rte_eth_conf conf = {0};
	uint16_t rx = RX_RING, tx = TX_RING;
	int rc;

	rc = rte_eth_dev_get_port_by_name(name, id);
	if (!rc)
		rc = rte_eth_dev_configure(*id, 1, 1, &conf);
	if (!rc)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(*id, &rx, &tx);
	if (!rc)
		rc = rte_eth_rx_queue_setup(*id, 0, rx, SOCKET_ID_ANY, NULL, pool);
	if (!rc)
		rc = rte_eth_tx_queue_setup(*id, 0, tx, SOCKET_ID_ANY, NULL);
	if (!rc)
		rc = rte_eth_dev_start(*id);
	return rc ? why_fail(why, EIO, "%s does not start: %s", name, rte_strerror(-rc)) : 0;
}

static int wait_link(uint16_t id, const char *name, struct why *why)
{
	struct rte_eth_link link = {0};
	int64_t left = LINK_NS / NS_PER_MS;

	for (; left && !stop; left--) {
		if (!rte_eth_link_get_nowait(id, &link) && link.link_status == RTE_ETH_LINK_UP)
			return 0;
		usleep(1000);
	}
	return why_fail(why, ETIMEDOUT, "%s: taktd did not connect", name);
}

static int open_all(struct judge *j, const struct options *o, struct why *why)
{
	uint64_t hz;
	int rc = start_eal(o, why);

	if (rc)
		return rc;
	hz = rte_get_tsc_hz();
	j->look_ticks = hz / (NS_PER_SEC / LOOK_NS);
	j->gap_ticks = j->shm->gap_ticks ?: hz / (NS_PER_SEC / GAP_NS);
	j->seed = 4711;
	j->pool = rte_pktmbuf_pool_create("judge", POOL, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (!j->pool)
		return why_fail(why, ENOMEM, "no memory for %d buffers", POOL);
	return open_port(&j->guest, "net_virtio_user0", j->pool, why) ?:
	       open_port(&j->wire, "net_memif0", j->pool, why) ?:
	       wait_link(j->guest, "guest", why) ?: wait_link(j->wire, "wire", why);
}

/* DPDK makes a directory to keep its files in and leaves it behind; with what it was started with, it is empty. */
static void close_all(void)
{
	char dir[256];
	uint16_t id;

	RTE_ETH_FOREACH_DEV(id)
		rte_eth_dev_stop(id);
	snprintf(dir, sizeof(dir), "%s", rte_eal_get_runtime_dir());
	rte_eal_cleanup();
	if (!rmdir(dir)) {
		*strrchr(dir, '/') = '\0';
		rmdir(dir); /* stays when another DPDK process runs */
	}
}

int main(int argc, char **argv)
{
	static const struct cmd self = {
		.name = "takt-judge",
		.args = "",
		.help = "independent receiver of `takt bench gate` and `cbs`, which start it",
		.opts = options,
		.examples = "  takt bench gate                       starts it, reads what it saw\n",
	};
	struct sigaction sa = {.sa_handler = on_signal};
	struct judge j = {0};
	struct options o = {0};
	struct why why = {""};
	int status = CMD_OK, rc;

	log_init("takt-judge", LOG_INFO);
	if (cmd_options(&self, &o, argc, argv, 0, 0, &status) < 0)
		return status;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	rc = !o.guest || !o.wire ?
		     why_fail(&why, EINVAL, "--guest SOCKET and --wire SOCKET are wanted (takt-judge --help)") :
		     map_result(&j, &why) ?: check_flows(j.shm, &why) ?: open_all(&j, &o, &why);
	if (rc) {
		log_error("%s", why.text);
		return rc == -EINVAL ? CMD_USAGE : CMD_FAILED;
	}
	look(&j);
	atomic_store_explicit(&j.shm->state, JUDGE_READY, memory_order_release);
	printf("ready\n");
	fflush(stdout);
	run(&j);
	close_all();
	return CMD_OK;
}
