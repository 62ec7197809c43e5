/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gcl: a gate control list (802.1Q-2022 8.6.8.4, 8.6.9) as an immutable profile.
 *
 * gcl_create() validates what the administrator asked for and pays for everything the hot path needs: per traffic
 * class the windows in which its gate is open, with adjacent open entries merged into one window also across the end
 * of the cycle, and the open time before each. After that the profile never changes and may be read by any thread;
 * its owner destroys it.
 *
 * The cycle: entries run from the start of the cycle. When they sum to less than the cycle, the last entry's states
 * hold until its end; what goes beyond the cycle is cut off (8.6.9.2, List Execute). Everything here is worked out for a
 * cycle of cycle_ns; one that lasts longer, by the fraction of a rational cycle time or by cycle-time-extension, holds
 * the last states the longer. An entry that would begin within the fraction of a ns at the end of the cycle does not run.
 */
#ifndef TAKT_TSN_GCL_H
#define TAKT_TSN_GCL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "tsn/wire.h"

#define TSN_CLASSES	  8
#define GCL_MAX_ENTRIES	  4096
#define GCL_MAX_CYCLE_NS  INT64_C(1000000000)	/* supported-cycle-max: 1 s */
#define GCL_MAX_BASE_NS	  INT64_C(4000000000000000000)	/* admin-base-time: 1843 to 2096, so that sums of instants stay in range */
#define GCL_MAX_SDU	  9000			/* bytes; queue-max-sdu 0 means this */

struct gcl_entry {
	uint8_t gates;		/* gate-states-value: bit n = gate of class n open */
	int64_t interval_ns;	/* time-interval-value, at least one shortest frame at link rate */
};

/* What was asked for, as parsed; owned by the caller. */
struct gcl_conf {
	bool enabled;			/* gate-enabled; false: all gates open, the rest is not looked at */
	uint8_t initial_gates;		/* admin-gate-states: before the first cycle */
	int64_t t_base;			/* admin-base-time, TAI ns, may be in the past */
	int64_t cycle_ns;		/* admin-cycle-time, whole ns; 0: the sum of the entries */
	uint32_t cycle_frac_num;	/* and the rest of a rational one: num/den of a ns, num < den; den 0: none */
	uint32_t cycle_frac_den;
	int64_t extension_ns;		/* admin-cycle-time-extension */
	uint32_t max_sdu[TSN_CLASSES];	/* queue-max-sdu, bytes of MSDU; 0: no limit of its own */
	uint32_t n_entries;
	struct gcl_entry *entries;
};

struct gcl_window {
	int64_t open_ns;	/* offset from the start of the cycle, 0 <= open < cycle */
	int64_t close_ns;	/* > open; beyond the cycle when the window runs on into the next one. In a cycle of cycle_ns */
	int64_t before_ns;	/* open time of this class between the start of the cycle and open_ns */
};

struct gcl_class {
	uint32_t n_windows;	/* in order of open_ns, disjoint; 0: never open */
	bool always;		/* never shut: one window, 0..cycle, that does not close */
	bool at_end;		/* open in the last entry: what a cycle lasts longer than cycle_ns, its last window does too */
	int64_t tail_ns;	/* open time at the start of the cycle that belongs to the last window of the cycle before; 0: none */
	int64_t open_ns;	/* open time per cycle of cycle_ns */
	int64_t longest_ns;	/* longest window in a cycle of cycle_ns; INT64_MAX when always open */
	uint32_t max_len;	/* longest frame (bytes in memory) the class may carry: by queue-max-sdu and by its longest window */
	const struct gcl_window *windows;
};

struct gcl {
	int64_t t_base, cycle_ns, extension_ns;
	uint32_t frac_num, frac_den;		/* the cycle's rest, num/den of a ns in lowest terms; 0/1: none (tsn/cycle) */
	uint8_t initial_gates;
	uint16_t generation;	/* a number the owner gives; appears in records */
	bool enabled;
	uint32_t n_entries;
	const struct gcl_entry *entries;	/* a copy, for show and dump: cut or held as it runs */
	uint32_t max_sdu[TSN_CLASSES];
	struct gcl_class class[TSN_CLASSES];
};

/*
 * Validate and precompute. Refused with -EINVAL and a sentence naming the entry: zero entries; an interval shorter
 * than one shortest frame at the link's rate; more than GCL_MAX_ENTRIES; a cycle of zero, negative or over
 * GCL_MAX_CYCLE_NS; a class that opens but whose longest window does not fit a shortest frame, or not a frame of its
 * own queue-max-sdu where one was given; a queue-max-sdu over GCL_MAX_SDU; an extension that is negative or over
 * GCL_MAX_CYCLE_NS; a base time beyond GCL_MAX_BASE_NS either way; a fraction of a ns that is none, or without a
 * cycle_ns. -ENOMEM.
 */
int gcl_create(struct gcl **out, const struct gcl_conf *conf, const struct wire *wire, struct why *why);
void gcl_destroy(struct gcl *gcl);

/* Is the class's gate open at this offset (>= 0) of a cycle? Slow and obvious; for tests and drawing. */
bool gcl_open_at_offset(const struct gcl *gcl, unsigned int tc, int64_t offset_ns);

/*
 * A cycle time as the YANG module has it, num/den seconds: taken apart (0 <= num, 0 < den, both of 32 bits), and put
 * together again in lowest terms.
 */
void gcl_cycle_set(struct gcl_conf *conf, int64_t num, int64_t den);
void gcl_cycle_seconds(int64_t cycle_ns, uint32_t frac_num, uint32_t frac_den, int64_t *num, int64_t *den);

#endif
