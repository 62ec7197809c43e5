/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/records.h"

#include <string.h>

#include "vnet/client.h"

#define DEAD_LOOKS 3 /* renewals, which are a second apart */

static uint64_t oldest_of(uint64_t head, uint64_t capacity, uint64_t ahead)
{
	return head + ahead > capacity ? head + ahead - capacity : 0;
}

int records_open(struct records *r, const char *name, bool oldest, struct why *why)
{
	uint64_t head;
	int err;

	memset(r, 0, sizeof(*r));
	r->name = name;
	err = client_map(&r->shm, name, why);
	if (err)
		return err;
	head = atomic_load_explicit(&r->shm->head, memory_order_acquire);
	r->pos = oldest ? oldest_of(head, r->shm->capacity, REC_AHEAD) : head;
	head = atomic_load_explicit(&r->shm->gap_head, memory_order_acquire);
	r->gap_pos = oldest ? oldest_of(head, r->shm->gap_capacity, 1) : head;
	return 0;
}

void records_close(struct records *r)
{
	client_unmap(r->shm);
	r->shm = NULL;
}

/* A file may come from elsewhere. What in it cannot be is lost; 0 says that nothing is left, so it goes on until something is found. */
uint32_t records_read(struct records *r, struct pkt *out, uint64_t *keys, uint32_t n)
{
	uint32_t i, got, good = 0;

	while (!good && (got = rec_read_keys(r->shm, &r->pos, out, keys, n, &r->lost)))
		for (i = 0; i < got; i++) {
			if (!pkt_is_sound(&out[i])) {
				r->lost++;
				continue;
			}
			out[good] = out[i];
			if (keys)
				keys[good] = keys[i];
			good++;
		}
	return good;
}

uint32_t records_gaps(struct records *r, struct rec_gap *out, uint32_t n)
{
	uint32_t i, got, good = 0;

	while (!good && (got = rec_read_gaps(r->shm, &r->gap_pos, out, n, &r->gaps_lost)))
		for (i = 0; i < got; i++) {
			if (rec_gap_is_sound(&out[i]))
				out[good++] = out[i];
			else
				r->gaps_lost++;
		}
	return good;
}

/* In good order it says so. Killed, its clock stands still and nobody listens; another may be about to come. */
static bool has_ended(struct records *r)
{
	int64_t t = atomic_load(&r->shm->t_worker);

	if (r->file || r->shm->closed)
		return r->shm->closed;
	r->dead_looks = t == r->t_worker && !client_is_there(r->name) ? r->dead_looks + 1 : 0;
	r->t_worker = t;
	return r->dead_looks >= DEAD_LOOKS;
}

bool records_renew(struct records *r)
{
	const struct rec_shm *now;

	if (client_map(&now, r->name, NULL))
		return !has_ended(r);
	if (now->instance == r->shm->instance) {
		client_unmap(now);
		return !has_ended(r);
	}
	/* What was published since the last read, until it ended, is gone with it. */
	r->lost += atomic_load_explicit(&r->shm->head, memory_order_acquire) - r->pos;
	r->gaps_lost += atomic_load_explicit(&r->shm->gap_head, memory_order_acquire) - r->gap_pos;
	client_unmap(r->shm);
	r->shm = now;
	r->pos = 0;
	r->gap_pos = 0;
	r->dead_looks = 0;
	r->restarts++;
	return true;
}

const char *records_port(const struct records *r, uint8_t port)
{
	if (port >= PKT_MAX_PORTS || !r->shm->port_name[port][0])
		return "?";
	return r->shm->port_name[port];
}
