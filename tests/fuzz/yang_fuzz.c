/* SPDX-License-Identifier: BSD-3-Clause */
/* Instance data of the IEEE modules. */
#include "tests/fuzz/sched.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sched_try(data, size, CONF_YANG);
	return 0;
}
