/* SPDX-License-Identifier: BSD-3-Clause */
#include "ptp/phc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/ptp_clock.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ns.h"

#define READINGS   9	       /* per look, of which the narrowest counts */
#define REAL_READS 5	       /* of CLOCK_REALTIME beside the TSC */
#define SLACK_NS   NS_PER_US   /* two looks at CLOCK_REALTIME may disagree by this much more than they are wide, */
#define SLEW_SHIFT 10	       /* and by 2^-10 of what passed between them: it is slewed, not stepped */

/* One reading: the PHC showed t_phc when CLOCK_REALTIME was between t_before and t_after. */
struct reading {
	int64_t t_before, t_phc, t_after;
};

/* -- the kernel ---------------------------------------------------------------------------------------------------- */

static int kernel_open(void *arg, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)arg;
	return fd < 0 ? -errno : fd;
}

static void kernel_close(void *arg, int fd)
{
	(void)arg;
	close(fd);
}

static int kernel_ioctl(void *arg, int fd, unsigned long request, void *data)
{
	(void)arg;
	return ioctl(fd, request, data) ? -errno : 0;
}

static void kernel_real(void *arg, struct phc_real *out, double ns_per_tick)
{
	uint64_t a, b, best = UINT64_MAX;
	struct timespec ts;
	int i;

	(void)arg;
	for (i = 0; i < REAL_READS; i++) {
		a = tscmap_tsc();
		clock_gettime(CLOCK_REALTIME, &ts);
		b = tscmap_tsc();
		if (b - a >= best)
			continue;
		best = b - a;
		out->tsc = a + best / 2;
		out->t_real = ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
	}
	out->half_ns = (int64_t)((double)best * ns_per_tick / 2) + 1;
}

const struct phc_ops phc_kernel = {
	.open = kernel_open, .close = kernel_close, .ioctl = kernel_ioctl, .real = kernel_real,
};

/* -- the three ways to read it ------------------------------------------------------------------------------------- */

static int64_t ns_of(const struct ptp_clock_time *t)
{
	return t->sec * NS_PER_SEC + t->nsec;
}

/* Keep the narrower of two. What makes no sense (the kernel's time went back: a step) is no reading. */
static void keep(struct reading *best, bool *any, const struct reading *r)
{
	if (r->t_after < r->t_before)
		return;
	if (*any && r->t_after - r->t_before >= best->t_after - best->t_before)
		return;
	*best = *r;
	*any = true;
}

static int read_precise(struct phc *p, struct reading *best, bool *any)
{
	struct ptp_sys_offset_precise x = {0};
	int err = p->ops->ioctl(p->ops->arg, p->fd, PTP_SYS_OFFSET_PRECISE, &x);

	if (err)
		return err;
	keep(best, any, &(struct reading){ns_of(&x.sys_realtime), ns_of(&x.device), ns_of(&x.sys_realtime)});
	return 0;
}

static int read_extended(struct phc *p, struct reading *best, bool *any)
{
	struct ptp_sys_offset_extended x = {.n_samples = READINGS};
	int i, err = p->ops->ioctl(p->ops->arg, p->fd, PTP_SYS_OFFSET_EXTENDED, &x);

	if (err)
		return err;
	for (i = 0; i < READINGS; i++)
		keep(best, any, &(struct reading){ns_of(&x.ts[i][0]), ns_of(&x.ts[i][1]), ns_of(&x.ts[i][2])});
	return 0;
}

static int read_basic(struct phc *p, struct reading *best, bool *any)
{
	struct ptp_sys_offset x = {.n_samples = READINGS};
	int i, err = p->ops->ioctl(p->ops->arg, p->fd, PTP_SYS_OFFSET, &x);

	if (err)
		return err;
	for (i = 0; i < READINGS; i++)
		keep(best, any, &(struct reading){ns_of(&x.ts[2 * i]), ns_of(&x.ts[2 * i + 1]), ns_of(&x.ts[2 * i + 2])});
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct phc *p, struct reading *best, bool *any);
} methods[PHC_METHODS] = {
	[PHC_PRECISE] = {"precise", read_precise},
	[PHC_EXTENDED] = {"extended", read_extended},
	[PHC_BASIC] = {"basic", read_basic},
};

static bool not_offered(int err)
{
	return err == -EOPNOTSUPP || err == -ENOTTY || err == -EINVAL;
}

/* By the best method that the driver offers, which is then kept. */
static int read_best(struct phc *p, struct reading *best)
{
	bool any = false;
	int err;

	for (;;) {
		err = methods[p->method].read(p, best, &any);
		if (!not_offered(err))
			break;
		if (p->method + 1 == PHC_METHODS)
			return -EOPNOTSUPP;
		p->method++;
	}
	return err ? err : any ? 0 : -EAGAIN;
}

