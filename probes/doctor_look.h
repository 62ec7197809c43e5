/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * doctor_look: what the doctor reads of a machine: files, and the answers of system calls.
 *
 * Every path goes behind `root`, "" for this machine. With a root, what is no file here (adjtimex(), ethtool's ioctl, tc,
 * taktd's answers) comes from ROOT/answers/NAME, so that a folder can stand for any machine.
 */
#ifndef TAKT_PROBES_DOCTOR_LOOK_H
#define TAKT_PROBES_DOCTOR_LOOK_H

#include <dirent.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu_list.h"

#define LOOK_PATH 512
#define LOOK_TEXT 4096 /* of /sys and /proc: more than a page is none of ours */

/*
 * The file's text without white space at its end, at most `size` - 1 bytes, always ended. Returns its length or -errno. Bytes 0 in it become
 * blanks (/proc/PID/cmdline). -EOPNOTSUPP for what is no regular file: that is not opened.
 */
int look_text(const char *root, char *buf, size_t size, const char *path, ...) __attribute__((format(printf, 4, 5)));

/*
 * The same for a path that somebody else chose, who may not be trusted: only a file that is stored somewhere. Those that the kernel makes up
 * are not opened, for reading them may do something: -EOPNOTSUPP in /sys, and "" where their size is 0 (/proc/kmsg, trace_pipe). -EFBIG when it
 * does not fit.
 */
int look_stored(const char *root, char *buf, size_t size, const char *path, ...) __attribute__((format(printf, 4, 5)));

int look_int(const char *root, int64_t *out, const char *path, ...) __attribute__((format(printf, 3, 4)));
int look_cpus(const char *root, struct cpu_list *out, const char *path, ...) __attribute__((format(printf, 3, 4)));

bool look_exists(const char *root, const char *path, ...) __attribute__((format(printf, 2, 3)));
DIR *look_dir(const char *root, const char *path, ...) __attribute__((format(printf, 2, 3)));

/* The last part of what a link points to: the driver's name behind /sys/class/net/eth0/device/driver. */
int look_link(const char *root, char *buf, size_t size, const char *path, ...) __attribute__((format(printf, 4, 5)));

/* The kernel's TAI offset in s, and whether somebody keeps its clock. -errno. */
int look_adjtimex(const char *root, int *tai, bool *kept);

/* Queue pairs (combined channels) in use and possible. -EOPNOTSUPP where the driver has none. */
int look_channels(const char *root, const char *interface, int *now, int *max);

/* ns until a CPU has to be awake again (/dev/cpu_dma_latency), in us. -errno. */
int look_dma_latency(const char *root, int64_t *us);

/* `tc -j qdisc show`. -ENOENT: no tc. -EBADMSG: its JSON is none, as tc before 6.5 prints while a schedule is pending. */
int look_qdiscs(const char *root, json_t **out);

#endif
