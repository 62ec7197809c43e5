/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/recw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

/* The run directory's lock does not cover this: two instances of one name may have different ones. */
static bool in_use(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool locked;

	if (fd < 0)
		return false;
	locked = flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
	close(fd);
	return locked;
}

int recw_open(struct recw *r, const char *path, uint32_t capacity, int64_t t_start, int64_t gap_ns, struct why *why)
{
	int flags = MAP_POPULATE | (path ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS);
	int fd = -1;
	int err;

	memset(r, 0, sizeof(*r));
	r->fd = -1;
	r->size = rec_size(capacity, RECW_GAPS);
	if (path && in_use(path))
		return why_fail(why, EADDRINUSE, "name: another taktd publishes its records at %s: end it, or start this one with --name OTHER", path);
	if (path) {
		snprintf(r->path, sizeof(r->path), "%s", path);
		unlink(path); /* readers of an earlier instance keep their map and see its `closed` or its still head */
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0) {
			err = errno;
			goto fail;
		}
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			err = errno;
			goto fail;
		}
		err = posix_fallocate(fd, 0, (off_t)r->size); /* not ftruncate: a full file system must say so now */
		if (err)
			goto fail;
	}
	r->shm = mmap(NULL, r->size, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (r->shm == MAP_FAILED) {
		err = errno;
		goto fail;
	}
	r->fd = fd;
	*r->shm = (struct rec_shm){
		.magic = REC_MAGIC,
		.version = REC_VERSION,
		.header_size = sizeof(struct rec_shm),
		.record_size = sizeof(struct pkt),
		.capacity = capacity,
		.gap_capacity = RECW_GAPS,
		.gap_ns = (uint32_t)gap_ns,
		.instance = (uint64_t)t_start ^ (uint64_t)getpid() << 40,
		.t_start = t_start,
	};
	r->gaps = (struct rec_gap *)rec_gaps(r->shm);
	r->on = capacity;
	r->ring = r->on ? (struct pkt *)rec_records(r->shm) : r->scratch;
	r->key = r->on ? (uint64_t *)rec_keys(r->shm) : r->scratch_key;
	r->mask = (r->on ? capacity : REC_AHEAD) - 1;
	r->gap_mask = RECW_GAPS - 1;
	return 0;
fail:
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	r->shm = NULL;
	return why_fail(why, err, "%s: cannot make the ring of records (%zu MiB): %s", path ? path : "memory", r->size >> 20, strerror(err));
}

void recw_close(struct recw *r)
{
	if (!r->shm)
		return;
	r->shm->closed = 1;
	munmap(r->shm, r->size);
	if (r->path[0])
		unlink(r->path);
	if (r->fd >= 0)
		close(r->fd);
	r->shm = NULL;
}

void recw_name_port(struct recw *r, uint32_t index, const char *name)
{
	snprintf(r->shm->port_name[index], REC_NAME, "%s", name);
	if (index >= atomic_load(&r->shm->n_ports))
		atomic_store(&r->shm->n_ports, index + 1);
}
