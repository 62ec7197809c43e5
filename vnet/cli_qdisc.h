/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli_qdisc: parts of `takt qdisc`: what was asked for (cli_qdisc_input.c), and how what was found is shown (cli_qdisc_show.c).
 */
#ifndef TAKT_VNET_CLI_QDISC_H
#define TAKT_VNET_CLI_QDISC_H

#include "base/cmd.h"
#include "base/out.h"
#include "vnet/qdisc_nl.h"

#define QDISC_LIST_MAX 17	/* a root, and one below each of its classes */

/* In the order in which they are to be made: parents first. */
struct qdisc_list {
	unsigned int n;
	bool any_handle;	/* the root's handle is not the asker's: another will do */
	struct qdisc q[QDISC_LIST_MAX];
};

/* Options of apply and diff: what a schedule does not say. Those that were not given are NULL or -1. */
struct qdisc_ask {
	const char *mode, *clockid, *map, *queues, *port, *format, *handle;
	int64_t txtime_delay_ns, num_tc, overhead;
	bool force, dry_run, json;
	const char *line;	/* a tc line; NULL: read `file` */
	const char *file;
};

/*
 * What is asked for, for this device: tc lines as they stand, or a schedule (any notation of conf_sched.h) with the options and defaults of
 * docs/qdisc.md: taprio, and cbs below it where a class is shaped. -EINVAL and a sentence; on success qdisc_list_fini().
 */
int qdisc_ask_read(struct qdisc_list *l, const struct qdisc_ask *ask, const struct qdisc_netdev *dev, struct why *why);
void qdisc_list_fini(struct qdisc_list *l);

/* The element of tc's JSON array, or text for people. */
void qdisc_show_one(struct out *o, const struct qdisc_netdev *dev, const struct qdisc_seen *s);

int cli_qdisc_batch(const struct cmd *self, int argc, char **argv);

#endif
