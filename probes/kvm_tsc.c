/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/kvm_tsc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number in a file; decimal, with a sign. */
static int read_number(const char *path, __int128 *out)
{
	char text[64] = "", *end;
	FILE *f = fopen(path, "re");
	int err = 0;

	if (!f)
		return -errno;
	if (!fgets(text, sizeof(text), f))
		err = -EINVAL;
	fclose(f);
	errno = 0;
	*out = *text == '-' ? (__int128)strtoll(text, &end, 10) : (__int128)strtoull(text, &end, 10);
	return err ?: errno || end == text || (*end && *end != '\n') ? -EINVAL : 0;
}

static int read_vcpu(struct kvm_tsc *out, const char *dir, struct why *why)
{
	__int128 offset, ratio = 0, bits = 0;
	char path[600];
	int err;

	snprintf(path, sizeof(path), "%s/tsc-offset", dir);
	err = read_number(path, &offset);
	if (err)
		return why_fail(why, -err, "%s: %s", path, strerror(-err));
	snprintf(path, sizeof(path), "%s/tsc-scaling-ratio", dir);
	if (!read_number(path, &ratio)) {
		snprintf(path, sizeof(path), "%s/tsc-scaling-ratio-frac-bits", dir);
		err = read_number(path, &bits);
		if (err || bits < 0 || bits > 63 || ratio <= 0)
			return why_fail(why, EINVAL, "%s: no number of bits that a ratio could have", path);
	}
	*out = (struct kvm_tsc){(int64_t)offset, (uint64_t)ratio, (unsigned int)bits};
	if (ratio == (__int128)1 << bits)
		out->ratio = 0;
	return 0;
}

/* The first entry of a folder that begins like that. */
static int find(char path[512], const char *dir, const char *prefix, int nth)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int err = -ENOENT;

	if (!d)
		return -errno;
	while (err && (e = readdir(d)))
		if (!strncmp(e->d_name, prefix, strlen(prefix)) && !nth--) {
			snprintf(path, 512, "%.250s/%.250s", dir, e->d_name);
			err = 0;
		}
	closedir(d);
	return err;
}

int kvm_tsc_read(struct kvm_tsc *out, const char *root, int pid, struct why *why)
{
	char guest[512], vcpu[512], prefix[32];
	struct kvm_tsc other;
	int err, n;

	snprintf(prefix, sizeof(prefix), "%d-", pid);
	err = find(guest, root, prefix, 0);
	if (err)
		return why_fail(why, -err, err == -ENOENT ? "%s knows no guest of process %d (no KVM, or debugfs is not mounted)" : "%s: of process %d: no access",
				root, pid);
	for (n = 0; !(err = find(vcpu, guest, "vcpu", n)); n++) {
		err = read_vcpu(n ? &other : out, vcpu, why);
		if (err)
			return err;
		if (n && (other.offset != out->offset || other.ratio != out->ratio || other.fraction_bits != out->fraction_bits))
			return why_fail(why, EINVAL, "%s: its vCPUs have different TSC offsets: none is the guest's", guest);
	}
	return n ? 0 : why_fail(why, ENOENT, "%s: no vCPU there", guest);
}

uint64_t kvm_tsc_host(const struct kvm_tsc *t, uint64_t guest)
{
	unsigned __int128 scaled = guest - (uint64_t)t->offset;

	if (!t->ratio)
		return (uint64_t)scaled;
	return (uint64_t)(((scaled << t->fraction_bits) + t->ratio / 2) / t->ratio);
}
