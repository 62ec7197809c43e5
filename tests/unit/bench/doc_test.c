/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages: what is escaped, and how text becomes HTML and Markdown; constants of gnuplot's.
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/doc.h"
#include "bench/gnuplot.h"
#include "bench/html.h"

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

/* A script that is wrong: what gnuplot said of it. */
static void test_gnuplot_says(void **state)
{
	char dir[] = "/tmp/takt-unit-XXXXXX", path[64];
	struct why why = { 0 };
	struct procs *set;
	FILE *f;

	(void)state;
	if (access("/usr/bin/gnuplot", X_OK))
		skip();
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/wrong.gp", dir);
	f = fopen(path, "w");
	fputs("x = 1\nx = nobody + 1\n", f);
	fclose(f);
	assert_int_equal(procs_create(&set, &why), 0);
	assert_int_equal(gnuplot_draw(set, dir, "wrong.gp", &why), -EIO);
	procs_destroy(set);
	remove(path);
	rmdir(dir);
	assert_non_null(strstr(why.text, "gnuplot wrong.gp: "));
	assert_non_null(strstr(why.text, "undefined variable: nobody"));
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

/* One sentence in bold, a list beneath it. */
static void test_answer(void **state)
{
	static const char *const lines[] = { "one <b>", "two", NULL }, *const none[] = { NULL };
	FILE *f = begin();
	struct doc d;

	(void)state;
	doc_begin(&d, f, DOC_HTML, ".", "t");
	fseek(f, 0, SEEK_SET);
	doc_answer(&d, "A & B", lines);
	doc_answer(&d, "C", none);
	fclose(f);
	assert_string_equal(written, "<div class=\"answer\"><p>A &amp; B</p>\n<ul>\n<li>one &lt;b&gt;</li>\n<li>two</li>\n</ul>\n</div>\n<div class=\"answer\"><p>C</p>\n</div>\n");
	f = begin();
	doc_begin(&d, f, DOC_MD, ".", "t");
	fseek(f, 0, SEEK_SET);
	doc_answer(&d, "A", lines);
	fclose(f);
	assert_string_equal(written, "**A**\n\n- one &lt;b&gt;\n- two\n\n");
}

TEST_GROUP("bench/doc",
	cmocka_unit_test(test_html),
	cmocka_unit_test(test_data_url),
	cmocka_unit_test(test_gnuplot_str),
	cmocka_unit_test(test_gnuplot_says),
	cmocka_unit_test(test_markdown),
	cmocka_unit_test(test_micro),
	cmocka_unit_test(test_markdown_block),
	cmocka_unit_test(test_answer),
)
