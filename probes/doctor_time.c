/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks of the machine's own clocks.
 */
#include "probes/doctor.h"

#include <errno.h>
#include <string.h>

#include "probes/doctor_look.h"

void doctor_tai_offset(struct doctor *d)
{
	bool kept;
	int tai, err = look_adjtimex(d->root, &tai, &kept);

	if (err)
		doctor_say(d, DOCTOR_UNKNOWN, "the kernel does not tell its TAI offset: %s", strerror(-err));
	else if (!tai)
		doctor_say(d, DOCTOR_TRAP, "the kernel's TAI offset is 0: CLOCK_TAI is UTC, 37 s off true TAI, and every cycle that does not divide a second is out of step");
	else
		doctor_say(d, DOCTOR_OK, "CLOCK_TAI is CLOCK_REALTIME + %d s", tai);
}

void doctor_clock_kept(struct doctor *d)
{
	bool kept;
	int tai, err = look_adjtimex(d->root, &tai, &kept);

	if (err)
		doctor_say(d, DOCTOR_UNKNOWN, "the kernel does not tell whether its clock is kept: %s", strerror(-err));
	else if (kept)
		doctor_say(d, DOCTOR_OK, "somebody keeps the system clock and tells the kernel so");
	else
		doctor_say(d, DOCTOR_TRAP, "nobody keeps the system clock: it runs as the crystal does, some 10 us a second off");
}

void doctor_clocksource(struct doctor *d)
{
	/* Read without a system call, as the TSC is; guests have them. */
	static const char *const paravirtual[] = {"kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", NULL};
	char name[64];
	int i, n = look_text(d->root, name, sizeof(name), "/sys/devices/system/clocksource/clocksource0/current_clocksource");

	if (n < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, "the kernel's clocksource is not told: %s", strerror(-n));
		return;
	}
	for (i = 0; paravirtual[i] && strcmp(name, paravirtual[i]); i++)
		;
	if (!strcmp(name, "tsc") || (paravirtual[i] && (d->where == DOCTOR_GUEST || !strcmp(name, "arch_sys_counter"))))
		doctor_say(d, DOCTOR_OK, "clocksource %s", name);
	else if (paravirtual[i])
		doctor_say(d, DOCTOR_TRAP, "clocksource %s: this host is a virtual machine itself, and its kernel does not go by the TSC, as taktd does", name);
	else
		doctor_say(d, DOCTOR_TRAP, "clocksource %s: each look at the clock is a system call or an exit to the hypervisor, and coarse", name);
}

/* The flags of /proc/cpuinfo's first CPU hold this word. */
static bool has_flag(const char *flags, const char *word)
{
	size_t n = strlen(word);
	const char *s;

	for (s = flags; (s = strstr(s, word)) != NULL; s += n)
		if (s > flags && s[-1] == ' ' && (s[n] == ' ' || !s[n]))
			return true;
	return false;
}

/* "" where there is no such line. */
static int cpu_flags(const struct doctor *d, char *text, size_t size)
{
	int n = look_text(d->root, text, size, "/proc/cpuinfo");
	char *line;

	if (n < 0)
		return n;
	line = strstr(text, "\nflags");
	line = line ? line + 1 : text + strlen(text);
	line[strcspn(line, "\n")] = '\0';
	memmove(text, line, strlen(line) + 1);
	return 0;
}

void doctor_invariant_tsc(struct doctor *d)
{
	char flags[2 * LOOK_TEXT];
	int err = cpu_flags(d, flags, sizeof(flags));

	if (err || !flags[0])
		doctor_say(d, DOCTOR_UNKNOWN, "/proc/cpuinfo has no flags of an x86 CPU");
	else if (has_flag(flags, "constant_tsc") && has_flag(flags, "nonstop_tsc"))
		doctor_say(d, DOCTOR_OK, "the TSC is invariant (constant_tsc, nonstop_tsc)");
	else
		doctor_say(d, DOCTOR_TRAP, "the TSC changes its rate or stops with the CPU (no %s): taktd's stamps go by it",
			   has_flag(flags, "constant_tsc") ? "nonstop_tsc" : "constant_tsc");
}

/* Is the clock of that name here? -errno when nobody can tell. */
static int find_phc(const struct doctor *d, const char *name)
{
	DIR *dir = look_dir(d->root, "/sys/class/ptp");
	const struct dirent *e;
	char text[64];
	int found = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(dir)) != NULL)
		if (look_text(d->root, text, sizeof(text), "/sys/class/ptp/%s/clock_name", e->d_name) > 0 && strstr(text, name))
			found = 1;
	closedir(dir);
	return found;
}

static bool is_kvm(const struct doctor *d)
{
	char text[LOOK_TEXT];

	return look_text(d->root, text, sizeof(text), "/sys/devices/system/clocksource/clocksource0/available_clocksource") > 0 &&
	       strstr(text, "kvm-clock");
}

/* A driver of this kernel, as a file or built in. */
static bool has_module(const struct doctor *d)
{
	static const char *const endings[] = {"", ".xz", ".zst", ".gz"};
	char release[128];
	size_t i;

	if (look_text(d->root, release, sizeof(release), "/proc/sys/kernel/osrelease") <= 0)
		return false;
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (look_exists(d->root, "/lib/modules/%s/kernel/drivers/ptp/ptp_kvm.ko%s", release, endings[i]))
			return true;
	return false;
}

void doctor_ptp_kvm(struct doctor *d)
{
	int found = find_phc(d, "KVM virtual PTP");

	if (found < 0)
		doctor_say(d, DOCTOR_UNKNOWN, "/sys/class/ptp: %s", strerror(-found));
	else if (found)
		doctor_say(d, DOCTOR_OK, "ptp_kvm gives the host's CLOCK_REALTIME (UTC)");
	else if (!is_kvm(d))
		doctor_say(d, DOCTOR_OK, "no KVM guest with kvm-clock, so there is no ptp_kvm to use");
	else if (has_module(d))
		doctor_say(d, DOCTOR_TRAP, "this is a KVM guest, ptp_kvm is there and not loaded: the host's time is left for what comes over the net");
	else
		doctor_say(d, DOCTOR_UNKNOWN, "this is a KVM guest, and no module ptp_kvm is to be found: the kernel may lack it, or the host refuse it");
}

void doctor_taktd_clock(struct doctor *d)
{
	if (!d->taktd.known)
		doctor_say(d, DOCTOR_UNKNOWN, "%s", d->taktd.missing.text);
	else if (!d->taktd.tells_clock)
		doctor_say(d, DOCTOR_UNKNOWN, "this taktd does not tell whether its clock is good: it is older than this takt");
	else if (d->taktd.good)
		doctor_say(d, DOCTOR_OK, "taktd holds its clock good");
	else
		doctor_say(d, DOCTOR_TRAP, "taktd does not hold its clock good: %s", d->taktd.why_not);
}
