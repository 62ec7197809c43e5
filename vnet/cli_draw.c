/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "tsn/cycle.h"

#define WIDTH 60	/* columns of the cycle */

/* Share of a column in which the class is open: none, some, all. */
static char column(const struct gcl *gcl, unsigned int tc, int col)
{
	int64_t from = gcl->cycle_ns * col / WIDTH, to = gcl->cycle_ns * (col + 1) / WIDTH, open = 0;
	const struct gcl_class *c = &gcl->class[tc];
	int64_t a, b, shift;
	uint32_t i;

	if (c->always)
		return '#';
	for (i = 0; i < c->n_windows; i++)
		for (shift = 0; shift <= gcl->cycle_ns;
		     shift += gcl->cycle_ns) { /* a window may run on into the next cycle */
			a = c->windows[i].open_ns - shift;
			b = c->windows[i].close_ns - shift;
			a = a < from ? from : a;
			b = b > to ? to : b;
			open += b > a ? b - a : 0;
		}
	return open == 0 ? '.' : open < to - from ? '+' : '#';
}

static void draw_line(const struct gcl *gcl, unsigned int tc, char *line)
{
	int i;

	for (i = 0; i < WIDTH; i++)
		line[i] = column(gcl, tc, i);
	line[WIDTH] = '\0';
}

static bool equal(const struct gcl_class *a, const struct gcl_class *b)
{
	return a->n_windows == b->n_windows && a->max_len == b->max_len && a->always == b->always &&
	       !memcmp(a->windows, b->windows, a->n_windows * sizeof(*a->windows));
}

static void draw_class(struct out *o, const struct gcl *gcl, int high, int low, int64_t offset_ns)
{
	const struct gcl_class *c = &gcl->class[high];
	char buf[NS_STR_LEN], name[8], line[WIDTH + 1];
	bool open = offset_ns >= 0 && gcl_open_at_offset(gcl, (unsigned int)high, offset_ns);

	snprintf(name, sizeof(name), high == low ? "%d" : "%d-%d", high, low);
	draw_line(gcl, (unsigned int)high, line);
	out_text(o, "  class %-3s %s|%s|%s ", name, open ? out_style(o, OUT_GREEN) : "", line,
		 open ? out_style(o, OUT_PLAIN) : "");
	if (!c->n_windows)
		out_text(o, "never open\n");
	else if (c->always)
		out_text(o, "always open\n");
	else
		out_text(o, "open %s (%.1f %%), fits frames up to %u bytes\n", ns_str(buf, c->open_ns),
			 100.0 * (double)c->open_ns / (double)gcl->cycle_ns, c->max_len + WIRE_FCS);
}

const char *cli_cycle_str(char buf[static CLI_CYCLE_LEN], const struct gcl *gcl)
{
	if (!gcl->frac_num)
		return ns_exact(buf, gcl->cycle_ns);
	snprintf(buf, CLI_CYCLE_LEN, "%" PRId64 " %u/%u ns", gcl->cycle_ns, gcl->frac_num, gcl->frac_den);
	return buf;
}

void cli_draw_schedule(struct out *o, const struct gcl *gcl, int64_t t_now)
{
	char buf[NS_STR_LEN], cycle[CLI_CYCLE_LEN];
	int64_t offset_ns = -1;
	struct cycle c;
	int high, low;

	if (o->json)
		return;
	cli_cycle_str(cycle, gcl);
	if (t_now != NS_NEVER && t_now >= gcl->t_base) {
		cycle_at(gcl, t_now, &c);
		offset_ns = t_now - c.t;
	}
	if (!gcl->enabled) {
		out_text(o, "  gates are disabled: all open\n");
		return;
	}
	for (high = TSN_CLASSES - 1; high >= 0; high = low - 1) {
		for (low = high; low && equal(&gcl->class[high], &gcl->class[low - 1]); low--)
			;
		draw_class(o, gcl, high, low, offset_ns);
	}
	if (offset_ns >= 0)
		out_text(o, "             %*s^ %s into a cycle of %s\n", (int)(offset_ns * WIDTH / gcl->cycle_ns),
			 "", ns_str(buf, offset_ns), cycle);
	else if (t_now != NS_NEVER)
		out_text(o, "             starts in %s\n", ns_str(buf, gcl->t_base - t_now));
	else
		out_text(o, "             0%*s\n", WIDTH, cycle);
}

void cli_put_windows(struct out *o, const struct gcl *gcl)
{
	unsigned int tc;
	uint32_t i;

	if (!o->json)
		return;
	out_array(o, "classes");
	for (tc = 0; tc < TSN_CLASSES && gcl->enabled; tc++) {
		const struct gcl_class *c = &gcl->class[tc];

		out_object(o, NULL);
		out_uint(o, "tc", tc, NULL);
		out_bool(o, "always", c->always, NULL);
		out_int(o, "open_ns", c->open_ns, NULL);
		out_uint(o, "max_frame", c->max_len ? c->max_len + WIRE_FCS : 0, NULL);
		out_array(o, "windows");
		for (i = 0; i < c->n_windows; i++) {
			out_object(o, NULL);
			out_int(o, "open_ns", c->windows[i].open_ns, NULL);
			out_int(o, "close_ns", c->windows[i].close_ns, NULL);
			out_end(o);
		}
		out_end(o);
		out_end(o);
	}
	out_end(o);
}
