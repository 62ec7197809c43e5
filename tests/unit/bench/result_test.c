/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/result.h"
#include "tests/unit/bench/result_made.h"

static void test_stamps_missing(void **state)
{
	unsigned char frames[MADE_FRAMES_LEN];
	struct result *r;
	struct made m;

	(void)state;
	made_init(&m);
	made_cell(&m, "a-r1", "\"load\": \"cpu\"", 1, 1, "");
	made_frames(frames);
	memset(frames + 96 + 5 * 48 + 32, 0, 8);	/* t of frame 6 */
	made_write(&m, "cells/a-r1/frames.dat", frames, sizeof(frames));
	assert_int_equal(result_open(&r, m.dir, NULL), 0);
	assert_int_equal(result_kind_of(r), RESULT_END_TO_END);
	assert_string_equal(result_kind_name(result_kind_of(r)), "end to end");
	result_close(r);
	made_fini(&m);
}

/* One frame in a hundred may lack a stamp, and no more; where that is does not matter. */
static void test_kind(void **state)
{
	static const struct { size_t came, without; enum result_kind kind; } rows[] = {
		{100, 0, RESULT_PATH_DELAY}, {100, 1, RESULT_PATH_DELAY}, {100, 2, RESULT_END_TO_END}, {99, 1, RESULT_END_TO_END}, {200, 2, RESULT_PATH_DELAY}, {200, 3, RESULT_END_TO_END}, {0, 0, RESULT_PATH_DELAY},
	};
	struct result_frame frame[201];
	struct result_cell cell[2] = {{.frame = frame}, {.frame = frame}};
	struct result r = {.cell = cell, .n_cells = 2};
	size_t i, j;
	int side;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (side = 0; side < 2; side++) {
			memset(frame, 0, sizeof(frame));	/* the last one did not come, and is not asked for stamps */
			for (j = 0; j < rows[i].came; j++)
				frame[j] = (struct result_frame){.t_due = 1, .t_sent = side || j >= rows[i].without, .t_received = !side || j >= rows[i].without, .t_arrival = 9};
			cell[1].n_frames = rows[i].came + 1;
			assert_int_equal(result_kind_of(&r), rows[i].kind);
		}
}

/* In time is when the program has it; the kernel's stamp, or the card's, where nobody knows that. */
static void test_missed(void **state)
{
	struct result_frame frame[] = {
		{.t_due = 1000, .t_received_hw = 1100, .t_received = 1200, .t_arrival = 2001},
		{.t_due = 1000, .t_received_hw = 1100, .t_received = 1200, .t_arrival = 2000},
		{.t_due = 1000, .t_received = 2001},
		{.t_due = 1000, .t_received_hw = 2001},
		{.t_due = 1000, .t_received_hw = 2000},
		{.t_due = 1000},
		{.t_due = 1000, .t_arrival = 3000, .bad_clock = true},
	};
	struct result_cell c = {.frame = frame, .n_frames = 7, .deadline_ns = 1000};
	uint64_t missed, due;

	(void)state;
	result_missed(&c, &missed, &due);
	assert_true(missed == 4 && due == 6);
	c.deadline_ns = 0;
	result_missed(&c, &missed, &due);
	assert_true(missed == 1 && due == 6);
}

static void test_groups(void **state)
{
	static const size_t want[] = {2, 0, 1, 2, 3, 0};
	size_t group[6], i;
	struct result *r;
	struct made m;

	(void)state;
	made_init(&m);
	made_cell(&m, "a-r1", "\"backend\": \"taktd\", \"size\": \"128\"", 1, 1, "");
	made_cell(&m, "b-r1", "\"backend\": \"veth\", \"load\": \"cpu\"", 1, 2, "");
	made_cell(&m, "c-r1", "\"backend\": \"taktd\", \"size\": \"64\"", 1, 3, "");
	made_cell(&m, "a-r2", "\"backend\": \"taktd\", \"size\": \"128\"", 2, 4, "");
	made_cell(&m, "d-r1", "\"backend\": \"taktd\", \"size\": \"1024\"", 1, 5, "");
	made_cell(&m, "b-r2", "\"backend\": \"veth\", \"load\": \"cpu\"", 2, 6, "");
	assert_int_equal(result_open(&r, m.dir, NULL), 0);
	assert_int_equal(r->n_cells, 6);
	assert_int_equal(result_groups(r, group), 4);
	for (i = 0; i < 6; i++)
		assert_int_equal(group[i], want[i]);
	result_close(r);
	made_fini(&m);
}

