/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qdisc_attr: attribute numbers of the kernel's interface that are younger than the headers of Debian 12 (Linux 6.1).
 */
#ifndef TAKT_VNET_QDISC_ATTR_H
#define TAKT_VNET_QDISC_ATTR_H

#define QDISC_TAPRIO_TC_FP   3	/* TCA_TAPRIO_TC_ENTRY_FP, 6.4 */
#define QDISC_MQPRIO_TC_ENTRY 5	/* TCA_MQPRIO_TC_ENTRY, 6.4 */
#define QDISC_MQPRIO_TC_INDEX 1
#define QDISC_MQPRIO_TC_FP    2
#define QDISC_FP_EXPRESS      1
#define QDISC_FP_PREEMPTIBLE  2

#define QDISC_TAPRIO_WINDOW_DROPS 2	/* in TCA_STATS_APP, 6.5 */
#define QDISC_TAPRIO_TX_OVERRUNS  3

#endif
