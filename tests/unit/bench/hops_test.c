/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/hops.h"

#define HEAD "seq,seqid,key,in,out,class,vid,len,verdict,t_seen,t_out,app_ns,copy_ns,send_ns,wire_ns,bound_ns\r\n"

struct files {
	char csv[32], tsv[32];
};

static void begin(struct files *f, const char *text)
{
	FILE *out;

	strcpy(f->csv, "/tmp/takt-hops-XXXXXX");
	strcpy(f->tsv, "/tmp/takt-hops-XXXXXX");
	out = fdopen(mkstemp(f->csv), "w");
	close(mkstemp(f->tsv));
	fputs(text, out);
	fclose(out);
}

/* What is in the tsv; both files go. */
static const char *end(struct files *f)
{
	static char text[1024];
	FILE *in = fopen(f->tsv, "r");

	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	unlink(f->csv);
	unlink(f->tsv);
	return text;
}

/* A warm-up (0), a flood without a number, another port's, one that was dropped; then number 3 before number 1, of which a hop is not known. */
static const char text[] = HEAD
	"1,0,0x8,\"far\",\"guest\",7,10,128,sent,1,2,,10,20,,0\r\n"
	"2,,0x1,\"far\",\"guest\",0,10,1514,sent,1,2,,10,20,,0\r\n"
	"3,2,0x8,\"far\",\"noise\",7,10,128,sent,1,2,,11,21,,0\r\n"
	"4,2,0x8,\"far\",\"guest\",7,10,128,queue-full,1,2,,12,22,,0\r\n"
	"5,3,0x8,\"far\",\"guest\",6,10,128,sent,1,2,,13,23,,0\r\n"
	"6,1,0x8,\"far\",\"guest\",6,10,128,sent,1,2,,,24,,0\r\n"
	"7,1,0x8,\"guest\",\"far\",5,10,128,sent,1,2,,15,25,,0\r\n";

static void test_there(void **state)
{
	struct files f;
	struct why why;
	int tc;

	(void)state;
	begin(&f, text);
	assert_int_equal(hops_write(f.tsv, f.csv, "far", "guest", false, &tc, &why), 0);
	assert_int_equal(tc, 6);
	assert_string_equal(end(&f), "seqid\tcopy\tsend\n1\t-\t24\n3\t13\t23\n");
}

static void test_there_and_back(void **state)
{
	struct files f;
	struct why why;
	int tc;

	(void)state;
	begin(&f, text);
	assert_int_equal(hops_write(f.tsv, f.csv, "far", "guest", true, &tc, &why), 0);
	assert_string_equal(end(&f), "seqid\tcopy\tsend\tback.copy\tback.send\n1\t-\t24\t15\t25\n3\t13\t23\t-\t-\n");
}

static void test_not_ours(void **state)
{
	static const char *const texts[] = {"", "a,b\n1,2\n", "seq,seqid,in,out,class,verdict\n"};
	struct files f;
	struct why why;
	size_t i;
	int tc;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		begin(&f, texts[i]);
		assert_int_equal(hops_write(f.tsv, f.csv, "far", "guest", false, &tc, &why), -EINVAL);
		assert_int_equal(tc, -1);
		end(&f);
	}
	begin(&f, HEAD "5,4294967295,0x8,\"far\",\"guest\",6,10,128,sent,1,2,,13,23,,0\r\n"); /* no room for such a number, and none is taken */
	assert_int_equal(hops_write(f.tsv, f.csv, "far", "guest", false, &tc, &why), 0);
	assert_string_equal(end(&f), "seqid\n");
}

TEST_GROUP("bench/hops",
	cmocka_unit_test(test_there),
	cmocka_unit_test(test_there_and_back),
	cmocka_unit_test(test_not_ours),
)
