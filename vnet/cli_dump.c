/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/cli_reply.h"
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

/* What runs and is not in the file: on standard error, and as a comment in the file itself. */
static void tell_pending(const json_t *pending)
{
	int64_t t_change;
	char text[320];
	const json_t *p;
	size_t i;

	json_array_foreach(pending, i, p) {
		const char *port = reply_text(p, "port"), *gate = reply_text(p, "gate");

		t_change = reply_int(p, "t_change");
		if (gate[0])
			snprintf(text, sizeof(text), "port %s: stream gate %s: another list runs until TAI %" PRId64 ".%09" PRId64
				 ", and is not in this file", port, gate, t_change / NS_PER_SEC, t_change % NS_PER_SEC);
		else
			snprintf(text, sizeof(text), "port %s: schedule %d runs until TAI %" PRId64 ".%09" PRId64
				 ", and is not in this file: `takt gate show %s --to yaml` prints it", port, (int)reply_int(p, "oper-generation"),
				 t_change / NS_PER_SEC, t_change % NS_PER_SEC, port);
		printf("# %s\n", text);
		fprintf(stderr, "takt dump: %s\n", text);
	}
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
	tell_pending(json_object_get(reply, "pending"));
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
