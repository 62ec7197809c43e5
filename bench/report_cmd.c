/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt bench report: what came out of a campaign, as pages and figures.
 */
#include "bench/bench.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/report_dir.h"
#include "bench/report_page.h"
#include "bench/report_summary.h"

#define PAPER	"paper.html"	/* what the PDF is printed from */
#define PDF_NS	 (180 * NS_PER_SEC)

struct conf {
	const char *format, *output, *kind;
	bool json;
};

const struct opt campaign_report_opts[] = {
	{ "format", 'f', OPT_STR, offsetof(struct conf, format), "LIST", NULL, 0, 0, "html, md, pdf, several with commas between; figures and summary in any case (default: all)" },
	{ "output", 'o', OPT_STR, offsetof(struct conf, output), "DIR", NULL, 0, 0, "the report's folder; an earlier report there is replaced (default: RESULT/report)" },
	{ "kind", 'k', OPT_STR, offsetof(struct conf, kind), "path-delay|end-to-end", NULL, 0, 0, "which latency (default: path delay, or end to end where stamps are missing)" },
	{ "json", 'j', OPT_FLAG, offsetof(struct conf, json), NULL, NULL, 0, 0, "print the summary as JSON: times are integers in ns" },
	OPT_END
};

const char campaign_report_examples[] =
	"  takt bench report results/quick/latest                       index.html, report.pdf, report.md and figures in its folder report/\n"
	"  takt bench report results/quick/latest --format md -o r      Markdown only, in r/\n"
	"  takt bench report results/quick/latest --json | jq .answer\n"
	"  gnuplot results/quick/latest/report/cdf.gp                   within that folder: draws a figure again\n"
	"The PDF is printed by weasyprint (a Debian package). Without it the rest is made, and that is said; the exit status is 77 only\n"
	"where --format asks for the PDF by name.\n"
	"\n"
	"Exit status: 0 the report is there; 1 it cannot be written, or a program that draws failed; 2 RESULT is no result, or damaged; 77 as above.\n";

enum { HTML, MD, PDF, FORMATS };
static const char *const formats[FORMATS] = { "html", "md", "pdf" };

struct job {
	const struct conf *conf;
	bool want[FORMATS];
	struct result *result;
	struct report rep;
	struct report_drawn drawn[REPORT_FIGURES];
	struct report_dir dir;
	struct procs *set;
	bool no_pdf;			/* asked for and not made */
};

/* -- what was asked for -------------------------------------------------------------------------------------------- */

static int choose_formats(struct job *j, struct why *why)
{
	const char *p = j->conf->format;
	size_t n;
	int i;

	if (!p) {
		for (i = 0; i < FORMATS; i++)
			j->want[i] = true;
		return 0;
	}
	for (;; p += n + 1) {
		n = strcspn(p, ",");
		for (i = 0; i < FORMATS && (strlen(formats[i]) != n || strncmp(formats[i], p, n)); i++)
			;
		if (i == FORMATS)
			return why_fail(why, EINVAL, "--format: \"%.*s\" is none of html, md, pdf", (int)(n < 40 ? n : 40), p);
		j->want[i] = true;
		if (!p[n])
			return 0;
	}
}

static int choose_kind(const struct job *j, enum result_kind *kind, struct why *why)
{
	const char *k = j->conf->kind;

	*kind = result_kind_of(j->result);
	if (!k)
		return 0;
	*kind = !strcmp(k, "path-delay") ? RESULT_PATH_DELAY : RESULT_END_TO_END;
	if (*kind == RESULT_PATH_DELAY || !strcmp(k, "end-to-end"))
		return 0;
	return why_fail(why, EINVAL, "--kind: \"%.40s\" is neither path-delay nor end-to-end", k);
}

/* -- steps --------------------------------------------------------------------------------------------------------- */

/* One line on a terminal, that the next one overwrites. */
static void progress(const char *what)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s%s", what, *what ? " ..." : "");
}

static int make_figures(struct job *j, struct why *why)
{
	char what[80];
	int i, rc = 0;

	for (i = 0; i < REPORT_FIGURES && !rc; i++) {
		snprintf(what, sizeof(what), "figure %d of %d: %s", i + 1, REPORT_FIGURES, report_figure_name(i));
		progress(what);
		rc = procs_pause(j->set, 0) ?: report_draw(&j->rep, i, j->dir.part, j->set, &j->drawn[i], why);
	}
	return rc;
}

