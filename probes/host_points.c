/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_points.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "probes/host_sig.h"
#include "probes/host_tracefs.h"

#define MODULES 8

static const char *const prog_names[HOST_PROG_COUNT] = {
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

enum how { TYPED, RAW, CLASS };	/* tp_btf; raw tracepoint; the event of its class, by perf */

/*
 * A point is live when each tracepoint here that is its own has a program. Rows of one tracepoint are tried in their order; `lacks` is
 * what a row does without.
 */
static const struct way {
	const char *point, *tracepoint, *sig;
	enum host_prog prog;
	enum how how;
	const char *lacks;
} ways[] = {
#define PROG(name) HOST_PROG_##name
	{"sched_switch", "sched_switch", "i *task_struct *task_struct i", PROG(on_switch), TYPED, ""},
	{"sched_switch", "sched_switch", "i *task_struct *task_struct", PROG(on_switch_old), TYPED, ""},
	{"sched_waking", "sched_waking", "*task_struct", PROG(on_waking), TYPED, ""},
	{"sched_wakeup", "sched_wakeup", "*task_struct", PROG(on_wakeup), TYPED, ""},
	{"sched_migrate_task", "sched_migrate_task", "*task_struct i", PROG(on_migrate), TYPED, ""},
	{"irq_handler", "irq_handler_entry", "i *irqaction", PROG(on_irq), TYPED, ""},
	{"irq_handler", "irq_handler_exit", "i *irqaction", PROG(on_irq_end), TYPED, ""},
	{"softirq", "softirq_entry", "i", PROG(on_softirq), RAW, ""},
	{"softirq", "softirq_exit", "i", PROG(on_softirq_end), RAW, ""},
#define VECTOR(name)                                                          \
	{name, name "_entry", "i", PROG(on_vector), RAW, ""},                 \
	{name, name "_exit", "i", PROG(on_vector_end), RAW, ""}
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
	{"nmi_handler", "nmi_handler", "* l i", PROG(on_nmi), RAW, ""},
	{"kvm_exit", "kvm_exit", "", PROG(on_exit_class), CLASS, ""},
	{"kvm_exit", "kvm_exit", "i *kvm_vcpu i", PROG(on_exit_reason), RAW, ""},
	{"kvm_exit", "kvm_exit", "*kvm_vcpu i", PROG(on_exit_bare), RAW, "reasons: tracefs is not to be had"},
	{"kvm_entry", "kvm_entry", "", PROG(on_entry), RAW, ""},
	{"kvm_userspace_exit", "kvm_userspace_exit", "i i", PROG(on_user), RAW, ""},
	{"kvm_fast_mmio", "kvm_fast_mmio", "l", PROG(on_fast_mmio), RAW, ""},
	{"kvm_vcpu_wakeup", "kvm_vcpu_wakeup", "l i i", PROG(on_halt), RAW, ""},
	{"kvm_halt_poll_ns", "kvm_halt_poll_ns", "i i i i", PROG(on_poll), RAW, ""},
	{"kvm_inj_virq", "kvm_inj_virq", "i i i", PROG(on_virq), RAW, ""},
	{"kvm_inj_virq", "kvm_inj_virq", "i", PROG(on_virq_old), RAW, "which are soft or given again"},
	{"kvm_msi_set_irq", "kvm_msi_set_irq", "l l", PROG(on_msi), RAW, ""},
	{"kvm_apic_accept_irq", "kvm_apic_accept_irq", "i i i i", PROG(on_accept), RAW, ""},
	{"kvm_apicv_accept_irq", "kvm_apicv_accept_irq", "i i i i", PROG(on_accept), RAW, ""},
#undef VECTOR
#undef PROG
};

#define COUNT(a) (int)(sizeof(a) / sizeof((a)[0]))

/* -- the kernel's types ------------------------------------------------------------------------------------------------------ */

struct types {
	struct btf *btf[MODULES + 1];	/* the kernel's, then those of KVM's modules */
	int n;
};

static void types_free(struct types *t)
{
	while (t->n)
		btf__free(t->btf[--t->n]);
}

static int types_load(struct types *t, struct why *why)
{
	struct btf *b = btf__load_vmlinux_btf();
	const struct dirent *entry;
	DIR *dir;

	t->n = 0;
	if (!b)
		return why_fail(why, errno == EPERM || errno == EACCES ? EPERM : ENOTSUP,
				"/sys/kernel/btf/vmlinux: %s: the host's kernel must tell its types (CONFIG_DEBUG_INFO_BTF)", strerror(errno));
	t->btf[t->n++] = b;
	dir = opendir("/sys/kernel/btf");
	while (dir && (entry = readdir(dir)) && t->n <= MODULES) {
		if (strncmp(entry->d_name, "kvm", 3))
			continue;
		b = btf__load_module_btf(entry->d_name, t->btf[0]);
		if (b)
			t->btf[t->n++] = b;
	}
	if (dir)
		closedir(dir);
	return 0;
}

static int types_sig(const struct types *t, const char *tracepoint, char *sig)
{
	int i, err = -ENOENT;

	for (i = 0; i < t->n && err == -ENOENT; i++)
		err = host_sig(t->btf[i], tracepoint, sig, HOST_SIG_LEN);
	return err;
}

/* -- choosing ---------------------------------------------------------------------------------------------------------------- */

static struct bpf_program *program(struct bpf_object *obj, enum host_prog prog)
{
	return bpf_object__find_program_by_name(obj, prog_names[prog]);
}

static void fail(struct host_point *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct host_point *p, const char *fmt, ...)
{
	va_list ap;

	p->live = false;
	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
}

/* Rows of one tracepoint stand together: how many from this one on. */
static int alternatives(int first)
{
	int n = 1;

	while (first + n < COUNT(ways) && !strcmp(ways[first + n].tracepoint, ways[first].tracepoint))
		n++;
	return n;
}

static bool fits(const struct host_points *p, const struct way *w, const char *sig)
{
	return host_sig_fits(sig, w->sig) && !(p->refused >> w->prog & 1);
}

/* Does any of n rows do? What does is loaded. */
static void choose(struct host_points *p, struct host_point *point, const struct way *w, int n, const struct types *types,
		   struct bpf_object *obj)
{
	char sig[HOST_SIG_LEN];
	int i, found = 0, err = types_sig(types, w->tracepoint, sig);

	if (err) {
		fail(point, "this kernel has no tracepoint %s%s", w->tracepoint,
		     strncmp(w->tracepoint, "kvm_", 4) ? "" : ", or the module that has it is not loaded");
		return;
	}
	for (i = 0; i < n; i++)
		if (fits(p, &w[i], sig)) {
			bpf_program__set_autoload(program(obj, w[i].prog), true);
			found++;
		}
	for (i = 0; i < n && !found && !(p->refused >> w[i].prog & 1); i++)
		;
	if (!found && i < n)
		fail(point, "%s: %s", w->tracepoint, p->refusal[w[i].prog]);
	else if (!found)
		fail(point, "%s: its arguments (%s) are none that takt knows", w->tracepoint, sig);
}

int host_points_choose(struct host_points *p, struct bpf_object *obj, struct why *why)
{
	struct types types;
	int i, k, n, err;

	err = types_load(&types, why);
	if (err)
		return err;
	for (i = 0; i < HOST_PROG_COUNT; i++)
		bpf_program__set_autoload(program(obj, i), false);
	p->n = COUNT(points);
	for (i = 0; i < p->n; i++) {
		p->point[i] = (struct host_point){.name = points[i].name, .gives = points[i].gives, .live = true};
		for (k = 0; k < COUNT(ways); k += n) {
			n = alternatives(k);
			if (!strcmp(ways[k].point, points[i].name))
				choose(p, &p->point[i], &ways[k], n, &types, obj);
		}
	}
	types_free(&types);
	return 0;
}

bool host_points_refuse(struct host_points *p, const char *name, const char *reason)
{
	int i;

	for (i = 0; i < HOST_PROG_COUNT; i++)
		if (!strcmp(prog_names[i], name) && !(p->refused >> i & 1)) {
			p->refused |= 1u << i;
			snprintf(p->refusal[i], sizeof(p->refusal[i]), "%s", reason);
			return true;
		}
	return false;
}

/* -- attaching --------------------------------------------------------------------------------------------------------------- */

static struct bpf_link *attach_class(struct bpf_program *prog, const char *tracepoint)
{
	int fd = host_tracefs_open("kvm", tracepoint), err;
	struct bpf_link *l;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	l = bpf_program__attach_perf_event(prog, fd); /* the link closes it */
	if (!l) {
		err = errno;
		close(fd);
		errno = err;
	}
	return l;
}

static struct bpf_link *attach(struct bpf_program *prog, const struct way *w)
{
	if (!prog || bpf_program__fd(prog) < 0) {
		errno = ENOENT;
		return NULL;
	}
	switch (w->how) {
	case TYPED:
		return bpf_program__attach(prog);
	case RAW:
		return bpf_program__attach_raw_tracepoint(prog, w->tracepoint);
	default:
		return attach_class(prog, w->tracepoint);
	}
}

static void attach_any(struct host_points *p, struct host_point *point, const struct way *w, int n, struct bpf_object *obj)
{
	struct bpf_link *l = NULL;
	int i, err = ENOENT;

	for (i = 0; i < n && !l; i++) {
		l = p->n_links < HOST_MAX_LINKS ? attach(program(obj, w[i].prog), &w[i]) : NULL;
		if (!l && errno != ENOENT)
			err = errno;
	}
	if (!l) {
		fail(point, "%s: %s", w->tracepoint, err == EPERM || err == EACCES ? "the kernel refuses it to this user" : strerror(err));
		return;
	}
	p->link[p->n_links++] = l;
	if (w[i - 1].lacks[0])
		snprintf(point->why, sizeof(point->why), "without %s", w[i - 1].lacks);
}

int host_points_attach(struct host_points *p, struct bpf_object *obj, struct why *why)
{
	int i, k, n, live = 0;

	for (k = 0; k < COUNT(ways); k += n) {
		n = alternatives(k);
		for (i = 0; i < p->n && strcmp(p->point[i].name, ways[k].point); i++)
			;
		if (i < p->n && p->point[i].live)
			attach_any(p, &p->point[i], &ways[k], n, obj);
	}
	for (i = 0; i < p->n; i++)
		live += p->point[i].live;
	return live ? 0 : why_fail(why, EPERM, "not one tracepoint can be attached: %s", p->point[0].why);
}

void host_points_detach(struct host_points *p)
{
	while (p->n_links)
		bpf_link__destroy(p->link[--p->n_links]);
}
