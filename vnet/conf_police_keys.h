/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_police_keys: what the files with policing's keys (conf_police_keys.c, conf_stream_gate.c) share; nobody else's
 * business.
 */
#ifndef TAKT_VNET_CONF_POLICE_KEYS_H
#define TAKT_VNET_CONF_POLICE_KEYS_H

#include "vnet/conf_police.h"
#include "vnet/conf_type.h"

/* The key of a row's id. */
#define CONF_ID(what) .type = &conf_type_name, .offset = offsetof(struct conf_row, id), .max = CONF_ID_LEN, .flags = CONF_MUST, \
		 .help = "Name or number of the " what ", unique in the table."

extern const struct conf_type conf_type_octets;	/* uint32_t */

/* 0 to 7, or as the YANG enumerations spell them; -1 when it is neither. */
int conf_read_digit(const struct yml_node *n);

bool conf_is_word(const struct yml_node *n, const char *word);

/* A number, or the word that stands for `other`. */
void conf_print_number_or(int32_t v, int32_t other, const char *word, FILE *f, int indent);

#endif
