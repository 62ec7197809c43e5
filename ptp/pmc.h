/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pmc: PTP management messages (IEEE 1588-2008 clause 15) as linuxptp speaks them. Bytes in, bytes out.
 *
 * A question is a GET of one data set; an answer carries the data set, or an error. A question about ports is answered
 * once per port. linuxptp answers only what has its own domain number and its own transport-specific nibble
 * (majorSdoId: 0, gPTP 1); to everything else it is silent. ptp/pmc_sock asks over its UNIX socket.
 *
 * Answers are copied out into host order and checked: every length must be the one that the data set has. Nothing
 * points into the message. Any thread.
 */
#ifndef TAKT_PTP_PMC_H
#define TAKT_PTP_PMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

/* The data sets, by managementId (Table 40). Those from 0xC000 on are linuxptp's own. */
enum pmc_id {
	PMC_DEFAULT_DS = 0x2000,
	PMC_CURRENT_DS = 0x2001,
	PMC_PARENT_DS = 0x2002,
	PMC_TIME_PROPERTIES_DS = 0x2003,
	PMC_PORT_DS = 0x2004,		/* one answer per port */
	PMC_TIME_STATUS_NP = 0xc000,
	PMC_GRANDMASTER_NP = 0xc001,
	PMC_PORT_PROPERTIES_NP = 0xc004, /* one answer per port; an error (NOT_SUPPORTED) on a read-only socket */
};

#define PMC_ID_STR_LEN 32 /* room for pmc_clock_str() and pmc_port_str() */
#define PMC_NAME_LEN   64 /* room for an interface name as ptp4l may have it */
#define PMC_MSG_MAX    1500 /* bytes: no answer is longer */

struct pmc_clock_id {
	uint8_t byte[8];
};

struct pmc_port_id {
	struct pmc_clock_id clock;
	uint16_t number; /* 1..; 0 is the clock itself */
};

/* 7.6.2.4 to 7.6.3.3 */
struct pmc_quality {
	uint8_t clock_class; /* 6: locked to a primary reference, 248: default, 255: client only */
	uint8_t accuracy;    /* Table 6: pmc_accuracy_ns() */
	uint16_t variance;   /* offsetScaledLogVariance */
};

/* 8.2.1 */
struct pmc_default {
	bool two_step, client_only;
	uint16_t ports;
	uint8_t priority1, priority2;
	struct pmc_quality quality;
	struct pmc_clock_id identity;
	uint8_t domain;
};

/* 8.2.2 */
struct pmc_current {
	uint16_t steps_removed;
	int64_t offset_ns;     /* this clock minus its master, as last measured; rounded */
	int64_t path_delay_ns; /* one way, mean; 0 while none was measured */
};

/* 8.2.3 */
struct pmc_parent {
	struct pmc_port_id port;
	uint8_t gm_priority1, gm_priority2;
	struct pmc_quality gm_quality;
	struct pmc_clock_id gm_identity;
};

/* 8.2.4 */
struct pmc_time_properties {
	int16_t utc_offset; /* s, TAI - UTC; to be believed when utc_offset_valid */
	bool leap61, leap59, utc_offset_valid;
	bool ptp_timescale; /* the grandmaster's time is TAI; else it is arbitrary, often UTC */
	bool time_traceable, freq_traceable;
	uint8_t time_source; /* Table 7: pmc_time_source() */
};

/* 8.2.5 */
struct pmc_port {
	struct pmc_port_id identity;
	uint8_t state; /* Table 8: pmc_port_state() */
	int8_t log_min_delay_req_interval, log_announce_interval, log_sync_interval, log_min_pdelay_req_interval;
	int64_t peer_delay_ns;
	uint8_t announce_receipt_timeout;
	uint8_t delay_mechanism; /* 1: E2E, 2: P2P */
	uint8_t version;
};

/* linuxptp's */
struct pmc_time_status {
	int64_t offset_ns;  /* as the servo took it */
	int64_t t_ingress;  /* when the last Sync came, ns of the port's clock; 0 for never */
	int32_t scaled_rate_offset; /* cumulative, (ratio - 1) * 2^41 */
	bool gm_present;    /* a foreign grandmaster is followed; false: this clock is the grandmaster */
	struct pmc_clock_id gm_identity;
};

/* linuxptp's: what this clock says of itself when it is grandmaster */
struct pmc_grandmaster {
	struct pmc_quality quality;
	struct pmc_time_properties time;
};

/* linuxptp's */
struct pmc_port_properties {
	struct pmc_port_id identity;
	uint8_t state;
	uint8_t timestamping;	      /* pmc_timestamping() */
	char interface[PMC_NAME_LEN]; /* bytes that are not printable are '?' */
};

struct pmc_reply {
	uint16_t id;	/* enum pmc_id */
	uint16_t error; /* 0: the data set is there. Else a managementErrorId (15.5.4.2): pmc_error() */
	uint16_t sequence;
	uint8_t domain, sdo;
	struct pmc_port_id from, to;
	union {
		struct pmc_default default_ds;
		struct pmc_current current;
		struct pmc_parent parent;
		struct pmc_time_properties time_properties;
		struct pmc_port port;
		struct pmc_time_status time_status;
		struct pmc_grandmaster grandmaster;
		struct pmc_port_properties port_properties;
	};
};

struct pmc_question {
	enum pmc_id id;
	uint8_t domain;	   /* 0..255, the clock's */
	uint8_t sdo;	   /* 0..15, the clock's */
	uint16_t sequence; /* comes back in the answer */
	uint16_t asker;	   /* port number that answers are addressed to; pmc takes its process id */
};

/*
 * A GET to every port of the clock that is spoken to, padded with zeroes to the data set's size as pmc does it.
 * Returns its length, or -ENOSPC (128 bytes are enough), or -EINVAL for an id that is none.
 */
int pmc_get(uint8_t *buf, size_t size, const struct pmc_question *q);

/*
 * Read an answer. -EBADMSG for what is no management message, is cut off or has a length that it may not have;
 * -ENOMSG for a well-formed one that is no answer, or about a data set not listed above.
 */
int pmc_parse(struct pmc_reply *out, const uint8_t *msg, size_t len, struct why *why);

/* -- names; what is out of range gets one too ------------------------------------------------------------------- */

const char *pmc_name(uint16_t id);			/* "TIME_STATUS_NP" */
bool pmc_per_port(uint16_t id);				/* is it answered once per port? */
const char *pmc_error(uint16_t error);			/* "NOT_SUPPORTED" */
const char *pmc_port_state(uint8_t state);		/* "UNCALIBRATED" */
const char *pmc_time_source(uint8_t source);		/* "GPS" */
const char *pmc_timestamping(uint8_t timestamping);	/* "software" */
int64_t pmc_accuracy_ns(uint8_t accuracy);		/* within so many ns of the reference (rounded up); -1: not known */

/* "56d5cf.fffe.5f424f" and "56d5cf.fffe.5f424f-1", as linuxptp writes them; return buf. */
const char *pmc_clock_str(char buf[static PMC_ID_STR_LEN], const struct pmc_clock_id *id);
const char *pmc_port_str(char buf[static PMC_ID_STR_LEN], const struct pmc_port_id *id);
bool pmc_clock_same(const struct pmc_clock_id *a, const struct pmc_clock_id *b);

#endif
