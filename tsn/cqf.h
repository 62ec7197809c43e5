/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cqf: cyclic queuing and forwarding (802.1Q-2022 Annex T) as what it is made of: stream gates and egress gates.
 *
 * Time is cut into cycles that alternate between two classes. What comes in during one cycle is put into one class, by
 * the IPV of a stream gate, while that class's egress gate is shut; in the next cycle that gate is open and the other
 * class takes in. So a frame leaves in the cycle after the one in which it came in, and spends between nothing and two
 * cycles here, whatever else there is.
 *
 *	cycle		comes in as	may leave
 *	even		class[0]	class[1], and all others
 *	odd		class[1]	class[0], and all others
 *
 * Pure expansion: nothing here runs. It holds between ports that have the same cqf. For configuration only.
 */
#ifndef TAKT_TSN_CQF_H
#define TAKT_TSN_CQF_H

#include <stdint.h>

#include "base/why.h"
#include "tsn/gcl.h"
#include "tsn/police.h"

struct cqf_conf {
	int64_t cycle_ns;	/* how long each of the two takes turns */
	int64_t t_base;		/* when an even cycle begins; TAI ns, may be in the past */
	uint8_t class[2];
};

struct cqf {
	struct gcl_entry egress[2];
	struct police_gate_entry ingress[2];
	uint32_t n_filters;
	uint8_t pcp[8];		/* priorities that the two classes carry: a filter each, all of them on the one stream gate */
};

/*
 * class_map: class of each priority at this port. -EINVAL and a sentence: twice the same class, a class that no
 * priority has (an IPV is a priority), a cycle beyond half of GCL_MAX_CYCLE_NS.
 */
int cqf_expand(struct cqf *out, const struct cqf_conf *conf, const uint8_t class_map[8], struct why *why);

#endif
