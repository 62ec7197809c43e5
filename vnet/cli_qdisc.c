/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "vnet/cli_qdisc.h"

#define LINE_MAX_LEN (256 * 1024)	/* of words given on the command line */

#define AT(field) offsetof(struct qdisc_ask, field)
#define SCHEDULE_OPTS                                                                                                                    \
	{"mode", 'm', OPT_STR, AT(mode), "software|txtime-assist|offload", "software", 0, 0, "who keeps the gates; txtime-assist: with etf below"},\
	{"clockid", 0, OPT_STR, AT(clockid), "CLOCK", NULL, 0, 0, "clock of the schedule (CLOCK_TAI; none with offload)"},               \
	{"txtime-delay", 0, OPT_NS, AT(txtime_delay_ns), "TIME", "-1", -1, UINT32_MAX, "time from taprio to etf (txtime-assist)"},       \
	{"num-tc", 0, OPT_INT, AT(num_tc), "N", "-1", -1, QDISC_MAX_TC, "traffic classes (8)"},                                          \
	{"map", 0, OPT_STR, AT(map), "LIST", NULL, 0, 0, "class of each priority, e.g. 0,1,2,3 (class n for priority n)"},               \
	{"queues", 0, OPT_STR, AT(queues), "LIST", NULL, 0, 0, "COUNT@FIRST for each class, e.g. 1@0,1@1 (queue n for class n)"},        \
	{"overhead", 0, OPT_INT, AT(overhead), "BYTES", "-1", -1, 1024, "what the wire adds to a frame (24; 0 with offload)"},           \
	{"handle", 0, OPT_STR, AT(handle), "MAJOR:", NULL, 0, 0, "its handle, hexadecimal as tc has it (the kernel chooses)"},           \
	{"port", 'p', OPT_STR, AT(port), "PORT", NULL, 0, 0, "whose schedule, when FILE has several"},                                   \
	{"format", 0, OPT_STR, AT(format), "yaml|tc|yang", NULL, 0, 0, "notation of FILE (default: found out)"}

static const struct opt apply_opts[] = {
	SCHEDULE_OPTS,
	{"dry-run", 0, OPT_FLAG, AT(dry_run), NULL, NULL, 0, 0, "print the tc line that says the same, and change nothing"},
	{"force", 0, OPT_FLAG, AT(force), NULL, NULL, 0, 0, "let the kernel judge; what would lock it up is refused even so"},
	OPT_END,
};

static const struct opt diff_opts[] = {SCHEDULE_OPTS, OPT_END};

static const struct opt show_opts[] = {
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON, with tc's keys"},
	OPT_END,
};

/* -- common -------------------------------------------------------------------------------------------------- */

static void warn(void *arg, const char *sentence)
{
	const struct qdisc_netdev *dev = arg;

	log_warn("%s: %s", dev->name, sentence);
}

static void print_difference(void *arg, const char *sentence)
{
	const struct qdisc_netdev *dev = arg;

	printf("%s: %s\n", dev->name, sentence);
}

/* What stands at q's place, as it was asked for last; NULL: nothing, or something else. */
static struct qdisc_seen *find(struct qdisc_seen *list, unsigned int n, const struct qdisc *q)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (list[i].parent == q->parent)
			return &list[i];
	return NULL;
}

/* The words behind "--" are one tc line. NULL and an empty why: there is no "--". */
static char *join_words(int *argc, char **argv, struct why *why)
{
	size_t len = 0;
	char *line;
	int i, k;

	for (i = 1; i < *argc && strcmp(argv[i], "--"); i++)
		;
	if (i == *argc)
		return NULL;
	for (k = i + 1; k < *argc; k++)
		len += strlen(argv[k]) + 1;
	line = len < LINE_MAX_LEN ? malloc(len + 1) : NULL;
	if (!line) {
		why_fail(why, E2BIG, "the words behind -- are too many: write them into a file");
		return NULL;
	}
	line[0] = '\0';
	for (len = 0, k = i + 1; k < *argc; k++)
		len += (size_t)sprintf(line + len, "%s ", argv[k]);
	*argc = i;
	return line;
}

/* 0 the same, 1 not, CMD_UNABLE when the kernel does not show it. */
static int compare(struct qdisc_nl *nl, const struct qdisc_netdev *dev, const struct qdisc *asked, struct why *why)
{
	struct qdisc_seen *list, *seen;
	unsigned int n, differences;
	int err = qdisc_nl_list(nl, dev, &list, &n, why);

	if (err)
		return err;
	seen = find(list, n, asked);
	if (!seen && asked->kind == QDISC_TAPRIO && asked->taprio.gate.n_entries > 800) {
		qdisc_nl_free(list, n);
		why_fail(why, EMSGSIZE, "the kernel shows no list of that many entries (its answers hold about 890), so it cannot be compared");
		return CMD_UNABLE;
	}
	if (!seen || !seen->known) {
		printf("%s: asked for %s, found %s\n", dev->name, qdisc_kind_name(asked->kind), seen ? seen->kind : "nothing there");
		differences = 1;
	} else {
		qdisc_seen_swap(seen);
		differences = qdisc_diff(asked, &seen->q, print_difference, (void *)dev);
	}
	qdisc_nl_free(list, n);
	return differences ? CMD_FAILED : CMD_OK;
}

