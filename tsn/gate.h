/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate: the running schedule of one egress port (802.1Q-2022 8.6.8.4, 8.6.9).
 *
 * A gate holds the operational profile, at most one pending (admin) profile, and where in the cycle it stands. It
 * owns neither: whatever it lets go of is handed back to the caller, who passes it to the thread that frees. All
 * functions take `now`; gate_advance() has to be called first for each new now, then the questions may be asked for
 * that now and later instants of the same window.  The questions compare and add; a division happens only after a
 * jump of many cycles.
 *
 * ConfigChangeTime (8.6.9.3): base time in the future -> base time; in the past -> the first base + N*cycle that is
 * not before now; and that counts as an error when an old schedule was running. One thread owns a gate.
 */
#ifndef TAKT_TSN_GATE_H
#define TAKT_TSN_GATE_H

#include <stdint.h>

#include "tsn/gcl.h"

struct gate {
	const struct gcl *oper;		/* NULL: no schedule yet, initial_gates hold */
	const struct gcl *admin;	/* pending until t_change, or NULL */
	int64_t t_change;		/* config-change-time of the pending profile; NS_NEVER without one */
	int64_t t_cycle;		/* start of the cycle that `now` is in */
	int64_t t_now;			/* the last gate_advance() */
	uint8_t initial_gates;		/* admin-gate-states, all open at first */
	uint32_t cursor[TSN_CLASSES];	/* first window of the class that closes after t_now, n_windows at the end of a cycle */
	int64_t open_base[TSN_CLASSES];	/* open time of each class up to t_cycle */
	uint32_t entry;			/* gate_entry()'s own cursor: an entry that began by t_now, and its offset */
	int64_t entry_ns;
	uint64_t config_changes;
	uint64_t config_change_errors;	/* config-change-error */
};

void gate_init(struct gate *g, int64_t now);

/* Make a profile pending. Returns the profile that was pending before and now never runs, or NULL. */
const struct gcl *gate_set(struct gate *g, const struct gcl *gcl, int64_t now);

/*
 * Come to `now` (>= the last one): next cycles, the admin profile at its time. Returns the retired oper profile, or
 * NULL.
 */
const struct gcl *gate_advance(struct gate *g, int64_t now);

/*
 * The clock was stepped: continue at `now`, wherever that is. Cycles start again at the first oper base + N*cycle at
 * or before now; a pending profile's change time is computed anew. Open totals go on from where they were.
 */
void gate_step(struct gate *g, int64_t now);

/* OperGateStates at the last now. */
uint8_t gate_states(const struct gate *g);

/*
 * Which entry of the oper list is in force at the last now, and when did this occurrence of it begin? Entries count from 0
 * as in the list that was asked for; each cycle makes a new occurrence. UINT32_MAX while no list runs (none yet, or
 * gate-enabled false): *t_begin is then left alone.
 */
uint32_t gate_entry(struct gate *g, int64_t *t_begin);

/*
 * When does the class's gate close? The last now itself if it is shut, NS_NEVER if it never closes. A pending profile
 * counts.
 */
int64_t gate_close_at(const struct gate *g, unsigned int tc);

/*
 * The first instant >= t (t >= the last now) at which the class's gate is open, NS_NEVER if it never is. A pending
 * profile counts.
 */
int64_t gate_open_at(const struct gate *g, unsigned int tc, int64_t t);

/* Open time of the class up to the last now, in ns, from an arbitrary zero: differences are exact. */
int64_t gate_open_total(const struct gate *g, unsigned int tc);

/* Longest frame (bytes in memory) the class may carry under oper and, if pending, admin: the stricter of the two. */
uint32_t gate_max_len(const struct gate *g, unsigned int tc);

#endif
