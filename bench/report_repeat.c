/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How to repeat a campaign: the command, and what a reader looks for first of meta.json; all else of it is folded.
 */
#include "bench/report_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

static const struct { const char *key, *name; } noted[] = {
	{ "command", "command" }, { "rerun_of", "repeats" }, { "who", "by" }, { "time", "begun" }, { "rev", "revision of takt" }, { "seed", "seed" }, { "order", "order" },
	{ "repetitions", "repetitions" }, { "traffic", "traffic" }, { "schedules", "schedules" }, { "asked", "asked for beside the file" }, { "kernel", "kernel" }, { "kernel_parameters", "its parameters" },
	{ "os", "system" }, { "cpu", "CPU" }, { "cpus", "CPUs" }, { "memory_mib", "memory (MiB)" }, { "clocksource", "clock source" }, { "loadavg", "load before" }, { "packages", "packages" },
};

/* "cycle_ns" is "cycle": its value has the unit. */
static void put_key(FILE *f, const char *key, bool is_time)
{
	size_t len = strlen(key) - (is_time ? 3 : 0), i;

	for (i = 0; i < len; i++)
		fputc(key[i] == '_' ? ' ' : key[i], f);
}

static bool is_empty(const json_t *v)
{
	return json_is_null(v) || (json_is_array(v) && !json_array_size(v)) || (json_is_object(v) && !json_object_size(v));
}

static bool is_time(const char *key, const json_t *v)
{
	size_t len = strlen(key);

	return len > 3 && !strcmp(key + len - 3, "_ns") && json_is_integer(v);
}

static void put_value(FILE *f, const json_t *v, bool time)
{
	char *text = NULL, ns[NS_STR_LEN];
	const json_t *item;
	size_t i;

	if (time) {
		fputs(ns_exact(ns, json_integer_value(v)), f);
	} else if (json_is_string(v)) {
		fputs(json_string_value(v), f);
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, item) {
			fputs(i ? " " : "", f);
			if (json_is_string(item))
				fputs(json_string_value(item), f);
		}
	} else {
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
		fputs(text ? text : "", f);
	}
	free(text);
}

/* In one line: a list's words, an object's "key value" of what is not empty. The caller frees it. */
static char *one_line(const char *name, const json_t *v)
{
	const char *key, *before = "";
	const json_t *item;
	char *line = NULL;
	size_t size;
	FILE *f = open_memstream(&line, &size);

	if (!f)
		return NULL;
	if (!json_is_object(v))
		put_value(f, v, is_time(name, v));
	json_object_foreach((json_t *)v, key, item) {
		if (is_empty(item))
			continue;
		fputs(before, f);
		put_key(f, key, is_time(key, item));
		fputc(' ', f);
		put_value(f, item, is_time(key, item));
		before = ", ";
	}
	fclose(f);
	return line;
}

static void noted_row(struct doc *d, const char *key, const char *name, const json_t *v)
{
	char *text = one_line(key, v);

	if (text && *text) {
		doc_row(d);
		doc_cell(d, DOC_PLAIN, NULL, "%s", name);
		doc_cell(d, DOC_PLAIN, NULL, "%s", text);
	}
	free(text);
}

void report_repeat(const struct report *rep, struct doc *d)
{
	const json_t *meta = rep->result->meta, *v;
	const char *heads[] = { "what", "was", NULL };
	char *all = json_dumps(meta, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	size_t i;

	doc_heading(d, 2, "How to repeat it");
	doc_para(d, "takt bench rerun %s repeats this campaign with the same seed, order and traffic. For a fair comparison use the same revision and packages; takt bench compare tells two results apart.", rep->folder);
	doc_words(d, heads);
	for (i = 0; i < sizeof(noted) / sizeof(noted[0]); i++) {
		v = json_object_get(meta, noted[i].key);
		if (v && !is_empty(v))
			noted_row(d, noted[i].key, noted[i].name, v);
	}
	doc_table_end(d);
	doc_fold(d, "Everything that was noted of machine and versions");
	doc_pre(d, all ? all : "");
	doc_fold_end(d);
	free(all);
}
