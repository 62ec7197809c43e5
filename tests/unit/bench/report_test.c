/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a report is made of: escaping, figures as words, which groups have room, best and worst, the answer.
 */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/curve.h"
#include "bench/doc.h"
#include "bench/dots.h"
#include "bench/gnuplot.h"
#include "bench/html.h"
#include "bench/report_draw.h"
#include "bench/report_num.h"

static char *written;
static size_t written_len;

static FILE *begin(void)
{
	free(written);
	written = NULL;
	return open_memstream(&written, &written_len);
}

static const char *html(const char *s)
{
	FILE *f = begin();

	html_text(f, s);
	fclose(f);
	return written;
}

static void test_html(void **state)
{
	(void)state;
	assert_string_equal(html("a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;&#39;c");
	assert_string_equal(html("µs \xe2\x82\xac \xf0\x9f\x98\x80"), "µs \xe2\x82\xac \xf0\x9f\x98\x80");
	/* What is no UTF-8 is shown as that: cut off, too long, half of a pair, beyond the last. And what would move the cursor. */
	assert_string_equal(html("a\xc2"), "a\xef\xbf\xbd");
	assert_string_equal(html("\xc0\xbc" "script"), "\xef\xbf\xbd\xef\xbf\xbdscript");
	assert_string_equal(html("\xe0\x80\xbc"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(html("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(html("\xf5x\x1b[2J\n\t"), "\xef\xbf\xbdx\xef\xbf\xbd[2J\n\t");
}

static void test_data_url(void **state)
{
	static const struct { const char *in, *out; } rows[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "foobar", "Zm9vYmFy" } };	/* RFC 4648, 10 */
	char path[] = "/tmp/takt-unit-XXXXXX", expected[64];
	size_t i;
	FILE *f;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f = fopen(path, "w");
		fputs(rows[i].in, f);
		fclose(f);
		f = begin();
		assert_int_equal(html_data_url(f, path, "a/b"), 0);
		fclose(f);
		snprintf(expected, sizeof(expected), "data:a/b;base64,%s", rows[i].out);
		assert_string_equal(written, expected);
	}
	remove(path);
	f = begin();
	assert_true(html_data_url(f, path, "a/b") < 0);
	fclose(f);
	assert_string_equal(written, "");
}

static void test_gnuplot_str(void **state)
{
	FILE *f = begin();

	(void)state;
	gnuplot_str(f, "a, b'; system(\"x\") `id` \\n\xc2\xb5");
	fclose(f);
	assert_string_equal(written, "'a, b?; system(?x?) ?id? ?n?" "?'");
}

static const char *md(const char *text)
{
	FILE *f = begin();
	struct doc d;

	doc_begin(&d, f, DOC_MD, ".", "t");
	fseek(f, 0, SEEK_SET);
	doc_para(&d, "%s", text);
	fclose(f);
	return written;
}

static void test_markdown(void **state)
{
	(void)state;
	assert_string_equal(md("a_b *c* [d](e) | <f> `g` # ! ~"), "a\\_b \\*c\\* \\[d\\](e) \\| &lt;f&gt; \\`g\\` \\# \\! \\~\n\n");
	assert_non_null(strstr(md("http://x"), "http&#58;//x"));
	assert_non_null(strstr(md("one\n# two"), "one \\# two"));
}

/* A unit, and no word that ends so. */
static void test_micro(void **state)
{
	FILE *f = begin();
	struct doc d;

	(void)state;
	doc_begin(&d, f, DOC_HTML, ".", "t");
	fseek(f, 0, SEEK_SET);
	doc_para(&d, "%s", "1.2 to 3.4 us, 5 use us < 6 us");
	fclose(f);
	assert_string_equal(written, "<p>1.2 to 3.4 µs, 5 use us &lt; 6 µs</p>\n");
}

/* Lines of a block cannot leave it. */
static void test_markdown_block(void **state)
{
	FILE *f = begin();
	struct doc d;

	(void)state;
	doc_begin(&d, f, DOC_MD, ".", "t");
	fseek(f, 0, SEEK_SET);
	doc_pre(&d, "a\n```\n<b>");
	fclose(f);
	assert_string_equal(written, "    a\n    ```\n    <b>\n\n");
}

static void test_numbers(void **state)
{
	struct quant q = { .needs = 36888 };
	char a[REPORT_NUM_LEN];

	(void)state;
	assert_string_equal(report_count(a, 0), "0");
	assert_string_equal(report_count(a, 999), "999");
	assert_string_equal(report_count(a, 1000), "1,000");
	assert_string_equal(report_count(a, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(report_bounds(a, 40900, 41600), "40.9 to 41.6 us");
	assert_string_equal(report_bounds(a, 900, 1100), "900 ns to 1.10 us");
	assert_string_equal(report_share(a, 0, 5), "none");
	assert_string_equal(report_share(a, 5, 5), "all");
	assert_string_equal(report_share(a, 1, 4000), "0.025 %");
	assert_string_equal(report_share(a, 1, 100000000), "< 0.0001 %");
	assert_string_equal(report_share(a, 999999, 1000000), "> 99.9 %");
	assert_string_equal(report_beneath(a, &q, true), "takes 36,888 frames");
	q = (struct quant){ .known = true, .ns = 5, .lower_ns = 4, .upper_ns = 6 };
	assert_string_equal(report_beneath(a, &q, false), "4 to 6 ns");
	assert_string_equal(report_beneath(a, &q, true), "~4 to 6 ns");
	assert_true(report_bounded(&q));
	q = (struct quant){ .known = true, .ns = 50000, .lower_ns = 0, .upper_ns = 4849846000000000 };
	assert_string_equal(report_beneath(a, &q, false), "runs differ: no bound");
	assert_false(report_bounded(&q));
	assert_string_equal(report_frames(a, 1), "1 frame");
	assert_string_equal(report_frames(a, 1000), "1,000 frames");
}

/* Each value stands where as many are larger as the line says, as far as 2 % can be seen; the largest at half of one. */
static void test_curve(void **state)
{
	int64_t v[1000];
	double x, y, last_y = 2;
	size_t i, lines = 0;
	FILE *f = begin();

	(void)state;
	for (i = 0; i < 1000; i++)
		v[i] = 1000 + (int64_t)(i * i);
	curve_write(f, v, 1000, 0, 1e-3);
	fclose(f);
	f = fmemopen(written, written_len, "r");
	while (fscanf(f, "%lf %lf", &x, &y) == 2) {
		for (i = 0; i < 1000 && (double)v[i] <= x; i++)
			;
		assert_true(lines == 0 || y < last_y);
		assert_true(y == 5e-4 ? i == 1000 : (double)(1000 - i) * 1e-3 > y * .99 && (double)(1000 - i) * 1e-3 < y * 1.01);
		last_y = y;
		lines++;
	}
	fclose(f);
	assert_true(lines > 100 && last_y == 5e-4 && x == 999001);
}

/* What never came is slower than all: the curve never falls below its share. */
static void test_curve_lost(void **state)
{
	int64_t v[4] = { 1000, 2000, 4000, 8000 };
	double x, y, seen[4];
	FILE *f = begin();
	size_t n = 0;

	(void)state;
	curve_write(f, v, 4, 6, .1);
	fclose(f);
	f = fmemopen(written, written_len, "r");
	for (; fscanf(f, "%lf %lf", &x, &y) == 2; n++) {
		assert_true(n < 4 && x == (double)v[n]);
		seen[n] = y;
	}
	fclose(f);
	assert_int_equal(n, 4);
	assert_true(fabs(seen[0] - .9) < 1e-9 && fabs(seen[1] - .8) < 1e-9 && fabs(seen[2] - .7) < 1e-9 && fabs(seen[3] - .6) < 1e-9);
}

/* Of a hundred thousand points that lie on a line few are drawn, and each that lies apart. */
static void test_dots(void **state)
{
	static struct dots d;
	size_t i, drawn = 0, apart = 0;

	(void)state;
	dots_begin(&d, 0, 1, 10, 1e6, true, 3);
	for (i = 0; i < 100000; i++) {
		drawn += dots_take(&d, (double)i / 1e5, 1000);
		if (i % 10000 == 5000)
			apart += dots_take(&d, (double)i / 1e5, 1e5 + (double)i);
	}
	assert_int_equal(drawn, DOTS_ACROSS / 3);
	assert_int_equal(apart, 10);
	assert_false(dots_take(&d, .5, 1000));
	assert_false(dots_take(&d, -.1, 1000) || dots_take(&d, 1.1, 1000) || dots_take(&d, .5, 9) || dots_take(&d, .5, 2e6) || dots_take(&d, .5, 0));
	assert_true(dots_take(&d, 1, 1e6) && dots_take(&d, 0, 10));
	dots_begin(&d, 1, 1, 0, 1, false, 0);
	assert_false(dots_take(&d, 1, .5));
}

/* -- groups -------------------------------------------------------------------------------------------------------- */

#define GROUPS 10

static void groups_make(struct report *rep, struct report_group *g, size_t n)
{
	size_t i;

	memset(rep, 0, sizeof(*rep));
	memset(g, 0, n * sizeof(*g));
	rep->group = g;
	rep->n_groups = n;
	rep->rank = QUANT_P99;
	for (i = 0; i < n; i++) {
		g[i].n = 100;
		g[i].q[QUANT_P99].known = true;
		g[i].q[QUANT_P99].ns = (int64_t)(i * 7 % n) * 100;	/* in no order */
	}
}

static bool is_odd(const struct report_group *g)
{
	return g->q[QUANT_P99].ns / 100 % 2;
}

static void test_select(void **state)
{
	struct report_group g[GROUPS];
	char note[REPORT_NOTE_LEN] = "";
	size_t chosen[GROUPS], i;
	struct report rep;

	(void)state;
	groups_make(&rep, g, GROUPS);
	assert_int_equal(report_select(&rep, NULL, GROUPS, chosen, note), GROUPS);
	assert_string_equal(note, "");
	for (i = 0; i < GROUPS; i++)
		assert_int_equal(chosen[i], i);
	/* Values 0 7 4 1 8 5 2 9 6 3: the two fastest are 0 and 3, the two slowest 4 and 7. */
	assert_int_equal(report_select(&rep, NULL, 4, chosen, note), 4);
	assert_true(chosen[0] == 0 && chosen[1] == 3 && chosen[2] == 4 && chosen[3] == 7);
	assert_string_equal(note, "There are 10; drawn are the 2 fastest and the 2 slowest, by p99.");
	g[0].lossy = true;	/* slower than any that arrived */
	assert_int_equal(report_select(&rep, NULL, 4, chosen, note), 4);
	assert_true(chosen[0] == 0 && chosen[1] == 3 && chosen[2] == 6 && chosen[3] == 7);
	g[0].n = 0;
	note[0] = '\0';
	assert_int_equal(report_select(&rep, is_odd, GROUPS, chosen, note), 5);
	assert_string_equal(note, "");
	assert_int_equal(report_select(&rep, NULL, 1, chosen, note), 1);
	assert_int_equal(chosen[0], 3);
}

/* A set-up has one colour whatever else is drawn; of too many, those of one backend share it and differ in their dashes. */
static void test_looks(void **state)
{
	char *few[] = { "a, x", "nobody", "a, y", "b, x" };
	char *many[] = { "a, x", "a, y", "b, x", "b, y", "c", "d", "e", "f", "g, x", "g, y", "h", "i", "i, z" };
	struct report_group g[13];
	struct report rep;
	size_t i, k;

	(void)state;
	groups_make(&rep, g, 4);
	rep.setup = few;
	rep.n_setups = 4;
	for (i = 0; i < 4; i++)
		g[i].setup = i;
	g[1].n = 0;
	for (i = 0; i < 4; i++)
		for (k = 0; k < i; k++)
			assert_true(i == 1 || k == 1 || strcmp(report_look(&rep, i).colour, report_look(&rep, k).colour));
	assert_true(report_look(&rep, 0).dash == 1 && report_look(&rep, 3).dash == 1);

	groups_make(&rep, g, 13);
	rep.setup = many;
	rep.n_setups = 13;
	for (i = 0; i < 13; i++)
		g[i].setup = i;
	assert_string_equal(report_look(&rep, 0).colour, report_look(&rep, 1).colour);
	assert_string_equal(report_look(&rep, 8).colour, report_look(&rep, 9).colour);
	for (i = 0; i < 13; i++)	/* no two alike */
		for (k = 0; k < i; k++)
			assert_true(report_look(&rep, i).dash != report_look(&rep, k).dash || strcmp(report_look(&rep, i).colour, report_look(&rep, k).colour));
}

/* Neighbours are of one condition, in the order they had. */
static void test_by_cond(void **state)
{
	size_t chosen[] = { 0, 1, 2, 3, 5 };
	struct report_group g[6];
	struct report rep;

	(void)state;
	groups_make(&rep, g, 6);
	g[0].cond = g[2].cond = 2;
	g[1].cond = g[5].cond = 1;
	report_by_cond(&rep, chosen, 5);
	assert_true(chosen[0] == 3 && chosen[1] == 1 && chosen[2] == 5 && chosen[3] == 0 && chosen[4] == 2);
}

/* -- a result of two set-ups, made in memory ------------------------------------------------------------------------ */

#define FRAMES 400

struct made {
	struct result r;
	struct result_cell cell[8];
	struct result_frame frame[8][FRAMES];
	struct report rep;
};

/* lost[i] of the last frames of a cell did not come; NULL: all came. */
static struct made *made_lossy(const int64_t *way_ns, const size_t *lost, size_t cells)
{
	static const char *const names[] = { "a-to-guest-none-r1", "b-to-guest-none-r1", "a-to-guest-flood-r1", "b-to-guest-flood-r1" };
	struct made *m = calloc(1, sizeof(*m));
	size_t i, k;
	int a;

	m->r = (struct result){ .dir = "d", .campaign = "c", .cell = m->cell, .n_cells = cells, .planned = cells };
	m->r.varies[AXIS_BACKEND] = true;
	m->r.varies[AXIS_LOAD] = cells > 2;
	for (i = 0; i < cells; i++) {
		struct result_cell *c = &m->cell[i];

		for (a = 0; a < AXES; a++)
			c->value[a] = axes[a].value;
		c->value[AXIS_BACKEND] = i % 2 ? "testpmd" : "taktd";
		c->value[AXIS_LOAD] = i / 2 ? "flood" : "none";
		c->name = names[i];
		c->repetition = 1;
		c->position = (int)i + 1;
		c->reason = "";
		c->status = way_ns[i] < 0 ? RESULT_SKIPPED : RESULT_OK;
		c->frame = m->frame[i];
		c->n_frames = way_ns[i] < 0 ? 0 : FRAMES;
		c->count.due = c->count.sent = c->n_frames;
		c->deadline_ns = 1000000;
		c->count.lost = lost ? lost[i] : 0;
		for (k = 0; k < c->n_frames; k++) {
			int64_t t = 1000000000 + (int64_t)k * 1000000;

			m->frame[i][k] = (struct result_frame){ .seqid = (uint32_t)k + 1, .t_due = t, .t_sent = t + 5000, .t_received = t + 5000 + way_ns[i] + (int64_t)k,
				.t_arrival = t + 9000 + way_ns[i] + (int64_t)k };
			if (k + c->count.lost >= FRAMES)
				m->frame[i][k].t_received = m->frame[i][k].t_arrival = 0;
		}
	}
	assert_int_equal(report_make(&m->rep, &m->r, RESULT_PATH_DELAY, NULL), 0);
	return m;
}

static struct made *made(const int64_t *way_ns, size_t cells)
{
	return made_lossy(way_ns, NULL, cells);
}

static void made_free(struct made *m)
{
	report_fini(&m->rep);
	free(m);
}

static const struct report_group *group_named(const struct made *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->rep.n_groups; i++)
		if (!strcmp(m->rep.group[i].name, name))
			return &m->rep.group[i];
	fail_msg("no group is named %s", name);
	return NULL;
}

static void test_best(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000, 20000, 2000000 }, 4);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	assert_true(m->rep.n_groups == 4 && m->rep.n_setups == 2 && m->rep.n_conds == 2);
	assert_int_equal(m->rep.rank, QUANT_P99 - 1 + (group_named(m, "taktd, flood")->q[QUANT_P99].known ? 1 : 0));
	assert_true(group_named(m, "testpmd, no load")->best && group_named(m, "testpmd, no load")->sure && group_named(m, "taktd, no load")->worst);
	assert_true(group_named(m, "taktd, flood")->best && group_named(m, "testpmd, flood")->worst && !group_named(m, "testpmd, flood")->best);
	assert_int_equal(group_named(m, "testpmd, flood")->missed.k, FRAMES);
	assert_int_equal(group_named(m, "taktd, flood")->missed.k, 0);
	assert_int_equal(group_named(m, "taktd, flood")->sum.max, 20000 + FRAMES - 1);
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "taktd under 1 of 2 conditions; testpmd under 1 of 2 conditions."));
	assert_null(strstr(answer, "certain"));
	made_free(m);
}

static void test_not_certain(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 20005 }, 2);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	assert_true(group_named(m, "taktd")->best && !group_named(m, "taktd")->sure);
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "Of 2 set-ups, the fastest is taktd"));
	assert_non_null(strstr(answer, "not certain"));
	made_free(m);
	m = made((int64_t[]){ 20000, 20000 }, 2);
	assert_true(!group_named(m, "taktd")->best && !group_named(m, "testpmd")->worst);
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "No difference"));
	made_free(m);
}

