/* SPDX-License-Identifier: BSD-3-Clause */
/* Schedule files: reading one with the options of the command line, and `takt gate export`. */
#include "vnet/cli_gate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "vnet/conf.h"

int cli_sched_options(struct conf_sched *s, const char *format, const char *speed, struct why *why)
{
	int err = 0;

	if (format) {
		err = conf_format_parse(&s->format, format, why);
		if (err)
			why_at(why, "--format");
	}
	if (!err && speed) {
		err = conf_parse_speed(&s->link_bps, speed, why);
		if (err)
			why_at(why, "--link-speed");
	}
	return err;
}

int cli_load_sched(struct conf_sched *s, const char *path, const char **where, struct why *why)
{
	char *text;
	int err = conf_read_file(&text, path, where, why);

	if (err)
		return err;
	err = conf_sched_read(s, text, *where, why);
	free(text);
	if (err)
		return err;
	err = conf_sched_check(s, *where, why);
	if (err)
		conf_sched_fini(s);
	return err;
}

void cli_say_notes(const struct conf_sched *s)
{
	uint32_t i;

	for (i = 0; i < s->n_notes; i++)
		log_warn("%s", s->note[i]);
}

/* -- export -------------------------------------------------------------------------------------------------- */

struct export_conf {
	const char *to, *port, *format, *speed, *dev;
};

#define AT(field) offsetof(struct export_conf, field)

const struct opt cli_gate_export_opts[] = {
	{"to", 't', OPT_STR, AT(to), "yaml|tc|yang", NULL, 0, 0, "notation to print"},
	{"port", 'p', OPT_STR, AT(port), "PORT", NULL, 0, 0, "whose schedule, when FILE has several"},
	{"dev", 'd', OPT_STR, AT(dev), "DEV", NULL, 0, 0, "device or interface to name in it (default the port's name, or eth0)"},
	{"format", 0, OPT_STR, AT(format), "yaml|tc|yang", NULL, 0, 0, "notation of FILE (default: found out)"},
	{"link-speed", 0, OPT_STR, AT(speed), "SPEED", NULL, 0, 0, "speed of the link, instead of the file's (default 1Gb/s)"},
	OPT_END,
};

int cli_print_sched(struct conf_sched *s, enum conf_format to, const char *dev, struct why *why)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		return why_fail(why, ENOMEM, "out of memory");
	err = conf_sched_print(s, to, dev, f, why);
	if (fclose(f) && !err)
		err = why_fail(why, ENOMEM, "out of memory");
	if (!err && (fwrite(text, 1, len, stdout) != len || fflush(stdout)))
		err = why_fail(why, errno, "cannot write the output: %s", strerror(errno));
	free(text);
	return err;
}

int cli_gate_export(const struct cmd *self, int argc, char **argv)
{
	struct export_conf c = {0};
	struct conf_sched s = {.format = CONF_AUTO};
	struct why why = {""};
	enum conf_format to;
	const char *where;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 1, 1, &status) < 0)
		return status;
	if (!c.to)
		return cmd_refuse(why_fail(&why, EINVAL, "--to: is missing: say what to print: yaml, tc or yang"), &why);
	err = conf_format_parse(&to, c.to, &why);
	if (err)
		why_at(&why, "--to");
	if (!err)
		err = cli_sched_options(&s, c.format, c.speed, &why);
	s.port = c.port;
	if (!err)
		err = cli_load_sched(&s, argv[1], &where, &why);
	if (err)
		return cmd_refuse(err, &why);
	err = cli_print_sched(&s, to, c.dev, &why);
	cli_say_notes(&s);
	conf_sched_fini(&s);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}
