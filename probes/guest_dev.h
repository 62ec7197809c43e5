/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_dev: what a guest's kernel says of the device that is watched, and of the threads and interrupts around it.
 */
#ifndef TAKT_PROBES_GUEST_DEV_H
#define TAKT_PROBES_GUEST_DEV_H

#include <stdint.h>

#include "base/why.h"

#define GUEST_DEV_IRQS 64

struct guest_dev {
	char name[32];			/* "eth0" */
	int ifindex;
	uint8_t mac[6];
	char driver[32];		/* "virtio_net"; "" */
	char virtio[16];		/* "virtio0": its name on its bus; "" when it is no virtio device */
};

/* name NULL: the only interface that is no loopback and nothing on top of another; -EINVAL and a sentence when there are more. */
int guest_dev_find(struct guest_dev *d, const char *name, struct why *why);

/* Numbers of the interrupts that frames come with: of /proc/interrupts, those named virtioN or virtioN-input.*. */
int guest_dev_irqs(const struct guest_dev *d, int irq[static GUEST_DEV_IRQS]);

/* Call fn for each ksoftirqd, and for each thread that polls a device (napi/eth0-1). */
void guest_dev_softirq_threads(void (*fn)(void *ctx, int tid), void *ctx);

#endif
