/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/sched.h"

#include <errno.h>

static int64_t cycle_of(const struct gcl_conf *g)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < g->n_entries; i++)
		sum += g->entries[i].interval_ns;
	return g->cycle_ns ? g->cycle_ns : sum;
}

static void same(const struct conf_sched *a, const struct conf_sched *b)
{
	uint32_t i;

	must(a->gate.enabled == b->gate.enabled && a->gate.initial_gates == b->gate.initial_gates);
	must(a->gate.t_base == b->gate.t_base && a->gate.extension_ns == b->gate.extension_ns);
	must(cycle_of(&a->gate) == cycle_of(&b->gate));
	must(a->gate.cycle_frac_num == b->gate.cycle_frac_num);
	must(!a->gate.cycle_frac_num || a->gate.cycle_frac_den == b->gate.cycle_frac_den);
	must(!memcmp(a->gate.max_sdu, b->gate.max_sdu, sizeof(a->gate.max_sdu)));
	must(!memcmp(&a->cbs, &b->cbs, sizeof(a->cbs)));
	must(a->gate.n_entries == b->gate.n_entries);
	for (i = 0; i < a->gate.n_entries; i++)
		must(a->gate.entries[i].gates == b->gate.entries[i].gates && a->gate.entries[i].interval_ns == b->gate.entries[i].interval_ns);
}

static char *yaml_of(struct conf_sched *s)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	must(f && !conf_sched_print(s, CONF_YAML, NULL, f, NULL));
	fclose(f);
	return text;
}

/* Policing is compared as it is printed. A cycle that was not said is, after instance data. */
static void same_police(struct conf_sched *a, struct conf_sched *b)
{
	char *x, *y;

	if (!a->police.n_filters && !a->police.n_gates && !a->police.n_meters && !a->police.n_schedulers && !a->police.n_groups)
		return;
	b->has_map = a->has_map;
	memcpy(b->map, a->map, sizeof(b->map));
	x = yaml_of(a);
	y = yaml_of(b);
	must(strstr(x, "auto") || !strcmp(x, y));
	free(x);
	free(y);
}

static void there_and_back(struct conf_sched *s, enum conf_format to)
{
	struct conf_sched back = {.format = CONF_AUTO, .link_bps = s->link_bps};
	struct why why = {""};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int err;

	must(f);
	s->n_notes = 0;
	err = conf_sched_print(s, to, "eth0", f, &why);
	fclose(f);
	if (err) {
		must(err == -EINVAL); /* tc has no words for gate-enabled: no */
		fuzz_sentence(&why);
	} else {
		err = conf_sched_read(&back, text, "printed", &why);
		must(!err && back.format == to);
		if (!s->n_notes)
			same(s, &back);
		if (!s->n_notes && to != CONF_TC)
			same_police(s, &back);
		conf_sched_fini(&back);
	}
	free(text);
}

void sched_try(const uint8_t *data, size_t size, enum conf_format format)
{
	struct conf_sched s = {.format = format};
	struct why why = {""};
	char *text = fuzz_text(data, size);
	int err;

	if (!text)
		return;
	err = conf_sched_read(&s, text, "input", &why);
	free(text);
	if (err) {
		fuzz_sentence(&why);
		return;
	}
	if (conf_sched_check(&s, "input", &why)) {
		fuzz_sentence(&why);
	} else {
		there_and_back(&s, CONF_YAML);
		there_and_back(&s, CONF_TC);
		there_and_back(&s, CONF_YANG);
	}
	conf_sched_fini(&s);
}