static int make_page(struct job *j, enum doc_kind kind, const char *name, bool paper, struct why *why)
{
	const struct result *r = j->result;
	char title[256];
	struct doc d;
	FILE *f = report_dir_open(&j->dir, name, why);
	int rc;

	if (!f)
		return -EIO;
	snprintf(title, sizeof(title), "takt: %.200s", json_string_value(json_object_get(r->meta, "title")) ?: r->campaign);
	doc_begin(&d, f, kind, j->dir.part, title);
	d.paper = paper;
	rc = report_page(&j->rep, j->drawn, &d, why);
	doc_end(&d);
	return report_dir_close(&j->dir, f, name, rc ? NULL : why) ?: rc;
}

static int make_summary(struct job *j, struct why *why)
{
	FILE *f = report_dir_open(&j->dir, "summary.tsv", why);
	struct out o;
	int rc;

	if (!f)
		return -EIO;
	report_tsv(&j->rep, f);
	rc = report_dir_close(&j->dir, f, "summary.tsv", why);
	f = rc ? NULL : report_dir_open(&j->dir, "summary.json", why);
	if (!f)
		return rc ?: -EIO;
	out_init(&o, f, true);
	report_print(&j->rep, &o);
	out_fini(&o);
	return report_dir_close(&j->dir, f, "summary.json", why);
}

static bool in_path(const char *program)
{
	char dirs[4096], path[4200], *save, *dir;

	snprintf(dirs, sizeof(dirs), "%s", getenv("PATH") ?: "/usr/bin:/bin");
	for (dir = strtok_r(dirs, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		snprintf(path, sizeof(path), "%s/%s", dir, program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

static int make_pdf(struct job *j, struct why *why)
{
	const char *argv[] = { "env", "-C", j->dir.part, "weasyprint", "-q", PAPER, "report.pdf", NULL };
	const struct proc_conf conf = { .name = "weasyprint", .argv = argv, .own_pids = true };
	int rc;

	if (!in_path("weasyprint")) {
		fprintf(stderr, "takt: no PDF: weasyprint is not installed (apt-get install weasyprint)\n");
		j->no_pdf = true;
		return 0;
	}
	progress("PDF");
	rc = make_page(j, DOC_HTML, PAPER, true, why) ?: proc_run(j->set, &conf, PDF_NS, why);
	unlinkat(j->dir.fd, PAPER, 0);
	return rc;
}

static int make_all(struct job *j, struct why *why)
{
	int rc = make_figures(j, why);

	progress("pages");
	rc = rc ?: make_summary(j, why);
	if (j->want[HTML])
		rc = rc ?: make_page(j, DOC_HTML, "index.html", false, why);
	if (j->want[MD])
		rc = rc ?: make_page(j, DOC_MD, "report.md", false, why);
	if (j->want[PDF])
		rc = rc ?: make_pdf(j, why);
	rc = rc ?: procs_pause(j->set, 0);
	progress("");
	return rc ?: report_dir_finish(&j->dir, why);
}

static int tell(const struct job *j)
{
	struct out o;

	out_init(&o, stdout, j->conf->json);
	report_print(&j->rep, &o);
	out_text(&o, "\nReport: %s/%s\n", j->dir.path, j->want[HTML] ? "index.html" : j->want[PDF] && !j->no_pdf ? "report.pdf" : j->want[MD] ? "report.md" : "");
	return out_fini(&o);
}

static int perform(struct job *j, const char *dir, struct why *why)
{
	char path[PATH_MAX];
	enum result_kind kind;
	int rc = result_open(&j->result, dir, why) ?: choose_kind(j, &kind, why);

	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s/report", dir);
	progress("figures");
	rc = report_make(&j->rep, j->result, kind, why) ?: procs_create(&j->set, why);
	if (rc)
		return rc;
	rc = report_dir_begin(&j->dir, j->conf->output ? j->conf->output : path, why) ?: make_all(j, why);
	report_dir_drop(&j->dir);
	return rc;
}

int campaign_report_run(const struct cmd *self, int argc, char **argv)
{
	struct conf conf = { 0 };
	struct job j = { .conf = &conf, .dir.fd = -1 };
	struct why why = { 0 };
	int status, rc, n = cmd_options(self, &conf, argc, argv, 1, 1, &status);

	if (n < 0)
		return status;
	rc = choose_formats(&j, &why) ?: perform(&j, argv[1], &why);
	progress("");
	if (rc == -EINTR)
		status = procs_exit(j.set, CMD_FAILED);
	else if (rc)
		status = cmd_refuse(rc, &why);
	else if (tell(&j))
		status = CMD_FAILED;
	else
		status = j.no_pdf && conf.format ? CMD_UNABLE : CMD_OK;
	procs_destroy(j.set);
	report_fini(&j.rep);
	result_close(j.result);
	return status;
}
