/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf: what taktd is asked to be.
 *
 * One schema (conf.c: rows of key, type, field, range, default, help) serves the YAML file, the control socket (JSON is YAML),
 * `takt dump`, and docs/config.md. A value that is wrong is refused with FILE:LINE, what is wrong, and how to mend it.
 * Schedules may be written with the YANG leaf names or as tc's "sched-entry S 80 100000".
 */
#ifndef TAKT_VNET_CONF_H
#define TAKT_VNET_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/why.h"
#include "ptp/role.h"
#include "tsn/cbs.h"
#include "tsn/gcl.h"
#include "tsn/launch.h"
#include "vnet/conf_police.h"
#include "vnet/pkt.h"

#define CONF_NAME_LEN 16	/* with NUL */
#define CONF_PATH_LEN 108	/* sockaddr_un */
#define CONF_MAX_VLANS 64

enum port_kind { PORT_GUEST, PORT_WIRE, PORT_MEM };
enum guest_role { GUEST_SERVER, GUEST_CLIENT };	/* who listens: taktd is server, or connects as client */
enum cls_by { CLASSIFY_PCP, CLASSIFY_QUEUE };	/* class from PCP, or from the guest's queue pair number */

/* "ptp": who may say what in PTP at this port, and what a transparent clock has to know of it. */
struct conf_ptp {
	enum role role;
	bool correction;		/* correct event messages that came in here */
	int64_t message_rate;		/* PTP messages per second that may come in; the burst: role_meter_burst() */
	char peer[CONF_NAME_LEN];	/* "": none */
	uint8_t peer_port;		/* its index, if there is one; it has this port as its peer */
	int peer_line;			/* of the file, for messages */
	int64_t asymmetry_ns;		/* "delay-asymmetry": signed, as in IEEE 1588 11.6 */
	int64_t ingress_latency_ns, egress_latency_ns;	/* signed */
};

struct conf_port {
	char name[CONF_NAME_LEN];
	enum port_kind kind;		/* which of guest/wire/mem was given */
	char guest[CONF_PATH_LEN];	/* "guest": vhost-user socket */
	enum guest_role role;
	bool packed;			/* offer the packed ring */
	int64_t queues;			/* queue pairs offered to the guest, 1..8 */
	char wire[256];			/* "wire": DPDK devargs, e.g. net_af_xdp0,iface=veth0 */
	int64_t link_bps;		/* "link-speed": bit/s of the modelled link */
	int64_t mtu;			/* payload bytes: frames up to mtu + 14 + one tag */
	int64_t pvid;			/* VLAN of untagged frames, 1..4094 */
	int64_t pcp;			/* default priority of untagged frames, 0..7 */
	uint32_t n_vlans;
	uint16_t vlans[CONF_MAX_VLANS];	/* further VLANs, tagged on egress */
	uint8_t class_map[8];		/* "traffic-class-table": class of PCP 0..7 */
	enum cls_by classify;
	int64_t queue_depth;		/* frames per class queue, a power of two */
	struct cbs_conf cbs;		/* "credit-based-shaper"; a class is in at most one of these three */
	struct launch_conf launch[TSN_CLASSES];	/* "launch-time", those that are enabled */
	uint8_t ats;			/* "asynchronous-shaper": bit n: class n */
	struct conf_ptp ptp;
	bool time_answer;		/* "time-answer": asks for the time (base/ask.h) are answered; of guests only */
	bool has_cqf;
	struct cqf_conf cqf;		/* "cqf": gate and police below are made from it */
	struct conf_police police;	/* "stream-filters" and what they refer to */
	bool has_gate;
	struct gcl_conf gate;		/* "gate-parameters"; entries owned by this struct */
	int line;			/* of the file, for messages; 0: from the socket */
};

enum hold_gates { HOLD_NO, HOLD_OPEN, HOLD_CLOSED };

