/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/meta.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

const char *meta_rev(void)
{
	return TAKT_REV;
}

int meta_tai_offset(void)
{
	struct timex tx = { 0 };

	adjtimex(&tx);
	return tx.tai;
}

/* The first line of a file, or of the first line that starts with `key` what stands behind its colon. */
static const char *line_of(char *buf, int size, const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char *at = NULL;

	buf[0] = '\0';
	while (f && !at && fgets(buf, size, f))
		if (!key)
			at = buf;
		else if (!strncmp(buf, key, strlen(key)) && strchr(buf, ':'))
			at = strchr(buf, ':') + 2;
	if (f)
		fclose(f);
	if (!at)
		return "unknown";
	at[strcspn(at, "\n")] = '\0';
	return at;
}

static json_t *packages(void)
{
	json_t *o = json_object();
	char line[256], *version;
	FILE *f = popen("dpkg-query -W -f '${Package} ${Version}\\n' dpdk libdpdk-dev user-mode-linux busybox-static gnuplot-nox libpcap0.8 "
			"qemu-system-x86 openvswitch-switch openvswitch-switch-dpdk linuxptp iproute2 isochron iperf3 stress-ng libc6 libbpf1 libxdp1 "
			"2>/dev/null", "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		version = strchr(line, ' ');
		if (!version || !version[1])
			continue;
		*version++ = '\0';
		json_object_set_new(o, line, json_string(version));
	}
	if (f)
		pclose(f);
	return o;
}

const char *meta_now(char buf[static 32])
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now.tv_sec, &tm));
	return buf;
}

json_t *meta_collect(void)
{
	char text[256], when[32];
	struct utsname u;
	struct sysinfo si;
	json_t *o = json_object();

	json_object_set_new(o, "time", json_string(meta_now(when)));
	json_object_set_new(o, "rev", json_string(meta_rev()));
	if (!uname(&u)) {
		snprintf(text, sizeof(text), "%s %.60s %.100s", u.sysname, u.release, u.version);
		json_object_set_new(o, "kernel", json_string(text));
		json_object_set_new(o, "machine", json_string(u.machine));
	}
	json_object_set_new(o, "os", json_string(line_of(text, sizeof(text), "/etc/issue.net", NULL)));
	json_object_set_new(o, "cpu", json_string(line_of(text, sizeof(text), "/proc/cpuinfo", "model name")));
	json_object_set_new(o, "cpus", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	if (!sysinfo(&si))
		json_object_set_new(o, "memory_mib", json_integer((json_int_t)((si.totalram * si.mem_unit) >> 20)));
	json_object_set_new(o, "clocksource", json_string(line_of(text, sizeof(text),
			    "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL)));
	json_object_set_new(o, "tai_offset_s", json_integer(meta_tai_offset()));
	json_object_set_new(o, "packages", packages());
	return o;
}

json_t *meta_floor(const json_t *said)
{
	const json_t *worst = NULL, *away, *cpu;
	size_t i;

	json_array_foreach(json_object_get(said, "cpus"), i, cpu) {
		away = json_object_get(cpu, "away");
		if (!worst || json_integer_value(json_object_get(away, "lost_ppm")) > json_integer_value(json_object_get(worst, "lost_ppm")))
			worst = away;
	}
	return worst ? json_pack("{s:O?, s:O?, s:O?, s:f}", "p50_ns", json_object_get(worst, "p50_ns"), "p99_ns", json_object_get(worst, "p99_ns"),
				 "max_ns", json_object_get(worst, "max_ns"), "share",
				 (double)json_integer_value(json_object_get(worst, "lost_ppm")) / 1e6) :
		       json_null();
}

int meta_write(const json_t *doc, const char *path)
{
	return json_dump_file(doc, path, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) ? -EIO : 0;
}
