/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptp_bytes: hexadecimal text of vectors as bytes.
 */
#ifndef TAKT_TESTS_UNIT_PTP_BYTES_H
#define TAKT_TESTS_UNIT_PTP_BYTES_H

#include <stddef.h>
#include <stdint.h>

/*
 * In memory of exactly its size (free() it), so that the sanitizer sees a byte read behind it. What is no hexadecimal
 * fails the test.
 */
uint8_t *ptp_bytes(const char *hex, size_t *len);

#endif
