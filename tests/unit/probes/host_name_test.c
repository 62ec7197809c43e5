/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <string.h>

#include "probes/host_bpf.h"
#include "probes/host_name.h"
#include "probes/host_role.h"
#include "probes/steal.h"

static void test_names(void **state)
{
	static const struct {
		enum event_kind kind;
		uint32_t by;
		enum host_isa isa;
		const char *who;
	} rows[] = {
		{EV_SOFTIRQ, 3, 0, "net_rx"},
		{EV_SOFTIRQ, 10, 0, "#10"},
		{EV_IPI, 0xec, 0, "local timer"},
		{EV_IPI, 0xfd, 0, "reschedule"},
		{EV_IPI, 0x20, 0, "#32"},
		{EV_NMI, 0, 0, "nmi"},
		{EV_EXIT, 48, HOST_ISA_VMX, "ept violation"},
		{EV_EXIT, 12, HOST_ISA_VMX, "hlt"},
		{EV_EXIT, 0x400, HOST_ISA_SVM, "npf"},
		{EV_EXIT, 48, HOST_ISA_SVM, "reason 48"},
		{EV_EXIT, 48, 0, "reason 48"},	/* a numbering that nobody told is not guessed */
		{EV_EXIT, HOST_NO_REASON, HOST_ISA_VMX, "?"},
		{EV_EXIT, HOST_TO_USER + 6, HOST_ISA_VMX, "mmio"},
		{EV_EXIT, HOST_TO_USER + 999, HOST_ISA_VMX, "reason 999"},
		{EV_HALT, 1, 0, "slept"},
		{EV_HALT, 0, 0, "polled"},
		{EV_INJECT, 65, 0, "#65"},
		{EV_INJECT, HOST_AS_MSI + 65, 0, "msi #65"},
		{EV_PREEMPTED, 7, 0, ""},
	};
	char who[EVENT_WHO];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(who, 0, sizeof(who));
		host_name(who, rows[i].kind, rows[i].by, rows[i].isa);
		assert_string_equal(who, rows[i].who);
	}
	strcpy(who, "virtio0");
	host_name(who, EV_IRQ, 5, 0);
	assert_string_equal(who, "virtio0");
	assert_null(host_name_user(1u << 31));
}

static void test_roles(void **state)
{
	(void)state;
	assert_int_equal(host_role_of("rte-worker-1", false), HOST_WORKER);
	assert_int_equal(host_role_of("lcore-worker-12", false), HOST_WORKER);
	assert_int_equal(host_role_of("CPU 0/KVM", false), HOST_VCPU);
	assert_int_equal(host_role_of("CPU 11/TCG", false), HOST_VCPU);
	assert_int_equal(host_role_of("CPU burner", false), HOST_OTHER);
	assert_int_equal(host_role_of("IO iothread0", false), HOST_IO);
	assert_int_equal(host_role_of("qemu-system-x86", true), HOST_MAIN);
	assert_int_equal(host_role_of("call_rcu", false), HOST_OTHER);
}

static void test_steal_is_the_eighth_number(void **state)
{
	uint64_t steal;
	int cpu;

	(void)state;
	assert_true(steal_line("cpu3 1 2 3 4 5 6 7 88 9 10\n", &cpu, &steal));
	assert_int_equal(cpu, 3);
	assert_int_equal(steal, 88);
	assert_false(steal_line("cpu  1 2 3 4 5 6 7 88 9 10\n", &cpu, &steal));
	assert_false(steal_line("cpu3 1 2 3\n", &cpu, &steal));
	assert_false(steal_line("intr 1 2 3 4 5 6 7 8 9\n", &cpu, &steal));
}

TEST_GROUP("probes/host_name",
	cmocka_unit_test(test_names),
	cmocka_unit_test(test_roles),
	cmocka_unit_test(test_steal_is_the_eighth_number),
)
