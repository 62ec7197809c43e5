/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sched: what holds for every schedule that was read: it prints in each notation that can carry it, and reads back the same.
 */
#ifndef TAKT_TESTS_FUZZ_SCHED_H
#define TAKT_TESTS_FUZZ_SCHED_H

#include "tests/fuzz/fuzz.h"
#include "vnet/conf_sched.h"

/* Read a text in a notation (CONF_AUTO: any) and hold the above. */
void sched_try(const uint8_t *data, size_t size, enum conf_format format);

#endif
