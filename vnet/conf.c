/* SPDX-License-Identifier: BSD-3-Clause */
#include "vnet/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "vnet/conf_type.h"

/* -- the schema ---------------------------------------------------------------------------------------------- */

#define AT(field) .offset = offsetof(struct conf, field)
#define TEXT(field) AT(field), .max = sizeof(((struct conf *)0)->field)

static const struct conf_key keys[] = {
	{.key = "name", .type = &conf_type_name, TEXT(name), .def = "takt",
	 .help = "Name of the instance: of its control socket and of its file of records."},
	{.key = "run-dir", .type = &conf_type_path, TEXT(run_dir), .def = "/run/takt", .help = "Folder of the control socket, made if missing."},
	{.key = "cpu", .type = &conf_type_int, AT(cpu), .min = -1, .max = 1023, .def = "-1", .help = "CPU of the worker; -1: any."},
	{.key = "memory", .type = &conf_type_int, AT(memory_mib), .min = 32, .max = 1048576, .def = "256",
	 .help = "MiB of memory for packets and rings."},
	{.key = "huge-pages", .type = &conf_type_bool, AT(huge), .def = "true", .help = "Take that memory from huge pages."},
	{.key = "records", .type = &conf_type_int, AT(records), .min = 1024, .max = 1 << 24, .def = "262144", .flags = CONF_POW2 | CONF_OR_0,
	 .help = "Frames whose records are kept for readers: 64 bytes each, and 8 for its key. With 0 none are made, and nothing that reads them works."},
	{.key = "poll-gap", .type = &conf_type_ns, AT(poll_gap_ns), .min = NS_PER_US, .max = NS_PER_SEC, .def = "20us",
	 .help = "Shortest time without a look at the clock that is published as a poll gap."},
	{.key = "ageing-time", .type = &conf_type_ns, AT(ageing_ns), .min = NS_PER_MS, .max = 1000000 * NS_PER_SEC, .def = "300s",
	 .help = "How long a learned address is kept without traffic."},
	{.key = "clock", .type = &conf_type_clock, AT(clock), .def = "{}", .sub = conf_clock_keys, .help = "What time the schedules go by."},
	{.key = "ports", .type = &conf_type_ports, .sub = conf_port_keys, .help = "The ports, up to 32."},
	{.key = NULL},
};

/* -- whole files --------------------------------------------------------------------------------------------- */

int conf_read_file(char **text, const char *path, const char **where, struct why *why)
{
	bool standard = !strcmp(path, "-");
	FILE *f = standard ? stdin : fopen(path, "re");
	char *buf = NULL;
	size_t n;
	int err = 0;

	*where = standard ? "<stdin>" : path;
	if (!f)
		return why_fail(why, errno, "%s: cannot be opened: %s", *where, strerror(errno));
	buf = malloc(YML_MAX_BYTES + 2);
	if (!buf) {
		err = why_fail(why, ENOMEM, "%s: out of memory", *where);
		goto out;
	}
	errno = 0;
	n = fread(buf, 1, YML_MAX_BYTES + 1, f);
	buf[n] = '\0';
	if (ferror(f))
		err = why_fail(why, errno ? errno : EIO, "%s: cannot be read: %s", *where,
			       strerror(errno ? errno : EIO));
	else if (n > YML_MAX_BYTES)
		err = why_fail(why, EINVAL, "%s: longer than 1 MiB: no configuration needs that", *where);
	else if (strlen(buf) != n)
		err = why_fail(why, EINVAL, "%s: has NUL bytes in it: give a text file", *where);
out:
	if (!standard)
		fclose(f);
	if (err)
		free(buf);
	else
		*text = buf;
	return err;
}

int conf_read_root(struct conf *conf, const struct conf_at *at, const struct yml_node *root)
{
	int err;

	memset(conf, 0, sizeof(*conf));
	err = conf_keys_default(keys, conf, at->why);
	if (!err)
		err = conf_keys_read(at, keys, root, 0, conf);
	if (!err && !conf->n_ports)
		err = conf_refuse(at, root->line, "ports", "there is none: give at least one port");
	if (err)
		conf_fini(conf);
	return err;
}

