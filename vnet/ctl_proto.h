/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctl_proto: how to talk to a running taktd.
 *
 * RUN_DIR/NAME.ctl is a stream socket (mode 0600). A request is one line of JSON, {"cmd": NAME, ...}; the answer is one line:
 * {"ok": true, ...} or {"ok": false, "errno": N, "error": SENTENCE}. Requests are served in order; a client that
 * sends more than CTL_MAX_REQUEST bytes without a newline, or does not read its answers, is disconnected.
 *
 *	{"cmd": "show"}						ports, schedules, counters, worker, clock; who they are: below
 *	{"cmd": "gate-show", "port": P}				one port's oper and admin schedule
 *	{"cmd": "gate-set", "port": P, "gate-parameters": {...}}	keys as in the file
 *	{"cmd": "police-show", "port": P}			its stream filters with counters, stream gates, flow meters
 *	{"cmd": "police-set", "port": P, "gate": ID, "stream-gate": {...}}	keys as in the file
 *	{"cmd": "police-reset", "port": P}			opens their latches
 *	{"cmd": "dump"}						{"yaml": TEXT}
 *
 * Times are TAI ns, integers.
 *
 * For who watches threads, the answer to "show" has taktd's `pid`, `worker.tid` and `worker.cpu` (null: not pinned), `clock.tid`, and of each
 * guest's port `peer_pid`, the process at the other end of its socket (null: none, or not known: vnet/unix_sock.h).
 */
#ifndef TAKT_VNET_CTL_PROTO_H
#define TAKT_VNET_CTL_PROTO_H

#define CTL_RUN_DIR	"/run/takt"
#define CTL_NAME	"takt"		/* default instance */
#define CTL_SUFFIX	".ctl"
#define CTL_REC_PATH	"/dev/shm/takt-%s.rec"	/* %s: the instance. Not RUN_DIR: that may be on a disk, whose write-back stalls a writer */
#define CTL_MAX_REQUEST (1 << 20)	/* bytes: room for 4,096 entries */
#define CTL_MAX_CLIENTS 16

#endif
