/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/recw.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define CAPACITY 256
#define RUSH	 3000000 /* records of the test with two threads */

/* A record whose every part follows from its number: one torn in two is seen. */
static void fill(struct pkt *p, uint64_t seq)
{
	int i;

	*p = (struct pkt){.t_out = (int64_t)seq * 3, .t_seen = (int64_t)seq * 2, .seq = seq, .len = (uint16_t)seq, .vid = (uint16_t)~seq};
	for (i = 0; i < HOP_COUNT; i++)
		p->hop_ns[i] = (uint32_t)seq + (uint32_t)i;
}

static void is_whole(const struct pkt *p, uint64_t seq)
{
	struct pkt want;

	fill(&want, seq);
	assert_memory_equal(p, &want, sizeof(want));
}

static uint64_t key_for(uint64_t seq)
{
	return seq * 7 + 1;
}

static void publish(struct recw *r, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		fill(recw_slot(r, i), r->head + i);
		*recw_key(r, i) = key_for(r->head + i);
	}
	recw_publish(r, n);
}

static int setup(void **state)
{
	static struct recw r;

	*state = &r;
	return recw_open(&r, NULL, CAPACITY, 1000, 20, NULL);
}

static int teardown(void **state)
{
	recw_close(*state);
	return 0;
}

static void test_reader_that_keeps_up(void **state)
{
	struct recw *r = *state;
	uint64_t pos = 0, lost = 0, next = 0;
	struct pkt out[64];
	uint32_t n, i;
	int round;

	assert_int_equal(rec_read(r->shm, &pos, out, 64, &lost), 0);
	for (round = 0; round < 100; round++) {	/* twelve times around */
		publish(r, 1 + (uint32_t)round % 61);
		n = rec_read(r->shm, &pos, out, 64, &lost);
		assert_int_equal(n, 1 + round % 61);
		for (i = 0; i < n; i++)
			is_whole(&out[i], next++);
	}
	assert_int_equal(lost, 0);
	assert_int_equal(pos, r->head);
	assert_int_equal(next, r->head);
}

static void test_not_published_is_not_seen(void **state)
{
	struct recw *r = *state;
	uint64_t pos = 0, lost = 0;
	struct pkt out[4];

	fill(recw_slot(r, 0), 0);
	fill(recw_slot(r, 1), 1);
	assert_int_equal(rec_read(r->shm, &pos, out, 4, &lost), 0);
	recw_publish(r, 1);
	assert_int_equal(rec_read(r->shm, &pos, out, 4, &lost), 1);
	assert_int_equal(pos, 1);
}

/* What the writer may be filling right now (REC_AHEAD) is not read, and is counted as lost once head is that close. */
static void test_slow_reader_knows_what_it_lost(void **state)
{
	struct recw *r = *state;
	uint64_t pos = 0, lost = 0;
	struct pkt out[CAPACITY];
	uint32_t n, i;

	while (r->head < CAPACITY - REC_AHEAD)
		publish(r, 16);
	n = rec_read(r->shm, &pos, out, 1, &lost);	/* the last moment at which nothing is lost */
	assert_int_equal(n, 1);
	is_whole(&out[0], 0);
	assert_int_equal(lost, 0);
	while (r->head < 1000)
		publish(r, 8);
	n = rec_read(r->shm, &pos, out, CAPACITY, &lost);
	assert_int_equal(n, CAPACITY - REC_AHEAD);
	assert_int_equal(lost, 1000 - (CAPACITY - REC_AHEAD) - 1);
	for (i = 0; i < n; i++)
		is_whole(&out[i], 1000 - n + i);
	assert_int_equal(pos, 1000);
	assert_int_equal(rec_read(r->shm, &pos, out, CAPACITY, &lost), 0);
}

/* A reader that is stopped in the middle of its copy, by a page that it may not write to yet, while the writer goes on. */
#define PAGE	4096
#define IN_PAGE (PAGE / sizeof(struct pkt))

