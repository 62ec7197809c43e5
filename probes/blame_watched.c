/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/blame_watched.h"

#include <stdio.h>

static void not_watched(struct blame_store *s, enum cause_watch bit, const char *sentence)
{
	char *why = s->unwatched[__builtin_ctz(bit)];

	if (!*why)
		snprintf(why, sizeof(s->unwatched[0]), "%s", sentence);
}

/* All these points of a source are live? Else why the first one is not. */
static bool are_live(struct blame_store *s, const struct gather_source *from, enum cause_watch bit, const char *const *point)
{
	char sentence[WHY_LEN];
	const char *why;

	for (; *point; point++) {
		why = NULL;
		if (gather_point(from, *point, &why) == 1)
			continue;
		snprintf(sentence, sizeof(sentence), "%.60s: %s: %.160s", from->name, *point, why ?: "not told");
		not_watched(s, bit, sentence);
		return false;
	}
	return true;
}

static void watch(struct blame_store *s, const struct gather_source *from, enum cause_watch bit, const char *const *point)
{
	if (are_live(s, from, bit, point))
		s->watched |= bit;
}

/* The vCPUs of all guests: what happened to one that is not known is nothing that was seen not to happen. */
static bool know_vcpus(struct blame_store *s, const struct gather *g)
{
	char sentence[WHY_LEN] = "";
	bool some = false;
	int i;

	for (i = 0; i < PKT_MAX_PORTS; i++) {
		some |= s->roles.guest[i].n > 0;
		if (g->port_guest[i] && !s->roles.guest[i].n && !*sentence)
			snprintf(sentence, sizeof(sentence), "the vCPU threads of the guest at %s are not known", gather_port(g, (uint8_t)i));
	}
	if (!some)
		snprintf(sentence, sizeof(sentence), "no guest's vCPU threads are known");
	if (!*sentence)
		return true;
	not_watched(s, CAUSE_BY_VCPU, sentence);
	not_watched(s, CAUSE_BY_KVM, sentence);
	return false;
}

static void watch_host(struct blame_store *s, const struct gather *g)
{
	static const char *const sched[] = {"sched_switch", NULL}, *const wake[] = {"sched_waking", NULL}, *const irq[] = {"irq_handler", "softirq", NULL},
			  *const ipi[] = {"local_timer", "reschedule", "call_function", "call_function_single", "irq_work", NULL},
			  *const nmi[] = {"nmi_handler", NULL}, *const kvm[] = {"kvm_exit", "kvm_entry", NULL};
	static const uint32_t by_host[] = {CAUSE_BY_HOST_SCHED, CAUSE_BY_HOST_WAKE, CAUSE_BY_VCPU, CAUSE_BY_KVM,
					   CAUSE_BY_HOST_IRQ, CAUSE_BY_HOST_IPI, CAUSE_BY_HOST_NMI, CAUSE_BY_STEAL};
	const struct gather_source *host = gather_at(g, GATHER_HOST, PKT_NO_PORT);
	size_t i;

	for (i = 0; i < sizeof(by_host) / sizeof(by_host[0]); i++) {
		if (!host)
			not_watched(s, by_host[i], "the host: give --host");
		else if (i >= 4 && s->roles.worker_cpu < 0)
			not_watched(s, by_host[i], "taktd's worker is on no CPU of its own (`cpu:` in its file)");
	}
	if (!host)
		return;
	if (!s->roles.worker_tid) {
		not_watched(s, CAUSE_BY_HOST_SCHED, "taktd did not tell which thread its worker is");
	} else {
		watch(s, host, CAUSE_BY_HOST_SCHED, sched);
		watch(s, host, CAUSE_BY_HOST_WAKE, wake);
	}
	if (s->roles.worker_cpu >= 0) {
		watch(s, host, CAUSE_BY_HOST_IRQ, irq);
		watch(s, host, CAUSE_BY_HOST_IPI, ipi);
		watch(s, host, CAUSE_BY_HOST_NMI, nmi);
		s->watched |= CAUSE_BY_STEAL;
	}
	if (know_vcpus(s, g)) {
		watch(s, host, CAUSE_BY_VCPU, sched);
		watch(s, host, CAUSE_BY_KVM, kvm);
	}
}

static void watch_guests(struct blame_store *s, const struct gather *g)
{
	static const char *const points[] = {"switch", "irq", "softirq", NULL};
	bool all = true;
	int i;

	for (i = 0; i < g->n_sources; i++)
		if (g->source[i].kind == GATHER_GUEST) {
			s->watched |= CAUSE_BY_GUEST;
			all &= are_live(s, &g->source[i], CAUSE_BY_GUEST_CPU, points);
		}
	if (s->watched & CAUSE_BY_GUEST && all)
		s->watched |= CAUSE_BY_GUEST_CPU;
	not_watched(s, CAUSE_BY_GUEST, "no guest: give --guest");
	not_watched(s, CAUSE_BY_GUEST_CPU, "no guest: give --guest");
}

void blame_watched(struct blame_store *s, const struct gather *g)
{
	watch_host(s, g);
	watch_guests(s, g);
}