/* Who throws half of the frames away is not the fastest. */
static void test_lossy(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 1, 200 }, 2);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	assert_true(m->rep.rank == QUANT_P99 && group_named(m, "taktd")->best && group_named(m, "taktd")->sure && !group_named(m, "taktd")->lossy);
	assert_true(group_named(m, "testpmd")->worst && group_named(m, "testpmd")->lossy);
	assert_true(group_named(m, "testpmd")->careless && !group_named(m, "taktd")->careless);
	assert_string_equal(report_word(group_named(m, "testpmd")), "misses most");
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "the fastest is taktd"));
	assert_non_null(strstr(answer, "testpmd missed most: 50 % of its frames"));
	made_free(m);
	m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 100, 120 }, 2);
	/* Where all lose as much, they are told apart by what they all deliver. */
	assert_true(m->rep.rank == QUANT_P50 && group_named(m, "testpmd")->best && !group_named(m, "taktd")->careless);
	made_free(m);
}

/* Makes the report anew, of what a test changed. */
static void made_again(struct made *m)
{
	report_fini(&m->rep);
	assert_int_equal(report_make(&m->rep, &m->r, RESULT_PATH_DELAY, NULL), 0);
}

/* A lost frame took for ever: it moves the quantile of all that should have come. */
static void test_told(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 0, 2 }, 2);
	const struct report_group *g = group_named(m, "testpmd");

	(void)state;
	assert_true(m->rep.rank == QUANT_P99 && g->gone == 2 && g->n == FRAMES - 2);
	assert_int_equal(g->q[QUANT_P99].ns, 10000 + 394);	/* of 398: the 395th */
	assert_int_equal(g->told.ns, 10000 + 395);		/* of 400: the 396th */
	assert_int_equal(g->told.upper_ns, NS_NEVER);		/* the 400th */
	assert_true(g->best && !g->sure);
	made_free(m);
}

