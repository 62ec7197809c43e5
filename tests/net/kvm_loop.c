/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kvm_loop N: a virtual machine of a few instructions, for probes to look at. N times its only vCPU, whose thread is called "CPU 0/KVM", halts, is
 * woken by a message-signalled interrupt (vector 0x41) from the main thread, and in its handler writes to an I/O port and to
 * memory that is not there. Prints "ready", waits for a line on standard input, ends with "tid T exits E io I mmio M", or says what KVM refused; exit status 0, 1 if it did not run through in
 * ten seconds, 77 without KVM.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VECTOR 0x41
#define APIC   0xfee00000u
#define NOWHERE 0xd0000000u

/* Real mode at 0x1000: ds reaches the APIC, es what is not there. */
static const unsigned char code[] = {
	0xfb,				/* 1000: sti */
	0xf4,				/* 1001: hlt */
	0xeb, 0xfc,			/* 1002: jmp 1000 */
	[0x10] = 0xe6, 0x10,		/* 1010: out 0x10, al */
	0x26, 0xa2, 0x00, 0x00,		/* 1012: mov es:[0], al */
	0x66, 0xc7, 0x06, 0xb0, 0x00, 0, 0, 0, 0, /* 1016: mov dword ds:[0xb0], 0: end of interrupt */
	0xcf,				/* 101f: iret */
};

struct vm {
	int vm, vcpu;
	struct kvm_run *run;
	unsigned char *mem;
	_Atomic int tid, done;
	_Atomic long exits, io, mmio;
	long n;
};

static int refused(const char *what)
{
	fprintf(stderr, "kvm_loop: %s: %s\n", what, strerror(errno));
	return 77;
}

static int set_registers(struct vm *v)
{
	struct kvm_sregs s;
	struct kvm_regs r = {.rip = 0x1000, .rsp = 0x8000, .rflags = 2};
	struct kvm_lapic_state l;

	if (ioctl(v->vcpu, KVM_GET_SREGS, &s))
		return refused("KVM_GET_SREGS");
	s.cs.base = 0;
	s.cs.selector = 0;
	s.ds.base = APIC;
	s.es.base = NOWHERE;
	s.ds.limit = s.es.limit = 0xffff;
	if (ioctl(v->vcpu, KVM_SET_SREGS, &s))
		return refused("KVM_SET_SREGS");
	if (ioctl(v->vcpu, KVM_SET_REGS, &r))
		return refused("KVM_SET_REGS");
	if (ioctl(v->vcpu, KVM_GET_LAPIC, &l))
		return refused("KVM_GET_LAPIC");
	l.regs[0xf0] = 0xff;		/* spurious vector, and bit 8: the APIC is on */
	l.regs[0xf1] = 0x01;
	return ioctl(v->vcpu, KVM_SET_LAPIC, &l) ? refused("KVM_SET_LAPIC") : 0;
}

static int make(struct vm *v)
{
	struct kvm_userspace_memory_region m = {.memory_size = 0x10000};
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	long size;

	if (kvm < 0)
		return refused("/dev/kvm");
	v->vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (v->vm < 0)
		return refused("KVM_CREATE_VM");
	ioctl(v->vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	if (ioctl(v->vm, KVM_CREATE_IRQCHIP))
		return refused("KVM_CREATE_IRQCHIP");
	v->mem = mmap(NULL, m.memory_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	m.userspace_addr = (unsigned long)v->mem;
	memcpy(v->mem + 0x1000, code, sizeof(code));
	v->mem[4 * VECTOR] = 0x10;	/* the interrupt's handler: 0000:1010 */
	v->mem[4 * VECTOR + 1] = 0x10;
	if (ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &m))
		return refused("KVM_SET_USER_MEMORY_REGION");
	v->vcpu = ioctl(v->vm, KVM_CREATE_VCPU, 0);
	if (v->vcpu < 0)
		return refused("KVM_CREATE_VCPU");
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	v->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->vcpu, 0);
	return set_registers(v);
}

static void *vcpu(void *arg)
{
	struct vm *v = arg;

	pthread_setname_np(pthread_self(), "CPU 0/KVM");
	v->tid = (int)syscall(SYS_gettid);
	while (v->mmio < v->n) {
		if (ioctl(v->vcpu, KVM_RUN, 0)) {
			if (errno == EINTR)
				continue;
			refused("KVM_RUN");
			break;
		}
		v->exits++;
		if (v->run->exit_reason == KVM_EXIT_IO)
			v->io++;
		else if (v->run->exit_reason == KVM_EXIT_MMIO)
			v->mmio++;
		else {
			fprintf(stderr, "kvm_loop: exit reason %u (%llx)\n", v->run->exit_reason,
				(unsigned long long)v->run->hw.hardware_exit_reason);
			break;
		}
	}
	v->done = 1;
	return NULL;
}

int main(int argc, char **argv)
{
	static struct vm v;
	struct kvm_msi msi = {.address_lo = APIC, .data = VECTOR};
	char line[16];
	pthread_t t;
	int status, i;

	v.n = argc > 1 ? atol(argv[1]) : 100;
	status = make(&v);
	if (status)
		return status;
	if (pthread_create(&t, NULL, vcpu, &v))
		return 1;
	while (!v.tid)
		usleep(1000);
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	for (i = 0; i < 10000 && !v.done; i++) { /* on KVM a wake-up that finds it not halted is one of the next halt */
		usleep(1000);
		if (ioctl(v.vm, KVM_SIGNAL_MSI, &msi) < 0)
			return refused("KVM_SIGNAL_MSI");
	}
	printf("tid %d exits %ld io %ld mmio %ld\n", v.tid, v.exits, v.io, v.mmio);
	return v.mmio >= v.n ? 0 : 1;
}
