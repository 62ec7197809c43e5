/* SPDX-License-Identifier: BSD-3-Clause */
/* A guest's frame: classification, and its launch time from AVTP or a trailer. Frames are copied so that a byte too far is found. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "tsn/cls.h"
#include "tsn/launch.h"

#define NOW INT64_C(1700000000000000000)

static void try_launch(const uint8_t *frame, uint16_t size, enum launch_source source, int64_t offset_ns)
{
	struct launch_conf conf = {.enabled = true, .source = source, .offset_ns = offset_ns, .late_ns = 1000};
	int64_t t_launch = 42;
	uint16_t len = size;
	int err = launch_read(&conf, frame, &len, NOW, &t_launch);

	must(err == 0 || err == -ENOMSG || err == -ERANGE);
	must(err == 0 || (t_launch == 42 && len == size));
	must(err || len == (source == LAUNCH_FROM_TRAILER ? size - LAUNCH_TRAILER : size));
	must(err || (t_launch - NOW <= LAUNCH_HORIZON_NS && NOW - t_launch <= LAUNCH_HORIZON_NS));
	must(err || launch_from(&conf, t_launch) <= launch_until(&conf, t_launch));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cls_frame f;
	uint8_t *frame;

	if (size < CLS_ETH_HLEN || size > 9022)
		return 0;
	frame = malloc(size);
	must(frame);
	memcpy(frame, data, size);
	if (!cls_parse(&f, frame, (uint32_t)size))
		must(f.vid <= 4094 && f.pcp <= 7 && (f.tagged || (!f.vid && !f.pcp && !f.dei)));
	cls_link_local(frame);
	try_launch(frame, (uint16_t)size, LAUNCH_FROM_AVTP, -2000000);
	try_launch(frame, (uint16_t)size, LAUNCH_FROM_TRAILER, 0);
	free(frame);
	return 0;
}