/* What is damaged is refused, with file and place, and never read past its end (make asan). */
static const struct damage {
	const char *file, *text;	/* text NULL: the file goes */
	const char *words[2];
} damages[] = {
	{"meta.json", NULL, {"meta.json", "campaign's folder"}},
	{"meta.json", "{\"campaign\": \"made\"", {"meta.json:1", ""}},
	{"meta.json", "[]", {"meta.json", "no JSON object"}},
	{"meta.json", "{\"campaign\": 7, \"planned\": 1}", {"campaign", ""}},
	{"meta.json", "{\"campaign\": \"made\"}", {"planned", "missing"}},
	{"cells/a-r1/cell.json", NULL, {"cell.json", "not there"}},
	{"cells/a-r1/cell.json", "", {"cell.json", ""}},
	{"cells/a-r1/cell.json", "{\"schema\": 2}", {"schema", "2"}},
	{"cells/a-r1/cell.json", "{\"schema\": 1, \"cell\": \"b-r1\"}", {"a-r1", "folder"}},
	{"cells/a-r1/cell.json", "{\"schema\": 1, \"cell\": \"a-r1\", \"repetition\": 0}", {"repetition", "0"}},
	{"cells/a-r1/cell.json", "{\"schema\": 1, \"cell\": \"a-r1\", \"repetition\": 1, \"position\": 1, \"axes\": {\"lod\": \"x\"}}", {"lod", "axis"}},
	{"cells/a-r1/cell.json", "{\"schema\": 1, \"cell\": \"a-r1\", \"repetition\": 1, \"position\": 1, \"axes\": {\"load\": \"x\"}}", {"load", "flood"}},
	{"cells/a-r1/cell.json", "{\"schema\": 1, \"cell\": \"a-r1\", \"repetition\": 1, \"position\": 1, \"axes\": {\"schedule\": \"a/b\"}}", {"schedule", "word"}},
	{"cells/a-r1/cell.json", "{\"schema\": 1, \"cell\": \"a-r1\", \"repetition\": 1, \"position\": 1, \"axes\": {}, \"status\": \"fine\"}", {"status", "skipped"}},
	{"cells/a-r1/cell.json", "{\"schema\": 1, \"cell\": \"a-r1\", \"repetition\": 1, \"position\": 1, \"axes\": {}, \"status\": \"ok\"}", {"measure", ""}},
	{"cells/a-r1/frames.dat", NULL, {"frames.dat", "No such file"}},
	{"cells/a-r1/frames.dat", "ISOCHRON", {"frames.dat", "head"}},
	{"cells/a-r1/hops.tsv", "", {"hops.tsv", "empty"}},
	{"cells/a-r1/hops.tsv", "seq\tcopy\n", {"hops.tsv:1", "seqid"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\tcopy\n", {"hops.tsv:1", "twice"}},
	{"cells/a-r1/hops.tsv", "seqid\tco\033py\n", {"hops.tsv:1", "name of a hop"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n1\t5\n1\t5\n", {"hops.tsv:3", "after frame 1"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n9\t5\n", {"hops.tsv:2", "1 to 8"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n0\t5\n", {"hops.tsv:2", "1 to 8"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n1\t5x\n", {"hops.tsv:2", "5x"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n1\t99999999999999999999\n", {"hops.tsv:2", "999"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n1\n", {"hops.tsv:2", "0 hops"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n1\t5\t6\n", {"hops.tsv:2", "more than 1"}},
	{"cells/a-r1/hops.tsv", "seqid\tcopy\n1\t5", {"hops.tsv:2", "cut"}},
	{"cells/a-r1/blame.json", "{]", {"blame.json:1", ""}},
	{"cells/a-r1/blame.json", "{\"excess_ns\": 9223372036854775807}", {"blame.json", "excess_ns"}},
	{"cells/a-r1/blame.json", "{\"excess_ns\": -1}", {"blame.json", "excess_ns"}},
	{"cells/a-r1/blame.json", "{\"excess_ns\": 5, \"causes\": 5}", {"blame.json", "causes"}},
	{"cells/a-r1/blame.json", "{\"causes\": [{\"cause\": \"gate\", \"total_ns\": 5}, {\"cause\": \"steal\", \"total_ns\": 1e30}]}", {"cause 2", "total_ns"}},
};

static void refused(struct made *m, const char *what, const char *const words[2])
{
	struct why why = {""};
	struct result *r;
	int rc = result_open(&r, m->dir, &why);

	if (rc != -EINVAL || r || !strstr(why.text, words[0]) || !strstr(why.text, words[1]))
		fail_msg("%s: %d, \"%s\" without %s or %s", what, rc, why.text, words[0], words[1]);
}

static void test_damaged(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct made m;
		char path[128];

		made_init(&m);
		made_cell(&m, "a-r1", "\"load\": \"cpu\"", 1, 1, "");
		snprintf(path, sizeof(path), "%s/%s", m.dir, damages[i].file);
		if (damages[i].text)
			made_text(&m, damages[i].file, "%s", damages[i].text);
		else
			assert_int_equal(unlink(path), 0);
		refused(&m, damages[i].text ? damages[i].text : damages[i].file, damages[i].words);
		made_fini(&m);
	}
}

static void test_damaged_frames(void **state)
{
	static const struct { size_t at; unsigned char is; const char *words[2]; } rows[] = {
		{0, 'i', {"frames.dat", "isochron"}},		{11, 3, {"version 3", "4"}},		{15, 9, {"9 frames", "contradicts"}},
		{12, 0xff, {"frames.dat", "no more than"}},		{71, 97, {"frames.dat", "contradicts"}},	{83, 1, {"frames.dat", "contradicts"}},
		{96 + 48 + 3, 7, {"record 2", "frame 7"}},	{96 + 8, 0x80, {"frame 1", "instant"}}, {96 + 8 * 48 + 8, 0x7f, {"frame 1", "instant"}},
	};
	static const char *const cut[2] = {"frames.dat", "cut"}, *const more[2] = {"frames.dat", "goes on"}, *const late[2] = {"bad", "stretch 2"}, *const few[2] = {"8 frames", "7 were due"};
	unsigned char frames[MADE_FRAMES_LEN + 1] = {0};
	struct made m;
	size_t i;

	(void)state;
	made_init(&m);
	made_cell(&m, "a-r1", "\"load\": \"cpu\"", 1, 1, "");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		made_frames(frames);
		frames[rows[i].at] = rows[i].is;
		made_write(&m, "cells/a-r1/frames.dat", frames, MADE_FRAMES_LEN);
		refused(&m, rows[i].words[0], rows[i].words);
	}
	made_frames(frames);
	made_write(&m, "cells/a-r1/frames.dat", frames, MADE_FRAMES_LEN - 1);
	refused(&m, "a byte less", cut);
	made_write(&m, "cells/a-r1/frames.dat", frames, MADE_FRAMES_LEN + 1);
	refused(&m, "a byte more", more);
	made_cell(&m, "a-r1", "\"load\": \"cpu\"", 1, 1, "[5, 6], [4, 9]");
	refused(&m, "stretches out of order", late);
	made_cell(&m, "a-r1", "\"load\": \"cpu\"", 1, 1, "");
	{
		char command[200];

		snprintf(command, sizeof(command), "sed -i 's/\"due\": 8/\"due\": 7/' %s/cells/a-r1/cell.json", m.dir);
		assert_int_equal(system(command), 0);
	}
	refused(&m, "another number of frames", few);
	made_fini(&m);
}

/* Gives a cell the offsets of a PTP client. */
static void made_ptp(struct made *m, const char *ptp, const char *tsv)
{
	char command[600];

	made_cell(m, "a-r1", "\"correction\": \"on\"", 1, 1, "");
	assert_in_range(snprintf(command, sizeof(command), "sed -i 's/\"commands\"/\"ptp\": {%s}, &/' %s/cells/a-r1/cell.json", ptp, m->dir), 1, sizeof(command) - 1);
	assert_int_equal(system(command), 0);
	made_text(m, "cells/a-r1/ptp.tsv", "%s", tsv);
}

#define PTP(samples, rms, rest) "\"samples\": " samples ", \"left_out\": 40, \"missing\": 2, \"rms_ns\": " rms ", \"mean_ns\": -0.5, \"median_ns\": 4, \"p99_ns\": 7, \"max_ns\": 7" rest
#define PTP_GOOD	      PTP("3", "5.25", ", \"delay_ns\": 900")
#define PTP_HEAD	      "t_ingress\toffset_ns\tdelay_ns\n"
#define PTP_TSV		      PTP_HEAD "1000\t-7\t900\n1125\t4\t901\n1250\t0\t899\n"

static void test_ptp(void **state)
{
	const struct result_cell *c;
	struct why why = {""};
	struct result *r;
	struct made m;

	(void)state;
	made_init(&m);
	made_ptp(&m, PTP_GOOD, PTP_TSV);
	if (result_open(&r, m.dir, &why))
		fail_msg("%s", why.text);
	c = &r->cell[0];
	assert_true(c->ptp.known && c->ptp.samples == 3 && c->ptp.left_out == 40 && c->ptp.missing == 2 && c->ptp.rms_ns == 5.25 && c->ptp.mean_ns == -.5);
	assert_true(c->ptp.median_ns == 4 && c->ptp.p99_ns == 7 && c->ptp.max_ns == 7 && c->ptp.delay_ns == 900);
	assert_true(c->ptp.n == 3 && c->ptp.sample[0].offset_ns == -7 && c->ptp.sample[1].delay_ns == 901 && c->ptp.sample[2].t_ingress == 1250);
	result_close(r);
	made_cell(&m, "a-r1", "\"correction\": \"none\"", 1, 1, "");	/* without `ptp` nobody looks at ptp.tsv */
	made_text(&m, "cells/a-r1/ptp.tsv", "x");
	assert_int_equal(result_open(&r, m.dir, NULL), 0);
	assert_false(r->cell[0].ptp.known);
	result_close(r);
	made_fini(&m);
}

static void test_ptp_damaged(void **state)
{
	static const struct { const char *ptp, *tsv, *words[2]; } rows[] = {
		{PTP("3", "5.25", ""), PTP_TSV, {"ptp: delay_ns", "missing"}},
		{PTP("0", "5.25", ", \"delay_ns\": 900"), PTP_TSV, {"ptp: samples", "0, not 1"}},
		{PTP("9999999999", "5.25", ", \"delay_ns\": 900"), PTP_TSV, {"ptp: samples", "9999999999"}},
		{PTP("3", "-1", ", \"delay_ns\": 900"), PTP_TSV, {"cell.json: ptp", "rms_ns"}},
		{PTP("3", "1e300", ", \"delay_ns\": 900"), PTP_TSV, {"cell.json: ptp", "rms_ns"}},
		{PTP("3", "\"5\"", ", \"delay_ns\": 900"), PTP_TSV, {"cell.json: ptp", "rms_ns"}},
		{PTP_GOOD, "", {"ptp.tsv", "empty"}},
		{PTP_GOOD, "offset_ns\n", {"ptp.tsv:1", "begins with"}},
		{PTP_GOOD, PTP_HEAD "1\t2\t3\n", {"ptp.tsv", "1 samples, and cell.json says 3"}},
		{PTP_GOOD, PTP_TSV "1375\t1\t900\n", {"ptp.tsv:5", "more than the 3"}},
		{PTP_GOOD, PTP_HEAD "1\t2\n", {"ptp.tsv:2", "2 words"}},
		{PTP_GOOD, PTP_HEAD "1\t2\t3\t4\n", {"ptp.tsv:2", "more than 3"}},
		{PTP_GOOD, PTP_HEAD "-1\t2\t3\n", {"ptp.tsv:2", "-1"}},
		{PTP_GOOD, PTP_HEAD "1\t-9223372036854775808\t3\n", {"ptp.tsv:2", "-9223372036854775808"}},
	};
	static const char *const none[2] = {"ptp.tsv", "is not there"};
	char path[128];
	struct made m;
	size_t i;

	(void)state;
	made_init(&m);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		made_ptp(&m, rows[i].ptp, rows[i].tsv);
		refused(&m, rows[i].ptp, rows[i].words);
	}
	made_ptp(&m, PTP_GOOD, PTP_TSV);
	snprintf(path, sizeof(path), "%s/cells/a-r1/ptp.tsv", m.dir);
	assert_int_equal(unlink(path), 0);
	refused(&m, "no ptp.tsv", none);
	made_fini(&m);
}

static void test_no_folder(void **state)
{
	struct why why = {""};
	struct result *r;
	struct made m;
	char link[80];

	(void)state;
	assert_int_equal(result_open(&r, "/tmp/takt-no-such-folder", &why), -ENOENT);
	assert_non_null(strstr(why.text, "takt-no-such-folder"));
	assert_null(r);
	result_close(NULL);
	made_init(&m);	/* nothing finished yet, and reached by a link: no error */
	snprintf(link, sizeof(link), "%s-latest", m.dir);
	assert_int_equal(symlink(m.dir, link), 0);
	assert_int_equal(result_open(&r, link, &why), 0);
	assert_true(r->n_cells == 0 && r->planned == 4);
	assert_int_equal(result_groups(r, NULL), 0);
	assert_int_equal(result_kind_of(r), RESULT_PATH_DELAY);
	result_close(r);
	unlink(link);
	made_fini(&m);
}

TEST_GROUP("bench/result",
	cmocka_unit_test(test_stamps_missing),
	cmocka_unit_test(test_kind),
	cmocka_unit_test(test_missed),
	cmocka_unit_test(test_groups),
	cmocka_unit_test(test_damaged),
	cmocka_unit_test(test_damaged_frames),
	cmocka_unit_test(test_ptp),
	cmocka_unit_test(test_ptp_damaged),
	cmocka_unit_test(test_no_folder),
)
