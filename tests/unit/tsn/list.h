/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * list: gate lists and KEY=VALUE words as the vectors of gcl, gate and sel write them.
 *
 *	LIST   GATES:INTERVAL[,GATES:INTERVAL...][@BASE]   gates in hex, interval and base in ns; N*GATES:INTERVAL repeats an
 *	       entry; "off" is gate-enabled false, "none" a list without entries
 *	CYCLE  ns, or ns and a fraction of one: 333333+1/3
 *	rate   bits per second: 100M, 1G, 2.5G, or a bare number
 *	time   ns, or "never"
 */
#ifndef TAKT_TESTS_UNIT_TSN_LIST_H
#define TAKT_TESTS_UNIT_TSN_LIST_H

#include "tests/unit/test.h"

#include "tsn/gcl.h"

/* The text behind "KEY=" in the row, or NULL. */
const char *list_key(const struct test_row *row, const char *key);

/* Its value as a time; `def` when the key is not there. */
int64_t list_time(const struct test_row *row, const char *key, int64_t def);

/* A rate; what is wrong fails the test. */
int64_t list_rate(const struct test_row *row, const char *text);

/* Read a LIST into *conf, which is zeroed first; all gates are open before. free(conf->entries) is the caller's. */
void list_read(const struct test_row *row, const char *text, struct gcl_conf *conf);

/* Read a CYCLE into the conf's cycle time. */
void list_cycle(const struct test_row *row, const char *text, struct gcl_conf *conf);

#endif
