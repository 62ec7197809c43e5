/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

#include "probes/host_points.h"
#include "probes/host_sig.h"

/* Types of a kernel that never was, made of what its tracepoints' arguments are: words as host_sig() writes them. */
struct made {
	struct btf *btf;
	int i32, i64, flag, data;	/* flag: a typedef of _Bool, as kernels have it */
};

static void make(struct made *m)
{
	m->btf = btf__new_empty();
	assert_non_null(m->btf);
	m->i32 = btf__add_int(m->btf, "unsigned int", 4, 0);
	m->i64 = btf__add_int(m->btf, "long unsigned int", 8, 0);
	m->flag = btf__add_typedef(m->btf, "bool", btf__add_int(m->btf, "_Bool", 1, BTF_INT_BOOL));
	m->data = btf__add_ptr(m->btf, 0);
}

static int arg_type(struct made *m, const char *word)
{
	int id;

	if (!strcmp(word, "i"))
		return m->i32;
	if (!strcmp(word, "b"))
		return m->flag;
	if (!strcmp(word, "l"))
		return m->i64;
	if (!strcmp(word, "*"))
		return m->data;
	id = btf__find_by_name_kind(m->btf, word + 1, BTF_KIND_STRUCT);
	if (id < 0)
		id = btf__add_struct(m->btf, word + 1, 8);
	return btf__add_ptr(m->btf, btf__add_const(m->btf, id));
}

