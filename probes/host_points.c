/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_points.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probes/host_sig.h"

const char *const host_prog_names[HOST_PROG_COUNT] = {
#define X(name) #name,
	HOST_PROGS(X)
#undef X
};

/* In the order in which the table is shown. */
static const struct {
	const char *name, *gives;
} points[] = {
	{"sched_switch", "runs, preempted (by whom), stopped, slept"},
	{"sched_waking", "wakeup: since when"},
	{"sched_wakeup", "wakeup: on which CPU"},
	{"sched_migrate_task", "migrated"},
	{"irq_handler", "irq"},
	{"softirq", "softirq"},
	{"local_timer", "ipi: the CPU's own timer"},
	{"reschedule", "ipi"},
	{"call_function", "ipi"},
	{"call_function_single", "ipi"},
	{"irq_work", "ipi"},
	{"x86_platform_ipi", "ipi"},
	{"thermal_apic", "ipi"},
	{"threshold_apic", "ipi"},
	{"deferred_error_apic", "ipi"},
	{"error_apic", "ipi"},
	{"spurious_apic", "ipi"},
	{"nmi_handler", "nmi"},
	{"kvm_exit", "exit: its beginning and reason"},
	{"kvm_entry", "exit: its end"},
	{"kvm_userspace_exit", "exit: that it went on to the monitor"},
	{"kvm_fast_mmio", "exit: that it was a kick"},
	{"kvm_vcpu_wakeup", "halt"},
	{"kvm_halt_poll_ns", "halt: changes of how long it polls first"},
	{"kvm_inj_virq", "inject: into a vCPU that enters its guest"},
	{"kvm_msi_set_irq", "inject: as a message"},
	{"kvm_apic_accept_irq", "inject: by the local APIC"},
	{"kvm_apicv_accept_irq", "inject: posted to the processor"},
};

static const struct host_way ways[] = {
#define PROG(name) HOST_PROG_##name
	{"sched_switch", "sched_switch", "i *task_struct *task_struct i", PROG(on_switch), HOST_TYPED, ""},
	{"sched_switch", "sched_switch", "i *task_struct *task_struct", PROG(on_switch_old), HOST_TYPED, ""},
	{"sched_waking", "sched_waking", "*task_struct", PROG(on_waking), HOST_TYPED, ""},
	{"sched_wakeup", "sched_wakeup", "*task_struct", PROG(on_wakeup), HOST_TYPED, ""},
	{"sched_migrate_task", "sched_migrate_task", "*task_struct i", PROG(on_migrate), HOST_TYPED, ""},
	{"irq_handler", "irq_handler_entry", "i *irqaction", PROG(on_irq), HOST_TYPED, ""},
	{"irq_handler", "irq_handler_exit", "i *irqaction", PROG(on_irq_end), HOST_TYPED, ""},
	{"softirq", "softirq_entry", "i", PROG(on_softirq), HOST_RAW, ""},
	{"softirq", "softirq_exit", "i", PROG(on_softirq_end), HOST_RAW, ""},
#define VECTOR(name)                                                          \
	{name, name "_entry", "i", PROG(on_vector), HOST_RAW, ""},                 \
	{name, name "_exit", "i", PROG(on_vector_end), HOST_RAW, ""}
	VECTOR("local_timer"),
	VECTOR("reschedule"),
	VECTOR("call_function"),
	VECTOR("call_function_single"),
	VECTOR("irq_work"),
	VECTOR("x86_platform_ipi"),
	VECTOR("thermal_apic"),
	VECTOR("threshold_apic"),
	VECTOR("deferred_error_apic"),
	VECTOR("error_apic"),
	VECTOR("spurious_apic"),
	{"nmi_handler", "nmi_handler", "* l i", PROG(on_nmi), HOST_RAW, ""},
	{"kvm_exit", "kvm_exit", "", PROG(on_exit_class), HOST_CLASS, ""},
	{"kvm_exit", "kvm_exit", "i *kvm_vcpu i", PROG(on_exit_reason), HOST_RAW, ""},
	{"kvm_exit", "kvm_exit", "*kvm_vcpu i", PROG(on_exit_bare), HOST_RAW, "reasons: tracefs is not to be had"},
	{"kvm_entry", "kvm_entry", "", PROG(on_entry), HOST_RAW, ""},
	{"kvm_userspace_exit", "kvm_userspace_exit", "i i", PROG(on_user), HOST_RAW, ""},
	{"kvm_fast_mmio", "kvm_fast_mmio", "l", PROG(on_fast_mmio), HOST_RAW, ""},
	{"kvm_vcpu_wakeup", "kvm_vcpu_wakeup", "l i i", PROG(on_halt), HOST_RAW, ""},
	{"kvm_halt_poll_ns", "kvm_halt_poll_ns", "i i i i", PROG(on_poll), HOST_RAW, ""},
	{"kvm_inj_virq", "kvm_inj_virq", "i i i", PROG(on_virq), HOST_RAW, ""},
	{"kvm_inj_virq", "kvm_inj_virq", "i", PROG(on_virq_old), HOST_RAW, "which are soft or given again"},
	{"kvm_msi_set_irq", "kvm_msi_set_irq", "l l", PROG(on_msi), HOST_RAW, ""},
	{"kvm_apic_accept_irq", "kvm_apic_accept_irq", "i i i i", PROG(on_accept), HOST_RAW, ""},
	{"kvm_apicv_accept_irq", "kvm_apicv_accept_irq", "i i i i", PROG(on_accept), HOST_RAW, ""},
#undef VECTOR
#undef PROG
};

