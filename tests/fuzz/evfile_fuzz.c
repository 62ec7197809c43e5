/* SPDX-License-Identifier: BSD-3-Clause */
/* A stream of events, in pieces: whatever comes, what is delivered may be reckoned with, and every byte is in a block or in a damaged stretch. */
#include "tests/fuzz/fuzz.h"

#include <zlib.h>

#include "probes/evfile.h"

static uint64_t delivered, metas, troubles;

static void on_event(void *ctx, const struct event *e)
{
	(void)ctx;
	delivered++;
	must(e->kind > EV_NONE && e->kind < EV_COUNT);
	must(e->t >= 0 && e->t <= EVFILE_T_MAX && e->t_end >= 0 && e->t_end <= EVFILE_T_MAX);
	must(e->t <= e->t_end || e->kind == EV_CLOCK);
	must(e->kind == EV_TX || e->kind == EV_RX || memchr(e->who, 0, EVENT_WHO));
}

static void on_meta(void *ctx, const char *json)
{
	(void)ctx;
	metas += strlen(json) <= EVFILE_MAX;
}

static void on_trouble(void *ctx, uint64_t offset, const char *sentence)
{
	must(offset <= *(size_t *)ctx);
	must(sentence[0] && !strchr(sentence, '\n'));
	troubles++;
}

/* The checksums made right: a generator does not find them by chance. */
static void mend(uint8_t *bytes, size_t n)
{
	uint32_t magic = EVFILE_MAGIC, len, crc;

	for (size_t at = 0; at + EVFILE_HEAD <= n; at++) {
		if (memcmp(bytes + at, &magic, 4))
			continue;
		memcpy(&len, bytes + at + 12, 4);
		if (len > n - at - EVFILE_HEAD)
			continue;
		crc = (uint32_t)crc32(crc32(0, bytes + at, 16), bytes + at + EVFILE_HEAD, len);
		memcpy(bytes + at + 16, &crc, 4);
		at += EVFILE_HEAD - 1 + len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evreader_conf conf = { on_event, on_meta, on_trouble, NULL, &size };
	const struct evreader_stat *stat;
	struct evreader *r;
	uint8_t *bytes;
	size_t cut;

	if (size < 2)
		return 0;
	cut = data[0] ? data[0] : size;
	bytes = malloc(size);
	r = evreader_create(&conf);
	must(bytes && r);
	memcpy(bytes, data, size);
	if (data[1] & 1)
		mend(bytes + 2, size - 2);
	delivered = metas = troubles = 0;
	for (size_t at = 2; at < size; at += cut) {
		size_t n = size - at < cut ? size - at : cut;
		uint8_t *piece = malloc(n);	/* of its own, so that reading beyond it is seen */

		must(piece);
		memcpy(piece, bytes + at, n);
		evreader_feed(r, piece, n);
		free(piece);
	}
	evreader_finish(r);
	stat = evreader_stat(r);
	must(stat->bytes == size - 2);
	must(stat->events == delivered);
	must(stat->damaged_bytes + stat->blocks * EVFILE_HEAD + stat->events * sizeof(struct event) <= stat->bytes);
	must(stat->blocks || stat->damaged_bytes == stat->bytes);
	must(!stat->damaged == !stat->damaged_bytes && troubles >= stat->damaged);
	evreader_destroy(r);
	free(bytes);
	return 0;
}
