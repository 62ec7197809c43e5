/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blame_scene FILE DIR: a recording (docs/formats.md) from a text, for what the machine at hand cannot do: KVM's exits, vhost-net, stamps of a network card.
 * Lines, instants from the scene's beginning on:
 *
 *	port NAME guest|wire
 *	worker TID CPU
 *	vcpu PORT TID...
 *	[xN STEP] frame in=PORT out=PORT t=SEEN [tc=] [copy= class= queue= gate= shape= port= send=] [key=] [flags=] [len=]
 *	[xN STEP] event SOURCE KIND t= [end= tid= cpu= by= who= arg= key= flags= e0= .. e5=]	SOURCE: host, guest-PORT, wire-PORT
 *
 * xN STEP: N times, each STEP later, with the next key. Frames are numbered from 0.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/key.h"
#include "base/ns.h"
#include "probes/evfile.h"
#include "probes/evwriter.h"
#include "vnet/rec.h"

#define T0	INT64_C(1700000000000000000) /* TAI at the scene's beginning */
#define UPTIME	INT64_C(1000000000000)	     /* the kernels' clocks then */
#define FRAMES	4096
#define SOURCES 8
#define LENGTH	INT64_C(2000000000)
#define CLOCK_NS INT64_C(50000000)	/* between two looks at a clock */

struct source {
	char name[16], file[24];
	struct evwriter w;
	FILE *f;
};

static struct pkt frames[FRAMES];
static uint64_t keys[FRAMES];
static uint32_t n_frames, n_ports;
static struct source sources[SOURCES];
static int n_sources;
static json_t *ports, *guests, *rows, *show_ports;
static int worker_tid, worker_cpu = -1;
static const char *dir;

static void die(const char *what, const char *which)
{
	fprintf(stderr, "blame_scene: %s: %s\n", what, which);
	exit(1);
}

static int64_t ns(const char *text)
{
	struct why why = {""};
	int64_t v;

	if (!strncmp(text, "0x", 2))
		return (int64_t)strtoull(text, NULL, 16);
	if (ns_parse(&v, text, &why))
		die(why.text, text);
	return v;
}

static FILE *open_file(const char *name)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wbe");
	if (!f)
		die(strerror(errno), path);
	return f;
}

static int write_block(void *ctx, const void *block, size_t bytes)
{
	return fwrite(block, 1, bytes, ctx) == bytes ? 0 : -EIO;
}

/* Coverage: everything is live, in a recording that was made. */
static const char meta[] = "{\"source\": \"made\", \"name\": \"made\", \"clock\": \"monotonic\", \"points\": ["
			   "{\"name\": \"sched_switch\", \"live\": true}, {\"name\": \"irq_handler\", \"live\": true}, {\"name\": \"softirq\", \"live\": true}, "
			   "{\"name\": \"kvm_exit\", \"live\": true}, {\"name\": \"kvm_entry\", \"live\": true}, {\"name\": \"switch\", \"live\": true}, "
			   "{\"name\": \"irq\", \"live\": true}, {\"name\": \"app\", \"hop\": \"app\", \"live\": true}]}";

static void add_clocks(struct source *s)
{
	struct event e = {.kind = EV_CLOCK, .arg = 100};
	int64_t t;

	for (t = 0; t <= LENGTH; t += CLOCK_NS) {
		e.t = UPTIME + t;
		e.t_end = T0 + t;
		if (!strncmp(s->name, "guest", 5))
			e = (struct event){.kind = EV_SYNC, .t = UPTIME + t - 1000, .t_end = UPTIME + t + 1000, .arg = (uint64_t)(T0 + t)};
		evwriter_add(&s->w, &e);
	}
}

static struct source *source_of(const char *name)
{
	struct source *s;
	char *dash;
	int i;

