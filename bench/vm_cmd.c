/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm_cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/ns.h"
#include "base/out.h"
#include "bench/vm.h"
#include "ptp/now.h"

#define BOOT_NS		(120 * NS_PER_SEC)	/* TCG on a busy machine */
#define STATUS_TIMEOUT	124			/* as timeout(1) */

/* Pass the command's output on, line by line; its exit status, or a cmd_exit with a sentence. */
static int follow(struct vm *vm, const struct vm_conf *c, int64_t t_end, struct why *why)
{
	char line[4096];
	int status = CMD_FAILED;
	ssize_t n;

	while ((n = vm_read_line(vm, line, sizeof(line), t_end - now_mono())) > 0) {
		if (fwrite(line, 1, n, stdout) == (size_t)n && !fflush(stdout))
			continue;
		why_fail(why, EIO, "cannot write the guest's output: %s", strerror(errno));
		return cmd_refuse(-EIO, why);
	}
	if (n == -EINTR)
		return CMD_FAILED;
	if (n == -ETIMEDOUT) {
		log_warn("guest %s: stopped, its time is up", c->name);
		return STATUS_TIMEOUT;
	}
	n = vm_wait(vm, 0, &status, why);
	return n ? cmd_refuse((int)n, why) : status;
}

static int vm_run(const struct cmd *self, int argc, char **argv)
{
	struct vm_conf conf;
	struct procs *set = NULL;
	struct vm *vm = NULL;
	struct out like;
	struct why why;
	int status, words, rc;
	int64_t t_end;

	memset(&conf, 0, sizeof(conf));
	words = cmd_options(self, &conf, argc, argv, 0, -1, &status);
	if (words < 0)
		return status;
	argv[1 + words] = NULL;
	out_init(&like, stdout, false);
	conf.colour = like.colour;
	conf.command = words ? (const char *const *)argv + 1 : NULL;
	t_end = conf.timeout_ns && conf.timeout_ns < NS_NEVER - now_mono() ? now_mono() + conf.timeout_ns : NS_NEVER;
	rc = procs_create(&set, &why);
	if (!rc)
		rc = vm_start(&vm, set, &conf, &why);
	if (rc) {
		status = cmd_refuse(rc, &why);
		goto out;
	}
	log_info("guest %s: %s", conf.name, vm_how(vm));
	rc = vm_wait_ready(vm, conf.timeout_ns && conf.timeout_ns < BOOT_NS ? conf.timeout_ns : BOOT_NS, &why);
	if (rc) {
		status = cmd_refuse(rc, &why);
		goto out;
	}
	log_info("guest %s: ready", conf.name);
	status = follow(vm, &conf, t_end, &why);
out:
	status = procs_exit(set, status);
	vm_stop(vm);
	procs_destroy(set);
	return status;
}

const struct cmd vm_cmds[] = {
	{
		.name = "run", .args = "[-- COMMAND ...]",
		.help = "boot a guest, run COMMAND in it, exit with its status; without COMMAND it stays up until Ctrl-C",
		.opts = vm_opts, .run = vm_run,
		.examples = "  takt vm run --uml --socket /run/takt/plc.sock --ip 10.0.0.2/24 -- ping -c 3 10.0.0.1\n"
			    "  takt vm run --qemu --socket /run/takt/hmi.sock --role server --vlan 5 --ip 10.0.0.3/24\n"
			    "  takt vm run --uml -- sh -c 'dmesg | tail'\n"
			    "  takt vm run --uml --files /etc/hosts,./play.sh=/bin/play -- sh /bin/play\n"
			    "  takt vm run --qemu --kernel 6.12 --copy ./probe --events events.bin -- sh -c 'probe > /dev/virtio-ports/takt.0'\n",
	},
	{ 0 }
};
