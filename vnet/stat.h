/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stat: counters, declared once.
 *
 * The worker is the only writer (of the clock's: the control thread); any thread may read (relaxed, so a set of counters may be torn by a few frames).
 * For each port, at any quiet moment: rx_frames + copies == the sum of verdict[] + frames still queued that came in there.
 */
#ifndef TAKT_VNET_STAT_H
#define TAKT_VNET_STAT_H

#include <stdint.h>

#include "tsn/gcl.h"
#include "vnet/pkt.h"

#define STAT_PORT(X)                                                                             \
	X(rx_frames,      "frames received from the port")                                       \
	X(rx_bytes,       "bytes received, FCS excluded")                                        \
	X(rx_giants,      "frames longer than any buffer: refused in the guest's ring, without a record (split rings)") \
	X(copies,         "further copies made of received frames (flooding)")                   \
	X(no_copies,      "copies not made for want of a buffer: a flooded frame missed a port")   \
	X(tx_frames,      "frames handed to the port")                                           \
	X(tx_bytes,       "bytes handed to the port, FCS excluded")                              \
	X(tx_refused,     "times the driver or ring took less than was offered; retried next turn") \
	X(learned,        "addresses learned from this port")                                    \
	X(moved,          "addresses that moved to this port from another")                      \
	X(learn_full,     "addresses not learned: the port's share of the table was used up")    \
	X(overruns,       "frames handed over after their gate had closed (TransmissionOverrun)") \
	X(over_hi,        "frames of shaped classes sent with more credit than hiCredit: we were late before") \
	X(launch_missed,  "frames dropped at this port as egress because their launch time had passed") \
	X(gate_changes,   "schedules adopted (ConfigChange)")                                    \
	X(gate_errors,    "schedules set with a base time in the past while another ran (ConfigChangeError): taken over at the next start of a cycle all the same") \
	X(ptp_events,     "PTP event messages received (Sync, Delay_Req, Pdelay_Req, Pdelay_Resp), also those that were then dropped") \
	X(ptp_general,    "PTP general messages received, also those that were then dropped")    \
	X(ptp_unread,     "frames received that are PTP, or may hide it, but no message that can be read: cut off, another version, a fragment") \
	X(ptp_kept,       "PTP messages not sent out at this port, by its role")                 \
	X(ptp_corrected,  "PTP event messages handed to the port with their residence time in the correctionField") \
	X(ptp_doubts,     "PTP event messages handed to the port of which is not known when they left: a poll gap; what completes them is dropped") \
	X(ptp_stamped,    "PTP event messages received whose arrival the kernel or hardware told") \
	X(time_asks,      "asks for the time received (base/ask.h), also those that were then dropped") \
	X(attached,       "times a guest (or the wire) came up")                                 \
	X(detached,       "times it went away")

#define STAT_WORKER(X)                                                                           \
	X(turns,          "turns of the worker")                                                 \
	X(idle_turns,     "turns in which no frame was received or sent")                        \
	X(gaps,           "poll gaps: the worker did not see its clock for longer than poll-gap") \
	X(gap_ns,         "time lost in poll gaps, ns")                                          \
	X(clock_steps,    "steps of the clock")                                                  \
	X(records,        "records published")

/* Of the time base: written by the control thread. */
#define STAT_CLOCK(X)                                                                            \
	X(steps,          "steps of the reference")                                             \
	X(tai_changes,    "times the kernel's TAI offset was changed")                          \
	X(holdovers,      "times the reference gave no time for a second or longer")            \
	X(refused_looks,  "looks at the reference that were left out: too slow, or they contradicted themselves") \
	X(over_error,     "looks that found the clock further off than max-error")              \
	X(ptp4l_lost,     "times ptp4l did not answer any more")                                 \
	X(port_left,      "times ptp4l's port was not SLAVE any more, nor MASTER as grandmaster") \
	X(gm_changes,     "times ptp4l had another grandmaster")                                 \
	X(bad,            "times the clock was not good any more, for whatever reason")

struct stat_port {
#define X(id, help) uint64_t id;
	STAT_PORT(X)
#undef X
	uint64_t verdict[VERDICT_COUNT];	/* of frames that came in at this port */
	uint64_t class_tx[TSN_CLASSES];		/* frames sent, per class, at this port as egress */
	uint64_t class_overruns[TSN_CLASSES];
	uint64_t class_over_hi[TSN_CLASSES];
	uint64_t class_queued[TSN_CLASSES];	/* a gauge: frames in the class queue now */
};

struct stat_worker {
#define X(id, help) uint64_t id;
	STAT_WORKER(X)
#undef X
};

struct stat_clock {
#define X(id, help) uint64_t id;
	STAT_CLOCK(X)
#undef X
};

#define stat_add(field, n) __atomic_store_n(&(field), (field) + (n), __ATOMIC_RELAXED)
#define stat_set(field, n) __atomic_store_n(&(field), (n), __ATOMIC_RELAXED)
#define stat_get(field)	   __atomic_load_n(&(field), __ATOMIC_RELAXED)

#endif
