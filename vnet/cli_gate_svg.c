/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One cycle on paper. Self-contained SVG 1.1: no script, no font of its own, one dark colour and a hatching, so that it survives a
 * black-and-white printer.
 */
#include "vnet/cli_gate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/cli.h"

/* Pixels. */
#define WIDTH	1000
#define LEFT	110	/* of the plot */
#define RIGHT	790
#define TOP	74
#define ROW	34
#define BAR	20	/* height of a bar within its row */
#define PLOT	(RIGHT - LEFT)
#define BOTTOM	(TOP + ROW * TSN_CLASSES)
#define HEIGHT	(BOTTOM + 92)

#define DARK  "#1f4e79"
#define LIGHT "#cfdcea"
#define INK   "#222222"
#define FAINT "#d9d9d9"
#define GREY  "#666666"

static double at(const struct gcl *gcl, int64_t ns)
{
	return LEFT + (double)ns * PLOT / (double)gcl->cycle_ns;
}

/* What an attribute or text must not hold becomes an entity; control characters go. */
static void put_text(FILE *f, const char *s)
{
	for (; *s; s++)
		if (*s == '&' || *s == '<' || *s == '>' || *s == '"')
			fprintf(f, "&#%d;", *s);
		else if ((unsigned char)*s >= 0x20)
			fputc(*s, f);
}

static void text_at(FILE *f, double x, double y, const char *anchor, const char *style, const char *text)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>", x, y, anchor, style);
	put_text(f, text);
	fputs("</text>\n", f);
}

static void bar(FILE *f, const struct gcl *gcl, int64_t from_ns, int64_t to_ns, double y, const char *fill)
{
	double x = at(gcl, from_ns), width = at(gcl, to_ns) - x;

	if (to_ns > from_ns)
		fprintf(f, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" fill=\"%s\" stroke=\"" DARK "\" stroke-width=\"0.6\"/>\n", x, y,
			width < 0.4 ? 0.4 : width, BAR, fill);
}

/* A part of a window, both parts when it runs on into the next cycle. */
static void bars(FILE *f, const struct gcl *gcl, int64_t from_ns, int64_t to_ns, double y, const char *fill)
{
	int64_t cycle = gcl->cycle_ns;

	if (from_ns < cycle)
		bar(f, gcl, from_ns, to_ns < cycle ? to_ns : cycle, y, fill);
	if (to_ns > cycle)
		bar(f, gcl, from_ns < cycle ? 0 : from_ns - cycle, to_ns - cycle, y, fill);
}

static int64_t guard_of(const struct gcl *gcl, const struct wire *wire, unsigned int tc)
{
	uint32_t len = cli_longest(gcl, tc);

	return wire_ns(wire, len < gcl->class[tc].max_len ? len : gcl->class[tc].max_len);
}

static void put_windows(FILE *f, const struct gcl *gcl, const struct wire *wire, unsigned int tc, double y)
{
	const struct gcl_class *c = &gcl->class[tc];
	int64_t guard = guard_of(gcl, wire, tc), close, start;
	uint32_t i;

	if (c->always)
		bar(f, gcl, 0, gcl->cycle_ns, y, DARK);
	for (i = 0; !c->always && i < c->n_windows; i++) {
		close = c->windows[i].close_ns;
		start = close - guard > c->windows[i].open_ns ? close - guard : c->windows[i].open_ns;
		bars(f, gcl, c->windows[i].open_ns, start, y, DARK);
		bars(f, gcl, start, close, y, "url(#guard)");
	}
}

static void put_class(FILE *f, const struct conf_sched *s, const struct gcl *gcl, const struct wire *wire, unsigned int tc)
{
	const struct gcl_class *c = &gcl->class[tc];
	double top = TOP + ROW * (TSN_CLASSES - 1 - (int)tc), y = top + (ROW - BAR) / 2.0, base = top + ROW / 2.0 + 4;
	char buf[NS_STR_LEN], label[80];

	fprintf(f, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"" FAINT "\"/>\n", LEFT, y + BAR, RIGHT, y + BAR);
	put_windows(f, gcl, wire, tc, y);
	snprintf(label, sizeof(label), "class %u", tc);
	text_at(f, LEFT - 14, base, "end", "font-size=\"13\" fill=\"" INK "\"", label);
	if (!c->n_windows)
		snprintf(label, sizeof(label), "never open");
	else if (c->always)
		snprintf(label, sizeof(label), "always open");
	else
		snprintf(label, sizeof(label), "%s, %.1f %%, up to %u B", ns_str(buf, c->open_ns), 100.0 * (double)c->open_ns / (double)gcl->cycle_ns,
			 c->max_len + WIRE_FCS);
	text_at(f, RIGHT + 14, s->cbs.idle_bps[tc] ? base - 6 : base, "start", "font-size=\"12\" fill=\"" INK "\"", label);
	if (s->cbs.idle_bps[tc]) {
		snprintf(label, sizeof(label), "shaped: %.6g Mb/s", (double)s->cbs.idle_bps[tc] / 1e6);
		text_at(f, RIGHT + 14, base + 8, "start", "font-size=\"11\" fill=\"" GREY "\"", label);
	}
}