int conf_load(struct conf *conf, const char *path, struct why *why)
{
	struct conf_at at = {.why = why};
	struct yml *y = NULL;
	char *text = NULL;
	int err;

	memset(conf, 0, sizeof(*conf));
	err = conf_read_file(&text, path, &at.where, why);
	if (err)
		return err;
	err = yml_parse(&y, text, strlen(text), at.where, why);
	if (!err)
		err = conf_read_root(conf, &at, yml_root(y));
	yml_free(y);
	free(text);
	return err;
}

void conf_fini(struct conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->n_ports; i++) {
		free(conf->port[i].gate.entries);
		conf_police_fini(&conf->port[i].police);
	}
	memset(conf, 0, sizeof(*conf));
}

int conf_set_name(struct conf *conf, const char *name, struct why *why)
{
	struct conf_at at = {.where = "--name", .why = why};
	struct yml_node n = {.kind = YML_SCALAR, .text = name};
	const struct conf_key *k = keys;

	while (strcmp(k->key, "name"))
		k++;
	return k->type->read(&at, k, &n, (char *)conf + k->offset);
}

/* A file with a mistake in it is still a file. */
bool conf_is_file(const struct yml_node *root)
{
	const struct conf_key *k;

	for (k = keys; k->key; k++)
		if (yml_find(root, k->key))
			return true;
	return false;
}

/* -- dump and reference -------------------------------------------------------------------------------------- */

int conf_dump(const struct conf *conf, FILE *f)
{
	conf_keys_print(keys, conf, 0, f, 0);
	fputc('\n', f);
	return ferror(f) ? -EIO : 0;
}

static void doc_section(const char *title, const char *text, const struct conf_key *rows, FILE *f)
{
	fprintf(f, "\n## %s\n\n%s\n\n", title, text);
	conf_keys_doc(rows, f);
}

/* A table of keys is found under the row that names it, so that each is declared once. */
static const struct conf_key *find_sub(const struct conf_key *rows, const char *key)
{
	while (strcmp(rows->key, key))
		rows++;
	return rows->sub;
}

static const struct {
	const char *key, *text;
	const struct conf_key *rows;
} police_tables[] = {
	{"stream-filters", "Per-stream filtering and policing of what comes in at the port (802.1Q-2022 8.6.5). The names are the leaves of IEEE's "
	 "YANG modules\nieee802-dot1q-stream-filters-gates, -psfp and -ats; a stream is identified in place, as 802.1CB's null stream identification "
	 "does it.\nRows refer to each other by their ids.", conf_filter_keys},
	{"stream-gates", "A gate with a list of its own.", conf_stream_gate_keys},
	{"stream-gates: admin-control-list", "Each item is a mapping with these keys, or a text as tc's gate action has it: "
	 "`sched-entry open 200000 -1 -1`\n(state, nanoseconds, IPV, octets; -1: none).", conf_stream_entry_keys},
	{"flow-meters", "MEF 10.3's bandwidth profile: two rates, three colours.", conf_meter_keys},
	{"schedulers", "Asynchronous traffic shaping (802.1Qcr): a token bucket each.", conf_scheduler_keys},
	{"scheduler-groups", "Schedulers whose frames do not overtake each other.", conf_group_keys},
	{"cqf", "A shorthand, in one line: `cqf: {cycle-time: 500us, classes: [5, 4]}`. `takt gate show` and `takt police show` tell what it makes.",
	 conf_cqf_keys},
	{NULL, NULL, NULL},
};

