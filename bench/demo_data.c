/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/demo_data.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/stamp.h"

#define BATCH 512

const char *const demo_names[DEMO_KINDS] = { "quiet", "none", "strict", "gates" };
const char *const demo_titles[DEMO_KINDS] = { "strict priority, no noise", "no priority", "strict priority", "gates" };

void demo_run_fini(struct demo_run *r)
{
	free(r->plc);
	free(r->dots);
	free(r->gaps);
	free(r->seen);
	memset(r, 0, sizeof(*r));
}

/* Room for one more element; false when memory is out. */
static bool grow(void **array, size_t n, size_t *room, size_t size)
{
	void *p;

	if (n < *room)
		return true;
	*room = *room ? *room * 2 : 1024;
	p = realloc(*array, *room * size);
	if (!p)
		return false;
	*array = p;
	return true;
}

static int find_port(const struct rec_shm *s, const char *name)
{
	uint32_t i, n = atomic_load_explicit(&s->n_ports, memory_order_acquire);

	for (i = 0; i < n && i < PKT_MAX_PORTS; i++)
		if (!strncmp(s->port_name[i], name, REC_NAME))
			return (int)i;
	return -1;
}

static void account(struct demo_stats *s, const struct pkt *p)
{
	int64_t sum = 0;
	int i;

	for (i = 0; i < HOP_COUNT; i++)
		sum += p->hop_ns[i];
	if (sum != p->t_out - p->t_seen)
		s->bad_sums++;
	if (p->verdict != VERDICT_SENT) {
		if (p->verdict < VERDICT_COUNT)
			s->dropped[p->verdict]++;
		return;
	}
	s->sent++;
	if (p->flags & PKT_OVERRUN)
		s->overruns++;
	for (i = 0; i < HOP_COUNT; i++)
		hist_add(&s->hop[i], p->hop_ns[i]);
	hist_add(&s->total, p->t_out - p->t_seen);
}

static int take(struct demo_reader *d, struct demo_run *run, const struct pkt *p)
{
	if (p->in_port == d->in_port[DEMO_PLC] && p->vid == DEMO_VLAN && pkt_pcp(p) == 7) {
		account(&run->stats[DEMO_PLC], p);
		if (!grow((void **)&run->plc, run->n_plc, &run->room_plc, sizeof(*run->plc)))
			return -ENOMEM;
		run->plc[run->n_plc++] = *p;
	} else if (p->in_port == d->in_port[DEMO_NOISE] && p->len >= DEMO_FLOOD) {
		account(&run->stats[DEMO_NOISE], p);
		if (p->verdict != VERDICT_SENT || d->thin++ % DEMO_THIN)
			return 0;
		if (!grow((void **)&run->dots, run->n_dots, &run->room_dots, sizeof(*run->dots)))
			return -ENOMEM;
		run->dots[run->n_dots++].t_out = p->t_out;
	} else {
		run->foreign++;
	}
	return 0;
}

static int read_gaps(struct demo_reader *d, struct demo_run *run)
{
	struct rec_gap gap[BATCH];
	uint32_t n, i;

	while ((n = rec_read_gaps(d->shm, &d->gap_pos, gap, BATCH, &run->gaps_lost)))
		for (i = 0; i < n; i++) {
			if (!grow((void **)&run->gaps, run->n_gaps, &run->room_gaps, sizeof(*run->gaps)))
				return -ENOMEM;
			run->gaps[run->n_gaps++] = gap[i];
		}
	return 0;
}

int demo_read(struct demo_reader *d, struct demo_run *run)
{
	struct pkt batch[BATCH];
	uint32_t i, n;
	int rc;

	d->in_port[DEMO_PLC] = find_port(d->shm, "plc");
	d->in_port[DEMO_NOISE] = find_port(d->shm, "noise");
	d->out_port = find_port(d->shm, "wire");
	do {
		n = rec_read(d->shm, &d->pos, batch, BATCH, &run->lost);
		for (i = 0; i < n; i++) {
			rc = take(d, run, &batch[i]);
			if (rc)
				return rc;
		}
	} while (n);
	return read_gaps(d, run);
}

int demo_read_capture(struct demo_run *run, const char *path, int tai_offset_s, struct why *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	struct pcap_pkthdr *h;
	const u_char *data;
	struct stamp s;
	pcap_t *pcap;
	int rc;

	pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap)
		return why_fail(why, EIO, "capture %s: %s", path, error);
	while ((rc = pcap_next_ex(pcap, &h, &data)) == 1) {
		if (!stamp_find(&s, data, h->caplen, STAMP_ETHERTYPE))
			continue;
		if (!grow((void **)&run->seen, run->n_seen, &run->room_seen, sizeof(*run->seen))) {
			rc = PCAP_ERROR;
			break;
		}
		run->seen[run->n_seen++] = (struct demo_seen){
			.t = (h->ts.tv_sec + tai_offset_s) * NS_PER_SEC + h->ts.tv_usec,
			.seqid = s.seqid,
		};
	}
	if (rc == PCAP_ERROR)
		why_fail(why, EIO, "capture %s: %s", path, pcap_geterr(pcap));
	pcap_close(pcap);
	return rc == PCAP_ERROR ? -EIO : 0;
}