/* For a handler that runs in the middle of what the compiler thinks nobody interrupts. */
static struct {
	struct recw *volatile r;
	struct pkt *volatile page;
	volatile uint32_t n;
} meanwhile;

static void on_fault(int sig)
{
	(void)sig;
	mprotect(meanwhile.page, PAGE, PROT_READ | PROT_WRITE);
	for (; meanwhile.n; meanwhile.n--)
		publish(meanwhile.r, 1);
}

/* The reader, at 0 of 192, asks for two pages of records; after the first page the writer publishes n more. */
static uint32_t read_while(struct recw *r, uint32_t n, struct pkt *out, uint64_t *keys, uint64_t *pos, uint64_t *lost)
{
	struct sigaction action = {.sa_handler = on_fault}, old;
	uint32_t got;

	while (r->head < CAPACITY - REC_AHEAD)
		publish(r, 16);
	meanwhile.r = r;
	meanwhile.page = out + IN_PAGE;
	meanwhile.n = n;
	mprotect(meanwhile.page, PAGE, PROT_NONE);
	sigaction(SIGSEGV, &action, &old);
	got = rec_read_keys(r->shm, pos, out, keys, 2 * IN_PAGE, lost);
	sigaction(SIGSEGV, &old, NULL);
	assert_int_equal(meanwhile.n, 0);
	assert_int_equal(*pos, 2 * IN_PAGE);
	return got;
}

static struct pkt *two_pages(void)
{
	struct pkt *out = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(out, MAP_FAILED);
	return out;
}

static void test_overtaken_while_reading(void **state)
{
	uint64_t pos = 0, lost = 0;
	uint64_t keys[2 * IN_PAGE];
	struct pkt *out = two_pages();
	uint32_t i;

	assert_int_equal(read_while(*state, 100, out, keys, &pos, &lost), 2 * IN_PAGE - 100);
	assert_int_equal(lost, 100);
	for (i = 100; i < 2 * IN_PAGE; i++) {
		is_whole(&out[i - 100], i);
		assert_int_equal(keys[i - 100], key_for(i));
	}
	munmap(out, 2 * PAGE);
}

static void test_overtaken_by_far(void **state)
{
	uint64_t pos = 0, lost = 0;
	struct pkt *out = two_pages();

	assert_int_equal(read_while(*state, 1000, out, NULL, &pos, &lost), 0);
	assert_int_equal(lost, 2 * IN_PAGE);
	munmap(out, 2 * PAGE);
}

static void *rush(void *arg)
{
	struct recw *r = arg;
	uint32_t n;

	while (r->head < RUSH) {
		n = 1 + (uint32_t)r->head % 32;
		publish(r, r->head + n > RUSH ? (uint32_t)(RUSH - r->head) : n);
	}
	return NULL;
}

/* Writer and reader at once: every record is whole, in order, and either read or counted as lost. */
static void test_every_record_is_read_or_lost(void **state)
{
	struct recw *r = *state;
	uint64_t pos = 0, lost = 0, got = 0, last = 0;
	struct pkt out[CAPACITY];
	uint64_t keys[CAPACITY];
	pthread_t writer;
	uint32_t n, i;

	assert_int_equal(pthread_create(&writer, NULL, rush, r), 0);
	while (pos < RUSH) {
		n = rec_read_keys(r->shm, &pos, out, keys, CAPACITY, &lost);
		for (i = 0; i < n; i++) {
			is_whole(&out[i], pos - n + i);
			assert_int_equal(keys[i], key_for(out[i].seq));
			assert_true(!got || out[i].seq > last);
			last = out[i].seq;
			got++;
		}
		if (!n)
			sched_yield();
	}
	pthread_join(writer, NULL);
	assert_int_equal(got + lost, RUSH);
	assert_true(got > 0);
}

