/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/campaign_keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/ns.h"

#define SHORT_NS (50 * NS_PER_US)	/* a cycle: what a talker in a guest keeps up with */

#define AT(field) offsetof(struct campaign, field)
const struct campaign_key campaign_top[] = {
	{"campaign", CAMPAIGN_WORD, AT(name), NULL, 0, 0, "its name, and that of its folder below results/"},
	{"title", CAMPAIGN_TEXT, AT(title), NULL, 0, 0, "what it asks, for the report"},
	{"note", CAMPAIGN_TEXT, AT(note), NULL, 0, 0, "what else its readers should know"},
	{"repetitions", CAMPAIGN_INT, AT(repetitions), "3", 1, 1000, "how often each cell is measured"},
	{"timeout", CAMPAIGN_NS, AT(timeout_ns), "60s", NS_PER_SEC, 24 * 3600 * NS_PER_SEC, "a cell that takes longer has failed; at least its frames' time and half a second, and what a guest takes to boot"},
	{"retries", CAMPAIGN_INT, AT(retries), "1", 0, 10, "how often a cell that failed is measured again, when all others are done"},
	{"order", CAMPAIGN_ORDER, AT(shuffled), "shuffled", 0, 0, "shuffled: each repetition in an order of its own; or as-written"},
	{0}
};

const struct campaign_key campaign_traffic[] = {
	{"cycle", CAMPAIGN_NS, AT(traffic.cycle_ns), "1ms", SHORT_NS, NS_PER_SEC, "a frame each, due 100 us before its end"},
	{"size", CAMPAIGN_INT, AT(traffic.size), "128", 64, 1518, "bytes of a frame without FCS, tag included"},
	{"priority", CAMPAIGN_INT, AT(traffic.priority), "7", 0, 7, "in its tag"},
	{"vlan", CAMPAIGN_INT, AT(traffic.vlan), "10", 0, 4094, "in its tag"},
	{"duration", CAMPAIGN_NS, AT(traffic.duration_ns), "4s", 100 * NS_PER_MS, 24 * 3600 * NS_PER_SEC, "what a cell measures"},
	{"warm-up", CAMPAIGN_NS, AT(traffic.warm_up_ns), "300ms", 0, 600 * NS_PER_SEC, "before it, not measured"},
	{"deadline", CAMPAIGN_NS, AT(traffic.deadline_ns), "0", 0, 10 * NS_PER_SEC, "a frame that takes longer missed it; 0: none"},
	{0}
};

const struct campaign_key campaign_hosts[] = {
	{"inventory", CAMPAIGN_TEXT, AT(hosts.inventory), NULL, 0, 0, "Ansible's, INI or YAML"},
	{"talker", CAMPAIGN_TEXT, AT(hosts.talker), NULL, 0, 0, "its name there"},
	{"listener", CAMPAIGN_TEXT, AT(hosts.listener), NULL, 0, 0, "its name there"},
	{0}
};
#undef AT

int campaign_refuse(const struct campaign_place *p, const struct yml_node *n, const char *fmt, ...)
{
	char text[WHY_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return why_fail(p->why, EINVAL, "%s:%d: %s", p->where, n->line, text);
}

/* "; did you mean NAME?", or what there is. */
int campaign_refuse_name(const struct campaign_place *p, const struct yml_node *n, const char *word, const char *what, const char *const *names)
{
	char all[200] = "";
	struct near near;
	int i;

	near_init(&near, word);
	for (i = 0; names[i]; i++) {
		near_try(&near, names[i]);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "", names[i]);
	}
	if (near.best)
		return campaign_refuse(p, n, "%.60s is no %s: did you mean %s?", word, what, near.best);
	return campaign_refuse(p, n, "%.60s is no %s: choose from %s", word, what, all[0] ? all : "none");
}

bool campaign_is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	return n && n <= 40 && !s[n] && *s != '.' && *s != '-';
}

