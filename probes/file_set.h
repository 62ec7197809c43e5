/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file_set: several text files that are written together or not at all.
 *
 *	file_set_init(&s, "/etc/takt");
 *	f = file_set_open(&s, "takt-ptp4l.conf", &why);	a FILE, NULL when memory is short; print into it, never close it
 *	...
 *	err = file_set_write(&s, force, &why);		or print them: file_set_print(&s, out)
 *	file_set_fini(&s);
 *
 * Texts are in memory until file_set_write(), which writes all of them to temporary files beside their places first and only
 * then gives them their names: a full disk leaves nothing behind. One thread per set.
 */
#ifndef TAKT_PROBES_FILE_SET_H
#define TAKT_PROBES_FILE_SET_H

#include <stdbool.h>
#include <stdio.h>

#include "base/why.h"

#define FILE_SET_MAX  8
#define FILE_SET_PATH 512

struct file_set {
	const char *dir; /* the caller's */
	int n;
	struct file_set_file {
		char name[64];
		FILE *f;
		char *text;
		size_t len;
	} file[FILE_SET_MAX];
};

void file_set_init(struct file_set *s, const char *dir);
void file_set_fini(struct file_set *s); /* what was written stays */

/* A file of that name, until file_set_fini(). At most FILE_SET_MAX. */
FILE *file_set_open(struct file_set *s, const char *name, struct why *why);

/*
 * -EEXIST when one of them is there already and `force` is not set; -ENOENT, -ENOTDIR, -EACCES and the like when the folder
 * does not take them, -EIO or -ENOSPC when the disk does not. Nothing has changed then; only with `force` may some have been
 * replaced already, when a name that was looked at a moment before cannot be given.
 */
int file_set_write(struct file_set *s, bool force, struct why *why);

/* Each behind a line "# DIR/NAME". -ENOMEM when a text could not be kept. */
int file_set_print(struct file_set *s, FILE *out, struct why *why);

#endif