/* "clock": what time the schedules go by */
struct conf_clock {
	char device[64];		/* "reference": "": CLOCK_TAI; else a PTP hardware clock, /dev/ptpN */
	int64_t tai_offset;		/* s, as struct follow_conf has it: FOLLOW_TAI_KERNEL, or a number; CLOCK_TAI only */
	int64_t max_error_ns;		/* beyond this bound it is not good */
	enum hold_gates hold;		/* "hold-gates": what gates with a schedule do until it is good */
	char ptp4l[CONF_PATH_LEN];	/* uds_address of the ptp4l that keeps it; "": none is asked */
	int64_t domain;			/* its domainNumber */
};

struct conf {
	char name[CONF_NAME_LEN];	/* instance: names the control socket and the records file */
	char run_dir[64];		/* default /run/takt */
	int64_t cpu;			/* of the worker; -1: not pinned */
	int64_t memory_mib;		/* for packets and rings */
	bool huge;			/* memory from huge pages */
	int64_t records;		/* ring of records, a power of two */
	int64_t poll_gap_ns;		/* shortest interval between clock reads that is published as a poll gap */
	int64_t ageing_ns;		/* ageing-time of learned addresses */
	struct conf_clock clock;
	uint32_t n_ports;
	struct conf_port port[PKT_MAX_PORTS];
};

/*
 * Read and validate a file ("-" is stdin). Everything that can be known without touching the machine is checked here, schedules
 * included (a profile is made and thrown away). -EINVAL and "FILE:LINE: sentence"; -errno when it cannot be read.
 * On success conf owns memory until conf_fini().
 */
int conf_load(struct conf *conf, const char *path, struct why *why);
void conf_fini(struct conf *conf);

/* Another instance name, by the rules of the file's key; `name` comes from the command line (--name). */
int conf_set_name(struct conf *conf, const char *name, struct why *why);

/* The first port with a schedule by time: gates, stream gates, launch times (so cqf, too); NULL: none has one. */
const struct conf_port *conf_scheduled(const struct conf *conf);

/*
 * May schedules go by this clock, now that the kernel's TAI offset is so many seconds? -EINVAL and a sentence when that is 0
 * and nothing in the configuration says that it may be.
 */
int conf_clock_check(const struct conf_clock *c, int kernel_offset, struct why *why);

/*
 * Only the gate parameters, as one YAML/JSON document given as text (`where` names it in messages: a file, "request"):
 * a mapping with the keys of gate-parameters, the same under the key gate-parameters, or a whole taktd file with `port` naming whose
 * (NULL: the only port that has some). Not checked for a link. Entries belong to the caller (free()). Commands read more notations:
 * conf_sched.h.
 */
int conf_parse_gate(struct gcl_conf *out, const char *text, const char *where, const char *port, struct why *why);

/* "2.5Gb/s" as bit/s; a bare number is bit/s. -EINVAL and a sentence. */
int conf_parse_speed(int64_t *out, const char *text, struct why *why);

/* A rate of a class, such as an idle slope: "75Mb/s", 1 kb/s to 400 Gb/s. -EINVAL and a sentence. */
int conf_parse_rate(int64_t *out, const char *text, struct why *why);

/* A stream as "BYTES,INTERVAL" ("1514,1ms"; bytes in memory) as the rate it needs on the wire. -EINVAL and a sentence. */
int conf_parse_stream(int64_t *bps, const char *text, struct why *why);

/* The shaped classes' numbers on this port's link, all its frames as long as its MTU lets them be. -EINVAL and a sentence. */
int conf_cbs_limits(struct cbs_limits out[TSN_CLASSES], const struct cbs_conf *cbs, const struct conf_port *port, struct why *why);

/* Gate parameters as JSON on one line, as conf_parse_gate() reads them. */
void conf_print_gate(const struct gcl_conf *gate, FILE *f);

/* The text of a file ("-" is stdin) of at most 1 MiB, free() it; *where is the name for messages. -errno and a sentence. */
int conf_read_file(char **text, const char *path, const char **where, struct why *why);

/* The YAML file that would rebuild conf; conf_load() of it gives the same conf. */
int conf_dump(const struct conf *conf, FILE *f);

/* The reference of all keys, as Markdown (docs/config.md is this). */
int conf_doc(FILE *f);

/* The same as a manual page (docs/man/takt.yaml.5). */
int conf_man(FILE *f);

#endif
