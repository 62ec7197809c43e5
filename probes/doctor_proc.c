/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/doctor_proc.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/doctor_look.h"

#define FILE_MAX (64 * 1024) /* of a configuration: ptp4l's whole default file has 3,000 bytes */

/* As the kernel cuts them off. */
static const char *const wanted[] = {"ptp4l", "phc2sys", "ts2phc", "timemaster", "chronyd", "ntpd", "openntpd", "systemd-timesyn", "taktd", NULL};

static bool is_wanted(const char *comm)
{
	int i;

	for (i = 0; wanted[i]; i++)
		if (!strcmp(comm, wanted[i]))
			return true;
	return false;
}

static void read_cpus(const char *root, struct doctor_proc *p)
{
	static const char key[] = "\nCpus_allowed_list:";
	char text[LOOK_TEXT], *line;

	memset(&p->cpus, 0, sizeof(p->cpus));
	if (look_text(root, text, sizeof(text), "/proc/%d/status", p->pid) < 0)
		return;
	line = strstr(text, key);
	if (!line)
		return;
	line += strlen(key);
	line[strcspn(line, "\n")] = '\0';
	if (cpu_list_read(&p->cpus, line))
		memset(&p->cpus, 0, sizeof(p->cpus));
}

const struct doctor_proc *procs_next(const struct doctor_procs *p, const char *comm, const struct doctor_proc *after)
{
	const struct doctor_proc *one = after ? after + 1 : p->proc;

	for (; one < p->proc + p->n; one++)
		if (!strcmp(one->comm, comm))
			return one;
	return NULL;
}

/* -- a command line ------------------------------------------------------------------------------------------------ */

/* The next word from *s on, *len long; NULL at the end. */
static const char *word(const char **s, size_t *len)
{
	const char *w = *s + strspn(*s, " ");

	*len = strcspn(w, " ");
	*s = w + *len;
	return *len ? w : NULL;
}

bool proc_has_arg(const struct doctor_proc *p, const char *arg)
{
	const char *s = p->args, *w;
	size_t len;

	while ((w = word(&s, &len)) != NULL)
		if (len == strlen(arg) && !strncmp(w, arg, len))
			return true;
	return false;
}

/* The letters that take a value; ptp4l's -S is a flag, phc2sys's takes one. */
static bool takes_value(const struct doctor_proc *p, char letter)
{
	static const struct {
		const char *comm, *letters;
	} valued[] = {{"ptp4l", "fipl"}, {"phc2sys", "fcdsiEPISFRNOLMunzlt"}, {"chronyd", "fFlLpPtu"}};
	size_t i;

	for (i = 0; i < sizeof(valued) / sizeof(valued[0]); i++)
		if (!strcmp(valued[i].comm, p->comm))
			return strchr(valued[i].letters, letter) != NULL;
	return false;
}

/*
 * The value of -x, or with `count` how often the flag stands there. Letters stand together, and a value may stand right behind its letter.
 */
static const char *letter_value(const struct doctor_proc *p, char letter, size_t *value_len, int *count)
{
	const char *s = p->args, *w, *found = NULL;
	size_t len, i;

	*count = 0;
	word(&s, &len); /* its name */
	while ((w = word(&s, &len)) != NULL) {
		if (w[0] != '-' || len < 2 || w[1] == '-')
			continue;
		for (i = 1; i < len; i++) {
			if (!takes_value(p, w[i])) {
				*count += w[i] == letter;
				continue;
			}
			if (i + 1 < len) {
				if (w[i] == letter) {
					found = w + i + 1;
					*value_len = len - i - 1;
				}
			} else {
				const char *value = word(&s, &len);

				if (value && w[i] == letter) {
					found = value;
					*value_len = len;
				}
			}
			break;
		}
	}
	return found;
}

int proc_flag(const struct doctor_proc *p, char letter)
{
	size_t len;
	int count;

	return letter_value(p, letter, &len, &count) ? 1 : count;
}

/* --name=value or --name value; the last counts. */
static bool long_option(const struct doctor_proc *p, const char *name, char *out, size_t size)
{
	const char *s = p->args, *w;
	size_t len, n = strlen(name);
	bool found = false;

	while ((w = word(&s, &len)) != NULL) {
		if (len < n + 2 || strncmp(w, "--", 2) || strncmp(w + 2, name, n))
			continue;
		if (len > n + 2 && w[n + 2] == '=') {
			snprintf(out, size, "%.*s", (int)(len - n - 3), w + n + 3);
			found = true;
		} else if (len == n + 2 && (w = word(&s, &len)) != NULL) {
			snprintf(out, size, "%.*s", (int)len, w);
			found = true;
		}
	}
	return found;
}