/* -- public -------------------------------------------------------------------------------------------------------- */

static int open_failed(const char *path, int err, struct why *why)
{
	if (err == -ENOENT || err == -ENODEV || err == -ENXIO)
		return why_fail(why, ENOENT, "%s: no such clock: `ethtool -T INTERFACE` says which one an interface has", path);
	if (err == -EACCES || err == -EPERM)
		return why_fail(why, EACCES, "%s may not be read by this user: run as root", path);
	return why_fail(why, -err, "%s: %s", path, strerror(-err));
}

int phc_open(struct phc *p, const char *path, const struct phc_ops *ops, struct why *why)
{
	struct ptp_clock_caps caps = {0};
	struct reading r;
	int err;

	*p = (struct phc){.ops = ops ? ops : &phc_kernel, .fd = -1};
	if (snprintf(p->path, sizeof(p->path), "%s", path) >= (int)sizeof(p->path))
		return why_fail(why, EINVAL, "%.32s... is too long for the path of a clock: give /dev/ptpN", path);
	p->fd = p->ops->open(p->ops->arg, path);
	if (p->fd < 0)
		return open_failed(path, p->fd, why);
	if (p->ops->ioctl(p->ops->arg, p->fd, PTP_CLOCK_GETCAPS, &caps)) {
		err = why_fail(why, ENOTTY, "%s is no PTP hardware clock: give /dev/ptpN", path);
		goto fail;
	}
	p->method = caps.cross_timestamping ? PHC_PRECISE : PHC_EXTENDED;
	err = read_best(p, &r);
	if (!err || err == -EAGAIN)
		return 0;
	err = why_fail(why, -err, "%s cannot be read beside the system's clock: %s", path, strerror(-err));
fail:
	phc_close(p);
	return err;
}

void phc_close(struct phc *p)
{
	if (p->fd >= 0)
		p->ops->close(p->ops->arg, p->fd);
	p->fd = -1;
}

int phc_look(struct phc *p, struct tscmap_sample *out, double ns_per_tick)
{
	struct phc_real before, after;
	int64_t passed, wide, mid;
	struct reading r;
	int err;

	p->ops->real(p->ops->arg, &before, ns_per_tick);
	err = read_best(p, &r);
	p->ops->real(p->ops->arg, &after, ns_per_tick);
	if (err)
		return err;
	passed = (int64_t)((double)(after.tsc - before.tsc) * ns_per_tick);
	wide = before.half_ns + after.half_ns + SLACK_NS + (passed >> SLEW_SHIFT);
	if (after.t_real <= before.t_real || llabs(after.t_real - before.t_real - passed) > wide)
		return -EAGAIN;
	if (r.t_before < before.t_real - wide || r.t_after > after.t_real + wide)
		return -EAGAIN;
	mid = r.t_before + (r.t_after - r.t_before) / 2;
	/* On the line through both looks, so that a slewed CLOCK_REALTIME does no harm. */
	out->tsc = before.tsc + (uint64_t)((double)(mid - before.t_real) * (double)(after.tsc - before.tsc) /
					   (double)(after.t_real - before.t_real));
	out->tai = r.t_phc;
	out->half_ns = (r.t_after - r.t_before + 1) / 2 + (before.half_ns > after.half_ns ? before.half_ns : after.half_ns);
	return 0;
}

int phc_offset(struct phc *p, int64_t *offset_ns, int64_t *half_ns)
{
	struct reading r;
	int err = read_best(p, &r);

	if (err)
		return err;
	*half_ns = (r.t_after - r.t_before + 1) / 2;
	*offset_ns = r.t_phc - (r.t_before + (r.t_after - r.t_before) / 2);
	return 0;
}

int phc_of_interface(char path[static PHC_PATH_LEN], const char *interface, struct why *why)
{
	struct ethtool_ts_info info = {.cmd = ETHTOOL_GET_TS_INFO};
	struct ifreq ifr = {.ifr_data = (char *)&info};
	int fd, err = 0;

	if (snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", interface) >= (int)sizeof(ifr.ifr_name))
		return why_fail(why, ENODEV, "%.32s... is too long for an interface", interface);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_fail(why, errno, "cannot make a socket: %s", strerror(errno));
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		err = errno;
	close(fd);
	if (err == ENODEV)
		return why_fail(why, ENODEV, "interface %s is not in this network namespace: ask in ptp4l's", interface);
	if (err || info.phc_index < 0)
		return why_fail(why, EOPNOTSUPP, "interface %s has no hardware clock", interface);
	snprintf(path, PHC_PATH_LEN, "/dev/ptp%d", info.phc_index);
	return 0;
}

const char *phc_method_name(enum phc_method method)
{
	return methods[method].name;
}