	for (i = 0; i < n_sources; i++)
		if (!strcmp(sources[i].name, name))
			return &sources[i];
	if (n_sources == SOURCES)
		die("too many sources", name);
	s = &sources[n_sources++];
	snprintf(s->name, sizeof(s->name), "%s", name);
	snprintf(s->file, sizeof(s->file), "%s.ev", name);
	s->f = open_file(s->file);
	evwriter_init(&s->w, write_block, s->f, 1, 0);
	evwriter_meta(&s->w, meta);
	if (strncmp(name, "wire", 4))
		add_clocks(s);
	dash = strchr(s->name, '-');
	json_array_append_new(rows, json_pack("{s:s, s:s%, s:s, s:i}", "file", s->file, "kind", s->name, dash ? (size_t)(dash - s->name) : strlen(s->name), "name",
					      "made", "port", dash ? atoi(dash + 1) : -1));
	return s;
}

static bool word_is(const char *word, const char *key, const char **value)
{
	size_t n = strlen(key);

	*value = word + n + 1;
	return !strncmp(word, key, n) && word[n] == '=';
}

static void add_frame(char **word, int n, int times, int64_t step)
{
	struct pkt p = {.len = 60, .tc = 0, .verdict = VERDICT_SENT};
	uint64_t key = 0;
	const char *v;
	int i, k;

	for (i = 0; i < n; i++) {
		if (word_is(word[i], "in", &v))
			p.in_port = (uint8_t)ns(v);
		else if (word_is(word[i], "out", &v))
			p.out_port = (uint8_t)ns(v);
		else if (word_is(word[i], "tc", &v))
			p.tc = (uint8_t)ns(v);
		else if (word_is(word[i], "len", &v))
			p.len = (uint16_t)ns(v);
		else if (word_is(word[i], "t", &v))
			p.t_seen = T0 + ns(v);
		else if (word_is(word[i], "key", &v))
			key = KEY_NUMBERED | (uint64_t)ns(v);
		else if (word_is(word[i], "flags", &v))
			p.flags = (uint16_t)ns(v);
		else {
			for (k = 0; k < HOP_COUNT && !word_is(word[i], pkt_hop_name(k), &v); k++)
				;
			if (k == HOP_COUNT)
				die("no word of a frame", word[i]);
			p.hop_ns[k] = (uint32_t)ns(v);
		}
	}
	for (i = 0; i < times && n_frames < FRAMES; i++, n_frames++) {
		frames[n_frames] = p;
		frames[n_frames].seq = n_frames;
		frames[n_frames].t_seen += i * step;
		frames[n_frames].t_out = frames[n_frames].t_seen;
		for (k = 0; k < HOP_COUNT; k++)
			frames[n_frames].t_out += p.hop_ns[k];
		keys[n_frames] = key ? key + (uint64_t)i : 0;
	}
}

static void add_event(char **word, int n, int times, int64_t step)
{
	struct source *s = source_of(word[0]);
	int64_t zero = strncmp(word[0], "wire", 4) ? UPTIME : T0;
	struct event e = {0};
	const char *v;
	int i;

	for (e.kind = 0; e.kind < EV_COUNT && strcmp(event_names[e.kind], word[1]); e.kind++)
		;
	if (e.kind == EV_COUNT)
		die("no kind of event", word[1]);
	for (i = 2; i < n; i++) {
		if (word_is(word[i], "t", &v))
			e.t = zero + ns(v);
		else if (word_is(word[i], "end", &v))
			e.t_end = zero + ns(v);
		else if (word_is(word[i], "tid", &v))
			e.tid = (uint32_t)ns(v);
		else if (word_is(word[i], "cpu", &v))
			e.cpu = (uint16_t)ns(v);
		else if (word_is(word[i], "by", &v))
			e.by = (uint32_t)ns(v);
		else if (word_is(word[i], "who", &v))
			snprintf(e.who, sizeof(e.who), "%s", v);
		else if (word_is(word[i], "arg", &v))
			e.arg = (uint64_t)ns(v);
		else if (word_is(word[i], "key", &v))
			e.key = KEY_NUMBERED | (uint64_t)ns(v);
		else if (word_is(word[i], "flags", &v))
			e.flags = (uint32_t)ns(v);
		else if (word[i][0] == 'e' && word[i][1] >= '0' && word[i][1] < '0' + EVENT_EDGES && word[i][2] == '=')
			e.edge_ns[word[i][1] - '0'] = (uint32_t)ns(word[i] + 3);
		else
			die("no word of an event", word[i]);
	}
	e.t_end = e.t_end ?: e.t;
	for (i = 0; i < times; i++) {
		evwriter_add(&s->w, &e);
		e.t += step;
		e.t_end += step;
		e.key += e.key != 0;
	}
}

