/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/host_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/ns.h"
#include "base/out.h"
#include "ptp/now.h"

static int write_block(void *ctx, const void *block, size_t bytes)
{
	struct host_file *f = ctx;

	return fwrite(block, 1, bytes, f->f) == bytes ? 0 : -(errno ?: EIO);
}

int host_file_open(struct host_file *f, const char *path, struct why *why)
{
	f->path = path;
	f->begun = false;
	f->f = strcmp(path, "-") ? fopen(path, "wbe") : stdout;
	if (!f->f)
		return why_fail(why, errno, "--out %s: %s", path, strerror(errno));
	evwriter_init(&f->w, write_block, f, (uint16_t)(now_mono() / NS_PER_MS), 0);
	return 0;
}

int host_meta(const struct host *h, char **text)
{
	struct utsname u = {.nodename = "?"};
	const struct host_point *p;
	size_t len = 0;
	struct out o;
	int i, n, err;
	FILE *m;

	*text = NULL;
	m = open_memstream(text, &len);
	if (!m)
		return -ENOMEM;
	uname(&u);
	out_init(&o, m, true);
	out_object(&o, NULL);
	out_str(&o, "source", "host", NULL);
	out_str(&o, "name", u.nodename, NULL);
	out_str(&o, "kernel", u.release, NULL);
	out_str(&o, "clock", "CLOCK_MONOTONIC", NULL);
	out_str(&o, "version", TAKT_REV, NULL);
	out_array(&o, "points");
	p = host_coverage(h, &n);
	for (i = 0; i < n; i++) {
		out_object(&o, NULL);
		out_str(&o, "name", p[i].name, NULL);
		out_str(&o, "hop", "", NULL);	/* no frame's */
		out_bool(&o, "live", p[i].live, NULL);
		out_str(&o, "why", p[i].why, NULL);
		out_end(&o);
	}
	out_end(&o);
	out_end(&o);
	err = out_fini(&o);
	return fclose(m) || err ? -ENOMEM : 0;
}

static int write_meta(struct host_file *f, const struct host *h)
{
	char *text;
	int err = host_meta(h, &text);

	if (!err)
		evwriter_meta(&f->w, text);
	free(text);
	return err;
}

int host_file_begin(struct host_file *f, const struct host *h)
{
	int err = write_meta(f, h);

	f->t_meta = now_mono();
	f->begun = !err;
	return err;
}

void host_file_add(struct host_file *f, const struct event *e)
{
	evwriter_add(&f->w, e);
}

void host_file_tick(struct host_file *f, const struct host *h, int64_t now)
{
	if (now - f->t_meta < NS_PER_SEC || !f->begun)
		return;
	f->t_meta = now;
	write_meta(f, h); /* without memory for it now, a second later */
	fflush(f->f);
}

int host_file_close(struct host_file *f, struct why *why)
{
	int err = f->begun ? evwriter_end(&f->w) : 0;

	if (f->f && (f->f == stdout ? fflush(f->f) : fclose(f->f)) && !err)
		err = -errno;
	f->f = NULL;
	f->begun = false;
	return err ? why_fail(why, -err, "--out %s: %s", f->path, strerror(-err)) : 0;
}