/* The letters that stand for an option of the file. */
static bool short_option(const struct doctor_proc *p, const char *name, char *out, size_t size)
{
	static const struct {
		const char *name, *value;
		char letter;
	} ptp4l[] = {
		{"time_stamping", "software", 'S'}, {"time_stamping", "hardware", 'H'}, {"delay_mechanism", "P2P", 'P'},
		{"slaveOnly", "1", 's'}, {"network_transport", "L2", '2'},
	};
	size_t i;

	if (strcmp(p->comm, "ptp4l"))
		return false;
	for (i = 0; i < sizeof(ptp4l) / sizeof(ptp4l[0]); i++)
		if (!strcmp(ptp4l[i].name, name) && proc_flag(p, ptp4l[i].letter)) {
			snprintf(out, size, "%s", ptp4l[i].value);
			return true;
		}
	return false;
}

/* -- a configuration file ------------------------------------------------------------------------------------------ */

/* "name value" of a line, white space between, "#" a comment. */
static bool line_option(const char *line, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	line += strspn(line, " \t");
	if (strncmp(line, name, n) || !line[n] || !strchr(" \t", line[n]))
		return false;
	line += n + strspn(line + n, " \t");
	snprintf(out, size, "%.*s", (int)strcspn(line, " \t\r\n"), line);
	return true;
}

/* Its own root and folder are where it sees the path. Once, whoever asks: it is the daemon's owner who named it, not ours. */
static int read_conf(const struct doctor_procs *all, struct doctor_proc *p)
{
	struct why *why = &p->conf_why;
	char path[256];
	size_t len;
	int count, n;
	const char *file = letter_value(p, 'f', &len, &count);

	if (!file)
		return 0;
	p->conf = malloc(FILE_MAX);
	if (!p->conf)
		return why_fail(why, ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%.*s", (int)len, file);
	if (all->root[0])
		n = look_stored(all->root, p->conf, FILE_MAX, "%s%s", path[0] == '/' ? "" : "/", path);
	else
		n = look_stored("", p->conf, FILE_MAX, "/proc/%d/%s/%s", p->pid, path[0] == '/' ? "root" : "cwd", path);
	if (n == -EFBIG)
		return why_fail(why, EFBIG, "its file %.120s is longer than any configuration", path);
	if (n == -EOPNOTSUPP)
		return why_fail(why, EINVAL, "its file %.120s is no file that is stored anywhere, and was not opened", path);
	return n < 0 ? why_fail(why, -n, "its file %.120s cannot be read: %s", path, strerror(-n)) : 0;
}

int proc_option(const struct doctor_proc *p, const char *name, char *out, size_t size, struct why *why)
{
	const char *line;
	int found = 0;

	if (long_option(p, name, out, size) || short_option(p, name, out, size))
		return 1;
	if (p->conf_err)
		*why = p->conf_why;
	for (line = p->conf; !p->conf_err && line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (line_option(line, name, out, size))
			found = 1;
	return p->conf_err ? p->conf_err : found;
}

/* -- all of them ---------------------------------------------------------------------------------------------------- */

static void add(struct doctor_procs *all, const char *name)
{
	struct doctor_proc *p = &all->proc[all->n];
	char comm[64];
	int pid = atoi(name);

	if (look_text(all->root, comm, sizeof(comm), "/proc/%d/comm", pid) < 0 || !is_wanted(comm))
		return;
	if (all->n == PROCS_MAX) {
		all->more++;
		return;
	}
	p->pid = pid;
	snprintf(p->comm, sizeof(p->comm), "%.16s", comm);
	look_text(all->root, p->args, sizeof(p->args), "/proc/%d/cmdline", pid);
	read_cpus(all->root, p);
	p->conf = NULL;
	p->conf_err = strcmp(comm, "ptp4l") && strcmp(comm, "phc2sys") ? 0 : read_conf(all, p);
	all->n++;
}

static int by_pid(const void *a, const void *b)
{
	return ((const struct doctor_proc *)a)->pid - ((const struct doctor_proc *)b)->pid;
}

void procs_look(struct doctor_procs *p, const char *root)
{
	const struct dirent *e;
	DIR *dir;

	p->root = root;
	p->n = p->more = 0;
	dir = look_dir(root, "/proc");
	p->known = dir != NULL;
	if (!dir) {
		why_fail(&p->missing, errno, "/proc: %s", strerror(errno));
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (isdigit((unsigned char)e->d_name[0]))
			add(p, e->d_name);
	closedir(dir);
	qsort(p->proc, (size_t)p->n, sizeof(p->proc[0]), by_pid);
}

void procs_forget(struct doctor_procs *p)
{
	while (p->n)
		free(p->proc[--p->n].conf);
}
