/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERDICT "accel"		/* file beside the image: "BOOT_ID kvm" or "BOOT_ID tcg REASON" */
#define BOOTED	"Run /init as init process"	/* the kernel's words when it hands over */

static void boot_id(char buf[static 64])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || fscanf(f, "%63s", buf) != 1)
		strcpy(buf, "unknown");
	if (f)
		fclose(f);
}

static bool remembered(struct accel *out, const char *dir, const char *id)
{
	char path[4096], was[64], what[8];
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "%s/" VERDICT, dir);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fscanf(f, "%63s %7s %319[^\n]", was, what, out->reason);
	fclose(f);
	out->kvm = n >= 2 && !strcmp(what, "kvm");
	return n >= 2 && !strcmp(was, id) && (out->kvm || n == 3);
}

/* A cache: not being able to write it only means that the next run probes again. */
static void remember(const struct accel *a, const char *dir, const char *id)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/" VERDICT, dir);
	f = fopen(path, "we");
	if (!f)
		return;
	fprintf(f, "%s %s %s\n", id, a->kvm ? "kvm" : "tcg", a->reason);
	fclose(f);
}

static int probe(struct accel *out, struct procs *set, const char *dir)
{
	char kernel[4096], initrd[4096];
	const char *argv[] = {
		"qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "256", "-serial", "stdio",
		"-kernel", kernel, "-initrd", initrd,
		"-append", "console=ttyS0 panic=-1", NULL
	};
	const struct proc_conf conf = { .name = "KVM probe", .argv = argv };
	char line[512] = "";
	struct why why;
	struct proc *p;
	int rc;

	snprintf(kernel, sizeof(kernel), "%s/kernel", dir);
	snprintf(initrd, sizeof(initrd), "%s/initrd", dir);
	rc = proc_start(&p, set, &conf, &why);
	if (rc) {
		snprintf(out->reason, sizeof(out->reason), "%s", why.text);
		return 0;
	}
	rc = proc_wait_line(p, BOOTED, line, sizeof(line), ACCEL_PROBE_NS);
	out->kvm = !rc;
	if (rc == -ETIMEDOUT)
		snprintf(out->reason, sizeof(out->reason), "KVM is there, but no kernel boots on it within 8 s");
	else if (rc == -EPIPE)
		snprintf(out->reason, sizeof(out->reason), "KVM is there, but QEMU gave up: %.200s", line);
	out->reason[strcspn(out->reason, "\r\n")] = '\0';
	proc_stop(p, 0);
	return rc == -EINTR ? rc : 0;
}

int accel_find(struct accel *out, struct procs *set, const char *dir)
{
	char id[64];
	int rc;

	*out = (struct accel){ 0 };
	if (access("/dev/kvm", R_OK | W_OK)) {
		snprintf(out->reason, sizeof(out->reason), "no KVM: /dev/kvm: %s", strerror(errno));
		return 0;
	}
	boot_id(id);
	if (remembered(out, dir, id))
		return 0;
	*out = (struct accel){ 0 };
	rc = probe(out, set, dir);
	if (!rc)
		remember(out, dir, id);
	return rc;
}
