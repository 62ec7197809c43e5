/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/opt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/ns.h"

#define LEFT_WIDTH 28	/* column of the options in help; a longer one takes a line of its own */

/* One pass over the arguments. */
struct pass {
	const struct opt *opts;
	void *base;		/* NULL: only check. A wrong argument is found before anything is changed. */
	int argc;
	char **argv;
	int i;			/* the argument looked at */
	int listed;		/* values of options that are lists */
	struct why *why;
};

static int check_range(const struct opt *o, int64_t v, const char *text, struct why *why)
{
	char min[NS_STR_LEN], max[NS_STR_LEN];

	if ((!o->min && !o->max) || (v >= o->min && v <= o->max))
		return 0;
	if (o->type == OPT_INT) {
		snprintf(min, sizeof(min), "%" PRId64, o->min);
		snprintf(max, sizeof(max), "%" PRId64, o->max);
	} else {
		ns_exact(min, o->min);
		ns_exact(max, o->max);
	}
	if (o->max == INT64_MAX)
		return why_fail(why, EINVAL, "--%s: %.40s is out of range: give at least %s", o->name, text, min);
	return why_fail(why, EINVAL, "--%s: %.40s is out of range: give %s to %s", o->name, text, min, max);
}

static int parse_number(const struct opt *o, int64_t *v, const char *text, struct why *why)
{
	char *end;
	int err;

	if (o->type == OPT_NS) {
		err = ns_parse_unit(v, text, why);
		if (err) {
			why_at(why, "--%s", o->name);
			return -EINVAL;
		}
		return check_range(o, *v, text, why);
	}
	errno = 0;
	/* Base 0 would read 010 as eight. */
	*v = strtoll(text, &end, strpbrk(text, "xX") ? 16 : 10);
	if (errno || end == text || *end)
		return why_fail(why, EINVAL, "--%s: \"%.40s\" is no whole number", o->name, text);
	return check_range(o, *v, text, why);
}

/* Check the value, and put it where the row says unless this pass only checks. */
static int set(const struct opt *o, void *base, const char *text, struct why *why)
{
	void *field = base ? (char *)base + o->offset : NULL;
	int64_t v = 0;
	int err = 0;

	if (o->type == OPT_INT || o->type == OPT_NS)
		err = parse_number(o, &v, text, why);
	if (err || !field)
		return err;
	if (o->type == OPT_FLAG)
		*(bool *)field = true;
	else if (o->type == OPT_STR)
		*(const char **)field = text;
	else if (o->type == OPT_LIST)
		((struct opt_list *)field)->item[((struct opt_list *)field)->count++] = text;
	else
		*(int64_t *)field = v;
	return 0;
}

