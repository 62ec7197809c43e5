/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OpenMetrics: taktd's own counters, and the hops of the frames that went by since this command began, as histograms.
 */
#include "probes/export.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/key.h"
#include "base/ns.h"
#include "probes/hop_table.h"
#include "probes/metrics.h"
#include "vnet/client.h"

static int add(void *cell, int64_t ns, const struct way *w)
{
	struct metrics_histogram *h = cell;
	int i = metrics_bucket(ns);

	h->count[i]++;
	h->sum_ns += ns;
	h->exemplar[i].ns = ns;
	h->exemplar[i].seq = w->rec.seq;
	h->exemplar[i].seqid = key_seqid(w->key);
	h->exemplar[i].numbered = key_is_numbered(w->key);
	h->exemplar[i].t = w->rec.t_out;
	return 0;
}

static int frame(struct export *x, const struct way *w)
{
	return hop_table_frame(x->state, w, add);
}

static void fini(struct export *x)
{
	hop_table_destroy(x->state, NULL);
	x->state = NULL;
}

static int begin(struct export *x, struct why *why)
{
	x->state = hop_table_create(sizeof(struct metrics_histogram));
	return x->state ? 0 : why_fail(why, ENOMEM, "out of memory");
}

/* -- what `show` answers ----------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "?";
}

/* A name that ends in a unit of its own has it. */
static const char *unit_of(const char *name)
{
	size_t len = strlen(name);

	return len > 6 && !strcmp(name + len - 6, "_bytes") ? "bytes" : "";
}

/* One family for each counter that ports have, with a value for each port. */
static void put_ports(struct metrics *m, const json_t *show, const char *instance)
{
	json_t *ports = json_object_get(show, "ports"), *first = json_object_get(json_array_get(ports, 0), "counters");
	const char *key;
	json_t *unused, *port;
	size_t i;

	json_object_foreach(first, key, unused) {
		char name[METRICS_NAME], help[128];

		(void)unused;
		snprintf(name, sizeof(name), "takt_port_%s", key);
		snprintf(help, sizeof(help), "Counter %s of the port, which takt show explains.", key);
		metrics_family(m, name, METRICS_COUNTER, unit_of(name), help);
		json_array_foreach(ports, i, port)
			metrics_value(m, json_number_value(json_object_get(json_object_get(port, "counters"), key)), "taktd", instance, "port",
				      text_of(port, "name"), NULL);
	}
	metrics_family(m, "takt_port_up", METRICS_GAUGE, "", "1 where a guest or a wire is there.");
	json_array_foreach(ports, i, port)
		metrics_value(m, json_is_true(json_object_get(port, "up")), "taktd", instance, "port", text_of(port, "name"), NULL);
	metrics_family(m, "takt_frames", METRICS_COUNTER, "", "What became of the frames that came in at the port.");
	json_array_foreach(ports, i, port) {
		json_t *verdicts = json_object_get(port, "verdicts"), *value;

		json_object_foreach(verdicts, key, value)
			metrics_value(m, json_number_value(value), "taktd", instance, "port", text_of(port, "name"), "verdict", key, NULL);
	}
}

static void put_classes(struct metrics *m, const json_t *show, const char *instance)
{
	static const struct {
		const char *key, *name, *help;
		enum metrics_type type;
	} rows[] = {
		{ "sent", "takt_class_sent_frames", "Frames of the class handed to the port.", METRICS_COUNTER },
		{ "overruns", "takt_class_overruns", "Of them, those handed over after their gate had closed.", METRICS_COUNTER },
		{ "over_hi", "takt_class_over_hi", "Of them, those sent with more credit than hiCredit.", METRICS_COUNTER },
		{ "queued", "takt_class_queued_frames", "Frames in the class queue now.", METRICS_GAUGE },
	};
	const json_t *port, *tc;
	size_t i, k, n;
	char number[24];

	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		metrics_family(m, rows[n].name, rows[n].type, "", rows[n].help);
		json_array_foreach(json_object_get(show, "ports"), i, port)
			json_array_foreach(json_object_get(port, "classes"), k, tc) {
				snprintf(number, sizeof(number), "%d", (int)json_integer_value(json_object_get(tc, "tc")));
				metrics_value(m, json_number_value(json_object_get(tc, rows[n].key)), "taktd", instance, "port", text_of(port, "name"),
					      "class", number, NULL);
			}
	}
}

