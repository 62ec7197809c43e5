/* SPDX-License-Identifier: BSD-3-Clause */
/* An answer on the socket that ptp4l is asked over: read, or refused with a sentence; texts end. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "ptp/pmc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = {""};
	struct pmc_reply r;
	uint8_t *msg;
	size_t i;
	int err;

	if (size > PMC_MSG_MAX)
		return 0;
	msg = malloc(size ? size : 1);
	must(msg);
	memcpy(msg, data, size);
	err = pmc_parse(&r, msg, size, &why);
	free(msg);
	must(err == 0 || err == -EBADMSG || err == -ENOMSG);
	if (err) {
		fuzz_sentence(&why);
		return 0;
	}
	must(pmc_error(r.error)[0] && pmc_name(r.id)[0]);
	if (!r.error && r.id == PMC_PORT_PROPERTIES_NP) {
		must(memchr(r.port_properties.interface, 0, PMC_NAME_LEN));
		for (i = 0; r.port_properties.interface[i]; i++)
			must(r.port_properties.interface[i] > ' ' && r.port_properties.interface[i] < 0x7f);
	}
	return 0;
}
