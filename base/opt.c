/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/opt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"

/* Put one value where its row says. */
static int set(const struct opt *o, void *base, const char *text, struct why *why)
{
	void *field = (char *)base + o->offset;
	char *end;
	int64_t v;
	int err;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_STR:
		*(const char **)field = text;
		return 0;
	case OPT_NS:
		err = ns_parse(&v, text, why);
		if (err) {
			why_at(why, "--%s", o->name);
			return -EINVAL;
		}
		break;
	case OPT_INT:
	default:
		errno = 0;
		v = strtoll(text, &end, 0);
		if (errno || end == text || *end)
			return why_fail(why, EINVAL, "--%s: \"%s\" is no whole number", o->name, text);
		break;
	}
	if ((o->min || o->max) && (v < o->min || v > o->max)) {
		char lo[NS_STR_LEN], hi[NS_STR_LEN];

		if (o->type == OPT_NS)
			return why_fail(why, EINVAL, "--%s: %s is out of range: %s to %s", o->name, text, ns_exact(lo, o->min), ns_exact(hi, o->max));
		return why_fail(why, EINVAL, "--%s: %s is out of range: %" PRId64 " to %" PRId64, o->name, text, o->min, o->max);
	}
	*(int64_t *)field = v;
	return 0;
}

static const struct opt *find(const struct opt *opts, const char *name, size_t len)
{
	for (; opts && opts->name; opts++)
		if (strlen(opts->name) == len && !strncmp(opts->name, name, len))
			return opts;
	return NULL;
}

static const struct opt *find_letter(const struct opt *opts, char letter)
{
	for (; opts && opts->name; opts++)
		if (opts->letter == letter)
			return opts;
	return NULL;
}

/* "--name", "--name=value", "--name value". Moves *i over what it used. */
static int take_long(const struct opt *opts, void *base, int argc, char **argv, int *i, struct why *why)
{
	const char *arg = argv[*i] + 2;
	size_t len = strcspn(arg, "=");
	const struct opt *o = find(opts, arg, len);
	const char *value = arg[len] ? arg + len + 1 : NULL;

	if (!strcmp(arg, "help"))
		return -ECANCELED;
	if (!o)
		return why_fail(why, EINVAL, "--%.*s: no such option (--help lists them)", (int)len, arg);
	if (o->type == OPT_FLAG && value)
		return why_fail(why, EINVAL, "--%s takes no value", o->name);
	if (o->type != OPT_FLAG && !value) {
		if (*i + 1 >= argc)
			return why_fail(why, EINVAL, "--%s wants a value: --%s %s", o->name, o->name, o->arg);
		value = argv[++*i];
	}
	return set(o, base, value, why);
}

/* "-d 3", "-d3", "-vj": letters may stand together, the last may take a value. */
static int take_short(const struct opt *opts, void *base, int argc, char **argv, int *i, struct why *why)
{
	const char *p = argv[*i] + 1;
	const struct opt *o;
	int err;

	for (; *p; p++) {
		if (*p == 'h' && !find_letter(opts, 'h'))
			return -ECANCELED;
		o = find_letter(opts, *p);
		if (!o)
			return why_fail(why, EINVAL, "-%c: no such option (--help lists them)", *p);
		if (o->type != OPT_FLAG) {
			if (p[1])
				return set(o, base, p + 1, why);
			if (*i + 1 >= argc)
				return why_fail(why, EINVAL, "-%c wants a value: -%c %s", *p, *p, o->arg);
			return set(o, base, argv[++*i], why);
		}
		err = set(o, base, NULL, why);
		if (err)
			return err;
	}
	return 0;
}

int opt_parse(const struct opt *opts, void *base, int argc, char **argv, struct why *why)
{
	const struct opt *o;
	int operands = 0;
	int i, err = 0;

	for (o = opts; o && o->name && !err; o++)
		if (o->def)
			err = set(o, base, o->def, why);
	for (i = 1; i < argc && !err; i++) {
		if (!strcmp(argv[i], "--"))
			break;
		if (!strncmp(argv[i], "--", 2))
			err = take_long(opts, base, argc, argv, &i, why);
		else if (argv[i][0] == '-' && argv[i][1])
			err = take_short(opts, base, argc, argv, &i, why);
		else
			argv[1 + operands++] = argv[i];
	}
	if (err)
		return err;
	for (i++; i < argc; i++)
		argv[1 + operands++] = argv[i];
	return operands;
}

void opt_help(const struct opt *opts, FILE *f)
{
	char left[64];
	char letter[8];

	for (; opts && opts->name; opts++) {
		snprintf(letter, sizeof(letter), opts->letter ? "-%c, " : "    ", opts->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, opts->name, opts->arg ? " " : "", opts->arg ? opts->arg : "");
		fprintf(f, "  %-28s %s%s%s%s\n", left, opts->help, opts->def ? " (default " : "", opts->def ? opts->def : "", opts->def ? ")" : "");
	}
	fprintf(f, "  %-28s %s\n", "-h, --help", "show this");
}
