/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/guest_cover.h"

#include <stdio.h>

static struct guest_cover_row *row(struct guest_cover *c, const char *name, const char *hop, const char *help)
{
	struct guest_cover_row *r = &c->row[c->n < GUEST_COVER_MAX ? c->n++ : GUEST_COVER_MAX - 1];

	*r = (struct guest_cover_row){ .name = name, .hop = hop, .help = help, .how = "", .target = "" };
	return r;
}

void guest_cover_bpf(struct guest_cover *c, const struct guest_load *load, const char *reason)
{
	c->no_bpf = !load;
	for (int i = 0; i < guest_points_count; i++) {
		const struct guest_point *p = &guest_points[i];
		struct guest_cover_row *r = row(c, p->name, p->hop, p->help);
		const struct guest_live *l = load ? &guest_load_live(load)[i] : NULL;

		snprintf(r->why, sizeof(r->why), "%s", l ? l->why : reason);
		if (!l || l->way < 0)
			continue;
		r->live = true;
		r->how = p->way[l->way].how;
		r->target = p->way[l->way].target;
	}
}

void guest_cover_add(struct guest_cover *c, const char *name, const char *hop, const char *help, const char *how, bool live, const char *why)
{
	struct guest_cover_row *r = row(c, name, hop, help);

	r->live = live;
	r->how = live ? how : "";
	snprintf(r->why, sizeof(r->why), "%s", why ? why : "");
}

void guest_cover_print(const struct guest_cover *c, struct out *o)
{
	out_array(o, "points");
	out_text(o, "  %-10s %-8s %-8s %s\n", "POINT", "HOP", "HOW", "WHAT");
	for (int i = 0; i < c->n; i++) {
		const struct guest_cover_row *r = &c->row[i];

		out_object(o, NULL);
		out_str(o, "name", r->name, "  %-10s", r->name);
		out_str(o, "hop", r->hop, " %-8s", r->hop);
		out_bool(o, "live", r->live, NULL);
		out_str(o, "how", r->how, " %s%-8s%s", r->live ? "" : out_style(o, OUT_YELLOW), r->live ? r->how : "-", r->live ? "" : out_style(o, OUT_PLAIN));
		out_str(o, "target", r->target, NULL);
		if (r->live)
			out_text(o, " %s\n", r->help);
		else if (c->no_bpf && i < guest_points_count)
			out_text(o, " %s: not live\n", r->help);
		else
			out_text(o, " %s: not live: %s\n", r->help, r->why);
		out_str(o, "why", r->why, NULL);
		out_end(o);
	}
	out_end(o);
}
