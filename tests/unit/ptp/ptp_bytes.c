/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/ptp/ptp_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

uint8_t *ptp_bytes(const char *hex, size_t *len)
{
	uint8_t *out;
	size_t i;

	*len = strlen(hex) / 2;
	out = malloc(*len ? *len : 1);
	assert_non_null(out);
	for (i = 0; i < *len; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &out[i]) != 1)
			fail_msg("\"%s\" is not hexadecimal", hex);
	return out;
}
