/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/chain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ns.h"

enum port_state { FAULTY = 2, DISABLED = 3, LISTENING = 4, MASTER = 6, UNCALIBRATED = 8, SLAVE = 9, GRAND_MASTER = 10 }; /* Table 8 */
enum { P2P = 2 }; /* delayMechanism, Table 9 */

struct judge {
	void (*say)(void *arg, enum chain_link link, enum chain_severity severity, const char *sentence);
	void *arg;
	bool whole;
};

__attribute__((format(printf, 4, 5)))
static void find(struct judge *j, enum chain_link link, enum chain_severity severity, const char *fmt, ...)
{
	char sentence[2 * WHY_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	if (severity == CHAIN_BROKEN)
		j->whole = false;
	j->say(j->arg, link, severity, sentence);
}

static bool any_port(const struct chain_ptp *p, uint8_t state, uint8_t or_state)
{
	int i;

	for (i = 0; i < p->ports; i++)
		if (p->port[i].ds.state == state || p->port[i].ds.state == or_state)
			return true;
	return false;
}

bool chain_is_grandmaster(const struct chain_ptp *p)
{
	return pmc_clock_same(&p->parent.gm_identity, &p->clock.identity) && any_port(p, MASTER, GRAND_MASTER);
}

bool chain_follows(const struct chain_ptp *p)
{
	return any_port(p, SLAVE, UNCALIBRATED);
}

int64_t chain_offset_bound_ns(const struct chain_ptp *p)
{
	const struct chain_port *port;
	int i;

	if (chain_follows(p) && p->current.path_delay_ns > 0)
		return p->current.path_delay_ns;
	for (i = 0; i < p->ports; i++) {
		port = &p->port[i];
		if ((port->ds.state == SLAVE || port->ds.state == UNCALIBRATED) && port->ds.delay_mechanism == P2P && port->ds.peer_delay_ns > 0)
			return port->ds.peer_delay_ns;
	}
	return -1;
}

/* "port 1 (eth0)" */
static const char *port_text(char *buf, size_t size, const struct chain_port *port)
{
	unsigned int number = port->ds.identity.number;

	if (port->properties)
		snprintf(buf, size, "port %u (%s)", number, port->interface);
	else
		snprintf(buf, size, "port %u", number);
	return buf;
}

/* -- ptp4l and what is above it ------------------------------------------------------------------------------------ */

static void judge_ports(struct judge *j, const struct chain_ptp *p)
{
	char text[PMC_NAME_LEN + 32];
	int i;

	for (i = 0; i < p->ports; i++) {
		port_text(text, sizeof(text), &p->port[i]);
		switch (p->port[i].ds.state) {
		case FAULTY:
			find(j, CHAIN_PTP4L, CHAIN_TRAP, "%s is FAULTY: its link is down, or stamps of sent frames come too late "
			     "(tx_timestamp_timeout is 1 ms in linuxptp 3.1, 50 and more is needed for software stamps)", text);
			break;
		case DISABLED:
			find(j, CHAIN_PTP4L, CHAIN_NOTE, "%s is DISABLED", text);
			break;
		case UNCALIBRATED:
			find(j, CHAIN_PTP4L, CHAIN_TRAP, "%s is UNCALIBRATED: the offset is measured, but the clock is not held to "
			     "it; for ever so with free_running 1, else until the servo locks", text);
			break;
		}
	}
}

static void judge_path(struct judge *j, const struct chain_ptp *p)
{
	char text[PMC_NAME_LEN + 32];

	if (chain_is_grandmaster(p)) {
		find(j, CHAIN_GRANDMASTER, CHAIN_NOTE, "this clock is the grandmaster itself: nothing is above it");
		return;
	}
	if (!chain_follows(p)) {
		if (p->ports)
			find(j, CHAIN_GRANDMASTER, CHAIN_BROKEN, "no master is followed: %s is %s: is there one in domain %u, and do "
			     "both use the same transport?%s", port_text(text, sizeof(text), &p->port[0]),
			     pmc_port_state(p->port[0].ds.state), p->clock.domain,
			     p->port[0].ds.state == LISTENING
				     ? " A taktd between them may keep its messages: `takt show` there: ptp-role, ptp_kept, link-local" : "");
		else
			find(j, CHAIN_GRANDMASTER, CHAIN_BROKEN, "no master is followed: ptp4l has no port");
		return;
	}
	if (chain_offset_bound_ns(p) < 0)
		find(j, CHAIN_PTP4L, CHAIN_TRAP, "no path delay was measured yet: the offset is not to be believed");
}

static void judge_timescale(struct judge *j, const struct chain *c)
{
	const struct pmc_time_properties *t = &c->ptp.time;

	if (!t->ptp_timescale)
		find(j, CHAIN_GRANDMASTER, CHAIN_TRAP,
		     "the grandmaster does not announce the PTP time scale: its time is not TAI but what its own clock shows, "
		     "commonly UTC, %d s away (so does a ptp4l with software stamps)", CHAIN_TAI_TODAY);
	if (t->utc_offset_valid && c->system.tai_offset && c->system.tai_offset != t->utc_offset)
		find(j, CHAIN_SYSTEM, CHAIN_TRAP, "the kernel's TAI offset is %d s, the grandmaster says %d s: CLOCK_TAI is %d s off",
		     c->system.tai_offset, t->utc_offset, abs(c->system.tai_offset - t->utc_offset));
}

/* -- below ptp4l --------------------------------------------------------------------------------------------------- */

static void judge_phc(struct judge *j, const struct chain_phc *p)
{
	int64_t off_ns = llabs(p->offset_ns) - p->half_ns;
	char off[NS_STR_LEN];

	if (!p->wanted)
		return;
	if (!p->known) {
		find(j, CHAIN_PHC, CHAIN_TRAP, "the hardware clock cannot be looked at: %s", p->missing.text);
		return;
	}
	if (llabs(llabs(p->offset_ns) - CHAIN_TAI_TODAY * NS_PER_SEC) < NS_PER_SEC / 2)
		find(j, CHAIN_PHC, CHAIN_TRAP, "the hardware clock and CLOCK_TAI are %d s apart: one of them shows UTC",
		     CHAIN_TAI_TODAY);
	else if (off_ns > CHAIN_PHC_NS)
		find(j, CHAIN_PHC, CHAIN_TRAP,
		     "the hardware clock is %s off CLOCK_TAI: does phc2sys run, and has it had its time?", ns_str(off, p->offset_ns));
}

static void judge_system(struct judge *j, const struct chain_system *s)
{
	if (!s->tai_offset)
		find(j, CHAIN_SYSTEM, CHAIN_TRAP,
		     "the kernel's TAI offset is 0, so CLOCK_TAI shows UTC, %d s from TAI: schedules whose cycle divides a "
		     "second do not notice, one of 300 us is out of phase by 100 us; ptp4l and phc2sys set it when the "
		     "grandmaster says currentUtcOffsetValid and timeTraceable, chrony with leapsectz", CHAIN_TAI_TODAY);
	if (!s->kept)
		find(j, CHAIN_SYSTEM, CHAIN_TRAP, "the kernel was not told that anybody keeps the system clock (STA_UNSYNC): "
		     "no bound is known for it");
}

static void judge_taktd(struct judge *j, const struct chain_taktd *t, const struct chain_system *s)
{
	char off[NS_STR_LEN], half[NS_STR_LEN], bound[NS_STR_LEN];

	if (!t->known) {
		find(j, CHAIN_TAKTD, t->asked_for ? CHAIN_BROKEN : CHAIN_NOTE, "%s", t->missing.text);
		return;
	}
	if (llabs(t->offset_ns) > t->half_ns + t->bound_ns)
		find(j, CHAIN_TAKTD, CHAIN_TRAP,
		     "taktd's time is %s (within %s) off what it follows, more than the %s that it believes: does its clock thread "
		     "get a CPU?", ns_str(off, t->offset_ns), ns_str(half, t->half_ns), ns_str(bound, t->bound_ns));
	if (t->tai_offset != s->tai_offset)
		find(j, CHAIN_TAKTD, CHAIN_NOTE, "taktd's time is UTC + %d s, as its file says, and CLOCK_TAI is UTC + %d s", t->tai_offset,
		     s->tai_offset);
	if (!t->good)
		find(j, CHAIN_TAKTD, CHAIN_TRAP, "taktd's clock is not good: %s%s%s", t->why_not.text,
		     t->held[0] ? "; its gates are held " : "", t->held);
	if (t->steps)
		find(j, CHAIN_TAKTD, CHAIN_NOTE,
		     "the clock was stepped %" PRIu64 " times since taktd began: schedules were then started again", t->steps);
}

bool chain_judge(const struct chain *c,
		 void (*say)(void *arg, enum chain_link link, enum chain_severity severity, const char *sentence), void *arg)
{
	struct judge j = {.say = say, .arg = arg, .whole = true};

	if (c->ptp.known) {
		judge_path(&j, &c->ptp);
		if (chain_follows(&c->ptp) || chain_is_grandmaster(&c->ptp))
			judge_timescale(&j, c);
		judge_ports(&j, &c->ptp);
	} else {
		find(&j, CHAIN_PTP4L, CHAIN_BROKEN, "%s", c->ptp.missing.text);
	}
	judge_phc(&j, &c->phc);
	judge_system(&j, &c->system);
	judge_taktd(&j, &c->taktd, &c->system);
	return j.whole;
}

const char *chain_link_name(enum chain_link link)
{
	static const char *const names[] = {
#define X(id, name) [CHAIN_##id] = name,
		CHAIN_LINKS(X)
#undef X
	};

	return names[link];
}

const char *chain_severity_name(enum chain_severity severity)
{
	static const char *const names[] = {
#define X(id, name) [CHAIN_##id] = name,
		CHAIN_SEVERITIES(X)
#undef X
	};

	return names[severity];
}