static void put_worker(struct metrics *m, const json_t *show, const char *instance)
{
	static const struct {
		const char *key, *name, *unit, *help;
		double scale;
	} rows[] = {
		{ "turns", "takt_worker_turns", "", "Turns of the worker.", 1 },
		{ "idle_turns", "takt_worker_idle_turns", "", "Turns in which no frame was received or sent.", 1 },
		{ "gaps", "takt_worker_gaps", "", "Times the worker did not see its clock for longer than poll-gap.", 1 },
		{ "gap_ns", "takt_worker_gap_seconds", "seconds", "Time lost in them.", 1e-9 },
		{ "clock_steps", "takt_worker_clock_steps", "", "Steps of the clock.", 1 },
		{ "records", "takt_worker_records", "", "Records published.", 1 },
	};
	const json_t *worker = json_object_get(show, "worker");
	size_t n;

	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		metrics_family(m, rows[n].name, METRICS_COUNTER, rows[n].unit, rows[n].help);
		metrics_value(m, json_number_value(json_object_get(worker, rows[n].key)) * rows[n].scale, "taktd", instance, NULL);
	}
	metrics_family(m, "takt_clock_good", METRICS_GAUGE, "", "1 while taktd trusts its clock.");
	metrics_value(m, json_is_true(json_object_get(json_object_get(show, "clock"), "good")), "taktd", instance, NULL);
	metrics_family(m, "takt_clock_error_bound_seconds", METRICS_GAUGE, "seconds", "How far its clock may be off.");
	metrics_value(m, json_number_value(json_object_get(json_object_get(show, "clock"), "error_bound_ns")) * 1e-9, "taktd", instance, NULL);
}

/* -- a text ------------------------------------------------------------------------------------------------------------ */

static void put_hops(const struct export *x, struct metrics *m, const char *instance)
{
	struct hop_at at;
	char tc[8];
	int i;

	metrics_family(m, "takt_hop_seconds", METRICS_HISTOGRAM, "seconds",
		       "Time that frames spent in each hop, since the export began; total is their whole way as far as it is known.");
	for (i = 0; i < HOP_TABLE_CELLS; i++) {
		if (!hop_table_at(x->state, i, &at))
			continue;
		snprintf(tc, sizeof(tc), "%d", at.tc);
		metrics_histogram(m, at.cell, x->tai_offset_s, "taktd", instance, "port", port_name(&x->ports, at.port), "class", tc, "hop", at.name,
				  NULL);
	}
	metrics_family(m, "takt_export_lost_records", METRICS_COUNTER, "", "Records that were overwritten before the export read them.");
	metrics_value(m, (double)x->lost, "taktd", instance, NULL);
}

static int put_all(struct export *x, struct why *why)
{
	const char *dot = strrchr(x->conf->output, '.'), *instance = x->instance;
	struct metrics m = { .old = dot && !strcmp(dot, ".prom") };
	json_t *show = NULL;
	int err;

	/* Without taktd there are no counters: the hops of a copied file alone. */
	if (!x->conf->input) {
		err = client_request(x->conf->name, json_pack("{ss}", "cmd", "show"), &show, why);
		if (err)
			return err;
		instance = text_of(show, "instance");
	}
	err = sink_open(&x->sink, x->conf->output, why);
	m.f = x->f = x->sink.f;
	if (!err && show) {
		put_ports(&m, show, instance);
		put_classes(&m, show, instance);
		put_worker(&m, show, instance);
	}
	if (!err) {
		put_hops(x, &m, instance);
		metrics_end(&m);
		err = export_error(x);
	}
	if (!err)
		err = sink_commit(&x->sink, why);
	sink_close(&x->sink);
	json_decref(show);
	return err;
}

/* Into a pipe there is one text: it ends with "# EOF". */
static int refresh(struct export *x, struct why *why)
{
	return strcmp(x->conf->output, "-") ? put_all(x, why) : 0;
}

const struct export_format export_openmetrics = {
	.name = "openmetrics", .help = "counters and histograms of hops; into FILE.prom as node_exporter's textfile collector reads them",
	.guests = true, .own = true, .begin = begin, .frame = frame, .refresh = refresh, .end = put_all, .fini = fini,
};
