/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli_gate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/cli.h"

struct check_conf {
	const char *port, *format, *speed, *svg;
	int64_t ptp_priority;
	bool json;
};

#define AT(field) offsetof(struct check_conf, field)

const struct opt cli_gate_check_opts[] = {
	{"port", 'p', OPT_STR, AT(port), "PORT", NULL, 0, 0, "whose schedule, when FILE has several"},
	{"format", 0, OPT_STR, AT(format), "yaml|tc|yang", NULL, 0, 0, "notation of FILE (default: found out)"},
	{"link-speed", 0, OPT_STR, AT(speed), "SPEED", NULL, 0, 0, "speed of the link, instead of the file's (default 1Gb/s)"},
	{"ptp-priority", 0, OPT_INT, AT(ptp_priority), "N", "0", -1, 7, "priority of PTP event messages; 0: untagged, -1: no PTP here"},
	{"svg", 's', OPT_STR, AT(svg), "FILE", NULL, 0, 0, "also draw the cycle into FILE, as SVG"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	OPT_END,
};

static int write_svg(const char *path, const char *where, const struct conf_sched *s, const struct gcl *gcl, const struct wire *wire,
		     struct why *why)
{
	FILE *f = fopen(path, "we");
	int err;

	if (!f)
		return why_fail(why, errno, "%s: cannot be written: %s", path, strerror(errno));
	err = cli_svg(f, where, s, gcl, wire);
	if (fclose(f) && !err)
		err = -errno;
	return err ? why_fail(why, -err, "%s: cannot be written: %s", path, strerror(-err)) : 0;
}

static int print_check(const struct check_conf *c, const struct conf_sched *s, const struct gcl *gcl, const struct wire *wire,
		       const char *where, struct why *why)
{
	char cycle[CLI_CYCLE_LEN];
	struct out o;
	int err;

	out_init(&o, stdout, c->json);
	out_object(&o, NULL);
	out_str(&o, "file", where, "%s: good: ", where);
	out_str(&o, "format", conf_format_name(s->format), NULL);
	out_uint(&o, "entries", gcl->n_entries, "%u entries", gcl->n_entries);
	out_int(&o, "cycle_ns", gcl->cycle_ns, ", cycle %s", cli_cycle_str(cycle, gcl));
	out_uint(&o, "cycle_frac_num", gcl->frac_num, NULL);
	out_uint(&o, "cycle_frac_den", gcl->frac_den, NULL);
	out_int(&o, "t_base", gcl->t_base, ", base time %" PRId64, gcl->t_base);
	out_int(&o, "link-speed", s->link_bps, ", link %" PRId64 " Mb/s\n", s->link_bps / 1000000);
	cli_draw_schedule(&o, gcl, NS_NEVER);
	cli_put_windows(&o, gcl);
	out_array(&o, "warnings");
	cli_warn(&o, s, gcl, wire, (int)c->ptp_priority);
	out_end(&o);
	out_end(&o);
	err = out_fini(&o);
	return err ? why_fail(why, -err, "cannot write the output: %s", strerror(-err)) : 0;
}

int cli_gate_check(const struct cmd *self, int argc, char **argv)
{
	struct check_conf c = {0};
	struct conf_sched s = {.format = CONF_AUTO};
	struct why why = {""};
	struct gcl *gcl = NULL;
	struct wire wire;
	const char *where;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 1, 1, &status) < 0)
		return status;
	s.port = c.port;
	err = cli_sched_options(&s, c.format, c.speed, &why);
	if (!err)
		err = cli_load_sched(&s, argv[1], &where, &why);
	if (err)
		return cmd_refuse(err, &why);
	err = wire_init(&wire, s.link_bps, &why);
	if (!err)
		err = gcl_create(&gcl, &s.gate, &wire, &why);
	if (!err && c.svg)
		err = write_svg(c.svg, where, &s, gcl, &wire, &why);
	if (!err)
		err = print_check(&c, &s, gcl, &wire, where, &why);
	gcl_destroy(gcl);
	conf_sched_fini(&s);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}