static void take(char **word, int n)
{
	int times = 1, i;
	int64_t step = 0;
	json_t *tids;

	if (word[0][0] == 'x') {
		times = atoi(word[0] + 1);
		step = ns(word[1]);
		word += 2;
		n -= 2;
	}
	if (!strcmp(word[0], "port")) {
		json_array_append_new(ports, json_pack("{s:s, s:b}", "name", word[1], "guest", !strcmp(word[2], "guest")));
		json_array_append_new(show_ports, json_pack("{s:s}", "name", word[1]));
		n_ports++;
	} else if (!strcmp(word[0], "worker")) {
		worker_tid = atoi(word[1]);
		worker_cpu = atoi(word[2]);
	} else if (!strcmp(word[0], "vcpu")) {
		tids = json_array();
		for (i = 2; i < n; i++)
			json_array_append_new(tids, json_integer(atoi(word[i])));
		json_array_append_new(guests, json_pack("{s:i, s:o}", "port", atoi(word[1]), "vcpus", tids));
	} else if (!strcmp(word[0], "frame")) {
		add_frame(word + 1, n - 1, times, step);
	} else if (!strcmp(word[0], "event") && n > 2) {
		add_event(word + 1, n - 1, times, step);
	} else {
		die("no such line", word[0]);
	}
}

static void write_records(void)
{
	struct rec_shm h = {.version = REC_VERSION, .header_size = sizeof(h), .record_size = sizeof(struct pkt), .capacity = FRAMES, .gap_capacity = 64,
			    .gap_ns = 20000, .n_ports = n_ports, .closed = 1, .head = n_frames, .t_worker = T0 + LENGTH};
	static const struct rec_gap none[64];
	FILE *f = open_file("records.bin");
	uint32_t i;

	memcpy(h.magic, REC_MAGIC, sizeof(h.magic));
	for (i = 0; i < n_ports; i++)
		snprintf(h.port_name[i], REC_NAME, "%s", json_string_value(json_object_get(json_array_get(ports, i), "name")));
	fwrite(&h, sizeof(h), 1, f);
	fwrite(none, sizeof(none), 1, f);
	fwrite(frames, sizeof(frames), 1, f);
	fwrite(keys, sizeof(keys), 1, f);
	fclose(f);
}

int main(int argc, char **argv)
{
	char line[1024], *word[64], *save;
	json_t *all;
	FILE *f;
	int n, i;

	if (argc != 3)
		die("give a scene, and a folder that is to be made", "FILE DIR");
	dir = argv[2];
	f = fopen(argv[1], "re");
	if (!f || mkdir(dir, 0755))
		die(strerror(errno), f ? dir : argv[1]);
	ports = json_array(), guests = json_array(), rows = json_array(), show_ports = json_array();
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "#\n")] = '\0';
		for (n = 0, save = NULL; n < 64 && (word[n] = strtok_r(n ? NULL : line, " \t", &save)); n++)
			;
		if (n)
			take(word, n);
	}
	fclose(f);
	for (i = 0; i < n_sources; i++) {
		if (evwriter_end(&sources[i].w))
			die("cannot write", sources[i].name);
		fclose(sources[i].f);
	}
	write_records();
	all = json_pack("{s:i, s:s, s:i, s:i, s:i, s:I, s:o, s:o, s:{s:{s:i, s:i}, s:o}, s:{s:b, s:o}}", "version", 1, "instance", "made", "tai_offset_s", 0,
			"axis_error_ns", 0, "gap_ns", 20000, "t_now", (json_int_t)(T0 + LENGTH), "ports", ports, "sources", rows, "show", "worker", "tid",
			worker_tid, "cpu", worker_cpu, "ports", show_ports, "extra", "made", 1, "guests", guests);
	f = open_file("meta.json");
	if (!all || json_dumpf(all, f, JSON_INDENT(1)))
		die("cannot write", "meta.json");
	fclose(f);
	json_decref(all);
	return 0;
}
