/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm_initrd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/cpio.h"

/* One shell word: 'it'\''s'. */
static void quote(FILE *f, const char *word)
{
	fputc('\'', f);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", f);
		else
			fputc(*word, f);
	fputc('\'', f);
}

static void setting(FILE *f, const char *name, const char *value)
{
	fprintf(f, "%s=", name);
	quote(f, value ? value : "");
	fputc('\n', f);
}

static void add_text(struct cpio *c, const char *path, char **text, size_t *len, FILE *f)
{
	fclose(f);
	cpio_file(c, path, 0644, *text, *len);
	free(*text);
	*text = NULL;
}

static void add_settings(struct cpio *c, const struct vm_conf *conf, const char *mac, const char *token)
{
	char *text = NULL, vlan[16] = "";
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (conf->vlan)
		snprintf(vlan, sizeof(vlan), "%d", (int)conf->vlan);
	setting(f, "NAME", conf->name);
	setting(f, "LINK", conf->socket || conf->netdev ? "1" : "");
	setting(f, "MAC", mac);
	setting(f, "IP", conf->ip);
	setting(f, "VLAN", vlan);
	setting(f, "EVENTS", !conf->events ? "" : conf->uml ? "ttyS0" : "virtio");
	setting(f, "TOKEN", token);
	add_text(c, "takt/conf", &text, &len, f);
	if (!conf->command)
		return;
	f = open_memstream(&text, &len);
	fputs(conf->colour ? "exec" : "export NO_COLOR=1\nexec", f);
	for (const char *const *word = conf->command; *word; word++) {
		fputc(' ', f);
		quote(f, *word);
	}
	fputc('\n', f);
	add_text(c, "takt/command", &text, &len, f);
}

struct add_object {
	struct cpio *c;
	struct why *why;
	int rc;
};

/* The loader knows best which libraries this program runs with, itself among them; the kernel's vDSO has no file. */
static int add_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct add_object *a = arg;

	(void)size;
	if (info->dlpi_name[0] == '/')
		a->rc = cpio_copy(a->c, info->dlpi_name + 1, info->dlpi_name, a->why);
	return a->rc;
}

/* "A,B=PATH": absolute paths, as symbolic links resolve here. */
static int add_files(struct cpio *c, const char *files, struct why *why)
{
	char item[2 * PATH_MAX], *to;
	size_t n;
	int rc = 0;

	for (; files && *files && !rc; files += n + (files[n] == ',')) {
		n = strcspn(files, ",");
		if (snprintf(item, sizeof(item), "%.*s", (int)n, files) >= (int)sizeof(item))
			return why_fail(why, EINVAL, "--files: a path is too long");
		to = strchr(item, '=');
		if (to)
			*to++ = '\0';
		else
			to = item;
		if (*to != '/')
			return why_fail(why, EINVAL, "--files: \"%.80s\" is no path in the guest: begin it with /, or give FILE=/PATH", to);
		rc = cpio_copy(c, to + 1, item, why);
	}
	return rc;
}

/* "FILE[:NAME]" as /bin/NAME. */
static int add_copies(struct cpio *c, const struct opt_list *copies, struct why *why)
{
	char from[PATH_MAX], to[NAME_MAX + 8], *name;
	int rc = 0;

	for (int i = 0; i < copies->count && !rc; i++) {
		if (snprintf(from, sizeof(from), "%s", copies->item[i]) >= (int)sizeof(from))
			return why_fail(why, EINVAL, "--copy: a path is too long");
		name = strrchr(from, ':');
		if (name)
			*name++ = '\0';
		else
			name = strrchr(from, '/') ? strrchr(from, '/') + 1 : from;
		if (!*name || strchr(name, '/') || strlen(name) > NAME_MAX)
			return why_fail(why, EINVAL, "--copy %.80s: \"%.80s\" is no name for a file in the guest's /bin", copies->item[i],
					name);
		snprintf(to, sizeof(to), "bin/%s", name);
		rc = cpio_copy(c, to, from, why);
	}
	return rc;
}

static int append(FILE *f, const char *path, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n;

	if (fd < 0)
		return why_fail(why, errno, "%s: %s", path, strerror(errno));
	while ((n = sendfile(fileno(f), fd, NULL, 1 << 30)) > 0)
		;
	if (n < 0)
		rc = why_fail(why, errno, "%s: %s", path, strerror(errno));
	close(fd);
	fseek(f, 0, SEEK_END);
	return rc;
}

int vm_initrd(const struct vm_conf *conf, const char *mac, const char *token, const char *dir, struct why *why)
{
	struct cpio c;
	struct add_object objects = { .c = &c, .why = why };
	char image[4096];
	int fd = memfd_create("initrd", MFD_CLOEXEC), rc;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f) {
		rc = why_fail(why, errno, "no memory for the guest's files: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	snprintf(image, sizeof(image), "%s/initrd", dir);
	rc = append(f, image, why);
	if (rc)
		goto out;
	cpio_begin(&c, f);
	add_settings(&c, conf, mac, token);
	rc = cpio_copy(&c, "bin/takt", "/proc/self/exe", why);
	if (rc)
		goto out;
	dl_iterate_phdr(add_object, &objects);
	rc = objects.rc ?: add_files(&c, conf->files, why) ?: add_copies(&c, &conf->copies, why) ?: cpio_end(&c, why);
	if (rc)
		goto out;
	rc = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (rc < 0)
		rc = why_fail(why, errno, "no memory for the guest's files: %s", strerror(errno));
out:
	fclose(f);
	return rc;
}
