/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port: guest and wire are the same thing: receive, send, ingress rules, an egress schedule.
 *
 * A port belongs to one worker. Its ops are called by that worker only, but for close(), which is called by the control thread
 * after the worker has let go of the port.
 */
#ifndef TAKT_VNET_PORT_H
#define TAKT_VNET_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "ptp/msg.h"
#include "vnet/conf.h"
#include "vnet/egress.h"
#include "vnet/stat.h"

/* A visit to a port is bounded, and with it the time that the port can take from the others: in frames, and in bytes copied. */
#define PORT_BURST	 32
#define PORT_VISIT_BYTES 8192

/*
 * A PTP event message of which is not known to within this when it came, or to within twice this when it left, is of no
 * use to anybody. More than half of what may lie between two visits without one of them having been kept (worker.c).
 */
#define PORT_PTP_DOUBT_NS INT64_C(75000)

struct port;

struct port_ops {
	const char *kind; /* "guest", "wire", "mem" */
	bool guest;	  /* frames in and out carry PKT_FROM_GUEST, PKT_TO_GUEST */

	/*
	 * Up to n frames. Sets data and len, and tc to the number of the queue pair they came from; the rest is the
	 * caller's. Never blocks.
	 */
	uint16_t (*rx)(struct port *port, struct pkt **p, uint16_t n);

	/*
	 * Hand over up to n frames, in order; if the port's egress.early_ns is set, hardware starts those with hop_ns[SEND] at pkt_eligible(). The driver owns those it took (the returned number); the caller keeps the rest. Never blocks.
	 */
	uint16_t (*tx)(struct port *port, struct pkt **p, uint16_t n);

	/*
	 * When event message m of this frame reached the port, TAI ns: by a stamp that is not ours. Asked once, right after
	 * rx. False: not known. NULL: never known.
	 */
	bool (*arrived)(struct port *port, const uint8_t *frame, const struct msg *m, int64_t *t);

	/* When the frame went out that was just handed over, an event message alone; asked once, right after tx. The same. */
	bool (*departed)(struct port *port, int64_t *t);

	/* Is somebody there? Called once a turn, so cheap; also the moment at which a guest's coming and going is taken note of. */
	bool (*up)(struct port *port);

	/* "split", "packed" or "". Any thread. */
	const char *(*ring)(const struct port *port);

	void (*close)(struct port *port);
};

/* PTP at this port, constant but for the meter. */
struct port_ptp {
	enum role role;
	bool correction;     /* of event messages that come in here */
	uint8_t peer;	     /* index; PKT_NO_PORT: none */
	int64_t asymmetry_ns, ingress_latency_ns, egress_latency_ns; /* signed */
	struct role_meter meter; /* of what comes in */
};

/* Asks for the time at this port (base/ask.h), constant but for the meter. */
struct port_time {
	bool on;
	uint8_t tc;		 /* class that answers leave in: the highest that has no launch times */
	struct role_meter meter;
};

struct port {
	const struct port_ops *ops;
	void *priv; /* the kind's own state */
	uint8_t index;
	bool was_up;	/* as the worker saw it last turn */
	uint16_t burst; /* frames asked for in the next visit: fewer when the last ones were long */
	uint32_t no_call; /* set by tx: bit i: frame i of this hand-over was published without an interrupt. The worker clears it before */
	int64_t t_visit; /* the clock read before the last visit */
	int64_t t_dry;	 /* the same of the last one that left nothing to be received: what comes now came since */

	/* Ingress rules, constant after creation. */
	uint16_t pvid;
	uint8_t pcp;
	enum cls_by classify;
	uint32_t max_len;		 /* bytes in memory: mtu + Ethernet header + one tag */
	uint8_t class_map[8];		 /* as an egress port: class of each PCP */
	uint64_t member[4096 / 64];	 /* VLANs this port is a member of, the PVID among them */
	char name[CONF_NAME_LEN];

	/*
	 * Frames from one port that wait at another hold the first one's buffers. So that a port which takes nothing cannot use up all of a
	 * sender's buffers, each port may have only so many frames waiting at any one other.
	 */
	uint32_t buffers;		 /* that may wait elsewhere; 0: no limit */
	uint32_t share;			 /* of them, at any one other port */
	uint32_t waiting[PKT_MAX_PORTS]; /* here, from each port */

	struct police *police; /* of what comes in here; NULL: nothing is policed */
	struct port_ptp ptp;
	struct port_time time;
	struct egress egress;
	struct stat_port stat;
};

/*
 * Fill in all but ops and priv. The schedule, if there is one in conf, is set by the caller; its policing too, by port_police(), as
 * of now. Shapers are set here.
 */
int port_init(struct port *port, uint8_t index, const struct conf_port *conf, struct why *why);
int port_police(struct port *port, const struct conf_port *conf, int64_t now, struct why *why);
void port_fini(struct port *port); /* frees the class queues' memory, not the frames in them */

/* May another frame from port `in` wait at `out`? */
static inline bool port_may_wait(const struct port *out, const struct port *in)
{
	return !in->share || out->waiting[in->index] < in->share;
}

static inline bool port_member(const struct port *port, uint16_t vid)
{
	return port->member[vid / 64] >> (vid % 64) & 1;
}

#endif
