/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/export.h"

#include <errno.h>
#include <stdlib.h>

#include "probes/pcapng.h"
#include "probes/taps.h"

struct state {
	struct pcapng file;
	struct taps taps;
};

static int begin(struct export *x, struct why *why)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return why_fail(why, ENOMEM, "out of memory");
	x->state = s;
	pcapng_attach(&s->file, x->f);
	taps_init(&s->taps, &s->file, &x->ports, true, "stamps: TAI ns on the axis of taktd's clock; of edges outside taktd to within the bound in each packet's comment");
	return s->file.error;
}

static int frame(struct export *x, const struct way *w)
{
	struct state *s = x->state;

	taps_write(&s->taps, w, NULL, 0);
	return s->file.error;
}

static int end(struct export *x, struct why *why)
{
	struct state *s = x->state;

	(void)why;
	return pcapng_close(&s->file);
}

static void fini(struct export *x)
{
	free(x->state);
}

const struct export_format export_pcapng = {
	.name = "pcapng", .help = "for Wireshark: an interface for each edge, without frames' bytes (`takt capture --taktd` has them)",
	.guests = true, .stream = true, .begin = begin, .frame = frame, .end = end, .fini = fini,
};
