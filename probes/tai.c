/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/tai.h"

#include <jansson.h>
#include <sys/timex.h>

#include "vnet/client.h"

int tai_offset_of(const char *taktd)
{
	struct timex tx = { 0 };
	json_t *reply = NULL;
	const json_t *offset;
	int s;

	adjtimex(&tx);
	s = tx.tai;
	if (!client_request(taktd, json_pack("{ss}", "cmd", "show"), &reply, NULL)) {
		offset = json_object_get(json_object_get(reply, "clock"), "tai_offset_s");
		if (json_is_integer(offset))
			s = (int)json_integer_value(offset);
	}
	json_decref(reply);
	return s;
}
