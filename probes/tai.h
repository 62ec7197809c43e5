/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tai: TAI - UTC in seconds, as a taktd has it; where none can be asked, as the kernel has it, which is where taktd takes it from by default.
 */
#ifndef TAKT_PROBES_TAI_H
#define TAKT_PROBES_TAI_H

int tai_offset_of(const char *taktd);	/* `taktd`: as client_request() takes it */

#endif
