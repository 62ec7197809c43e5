/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cell_note.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "bench/folder.h"

const char *const cell_status_name[] = {[RESULT_OK] = "ok", [RESULT_SKIPPED] = "skipped", [RESULT_FAILED] = "failed"};

static json_t *axes_json(const struct cell *c)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < AXES; i++)
		json_object_set_new(o, axes[i].name, json_string(c->value[i]));
	return o;
}

int cell_note(const struct cell *c, const char *dir, enum result_status status, const char *reason, int64_t t_begin, int64_t t_end, struct why *why)
{
	struct folder at = {.lock = -1};
	json_t *doc;
	char *text;
	int rc;

	snprintf(at.path, sizeof(at.path), "%s", dir);
	doc = json_pack("{s:i, s:s, s:i, s:i, s:o, s:s, s:s, s:I, s:I, s:I}", "schema", 1, "cell", c->name, "repetition", c->repetition, "position",
			c->position, "axes", axes_json(c), "status", cell_status_name[status], "reason", reason, "t_begin", (json_int_t)t_begin,
			"t_end", (json_int_t)t_end, "deadline_ns", (json_int_t)c->traffic.deadline_ns);
	text = doc ? json_dumps(doc, JSON_INDENT(2)) : NULL;
	rc = text ? folder_put(&at, "cell.json", text, strlen(text), why) : why_fail(why, ENOMEM, "%.200s/cell.json: out of memory", dir);
	free(text);
	json_decref(doc);
	return rc;
}

enum result_status cell_note_read(const char *dir, char *reason, size_t size)
{
	char path[FOLDER_LEN];
	enum result_status s = RESULT_FAILED;
	const char *status, *said;
	json_t *doc;
	int i;

	snprintf(path, sizeof(path), "%s/cell.json", dir);
	doc = json_load_file(path, 0, NULL);
	status = json_string_value(json_object_get(doc, "status"));
	said = json_string_value(json_object_get(doc, "reason"));
	snprintf(reason, size, "%s", said ? said : status ? "" : "its cell.json cannot be read");
	for (i = 0; status && i < 3; i++)
		if (!strcmp(status, cell_status_name[i]))
			s = (enum result_status)i;
	json_decref(doc);
	return s;
}