static bool maps(const struct qdisc *q)
{
	return q->parent == QDISC_ROOT && (q->kind == QDISC_TAPRIO || q->kind == QDISC_MQPRIO);
}

/*
 * Classes and queues belong to the device, and Linux takes them away with the root that is replaced, after the new one has set its own. So
 * a root of the same kind is changed, under the handle it has.
 */
static int settle_root(struct qdisc_nl *nl, const struct qdisc_netdev *dev, struct qdisc_list *l, bool force, struct why *why)
{
	struct qdisc_seen *list, *old;
	struct qdisc *q = &l->q[0];
	unsigned int n, i;
	int err;

	if (!l->n || !maps(q))
		return 0;
	err = qdisc_nl_list(nl, dev, &list, &n, why);
	if (err)
		return err;
	old = find(list, n, q);
	if (!old || !old->known || !maps(&old->q) || (old->q.kind == q->kind && (!q->handle || q->handle == old->handle)) || force)
		goto out;
	if (old->q.kind == q->kind && l->any_handle) {
		for (i = 1; i < l->n; i++)
			l->q[i].parent = old->handle | (l->q[i].parent & 0xffff);
		q->handle = old->handle;
	} else if (q->verb == QDISC_REPLACE) {
		err = why_fail(why, EINVAL, "there is %s %x: already, and Linux forgets classes and queues when another takes its place: take it away first "
			       "(takt qdisc delete %s)%s", old->kind, old->handle >> 16, dev->name,
			       old->q.kind == q->kind ? ", or give its handle" : "");
	}
out:
	qdisc_nl_free(list, n);
	return err;
}

/* Of all: CMD_UNABLE and CMD_FAILED win. */
static int compare_all(struct qdisc_nl *nl, const struct qdisc_netdev *dev, const struct qdisc_list *l, struct why *why)
{
	int err, status = CMD_OK;
	unsigned int i;

	for (i = 0; i < l->n; i++) {
		err = compare(nl, dev, &l->q[i], why);
		if (err < 0)
			return err;
		status = err ? err : status;
	}
	return status;
}

/* -- apply, diff --------------------------------------------------------------------------------------------- */

static int dry_run(const struct qdisc_list *l, const struct qdisc_netdev *dev, struct why *why)
{
	unsigned int i;
	char *line;

	for (i = 0; i < l->n; i++) {
		line = qdisc_print_tc(&l->q[i], dev->name);
		if (!line)
			return why_fail(why, ENOMEM, "out of memory");
		puts(line);
		free(line);
	}
	return CMD_OK;
}

/* All are checked before the first is made. */
static int check_all(const struct qdisc_list *l, const struct qdisc_netdev *dev, bool force, struct why *why)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < l->n && !err; i++)
		err = qdisc_check(&l->q[i], &dev->dev, force, why);
	for (i = 0; i < l->n && !err; i++)
		qdisc_warn(&l->q[i], &dev->dev, warn, (void *)dev);
	return err;
}

static int apply(struct qdisc_nl *nl, const struct qdisc_netdev *dev, const struct qdisc_list *l, const struct qdisc_ask *ask, struct why *why)
{
	int err = check_all(l, dev, ask->force, why);
	unsigned int i;

	if (err || ask->dry_run)
		return err ?: dry_run(l, dev, why);
	for (i = 0; i < l->n; i++) {
		err = qdisc_nl_put(nl, dev, &l->q[i], why);
		if (err && i) {
			why_at(why, "what comes before it is in place, but %s below %x:%x is not", qdisc_kind_name(l->q[i].kind),
			       l->q[i].parent >> 16, l->q[i].parent & 0xffff);
			return -EIO;	/* no bad input: something was changed */
		}
		if (err)
			return err;
		if (why->text[0])
			log_warn("%s: the kernel says: %s", dev->name, why->text);
		why->text[0] = '\0';
	}
	err = compare_all(nl, dev, l, why);
	for (i = 0; i < l->n && !err; i++)
		printf("%s: %s is in place, and reads back as asked for\n", dev->name, qdisc_kind_name(l->q[i].kind));
	return err;
}

