/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plain_file: open a file that somebody else may have put there: a FIFO, which would be waited for without end, and a device, which has none, are refused.
 */
#ifndef TAKT_BASE_PLAIN_FILE_H
#define TAKT_BASE_PLAIN_FILE_H

#include <stdio.h>

#include "base/why.h"

/* For reading. NULL: errno and a sentence that begins with the path; EISDIR of a folder, EINVAL of what is neither. The caller closes it. */
FILE *plain_file_open(const char *path, struct why *why);

#endif
