/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An isochron.dat, and a line of isochron's printf language: a first byte of 'p' is the latter's, format and letters with a newline between. A file that is taken is written
 * again as it was, and all of it can be told.
 */
#include "tests/fuzz/fuzz.h"

#include "bench/iso.h"
#include "bench/iso_metric.h"
#include "bench/iso_printf.h"
#include "bench/iso_tell.h"

static FILE *nowhere(void)
{
	static FILE *f;

	if (!f)
		f = fopen("/dev/null", "w");
	must(f);
	return f;
}

static void line(const uint8_t *data, size_t size)
{
	static struct iso_printf p;
	static struct iso_send sent = { .seqid = 1, .t_due = 1, .t_wakeup = 2 };
	static struct iso_recv came = { .seqid = 1, .t_arrival = 3 };
	static const struct iso iso = { .packets = 1, .advance_ns = -7, .send = &sent, .recv = &came };
	char *format = fuzz_text(data, size), *args;
	struct why why;

	if (!format)
		return;
	args = strchr(format, '\n');
	if (args)
		*args++ = '\0';
	if (!iso_printf_parse(&p, format, args ? args : "", &why)) {
		must(p.n >= 0 && p.n <= ISO_PRINTF_MAX && (size_t)p.n == (args ? strlen(args) : 0));
		iso_printf_frame(&p, &iso, 0, nowhere());
	} else {
		must(why.text[0] && !strchr(why.text, '\n'));
	}
	free(format);
}

static void tell(const struct iso *iso)
{
	struct iso_tell t = { .first = 1, .last = iso->packets, .deadline_ns = 1000 };
	struct out o;

	out_init(&o, nowhere(), true);
	must(!iso_tell(iso, &t, &o));
	must(!out_fini(&o));
	out_init(&o, nowhere(), false);
	must(!iso_tell(iso, &t, &o));
	must(!iso_tell_csv(iso, &t, nowhere()));
}

static void file(const uint8_t *data, size_t size)
{
	FILE *in = fmemopen((void *)data, size, "r"), *out;
	struct iso iso = {0};
	struct why why;
	char *again;
	size_t n;

	must(in);
	if (iso_read(&iso, in, "F", &why)) {
		must(why.text[0] && !strchr(why.text, '\n') && !iso.send && !iso.recv);
	} else {
		out = open_memstream(&again, &n);
		must(out && !iso_write(&iso, out) && !fclose(out));
		must(n == size && !memcmp(again, data, n));
		free(again);
		tell(&iso);
		iso_fini(&iso);
	}
	fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1 && data[0] == 'p')
		line(data + 1, size - 1);
	else if (size)
		file(data, size);
	return 0;
}
