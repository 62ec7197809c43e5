/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_name.h"

#include <inttypes.h>
#include <stdio.h>

#include "probes/host_bpf.h"

struct name {
	uint32_t number;
	const char *name;
};

/* enum of linux/interrupt.h: fixed for years, shown to users in /proc/softirqs */
static const char *const softirqs[] = {"hi", "timer", "net_tx", "net_rx", "block", "irq_poll", "tasklet", "sched", "hrtimer", "rcu"};

/* arch/x86/include/asm/irq_vectors.h */
static const struct name vectors[] = {
	{0xec, "local timer"}, {0xf4, "deferred error"}, {0xf6, "irq work"}, {0xf7, "platform"}, {0xf9, "threshold"},
	{0xfa, "thermal"}, {0xfb, "call one"}, {0xfc, "call"}, {0xfd, "reschedule"}, {0xfe, "apic error"}, {0xff, "spurious"},
	{0, NULL},
};

/* Intel SDM, volume 3, appendix C */
static const struct name vmx[] = {
	{0, "exception/nmi"}, {1, "ext. interrupt"}, {2, "triple fault"}, {7, "irq window"}, {8, "nmi window"}, {10, "cpuid"}, {12, "hlt"},
	{14, "invlpg"}, {15, "rdpmc"}, {16, "rdtsc"}, {18, "vmcall"}, {28, "cr access"}, {29, "dr access"}, {30, "io"}, {31, "rdmsr"},
	{32, "wrmsr"}, {36, "mwait"}, {37, "mtf"}, {39, "monitor"}, {40, "pause"}, {43, "tpr"}, {44, "apic access"}, {45, "eoi"},
	{48, "ept violation"}, {49, "ept misconfig"}, {52, "preempt. timer"}, {54, "wbinvd"}, {55, "xsetbv"}, {56, "apic write"}, {62, "pml full"},
	{74, "bus lock"}, {75, "notify"}, {0, NULL},
};

/* AMD APM, volume 2, appendix C */
static const struct name svm[] = {
	{0x60, "interrupt"}, {0x61, "nmi"}, {0x64, "irq window"}, {0x6e, "rdtsc"}, {0x72, "cpuid"}, {0x77, "pause"}, {0x78, "hlt"},
	{0x79, "invlpg"}, {0x7b, "io"}, {0x7c, "msr"}, {0x7f, "shutdown"}, {0x81, "vmmcall"}, {0x89, "wbinvd"}, {0x8b, "mwait"},
	{0x8d, "xsetbv"}, {0x400, "npf"}, {0x401, "avic ipi"}, {0x402, "avic access"}, {0, NULL},
};

/* KVM_EXIT_* of linux/kvm.h */
static const char *const user[] = {"unknown", "exception", "io", "hypercall", "debug", "hlt", "mmio", "irq window", "shutdown", "fail entry",
				   "intr", "set tpr", "tpr access", [16] = "nmi", [17] = "internal error", [24] = "system event",
				   [26] = "ioapic eoi", [27] = "hyperv", [29] = "rdmsr", [30] = "wrmsr", [31] = "dirty ring", [32] = "ap reset hold",
				   [33] = "bus lock", [34] = "xen", [37] = "notify", [39] = "memory fault"};

static const char *find(const struct name *table, uint32_t number)
{
	for (; table->name; table++)
		if (table->number == number)
			return table->name;
	return NULL;
}

const char *host_name_user(uint32_t reason)
{
	return reason < sizeof(user) / sizeof(user[0]) ? user[reason] : NULL;
}

void host_name(char who[EVENT_WHO], enum event_kind kind, uint32_t by, enum host_isa isa)
{
	const char *name = NULL;

	if (who[0])
		return;
	switch (kind) {
	case EV_SOFTIRQ:
		name = by < sizeof(softirqs) / sizeof(softirqs[0]) ? softirqs[by] : NULL;
		break;
	case EV_IPI:
		name = find(vectors, by);
		break;
	case EV_NMI:
		name = "nmi";
		break;
	case EV_EXIT:
		if (by == HOST_NO_REASON)
			name = "?";
		else if (by >= HOST_TO_USER)
			name = host_name_user(by -= HOST_TO_USER);
		else
			name = isa == HOST_ISA_VMX ? find(vmx, by) : isa == HOST_ISA_SVM ? find(svm, by) : NULL;
		break;
	case EV_HALT:
		name = by ? "slept" : "polled";
		break;
	case EV_INJECT:
	case EV_IRQ:
		break;
	default:
		return;
	}
	if (name)
		snprintf(who, EVENT_WHO, "%s", name);
	else if (kind == EV_INJECT && by >= HOST_AS_MSI)
		snprintf(who, EVENT_WHO, "msi #%" PRIu32, by - HOST_AS_MSI);
	else
		snprintf(who, EVENT_WHO, "%s%" PRIu32, kind == EV_EXIT ? "reason " : "#", by);
}
