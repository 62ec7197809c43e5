/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnet/client.h"
#include "vnet/conf.h"

struct dump_conf {
	const char *name;
};

const struct opt cli_dump_opts[] = {
	{"name", 'n', OPT_STR, offsetof(struct dump_conf, name), "NAME", NULL, 0, 0, "instance, or path of its control socket (default takt)"},
	OPT_END,
};

const char cli_dump_examples[] = "  takt dump > takt.yaml      the file that would rebuild what runs\n";

static int flush(void)
{
	struct why why = {""};

	if (!fflush(stdout) && !ferror(stdout))
		return CMD_OK;
	why_fail(&why, EIO, "cannot write the output: %s", strerror(errno));
	return cmd_refuse(-EIO, &why);
}

int cli_dump(const struct cmd *self, int argc, char **argv)
{
	struct dump_conf c = {0};
	struct why why = {""};
	json_t *reply;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	err = client_request(c.name, json_pack("{s:s}", "cmd", "dump"), &reply, &why);
	if (err)
		return cmd_refuse(err, &why);
	fputs(json_string_value(json_object_get(reply, "yaml")) ?: "", stdout);
	json_decref(reply);
	return flush();
}

int cli_config_doc(const struct cmd *self, int argc, char **argv)
{
	(void)self;
	if (argc > 1 && !strcmp(argv[1], "--man"))
		conf_man(stdout);
	else
		conf_doc(stdout);
	return flush();
}