/* A round step that gives five to ten marks: 1, 2 or 5 times a power of ten. */
static int64_t step_of(int64_t cycle_ns)
{
	static const int64_t factor[] = {1, 2, 5};
	int64_t power, step;
	int i;

	for (power = 1; power <= NS_PER_SEC; power *= 10)
		for (i = 0; i < 3; i++) {
			step = factor[i] * power;
			if (cycle_ns / step <= 10)
				return step;
		}
	return NS_PER_SEC;
}

/* One unit for the whole axis: the largest in which a step is a whole number. */
static void put_axis(FILE *f, const struct gcl *gcl)
{
	static const struct {
		int64_t ns;
		const char *name;
	} units[] = {{NS_PER_SEC, "s"}, {NS_PER_MS, "ms"}, {NS_PER_US, "us"}, {1, "ns"}};
	int64_t step = step_of(gcl->cycle_ns), t;
	char label[128], cycle[CLI_CYCLE_LEN];
	int u = 0;

	while (step % units[u].ns)
		u++;
	for (t = 0; t <= gcl->cycle_ns; t += step) {
		fprintf(f, "<line x1=\"%.2f\" y1=\"%d\" x2=\"%.2f\" y2=\"%d\" stroke=\"" FAINT "\"/>\n", at(gcl, t), TOP, at(gcl, t), BOTTOM + 5);
		snprintf(label, sizeof(label), "%" PRId64, t / units[u].ns);
		text_at(f, at(gcl, t), BOTTOM + 20, "middle", "font-size=\"12\" fill=\"" INK "\"", label);
	}
	fprintf(f, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"" INK "\"/>\n", LEFT, BOTTOM, RIGHT, BOTTOM);
	fprintf(f, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"" INK "\" stroke-dasharray=\"3 3\"/>\n", RIGHT, TOP, RIGHT, BOTTOM + 5);
	snprintf(label, sizeof(label), "%s into a cycle of %s", units[u].name, cli_cycle_str(cycle, gcl));
	text_at(f, (LEFT + RIGHT) / 2.0, BOTTOM + 40, "middle", "font-size=\"12\" fill=\"" GREY "\"", label);
}

static void put_legend(FILE *f)
{
	static const struct {
		int x;
		const char *fill, *text;
	} parts[] = {
		{LEFT, DARK, "open: a frame may start"},
		{LEFT + 190, "url(#guard)", "guard band: the longest frame would not end in time"},
		{LEFT + 590, "none", "shut"},
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"22\" height=\"12\" fill=\"%s\" stroke=\"%s\" stroke-width=\"0.6\"/>\n", parts[i].x, BOTTOM + 62,
			parts[i].fill, i == 2 ? GREY : DARK);
		text_at(f, parts[i].x + 30, BOTTOM + 72, "start", "font-size=\"12\" fill=\"" INK "\"", parts[i].text);
	}
}

static void put_head(FILE *f, const char *title, const struct conf_sched *s, const struct gcl *gcl)
{
	const char *slash = strrchr(title, '/');
	char text[200], cycle[CLI_CYCLE_LEN];

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"DejaVu Sans, Verdana, Arial, "
		"sans-serif\">\n"
		"<defs><pattern id=\"guard\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
		"<rect width=\"5\" height=\"5\" fill=\"" LIGHT "\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"5\" stroke=\"" DARK "\" stroke-width=\"2\"/>"
		"</pattern></defs>\n"
		"<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT);
	snprintf(text, sizeof(text), "%.80s", slash ? slash + 1 : title);
	text_at(f, LEFT, 28, "start", "font-size=\"17\" font-weight=\"bold\" fill=\"" INK "\"", text);
	snprintf(text, sizeof(text), "%u entries, cycle %s, base time %" PRId64 " ns TAI, link %g Mb/s%s", gcl->n_entries, cli_cycle_str(cycle, gcl),
		 gcl->t_base, (double)s->link_bps / 1e6, gcl->enabled ? "" : "; gates are disabled: all open");
	text_at(f, LEFT, 50, "start", "font-size=\"12\" fill=\"" GREY "\"", text);
}

int cli_svg(FILE *f, const char *title, const struct conf_sched *s, const struct gcl *gcl, const struct wire *wire)
{
	unsigned int tc;

	put_head(f, title, s, gcl);
	put_axis(f, gcl);
	for (tc = 0; tc < TSN_CLASSES; tc++)
		put_class(f, s, gcl, wire, tc);
	put_legend(f);
	fputs("</svg>\n", f);
	return ferror(f) ? -EIO : 0;
}