/* Both begin alike: device, then a file or a line. */
static int run(const struct cmd *self, int argc, char **argv, bool change)
{
	struct qdisc_list list = {.n = 0};
	struct qdisc_ask ask = {0};
	struct qdisc_netdev dev;
	struct qdisc_nl *nl = NULL;
	struct why why = {""};
	char *line = join_words(&argc, argv, &why);
	int err, status = CMD_OK;

	if (why.text[0])
		return cmd_refuse(-EINVAL, &why);
	if (cmd_options(self, &ask, argc, argv, line ? 1 : 2, line ? 1 : 2, &status) < 0)
		goto out;
	ask.line = line;
	ask.file = line ? NULL : argv[2];
	err = qdisc_nl_open(&nl, &why);
	if (!err)
		err = qdisc_nl_dev(nl, argv[1], &dev, &why);
	if (!err) {
		err = qdisc_ask_read(&list, &ask, &dev, &why);
		if (!err && (change || list.any_handle))
			err = settle_root(nl, &dev, &list, ask.force, &why);
		if (!err)
			err = change ? apply(nl, &dev, &list, &ask, &why) : compare_all(nl, &dev, &list, &why);
		if (err < 0)
			why_at(&why, "%s", dev.name);
	}
	if (err == CMD_UNABLE)
		log_warn("%s: %s", dev.name, why.text);
	status = err < 0 ? cmd_refuse(err, &why) : err;
	if (err == -ENOSYS)
		status = CMD_UNABLE;
out:
	qdisc_list_fini(&list);
	qdisc_nl_close(nl);
	free(line);
	return status;
}

static int run_apply(const struct cmd *self, int argc, char **argv)
{
	return run(self, argc, argv, true);
}

static int run_diff(const struct cmd *self, int argc, char **argv)
{
	return run(self, argc, argv, false);
}

/* -- show, delete -------------------------------------------------------------------------------------------- */

static int run_show(const struct cmd *self, int argc, char **argv)
{
	struct qdisc_ask ask = {0};
	struct qdisc_seen *list = NULL;
	struct qdisc_nl *nl = NULL;
	struct qdisc_netdev dev;
	struct why why = {""};
	unsigned int n = 0, i;
	struct out o;
	int err, status;

	if (cmd_options(self, &ask, argc, argv, 1, 1, &status) < 0)
		return status;
	err = qdisc_nl_open(&nl, &why);
	if (!err)
		err = qdisc_nl_dev(nl, argv[1], &dev, &why);
	if (!err)
		err = qdisc_nl_list(nl, &dev, &list, &n, &why);
	if (!err) {
		out_init(&o, stdout, ask.json);
		out_array(&o, NULL);
		for (i = 0; i < n; i++)
			qdisc_show_one(&o, &dev, &list[i]);
		if (!n)
			out_text(&o, "%s: the kernel shows none\n", dev.name);
		out_end(&o);
		err = out_fini(&o);
	}
	qdisc_nl_free(list, n);
	qdisc_nl_close(nl);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}

static int run_delete(const struct cmd *self, int argc, char **argv)
{
	struct qdisc_nl *nl = NULL;
	struct qdisc_netdev dev;
	struct why why = {""};
	int err, status;

	if (cmd_options(self, NULL, argc, argv, 1, 1, &status) < 0)
		return status;
	err = qdisc_nl_open(&nl, &why);
	if (!err)
		err = qdisc_nl_dev(nl, argv[1], &dev, &why);
	if (!err) {
		err = qdisc_nl_delete(nl, &dev, &why);
		if (err)
			why_at(&why, "%s", dev.name);
	}
	qdisc_nl_close(nl);
	return err ? cmd_refuse(err, &why) : CMD_OK;
}

const struct cmd cli_qdisc_cmds[] = {
	{"apply", "DEV FILE | DEV -- TC-WORDS...", "put a schedule into the kernel, read it back and compare", apply_opts,
	 "  takt qdisc apply eth0 schedule.yaml\n"
	 "  takt qdisc apply eth0 schedule.yaml --mode offload --dry-run\n"
	 "  takt qdisc apply eth0 -- taprio num_tc 2 map 0 1 queues 1@0 1@1 base-time 0 sched-entry S 01 300000 \\\n"
	 "      sched-entry S 02 700000 clockid CLOCK_TAI\n"
	 "  takt qdisc apply eth0 -- parent 100:1 cbs idleslope 20000 sendslope -980000 hicredit 30 locredit -1470\n",
	 run_apply, NULL},
	{"show", "DEV", "what a device has, also what waits for its base time", show_opts,
	 "  takt qdisc show eth0\n"
	 "  takt qdisc show eth0 --json | jq '.[] | select(.root).options.admin'\n",
	 run_show, NULL},
	{"diff", "DEV FILE | DEV -- TC-WORDS...", "say what differs between a schedule and the kernel's: exit status 0 nothing, 1 something",
	 diff_opts,
	 "  takt qdisc diff eth0 schedule.yaml\n",
	 run_diff, NULL},
	{"delete", "DEV", "take a device's root away: the kernel's default comes back", NULL,
	 "  takt qdisc delete eth0\n",
	 run_delete, NULL},
	{"batch", "FILE", "run a file of these commands and of \"sleep TIME\", a line each; \"= STATUS\" follows each, lines with # are shown", NULL,
	 "  printf 'delete eth0\\nsleep 10ms\\nshow eth0 --json\\n' | takt qdisc batch -\n",
	 cli_qdisc_batch, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