/* A tracepoint; words as of host_sig(), and "b" for a bool. */
static void tracepoint(struct made *m, const char *name, const char *args)
{
	char text[128], full[96], *save = NULL, *word;
	int types[16], n = 0, i;

	snprintf(text, sizeof(text), "%s", args);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		types[n++] = arg_type(m, word);
	assert_true(btf__add_func_proto(m->btf, 0) > 0);
	assert_int_equal(btf__add_func_param(m->btf, "", m->data), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(btf__add_func_param(m->btf, "", types[i]), 0);
	snprintf(full, sizeof(full), "btf_trace_%s", name);
	i = btf__add_ptr(m->btf, btf__type_cnt(m->btf) - 1);
	assert_true(btf__add_typedef(m->btf, full, i) > 0);
}

static void test_words(void **state)
{
	struct made m;
	char sig[HOST_SIG_LEN];

	(void)state;
	make(&m);
	tracepoint(&m, "sched_switch", "b *task_struct *task_struct i");
	tracepoint(&m, "nothing", "");
	tracepoint(&m, "wide", "l * b");
	btf__add_typedef(m.btf, "btf_trace_odd", m.i32);
	assert_int_equal(host_sig(m.btf, "sched_switch", sig, sizeof(sig)), 0);
	assert_string_equal(sig, "i *task_struct *task_struct i");
	assert_int_equal(host_sig(m.btf, "nothing", sig, sizeof(sig)), 0);
	assert_string_equal(sig, "");
	assert_int_equal(host_sig(m.btf, "wide", sig, sizeof(sig)), 0);
	assert_string_equal(sig, "l * i");
	assert_int_equal(host_sig(m.btf, "absent", sig, sizeof(sig)), -ENOENT);
	assert_int_equal(host_sig(m.btf, "odd", sig, sizeof(sig)), -EINVAL);
	assert_int_equal(host_sig(m.btf, "sched_switch", sig, 12), -E2BIG);
	btf__free(m.btf);
}

static void test_more_arguments_do_no_harm_and_others_do(void **state)
{
	(void)state;
	assert_true(host_sig_fits("i *task_struct", "i *task_struct"));
	assert_true(host_sig_fits("i *task_struct i", "i *task_struct"));
	assert_true(host_sig_fits("anything", ""));
	assert_true(host_sig_fits("", ""));
	assert_false(host_sig_fits("i *task_structure", "i *task_struct"));
	assert_false(host_sig_fits("i", "i i"));
	assert_false(host_sig_fits("l i", "i i"));
	assert_false(host_sig_fits("", "i"));
}

/* -- which program goes where ------------------------------------------------------------------------------------------------ */

static bool wants(const struct host_points *p, enum host_prog prog)
{
	return p->wanted >> prog & 1;
}

static void choose(struct host_points *p, struct made *m)
{
	memset(p, 0, sizeof(*p));
	host_points_choose(p, &m->btf, 1);
}

static void test_arguments_decide(void **state)
{
	static struct host_points p;
	struct made now, then, next;

	(void)state;
	make(&now);
	tracepoint(&now, "sched_switch", "b *task_struct *task_struct i");
	tracepoint(&now, "kvm_exit", "*kvm_vcpu i");
	tracepoint(&now, "kvm_inj_virq", "i b b");
	choose(&p, &now);
	assert_true(wants(&p, HOST_PROG_on_switch));
	assert_true(host_points_row(&p, "sched_switch")->live);
	assert_true(wants(&p, HOST_PROG_on_exit_class) && wants(&p, HOST_PROG_on_exit_bare) && !wants(&p, HOST_PROG_on_exit_reason));
	assert_true(wants(&p, HOST_PROG_on_virq));

	make(&then);
	tracepoint(&then, "sched_switch", "b *task_struct *task_struct");
	tracepoint(&then, "kvm_exit", "i *kvm_vcpu i");
	tracepoint(&then, "kvm_inj_virq", "i");
	choose(&p, &then);
	assert_true(wants(&p, HOST_PROG_on_switch_old) && !wants(&p, HOST_PROG_on_switch));
	assert_true(wants(&p, HOST_PROG_on_exit_reason) && !wants(&p, HOST_PROG_on_exit_bare));
	assert_true(wants(&p, HOST_PROG_on_virq_old) && !wants(&p, HOST_PROG_on_virq));

	make(&next); /* an order that nobody has seen yet, as 5.18's first candidates had it */
	tracepoint(&next, "sched_switch", "b i *task_struct *task_struct");
	choose(&p, &next);
	assert_false(wants(&p, HOST_PROG_on_switch) || wants(&p, HOST_PROG_on_switch_old));
	assert_false(host_points_row(&p, "sched_switch")->live);
	assert_non_null(strstr(host_points_row(&p, "sched_switch")->why, "i i *task_struct *task_struct"));
	btf__free(now.btf);
	btf__free(then.btf);
	btf__free(next.btf);
}

static void test_half_a_pair_is_not_live(void **state)
{
	static struct host_points p;
	struct made m;

	(void)state;
	make(&m);
	tracepoint(&m, "irq_handler_entry", "i *irqaction");
	tracepoint(&m, "softirq_entry", "i");
	tracepoint(&m, "softirq_exit", "i");
	choose(&p, &m);
	assert_false(host_points_row(&p, "irq_handler")->live);
	assert_non_null(strstr(host_points_row(&p, "irq_handler")->why, "irq_handler_exit"));
	assert_true(host_points_row(&p, "softirq")->live);
	btf__free(m.btf);
}

static void test_modules_have_tracepoints_too(void **state)
{
	static struct host_points p;
	struct btf *both[2];
	struct made kernel, module;

	(void)state;
	make(&kernel);
	make(&module);
	tracepoint(&module, "kvm_entry", "*kvm_vcpu b");
	both[0] = kernel.btf;
	both[1] = module.btf;
	memset(&p, 0, sizeof(p));
	host_points_choose(&p, both, 2);
	assert_true(host_points_row(&p, "kvm_entry")->live);
	host_points_choose(&p, both, 1);
	assert_false(host_points_row(&p, "kvm_entry")->live);
	assert_non_null(strstr(host_points_row(&p, "kvm_entry")->why, "module"));
	btf__free(kernel.btf);
	btf__free(module.btf);
}

static void test_what_was_refused_gives_way(void **state)
{
	static struct host_points p;
	struct made m;

	(void)state;
	make(&m);
	tracepoint(&m, "kvm_exit", "*kvm_vcpu i");
	tracepoint(&m, "sched_waking", "*task_struct");
	choose(&p, &m);
	assert_true(host_points_refuse(&p, "on_exit_class", "no"));
	assert_false(host_points_refuse(&p, "on_exit_class", "no"));
	assert_false(host_points_refuse(&p, "on_nothing", "no"));
	assert_true(host_points_refuse(&p, "on_waking", "too complex"));
	host_points_choose(&p, &m.btf, 1);
	assert_false(wants(&p, HOST_PROG_on_exit_class));
	assert_true(wants(&p, HOST_PROG_on_exit_bare));
	assert_true(host_points_row(&p, "kvm_exit")->live);
	assert_false(host_points_row(&p, "sched_waking")->live);
	assert_string_equal(host_points_row(&p, "sched_waking")->why, "sched_waking: too complex");
	btf__free(m.btf);
}

/* Every row has a way, every way a row; none is live on a kernel that tells of nothing, and each says why. */
static void test_no_row_without_a_reason(void **state)
{
	static struct host_points p;
	const struct host_way *w;
	struct made m;
	int i, n, k;

	(void)state;
	make(&m);
	choose(&p, &m);
	assert_int_equal(p.wanted, 0);
	w = host_ways(&n);
	for (i = 0; i < n; i++)
		assert_non_null(host_points_row(&p, w[i].point));
	for (i = 0; i < p.n; i++) {
		assert_false(p.point[i].live);
		assert_true(p.point[i].why[0]);
		for (k = 0; k < n && strcmp(w[k].point, p.point[i].name); k++)
			;
		assert_true(k < n);
	}
	btf__free(m.btf);
}

static void test_a_silent_kvm_is_not_live(void **state)
{
	static struct host_points p;
	uint64_t runs[HOST_PROG_COUNT] = {0};
	struct made m;

	(void)state;
	make(&m);
	tracepoint(&m, "kvm_exit", "*kvm_vcpu i");
	tracepoint(&m, "kvm_entry", "*kvm_vcpu b");
	choose(&p, &m);
	host_points_silent(&p, runs);
	assert_true(host_points_row(&p, "kvm_exit")->live);
	runs[HOST_PROG_on_user] = runs[HOST_PROG_on_entry] = runs[HOST_PROG_on_exit_class] = 100;
	host_points_silent(&p, runs);
	assert_true(host_points_row(&p, "kvm_exit")->live);
	runs[HOST_PROG_on_exit_class] = 0;
	host_points_silent(&p, runs);
	assert_false(host_points_row(&p, "kvm_exit")->live);
	assert_false(host_points_row(&p, "kvm_entry")->live);
	btf__free(m.btf);
}

TEST_GROUP("probes/host_points",
	cmocka_unit_test(test_words),
	cmocka_unit_test(test_more_arguments_do_no_harm_and_others_do),
	cmocka_unit_test(test_arguments_decide),
	cmocka_unit_test(test_half_a_pair_is_not_live),
	cmocka_unit_test(test_modules_have_tracepoints_too),
	cmocka_unit_test(test_what_was_refused_gives_way),
	cmocka_unit_test(test_no_row_without_a_reason),
	cmocka_unit_test(test_a_silent_kvm_is_not_live),
)
