/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/pcapng.h"

#include <errno.h>
#include <string.h>

#define BLOCK_SHB 0x0a0d0d0a
#define BLOCK_IDB 1
#define BLOCK_ISB 5
#define BLOCK_EPB 6
#define MAGIC	  0x1a2b3c4d
#define LINK_ETHERNET 1
#define BUFFER_LEN (1 << 20)
#define OPTS_LEN   4096

enum {	/* option codes */
	OPT_END_OF = 0, OPT_COMMENT = 1,
	SHB_USERAPPL = 4,
	IF_NAME = 2, IF_DESCRIPTION = 3, IF_TSRESOL = 9, IF_FILTER = 11,
	EPB_FLAGS = 2, EPB_PACKETID = 5, EPB_QUEUE = 6,
	ISB_STARTTIME = 2, ISB_ENDTIME = 3, ISB_IFRECV = 4, ISB_IFDROP = 5, ISB_OSDROP = 7,
};

static void put(struct pcapng *p, const void *data, size_t len)
{
	if (fwrite(data, 1, len, p->f) != len && !p->error)
		p->error = errno ? -errno : -EIO;
}

static size_t pad(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* Options gather here; none is longer than the room that is left. */
struct opts {
	uint8_t data[OPTS_LEN];
	size_t len;
};

static void add(struct opts *o, uint16_t code, const void *value, size_t len)
{
	uint16_t head[2] = { code, (uint16_t)len };

	if (o->len + 4 + pad(len) + 4 > sizeof(o->data))
		return;
	memcpy(o->data + o->len, head, 4);
	memset(o->data + o->len + 4, 0, pad(len));
	if (len)
		memcpy(o->data + o->len + 4, value, len);
	o->len += 4 + pad(len);
}

static void add_text(struct opts *o, uint16_t code, const char *text)
{
	if (text)
		add(o, code, text, strlen(text));
}

/* Times are written high word first, whatever the byte order. */
static void add_time(struct opts *o, uint16_t code, int64_t t)
{
	uint32_t words[2] = { (uint32_t)((uint64_t)t >> 32), (uint32_t)t };

	add(o, code, words, sizeof(words));
}

/* type, length, `fixed`, data padded to 32 bits, options, length */
static void block(struct pcapng *p, uint32_t type, const void *fixed, size_t fixed_len, const void *data, size_t len, struct opts *o)
{
	static const uint8_t zero[4];
	uint32_t head[2];

	if (o->len)
		add(o, OPT_END_OF, NULL, 0);
	head[0] = type;
	head[1] = (uint32_t)(12 + fixed_len + pad(len) + o->len);
	put(p, head, 8);
	put(p, fixed, fixed_len);
	if (len) {
		put(p, data, len);
		put(p, zero, pad(len) - len);
	}
	put(p, o->data, o->len);
	put(p, &head[1], 4);
}

static void begin(struct pcapng *p)
{
	const struct { uint32_t magic; uint16_t major, minor; int64_t len; } shb = { MAGIC, 1, 0, -1 };
	struct opts o = { .len = 0 };

	add_text(&o, SHB_USERAPPL, "takt");
	block(p, BLOCK_SHB, &shb, sizeof(shb), NULL, 0, &o);
}

int pcapng_open(struct pcapng *p, const char *path, struct why *why)
{
	memset(p, 0, sizeof(*p));
	if (!strcmp(path, "-"))
		p->f = stdout;
	else
		p->f = fopen(path, "wbe");
	if (!p->f)
		return why_fail(why, errno, "cannot write %s: %s", path, strerror(errno));
	setvbuf(p->f, NULL, _IOFBF, BUFFER_LEN);
	begin(p);
	return 0;
}

void pcapng_attach(struct pcapng *p, FILE *f)
{
	memset(p, 0, sizeof(*p));
	p->f = f;
	p->borrowed = true;
	begin(p);
}

int pcapng_interface(struct pcapng *p, const struct pcapng_conf *conf)
{
	const struct { uint16_t link, reserved; uint32_t snaplen; } idb = { LINK_ETHERNET, 0, conf->snaplen };
	const uint8_t resolution = 9;	/* 10^-9 s */
	struct opts o = { .len = 0 };

	add_text(&o, IF_NAME, conf->name);
	add_text(&o, IF_DESCRIPTION, conf->description);
	add(&o, IF_TSRESOL, &resolution, 1);
	if (conf->filter && conf->filter[0]) {
		uint8_t text[512] = { 0 };	/* kind 0: the expression as libpcap reads it */
		size_t len = strlen(conf->filter);

		if (len > sizeof(text) - 1)
			len = sizeof(text) - 1;
		memcpy(text + 1, conf->filter, len);
		add(&o, IF_FILTER, text, len + 1);
	}
	add_text(&o, OPT_COMMENT, conf->comment);
	block(p, BLOCK_IDB, &idb, sizeof(idb), NULL, 0, &o);
	return p->interfaces++;
}

void pcapng_write(struct pcapng *p, const struct pcapng_frame *f)
{
	const uint32_t epb[5] = { (uint32_t)f->interface, (uint32_t)((uint64_t)f->t >> 32), (uint32_t)f->t, f->caplen, f->len };
	const uint32_t flags = f->direction;
	struct opts o = { .len = 0 };

	add_text(&o, OPT_COMMENT, f->comment);
	if (flags)
		add(&o, EPB_FLAGS, &flags, 4);
	if (f->packetid)
		add(&o, EPB_PACKETID, &f->packetid, 8);
	if (f->queue != PCAPNG_NO_QUEUE)
		add(&o, EPB_QUEUE, &f->queue, 4);
	block(p, BLOCK_EPB, epb, sizeof(epb), f->data, f->caplen, &o);
}

void pcapng_flush(struct pcapng *p)
{
	if (p->f && fflush(p->f) && !p->error)
		p->error = errno ? -errno : -EIO;
}

void pcapng_stats(struct pcapng *p, int interface, const struct pcapng_stats *s)
{
	const uint32_t isb[3] = { (uint32_t)interface, (uint32_t)((uint64_t)s->t_end >> 32), (uint32_t)s->t_end };
	struct opts o = { .len = 0 };

	add_time(&o, ISB_STARTTIME, s->t_begin);
	add_time(&o, ISB_ENDTIME, s->t_end);
	add(&o, ISB_IFRECV, &s->received, 8);
	add(&o, ISB_IFDROP, &s->dropped, 8);
	add(&o, ISB_OSDROP, &s->os_dropped, 8);
	block(p, BLOCK_ISB, isb, sizeof(isb), NULL, 0, &o);
}

int pcapng_close(struct pcapng *p)
{
	if (!p->f)
		return p->error;
	pcapng_flush(p);
	if (!p->borrowed && p->f != stdout && fclose(p->f) && !p->error)
		p->error = -errno;
	p->f = NULL;
	return p->error;
}
