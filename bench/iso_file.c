/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of bench/iso.h.
 *
 *	 0 magic "ISOCHRON"	24 base time		64 start of send records	96 send records, 48 bytes each
 *	 8 version		32 advance time		72 start of receive records	   receive records, 32 bytes each
 *	12 packets		40 shift time		80 bytes of send records
 *	16 frame size, flags	48 cycle time		84 bytes of receive records
 *	20 reserved		56 window size		88 reserved
 */
#include "bench/iso.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/plain_file.h"

#define PATH_ROOM 4096

static const char magic[8] = "ISOCHRON";

static uint64_t get(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static uint8_t *put(uint8_t *p, uint64_t v, int bytes)
{
	int i;

	for (i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
	return p + bytes;
}

static void get_send(struct iso_send *s, const uint8_t *p)
{
	*s = (struct iso_send){
		.seqid = (uint32_t)get(p, 4), .reserved = (uint32_t)get(p + 4, 4),
		.t_due = (int64_t)get(p + 8, 8), .t_wakeup = (int64_t)get(p + 16, 8),
		.t_sent_hw = (int64_t)get(p + 24, 8), .t_sent = (int64_t)get(p + 32, 8), .t_sched = (int64_t)get(p + 40, 8),
	};
}

static void put_send(uint8_t *p, const struct iso_send *s)
{
	p = put(put(p, s->seqid, 4), s->reserved, 4);
	p = put(put(p, (uint64_t)s->t_due, 8), (uint64_t)s->t_wakeup, 8);
	p = put(put(p, (uint64_t)s->t_sent_hw, 8), (uint64_t)s->t_sent, 8);
	put(p, (uint64_t)s->t_sched, 8);
}

void iso_recv_unpack(struct iso_recv *r, const uint8_t *p)
{
	*r = (struct iso_recv){
		.seqid = (uint32_t)get(p, 4), .reserved = (uint32_t)get(p + 4, 4),
		.t_arrival = (int64_t)get(p + 8, 8), .t_received_hw = (int64_t)get(p + 16, 8), .t_received = (int64_t)get(p + 24, 8),
	};
}

static void put_recv(uint8_t *p, const struct iso_recv *r)
{
	p = put(put(p, r->seqid, 4), r->reserved, 4);
	p = put(put(p, (uint64_t)r->t_arrival, 8), (uint64_t)r->t_received_hw, 8);
	put(p, (uint64_t)r->t_received, 8);
}

/* Only what isochron and we write is taken: both kinds of records for each packet, one behind the other. */
static int read_head(struct iso *iso, const uint8_t *p, const char *path, struct why *why)
{
	uint64_t packets = get(p + 12, 4);

	if (memcmp(p, magic, sizeof(magic)))
		return why_fail(why, EINVAL, "%s: is no isochron.dat: it does not begin with \"ISOCHRON\"", path);
	if (get(p + 8, 4) != ISO_VERSION)
		return why_fail(why, EINVAL, "%s: is of version %u: version 4 (isochron 0.9) is what can be read", path, (unsigned int)get(p + 8, 4));
	if (packets > ISO_FRAMES_MAX)
		return why_fail(why, EFBIG, "%s: its head speaks of %u frames: a file has no more than %u", path, (unsigned int)packets, ISO_FRAMES_MAX);
	if (get(p + 64, 8) != ISO_HEAD_LEN || get(p + 72, 8) != ISO_HEAD_LEN + packets * ISO_SEND_LEN ||
	    get(p + 80, 4) != packets * ISO_SEND_LEN || get(p + 84, 4) != packets * ISO_RECV_LEN)
		return why_fail(why, EINVAL, "%s: its head contradicts itself: %u frames are %u bytes of send records from byte 96 on, and %u of receive records", path,
				(unsigned int)packets, (unsigned int)packets * ISO_SEND_LEN, (unsigned int)packets * ISO_RECV_LEN);
	*iso = (struct iso){
		.packets = (uint32_t)packets, .frame_size = (uint16_t)get(p + 16, 2), .flags = (uint16_t)get(p + 18, 2), .reserved = (uint32_t)get(p + 20, 4),
		.t_base = (int64_t)get(p + 24, 8), .advance_ns = (int64_t)get(p + 32, 8), .shift_ns = (int64_t)get(p + 40, 8),
		.cycle_ns = (int64_t)get(p + 48, 8), .window_ns = (int64_t)get(p + 56, 8), .reserved2 = get(p + 88, 8),
	};
	return 0;
}

/* Frame by frame, and memory only for what came: a head that promises much and a file that ends soon cost little. */
static int read_records(struct iso *iso, FILE *f, const char *path, struct why *why)
{
	uint32_t n = iso->packets, i, seqid;
	uint8_t rec[ISO_SEND_LEN];
	bool recv;

	iso->packets = 0;
	for (recv = false;; recv = true) {
		for (i = 1; i <= n; i++) {
			if (!(recv ? (void *)iso_recv_of(iso, i) : (void *)iso_send_of(iso, i)))
				return why_fail(why, ENOMEM, "%s: no memory for its %u frames", path, n);
			if (fread(rec, recv ? ISO_RECV_LEN : ISO_SEND_LEN, 1, f) != 1)
				return why_fail(why, ferror(f) ? EIO : EINVAL, "%s: is cut off: it ends before the %s record of frame %u of %u", path,
						recv ? "receive" : "send", i, n);
			if (recv)
				iso_recv_unpack(&iso->recv[i - 1], rec);
			else
				get_send(&iso->send[i - 1], rec);
			seqid = recv ? iso->recv[i - 1].seqid : iso->send[i - 1].seqid;
			if (seqid && seqid != i)
				return why_fail(why, EINVAL, "%s: %s record %u says that it is of frame %u", path, recv ? "receive" : "send", i, seqid);
		}
		if (recv)
			break;
	}
	if (fgetc(f) != EOF)
		return why_fail(why, EINVAL, "%s: goes on behind its last record", path);
	return 0;
}

int iso_read(struct iso *iso, FILE *f, const char *path, struct why *why)
{
	uint8_t head[ISO_HEAD_LEN];
	struct iso new;
	int rc;

	if (fread(head, sizeof(head), 1, f) != 1)
		return why_fail(why, ferror(f) ? EIO : EINVAL, "%s: is no isochron.dat: it has less than its head of 96 bytes", path);
	rc = read_head(&new, head, path, why);
	if (rc)
		return rc;
	rc = read_records(&new, f, path, why);
	if (rc)
		iso_fini(&new);
	else
		*iso = new;
	return rc;
}

int iso_load(struct iso *iso, const char *path, struct why *why)
{
	FILE *f = strcmp(path, "-") ? plain_file_open(path, why) : stdin;
	int rc;

	if (!f)
		return -errno;
	rc = iso_read(iso, f, strcmp(path, "-") ? path : "standard input", why);
	if (f != stdin)
		fclose(f);
	return rc;
}

int iso_write(const struct iso *iso, FILE *f)
{
	uint8_t b[ISO_HEAD_LEN] = {0}, *p = b;
	uint32_t i;

	memcpy(p, magic, sizeof(magic));
	p = put(put(p + 8, ISO_VERSION, 4), iso->packets, 4);
	p = put(put(put(p, iso->frame_size, 2), iso->flags, 2), iso->reserved, 4);
	p = put(put(put(p, (uint64_t)iso->t_base, 8), (uint64_t)iso->advance_ns, 8), (uint64_t)iso->shift_ns, 8);
	p = put(put(p, (uint64_t)iso->cycle_ns, 8), (uint64_t)iso->window_ns, 8);
	p = put(put(p, ISO_HEAD_LEN, 8), ISO_HEAD_LEN + (uint64_t)iso->packets * ISO_SEND_LEN, 8);
	p = put(put(p, iso->packets * ISO_SEND_LEN, 4), iso->packets * ISO_RECV_LEN, 4);
	put(p, iso->reserved2, 8);
	if (fwrite(b, ISO_HEAD_LEN, 1, f) != 1)
		return -errno;
	for (i = 0; i < iso->packets; i++) {
		put_send(b, &iso->send[i]);
		if (fwrite(b, ISO_SEND_LEN, 1, f) != 1)
			return -errno;
	}
	for (i = 0; i < iso->packets; i++) {
		put_recv(b, &iso->recv[i]);
		if (fwrite(b, ISO_RECV_LEN, 1, f) != 1)
			return -errno;
	}
	return fflush(f) ? -errno : 0;
}

int iso_save(const struct iso *iso, const char *path, struct why *why)
{
	char temporary[PATH_ROOM];
	FILE *f;
	int rc, fd;

	if (!strcmp(path, "-")) {
		rc = iso_write(iso, stdout);
		return rc ? why_fail(why, -rc, "standard output: %s", strerror(-rc)) : 0;
	}
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= sizeof(temporary))
		return why_fail(why, ENAMETOOLONG, "the path of the file is too long");
	fd = mkostemp(temporary, O_CLOEXEC);
	f = fd < 0 || fchmod(fd, 0644) ? NULL : fdopen(fd, "w");
	if (!f) {
		rc = -errno;
		if (fd >= 0) {
			close(fd);
			unlink(temporary);
		}
		return why_fail(why, -rc, "%s: %s", path, strerror(-rc));
	}
	rc = iso_write(iso, f) ?: fsync(fd) ? -errno : 0;
	if (fclose(f) && !rc)
		rc = -errno;
	if (!rc && rename(temporary, path))
		rc = -errno;
	if (rc) {
		unlink(temporary);
		return why_fail(why, -rc, "%s: %s", path, strerror(-rc));
	}
	return 0;
}