static int take(struct pass *p, const struct opt *o, const char *text)
{
	if (o->type == OPT_LIST && ++p->listed > OPT_LIST_MAX)
		return why_fail(p->why, EINVAL, "--%s: that is too often: %d times at most", o->name, OPT_LIST_MAX);
	return set(o, p->base, text, p->why);
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

static int refuse_name(const struct opt *opts, const char *name, size_t len, struct why *why)
{
	char word[40];
	struct near near;

	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	near_init(&near, word);
	near_try(&near, "help");
	for (; opts && opts->name; opts++)
		if (opts->help)
			near_try(&near, opts->name);
	if (near.best)
		return why_fail(why, EINVAL, "--%s: no such option: did you mean --%s?", word, near.best);
	return why_fail(why, EINVAL, "--%s: no such option (--help lists them)", word);
}

/* Of a letter that is none's: the one option that begins with it, if there is one. */
static int refuse_letter(const struct opt *opts, char letter, struct why *why)
{
	const struct opt *meant = NULL;
	int n = 0;

	for (; opts && opts->name; opts++)
		if (opts->help && *opts->name == letter) {
			meant = opts;
			n++;
		}
	if (n == 1)
		return why_fail(why, EINVAL, "-%c: no such option: did you mean --%s?", letter, meant->name);
	return why_fail(why, EINVAL, "-%c: no such option (--help lists them)", letter);
}

/* "--name", "--name=value", "--name value". */
static int take_long(struct pass *p)
{
	const char *arg = p->argv[p->i] + 2;
	size_t len = strcspn(arg, "=");
	const struct opt *o = find(p->opts, arg, len);
	const char *value = arg[len] ? arg + len + 1 : NULL;

	if (!o && !strcmp(arg, "help"))
		return -ECANCELED;
	if (!o)
		return refuse_name(p->opts, arg, len, p->why);
	if (o->type == OPT_FLAG && value)
		return why_fail(p->why, EINVAL, "--%s takes no value", o->name);
	if (o->type != OPT_FLAG && !value) {
		if (p->i + 1 >= p->argc)
			return why_fail(p->why, EINVAL, "--%s wants a value: --%s %s", o->name, o->name, o->arg);
		value = p->argv[++p->i];
	}
	return take(p, o, value);
}

/* "-d 3", "-d3", "-vj": letters may stand together, the last may take a value. */
static int take_short(struct pass *p)
{
	const char *s = p->argv[p->i] + 1;
	const struct opt *o;

	for (; *s; s++) {
		o = find_letter(p->opts, *s);
		if (!o && *s == 'h')
			return -ECANCELED;
		if (!o)
			return refuse_letter(p->opts, *s, p->why);
		if (o->type == OPT_FLAG) {
			set(o, p->base, NULL, NULL);
			continue;
		}
		if (s[1])
			return take(p, o, s + 1);
		if (p->i + 1 >= p->argc)
			return why_fail(p->why, EINVAL, "-%c wants a value: -%c %s", *s, *s, o->arg);
		return take(p, o, p->argv[++p->i]);
	}
	return 0;
}

static int take_all(struct pass *p)
{
	int operands = 0, err = 0;
	const char *arg;

	for (p->i = 1; p->i < p->argc && !err; p->i++) {
		arg = p->argv[p->i];
		if (!strcmp(arg, "--"))
			break;
		if (!strncmp(arg, "--", 2))
			err = take_long(p);
		else if (arg[0] == '-' && arg[1])
			err = take_short(p);
		else if (++operands && p->base)
			p->argv[operands] = p->argv[p->i];
	}
	for (p->i++; p->i < p->argc && !err; p->i++)
		if (++operands && p->base)
			p->argv[operands] = p->argv[p->i];
	return err ? err : operands;
}

int opt_parse(const struct opt *opts, void *base, int argc, char **argv, struct why *why)
{
	struct pass pass = {.opts = opts, .base = NULL, .argc = argc, .argv = argv, .why = why};
	const struct opt *o;
	int n, err;

	n = take_all(&pass);
	if (n < 0)
		return n;
	for (o = opts; o && o->name; o++) {
		err = o->def ? set(o, base, o->def, why) : 0;
		if (err)
			return err;
	}
	pass.base = base;
	pass.listed = 0;
	return base ? take_all(&pass) : n;
}

void opt_help(const struct opt *opts, FILE *f)
{
	char left[64], letter[8];

	for (; opts && opts->name; opts++) {
		if (!opts->help)
			continue;
		snprintf(letter, sizeof(letter), opts->letter ? "-%c, " : "    ", opts->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, opts->name, opts->arg ? " " : "", opts->arg ? opts->arg : "");
		fprintf(f, "  %-*s", LEFT_WIDTH, left);
		if (strlen(left) > LEFT_WIDTH)
			fprintf(f, "\n  %-*s", LEFT_WIDTH, "");
		fprintf(f, " %s", opts->help);
		if (opts->def)
			fprintf(f, " (default %s)", opts->def);
		fputc('\n', f);
	}
	fprintf(f, "  %-*s %s\n", LEFT_WIDTH, "-h, --help", "show this");
}
