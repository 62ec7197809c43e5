/* SPDX-License-Identifier: BSD-3-Clause */
/* A schedule file in any notation, a whole taktd file too: what `takt gate check` and `taktd -c` read. */
#include "tests/fuzz/sched.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sched_try(data, size, CONF_AUTO);
	return 0;
}
