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

/* Instants from 1970 to 2116, and durations of up to 36 years: differences of them, and of these, cannot overflow. */
static bool is_instant(int64_t t)
{
	return t >= 0 && t < INT64_C(1) << 62;
}

static bool is_duration(int64_t ns)
{
	return ns > -(INT64_C(1) << 60) && ns < INT64_C(1) << 60;
}

static bool send_is_sound(const struct iso_send *s)
{
	return is_instant(s->t_due) && is_instant(s->t_wakeup) && is_instant(s->t_sent_hw) && is_instant(s->t_sent) && is_instant(s->t_sched);
}

static bool recv_is_sound(const struct iso_recv *r)
{
	return is_instant(r->t_arrival) && is_instant(r->t_received_hw) && is_instant(r->t_received);
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
	if (!is_instant(iso->t_base) || !is_duration(iso->advance_ns) || !is_duration(iso->shift_ns) || !is_duration(iso->cycle_ns) || !is_duration(iso->window_ns))
		return why_fail(why, EINVAL, "%s: its head has a base time before 1970 or after 2116, or a time of more than 36 years", path);
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
			if (recv ? !recv_is_sound(&iso->recv[i - 1]) : !send_is_sound(&iso->send[i - 1]))
				return why_fail(why, EINVAL, "%s: the %s record of frame %u has a stamp that is no instant between 1970 and 2116", path, recv ? "receive" : "send", i);
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

/* A device, a FIFO: it stays what it is. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* A file beside it, with a name that nobody has. */
static int open_beside(char temporary[PATH_ROOM], const char *path, struct why *why)
{
	struct stat st;
	int fd;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return why_fail(why, EISDIR, "%s: %s", path, strerror(EISDIR));
	if ((size_t)snprintf(temporary, PATH_ROOM, "%s.XXXXXX", path) >= PATH_ROOM)
		return why_fail(why, ENAMETOOLONG, "%.200s...: the path is too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	return fd < 0 ? why_fail(why, errno, "%s: %s", path, strerror(errno)) : fd;
}

int iso_may_save(const char *path, struct why *why)
{
	char temporary[PATH_ROOM];
	int fd;

	if (!strcmp(path, "-") || is_special(path))
		return 0;
	fd = open_beside(temporary, path, why);
	if (fd < 0)
		return fd;
	close(fd);
	unlink(temporary);
	return 0;
}

static int write_to(const struct iso *iso, const char *path, struct why *why)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "we") : stdout;
	int rc = f ? iso_write(iso, f) : -errno;

	if (f && f != stdout && fclose(f) && !rc)
		rc = -errno;
	return rc ? why_fail(why, -rc, "%s: %s", f == stdout ? "standard output" : path, strerror(-rc)) : 0;
}

int iso_save(const struct iso *iso, const char *path, struct why *why)
{
	char temporary[PATH_ROOM];
	int fd, rc;
	FILE *f;

	if (!strcmp(path, "-") || is_special(path))
		return write_to(iso, path, why);
	fd = open_beside(temporary, path, why);
	if (fd < 0)
		return fd;
	f = fchmod(fd, 0644) ? NULL : fdopen(fd, "w");
	rc = f ? iso_write(iso, f) : -errno;
	if (!rc && fsync(fd))
		rc = -errno;
	if ((f ? fclose(f) : close(fd)) && !rc)
		rc = -errno;
	if (!rc && rename(temporary, path))
		rc = -errno;
	if (!rc)
		return 0;
	unlink(temporary);
	return why_fail(why, -rc, "%s: %s", path, strerror(-rc));
}