int conf_doc(FILE *f)
{
	size_t i;

	fputs("<!-- made by `takt config-doc`: change vnet/conf.c or vnet/conf_gate.c instead -->\n"
	      "# The configuration of taktd\n\n"
	      "One YAML file. `taktd --check -c FILE` checks it, `takt gate check FILE` draws its schedules, `takt dump` prints the file that would\n"
	      "rebuild what runs. A key that is not known, a key given twice, or a value out of range is refused with file and line.\n\n"
	      "Durations are a number with a unit (`20us`, `1.5ms`, `300s`; a bare integer is nanoseconds). Instants are TAI. Yes or no may be\n"
	      "written `yes`/`no`, `true`/`false`, `on`/`off`.\n", f);
	doc_section("Top level", "What the instance is.", keys, f);
	doc_section("clock", "`docs/time.md` tells what these do.", conf_clock_keys, f);
	doc_section("ports", "Each port has exactly one of `guest`, `wire` and `mem`.", conf_port_keys, f);
	doc_section("credit-based-shaper", "A class's value is a rate, or a mapping with these keys, which add up. The names are those of IEEE's YANG module\n"
		    "ieee802-dot1q-cbsa. All classes' rates together are at most the link's.", conf_cbs_keys, f);
	doc_section("launch-time", "For each class:", conf_launch_keys, f);
	doc_section("ptp", "In one line: `ptp: {role: client-only, message-rate: 64}`. docs/ptp.md says what for.", conf_ptp_keys, f);
	conf_ptp_doc(f);
	doc_section("gate-parameters", "The names are the leaves of IEEE's YANG module ieee802-dot1q-sched.",
		    conf_gate_keys, f);
	doc_section("admin-control-list", "Each item is a mapping with these keys, or a text as tc-taprio(8) has it: "
		    "`sched-entry S 80 300000`\n(operation, gates in hexadecimal, nanoseconds).",
		    find_sub(conf_gate_keys, "admin-control-list"), f);
	for (i = 0; police_tables[i].key; i++)
		doc_section(police_tables[i].key, police_tables[i].text, police_tables[i].rows, f);
	return ferror(f) ? -EIO : 0;
}

int conf_man(FILE *f)
{
	static const struct {
		const char *title;
		const struct conf_key *rows;
	} sections[] = {{"TOP LEVEL", keys}, {"CLOCK", conf_clock_keys}, {"PORTS", conf_port_keys}, {"CREDIT\\-BASED\\-SHAPER", conf_cbs_keys},
			{"LAUNCH\\-TIME", conf_launch_keys}, {"PTP", conf_ptp_keys}, {"GATE\\-PARAMETERS", conf_gate_keys}};
	size_t i;

	fputs(".\\\" made by `takt config-doc --man`: change vnet/conf*.c instead\n"
	      ".TH TAKT.YAML 5\n.SH NAME\ntakt.yaml \\- configuration of taktd\n"
	      ".SH DESCRIPTION\nOne YAML document. \\fBtaktd \\-\\-check \\-c\\fR \\fIFILE\\fR checks it,\n"
	      "\\fBtakt gate check\\fR \\fIFILE\\fR draws its schedules, \\fBtakt dump\\fR prints the file that would rebuild what runs.\n"
	      "Durations are a number with a unit (20us, 1.5ms); a bare integer is nanoseconds. Instants are TAI.\n", f);
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		fprintf(f, ".SH %s\n", sections[i].title);
		conf_keys_man(sections[i].rows, f);
		if (sections[i].rows == conf_ptp_keys)
			conf_ptp_man(f);
	}
	fputs(".SH ADMIN\\-CONTROL\\-LIST\nEach item is a mapping with these keys, or a text as\n.BR tc\\-taprio (8)\n"
	      "has it: \\fBsched\\-entry S 80 300000\\fR (operation, gates in hexadecimal, nanoseconds).\n", f);
	conf_keys_man(find_sub(conf_gate_keys, "admin-control-list"), f);
	for (i = 0; police_tables[i].key; i++) {
		fputs(".SH ", f);
		conf_put_roff(police_tables[i].key, f);
		fputc('\n', f);
		conf_keys_man(police_tables[i].rows, f);
	}
	fputs(".SH SEE ALSO\n.BR takt (1),\n.BR taktd (8)\n", f);
	return ferror(f) ? -EIO : 0;
}
