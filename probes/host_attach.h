/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * host_attach: the programs into the kernel, and out again.
 */
#ifndef TAKT_PROBES_HOST_ATTACH_H
#define TAKT_PROBES_HOST_ATTACH_H

#include "base/why.h"
#include "probes/host_points.h"

#define HOST_MAX_LINKS 64

struct bpf_link;
struct bpf_object;

struct host_links {
	int n;
	struct bpf_link *link[HOST_MAX_LINKS];
};

/* Choose by this machine's types, and mark what is to be loaded in an object that is open. -ENOTSUP: the kernel tells no types. */
int host_attach_choose(struct host_points *p, struct bpf_object *obj, struct why *why);

/* The object is loaded. What the kernel refuses is a row that says so; -EPERM when no point is live. */
int host_attach(struct host_links *l, struct host_points *p, struct bpf_object *obj, struct why *why);

void host_detach(struct host_links *l);

#endif
