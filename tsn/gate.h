/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate: the running schedule of one egress port (802.1Q-2022 8.6.8.4, 8.6.9).
 *
 * A gate holds the operational profile, at most one pending (admin) profile, and where in the cycle it stands. It
 * owns neither: whatever it lets go of is handed back to the caller, who passes it to the thread that frees. All
 * functions take `now`; gate_advance() has to be called first for each new now, then the questions may be asked for
 * that now and later instants of the same window.  The questions compare and add; a division happens only after a
 * jump of many cycles, and when a profile is set.
 *
 * ConfigChangeTime (8.6.9.3): base time in the future -> base time; in the past -> the first start of a cycle
 * (tsn/cycle) that is not before now; and that counts as an error when an old schedule was running.
 *
 * The last cycle of the old list (8.6.9.1.1 SetCycleStartTime): the first one, from the present one on, whose regular
 * end is not earlier than ConfigChangeTime - cycle-time-extension. It goes on to ConfigChangeTime: cut short, or
 * lengthened by at most the extension with its last states held. Decision 010 says how this differs from the letter.
 *
 * gate-enabled false: the profile is oper, but no list runs and all gates are open. While no list runs, a profile that
 * is set gives its admin-gate-states at once (the list machine's INIT) and its list at ConfigChangeTime.
 *
 * One thread owns a gate.
 */
#ifndef TAKT_TSN_GATE_H
#define TAKT_TSN_GATE_H

#include <stdint.h>

#include "tsn/cycle.h"
#include "tsn/gcl.h"

struct gate {
	const struct gcl *oper;		/* NULL: no schedule yet */
	const struct gcl *run;		/* oper while its list runs; NULL: initial_gates hold */
	const struct gcl *admin;	/* pending until t_change, or NULL */
	int64_t t_change;		/* config-change-time of the pending profile; NS_NEVER without one */
	struct cycle first;		/* its first cycle, which begins then */
	struct cycle cycle;		/* the cycle that t_now is in, as if nothing was pending; without a list .t is when that began */
	int64_t t_end;			/* and when it really ends, unless a change comes first: a hold makes it later than regular */
	int64_t t_last;			/* start of the last cycle before t_change; NS_NEVER when nothing is pending or no list runs */
	int64_t t_now;			/* the last gate_advance() */
	uint8_t initial_gates;		/* admin-gate-states, all open at first */
	uint32_t cursor[TSN_CLASSES];	/* first window of the class that ends after t_now, n_windows when there is none in this cycle */
	int64_t open_base[TSN_CLASSES];	/* open time of each class up to the start of the cycle */
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
 * The clock was stepped: continue at `now`, wherever that is. The cycle is the one that now lies in, also before the base
 * time (decision 010), and never a held one; a pending profile's change time is computed anew, and the last cycle before it,
 * from the present one on. Open totals go on from where they were.
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