static int number(const struct campaign_place *p, const struct campaign_key *k, const struct yml_node *n, int64_t *out)
{
	char low[NS_STR_LEN], high[NS_STR_LEN];
	struct why why = {""};
	int64_t v;

	if (k->kind == CAMPAIGN_INT && yml_int(n, &v))
		return campaign_refuse(p, n, "%s: %.40s is no whole number: give %" PRId64 " to %" PRId64, k->name, n->text, k->min, k->max);
	if (k->kind == CAMPAIGN_INT && (v < k->min || v > k->max))
		return campaign_refuse(p, n, "%s: %" PRId64 " is out of range: give %" PRId64 " to %" PRId64, k->name, v, k->min, k->max);
	if (k->kind == CAMPAIGN_NS && ns_parse_unit(&v, n->text, &why))
		return campaign_refuse(p, n, "%s: %.200s", k->name, why.text);
	if (k->kind == CAMPAIGN_NS && (v < k->min || v > k->max))
		return campaign_refuse(p, n, "%s: %.40s is out of range: give %s to %s", k->name, n->text, ns_exact(low, k->min), ns_exact(high, k->max));
	*out = v;
	return 0;
}

int campaign_take(const struct campaign_place *p, const struct campaign_key *k, const struct yml_node *n, struct campaign *c)
{
	static const char *const orders[] = {"shuffled", "as-written", NULL};
	char *at = (char *)c + k->at;

	if (n->kind != YML_SCALAR || !n->text[0])
		return campaign_refuse(p, n, "%s wants one value, not %s", k->name, n->kind == YML_SCALAR ? "nothing" : yml_kind_name(n));
	switch (k->kind) {
	case CAMPAIGN_WORD:
		if (!campaign_is_name(n->text))
			return campaign_refuse(p, n, "%s: \"%.60s\" is to be a folder's name: give letters, digits, - and _, at most 40", k->name, n->text);
		/* fall through */
	case CAMPAIGN_TEXT:
		*(const char **)at = n->text;
		return 0;
	case CAMPAIGN_ORDER:
		if (strcmp(n->text, orders[0]) && strcmp(n->text, orders[1]))
			return campaign_refuse_name(p, n, n->text, "order", orders);
		*(bool *)at = !strcmp(n->text, orders[0]);
		return 0;
	default:
		return number(p, k, n, (int64_t *)at);
	}
}

void campaign_preset(struct campaign *c, const struct campaign_key *keys)
{
	const struct campaign_key *k;

	for (k = keys; k->name; k++)
		if (k->kind == CAMPAIGN_ORDER)
			*(bool *)((char *)c + k->at) = true;
		else if (k->def && k->kind == CAMPAIGN_INT)
			*(int64_t *)((char *)c + k->at) = strtoll(k->def, NULL, 10);
		else if (k->def && k->kind == CAMPAIGN_NS)
			ns_parse((int64_t *)((char *)c + k->at), k->def, NULL);
}

const struct campaign_key *campaign_key_find(const struct campaign_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (!strcmp(keys->name, name))
			return keys;
	return NULL;
}

void campaign_one_line(FILE *f, const struct yml_node *n)
{
	const struct yml_node *child;
	const char *s;

	if (n->kind == YML_SCALAR && !n->quoted && n->text[strcspn(n->text, ",[]{}#&*!|>'\"%@`:?\\\n\t")] == '\0') {
		fputs(n->text[0] ? n->text : "null", f);
		return;
	}
	if (n->kind == YML_SCALAR) {
		putc('"', f);
		for (s = n->text; *s; s++)
			if (*s == '"' || *s == '\\')
				fprintf(f, "\\%c", *s);
			else if ((unsigned char)*s < ' ')
				fprintf(f, "\\x%02x", (unsigned char)*s);
			else
				putc(*s, f);
		putc('"', f);
		return;
	}
	putc(n->kind == YML_MAP ? '{' : '[', f);
	for (child = n->child; child; child = child->next) {
		if (n->kind == YML_MAP)
			fprintf(f, "%s: ", child->key);
		campaign_one_line(f, child);
		if (child->next)
			fputs(", ", f);
	}
	putc(n->kind == YML_MAP ? '}' : ']', f);
}