/* Soon in the kernel, late in the program. */
static void make_late(struct made *m, size_t cell, size_t frames)
{
	size_t k;

	for (k = 0; k < frames; k++)
		m->frame[cell][k * 10].t_arrival += 2000000;
}

static void test_careless(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000 }, 2);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	assert_true(group_named(m, "testpmd")->best && !group_named(m, "testpmd")->careless);
	make_late(m, 1, 40);
	made_again(m);
	assert_true(group_named(m, "taktd")->best && group_named(m, "taktd")->sure && group_named(m, "testpmd")->careless && group_named(m, "testpmd")->worst);
	assert_string_equal(report_word(group_named(m, "testpmd")), "misses most");
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "testpmd missed most: 10 % of its frames"));
	assert_non_null(strstr(answer, "testpmd missed the deadline with 10 % of its frames."));
	make_late(m, 0, 38);	/* as many but for chance */
	made_again(m);
	assert_true(group_named(m, "testpmd")->best && !group_named(m, "testpmd")->careless);
	made_free(m);
}

/* Who loses a little is before who is late with half of all; then what he delivers ranks. */
static void test_lower_step(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 0, 10 }, 2);
	size_t k;

	(void)state;
	for (k = 0; k < FRAMES; k += 2)
		m->frame[0][k].t_arrival += 2000000;
	made_again(m);
	assert_true(m->rep.rank == QUANT_P99 && group_named(m, "taktd")->careless && !group_named(m, "taktd")->best);
	assert_true(group_named(m, "testpmd")->best && group_named(m, "testpmd")->step == QUANT_P90 && !group_named(m, "testpmd")->lossy);
	made_free(m);
}

