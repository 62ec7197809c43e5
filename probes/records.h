/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * records: follow the records of a taktd, across its restarts, knowing exactly what was missed.
 *
 * Reading starts with the newest record (or the oldest that is still there). Not thread safe; a reader costs the writer nothing.
 */
#ifndef TAKT_PROBES_RECORDS_H
#define TAKT_PROBES_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "vnet/rec.h"

struct records {
	const struct rec_shm *shm;
	const char *name;	/* instance, control socket or file; as client_map() takes it */
	bool file;		/* a file that nobody writes: it has an end */
	uint64_t pos;		/* next record */
	uint64_t lost;		/* overwritten before they were read */
	uint64_t gap_pos;
	uint64_t gaps_lost;
	int64_t t_worker;	/* its clock at the last renewal, and how often it stood still since while nobody listened */
	int dead_looks;
	uint64_t restarts;	/* times another taktd took over: positions began anew */
};

/* `oldest`: begin with the oldest record. As client_map() on failure. */
int records_open(struct records *r, const char *name, bool oldest, struct why *why);
void records_close(struct records *r);

/* Copy up to n records, and the frames' keys (base/key.h) unless `keys` is NULL; 0: none now. */
uint32_t records_read(struct records *r, struct pkt *out, uint64_t *keys, uint32_t n);

/* Copy up to n poll gaps that were published since the last call. */
uint32_t records_gaps(struct records *r, struct rec_gap *out, uint32_t n);

/*
 * Call now and then while nothing comes: has taktd been restarted? Then the new one's records are read from their first.
 * True while there is a taktd to wait for; false when it has ended and no other has come: at once in good order, at the third call
 * of a row when it was killed. Calls are a second apart. One that is stopped is waited for.
 */
bool records_renew(struct records *r);

/* "?" for a port without a name. */
const char *records_port(const struct records *r, uint8_t port);

#endif
