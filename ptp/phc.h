/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * phc: a PTP hardware clock of the kernel, /dev/ptpN, beside the TSC.
 *
 * The kernel reads it between two reads of CLOCK_REALTIME, by the best ioctl that the driver has: PRECISE (both latched
 * by the hardware), EXTENDED (the two reads stand right around the device's register), or the basic one (around the
 * driver's whole call). Of several readings the narrowest counts. CLOCK_REALTIME is looked at beside the TSC right
 * before and right after; when it was stepped in between, the look is thrown away.
 *
 * A PHC shows whatever its ptp4l keeps it on: TAI, when the grandmaster announces the PTP time scale.
 *
 * What the kernel is asked for goes through struct phc_ops, so that tests can play one. One thread per struct phc.
 */
#ifndef TAKT_PTP_PHC_H
#define TAKT_PTP_PHC_H

#include <stdint.h>
#include <time.h>

#include "base/why.h"
#include "ptp/tscmap.h"

#define PHC_PATH_LEN 64

/* CLOCK_REALTIME showed t_real within +-half_ns of the instant tsc. */
struct phc_real {
	uint64_t tsc;
	int64_t t_real;
	int64_t half_ns;
};

struct phc_ops {
	int (*open)(void *arg, const char *path);			    /* fd or -errno */
	void (*close)(void *arg, int fd);
	int (*ioctl)(void *arg, int fd, unsigned long request, void *data); /* 0 or -errno */
	void (*real)(void *arg, struct phc_real *out, double ns_per_tick);
	void *arg;
};

extern const struct phc_ops phc_kernel; /* the real one */

enum phc_method { PHC_PRECISE, PHC_EXTENDED, PHC_BASIC, PHC_METHODS };

struct phc {
	const struct phc_ops *ops;
	int fd;
	enum phc_method method; /* the best that worked so far */
	char path[PHC_PATH_LEN];
};

/*
 * Open it and see which readings it gives. `ops` NULL: the kernel's. -ENOENT, -EACCES, -ENOTTY for a device that is no
 * clock, -EOPNOTSUPP for one that cannot be read, each with a sentence.
 */
int phc_open(struct phc *p, const char *path, const struct phc_ops *ops, struct why *why);
void phc_close(struct phc *p); /* fd < 0 is legal */

/*
 * One look: the PHC showed out->tai within +-half_ns of out->tsc. -EAGAIN when CLOCK_REALTIME was stepped meanwhile or
 * the kernel's readings make no sense; another -errno when the device gives none any more.
 */
int phc_look(struct phc *p, struct tscmap_sample *out, double ns_per_tick);

/* The same beside CLOCK_REALTIME alone: the PHC minus it, within +-half_ns. */
int phc_offset(struct phc *p, int64_t *offset_ns, int64_t *half_ns);

/*
 * The path of the clock of an interface in this network namespace. -ENODEV: no such interface here; -EOPNOTSUPP: it has
 * no hardware clock.
 */
int phc_of_interface(char path[static PHC_PATH_LEN], const char *interface, struct why *why);

const char *phc_method_name(enum phc_method method); /* "extended" */

/* The clockid_t that clock_gettime() reads an open PHC by (Linux: include/linux/posix-timers.h). */
static inline clockid_t phc_clockid(int fd)
{
	return (clockid_t)((~(unsigned int)fd << 3) | 3);
}

#endif