#define COUNT(a) (int)(sizeof(a) / sizeof((a)[0]))
#define SILENT 16	/* exits to the monitor with none told: each follows an exit */

static_assert(COUNT(points) <= HOST_MAX_POINTS, "a row for each");

const struct host_way *host_ways(int *n)
{
	*n = COUNT(ways);
	return ways;
}

int host_ways_together(int first)
{
	int n = 1;

	while (first + n < COUNT(ways) && !strcmp(ways[first + n].tracepoint, ways[first].tracepoint))
		n++;
	return n;
}

void host_point_fail(struct host_point *p, const char *fmt, ...)
{
	va_list ap;

	p->live = false;
	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
}

static int sig_of(struct btf *const *types, int n, const char *tracepoint, char *sig)
{
	int i, err = -ENOENT;

	for (i = 0; i < n && err == -ENOENT; i++)
		err = host_sig(types[i], tracepoint, sig, HOST_SIG_LEN);
	return err;
}

/* Does any of n ways to one tracepoint do? All that do are wanted: one may turn out not to be had. */
static void choose(struct host_points *p, struct host_point *point, const struct host_way *w, int n, const char *sig)
{
	const struct host_way *refused = NULL;
	int i, found = 0;

	for (i = 0; i < n; i++) {
		if (!host_sig_fits(sig, w[i].sig))
			continue;
		if (p->refused >> w[i].prog & 1) {
			refused = &w[i];
			continue;
		}
		p->wanted |= 1u << w[i].prog;
		found++;
	}
	if (!found && refused)
		host_point_fail(point, "%s: %s", w->tracepoint, p->refusal[refused->prog]);
	else if (!found)
		host_point_fail(point, "%s: its arguments (%s) are none that takt knows", w->tracepoint, sig);
}

void host_points_choose(struct host_points *p, struct btf *const *types, int n_types)
{
	char sig[HOST_SIG_LEN];
	int i, k;

	p->n = COUNT(points);
	p->wanted = 0;
	for (i = 0; i < p->n; i++)
		p->point[i] = (struct host_point){.name = points[i].name, .gives = points[i].gives, .live = true};
	for (k = 0; k < COUNT(ways); k += host_ways_together(k)) {
		struct host_point *point = host_points_row(p, ways[k].point);

		if (!sig_of(types, n_types, ways[k].tracepoint, sig))
			choose(p, point, &ways[k], host_ways_together(k), sig);
		else if (point->live)
			host_point_fail(point, "this kernel has no tracepoint %s%s", ways[k].tracepoint,
					strncmp(ways[k].tracepoint, "kvm_", 4) ? "" : ", or the module that has it is not loaded");
	}
}

bool host_points_refuse(struct host_points *p, const char *program, const char *reason)
{
	int i;

	for (i = 0; i < HOST_PROG_COUNT; i++)
		if (!strcmp(host_prog_names[i], program) && !(p->refused >> i & 1)) {
			p->refused |= 1u << i;
			snprintf(p->refusal[i], sizeof(p->refusal[i]), "%s", reason);
			return true;
		}
	return false;
}

struct host_point *host_points_row(struct host_points *p, const char *name)
{
	int i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->point[i].name, name))
			return &p->point[i];
	return NULL;
}

void host_points_silent(struct host_points *p, const uint64_t runs[HOST_PROG_COUNT])
{
	static const char *const names[] = {"kvm_exit", "kvm_entry"};
	uint64_t exits = runs[HOST_PROG_on_exit_class] + runs[HOST_PROG_on_exit_reason] + runs[HOST_PROG_on_exit_bare];
	struct host_point *row;
	int i;

	if (runs[HOST_PROG_on_user] < SILENT || (exits && runs[HOST_PROG_on_entry]))
		return;
	for (i = 0; i < COUNT(names); i++) {
		row = host_points_row(p, names[i]);
		if (row && row->live)
			host_point_fail(row, "attached, but this KVM never passes it, though exits went on to the monitor");
	}
}

void host_points_untold(struct host_points *p, uint64_t untold, uint64_t switches)
{
	struct host_point *row = host_points_row(p, "sched_switch");

	if (row && row->live && untold)
		snprintf(row->why, sizeof(row->why), "without %" PRIu64 " switches and wake-ups of %" PRIu64 ": this kernel passed no tracepoint for them",
			 untold, untold + switches);
}