/* The pair alone is faster than all, and nothing to choose. */
static void test_floor(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000, 30000, 5000 }, 4);
	char answer[REPORT_ANSWER_LEN];
	size_t i;

	(void)state;
	m->r.varies[AXIS_LOAD] = false;
	for (i = 0; i < 4; i++)
		m->cell[i].value[AXIS_LOAD] = "none";
	m->cell[2].value[AXIS_BACKEND] = "ovs-dpdk";
	m->cell[3].value[AXIS_BACKEND] = "veth";
	made_again(m);
	assert_true(group_named(m, "veth")->floor && !group_named(m, "veth")->best && !group_named(m, "veth")->worst && !report_ranks(group_named(m, "veth")));
	assert_true(group_named(m, "testpmd")->best && group_named(m, "testpmd")->sure && group_named(m, "ovs-dpdk")->worst);
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "Of 3 set-ups, the fastest is testpmd"));
	assert_non_null(strstr(answer, "Without any backend (veth, the floor of all) it is 5."));
	for (i = 0; i < 3; i++)
		m->cell[i].value[AXIS_BACKEND] = "veth";
	m->r.varies[AXIS_BACKEND] = false;	/* alone it is what was measured */
	made_again(m);
	assert_false(m->rep.group[0].floor);
	made_free(m);
}