static void test_gaps(void **state)
{
	struct recw *r = *state;
	uint64_t i;

	for (i = 0; i < RECW_GAPS + 3; i++)
		recw_gap(r, (int64_t)i, (int64_t)i + 5, REC_AT_SEND);
	assert_int_equal(r->shm->gap_head, RECW_GAPS + 3);
	assert_int_equal(rec_gaps(r->shm)[2].t_begin, RECW_GAPS + 2);
	assert_int_equal(rec_gaps(r->shm)[2].t_end, RECW_GAPS + 7);
	assert_int_equal(rec_gaps(r->shm)[2].where, REC_AT_SEND);
	assert_int_equal(rec_gaps(r->shm)[3].t_begin, 3);
}

static void test_port_names(void **state)
{
	struct recw *r = *state;

	recw_name_port(r, 0, "plc");
	recw_name_port(r, 2, "a name that is longer than there is room");
	assert_int_equal(r->shm->n_ports, 3);
	assert_string_equal(r->shm->port_name[0], "plc");
	assert_int_equal(strlen(r->shm->port_name[2]), REC_NAME - 1);
}

/* In a file: only its owner reads it; a reader that still has it sees it close; then it is gone. */
static void test_file(void **state)
{
	const struct rec_shm *shm;
	struct recw r;
	struct stat st;
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/takt-unit-%d.rec", (int)getpid());
	assert_int_equal(recw_open(&r, path, CAPACITY, 1000, 20, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, rec_size(CAPACITY, RECW_GAPS));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	shm = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(shm, MAP_FAILED);
	close(fd);
	publish(&r, 3);
	is_whole(&rec_records(shm)[2], 2);
	assert_int_equal(rec_keys(shm)[2], key_for(2));
	assert_int_equal(shm->head, 3);
	assert_string_equal(shm->magic, REC_MAGIC);
	assert_int_equal(shm->closed, 0);
	recw_close(&r);
	assert_int_equal(shm->closed, 1);
	assert_int_equal(stat(path, &st), -1);
	munmap((void *)shm, rec_size(CAPACITY, RECW_GAPS));
}

static void test_a_file_has_one_writer(void **state)
{
	struct recw first, second;
	struct why why = {""};
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/takt-unit-%d.rec", (int)getpid());
	assert_int_equal(recw_open(&first, path, CAPACITY, 1, 20000, &why), 0);
	assert_int_equal(recw_open(&second, path, CAPACITY, 2, 20000, &why), -EADDRINUSE);
	test_why_names(&why, path, NULL);
	assert_int_equal(access(path, F_OK), 0);
	recw_close(&first);
	assert_int_equal(access(path, F_OK), -1);
}

/* One that was killed leaves its file; the next one takes its place. */
static void test_what_a_dead_one_left_is_replaced(void **state)
{
	struct why why = {""};
	struct recw r;
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/takt-unit-%d.rec", (int)getpid());
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(recw_open(&r, path, CAPACITY, 1, 20000, &why), 0);
	recw_close(&r);
}

static void test_no_place_for_the_file(void **state)
{
	struct why why = {""};
	struct recw r;

	(void)state;
	assert_true(recw_open(&r, "/nowhere/at/all.rec", CAPACITY, 1000, 20, &why) < 0);
	test_why_names(&why, "/nowhere/at/all.rec", NULL);
	recw_close(&r);		/* legal */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_GROUP("vnet/recw",
	TEST(test_reader_that_keeps_up),
	TEST(test_not_published_is_not_seen),
	TEST(test_slow_reader_knows_what_it_lost),
	TEST(test_overtaken_while_reading),
	TEST(test_overtaken_by_far),
	TEST(test_every_record_is_read_or_lost),
	TEST(test_gaps),
	TEST(test_port_names),
	cmocka_unit_test(test_file),
	cmocka_unit_test(test_a_file_has_one_writer),
	cmocka_unit_test(test_what_a_dead_one_left_is_replaced),
	cmocka_unit_test(test_no_place_for_the_file),
)