static void test_losses(void **state)
{
	struct made *m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 20, 398 }, 2);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "testpmd lost nearly all, 99.5 % of its frames; taktd lost 5 % of its frames."));
	assert_string_equal(report_word(group_named(m, "testpmd")), "loses nearly all");
	made_free(m);
	m = made_lossy((int64_t[]){ 20000, 10000 }, (size_t[]){ 0, FRAMES }, 2);
	assert_true(group_named(m, "taktd")->best && group_named(m, "testpmd")->worst && group_named(m, "testpmd")->lossy);
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "testpmd lost every frame."));
	made_free(m);
}

static void test_unfinished(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000 }, 2);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	report_answer(&m->rep, answer, sizeof(answer));
	assert_null(strstr(answer, "Unfinished"));
	m->r.planned = 5;
	report_answer(&m->rep, answer, sizeof(answer));
	assert_ptr_equal(strstr(answer, "Unfinished: 2 of 5 cells are done; takt bench run --resume d goes on. "), answer);
	assert_null(strstr(answer, "could not be measured"));
	made_free(m);
}

static void test_away(void **state)
{
	struct made *m = made((int64_t[]){ 20000, 10000 }, 2);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	report_answer(&m->rep, answer, sizeof(answer));
	assert_null(strstr(answer, "machine took"));
	assert_non_null(strstr(answer, "Noise floor: "));
	m->cell[0].floor.share = m->cell[1].floor.share = .7;
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "for 70 % of the time"));
	made_free(m);
}

static void test_skipped(void **state)
{
	struct made *m = made((int64_t[]){ 20000, -1 }, 2);
	char answer[REPORT_ANSWER_LEN];

	(void)state;
	assert_true(m->rep.n_measured == 1 && m->rep.n_skipped == 1 && !group_named(m, "taktd")->best);
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "taktd: half of the frames took 20."));
	assert_non_null(strstr(answer, "1 of 2 cells could not be measured"));
	made_free(m);
	m = made((int64_t[]){ -1, -1 }, 2);
	report_answer(&m->rep, answer, sizeof(answer));
	assert_non_null(strstr(answer, "Nothing was measured."));
	made_free(m);
}

TEST_GROUP("bench/report",
	cmocka_unit_test(test_html),
	cmocka_unit_test(test_data_url),
	cmocka_unit_test(test_gnuplot_str),
	cmocka_unit_test(test_markdown),
	cmocka_unit_test(test_micro),
	cmocka_unit_test(test_markdown_block),
	cmocka_unit_test(test_numbers),
	cmocka_unit_test(test_curve),
	cmocka_unit_test(test_curve_lost),
	cmocka_unit_test(test_dots),
	cmocka_unit_test(test_looks),
	cmocka_unit_test(test_by_cond),
	cmocka_unit_test(test_select),
	cmocka_unit_test(test_best),
	cmocka_unit_test(test_not_certain),
	cmocka_unit_test(test_lossy),
	cmocka_unit_test(test_told),
	cmocka_unit_test(test_careless),
	cmocka_unit_test(test_lower_step),
	cmocka_unit_test(test_floor),
	cmocka_unit_test(test_losses),
	cmocka_unit_test(test_unfinished),
	cmocka_unit_test(test_away),
	cmocka_unit_test(test_skipped),
)
